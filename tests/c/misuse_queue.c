/* Queues with arguments that are wrong, and what a queue promises. */
#include "misuse.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Each verb once. */
#define SUBMIT_ALL(status, queue, store, ...)                                                      \
    do {                                                                                           \
        GIVES(status, sessio_queue_find(queue, store, __VA_ARGS__, tag, &error));                  \
        GIVES(status, sessio_queue_exists(queue, store, __VA_ARGS__, tag, &error));                \
        GIVES(status, sessio_queue_save(queue, store, __VA_ARGS__, "d", 1, 0, tag, &error));       \
        GIVES(status, sessio_queue_save_content(queue, store, __VA_ARGS__, &good, tag, &error));   \
        GIVES(status, sessio_queue_insert(queue, store, __VA_ARGS__, &good, tag, &error));         \
        GIVES(status, sessio_queue_update(queue, store, __VA_ARGS__, &good, tag, &error));         \
        GIVES(status, sessio_queue_replace(queue, store, __VA_ARGS__, "d", 1, &good, tag, &error)); \
        GIVES(status, sessio_queue_touch(queue, store, __VA_ARGS__, 0, tag, &error));              \
        GIVES(status, sessio_queue_rename(queue, store, __VA_ARGS__, "n", 1, NULL, tag, &error));  \
        GIVES(status, sessio_queue_delete(queue, store, __VA_ARGS__, tag, &error));                \
        GIVES(status, sessio_queue_find_by_key(queue, store, __VA_ARGS__, tag, &error));           \
        GIVES(status, sessio_queue_exists_by_key(queue, store, __VA_ARGS__, tag, &error));         \
        GIVES(status, sessio_queue_update_by_key(queue, store, __VA_ARGS__, &good, tag, &error));  \
        GIVES(status, sessio_queue_replace_by_key(queue, store, __VA_ARGS__, "d", 1, &good, tag,   \
                                                  &error));                                        \
        GIVES(status, sessio_queue_touch_by_key(queue, store, __VA_ARGS__, 0, tag, &error));       \
        GIVES(status,                                                                              \
              sessio_queue_rename_by_key(queue, store, __VA_ARGS__, "n", 1, NULL, tag, &error));   \
        GIVES(status, sessio_queue_delete_by_key(queue, store, __VA_ARGS__, tag, &error));         \
        GIVES(status, sessio_queue_list(queue, store, __VA_ARGS__, 10, tag, &error));              \
        GIVES(status, sessio_queue_list_subject(queue, store, __VA_ARGS__, NULL, 0, 10, tag,       \
                                                &error));                                          \
        GIVES(status,                                                                              \
              sessio_queue_delete_subject(queue, store, __VA_ARGS__, NULL, 0, tag, &error));       \
    } while (0)
#define HOW_MANY 20

#define SUBMIT_REST(status, queue, store)                                                          \
    do {                                                                                           \
        GIVES(status, sessio_queue_find_many(queue, store, &text, 1, tag, &error));                 \
        GIVES(status, sessio_queue_save_many(queue, store, &row, 1, tag, &error));                 \
        GIVES(status, sessio_queue_delete_many(queue, store, &text, 1, tag, &error));               \
        GIVES(status, sessio_queue_count(queue, store, tag, &error));                              \
        GIVES(status, sessio_queue_delete_expired(queue, store, 10, tag, &error));                 \
        GIVES(status, sessio_queue_clear(queue, store, tag, &error));                              \
        GIVES(status, sessio_queue_migrate(queue, store, tag, &error));                            \
        GIVES(status, sessio_queue_migrate_from(queue, store, "scs", tag, &error));                \
        GIVES(status, sessio_queue_check(queue, store, tag, &error));                              \
        GIVES(status, sessio_queue_ping(queue, store, tag, &error));                               \
    } while (0)
#define HOW_MANY_MORE 10

static void *const tag = &error;
static const sessio_text text = {"t", 1};
static const sessio_row row = {sizeof(sessio_row), "t", 1, NULL, 0, 0, NULL, 0};

static void bad_submissions(sessio_queue *queue, sessio_store *store) {
    sessio_content good = SESSIO_CONTENT_INIT;
    SUBMIT_ALL(SESSIO_INVALID_ARGUMENT, NULL, store, "t", 1);
    SUBMIT_ALL(SESSIO_INVALID_ARGUMENT, queue, NULL, "t", 1);
    SUBMIT_ALL(SESSIO_INVALID_ARGUMENT, queue, store, NULL, 1);
    SUBMIT_ALL(SESSIO_INVALID_ARGUMENT, queue, store, "t", SIZE_MAX);
    SUBMIT_REST(SESSIO_INVALID_ARGUMENT, NULL, store);
    SUBMIT_REST(SESSIO_INVALID_ARGUMENT, queue, NULL);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_insert(queue, store, "t", 1, NULL, tag, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_find_many(queue, store, NULL, 1, tag, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_save_many(queue, store, NULL, 1, tag, &error));
    sessio_completion none;
    GIVES(0, sessio_queue_poll(queue, &none, 1, 0, &error));
}

static void bad_polls(sessio_queue *queue) {
    sessio_completion completion;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_new(NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_fd(NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_poll(NULL, &completion, 1, 0, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_poll(queue, NULL, 1, 0, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_poll(queue, &completion, 0, 0, &error));
}

static bool is_readable(sessio_queue *queue) {
    struct pollfd ready = {.fd = sessio_queue_fd(queue, &error), .events = POLLIN};
    CHECK(ready.fd >= 0);
    return poll(&ready, 1, 0) == 1;
}

/* Exactly one completion for each submission; what the store refuses is one as well. */
static void every_submission_comes_back(sessio_queue *queue, sessio_store *store, int32_t status) {
    sessio_content good = SESSIO_CONTENT_INIT;
    sessio_completion done[3 + HOW_MANY + HOW_MANY_MORE];
    CHECK(!is_readable(queue));
    SUBMIT_ALL(SESSIO_DONE, queue, store, "t", 1);
    SUBMIT_REST(SESSIO_DONE, queue, store);
    CHECK(is_readable(queue));
    GIVES(3, sessio_queue_poll(queue, done, 3, -1, &error));
    CHECK(is_readable(queue));
    int32_t rest = HOW_MANY + HOW_MANY_MORE - 3;
    GIVES(rest, sessio_queue_poll(queue, done + 3, HOW_MANY + HOW_MANY_MORE, -1, &error));
    CHECK(!is_readable(queue));
    for (size_t index = 0; index < HOW_MANY + HOW_MANY_MORE; index++) {
        snprintf(message, sizeof message, "%zu: %s: %s", index,
                 sessio_status_name(done[index].status), sessio_error_message(done[index].error));
        CHECK(done[index].tag == tag);
        CHECK((done[index].error != NULL) == (done[index].status < 0));
        CHECK(status == SESSIO_DONE ? done[index].status >= 0 : done[index].status == status);
        sessio_completion_clear(&done[index]);
        CHECK(done[index].tag == NULL && done[index].page == NULL);
    }
}

static void what_is_refused_comes_through_the_queue(sessio_queue *queue, sessio_store *store) {
    GIVES(SESSIO_DONE, sessio_queue_save(queue, store, NULL, 0, "d", 1, 0, NULL, &error));
    GIVES(SESSIO_DONE, sessio_queue_list(queue, store, NULL, 0, 0, NULL, NULL));
    for (int round = 0; round < 2; round++) {
        sessio_completion done = next_of(queue);
        CHECK(done.status == SESSIO_INVALID_ARGUMENT && done.tag == NULL);
        CHECK(sessio_error_code(done.error) == done.status);
        sessio_completion_clear(&done);
    }
}

static void waiting_ends_in_time(sessio_queue *queue) {
    sessio_completion none;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    GIVES(0, sessio_queue_poll(queue, &none, 1, 50, &error));
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ms = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
    CHECK(ms >= 49 && ms < 5000);
}

static void results_are_the_programs(sessio_store *store) {
    sessio_queue *queue = NULL;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(SESSIO_DONE, sessio_store_save(store, "q", 1, "data", 4, SESSIO_NEVER, &error));
    GIVES(SESSIO_DONE, sessio_queue_find(queue, store, "q", 1, tag, &error));
    sessio_completion done = next_of(queue);
    sessio_queue_free(queue);
    size_t len;
    const void *data = sessio_record_data(done.record, &len);
    CHECK(len == 4 && memcmp(data, "data", 4) == 0);
    sessio_record_free(done.record);
}

static void a_queue_can_be_freed_full(sessio_store *store) {
    sessio_queue *queue = NULL;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    for (int round = 0; round < 1000; round++) {
        GIVES(SESSIO_DONE, sessio_queue_find(queue, store, "q", 1, tag, &error));
    }
    sessio_queue_free(queue);
}

void misuse_of_queues(sessio_store *store) {
    sessio_queue *queue = NULL;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    bad_submissions(queue, store);
    bad_polls(queue);
    every_submission_comes_back(queue, store, SESSIO_DONE);
    what_is_refused_comes_through_the_queue(queue, store);
    waiting_ends_in_time(queue);
    results_are_the_programs(store);
    a_queue_can_be_freed_full(store);
    sessio_store *closed = open_store(QUIET);
    GIVES(SESSIO_DONE, sessio_store_close(closed, &error));
    every_submission_comes_back(queue, closed, SESSIO_CLOSED);
    sessio_store_free(closed);
    sessio_queue_free(queue);
}
