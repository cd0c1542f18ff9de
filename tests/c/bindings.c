/* What the authors of language bindings need: wakes, tags that are numbers, timeouts, the log. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "network.h"

static void *wakes_later(void *queue) {
    usleep(50000);
    sessio_queue_wake(queue, NULL);
    return NULL;
}

static bool readable(int fd) {
    struct pollfd waited = {fd, POLLIN, 0};
    return poll(&waited, 1, 0) == 1;
}

static void another_thread_wakes_a_poll(void) {
    sessio_queue *queue = NULL;
    sessio_completion done;
    pthread_t other;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_wake(NULL, &error));
    CHECK(strncmp(message, "queue: ", 7) == 0);
    CHECK(pthread_create(&other, NULL, wakes_later, queue) == 0);
    const int64_t begun = now_us();
    GIVES(0, sessio_queue_poll(queue, &done, 1, -1, &error));
    CHECK(now_us() - begun < 5000000);
    pthread_join(other, NULL);

    /* Without a thread that waits, and by the descriptor. */
    int fd = sessio_queue_fd(queue, &error);
    CHECK(fd >= 0 && !readable(fd));
    GIVES(SESSIO_DONE, sessio_queue_wake(queue, &error));
    CHECK(readable(fd));
    GIVES(0, sessio_queue_poll(queue, &done, 1, -1, &error));
    CHECK(!readable(fd));
    GIVES(0, sessio_queue_poll(queue, &done, 1, 0, &error));

    /* Completions come along. */
    sessio_store *store = open_store("memory:");
    GIVES(SESSIO_DONE, sessio_queue_ping(queue, store, (void *)(uintptr_t)42, &error));
    GIVES(SESSIO_DONE, sessio_queue_wake(queue, &error));
    GIVES(1, sessio_queue_poll(queue, &done, 1, -1, &error));
    CHECK((uintptr_t)done.tag == 42 && done.status == SESSIO_DONE);
    sessio_completion_clear(&done);
    sessio_queue_free(queue);
    sessio_store_free(store);
}

/* The server accepts the connection and never answers. */
static void a_call_has_a_timeout_of_its_own(void) {
    int port;
    const int silent = listen_somewhere(&port);
    char url[256];
    snprintf(url, sizeof url, "mysql://u:" SECRET "@127.0.0.1:%d/app?timeout=3&cleanup_interval=0",
             port);
    sessio_store *store = open_store(url);
    sessio_manager *manager = NULL;
    sessio_session *session = NULL;
    sessio_queue *queue = NULL, *quick = NULL;
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &manager, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, "token", 5, &session, &error));
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_with_timeout(queue, 0, &quick, &error));
    CHECK(strncmp(message, "timeout_ms: ", 12) == 0 && quick == NULL);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_with_timeout(NULL, 9, &quick, &error));
    GIVES(SESSIO_DONE, sessio_queue_with_timeout(queue, 200, &quick, &error));
    const int64_t begun = now_us();
    GIVES(SESSIO_DONE, sessio_queue_find(queue, store, "a", 1, (void *)(uintptr_t)1, &error));
    GIVES(SESSIO_DONE, sessio_queue_find(quick, store, "b", 1, (void *)(uintptr_t)2, &error));
    GIVES(SESSIO_DONE,
          sessio_queue_session_ensure_loaded(quick, session, (void *)(uintptr_t)3, &error));
    /* The handle may go, its calls stay. */
    sessio_queue_free(quick);
    uintptr_t first = 0;
    for (int index = 0; index < 2; index++) {
        sessio_completion done = next_of(queue);
        CHECK(done.status == SESSIO_TIMEOUT && (uintptr_t)done.tag >= 2);
        CHECK((uintptr_t)done.tag != first && now_us() - begun < 2000000);
        first = (uintptr_t)done.tag;
        sessio_completion_clear(&done);
    }
    CHECK(now_us() - begun >= 150000);
    sessio_completion last = next_of(queue);
    CHECK((uintptr_t)last.tag == 1 && last.status < 0);
    sessio_completion_clear(&last);
    /* No answer comes twice. */
    GIVES(0, sessio_queue_poll(queue, &last, 1, 1500, &error));
    sessio_session_free(session);
    sessio_manager_free(manager);
    sessio_store_free(store);
    sessio_queue_free(queue);
    close(silent);
}

static void in_memory_nothing_times_out(void) {
    sessio_store *store = open_store("memory:");
    sessio_queue *queue = NULL, *quick = NULL;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_DONE, sessio_queue_with_timeout(queue, 1, &quick, &error));
    sessio_queue_free(queue);
    GIVES(SESSIO_DONE, sessio_queue_ping(quick, store, NULL, &error));
    sessio_completion done = next_of(quick);
    CHECK(done.status == SESSIO_DONE);
    sessio_queue_free(quick);
    sessio_store_free(store);
}

static void the_log_is_polled(void) {
    sessio_log *log = NULL, *other = NULL;
    int32_t level = 9;
    const char *text = "";
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_log_open(SESSIO_LOG_WARN, 0, &log, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_log_open(9, 4, &log, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_log_next(NULL, &level, &text, &error));
    CHECK(log == NULL && level == SESSIO_LOG_OFF && text == NULL && sessio_log_dropped(NULL) == 0);
    sessio_log_free(NULL);
    GIVES(SESSIO_DONE, sessio_log_open(SESSIO_LOG_WARN, 2, &log, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_log_next(log, &level, &text, &error));
    int fd = sessio_log_fd(log, &error);
    CHECK(fd >= 0 && !readable(fd));
    sessio_store *store =
        open_store("mysql://u:" SECRET "@127.0.0.1:1/app?cleanup_interval=20ms&timeout=1");
    CHECK(sessio_store_ping(store, NULL) == SESSIO_UNAVAILABLE);
    for (int tries = 0; tries < 1000 && sessio_log_dropped(log) == 0; tries++) {
        usleep(10000);
    }
    CHECK(sessio_log_dropped(log) > 0 && readable(fd));
    GIVES(SESSIO_DONE, sessio_log_next(log, &level, &text, &error));
    CHECK(level <= SESSIO_LOG_WARN && level > 0 && strlen(text) > 5 && !strstr(text, SECRET));
    sessio_store_free(store);
    while (sessio_log_next(log, &level, &text, NULL) == SESSIO_DONE) {
    }
    CHECK(!readable(fd));
    /* The one that was replaced ends nothing. */
    GIVES(SESSIO_DONE, sessio_log_open(SESSIO_LOG_WARN, 2, &other, &error));
    sessio_log_free(log);
    sessio_log_free(other);
}

int main(void) {
    another_thread_wakes_a_poll();
    a_call_has_a_timeout_of_its_own();
    in_memory_nothing_times_out();
    the_log_is_polled();
    puts("bindings have what they need");
    return 0;
}
