/* One step: its arguments, the call, and what it must give. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a step that were not used yet. */
static json_t *unread;

const json_t *field(json_t *step, const char *name) {
    json_object_del(unread, name);
    return json_object_get(step, name);
}

/* {NULL, 0} where the step does not say, which is what the functions take for "none". */
bytes optional(json_t *step, const char *name) {
    const json_t *value = field(step, name);
    return value == NULL ? (bytes){NULL, 0} : bytes_of(value);
}

static bool content_of(json_t *step, const sessio_clock *clock, sessio_content *content) {
    const json_t *data = field(step, "data"), *expires = field(step, "expires");
    if (data == NULL || expires == NULL) {
        return false;
    }
    bytes value = bytes_of(data), subject = optional(step, "subject");
    sessio_content given = SESSIO_CONTENT_INIT;
    given.data = value.bytes;
    given.data_len = value.len;
    given.expires_at_us = expiry_of(expires, clock);
    given.subject = subject.bytes;
    given.subject_len = subject.len;
    *content = given;
    return true;
}

static void tokens_of(const json_t *list, call *what) {
    what->count = json_array_size(list);
    what->tokens = remember(what->count * sizeof *what->tokens);
    for (size_t index = 0; index < what->count; index++) {
        bytes token = bytes_of(json_array_get(list, index));
        what->tokens[index] = (sessio_text){token.bytes, token.len};
    }
}

static void rows_of(const json_t *list, const sessio_clock *clock, call *what) {
    what->count = json_array_size(list);
    what->rows = remember(what->count * sizeof *what->rows);
    for (size_t index = 0; index < what->count; index++) {
        json_t *row = json_array_get(list, index), *outer = unread;
        unread = json_copy(row);
        sessio_content content;
        bytes token = optional(row, "token");
        if (!content_of(row, clock, &content) || json_object_size(unread) != 0) {
            broken("a row is not a token with data, expires and perhaps a subject");
        }
        json_decref(unread);
        unread = outer;
        what->rows[index] = (sessio_row){
            sizeof(sessio_row), token.bytes,           token.len,       content.data,
            content.data_len,   content.expires_at_us, content.subject, content.subject_len,
        };
    }
}

static call call_of(json_t *step, const char *verb, const sessio_clock *clock) {
    call what = {.verb = verb};
    const json_t *key = field(step, "key"), *expires = json_object_get(step, "expires");
    what.by_key = key != NULL;
    what.target = what.by_key ? bytes_of(key) : optional(step, "token");
    what.expected = optional(step, "expected");
    what.to = optional(step, "to");
    what.after = optional(step, "after");
    what.keep = optional(step, "keep");
    what.from = json_string_value(field(step, "from"));
    what.limit = (size_t)json_integer_value(field(step, "limit"));
    what.has_content = content_of(step, clock, &what.content);
    what.subject = optional(step, "subject");
    if (expires != NULL) {
        what.expires_at_us = expiry_of(expires, clock);
    }
    const json_t *tokens = field(step, "tokens"), *rows = field(step, "rows");
    if (tokens != NULL) {
        tokens_of(tokens, &what);
    }
    if (rows != NULL) {
        rows_of(rows, clock, &what);
    }
    return what;
}

/* The steps that are the same however the verbs are called. */
static bool plain_call(sessio_store *store, sessio_clock *clock, json_t *step, const char *verb,
                       sessio_completion *done) {
    if (strcmp(verb, "advance") == 0) {
        int64_t ms = json_integer_value(field(step, "ms"));
        done->status = sessio_clock_advance(clock, ms * 1000, &done->error);
    } else if (strcmp(verb, "close") == 0) {
        done->status = sessio_store_close(store, &done->error);
    } else if (strcmp(verb, "stop_cleanup") == 0) {
        done->status = sessio_store_stop_cleanup(store, &done->error);
    } else if (strcmp(verb, "stats") == 0) {
        const char *counter = json_string_value(field(step, "counter"));
        done->status = sessio_store_stats(store, counter, &done->count, &done->error);
    } else if (strcmp(verb, "generate_token") == 0) {
        char token[SESSIO_TOKEN_SIZE];
        done->status = sessio_generate_token(token, sizeof token, &done->error);
        done->count = strlen(token);
    } else {
        return false;
    }
    return true;
}

static bool fails_as(const char *kind, const sessio_completion *done) {
    if (done->status < 0 && strcmp(sessio_status_name(done->status), kind) == 0 &&
        sessio_error_code(done->error) == done->status) {
        return true;
    }
    fprintf(stderr, "should fail with %s, and was %s\n", kind, sessio_status_name(done->status));
    return false;
}

/* Some of what a commit gives is compared only where the file says it. */
static void as_far_as_asked(json_t *given, const json_t *wanted) {
    static const char *const fields[] = {"read", "headers", "attributes"};
    for (size_t index = 0; json_object_get(given, "outcome") != NULL && index < 3; index++) {
        if (json_object_get(wanted, fields[index]) == NULL) {
            json_object_del(given, fields[index]);
        }
    }
}

/* The answer is taken, and freed; where it is NULL the completion has it. */
static bool gives(const char *verb, const json_t *wanted, const sessio_completion *done,
                  json_t *answer) {
    if (done->status < 0) {
        fprintf(stderr, "failed with %s: %s\n", sessio_status_name(done->status),
                sessio_error_message(done->error));
        return false;
    }
    json_t *given = answer != NULL ? answer : answer_of(verb, done);
    json_t *normal = normal_form(answer != NULL ? "" : verb, wanted);
    as_far_as_asked(given, normal);
    bool equal = json_equal(given, normal) != 0;
    if (!equal) {
        char *text = json_dumps(given, JSON_ENCODE_ANY);
        fprintf(stderr, "gave (bytes as hex) %.500s\n", text);
        free(text);
    }
    json_decref(given);
    json_decref(normal);
    return equal;
}

bool run_step(const world *here, json_t *as_written) {
    json_t *step = json_deep_copy(as_written), *outer = unread;
    fill_in_tokens(step);
    unread = json_copy(step);
    const char *verb = json_string_value(field(step, "do"));
    const json_t *wanted = field(step, "gives"), *fails = field(step, "fails");
    if (verb == NULL || (wanted != NULL && fails != NULL)) {
        broken("a step has no do, or both gives and fails");
    }
    sessio_completion done;
    memset(&done, 0, sizeof done);
    json_t *answer = NULL;
    if (!plain_call(here->store, here->clock, step, verb, &done) &&
        !session_step(here, step, verb, &done, &answer)) {
        call what = call_of(step, verb, here->clock);
        if (!here->drive(here->store, &what, &done)) {
            broken("there is no step %s", verb);
        }
    }
    const char *left = json_object_iter_key(json_object_iter(unread));
    if (left != NULL) {
        broken("the step %s has a field %s that is not known", verb, left);
    }
    json_decref(unread);
    unread = outer;
    bool as_it_should = fails != NULL ? fails_as(json_string_value(fails), &done)
                                      : gives(verb, wanted, &done, answer);
    sessio_completion_clear(&done);
    json_decref(step);
    return as_it_should;
}
