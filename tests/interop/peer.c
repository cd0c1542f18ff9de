/* A C program beside a Go one, on the same sessions. It is asked a line of JSON at a time.
 *
 *   peer URL SETTINGS       as codec=gob&lifetime=24h; what it is asked, peer.py says
 */
#include "tagged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int32_t open_manager(char **arguments, sessio_store **store, sessio_manager **manager,
                            sessio_error **error) {
    sessio_manager_options options = SESSIO_MANAGER_OPTIONS_INIT;
    options.settings = arguments[2];
    int32_t status = sessio_store_open(arguments[1], NULL, store, error);
    return status == SESSIO_DONE ? sessio_manager_open(*store, &options, manager, error) : status;
}

static int32_t load(sessio_manager *manager, const json_t *asked, sessio_session **session,
                    sessio_error **error) {
    const json_t *token = json_object_get(asked, "token");
    return sessio_manager_load(manager, json_string_value(token), json_string_length(token),
                               session, error);
}

/* What the session held before the operation. */
static int32_t look(sessio_session *session, json_t *answer, sessio_error **error) {
    bool is_new = false;
    sessio_value *values = NULL;
    int32_t status = sessio_session_is_new(session, &is_new, error);
    if (status == SESSIO_DONE) {
        status = sessio_session_values(session, &values, error);
    }
    if (status == SESSIO_DONE) {
        json_object_set_new(answer, "found", json_boolean(!is_new));
        json_object_set_new(answer, "before", tagged_of(values));
    }
    sessio_value_free(values);
    return status;
}

static int32_t pop(sessio_session *session, const char *key, json_t *answer,
                   sessio_error **error) {
    sessio_value *value = NULL;
    int32_t status = sessio_session_pop(session, key, &value, error);
    if (status == SESSIO_DONE) {
        json_object_set_new(answer, "popped", tagged_of(value));
    }
    sessio_value_free(value);
    return status;
}

static int32_t operate(sessio_session *session, const json_t *asked, json_t *answer,
                       sessio_error **error) {
    const char *what = json_string_value(json_object_get(asked, "do"));
    const char *key = json_string_value(json_object_get(asked, "key"));
    if (strcmp(what, "put") == 0) {
        return put_tagged(session, key, json_object_get(asked, "value"), error);
    }
    if (strcmp(what, "pop") == 0) {
        return pop(session, key, answer, error);
    }
    if (strcmp(what, "renew") == 0) {
        return sessio_session_renew(session, error);
    }
    if (strcmp(what, "destroy") == 0) {
        return sessio_session_destroy(session, error);
    }
    return sessio_session_set_deadline(session, ((int64_t)time(NULL) - 60) * 1000000, error);
}

static int32_t commit(sessio_manager *manager, sessio_session *session,
                      json_t *answer, sessio_error **error) {
    sessio_commit_result *result = NULL;
    int32_t status = sessio_manager_commit(manager, session, &result, error);
    const char *token = status == SESSIO_DONE ? sessio_commit_result_token(result, NULL) : NULL;
    json_object_set_new(answer, "token", token == NULL ? json_null() : json_string(token));
    sessio_commit_result_free(result);
    return status;
}

static json_t *answered(sessio_manager *manager, const json_t *asked) {
    sessio_error *error = NULL;
    sessio_session *session = NULL;
    json_t *answer = json_object();
    bool reads = strcmp(json_string_value(json_object_get(asked, "do")), "read") == 0;
    json_object_set(answer, "token", json_object_get(asked, "token"));
    int32_t status = load(manager, asked, &session, &error);
    if (status == SESSIO_DONE) {
        status = look(session, answer, &error);
    }
    if (status == SESSIO_DONE && !reads) {
        status = operate(session, asked, answer, &error);
    }
    if (status == SESSIO_DONE && !reads) {
        status = commit(manager, session, answer, &error);
    }
    if (status != SESSIO_DONE) {
        json_decref(answer);
        answer = json_object();
        json_object_set_new(answer, "error",
                            json_sprintf("%s: %s", sessio_status_name(status),
                                         sessio_error_message(error)));
    }
    sessio_error_free(error);
    sessio_session_free(session);
    return answer;
}

int main(int count, char **arguments) {
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_manager *manager = NULL;
    char *line = NULL;
    size_t size = 0;
    if (count != 3) {
        fprintf(stderr, "usage: peer URL SETTINGS\n");
        return 2;
    }
    if (open_manager(arguments, &store, &manager, &error) != SESSIO_DONE) {
        fprintf(stderr, "%s\n", sessio_error_message(error));
        return 1;
    }
    while (getline(&line, &size, stdin) > 0) {
        json_t *asked = json_loads(line, JSON_ALLOW_NUL, NULL);
        json_t *answer = answered(manager, asked);
        json_dumpf(answer, stdout, JSON_COMPACT);
        puts("");
        fflush(stdout);
        json_decref(answer);
        json_decref(asked);
    }
    free(line);
    sessio_manager_free(manager);
    sessio_store_free(store);
    return 0;
}
