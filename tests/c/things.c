/* A store with a clock of its own, and a manager that counts its events. */
#include "things.h"

#include <stdio.h>
#include <string.h>

static void notes(void *userdata, int32_t event) {
    things *mine = userdata;
    atomic_fetch_add(&mine->seen[event], 1);
}

void open_things(things *mine, const char *url, const char *settings) {
    sessio_options options = SESSIO_OPTIONS_INIT;
    sessio_manager_options wanted = SESSIO_MANAGER_OPTIONS_INIT;
    memset(mine, 0, sizeof *mine);
    mine->clock = sessio_clock_new(now_us());
    options.clock = mine->clock;
    options.table = "c_sessions";
    options.cleanup_interval_ms = SESSIO_OFF;
    options.timeout_ms = 60000; /* Eight threads take long in valgrind. */
    wanted.settings = settings;
    wanted.on_event = notes;
    wanted.userdata = mine;
    GIVES(SESSIO_DONE, sessio_store_open(url, &options, &mine->store, &error));
    GIVES(SESSIO_DONE, sessio_store_migrate(mine->store, &error));
    GIVES(SESSIO_DONE, sessio_manager_open(mine->store, &wanted, &mine->manager, &error));
}

void free_things(things *mine) {
    sessio_manager_free(mine->manager);
    sessio_store_free(mine->store);
    sessio_clock_free(mine->clock);
}

sessio_session *load(const things *mine, const char *token) {
    sessio_session *session = NULL;
    size_t len = token == NULL ? 0 : strlen(token);
    GIVES(SESSIO_DONE, sessio_manager_load(mine->manager, token, len, &session, &error));
    return session;
}

void commit(const things *mine, sessio_session *session, int32_t status, char *token) {
    sessio_commit_result *result = NULL;
    GIVES(status, sessio_manager_commit(mine->manager, session, &result, &error));
    if (token != NULL) {
        snprintf(token, SESSIO_TOKEN_SIZE, "%s", sessio_commit_result_token(result, NULL));
    }
    sessio_commit_result_free(result);
    sessio_session_free(session);
}

void stores_one(const things *mine, char *token) {
    sessio_session *session = load(mine, NULL);
    GIVES(SESSIO_DONE, sessio_session_put_int(session, "n", 0, &error));
    commit(mine, session, SESSIO_DONE, token);
}
