/* The steps about what is in one session. */
#include "tagged.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/* One request: what is asked of it, and what comes of that. */
typedef struct {
    const world *here;
    sessio_session *session;
    json_t *step;
    sessio_completion *done;
    json_t **answer;
} request;

static bool is_one_of(const char *verb, const char *const *verbs) {
    while (*verbs != NULL && strcmp(*verbs, verb) != 0) {
        verbs++;
    }
    return *verbs != NULL;
}

/* What can wait goes the driver's way; false when it failed. */
static bool drive(const request *what, session_call call) {
    call.session = what->session;
    what->here->drive_session(&call, what->done);
    return what->done->status >= 0;
}

/* A key as C has it; NULL where it has a NUL, which only JSON can carry. */
static const char *key_of(bytes key) {
    return memchr(key.bytes, '\0', key.len) == NULL ? key.bytes : NULL;
}

static void put(const request *what, bytes key, const json_t *value) {
    sessio_error **error = &what->done->error;
    if (key_of(key) != NULL) {
        what->done->status = put_tagged(what->session, key.bytes, value, error);
        return;
    }
    json_t *name = json_stringn(key.bytes, key.len);
    char *quoted = json_dumps(name, JSON_ENCODE_ANY), *text = json_dumps(value, JSON_ENCODE_ANY);
    char *object = remember(strlen(quoted) + strlen(text) + sizeof "{:}");
    strcat(strcat(strcat(strcat(strcat(object, "{"), quoted), ":"), text), "}");
    what->done->status = sessio_session_put_values(what->session, object, error);
    free(text);
    free(quoted);
    json_decref(name);
}

static void flash(const request *what, const char *key, const json_t *value) {
    sessio_error **error = &what->done->error;
    if (json_is_string(value)) {
        what->done->status =
            sessio_session_flash_text(what->session, key, json_string_value(value),
                                      json_string_length(value), error);
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        what->done->status = sessio_session_flash_json(what->session, key, text, error);
        free(text);
        if (what->done->status == SESSIO_DONE) {
            sessio_value *built = built_of(value);
            what->done->status = sessio_session_flash_value(what->session, key, built, error);
            sessio_value_free(built);
        }
    }
}

/* Takes the value. */
static void answer_with(const request *what, sessio_value *value) {
    if (what->done->status == SESSIO_DONE) {
        *what->answer = tagged_of(value);
    } else if (what->done->status == SESSIO_NOT_FOUND && value == NULL) {
        what->done->status = SESSIO_DONE;
    }
    sessio_value_free(value);
}

static void get(const request *what, bytes key) {
    sessio_value *value = NULL;
    sessio_error **error = &what->done->error;
    if (key_of(key) != NULL) {
        what->done->status = sessio_session_get(what->session, key.bytes, &value, error);
        if (value != NULL) {
            typed_getters_agree(what->session, key.bytes, value);
        }
        answer_with(what, value);
        return;
    }
    what->done->status = sessio_session_values(what->session, &value, error);
    const sessio_value *found = sessio_value_find(value, key.bytes, key.len);
    *what->answer = found == NULL ? json_null() : tagged_of(found);
    sessio_value_free(value);
}

static void take(const request *what, const char *key) {
    if (drive(what, (session_call){.verb = TAKE, .key = key})) {
        sessio_value *value = what->done->value;
        what->done->value = NULL;
        answer_with(what, value);
    }
}

/* What is kept beside the values: put as a value that is built. */
static void extra(const request *what, const char *verb) {
    bytes name = optional(what->step, "name");
    const json_t *given = field(what->step, "value");
    sessio_error **error = &what->done->error;
    sessio_value *value = NULL;
    if (strcmp(verb, "extra") == 0) {
        if (drive(what, (session_call){.verb = LOOK})) {
            what->done->status = sessio_session_extra(what->session, name.bytes, &value, error);
            answer_with(what, value);
        }
    } else if (given == NULL) {
        what->done->status = sessio_session_remove_extra(what->session, name.bytes, error);
    } else {
        value = built_of(given);
        what->done->status = sessio_session_set_extra(what->session, name.bytes, value, error);
        sessio_value_free(value);
    }
}

static bool about_a_key(const request *what, const char *verb) {
    static const char *const known[] = {"put",      "flash",  "get",       "pop",    "remove",
                                        "contains", "append", "increment", "take",   "put_if_changed",
                                        NULL};
    if (!is_one_of(verb, known)) {
        return false;
    }
    bytes key = optional(what->step, "key");
    const json_t *given = field(what->step, "value");
    bool reads = verb[0] == 'g' || strcmp(verb, "put_if_changed") == 0 || strcmp(verb, "pop") == 0 || verb[0] == 'c';
    sessio_completion *done = what->done;
    if (reads && !drive(what, (session_call){.verb = LOOK})) {
        return true;
    }
    if (strcmp(verb, "put") == 0) {
        put(what, key, given);
    } else if (strcmp(verb, "get") == 0) {
        get(what, key);
    } else if (key_of(key) == NULL) {
        broken("%s of a key with a NUL is beyond C", verb);
    } else if (strcmp(verb, "flash") == 0) {
        flash(what, key.bytes, given);
    } else if (strcmp(verb, "put_if_changed") == 0) {
        bool changed = false;
        sessio_value *built = built_of(given);
        done->status =
            sessio_session_put_if_changed(what->session, key.bytes, built, &changed, &done->error);
        *what->answer = json_boolean(changed);
        sessio_value_free(built);
    } else if (strcmp(verb, "append") == 0) {
        done->status = append_tagged(what->session, key.bytes, given, &done->error);
    } else if (strcmp(verb, "increment") == 0) {
        int64_t by = json_integer_value(field(what->step, "by"));
        done->status = sessio_session_increment(what->session, key.bytes, by, &done->error);
    } else if (strcmp(verb, "take") == 0) {
        take(what, key.bytes);
    } else if (strcmp(verb, "remove") == 0) {
        done->status = sessio_session_remove(what->session, key.bytes, &done->error);
    } else if (strcmp(verb, "contains") == 0) {
        int32_t status = sessio_session_contains(what->session, key.bytes, &done->error);
        *what->answer = json_boolean(status == SESSIO_DONE);
        done->status = status == SESSIO_NOT_FOUND ? SESSIO_DONE : status;
    } else {
        sessio_value *value = NULL;
        done->status = sessio_session_pop(what->session, key.bytes, &value, &done->error);
        answer_with(what, value);
    }
    return true;
}

static void ensure_token(const request *what) {
    const char *name = json_string_value(field(what->step, "token_as"));
    sessio_value *token = NULL;
    int32_t status = sessio_session_ensure_token(what->session, &token, &what->done->error);
    *what->answer = json_boolean(token != NULL);
    if (name != NULL && token != NULL) {
        know_token(name, sessio_value_text(token, NULL));
    }
    what->done->status = status == SESSIO_NOT_FOUND ? SESSIO_DONE : status;
    sessio_value_free(token);
}

/* As a map and as JSON, which must be the same. */
static void snapshot(const request *what) {
    sessio_value *values = NULL, *json = NULL, *read = NULL;
    sessio_error **error = &what->done->error;
    what->done->status = sessio_session_values(what->session, &values, error);
    if (what->done->status == SESSIO_DONE) {
        what->done->status = sessio_session_snapshot_json(what->session, &json, error);
    }
    if (what->done->status == SESSIO_DONE) {
        what->done->status = sessio_value_from_json(sessio_value_text(json, NULL), &read, error);
    }
    if (what->done->status == SESSIO_DONE &&
        strcmp(sessio_value_json(values), sessio_value_json(read)) == 0) {
        *what->answer = tagged_of(values);
    }
    sessio_value_free(read);
    sessio_value_free(json);
    sessio_value_free(values);
}

/* What may have to ask the store, and is about no key: after a look. */
static bool reads(const request *what, const char *verb) {
    static const char *const known[] = {"keys",    "values", "flashes",    "deadline",
                                        "subject", "is_new", "expires_at", "ensure_token",
                                        "assign",  "snapshot", "remembered",
                                        "idle_timeout", NULL};
    if (!is_one_of(verb, known)) {
        return false;
    }
    sessio_completion *done = what->done;
    if (!drive(what, (session_call){.verb = LOOK})) {
        return true;
    }
    if (strcmp(verb, "deadline") == 0) {
        int64_t deadline = 0;
        done->status = sessio_session_deadline(what->session, &deadline, &done->error);
        *what->answer = expires_of(deadline);
    } else if (strcmp(verb, "expires_at") == 0) {
        int64_t at = 7;
        int32_t status = sessio_session_expires_at_us(what->session, &at, &done->error);
        *what->answer = status == SESSIO_DONE ? expires_of(at) : json_null();
        done->status = status == SESSIO_NOT_FOUND && at == 0 ? SESSIO_DONE : status;
    } else if (strcmp(verb, "remembered") == 0) {
        bool remembered = false;
        int32_t status = sessio_session_remembered(what->session, &remembered, &done->error);
        *what->answer = status == SESSIO_DONE ? json_boolean(remembered) : json_null();
        done->status = status == SESSIO_NOT_FOUND ? SESSIO_DONE : status;
    } else if (strcmp(verb, "idle_timeout") == 0) {
        int64_t time_us = 7;
        int32_t status = sessio_session_idle_timeout_us(what->session, &time_us, &done->error);
        *what->answer = status != SESSIO_DONE    ? json_null()
                        : time_us == SESSIO_OFF ? json_integer(0)
                                                 : json_integer(time_us / 1000);
        done->status = status == SESSIO_NOT_FOUND && time_us == 0 ? SESSIO_DONE : status;
    } else if (strcmp(verb, "ensure_token") == 0) {
        ensure_token(what);
    } else if (strcmp(verb, "assign") == 0) {
        sessio_value *values = built_of(field(what->step, "values"));
        done->status = sessio_session_assign(what->session, values, &done->error);
        sessio_value_free(values);
    } else if (strcmp(verb, "snapshot") == 0) {
        snapshot(what);
    } else if (strcmp(verb, "is_new") == 0) {
        bool is_new = false;
        done->status = sessio_session_is_new(what->session, &is_new, &done->error);
        *what->answer = json_boolean(is_new);
    } else {
        sessio_value *value = NULL;
        int32_t (*ask)(sessio_session *, sessio_value **, sessio_error **) =
            strcmp(verb, "keys") == 0     ? sessio_session_keys
            : strcmp(verb, "values") == 0 ? sessio_session_values
            : verb[0] == 'f'              ? sessio_session_flashes
                                          : sessio_session_subject;
        done->status = ask(what->session, &value, &done->error);
        answer_with(what, value);
    }
    return true;
}

/* What only notes, or says what is known. */
static bool notes(const request *what, const char *verb) {
    static const char *const statuses[] = {"unmodified", "modified", "destroyed"};
    sessio_completion *done = what->done;
    if (strcmp(verb, "touch_session") == 0) {
        done->status = sessio_session_touch(what->session, &done->error);
    } else if (strcmp(verb, "set_idle_timeout") == 0) {
        const json_t *ms = field(what->step, "ms");
        int64_t time_us = json_is_null(ms) ? 0 : json_integer_value(ms) * 1000;
        done->status = sessio_session_set_idle_timeout_us(
            what->session, json_is_integer(ms) && time_us == 0 ? SESSIO_OFF : time_us, &done->error);
    } else if (strcmp(verb, "store_empty") == 0) {
        done->status = sessio_session_store_empty(what->session, &done->error);
    } else if (strcmp(verb, "clear") == 0) {
        done->status = sessio_session_clear(what->session, &done->error);
    } else if (strcmp(verb, "set_deadline") == 0) {
        int64_t at = START_US + json_integer_value(field(what->step, "at")) * 1000;
        done->status = sessio_session_set_deadline(what->session, at, &done->error);
    } else if (strcmp(verb, "remember_me") == 0) {
        bool on = json_is_true(field(what->step, "on"));
        done->status = sessio_session_remember_me(what->session, on, &done->error);
    } else if (strcmp(verb, "set_subject") == 0) {
        const json_t *given = field(what->step, "subject");
        bytes subject = json_is_null(given) ? (bytes){NULL, 0} : bytes_of(given);
        done->status =
            sessio_session_set_subject(what->session, subject.bytes, subject.len, &done->error);
    } else if (strcmp(verb, "status") == 0) {
        *what->answer = json_string(statuses[sessio_session_status(what->session)]);
    } else if (strcmp(verb, "has_token") == 0) {
        sessio_value *token = NULL;
        int32_t status = sessio_session_token(what->session, &token, &done->error);
        *what->answer = json_boolean(status == SESSIO_DONE && token != NULL);
        sessio_value_free(token);
    } else {
        return false;
    }
    return true;
}

/* What is for the driver. */
static bool asks(const request *what, const char *verb) {
    if (strcmp(verb, "renew") == 0 || strcmp(verb, "regenerate") == 0) {
        drive(what, (session_call){.verb = strcmp(verb, "renew") == 0 ? RENEW : REGENERATE});
        bool renewed = what->done->status == SESSIO_DONE;
        *what->answer = json_boolean(renewed);
        what->done->status = what->done->status == SESSIO_GONE ? SESSIO_DONE : what->done->status;
    } else if (strcmp(verb, "destroy") == 0) {
        drive(what, (session_call){.verb = DESTROY});
    } else if (strcmp(verb, "merge_from") == 0) {
        drive(what, (session_call){.verb = MERGE_FROM, .token = optional(what->step, "token")});
    } else {
        return false;
    }
    return true;
}

bool session_value_step(const world *here, sessio_session *session, json_t *step,
                        const char *verb, sessio_completion *done, json_t **answer) {
    request what = {here, session, step, done, answer};
    if (strcmp(verb, "extra") == 0 || strcmp(verb, "set_extra") == 0) {
        extra(&what, verb);
    } else if (!about_a_key(&what, verb) && !reads(&what, verb) && !notes(&what, verb) &&
        !asks(&what, verb)) {
        broken("there is no step %s of a session", verb);
    }
    if (*answer == NULL && done->status == SESSIO_DONE) {
        *answer = json_null();
    }
    return true;
}
