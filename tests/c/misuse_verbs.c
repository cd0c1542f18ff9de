/* The verbs for one session with arguments that are wrong. */
#include "misuse.h"

#include <stdlib.h>
#include <string.h>

#define T "t", 1
#define NOTHING NULL, 0
#define LIE NULL, 1
#define ENDLESS "t", SIZE_MAX

/* Every verb for one session, with this store and this token. */
#define ALL(status, store, ...)                                                                    \
    do {                                                                                           \
        memset(&record, 0x5a, sizeof record);                                                      \
        GIVES(status, sessio_store_find(store, __VA_ARGS__, &record, &error));                     \
        CHECK(record == NULL);                                                                     \
        GIVES(status, sessio_store_exists(store, __VA_ARGS__, &error));                            \
        GIVES(status, sessio_store_save(store, __VA_ARGS__, "d", 1, 0, &error));                   \
        GIVES(status, sessio_store_save_content(store, __VA_ARGS__, &good, &error));               \
        GIVES(status, sessio_store_insert(store, __VA_ARGS__, &good, &error));                     \
        GIVES(status, sessio_store_update(store, __VA_ARGS__, &good, &error));                     \
        GIVES(status, sessio_store_replace(store, __VA_ARGS__, "d", 1, &good, &error));            \
        GIVES(status, sessio_store_touch(store, __VA_ARGS__, 0, &error));                          \
        GIVES(status, sessio_store_rename(store, __VA_ARGS__, "n", 1, NULL, &error));              \
        GIVES(status, sessio_store_delete(store, __VA_ARGS__, &error));                            \
        GIVES(status, sessio_store_find_by_key(store, __VA_ARGS__, &record, &error));              \
        GIVES(status, sessio_store_exists_by_key(store, __VA_ARGS__, &error));                     \
        GIVES(status, sessio_store_update_by_key(store, __VA_ARGS__, &good, &error));              \
        GIVES(status, sessio_store_replace_by_key(store, __VA_ARGS__, "d", 1, &good, &error));     \
        GIVES(status, sessio_store_touch_by_key(store, __VA_ARGS__, 0, &error));                   \
        GIVES(status, sessio_store_rename_by_key(store, __VA_ARGS__, "n", 1, NULL, &error));       \
        GIVES(status, sessio_store_delete_by_key(store, __VA_ARGS__, &error));                     \
    } while (0)

/* Every verb that stores something, with this content. */
#define ALL_CONTENT(status, content)                                                               \
    do {                                                                                           \
        GIVES(status, sessio_store_save_content(store, T, content, &error));                       \
        GIVES(status, sessio_store_insert(store, T, content, &error));                             \
        GIVES(status, sessio_store_update(store, T, content, &error));                             \
        GIVES(status, sessio_store_replace(store, T, "d", 1, content, &error));                    \
        GIVES(status, sessio_store_rename(store, T, "n", 1, content, &error));                     \
        GIVES(status, sessio_store_update_by_key(store, T, content, &error));                      \
        GIVES(status, sessio_store_replace_by_key(store, T, "d", 1, content, &error));             \
        GIVES(status, sessio_store_rename_by_key(store, T, "n", 1, content, &error));              \
    } while (0)

static sessio_record *record;

static void bad_content(sessio_store *store) {
    sessio_content bad = SESSIO_CONTENT_INIT;
    bad.struct_size = 0;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    bad.struct_size = sizeof bad - 1;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    bad.struct_size = sizeof bad;
    bad.data_len = 1;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    bad.data = "d";
    bad.data_len = SIZE_MAX;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    bad.data_len = 1;
    bad.subject_len = 3;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    bad.subject = "\xff\xfe\xfd";
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    char subject[256];
    memset(subject, 'x', sizeof subject);
    bad.subject = subject;
    bad.subject_len = sizeof subject;
    ALL_CONTENT(SESSIO_INVALID_ARGUMENT, &bad);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_content(store, T, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_insert(store, T, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_update(store, T, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_replace(store, T, "d", 1, NULL, &error));
}

static void empty_things(sessio_store *store, const sessio_content *good) {
    GIVES(SESSIO_NOT_FOUND, sessio_store_find(store, NOTHING, &record, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_find(store, "", 0, &record, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_exists(store, NOTHING, &error));
    GIVES(SESSIO_GONE, sessio_store_update(store, NOTHING, good, &error));
    GIVES(SESSIO_GONE, sessio_store_touch(store, NOTHING, 0, &error));
    GIVES(SESSIO_GONE, sessio_store_rename(store, NOTHING, "n", 1, NULL, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_delete(store, NOTHING, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save(store, NOTHING, "d", 1, 0, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_insert(store, NOTHING, good, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_rename(store, T, NOTHING, NULL, &error));
    size_t len = 7;
    GIVES(SESSIO_DONE, sessio_store_save(store, T, NOTHING, SESSIO_NEVER, &error));
    GIVES(SESSIO_DONE, sessio_store_find(store, T, &record, &error));
    CHECK(sessio_record_data(record, &len) != NULL && len == 0);
    CHECK(sessio_record_data(record, NULL) != NULL && sessio_record_subject(record, &len) == NULL);
    CHECK(sessio_record_expires_at_us(record) == SESSIO_NEVER);
    sessio_record_free(record);
    GIVES(SESSIO_DONE, sessio_store_replace(store, T, NOTHING, good, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_exists(store, T, &error));
}

static void huge_things(sessio_store *store) {
    size_t size = (size_t)64 << 20;
    char *huge = calloc(size, 1);
    GIVES(SESSIO_NOT_FOUND, sessio_store_find(store, huge, size, &record, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save(store, huge, 4097, "d", 1, 0, &error));
    GIVES(SESSIO_DONE, sessio_store_save(store, huge, 4096, "d", 1, 0, &error));
    GIVES(SESSIO_TOO_LARGE, sessio_store_save(store, T, huge, size, 0, &error));
    GIVES(SESSIO_TOO_LARGE, sessio_store_save(store, T, huge, (1 << 20) + 1, 0, &error));
    GIVES(SESSIO_DONE, sessio_store_save(store, T, huge, 1 << 20, 0, &error));
    free(huge);
}

static void odd_texts(sessio_store *store) {
    GIVES(SESSIO_DONE, sessio_store_save(store, "\xff\0\xfe", 3, "\0\xff", 2, SESSIO_NEVER, NULL));
    GIVES(SESSIO_DONE, sessio_store_exists(store, "\xff\0\xfe", 3, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_exists(store, "\xff", 1, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_exists_by_key(store, "\xff\0\xfe", 3, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_delete_by_key(store, "no key", 6, &error));
    GIVES(SESSIO_DONE, sessio_store_save(store, SECRET, 7, SECRET, 7, SESSIO_NEVER, NULL));
    sessio_content content = SESSIO_CONTENT_INIT;
    GIVES(SESSIO_ALREADY_EXISTS, sessio_store_insert(store, SECRET, 7, &content, &error));
}

void misuse_of_verbs(sessio_store *store) {
    sessio_content good = SESSIO_CONTENT_INIT;
    ALL(SESSIO_INVALID_ARGUMENT, NULL, T);
    ALL(SESSIO_INVALID_ARGUMENT, store, LIE);
    ALL(SESSIO_INVALID_ARGUMENT, store, ENDLESS);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find(store, T, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find_by_key(store, T, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save(store, T, LIE, 0, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save(store, T, ENDLESS, 0, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_replace(store, T, LIE, &good, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_replace_by_key(store, T, LIE, &good, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_rename(store, T, LIE, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_rename_by_key(store, T, LIE, NULL, &error));
    CHECK(sessio_store_find(NULL, LIE, NULL, NULL) == SESSIO_INVALID_ARGUMENT);
    bad_content(store);
    empty_things(store, &good);
    huge_things(store);
    odd_texts(store);
}
