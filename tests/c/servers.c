/* A server that is absent, mute, dead in mid-call, or has the wrong table. */
#include "check.h"
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* mysql://user:password@host:port/database, in parts. */
static char user[256], host[256], database[256];

static void take_apart(const char *url) {
    CHECK(sscanf(url, "mysql://%255[^@]@%255[^/]/%255[^?]", user, host, database) == 3);
}

static const char *url_of(const char *login, const char *place, const char *name,
                          const char *more) {
    static char url[2048];
    snprintf(url, sizeof url, "mysql://%s@%s/%s?%s", login, place, name, more);
    return url;
}

static void comes_out(sessio_queue *queue, int32_t status) {
    sessio_completion done = next_of(queue);
    CHECK(done.result == NULL && done.sessions == NULL);
    error = done.error;
    GIVES(status, done.status);
}

/* Loading does not ask the store. Functions that ask fail, and a commit keeps its changes. */
static void sessions_fail_with(int32_t status, sessio_store *store, sessio_queue *queue) {
    sessio_manager *manager = NULL;
    sessio_session *old = NULL, *fresh = NULL;
    sessio_session_page *page = NULL;
    sessio_commit_result *result = NULL;
    int64_t number = 7;
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &manager, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, SECRET, 7, &old, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &fresh, &error));
    GIVES(status, sessio_session_ensure_loaded(old, &error));
    GIVES(status, sessio_session_get_int(old, "k", &number, &error));
    CHECK(number == 0);
    GIVES(status, sessio_manager_list(manager, NULL, 0, 10, &page, &error));
    GIVES(SESSIO_DONE, sessio_session_put_text(fresh, "k", SECRET, 7, &error));
    GIVES(status, sessio_manager_commit(manager, fresh, &result, &error));
    CHECK(result == NULL && page == NULL);
    CHECK(sessio_session_status(fresh) == SESSIO_SESSION_MODIFIED);
    GIVES(SESSIO_DONE, sessio_queue_session_ensure_loaded(queue, old, NULL, &error));
    comes_out(queue, status);
    GIVES(SESSIO_DONE, sessio_queue_manager_commit(queue, manager, fresh, NULL, &error));
    sessio_manager_free(manager);
    sessio_session_free(fresh);
    comes_out(queue, status);
    sessio_session_free(old);
}

/* Every way to ask gives the same kind, in time. */
static void all_fail_with(int32_t status, const char *url, int64_t within_ms) {
    sessio_store *store = open_store(url);
    sessio_queue *queue = NULL;
    sessio_record *record;
    int64_t start = now_us();
    GIVES(status, sessio_store_find(store, SECRET, 7, &record, &error));
    CHECK(record == NULL);
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_DONE, sessio_queue_save(queue, store, SECRET, 7, SECRET, 7, 0, NULL, &error));
    sessio_completion done = next_of(queue);
    error = done.error;
    done.error = NULL;
    GIVES(status, done.status);
    CHECK(now_us() - start < 2 * within_ms * 1000 + 500000);
    sessions_fail_with(status, store, queue);
    sessio_queue_free(queue);
    sessio_store_free(store);
}

static void absent(void) {
    char place[64], mention[64];
    int port = unused_port();
    snprintf(place, sizeof place, "127.0.0.1:%d", port);
    snprintf(mention, sizeof mention, "127.0.0.1:%d", port);
    all_fail_with(SESSIO_UNAVAILABLE, url_of("u:" SECRET, place, "app", "timeout=500ms"), 500);
    CHECK(strstr(message, mention) != NULL);
    all_fail_with(SESSIO_UNAVAILABLE, url_of("u:" SECRET, "no.such.host.invalid", "app", "timeout=9"),
                  9000);
    CHECK(strstr(message, "no.such.host.invalid:3306") != NULL);
}

/* It accepts and says nothing. */
static void mute(void) {
    int port = 0, listener = listen_somewhere(&port);
    char place[64];
    snprintf(place, sizeof place, "127.0.0.1:%d", port);
    sessio_store *store = open_store(url_of("u:" SECRET, place, "app", "timeout=500ms"));
    int64_t start = now_us();
    int32_t status = sessio_store_ping(store, &error);
    int64_t took = now_us() - start;
    CHECK(status == SESSIO_TIMEOUT || status == SESSIO_UNAVAILABLE);
    GIVES(status, status);
    CHECK(took >= 400000 && took < 1500000);
    sessio_store_free(store);
    close(listener);
}

static void refused(void) {
    all_fail_with(SESSIO_UNAVAILABLE, url_of("sessio:" SECRET, host, database, ""), 5000);
    sessio_store *store = open_store(url_of("sessio:" SECRET, host, database, ""));
    CHECK(sessio_store_ping(store, &error) == SESSIO_UNAVAILABLE);
    CHECK(sessio_error_errno(error) == 1045 && sessio_error_sqlstate(error) != NULL);
    CHECK(strcmp(sessio_error_sqlstate(error), "28000") == 0);
    GIVES(SESSIO_UNAVAILABLE, sessio_error_code(error));
    sessio_store_free(store);
}

/* A missing table, and one of another program: verbs and check report both. */
static void wrong_table(const char *name, const char *table, const char *issue) {
    char more[128];
    snprintf(more, sizeof more, "table=%s", table);
    all_fail_with(SESSIO_SCHEMA, url_of(user, host, name, more), 5000);
    sessio_store *store = open_store(url_of(user, host, name, more));
    sessio_check_issues *issues = NULL;
    GIVES(SESSIO_DONE, sessio_store_check(store, &issues, &error));
    CHECK(sessio_check_issues_count(issues) >= 1);
    CHECK(strcmp(sessio_check_issues_code(issues, 0), issue) == 0);
    CHECK(strcmp(sessio_check_issues_severity(issues, 0), "broken") == 0);
    CHECK(strlen(sessio_check_issues_message(issues, 0)) > 10);
    CHECK(strlen(sessio_check_issues_fix(issues, 0)) > 5);
    sessio_check_issues_free(issues);
    sessio_store_free(store);
}

static void wrong_tables(void) {
    wrong_table(database, "no_such_table", "missing_table");
    all_fail_with(SESSIO_SCHEMA, url_of(user, host, database, "table=no_such_table"), 5000);
    CHECK(strstr(message, "migrate") != NULL);
    wrong_table("mysql", "db", "unknown_layout");
    sessio_store *store = open_store(url_of(user, host, "no_such_database", ""));
    int32_t status = sessio_store_ping(store, &error);
    CHECK(status == SESSIO_SCHEMA || status == SESSIO_UNAVAILABLE);
    GIVES(status, status);
    CHECK(strstr(message, "no_such_database") != NULL);
    sessio_store_free(store);
}

/* What was acknowledged is there, and what was not is an error: never silence. (The timeout leaves
   valgrind the time to open a connection of MySQL's.) */
static void dies_in_mid_call(void) {
    char place[64], *colon = strchr(host, ':');
    int port = start_proxy(colon == NULL ? 3306 : atoi(colon + 1));
    snprintf(place, sizeof place, "127.0.0.1:%d", port);
    sessio_store *store = open_store(url_of(user, place, database, "table=dying&timeout=6"));
    sessio_queue *queue = NULL;
    sessio_record *record = NULL;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_DONE, sessio_store_migrate(store, &error));
    GIVES(SESSIO_DONE, sessio_store_save(store, "t", 1, "d", 1, in_an_hour(), &error));
    proxy_hold();
    GIVES(SESSIO_DONE, sessio_queue_find(queue, store, "t", 1, &port, &error));
    GIVES(SESSIO_DONE,
          sessio_queue_save(queue, store, "u", 1, "d", 1, in_an_hour(), &port, &error));
    usleep(100000);
    proxy_cut();
    for (int round = 0; round < 2; round++) {
        sessio_completion done = next_of(queue);
        CHECK(done.status == SESSIO_UNAVAILABLE || done.status == SESSIO_TIMEOUT);
        CHECK(sessio_error_is_retryable(done.error) && done.tag == &port);
        sessio_completion_clear(&done);
    }
    proxy_resume();
    int32_t status = SESSIO_UNAVAILABLE;
    for (int tries = 0; tries < 50 && status != SESSIO_DONE; tries++) {
        sessio_record_free(record);
        status = sessio_store_find(store, "t", 1, &record, NULL);
        usleep(50000);
    }
    GIVES(SESSIO_DONE, status);
    sessio_record_free(record);
    sessio_queue_free(queue);
    sessio_store_free(store);
    stop_proxy();
}

int main(void) {
    take_apart(test_url());
    absent();
    mute();
    refused();
    wrong_tables();
    dies_in_mid_call();
    puts("servers: every answer as it should be");
    return 0;
}
