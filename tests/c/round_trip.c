/* One session that another language writes, and this one reads; or the other way round.
 *
 * usage: round_trip write URL            prints => TOKEN
 *        round_trip read URL TOKEN WRITER
 */
#include "tagged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From where ./dev runs it. */
#define DOCUMENTS "tests/documents.json"

static _Noreturn void fail(const char *what, const sessio_error *error) {
    fprintf(stderr, "%s: %s\n", what, sessio_error_message(error));
    exit(1);
}

static json_t *value_of(const json_t *document) {
    json_t *root = json_loads(json_string_value(json_object_get(document, "json")), JSON_ALLOW_NUL,
                              NULL);
    json_t *value = json_incref(json_object_get(json_object_get(root, "values"), "v"));
    json_decref(root);
    return value;
}

/* A Date of JavaScript has no more than milliseconds. */
static json_t *in_milliseconds(const json_t *value) {
    if (json_is_object(value) && json_object_size(value) == 1) {
        const json_t *time = json_object_get(value, "$time");
        if (json_is_string(time)) {
            char text[TIME_SIZE];
            int64_t at_us = time_from(json_string_value(time));
            time_text(at_us - (at_us % 1000 + 1000) % 1000, text);
            return json_pack("{s:s}", "$time", text);
        }
    }
    json_t *copy = json_copy((json_t *)value), *part;
    if (json_is_array(copy)) {
        size_t index;
        json_array_foreach(copy, index, part) {
            json_array_set_new(copy, index, in_milliseconds(part));
        }
        return copy;
    }
    bool is_hidden = json_object_size(copy) == 1 && json_object_get(copy, "$map") != NULL;
    json_t *map = is_hidden ? json_copy(json_object_get(copy, "$map")) : copy;
    const char *key;
    void *next;
    json_object_foreach_safe(map, next, key, part) {
        json_object_set_new(map, key, in_milliseconds(part));
    }
    if (is_hidden) {
        json_object_set_new(copy, "$map", map);
    }
    return copy;
}

static void write_all(sessio_manager *manager, const json_t *documents) {
    sessio_error *error = NULL;
    sessio_session *session = NULL;
    sessio_commit_result *result = NULL;
    size_t index;
    const json_t *document;
    if (sessio_manager_load(manager, NULL, 0, &session, &error) != SESSIO_DONE) {
        fail("load", error);
    }
    json_array_foreach(documents, index, document) {
        const char *name = json_string_value(json_object_get(document, "name"));
        json_t *value = value_of(document);
        if (put_tagged(session, name, value, &error) != SESSIO_DONE) {
            fail(name, error);
        }
        json_decref(value);
    }
    if (sessio_manager_commit(manager, session, &result, &error) != SESSIO_DONE) {
        fail("commit", error);
    }
    printf("=> %s\n", sessio_commit_result_token(result, NULL));
    sessio_commit_result_free(result);
    sessio_session_free(session);
}

/* Whether it is what a document says. */
static bool is_as_written(sessio_session *session, const json_t *document,
                          const char *writer) {
    sessio_error *error = NULL;
    sessio_value *found = NULL;
    const char *name = json_string_value(json_object_get(document, "name"));
    int32_t status = sessio_session_get(session, name, &found, &error);
    if (status < 0) {
        fail(name, error);
    }
    bool same = false;
    if (status == SESSIO_DONE) {
        json_t *expected = value_of(document), *tagged = tagged_of(found);
        if (strcmp(writer, "node") == 0) {
            json_t *exact = expected, *exact_too = tagged;
            expected = in_milliseconds(exact);
            tagged = in_milliseconds(exact_too);
            json_decref(exact);
            json_decref(exact_too);
        }
        same = same_tagged(expected, tagged);
        json_decref(expected);
        json_decref(tagged);
    }
    sessio_value_free(found);
    if (!same) {
        fprintf(stderr, "%s is not what %s wrote\n", name, writer);
    }
    return same;
}

static bool read_all(sessio_manager *manager, const json_t *documents, const char *token,
                     const char *writer) {
    sessio_error *error = NULL;
    sessio_session *session = NULL;
    sessio_value *keys = NULL;
    if (sessio_manager_load(manager, token, strlen(token), &session, &error) != SESSIO_DONE ||
        sessio_session_keys(session, &keys, &error) != SESSIO_DONE) {
        fail("load", error);
    }
    size_t index, count = sessio_value_count(keys);
    const json_t *document;
    bool same = count == json_array_size(documents);
    if (!same) {
        fprintf(stderr, "there are %zu values\n", count);
    }
    json_array_foreach(documents, index, document) {
        same = is_as_written(session, document, writer) && same;
    }
    sessio_value_free(keys);
    sessio_session_free(session);
    if (same) {
        printf("%zu values\n", count);
    }
    return same;
}

int main(int count, char **arguments) {
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_manager *manager = NULL;
    bool writes = count == 3 && strcmp(arguments[1], "write") == 0;
    if (!writes && (count != 5 || strcmp(arguments[1], "read") != 0)) {
        fprintf(stderr, "usage: round_trip write URL | read URL TOKEN WRITER\n");
        return 2;
    }
    json_t *documents = json_load_file(DOCUMENTS, 0, NULL);
    if (json_array_size(documents) == 0 ||
        sessio_store_open(arguments[2], NULL, &store, &error) != SESSIO_DONE ||
        sessio_manager_open(store, NULL, &manager, &error) != SESSIO_DONE) {
        fail("open", error);
    }
    bool good = true;
    if (writes) {
        write_all(manager, documents);
    } else {
        good = read_all(manager, documents, arguments[3], arguments[4]);
    }
    sessio_manager_free(manager);
    sessio_store_free(store);
    json_decref(documents);
    return good ? 0 : 1;
}
