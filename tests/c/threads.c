/* Threads: which of them are ours, many on one store, and the log's. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 2000

static void every_verb(sessio_store *store) {
    sessio_content content = SESSIO_CONTENT_INIT;
    content.expires_at_us = SESSIO_NEVER;
    content.subject = "ada";
    content.subject_len = 3;
    uint64_t count;
    sessio_page *page;
    GIVES(SESSIO_DONE, sessio_store_migrate(store, &error));
    GIVES(SESSIO_DONE, sessio_store_ping(store, &error));
    GIVES(SESSIO_DONE, sessio_store_insert(store, "a", 1, &content, &error));
    GIVES(SESSIO_DONE, sessio_store_update(store, "a", 1, &content, &error));
    GIVES(SESSIO_DONE, sessio_store_rename(store, "a", 1, "b", 1, NULL, &error));
    GIVES(SESSIO_DONE, sessio_store_list(store, NULL, 0, 10, &page, &error));
    sessio_page_free(page);
    GIVES(SESSIO_DONE, sessio_store_delete_subject(store, "ada", 3, NULL, 0, &count, &error));
    CHECK(count == 1);
    GIVES(SESSIO_DONE, sessio_store_delete_expired(store, 10, &count, &error));
}

static void memory_starts_no_thread(void) {
    CHECK(count_threads() == 1);
    sessio_store *store = open_store("memory:?cleanup_interval=0");
    sessio_queue *queue;
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    every_verb(store);
    GIVES(SESSIO_DONE, sessio_queue_ping(queue, store, NULL, &error));
    CHECK(sessio_queue_fd(queue, &error) >= 0 && next_of(queue).status == SESSIO_DONE);
    CHECK(count_threads() == 1);
    sessio_queue_free(queue);
    sessio_store_free(store);
    CHECK(count_threads() == 1);
}

static void only_the_cleaner_is_ours(void) {
    sessio_store *store = open_store("memory:");
    CHECK(count_threads() == 1);
    every_verb(store);
    CHECK(count_threads() == 2);
    GIVES(SESSIO_DONE, sessio_store_stop_cleanup(store, &error));
    GIVES(SESSIO_DONE, sessio_store_stop_cleanup(store, &error));
    /* It has been joined; the kernel may need a moment to forget it. */
    for (int tries = 0; tries < 100 && count_threads() != 1; tries++) {
        usleep(10000);
    }
    CHECK(count_threads() == 1);
    every_verb(store);
    CHECK(count_threads() == 1);
    sessio_store_free(store);
}

typedef struct {
    sessio_store *store;
    sessio_queue *queue;
    int number;
} worker;

static void *works(void *argument) {
    worker *mine = argument;
    sessio_record *record;
    char token[32], data[32];
    for (int round = 0; round < ROUNDS; round++) {
        int len = snprintf(token, sizeof token, "t%d-%d", mine->number, round % 50);
        int size = snprintf(data, sizeof data, "%d of %d", round, mine->number);
        size_t token_len = (size_t)len, data_len = (size_t)size, found;
        if (sessio_store_save(mine->store, token, token_len, data, data_len, SESSIO_NEVER, NULL) !=
                SESSIO_DONE ||
            sessio_store_find(mine->store, token, token_len, &record, NULL) != SESSIO_DONE) {
            return mine;
        }
        const void *bytes = sessio_record_data(record, &found);
        bool same = found == data_len && memcmp(bytes, data, found) == 0;
        sessio_record_free(record);
        if (!same || sessio_queue_exists(mine->queue, mine->store, token, token_len, mine, NULL) !=
                         SESSIO_DONE) {
            return mine;
        }
    }
    return NULL;
}

/* Many threads submit, one polls. */
static void one_store_serves_many(const char *url) {
    sessio_store *store = open_store(url);
    sessio_queue *queue;
    worker workers[THREADS];
    pthread_t threads[THREADS];
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    for (int index = 0; index < THREADS; index++) {
        workers[index] = (worker){store, queue, index};
        CHECK(pthread_create(&threads[index], NULL, works, &workers[index]) == 0);
    }
    int counts[THREADS] = {0};
    for (int left = THREADS * ROUNDS; left > 0; left--) {
        sessio_completion done = next_of(queue);
        CHECK(done.status == SESSIO_DONE);
        counts[((worker *)done.tag)->number]++;
    }
    for (int index = 0; index < THREADS; index++) {
        void *failed;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL && counts[index] == ROUNDS);
    }
    sessio_queue_free(queue);
    sessio_store_free(store);
}

static void *submits_later(void *argument) {
    worker *mine = argument;
    usleep(200000);
    CHECK(sessio_queue_ping(mine->queue, mine->store, mine, NULL) == SESSIO_DONE);
    return NULL;
}

static void *polls(void *argument) {
    worker *mine = argument;
    sessio_completion done;
    CHECK(sessio_queue_poll(mine->queue, &done, 1, -1, NULL) == 1 && done.tag == mine);
    return NULL;
}

static void one_polls_at_a_time(void) {
    worker mine = {open_store("memory:?cleanup_interval=0"), NULL, 0};
    pthread_t poller, submitter;
    sessio_completion done;
    GIVES(SESSIO_DONE, sessio_queue_new(&mine.queue, &error));
    CHECK(pthread_create(&poller, NULL, polls, &mine) == 0);
    CHECK(pthread_create(&submitter, NULL, submits_later, &mine) == 0);
    usleep(100000);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_queue_poll(mine.queue, &done, 1, 0, &error));
    pthread_join(submitter, NULL);
    pthread_join(poller, NULL);
    GIVES(0, sessio_queue_poll(mine.queue, &done, 1, 0, &error));
    sessio_queue_free(mine.queue);
    sessio_store_free(mine.store);
}

static atomic_int lines, refused;

static void hears(void *userdata, int32_t level, const char *line) {
    CHECK(*(int *)userdata == 42 && level >= SESSIO_LOG_ERROR && level <= SESSIO_LOG_WARN);
    CHECK(strlen(line) > 5 && strstr(line, SECRET) == NULL);
    refused += sessio_set_log_callback(SESSIO_LOG_OFF, NULL, NULL, NULL) == SESSIO_INVALID_ARGUMENT;
    lines++;
}

/* A cleaner whose server is not there has something to say. */
static void the_log_is_heard(void) {
    int *userdata = malloc(sizeof *userdata);
    *userdata = 42;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_set_log_callback(6, hears, userdata, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_set_log_callback(-1, hears, userdata, &error));
    GIVES(SESSIO_DONE, sessio_set_log_callback(SESSIO_LOG_OFF, NULL, NULL, &error));
    GIVES(SESSIO_DONE, sessio_set_log_callback(SESSIO_LOG_WARN, hears, userdata, &error));
    sessio_store *store =
        open_store("mysql://u:" SECRET "@127.0.0.1:1/app?cleanup_interval=20ms&timeout=1");
    CHECK(sessio_store_ping(store, NULL) == SESSIO_UNAVAILABLE);
    for (int tries = 0; tries < 500 && lines < 3; tries++) {
        usleep(10000);
    }
    CHECK(lines >= 3 && refused == lines);
    GIVES(SESSIO_DONE, sessio_set_log_callback(SESSIO_LOG_OFF, hears, userdata, &error));
    *userdata = 0;
    free(userdata);
    int heard = lines;
    usleep(200000);
    CHECK(heard == lines);
    sessio_store_free(store);
}

int main(void) {
    memory_starts_no_thread();
    only_the_cleaner_is_ours();
    one_store_serves_many("memory:");
    one_polls_at_a_time();
    the_log_is_heard();
    char url[2048];
    snprintf(url, sizeof url, "%s?table=threads", test_url());
    sessio_store *store = open_store(url);
    GIVES(SESSIO_DONE, sessio_store_migrate(store, &error));
    one_store_serves_many(url);
    sessio_store_free(store);
    puts("threads: none of ours but the cleaner's, and any number of yours");
    return 0;
}
