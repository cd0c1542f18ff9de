/* Managers and sessions in a forked child. */
#include "forks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

typedef struct {
    sessio_store *store;
    sessio_manager *manager;
    sessio_queue *queue;
    sessio_session *session;
    char token[SESSIO_TOKEN_SIZE];
} things;

static sessio_session *load(const things *mine) {
    sessio_session *session = NULL;
    GIVES(SESSIO_DONE,
          sessio_manager_load(mine->manager, mine->token, strlen(mine->token), &session, &error));
    return session;
}

static things new_things(const char *url) {
    things mine = {.store = open_store(url)};
    sessio_commit_result *result = NULL;
    GIVES(SESSIO_DONE, sessio_manager_open(mine.store, NULL, &mine.manager, &error));
    GIVES(SESSIO_DONE, sessio_queue_new(&mine.queue, &error));
    mine.session = load(&mine);
    GIVES(SESSIO_DONE, sessio_session_put_int(mine.session, "parent", 1, &error));
    GIVES(SESSIO_DONE, sessio_manager_commit(mine.manager, mine.session, &result, &error));
    memcpy(mine.token, sessio_commit_result_token(result, NULL), SESSIO_TOKEN_SIZE);
    sessio_commit_result_free(result);
    return mine;
}

static void free_things(things *mine) {
    sessio_session_free(mine->session);
    sessio_manager_free(mine->manager);
    sessio_queue_free(mine->queue);
    sessio_store_free(mine->store);
}

static void commits(const things *mine, sessio_session *session, int32_t status) {
    GIVES(status, sessio_manager_commit(mine->manager, session, NULL, &error));
}

/* With the session that the parent has loaded, and with one of its own. */
static void changes_it(void *argument) {
    things *mine = argument;
    int64_t number = 0;
    GIVES(SESSIO_DONE, sessio_session_get_int(mine->session, "parent", &number, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(mine->session, "child", 2, &error));
    commits(mine, mine->session, SESSIO_DONE);
    sessio_session *own = load(mine);
    GIVES(SESSIO_DONE, sessio_session_get_int(own, "child", &number, &error));
    CHECK(number == 2);
    sessio_session_free(own);
    free_things(mine);
}

static void finds_nothing(void *argument) {
    things *mine = argument;
    bool is_new = false;
    sessio_session *own = load(mine);
    GIVES(SESSIO_DONE, sessio_session_is_new(own, &is_new, &error));
    CHECK(is_new);
    GIVES(SESSIO_DONE, sessio_session_put_int(mine->session, "child", 2, &error));
    commits(mine, mine->session, SESSIO_GONE);
    sessio_session_free(own);
    free_things(mine);
}

static void is_told(void *argument) {
    things *mine = argument;
    sessio_completion done = next_of(mine->queue);
    CHECK(done.status == SESSIO_FORKED && done.tag == mine->token && done.result == NULL);
    sessio_completion_clear(&done);
    changes_it(mine);
}

static atomic_bool enough;

/* A session of its own, as every request has. */
static void *keeps_asking(void *argument) {
    things *mine = argument;
    while (!enough) {
        sessio_session *session = NULL;
        sessio_manager_load(mine->manager, mine->token, strlen(mine->token), &session, NULL);
        int32_t status = sessio_session_contains(session, "parent", NULL);
        sessio_session_free(session);
        if (status != SESSIO_DONE) {
            return mine;
        }
    }
    return NULL;
}

static void threads_may_be_busy(things *mine) {
    pthread_t threads[4];
    for (size_t index = 0; index < 4; index++) {
        CHECK(pthread_create(&threads[index], NULL, keeps_asking, mine) == 0);
    }
    for (int round = 0; round < 5; round++) {
        in_child(changes_it, mine);
    }
    enough = true;
    for (size_t index = 0; index < 4; index++) {
        void *failed;
        pthread_join(threads[index], &failed);
        CHECK(failed == NULL);
    }
}

void sessions_work_on(const char *url) {
    things mine = new_things(url);
    in_child(changes_it, &mine);
    int64_t number = 0;
    /* The child's change is put together with the parent's. */
    GIVES(SESSIO_DONE, sessio_session_put_int(mine.session, "parent", 3, &error));
    commits(&mine, mine.session, SESSIO_DONE);
    GIVES(SESSIO_DONE, sessio_session_get_int(mine.session, "child", &number, &error));
    CHECK(number == 2);
    sessio_session *fresh = load(&mine);
    GIVES(SESSIO_DONE, sessio_queue_session_ensure_loaded(mine.queue, fresh, mine.token, &error));
    in_child(is_told, &mine);
    sessio_completion done = next_of(mine.queue);
    CHECK(done.status == SESSIO_DONE && done.tag == mine.token);
    sessio_session_free(fresh);
    threads_may_be_busy(&mine);
    free_things(&mine);
    things memory = new_things("memory:");
    in_child(finds_nothing, &memory);
    free_things(&memory);
}
