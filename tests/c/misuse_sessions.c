/* Managers and sessions with arguments that are wrong. */
#include "misuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIE NULL, 1
#define BAD SESSIO_INVALID_ARGUMENT

static void bad_settings(sessio_store *store) {
    static const char *const wrong[] = {
        "lifetime",
        "lifetime=",
        "lifetime=0",
        "lifetime=2 fortnights",
        "lifetime=\xff",
        "life_time=1h",
        "codec=xml",
        "on_conflict=maybe",
        "on_corrupt=hide",
        "cookie_size=1",
        "cookie_name=",
        "cookie_name=a b",
        "cookie_name=__Host-a&cookie_path=/x",
        "cookie_secure=ish",
        "cookie_path=%ff",
        "cookie_path=x%0d",
        "cookie_same_site=none&cookie_secure=false",
        "cookie_domain=;",
        "\xff=1",
    };
    sessio_manager *manager;
    memset(&manager, 0x5a, sizeof manager);
    sessio_manager_options options = SESSIO_MANAGER_OPTIONS_INIT;
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        options.settings = wrong[index];
        GIVES(BAD, sessio_manager_open(store, &options, &manager, &error));
        CHECK(manager == NULL);
    }
    options.settings = "";
    GIVES(BAD, sessio_manager_open(NULL, &options, &manager, &error));
    GIVES(BAD, sessio_manager_open(store, &options, NULL, &error));
    options.struct_size = 0;
    GIVES(BAD, sessio_manager_open(store, &options, &manager, &error));
    options.struct_size = sizeof options - 1;
    GIVES(BAD, sessio_manager_open(store, &options, &manager, &error));
    struct {
        sessio_manager_options known;
        size_t unknown;
    } later = {SESSIO_MANAGER_OPTIONS_INIT, 0};
    later.known.struct_size = sizeof later;
    const void *view = &later;
    GIVES(SESSIO_DONE, sessio_manager_open(store, view, &manager, &error));
    sessio_manager_free(manager);
    later.unknown = 1;
    GIVES(BAD, sessio_manager_open(store, view, &manager, &error));
    options.struct_size = sizeof options;
    options.settings = "cookie_name=__Host-id&lifetime=90m&idle_timeout=600&&";
    GIVES(SESSIO_DONE, sessio_manager_open(store, &options, &manager, &error));
    CHECK(strcmp(sessio_manager_cookie_name(manager), "__Host-id") == 0);
    sessio_manager_free(manager);
}

static void null_handles_are_harmless(void) {
    size_t len = 7;
    CHECK(strcmp(sessio_manager_cookie_name(NULL), "") == 0);
    CHECK(sessio_commit_result_outcome(NULL) == SESSIO_COMMIT_UNMODIFIED);
    CHECK(sessio_commit_result_token(NULL, &len) == NULL && len == 0);
    CHECK(sessio_commit_result_set_cookie(NULL) == NULL && sessio_commit_result_expires_at_us(NULL) == 0);
    CHECK(sessio_commit_result_cookie(NULL) == NULL && sessio_commit_result_header_count(NULL) == 0);
    CHECK(sessio_commit_result_header_name(NULL, 0) == NULL && sessio_commit_result_header_value(NULL, 0) == NULL);
    CHECK(!sessio_commit_result_was_read(NULL) && sessio_cookie_name(NULL) == NULL);
    CHECK(sessio_cookie_value(NULL) == NULL && sessio_cookie_path(NULL) == NULL);
    CHECK(sessio_cookie_domain(NULL) == NULL && sessio_cookie_same_site(NULL) == NULL);
    CHECK(sessio_cookie_expires_us(NULL) == 0 && sessio_cookie_max_age(NULL) == -1);
    CHECK(!sessio_cookie_secure(NULL) && !sessio_cookie_http_only(NULL));
    CHECK(!sessio_cookie_partitioned(NULL));
    CHECK(sessio_session_status(NULL) == SESSIO_SESSION_UNMODIFIED);
    CHECK(sessio_session_page_count(NULL) == 0 && sessio_session_page_at(NULL, 0) == NULL);
    CHECK(sessio_session_page_next(NULL, &len) == NULL && len == 0);
    CHECK(sessio_event_name(-1) == NULL && sessio_event_name(SESSIO_EVENT_CORRUPT + 1) == NULL);
    CHECK(sessio_event_name(INT32_MIN) == NULL);
    sessio_manager_free(NULL);
    sessio_session_free(NULL);
    sessio_session_page_free(NULL);
    sessio_commit_result_free(NULL);
}

static void no_session(sessio_session *none) {
    sessio_value *value;
    memset(&value, 0x5a, sizeof value);
    int64_t number = 7;
    bool yes = true;
    GIVES(BAD, sessio_session_ensure_loaded(none, &error));
    GIVES(BAD, sessio_session_renew(none, &error));
    GIVES(BAD, sessio_session_destroy(none, &error));
    GIVES(BAD, sessio_session_regenerate(none, &error));
    GIVES(BAD, sessio_session_store_empty(none, &error));
    GIVES(BAD, sessio_session_ensure_token(none, &value, &error));
    number = 7;
    GIVES(BAD, sessio_session_expires_at_us(none, &number, &error));
    CHECK(number == 0);
    GIVES(BAD, sessio_session_snapshot_json(none, &value, &error));
    GIVES(BAD, sessio_session_touch(none, &error));
    yes = true;
    GIVES(BAD, sessio_session_remembered(none, &yes, &error));
    CHECK(!yes);
    number = 7;
    GIVES(BAD, sessio_session_idle_timeout_us(none, &number, &error));
    CHECK(number == 0);
    GIVES(BAD, sessio_session_set_idle_timeout_us(none, 1, &error));
    GIVES(BAD, sessio_session_extra(none, "k", &value, &error));
    GIVES(BAD, sessio_session_remove_extra(none, "k", &error));
    GIVES(BAD, sessio_session_merge_from(none, "t", 1, &error));
    GIVES(BAD, sessio_session_clear(none, &error));
    GIVES(BAD, sessio_session_remove(none, "k", &error));
    GIVES(BAD, sessio_session_contains(none, "k", &error));
    GIVES(BAD, sessio_session_deadline(none, &number, &error));
    CHECK(number == 0);
    GIVES(BAD, sessio_session_set_deadline(none, 0, &error));
    GIVES(BAD, sessio_session_remember_me(none, true, &error));
    GIVES(BAD, sessio_session_set_subject(none, "ada", 3, &error));
    GIVES(BAD, sessio_session_is_new(none, &yes, &error));
    CHECK(!yes);
    GIVES(BAD, sessio_session_keys(none, &value, &error));
    CHECK(value == NULL);
    GIVES(BAD, sessio_session_values(none, &value, &error));
    GIVES(BAD, sessio_session_flashes(none, &value, &error));
    GIVES(BAD, sessio_session_subject(none, &value, &error));
    GIVES(BAD, sessio_session_token(none, &value, &error));
    GIVES(BAD, sessio_session_key(none, &value, &error));
    GIVES(BAD, sessio_session_get(none, "k", &value, &error));
    GIVES(BAD, sessio_session_pop(none, "k", &value, &error));
    GIVES(BAD, sessio_session_put_values(none, "{}", &error));
}

static void no_place_for_a_result(sessio_session *session) {
    GIVES(BAD, sessio_session_deadline(session, NULL, &error));
    GIVES(BAD, sessio_session_is_new(session, NULL, &error));
    GIVES(BAD, sessio_session_expires_at_us(session, NULL, &error));
    GIVES(BAD, sessio_session_ensure_token(session, NULL, &error));
    GIVES(BAD, sessio_session_remembered(session, NULL, &error));
    GIVES(BAD, sessio_session_idle_timeout_us(session, NULL, &error));
    GIVES(BAD, sessio_session_extra(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_snapshot_json(session, NULL, &error));
    GIVES(BAD, sessio_session_take(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_keys(session, NULL, &error));
    GIVES(BAD, sessio_session_values(session, NULL, &error));
    GIVES(BAD, sessio_session_flashes(session, NULL, &error));
    GIVES(BAD, sessio_session_subject(session, NULL, &error));
    GIVES(BAD, sessio_session_token(session, NULL, &error));
    GIVES(BAD, sessio_session_key(session, NULL, &error));
    GIVES(BAD, sessio_session_get(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_pop(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_get_bool(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_get_int(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_get_uint(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_get_double(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_get_time_us(session, "k", NULL, &error));
}

static int32_t never_run(sessio_session *session, void *userdata) {
    CHECK(session != NULL && userdata != NULL);
    return 0;
}

static void bad_arguments(sessio_store *store, sessio_manager *manager,
                          sessio_session *session) {
    char subject[256];
    memset(subject, 'x', sizeof subject);
    GIVES(BAD, sessio_session_set_subject(session, subject, sizeof subject, &error));
    GIVES(BAD, sessio_session_set_subject(session, "", 0, &error));
    GIVES(BAD, sessio_session_set_subject(session, "ada ", 4, &error));
    GIVES(BAD, sessio_session_set_subject(session, "\xff", 1, &error));
    GIVES(BAD, sessio_session_set_subject(session, LIE, &error));
    GIVES(BAD, sessio_session_merge_from(session, LIE, &error));
    GIVES(BAD, sessio_session_merge_from(session, "\xff", 1, &error));
    GIVES(BAD, sessio_session_merge_from(session, "t", SIZE_MAX, &error));
    GIVES(SESSIO_DONE, sessio_session_merge_from(session, NULL, 0, &error));
    CHECK(sessio_session_status(session) == SESSIO_SESSION_UNMODIFIED);
    uint64_t count = 7;
    GIVES(BAD, sessio_manager_stats(manager, "no such", &count, &error));
    CHECK(count == 0);
    GIVES(BAD, sessio_manager_stats(manager, NULL, &count, &error));
    GIVES(BAD, sessio_manager_stats(manager, "gone", NULL, &error));
    GIVES(BAD, sessio_manager_stats(NULL, "gone", &count, &error));
    sessio_commit_result *result;
    memset(&result, 0x5a, sizeof result);
    GIVES(BAD, sessio_manager_commit(NULL, session, &result, &error));
    CHECK(result == NULL);
    GIVES(BAD, sessio_manager_commit(manager, NULL, &result, &error));
    GIVES(SESSIO_DONE, sessio_manager_commit(manager, session, NULL, &error));
    sessio_manager *other = NULL;
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &other, &error));
    GIVES(BAD, sessio_manager_commit(other, session, &result, &error));
    sessio_manager_free(other);
    memset(&result, 0x5a, sizeof result);
    GIVES(BAD, sessio_manager_transact(NULL, "t", 1, never_run, NULL, &result, &error));
    CHECK(result == NULL);
    GIVES(BAD, sessio_manager_transact(manager, "t", 1, NULL, NULL, &result, &error));
    GIVES(BAD, sessio_manager_transact(manager, LIE, never_run, NULL, &result, &error));
    GIVES(SESSIO_GONE, sessio_manager_transact(manager, NULL, 0, never_run, NULL, NULL, &error));
    sessio_session_page *page;
    memset(&page, 0x5a, sizeof page);
    GIVES(BAD, sessio_manager_list(manager, NULL, 0, 0, &page, &error));
    CHECK(page == NULL);
    GIVES(BAD, sessio_manager_list(manager, NULL, 0, 1001, &page, &error));
    GIVES(BAD, sessio_manager_list(manager, LIE, 10, &page, &error));
    GIVES(BAD, sessio_manager_list(manager, NULL, 0, 10, NULL, &error));
    GIVES(BAD, sessio_manager_list(NULL, NULL, 0, 10, &page, &error));
    GIVES(BAD, sessio_manager_list_subject(manager, NULL, 0, NULL, 0, 10, &page, &error));
    GIVES(BAD, sessio_manager_list_subject(manager, "\xff", 1, NULL, 0, 10, &page, &error));
    GIVES(BAD, sessio_manager_list_subject(NULL, "ada", 3, NULL, 0, 10, &page, &error));
    sessio_session_cursor *cursor;
    sessio_session *next;
    memset(&cursor, 0x5a, sizeof cursor);
    memset(&next, 0x5a, sizeof next);
    GIVES(BAD, sessio_manager_each(NULL, &cursor, &error));
    CHECK(cursor == NULL);
    GIVES(BAD, sessio_manager_each(manager, NULL, &error));
    GIVES(BAD, sessio_manager_each_subject(NULL, "ada", 3, &cursor, &error));
    GIVES(BAD, sessio_manager_each_subject(manager, "\xff", 1, &cursor, &error));
    GIVES(BAD, sessio_manager_each_subject(manager, LIE, &cursor, &error));
    GIVES(BAD, sessio_manager_each_subject(manager, "ada", 3, NULL, &error));
    GIVES(SESSIO_DONE, sessio_manager_each_subject(manager, "", 0, &cursor, &error));
    GIVES(BAD, sessio_session_cursor_next(cursor, &next, &error));
    CHECK(next == NULL);
    GIVES(BAD, sessio_session_cursor_next(NULL, &next, &error));
    GIVES(BAD, sessio_session_cursor_next(cursor, NULL, &error));
    sessio_session_cursor_free(cursor);
    sessio_session_cursor_free(NULL);
    GIVES(SESSIO_DONE, sessio_manager_list(manager, "\xff", 1, 10, &page, &error));
    sessio_session_page_free(page);
}

/* Any header that is no session gives a new one, without asking the store, and stores nothing. */
static void is_a_new_session(sessio_manager *manager, const char *text, size_t len) {
    int32_t (*const loads[])(sessio_manager *, const char *, size_t, sessio_session **,
                             sessio_error **) = {
        sessio_manager_load,
        sessio_manager_load_cookie,
        sessio_manager_load_header,
    };
    for (size_t index = 0; index < 3; index++) {
        sessio_session *session = NULL;
        sessio_commit_result *result = NULL;
        bool is_new = false;
        GIVES(SESSIO_DONE, loads[index](manager, text, len, &session, &error));
        GIVES(SESSIO_DONE, sessio_session_is_new(session, &is_new, &error));
        CHECK(is_new);
        GIVES(SESSIO_DONE, sessio_manager_commit(manager, session, &result, &error));
        CHECK(sessio_commit_result_set_cookie(result) == NULL && sessio_commit_result_token(result, NULL) == NULL);
        sessio_commit_result_free(result);
        sessio_session_free(session);
        memset(&session, 0x5a, sizeof session);
        GIVES(BAD, loads[index](NULL, text, len, &session, &error));
        CHECK(session == NULL);
        GIVES(BAD, loads[index](manager, text, len, NULL, &error));
        GIVES(BAD, loads[index](manager, LIE, &session, &error));
        GIVES(BAD, loads[index](manager, "session=x", SIZE_MAX, &session, &error));
    }
}

static void keys_as_text(sessio_manager *manager) {
    static const char raw[] = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    char text[SESSIO_KEY_TEXT_SIZE], longest[64];
    const char *key;
    size_t len = 7;
    sessio_session *found;
    memset(&key, 0x5a, sizeof key);
    memset(&found, 0x5a, sizeof found);
    GIVES(SESSIO_DONE, sessio_key_to_text(raw, strlen(raw), text, sizeof text, &error));
    CHECK(strcmp(text, "sessio-key:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0") == 0);
    GIVES(SESSIO_DONE, sessio_key_from_text(text, strlen(text), &key, &len, &error));
    CHECK(len == strlen(raw) && memcmp(key, raw, len) == 0 && key == text + 11);
    GIVES(SESSIO_NOT_FOUND, sessio_manager_find_by_key(manager, key, len, &found, &error));
    CHECK(found == NULL);
    memset(longest, 'k', sizeof longest);
    GIVES(SESSIO_DONE, sessio_key_to_text(longest, 64, text, sizeof text, &error));
    CHECK(strlen(text) == SESSIO_KEY_TEXT_SIZE - 1);
    GIVES(BAD, sessio_key_to_text(raw, strlen(raw), text, sizeof text - 1, &error));
    GIVES(BAD, sessio_key_to_text(raw, strlen(raw), NULL, sizeof text, &error));
    GIVES(BAD, sessio_key_to_text("", 0, text, sizeof text, &error));
    GIVES(BAD, sessio_key_to_text("\xff", 1, text, sizeof text, &error));
    GIVES(BAD, sessio_key_to_text(LIE, text, sizeof text, &error));
    GIVES(BAD, sessio_key_from_text(raw, strlen(raw), &key, &len, &error));
    CHECK(key == NULL && len == 0);
    GIVES(BAD, sessio_key_from_text("\xff", 1, &key, &len, &error));
    GIVES(BAD, sessio_key_from_text(LIE, &key, &len, &error));
    GIVES(BAD, sessio_key_from_text(text, strlen(text), NULL, &len, &error));
    GIVES(BAD, sessio_key_from_text(text, strlen(text), &key, NULL, &error));
    GIVES(BAD, sessio_manager_find_by_key(manager, LIE, &found, &error));
    GIVES(BAD, sessio_manager_find_by_key(manager, raw, 43, NULL, &error));
    GIVES(BAD, sessio_manager_find_by_key(NULL, raw, 43, &found, &error));
}

/* What is said of one session alone; a value is never removed because building it failed. */
static void beside_the_values(sessio_manager *manager) {
    sessio_session *session = NULL;
    sessio_value *value = NULL;
    int64_t time_us = 7;
    bool yes = true;
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &session, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_session_idle_timeout_us(session, &time_us, &error));
    CHECK(time_us == 0);
    GIVES(SESSIO_NOT_FOUND, sessio_session_remembered(session, &yes, &error));
    CHECK(!yes);
    GIVES(BAD, sessio_session_set_idle_timeout_us(session, -2, &error));
    GIVES(BAD, sessio_session_set_idle_timeout_us(session, INT64_MIN, &error));
    GIVES(SESSIO_DONE, sessio_session_set_idle_timeout_us(session, 1, &error));
    GIVES(SESSIO_DONE, sessio_session_idle_timeout_us(session, &time_us, &error));
    CHECK(time_us == 1);
    GIVES(SESSIO_DONE, sessio_session_set_idle_timeout_us(session, SESSIO_OFF, &error));
    GIVES(SESSIO_DONE, sessio_session_idle_timeout_us(session, &time_us, &error));
    CHECK(time_us == SESSIO_OFF);
    GIVES(SESSIO_DONE, sessio_session_set_idle_timeout_us(session, 0, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_session_idle_timeout_us(session, &time_us, &error));
    GIVES(SESSIO_DONE, sessio_session_remember_me(session, true, &error));
    GIVES(SESSIO_DONE, sessio_session_remembered(session, &yes, &error));
    CHECK(yes);
    value = sessio_value_new_text("x", 1);
    GIVES(SESSIO_DONE, sessio_session_set_extra(session, "a", value, &error));
    GIVES(BAD, sessio_session_set_extra(session, "a", NULL, &error));
    GIVES(BAD, sessio_session_set_extra(session, NULL, value, &error));
    GIVES(BAD, sessio_session_set_extra(session, "\xff", value, &error));
    GIVES(BAD, sessio_session_set_extra(NULL, "a", value, &error));
    sessio_value_free(value);
    GIVES(SESSIO_DONE, sessio_session_extra(session, "a", &value, &error));
    CHECK(strcmp(sessio_value_text(value, NULL), "x") == 0);
    sessio_value_free(value);
    GIVES(SESSIO_DONE, sessio_session_remove_extra(session, "a", &error));
    GIVES(SESSIO_NOT_FOUND, sessio_session_extra(session, "a", &value, &error));
    CHECK(value == NULL);
    GIVES(BAD, sessio_session_extra(session, NULL, &value, &error));
    sessio_session_free(session);
}

/* A row without an end differs from a missing one; a token is never adopted. */
static void found_and_created(sessio_manager *manager) {
    sessio_session *session = NULL, *found = NULL;
    sessio_value *token = NULL, *values = sessio_value_new_map();
    size_t len;
    int64_t at = 7;
    bool changed = false;
    memset(&found, 0x5a, sizeof found);
    GIVES(SESSIO_NOT_FOUND, sessio_manager_find(manager, SECRET "x", 8, &found, &error));
    CHECK(found == NULL);
    GIVES(SESSIO_NOT_FOUND, sessio_manager_find(manager, "\xff", 1, &found, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_manager_find(manager, NULL, 0, &found, &error));
    GIVES(BAD, sessio_manager_find(manager, LIE, &found, &error));
    GIVES(BAD, sessio_manager_find(manager, SECRET "x", 8, NULL, &error));
    GIVES(BAD, sessio_manager_find(NULL, SECRET "x", 8, &found, &error));
    memset(&session, 0x5a, sizeof session);
    GIVES(BAD, sessio_manager_create(manager, "\xff", 1, &session, &error));
    CHECK(session == NULL);
    GIVES(BAD, sessio_manager_create(manager, NULL, 0, &session, &error));
    GIVES(BAD, sessio_manager_create(manager, LIE, &session, &error));
    GIVES(BAD, sessio_manager_create(manager, SECRET "x", 8, NULL, &error));
    GIVES(BAD, sessio_manager_create(NULL, SECRET "x", 8, &session, &error));
    GIVES(SESSIO_DONE, sessio_manager_create(manager, SECRET "x", 8, &session, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_session_expires_at_us(session, &at, &error));
    CHECK(at == 0);
    GIVES(SESSIO_DONE, sessio_session_set_deadline(session, SESSIO_NEVER, &error));
    GIVES(SESSIO_DONE, sessio_session_store_empty(session, &error));
    GIVES(SESSIO_DONE, sessio_manager_commit(manager, session, NULL, &error));
    GIVES(SESSIO_DONE, sessio_session_expires_at_us(session, &at, &error));
    CHECK(at == SESSIO_NEVER);
    GIVES(SESSIO_DONE, sessio_manager_find(manager, SECRET "x", 8, &found, &error));
    GIVES(SESSIO_DONE, sessio_session_ensure_token(found, &token, &error));
    CHECK(strcmp(sessio_value_text(token, &len), SECRET "x") == 0 && len == 8);
    GIVES(BAD, sessio_session_assign(found, NULL, &error));
    GIVES(BAD, sessio_session_assign(found, token, &error));
    GIVES(BAD, sessio_session_assign(NULL, values, &error));
    GIVES(BAD, sessio_session_put_if_changed(found, "k", NULL, &changed, &error));
    GIVES(BAD, sessio_session_put_if_changed(found, NULL, values, &changed, &error));
    GIVES(BAD, sessio_session_put_if_changed(NULL, "k", values, &changed, &error));
    GIVES(BAD, sessio_session_put_if_changed(found, "k", values, NULL, &error));
    CHECK(sessio_session_status(found) == SESSIO_SESSION_UNMODIFIED);
    GIVES(SESSIO_DONE, sessio_session_destroy(found, &error));
    sessio_value_free(token);
    sessio_value_free(values);
    sessio_session_free(found);
    sessio_session_free(session);
}

/* The first header that names a session that lives is enough; an array that lies is refused. */
static void several_headers(sessio_manager *manager) {
    sessio_session *session = NULL, *first = NULL;
    sessio_commit_result *result = NULL;
    bool is_new = true;
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &first, &error));
    GIVES(SESSIO_DONE, sessio_session_put_bool(first, "k", true, &error));
    GIVES(SESSIO_DONE, sessio_manager_commit(manager, first, &result, &error));
    const char *cookie = sessio_commit_result_set_cookie(result);
    size_t count = sessio_commit_result_header_count(result);
    CHECK(count == 3 && sessio_commit_result_header_name(result, count) == NULL);
    CHECK(sessio_commit_result_header_value(result, SIZE_MAX) == NULL);
    const sessio_text headers[] = {
        {"a=b; session=x", 14}, {NULL, 0}, {"\xff", 1}, {cookie, strcspn(cookie, ";")}};
    GIVES(SESSIO_DONE, sessio_manager_load_cookies(manager, headers, 4, &session, &error));
    GIVES(SESSIO_DONE, sessio_session_is_new(session, &is_new, &error));
    CHECK(!is_new);
    sessio_session_free(session);
    GIVES(SESSIO_DONE, sessio_manager_load_cookies(manager, headers, 3, &session, &error));
    GIVES(SESSIO_DONE, sessio_session_is_new(session, &is_new, &error));
    CHECK(is_new);
    sessio_session_free(session);
    GIVES(SESSIO_DONE, sessio_manager_load_cookies(manager, NULL, 0, &session, &error));
    sessio_session_free(session);
    memset(&session, 0x5a, sizeof session);
    GIVES(BAD, sessio_manager_load_cookies(manager, LIE, &session, &error));
    CHECK(session == NULL);
    const sessio_text lie = {LIE};
    GIVES(BAD, sessio_manager_load_cookies(manager, &lie, 1, &session, &error));
    GIVES(BAD, sessio_manager_load_cookies(manager, headers, SIZE_MAX, &session, &error));
    GIVES(BAD, sessio_manager_load_cookies(manager, headers, 1, NULL, &error));
    GIVES(BAD, sessio_manager_load_cookies(NULL, headers, 1, &session, &error));
    GIVES(SESSIO_DONE, sessio_session_destroy(first, &error));
    sessio_commit_result_free(result);
    sessio_session_free(first);
}

static void malformed_headers(sessio_store *store, sessio_manager *manager) {
    static const char *const texts[] = {
        "", "=", ";", "session", "session=", "session=;", "session=\"", "session=\"x\"", "a=b; c",
        "session=x; session=x; session=y", "session=\xff\xfe", "\x01\x02", "Bearer", "Bearer ",
        "bearer \xff", "Basic eDp5", "session=%00", " session = x ", "session=x\r\nSet-Cookie: a=b",
    };
    uint64_t before = 0, after = 0;
    GIVES(SESSIO_DONE, sessio_store_count(store, &before, &error));
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
        is_a_new_session(manager, texts[index], strlen(texts[index]));
    }
    is_a_new_session(manager, "session=\0x\0", 11);
    size_t size = (size_t)1 << 20;
    char *huge = malloc(size);
    memset(huge, 'x', size);
    is_a_new_session(manager, huge, size);
    memcpy(huge, "session=", 8);
    is_a_new_session(manager, huge, size);
    for (size_t place = 0; place + 11 <= size; place += 11) { /* thousands of pairs */
        memcpy(huge + place, "session=xy;", 11);
    }
    is_a_new_session(manager, huge, size);
    memset(huge, 0, size);
    is_a_new_session(manager, huge, size);
    free(huge);
    GIVES(SESSIO_DONE, sessio_store_count(store, &after, &error));
    CHECK(before == after);
}

static void a_closed_store_says_so(void) {
    sessio_store *store = open_store(QUIET);
    sessio_manager *manager = NULL;
    sessio_session *fresh = NULL, *old = NULL;
    sessio_commit_result *result = NULL;
    sessio_session_page *page = NULL;
    bool is_new = false;
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &manager, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &fresh, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, SECRET, 7, &old, &error));
    GIVES(SESSIO_DONE, sessio_session_put_text(fresh, "k", SECRET, 7, &error));
    sessio_store_free(store); /* The manager and its sessions do not need it. */
    GIVES(SESSIO_CLOSED, sessio_manager_commit(manager, fresh, &result, &error));
    CHECK(result == NULL && sessio_session_status(fresh) == SESSIO_SESSION_MODIFIED);
    GIVES(SESSIO_CLOSED, sessio_session_ensure_loaded(old, &error));
    GIVES(SESSIO_CLOSED, sessio_session_is_new(old, &is_new, &error));
    GIVES(SESSIO_CLOSED, sessio_session_destroy(old, &error));
    GIVES(SESSIO_CLOSED, sessio_manager_list(manager, NULL, 0, 10, &page, &error));
    sessio_manager_free(manager);
    GIVES(SESSIO_DONE, sessio_session_contains(fresh, "k", &error));
    sessio_session_free(fresh);
    sessio_session_free(old);
}

void misuse_of_sessions(sessio_store *store) {
    sessio_manager *manager = NULL;
    sessio_session *session = NULL;
    bad_settings(store);
    null_handles_are_harmless();
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &manager, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &session, &error));
    no_session(NULL);
    no_place_for_a_result(session);
    bad_arguments(store, manager, session);
    misuse_of_values(manager);
    misuse_of_built_values(manager);
    misuse_of_session_queues(manager, session);
    sessio_session_free(session);
    found_and_created(manager);
    keys_as_text(manager);
    beside_the_values(manager);
    several_headers(manager);
    malformed_headers(store, manager);
    sessio_manager_free(manager);
    a_closed_store_says_so();
}
