/* What survives a fork: stores, queues and the parent's connections; and what does not: answers
 * that were on their way. */
#include "forks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define IN_FLIGHT 200

typedef struct {
    sessio_store *store;
    sessio_queue *queue;
    int parents_fd;
} things;

static char marks[IN_FLIGHT];

static uint64_t connections(sessio_store *store) {
    uint64_t value;
    GIVES(SESSIO_DONE, sessio_store_stats(store, "connections", &value, &error));
    return value;
}

static void save(sessio_store *store, const char *token) {
    GIVES(SESSIO_DONE,
          sessio_store_save(store, token, strlen(token), "d", 1, in_an_hour(), &error));
}

static int32_t exists(sessio_store *store, const char *token) {
    return sessio_store_exists(store, token, strlen(token), &error);
}

static void starts_empty(void *argument) {
    things *mine = argument;
    GIVES(SESSIO_NOT_FOUND, exists(mine->store, "parents"));
    save(mine->store, "childs");
    GIVES(SESSIO_DONE, exists(mine->store, "childs"));
    sessio_store_free(mine->store);
}

static void memory_starts_empty_in_a_child(void) {
    things mine = {.store = open_store("memory:")};
    in_child(starts_empty, &(things){.store = open_store("memory:")});
    save(mine.store, "parents");
    in_child(starts_empty, &mine);
    GIVES(SESSIO_DONE, exists(mine.store, "parents"));
    GIVES(SESSIO_NOT_FOUND, exists(mine.store, "childs"));
    sessio_store_free(mine.store);
}

static void uses(void *argument) {
    things *mine = argument;
    save(mine->store, "from the child");
    GIVES(SESSIO_DONE, exists(mine->store, "from the child"));
    sessio_store_free(mine->store);
}

static void has_a_child(void *argument) {
    things *mine = argument;
    GIVES(SESSIO_DONE, exists(mine->store, "from the parent"));
    in_child(uses, mine);
    GIVES(SESSIO_DONE, exists(mine->store, "from the child"));
}

static void a_server_store_works_on(const char *url) {
    things mine = {.store = open_store(url)};
    in_child(uses, &mine); /* before the first use */
    save(mine.store, "from the parent");
    GIVES(SESSIO_DONE, exists(mine.store, "from the child"));
    uint64_t before = connections(mine.store);
    in_child(uses, &mine);
    in_child(has_a_child, &mine);
    for (int round = 0; round < 100; round++) {
        GIVES(SESSIO_DONE, exists(mine.store, "from the parent"));
        save(mine.store, "from the parent");
    }
    /* None of the parent's was closed by what its children freed and left behind. */
    CHECK(connections(mine.store) <= before + 3 && before >= 1);
    sessio_store_free(mine.store);
}

static void submit_some(const things *mine) {
    for (size_t index = 0; index < IN_FLIGHT; index++) {
        void *tag = &marks[index];
        GIVES(SESSIO_DONE, index % 2 == 0 ? sessio_queue_find(mine->queue, mine->store, "t", 1, tag,
                                                              &error)
                                          : sessio_queue_save(mine->queue, mine->store, "t", 1, "d",
                                                              1, in_an_hour(), tag, &error));
    }
}

/* Every tag exactly once, with this status. */
static void all_come_back(const things *mine, int32_t status) {
    memset(marks, 0, sizeof marks);
    for (size_t index = 0; index < IN_FLIGHT; index++) {
        sessio_completion done = next_of(mine->queue);
        ++*(char *)done.tag;
        snprintf(message, sizeof message, "%s", sessio_error_message(done.error));
        CHECK(done.status == status);
        sessio_completion_clear(&done);
    }
    CHECK(memchr(marks, 0, sizeof marks) == NULL);
    sessio_completion none;
    GIVES(0, sessio_queue_poll(mine->queue, &none, 1, 0, &error));
}

static void is_told(void *argument) {
    things *mine = argument;
    CHECK(sessio_queue_fd(mine->queue, &error) != mine->parents_fd);
    all_come_back(mine, SESSIO_FORKED);
    save(mine->store, "t");
    submit_some(mine);
    all_come_back(mine, SESSIO_DONE);
    sessio_queue_free(mine->queue);
    sessio_store_free(mine->store);
}

static void tells_its_child(void *argument) {
    things *mine = argument;
    CHECK(sessio_queue_fd(mine->queue, &error) != mine->parents_fd);
    in_child(is_told, mine);
    is_told(mine);
}

static void what_was_in_flight_is_forked(const char *url) {
    things mine = {.store = open_store(url)};
    GIVES(SESSIO_DONE, sessio_queue_new(&mine.queue, &error));
    mine.parents_fd = sessio_queue_fd(mine.queue, &error);
    CHECK(mine.parents_fd >= 0);
    save(mine.store, "t");
    submit_some(&mine);
    in_child(is_told, &mine);
    all_come_back(&mine, SESSIO_DONE);
    submit_some(&mine);
    in_child(tells_its_child, &mine);
    all_come_back(&mine, SESSIO_DONE);
    sessio_queue_free(mine.queue);
    sessio_store_free(mine.store);
}

static void leaves(void *argument) {
    submit_some(argument);
}

/* With pending calls, and nothing freed. */
static void a_process_may_just_end(const char *url) {
    things mine = {.store = open_store(url)};
    GIVES(SESSIO_DONE, sessio_queue_new(&mine.queue, &error));
    for (int round = 0; round < 5; round++) {
        in_child(leaves, &mine);
    }
    sessio_queue_free(mine.queue);
    sessio_store_free(mine.store);
}

static atomic_bool enough;

static void *keeps_asking(void *argument) {
    things *mine = argument;
    sessio_error *why = NULL;
    for (int round = 0; !enough; round++) {
        sessio_record *record;
        if (sessio_store_find(mine->store, "from the parent", 15, &record, &why) < 0) {
            fprintf(stderr, "a thread of the parent: %s\n", sessio_error_message(why));
            return mine;
        }
        sessio_record_free(record);
        if (round < 500) { /* They are not polled here. */
            sessio_queue_ping(mine->queue, mine->store, NULL, NULL);
        }
    }
    return NULL;
}

static void asks(void *argument) {
    things *mine = argument;
    save(mine->store, "from the child");
    sessio_completion done[16];
    /* Whatever the parent's threads were doing when it forked. */
    int32_t count = 1;
    while (count > 0) {
        count = sessio_queue_poll(mine->queue, done, 16, 0, &error);
        CHECK(count >= 0);
        for (int32_t index = 0; index < count; index++) {
            CHECK(done[index].status == SESSIO_FORKED);
            sessio_completion_clear(&done[index]);
        }
    }
    GIVES(SESSIO_DONE, sessio_queue_ping(mine->queue, mine->store, &marks, &error));
    CHECK(next_of(mine->queue).tag == &marks);
}

static void threads_may_be_busy(const char *url) {
    things mine = {.store = open_store(url)};
    pthread_t threads[4];
    GIVES(SESSIO_DONE, sessio_queue_new(&mine.queue, &error));
    for (size_t index = 0; index < 4; index++) {
        CHECK(pthread_create(&threads[index], NULL, keeps_asking, &mine) == 0);
    }
    for (int round = 0; round < 10; round++) {
        usleep(5000);
        in_child(asks, &mine);
    }
    enough = true;
    for (size_t index = 0; index < 4; index++) {
        void *failed;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL);
    }
    sessio_queue_free(mine.queue);
    sessio_store_free(mine.store);
    enough = false;
}

static void tells_its_token(void *argument) {
    char token[SESSIO_TOKEN_SIZE];
    GIVES(SESSIO_DONE, sessio_generate_token(token, sizeof token, &error));
    CHECK(write(*(int *)argument, token, sizeof token) == sizeof token);
}

static void no_token_repeats(void) {
    char tokens[21][SESSIO_TOKEN_SIZE];
    int ends[2];
    CHECK(pipe(ends) == 0);
    GIVES(SESSIO_DONE, sessio_generate_token(tokens[0], sizeof *tokens, &error));
    for (size_t index = 1; index < 21; index++) {
        in_child(tells_its_token, &ends[1]);
        CHECK(read(ends[0], tokens[index], sizeof *tokens) == sizeof *tokens);
        for (size_t other = 0; other < index; other++) {
            CHECK(strcmp(tokens[index], tokens[other]) != 0);
        }
    }
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    char url[2048];
    snprintf(url, sizeof url, "%s?table=forks", test_url());
    sessio_store *store = open_store(url);
    GIVES(SESSIO_DONE, sessio_store_migrate(store, &error));
    no_token_repeats();
    memory_starts_empty_in_a_child();
    a_server_store_works_on(url);
    in_child(uses, &(things){.store = store});
    what_was_in_flight_is_forked("memory:");
    what_was_in_flight_is_forked(url);
    a_process_may_just_end("memory:");
    a_process_may_just_end(url);
    threads_may_be_busy("memory:");
    threads_may_be_busy(url);
    sessions_work_on(url);
    sessio_store_free(store);
    puts("forks: every child works, and the parent goes on");
    return 0;
}
