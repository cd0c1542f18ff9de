/* What many requests do to one key at the same time: nothing is lost, and nothing taken twice. */
#include "things.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS 8
#define ROUNDS 25

typedef struct {
    const things *mine;
    const char *token;
    int number;
    int took;
    sessio_error *why;
} worker;

/* Of the first call that did not do what it should: says what, and frees what was used. */
static void *fails(worker *self, sessio_session *session) {
    const char *text = self->why == NULL ? "no error" : sessio_error_message(self->why);
    fprintf(stderr, "worker %d: %s\n", self->number, text);
    sessio_error_free(self->why);
    sessio_session_free(session);
    return self;
}

/* Each round is a request: it adds, it appends, and it tries to take the code of the round. */
static void *works(void *argument) {
    worker *self = argument;
    const things *mine = self->mine;
    for (int round = 0; round < ROUNDS; round++) {
        sessio_session *own = NULL;
        sessio_value *code = NULL;
        char key[16];
        snprintf(key, sizeof key, "code%d", round);
        size_t len = strlen(self->token);
        if (sessio_manager_load(mine->manager, self->token, len, &own, &self->why) < 0 ||
            sessio_session_increment(own, "n", 2, &self->why) != SESSIO_DONE ||
            sessio_session_append_int(own, "cart", self->number * ROUNDS + round, &self->why) < 0 ||
            sessio_session_take(own, key, &code, &self->why) < 0 ||
            sessio_manager_commit(mine->manager, own, NULL, &self->why) != SESSIO_DONE) {
            return fails(self, own);
        }
        self->took += code != NULL;
        sessio_value_free(code);
        sessio_session_free(own);
    }
    return NULL;
}

static void has_all(const things *mine, const char *token) {
    bool seen[THREADS * ROUNDS] = {false};
    int64_t number = 0;
    sessio_value *cart = NULL, *keys = NULL;
    sessio_session *after = load(mine, token);
    GIVES(SESSIO_DONE, sessio_session_get_int(after, "n", &number, &error));
    CHECK(number == 2 * THREADS * ROUNDS);
    GIVES(SESSIO_DONE, sessio_session_get(after, "cart", &cart, &error));
    CHECK(sessio_value_count(cart) == THREADS * ROUNDS);
    for (size_t index = 0; index < THREADS * ROUNDS; index++) {
        GIVES(SESSIO_DONE, sessio_value_int(sessio_value_at(cart, index), &number, &error));
        CHECK(number >= 0 && number < THREADS * ROUNDS && !seen[number]);
        seen[number] = true;
    }
    GIVES(SESSIO_DONE, sessio_session_keys(after, &keys, &error));
    CHECK(sessio_value_count(keys) == 2);
    sessio_value_free(keys);
    sessio_value_free(cart);
    sessio_session_free(after);
}

static void races(const char *url) {
    things mine;
    worker workers[THREADS];
    pthread_t threads[THREADS];
    char token[SESSIO_TOKEN_SIZE];
    int took = 0;
    open_things(&mine, url, NULL);
    sessio_session *first = load(&mine, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        char key[16];
        snprintf(key, sizeof key, "code%d", round);
        GIVES(SESSIO_DONE, sessio_session_put_int(first, key, round, &error));
    }
    commit(&mine, first, SESSIO_DONE, token);
    for (int index = 0; index < THREADS; index++) {
        workers[index] = (worker){&mine, token, index, 0, NULL};
        CHECK(pthread_create(&threads[index], NULL, works, &workers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        void *failed = NULL;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL);
        took += workers[index].took;
    }
    CHECK(took == ROUNDS);
    has_all(&mine, token);
    free_things(&mine);
}

/* What takes from one value and adds to another. */
static int32_t moves(sessio_session *session, void *userdata) {
    int64_t left = 0, right = 0, *runs = userdata;
    (*runs)++;
    return sessio_session_get_int(session, "left", &left, NULL) != SESSIO_DONE ||
           sessio_session_get_int(session, "right", &right, NULL) != SESSIO_DONE ||
           sessio_session_put_int(session, "left", left - 1, NULL) != SESSIO_DONE ||
           sessio_session_put_int(session, "right", right + 1, NULL) != SESSIO_DONE;
}

static void *transacts(void *argument) {
    worker *self = argument;
    int64_t runs = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (sessio_manager_transact(self->mine->manager, self->token, strlen(self->token), moves,
                                    &runs, NULL, &self->why) != SESSIO_DONE) {
            return fails(self, NULL);
        }
    }
    return runs < ROUNDS ? self : NULL;
}

static int32_t gives_up(sessio_session *session, void *userdata) {
    *(bool *)userdata = true;
    sessio_session_put_int(session, "left", 77, NULL);
    return -1;
}

static int32_t is_never_run(sessio_session *session, void *userdata) {
    (void)session;
    *(bool *)userdata = false;
    return 0;
}

static void one_stays_the_others_are_run_again(const char *url) {
    things mine;
    worker workers[THREADS];
    pthread_t threads[THREADS];
    char token[SESSIO_TOKEN_SIZE];
    int64_t left = 0, right = 0;
    bool ran = false;
    sessio_commit_result *result = NULL;
    open_things(&mine, url, NULL);
    sessio_session *first = load(&mine, NULL);
    GIVES(SESSIO_DONE, sessio_session_put_int(first, "left", THREADS * ROUNDS, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(first, "right", 0, &error));
    commit(&mine, first, SESSIO_DONE, token);
    for (int index = 0; index < THREADS; index++) {
        workers[index] = (worker){&mine, token, index, 0, NULL};
        CHECK(pthread_create(&threads[index], NULL, transacts, &workers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        void *failed = NULL;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL);
    }
    memset(&result, 0x5a, sizeof result);
    GIVES(SESSIO_ABORTED, sessio_manager_transact(mine.manager, token, strlen(token), gives_up,
                                                  &ran, &result, &error));
    CHECK(result == NULL && ran);
    GIVES(SESSIO_GONE, sessio_manager_transact(mine.manager, "none", 4, is_never_run, &ran, &result,
                                               &error));
    GIVES(SESSIO_GONE, sessio_manager_transact(mine.manager, "\xff", 1, is_never_run, &ran, &result,
                                               &error));
    CHECK(result == NULL && ran);
    sessio_session *after = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_get_int(after, "left", &left, &error));
    GIVES(SESSIO_DONE, sessio_session_get_int(after, "right", &right, &error));
    CHECK(left == 0 && right == THREADS * ROUNDS);
    sessio_session_free(after);
    free_things(&mine);
}

/* What is known at once is refused at once; the rest fails at the commit, and can be undone. */
static void of_another_kind(const char *url) {
    things mine;
    char token[SESSIO_TOKEN_SIZE];
    open_things(&mine, url, NULL);
    stores_one(&mine, token);
    sessio_session *loaded = load(&mine, token), *lazy = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_ensure_loaded(loaded, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_session_append_bool(loaded, "n", true, &error));
    GIVES(SESSIO_DONE, sessio_session_put_uint(loaded, "n", UINT64_MAX, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_session_increment(loaded, "n", 1, &error));
    commit(&mine, loaded, SESSIO_DONE, NULL);
    GIVES(SESSIO_DONE, sessio_session_append_text(lazy, "n", "x", 1, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_manager_commit(mine.manager, lazy, NULL, &error));
    sessio_session_free(lazy);
    uint64_t number = 0;
    sessio_session *after = load(&mine, token);
    GIVES(SESSIO_DONE, sessio_session_get_uint(after, "n", &number, &error));
    CHECK(number == UINT64_MAX);
    sessio_session_free(after);
    free_things(&mine);
}

int main(void) {
    const char *urls[] = {"memory:", test_url()};
    for (size_t index = 0; index < 2; index++) {
        of_another_kind(urls[index]);
        races(urls[index]);
        one_stays_the_others_are_run_again(urls[index]);
    }
    puts("merged: nothing lost, and nothing taken twice");
    return 0;
}
