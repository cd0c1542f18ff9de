/* Values of sessions: of the wrong kind, of every size, and asked for wrongly. */
#include "misuse.h"

#include <stdlib.h>
#include <string.h>

#define BAD SESSIO_INVALID_ARGUMENT

/* Everything that puts something, with this session and this key. */
#define ALL_PUTS(status, session, key)                                                             \
    do {                                                                                           \
        GIVES(status, sessio_session_put_null(session, key, &error));                              \
        GIVES(status, sessio_session_put_bool(session, key, true, &error));                        \
        GIVES(status, sessio_session_put_int(session, key, 1, &error));                            \
        GIVES(status, sessio_session_put_uint(session, key, 1, &error));                           \
        GIVES(status, sessio_session_put_double(session, key, 1, &error));                         \
        GIVES(status, sessio_session_put_text(session, key, "x", 1, &error));                      \
        GIVES(status, sessio_session_put_bytes(session, key, "x", 1, &error));                     \
        GIVES(status, sessio_session_put_time_us(session, key, 1, &error));                        \
        GIVES(status, sessio_session_put_json(session, key, "1", &error));                         \
        GIVES(status, sessio_session_flash_text(session, key, "x", 1, &error));                    \
        GIVES(status, sessio_session_flash_json(session, key, "1", &error));                       \
        GIVES(status, sessio_session_remove(session, key, &error));                                \
        GIVES(status, sessio_session_append_null(session, key, &error));                           \
        GIVES(status, sessio_session_append_bool(session, key, true, &error));                     \
        GIVES(status, sessio_session_append_int(session, key, 1, &error));                         \
        GIVES(status, sessio_session_append_uint(session, key, 1, &error));                        \
        GIVES(status, sessio_session_append_double(session, key, 1, &error));                      \
        GIVES(status, sessio_session_append_text(session, key, "x", 1, &error));                   \
        GIVES(status, sessio_session_append_bytes(session, key, "x", 1, &error));                  \
        GIVES(status, sessio_session_append_time_us(session, key, 1, &error));                     \
        GIVES(status, sessio_session_append_json(session, key, "1", &error));                      \
        GIVES(status, sessio_session_remove(session, key, &error));                                \
        GIVES(status, sessio_session_increment(session, key, -1, &error));                         \
        GIVES(status, sessio_session_remove(session, key, &error));                                \
    } while (0)

/* Everything that reads one value; each leaves nothing behind. */
#define ALL_GETS(status, session, key)                                                             \
    do {                                                                                           \
        memset(&value, 0x5a, sizeof value);                                                        \
        number = 7, large = 7, real = 7, yes = true;                                               \
        GIVES(status, sessio_session_get(session, key, &value, &error));                           \
        CHECK(value == NULL);                                                                      \
        GIVES(status, sessio_session_pop(session, key, &value, &error));                           \
        GIVES(status, sessio_session_take(session, key, &value, &error));                          \
        GIVES(status, sessio_session_get_bool(session, key, &yes, &error));                        \
        GIVES(status, sessio_session_get_int(session, key, &number, &error));                      \
        CHECK(number == 0 && !yes);                                                                \
        GIVES(status, sessio_session_get_time_us(session, key, &number, &error));                  \
        GIVES(status, sessio_session_get_uint(session, key, &large, &error));                      \
        GIVES(status, sessio_session_get_double(session, key, &real, &error));                     \
        CHECK(large == 0 && real == 0);                                                            \
        GIVES(status, sessio_session_contains(session, key, &error));                              \
    } while (0)

static sessio_value *value;
static int64_t number;
static uint64_t large;
static double real;
static bool yes;

static sessio_session *new_session(sessio_manager *manager) {
    sessio_session *session = NULL;
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &session, &error));
    return session;
}

static void bad_keys(sessio_manager *manager) {
    sessio_session *session = new_session(manager);
    ALL_PUTS(BAD, NULL, "k");
    ALL_PUTS(BAD, session, NULL);
    ALL_PUTS(BAD, session, "\xff");
    ALL_GETS(BAD, NULL, "k");
    ALL_GETS(BAD, session, NULL);
    ALL_GETS(BAD, session, "\xff");
    ALL_GETS(SESSIO_NOT_FOUND, session, "nothing");
    ALL_GETS(SESSIO_NOT_FOUND, session, "");
    CHECK(sessio_session_status(session) == SESSIO_SESSION_UNMODIFIED);
    ALL_PUTS(SESSIO_DONE, session, "");
    char *huge = calloc((size_t)1 << 20, 1);
    memset(huge, 'k', ((size_t)1 << 20) - 1);
    ALL_PUTS(SESSIO_DONE, session, huge);
    ALL_GETS(SESSIO_NOT_FOUND, session, huge);
    free(huge);
    sessio_session_free(session);
}

static void bad_values(sessio_manager *manager) {
    sessio_session *session = new_session(manager);
    static const char *const no_json[] = {
        "", "{", "nul", "1 2", "\xff", "\"\xff\"", "{\"$bytes\": \"!\"}", "{\"$int\": \"x\"}",
        "{\"$time\": \"yesterday\"}", "{\"$float\": \"hunter2\"}", "{\"$other\": 1}", "[1,]",
        "{\"$int\": \"18446744073709551616\"}", "{\"$time\": \"0000-01-01T00:00:00Z\"}",
    };
    for (size_t index = 0; index < sizeof no_json / sizeof *no_json; index++) {
        GIVES(BAD, sessio_session_put_json(session, "k", no_json[index], &error));
        GIVES(BAD, sessio_session_flash_json(session, "k", no_json[index], &error));
        GIVES(BAD, sessio_session_put_values(session, no_json[index], &error));
    }
    GIVES(BAD, sessio_session_put_json(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_put_values(session, NULL, &error));
    GIVES(BAD, sessio_session_put_values(session, "[1]", &error));
    GIVES(BAD, sessio_session_put_values(session, "7", &error));
    GIVES(BAD, sessio_session_put_values(session, "{\"$bytes\": \"AA==\"}", &error));
    char deep[201] = "";
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    GIVES(BAD, sessio_session_put_json(session, "k", deep, &error));
    GIVES(BAD, sessio_session_put_text(session, "k", "\xff", 1, &error));
    GIVES(BAD, sessio_session_put_text(session, "k", NULL, 1, &error));
    GIVES(BAD, sessio_session_put_text(session, "k", "x", SIZE_MAX, &error));
    GIVES(BAD, sessio_session_flash_text(session, "k", "\xff", 1, &error));
    GIVES(BAD, sessio_session_append_json(session, "k", deep, &error));
    GIVES(BAD, sessio_session_append_text(session, "k", "\xff", 1, &error));
    GIVES(BAD, sessio_session_append_bytes(session, "k", NULL, 1, &error));
    GIVES(BAD, sessio_session_append_time_us(session, "k", INT64_MAX, &error));
    GIVES(BAD, sessio_session_put_bytes(session, "k", NULL, 1, &error));
    GIVES(BAD, sessio_session_put_bytes(session, "k", "x", SIZE_MAX, &error));
    GIVES(BAD, sessio_session_put_time_us(session, "k", INT64_MAX, &error));
    GIVES(BAD, sessio_session_put_time_us(session, "k", INT64_MIN, &error));
    CHECK(sessio_session_status(session) == SESSIO_SESSION_UNMODIFIED);
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "k", NULL, 0, &error));
    GIVES(SESSIO_DONE, sessio_session_put_bytes(session, "k", NULL, 0, &error));
    sessio_session_free(session);
}

/* A value of each kind, under the kind's number. */
static void of_another_kind(sessio_manager *manager) {
    sessio_session *session = new_session(manager);
    static const char *const kinds[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8"};
    GIVES(SESSIO_DONE, sessio_session_put_null(session, "0", &error));
    GIVES(SESSIO_DONE, sessio_session_put_bool(session, "1", true, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(session, "2", -1, &error));
    GIVES(SESSIO_DONE, sessio_session_put_double(session, "3", 1, &error));
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "4", SECRET, 7, &error));
    GIVES(SESSIO_DONE, sessio_session_put_bytes(session, "5", SECRET, 7, &error));
    GIVES(SESSIO_DONE, sessio_session_put_time_us(session, "6", -1, &error));
    GIVES(SESSIO_DONE, sessio_session_put_json(session, "7", "[\"" SECRET "\"]", &error));
    GIVES(SESSIO_DONE, sessio_session_put_values(session, "{\"8\": {\"a\": 1, \"b\": 2}}", &error));
    for (int32_t kind = 0; kind <= SESSIO_KIND_MAP; kind++) {
        const char *key = kinds[kind];
        int32_t when_bool = kind == SESSIO_KIND_BOOL ? SESSIO_DONE : BAD;
        int32_t when_int = kind == SESSIO_KIND_INTEGER ? SESSIO_DONE : BAD;
        int32_t when_time = kind == SESSIO_KIND_TIME ? SESSIO_DONE : BAD;
        int32_t when_real = kind == SESSIO_KIND_FLOAT ? SESSIO_DONE : when_int;
        number = 7, real = 7, yes = true;
        GIVES(when_bool, sessio_session_get_bool(session, key, &yes, &error));
        GIVES(when_int, sessio_session_get_int(session, key, &number, &error));
        GIVES(BAD, sessio_session_get_uint(session, key, &large, &error));
        GIVES(when_real, sessio_session_get_double(session, key, &real, &error));
        CHECK(yes == (when_bool == SESSIO_DONE) && large == 0);
        CHECK(number == (when_int == SESSIO_DONE ? -1 : 0) && (when_real != BAD) == (real != 0));
        GIVES(when_time, sessio_session_get_time_us(session, key, &number, &error));
        GIVES(SESSIO_DONE, sessio_session_get(session, key, &value, &error));
        CHECK(sessio_value_kind(value) == kind);
        GIVES(when_bool, sessio_value_bool(value, &yes, &error));
        GIVES(when_int, sessio_value_int(value, &number, &error));
        GIVES(BAD, sessio_value_uint(value, &large, &error));
        GIVES(when_real, sessio_value_double(value, &real, &error));
        GIVES(when_time, sessio_value_time_us(value, &number, &error));
        size_t len = 7;
        CHECK((sessio_value_text(value, &len) != NULL) == (kind == SESSIO_KIND_TEXT));
        CHECK(len == (kind == SESSIO_KIND_TEXT ? 7 : 0));
        CHECK((sessio_value_bytes(value, &len) != NULL) == (kind == SESSIO_KIND_BYTES));
        CHECK(sessio_value_count(value) == (kind < SESSIO_KIND_LIST ? 0 : (size_t)kind - 6));
        CHECK((sessio_value_at(value, 0) != NULL) == (kind >= SESSIO_KIND_LIST));
        CHECK((sessio_value_key(value, 0, NULL) != NULL) == (kind == SESSIO_KIND_MAP));
        CHECK((sessio_value_find(value, "b", 1) != NULL) == (kind == SESSIO_KIND_MAP));
        CHECK(sessio_value_at(value, 2) == NULL && sessio_value_at(value, SIZE_MAX) == NULL);
        CHECK(sessio_value_key(value, 2, &len) == NULL && len == 0);
        CHECK(sessio_value_find(value, "c", 1) == NULL && sessio_value_json(value) != NULL);
        CHECK(sessio_value_find(value, NULL, 1) == NULL && sessio_value_find(value, "", 0) == NULL);
        sessio_value_free(value);
    }
    GIVES(SESSIO_DONE, sessio_session_put_uint(session, "2", UINT64_MAX, &error));
    GIVES(SESSIO_DONE, sessio_session_get_uint(session, "2", &large, &error));
    CHECK(large == UINT64_MAX);
    GIVES(BAD, sessio_session_get_int(session, "2", &number, &error));
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "4", "a\0b", 3, &error));
    GIVES(SESSIO_DONE, sessio_session_get(session, "4", &value, &error));
    size_t len = 0;
    CHECK(memcmp(sessio_value_text(value, &len), "a\0b", 4) == 0 && len == 3);
    sessio_value_free(value);
    sessio_session_free(session);
}

static void no_value(void) {
    size_t len = 7;
    GIVES(BAD, sessio_value_bool(NULL, &yes, &error));
    GIVES(BAD, sessio_value_int(NULL, &number, &error));
    GIVES(BAD, sessio_value_uint(NULL, &large, &error));
    GIVES(BAD, sessio_value_double(NULL, &real, &error));
    GIVES(BAD, sessio_value_time_us(NULL, &number, &error));
    GIVES(BAD, sessio_value_int(NULL, NULL, &error));
    CHECK(sessio_value_kind(NULL) == SESSIO_KIND_NULL && sessio_value_json(NULL) == NULL);
    CHECK(sessio_value_text(NULL, &len) == NULL && len == 0);
    CHECK(sessio_value_bytes(NULL, NULL) == NULL && sessio_value_count(NULL) == 0);
    CHECK(sessio_value_at(NULL, 0) == NULL && sessio_value_key(NULL, 0, NULL) == NULL);
    CHECK(sessio_value_find(NULL, "k", 1) == NULL);
    sessio_value_free(NULL);
}

static void too_large(sessio_manager *manager) {
    sessio_session *session = new_session(manager);
    sessio_commit_result *result = NULL;
    size_t size = (size_t)2 << 20;
    char *huge = malloc(size);
    memset(huge, 'x', size);
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "k", huge, size, &error));
    GIVES(SESSIO_TOO_LARGE, sessio_manager_commit(manager, session, &result, &error));
    CHECK(result == NULL && sessio_session_status(session) == SESSIO_SESSION_MODIFIED);
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "k", huge, 9, &error));
    GIVES(SESSIO_DONE, sessio_manager_commit(manager, session, &result, &error));
    CHECK(sessio_commit_result_outcome(result) == SESSIO_COMMIT_SAVED);
    GIVES(SESSIO_DONE, sessio_session_destroy(session, &error));
    GIVES(SESSIO_DONE, sessio_session_destroy(session, &error));
    sessio_commit_result_free(result);
    sessio_session_free(session);
    free(huge);
}

void misuse_of_values(sessio_manager *manager) {
    bad_keys(manager);
    bad_values(manager);
    of_another_kind(manager);
    no_value();
    too_large(manager);
}
