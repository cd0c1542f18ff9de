/* What sessions do with threads, with a program that watches, and with an event loop. */
#include "things.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8
#define ROUNDS 20
#define LOOKS 100
#define DEVICES 205

static void each_event_is_told_and_counted(const char *url, const char *settings) {
    things mine;
    char token[SESSIO_TOKEN_SIZE];
    open_things(&mine, url, settings);
    bool fails = strstr(settings, "fail") != NULL;
    stores_one(&mine, token);
    sessio_session *first = load(&mine, token), *second = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(first, &error));
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(second, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(first, "a", 1, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(second, "b", 2, &error));
    commit(&mine, first, SESSIO_DONE, NULL);
    commit(&mine, second, fails ? SESSIO_CONFLICT : SESSIO_DONE, NULL);
    sessio_session *third = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_renew(third, &error));
    commit(&mine, third, SESSIO_DONE, token);
    GIVES(SESSIO_DONE, sessio_clock_advance(mine.clock, 60 * INT64_C(1000000), &error));
    sessio_session *read = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(read, &error));
    commit(&mine, read, SESSIO_DONE, NULL);
    sessio_session *late = load(&mine, token), *ends = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(late, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(late, "c", 3, &error));
    GIVES(SESSIO_DONE, sessio_session_destroy(ends, &error));
    commit(&mine, ends, SESSIO_DONE, NULL);
    commit(&mine, late, SESSIO_GONE, NULL);
    GIVES(SESSIO_DONE, sessio_store_save(mine.store, "bad", 3, SECRET, 7, SESSIO_NEVER, &error));
    sessio_session *bad = load(&mine, "bad");
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(bad, &error));
    commit(&mine, bad, SESSIO_DONE, NULL);
    for (int32_t event = 0; event < EVENTS; event++) {
        uint64_t count = 7;
        const char *name = sessio_event_name(event);
        GIVES(SESSIO_DONE, sessio_manager_stats(mine.manager, name, &count, &error));
        bool expected = event != (fails ? SESSIO_EVENT_MERGED : SESSIO_EVENT_CONFLICT);
        CHECK(count == (expected ? 1 : 0) && (int)count == mine.seen[event]);
    }
    free_things(&mine);
}

typedef struct {
    const things *mine;
    sessio_session *shared;
    const char *token;
    char key[8];
} worker;

/* Each its own key, in one session that all share; and each in sessions of its own. */
static void *works(void *argument) {
    worker *self = argument;
    const things *mine = self->mine;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = 0;
        sessio_session *own = NULL;
        if (sessio_session_put_int(self->shared, self->key, round, NULL) < 0 ||
            sessio_manager_commit(mine->manager, self->shared, NULL, NULL) != SESSIO_DONE ||
            sessio_manager_load(mine->manager, self->token, strlen(self->token), &own, NULL) < 0 ||
            sessio_session_get_int(own, self->key, &before, NULL) < 0 || before != round ||
            sessio_session_put_bool(own, self->key + 1, true, NULL) < 0 ||
            sessio_manager_commit(mine->manager, own, NULL, NULL) != SESSIO_DONE) {
            return self;
        }
        sessio_session_free(own);
    }
    return NULL;
}

static void threads_lose_nothing(const char *url) {
    things mine;
    worker workers[THREADS];
    pthread_t threads[THREADS];
    char token[SESSIO_TOKEN_SIZE];
    open_things(&mine, url, NULL);
    stores_one(&mine, token);
    sessio_session *shared = load(&mine, token);
    for (size_t index = 0; index < THREADS; index++) {
        workers[index] = (worker){&mine, shared, token, ""};
        snprintf(workers[index].key, sizeof workers->key, "k%d", (int)index);
        CHECK(pthread_create(&threads[index], NULL, works, &workers[index]) == 0);
    }
    for (size_t index = 0; index < THREADS; index++) {
        void *failed = NULL;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL);
    }
    sessio_session_free(shared);
    sessio_value *keys = NULL;
    sessio_session *after = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_keys(after, &keys, &error));
    CHECK(sessio_value_count(keys) == 2 * THREADS + 1);
    sessio_value_free(keys);
    sessio_session_free(after);
    free_things(&mine);
}

static uint64_t statements(const things *mine) {
    uint64_t count = 0;
    GIVES(SESSIO_DONE, sessio_store_stats(mine->store, "statements", &count, &error));
    return count;
}

/* All at once through a queue; and then nothing that reads asks the store. */
static void after_a_look_nothing_waits(const char *url) {
    things mine;
    char token[SESSIO_TOKEN_SIZE];
    static sessio_session *sessions[LOOKS];
    sessio_queue *queue = NULL;
    open_things(&mine, url, NULL);
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    stores_one(&mine, token);
    for (size_t index = 0; index < LOOKS; index++) {
        sessions[index] = load(&mine, token);
        void *tag = sessions[index];
        GIVES(SESSIO_DONE, sessio_queue_session_ensure_loaded(queue, sessions[index], tag, &error));
    }
    for (size_t index = 0; index < LOOKS; index++) {
        sessio_completion done = next_of(queue);
        CHECK(done.status == SESSIO_DONE);
    }
    uint64_t before = statements(&mine);
    for (size_t index = 0; index < LOOKS; index++) {
        int64_t number = 7, deadline = 0;
        bool is_new = true;
        sessio_value *value = NULL;
        sessio_session *session = sessions[index];
        GIVES(SESSIO_DONE, sessio_session_get_int(session, "n", &number, &error));
        GIVES(SESSIO_DONE, sessio_session_is_new(session, &is_new, &error));
        GIVES(SESSIO_DONE, sessio_session_deadline(session, &deadline, &error));
        GIVES(SESSIO_DONE, sessio_session_values(session, &value, &error));
        CHECK(number == 0 && !is_new && sessio_value_count(value) == 1);
        sessio_value_free(value);
        GIVES(SESSIO_NOT_FOUND, sessio_session_subject(session, &value, &error));
        GIVES(SESSIO_DONE, sessio_session_flashes(session, &value, &error));
        sessio_value_free(value);
        sessio_session_free(sessions[index]);
    }
    CHECK(statements(&mine) == before);
    sessio_queue_free(queue);
    free_things(&mine);
}

/* A deadline that never comes, and one that is over. */
static void odd_deadlines(const char *url) {
    static const int64_t deadlines[] = {SESSIO_NEVER, 0, -1, INT64_MIN};
    things mine;
    char token[SESSIO_TOKEN_SIZE];
    open_things(&mine, url, NULL);
    for (size_t index = 0; index < 4; index++) {
        bool is_new = false;
        stores_one(&mine, token);
        sessio_session *session = load(&mine, token);
        GIVES(SESSIO_DONE, sessio_session_set_deadline(session, deadlines[index], &error));
        commit(&mine, session, SESSIO_DONE, NULL);
        session = load(&mine, token);
        GIVES(SESSIO_DONE, sessio_session_is_new(session, &is_new, &error));
        CHECK(is_new == (index > 0));
        GIVES(SESSIO_DONE, sessio_session_destroy(session, &error));
        sessio_session_free(session);
    }
    free_things(&mine);
}

/* Over three pages, while they are ended; and what belongs to others stays. */
static void signs_out_everywhere(const char *url) {
    things mine;
    sessio_session_cursor *cursor = NULL;
    sessio_session *each = NULL;
    int32_t status;
    size_t ended = 0, left = 0;
    open_things(&mine, url, NULL);
    for (size_t index = 0; index < DEVICES + 3; index++) {
        sessio_session *session = load(&mine, NULL);
        const char *whose = index < DEVICES ? "ada" : "grace";
        GIVES(SESSIO_DONE, sessio_session_set_subject(session, whose, strlen(whose), &error));
        GIVES(SESSIO_DONE, sessio_session_put_int(session, "n", 0, &error));
        commit(&mine, session, SESSIO_DONE, NULL);
    }
    GIVES(SESSIO_DONE, sessio_manager_each_subject(mine.manager, "ada", 3, &cursor, &error));
    while ((status = sessio_session_cursor_next(cursor, &each, &error)) == SESSIO_DONE) {
        GIVES(SESSIO_DONE, sessio_session_destroy(each, &error));
        ended++;
    }
    CHECK(status == SESSIO_NOT_FOUND && each == NULL && ended == DEVICES);
    GIVES(SESSIO_NOT_FOUND, sessio_session_cursor_next(cursor, &each, &error));
    sessio_session_cursor_free(cursor);
    GIVES(SESSIO_DONE, sessio_manager_each(mine.manager, &cursor, &error));
    while ((status = sessio_session_cursor_next(cursor, &each, &error)) == SESSIO_DONE) {
        sessio_value *whose = NULL; /* NULL for those of other tests. */
        CHECK(sessio_session_subject(each, &whose, NULL) >= 0);
        const char *name = whose == NULL ? "" : sessio_value_text(whose, NULL);
        CHECK(strcmp(name, "ada") != 0);
        if (strcmp(name, "grace") == 0) {
            GIVES(SESSIO_DONE, sessio_session_destroy(each, &error));
            left++;
        }
        sessio_value_free(whose);
    }
    CHECK(status == SESSIO_NOT_FOUND && left == 3);
    sessio_session_cursor_free(cursor);
    free_things(&mine);
}

int main(void) {
    const char *urls[] = {"memory:", test_url()};
    for (size_t index = 0; index < 2; index++) {
        each_event_is_told_and_counted(urls[index], "idle_timeout=10m&touch_interval=30s");
        each_event_is_told_and_counted(urls[index], "idle_timeout=10m&on_conflict=fail");
        after_a_look_nothing_waits(urls[index]);
        odd_deadlines(urls[index]);
        signs_out_everywhere(urls[index]);
        if (index == 0) {
            CHECK(count_threads() == 1);
        }
        /* Commits of one session wait for each other, in threads of sessio's. */
        threads_lose_nothing(urls[index]);
    }
    puts("sessions: told, shared and looked up as they should be");
    return 0;
}
