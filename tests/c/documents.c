/* Every document of a file is stored with exactly its bytes, and read with its types.
 *
 * usage: documents FILE
 */
#include "tagged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2024-01-01T00:00:00Z, from which the documents' deadline is a day away. */
#define START_US INT64_C(1704067200000000)
#define DEADLINE_US (START_US + INT64_C(86400) * 1000000)

static const char *name = "the file";

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s: %s\n", name, what);
        exit(1);
    }
}

static sessio_session *load(sessio_manager *manager, const char *token) {
    sessio_session *session = NULL;
    size_t len = token == NULL ? 0 : strlen(token);
    must(sessio_manager_load(manager, token, len, &session, NULL) == SESSIO_DONE, "load");
    return session;
}

static void is_stored(const sessio_store *store, sessio_manager *manager,
                      const json_t *value, const char *bytes, size_t len) {
    sessio_session *session = load(manager, NULL);
    sessio_commit_result *result = NULL;
    sessio_record *record = NULL;
    must(put_tagged(session, "v", value, NULL) == SESSIO_DONE, "it cannot be put");
    must(sessio_manager_commit(manager, session, &result, NULL) == SESSIO_DONE, "no commit");
    size_t token_len, stored_len;
    const char *token = sessio_commit_result_token(result, &token_len);
    must(sessio_store_find(store, token, token_len, &record, NULL) == SESSIO_DONE, "not there");
    const void *stored = sessio_record_data(record, &stored_len);
    must(stored_len == len && memcmp(stored, bytes, len) == 0, "other bytes are stored");
    must(sessio_record_expires_at_us(record) == DEADLINE_US, "it ends at another time");
    sessio_record_free(record);
    sessio_commit_result_free(result);
    sessio_session_free(session);
}

static void is_read(sessio_store *store, sessio_manager *manager, const json_t *value,
                    const char *kind, const char *bytes, size_t len) {
    static const char *const kinds[] = {"null",  "bool", "integer", "float", "text",
                                        "bytes", "time", "list",    "map"};
    must(sessio_store_save(store, "t", 1, bytes, len, DEADLINE_US, NULL) == SESSIO_DONE, "save");
    sessio_session *session = load(manager, "t");
    sessio_value *found = NULL;
    must(sessio_session_get(session, "v", &found, NULL) == SESSIO_DONE, "it cannot be read");
    must(strcmp(kinds[sessio_value_kind(found)], kind) == 0, "it is of another kind");
    json_t *tagged = tagged_of(found);
    must(same_tagged(tagged, value), "it is another value");
    typed_getters_agree(session, "v", found);
    json_decref(tagged);
    sessio_value_free(found);
    sessio_session_free(session);
}

static void round_with(const char *codec, const json_t *value, const char *kind,
                       const char *bytes, size_t len) {
    sessio_clock *clock = sessio_clock_new(START_US);
    sessio_options options = SESSIO_OPTIONS_INIT;
    options.clock = clock;
    options.cleanup_interval_ms = SESSIO_OFF;
    sessio_manager_options settings = SESSIO_MANAGER_OPTIONS_INIT;
    settings.settings = codec;
    sessio_store *store = NULL;
    sessio_manager *manager = NULL;
    must(sessio_store_open("memory:", &options, &store, NULL) == SESSIO_DONE, "no store");
    must(sessio_manager_open(store, &settings, &manager, NULL) == SESSIO_DONE, "no manager");
    is_stored(store, manager, value, bytes, len);
    is_read(store, manager, value, kind, bytes, len);
    sessio_manager_free(manager);
    sessio_store_free(store);
    sessio_clock_free(clock);
}

static void check_document(const json_t *document) {
    const char *kind = NULL, *text = NULL, *hex = NULL;
    must(json_unpack((json_t *)document, "{s:s, s:s, s:s, s:s !}", "name", &name, "kind", &kind,
                     "json", &text, "msgpack", &hex) == 0, "it is no document");
    json_t *root = json_loads(text, JSON_ALLOW_NUL, NULL);
    const json_t *value = json_object_get(json_object_get(root, "values"), "v");
    must(value != NULL, "it has no value v");
    size_t len = strlen(hex) / 2;
    char *bytes = calloc(1, len + 1);
    for (size_t index = 0; index < len; index++) {
        unsigned byte = 0;
        must(sscanf(hex + 2 * index, "%2x", &byte) == 1, "its msgpack is no hex");
        bytes[index] = (char)byte;
    }
    round_with("codec=json", value, kind, text, strlen(text));
    round_with("codec=msgpack", value, kind, bytes, len);
    free(bytes);
    json_decref(root);
}

int main(int count, char **arguments) {
    json_t *list = count == 2 ? json_load_file(arguments[1], 0, NULL) : NULL;
    must(json_array_size(list) > 0, "usage: documents FILE");
    size_t index;
    const json_t *document;
    json_array_foreach(list, index, document) {
        check_document(document);
    }
    printf("documents: %zu, stored and read with both codecs\n", json_array_size(list));
    json_decref(list);
    return 0;
}
