/* Values that a program builds: of parts that do not fit, put into themselves, changed while read;
 * and texts that are copied into buffers of every size. */
#include "misuse.h"

#include <stdlib.h>
#include <string.h>

#define BAD SESSIO_INVALID_ARGUMENT

static void parts_that_do_not_fit(void) {
    sessio_value *list = sessio_value_new_list(), *map = sessio_value_new_map();
    sessio_value *number = sessio_value_new_int(7), *made;
    CHECK(sessio_value_new_text("\xff", 1) == NULL && sessio_value_new_text(NULL, 1) == NULL);
    CHECK(sessio_value_new_bytes(NULL, 1) == NULL && sessio_value_copy(NULL) == NULL);
    GIVES(BAD, sessio_value_append(list, NULL, &error));
    GIVES(BAD, sessio_value_append(list, sessio_value_new_text("\xff", 1), &error));
    GIVES(BAD, sessio_value_append(list, list, &error));
    GIVES(BAD, sessio_value_append(NULL, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_append(NULL, NULL, &error));
    GIVES(BAD, sessio_value_append(map, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_append(number, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_append(list, sessio_value_new_time_us(INT64_MAX), &error));
    GIVES(BAD, sessio_value_set(map, "k", 1, NULL, &error));
    GIVES(BAD, sessio_value_set(map, "k", 1, map, &error));
    GIVES(BAD, sessio_value_set(map, "\xff", 1, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_set(map, NULL, 1, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_set(NULL, "k", 1, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_set(list, "k", 1, sessio_value_new_int(1), &error));
    GIVES(BAD, sessio_value_remove(NULL, "k", 1, &error));
    GIVES(BAD, sessio_value_remove(list, "k", 1, &error));
    GIVES(BAD, sessio_value_remove(map, "\xff", 1, &error));
    GIVES(BAD, sessio_value_remove_at(NULL, 0, &error));
    GIVES(BAD, sessio_value_remove_at(map, 0, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_value_remove(map, "k", 1, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_value_remove_at(list, 0, &error));
    CHECK(sessio_value_count(list) == 0 && sessio_value_count(map) == 0);
    memset(&made, 0x5a, sizeof made);
    GIVES(BAD, sessio_value_from_json("[1", &made, &error));
    CHECK(made == NULL);
    GIVES(BAD, sessio_value_from_json(NULL, &made, &error));
    GIVES(BAD, sessio_value_from_json("1", NULL, &error));
    sessio_value_free(number);
    sessio_value_free(list);
    sessio_value_free(map);
}

/* 63 within one another are the most; and what is deeper can still be freed. */
static void as_deep_as_can_be(sessio_session *session) {
    sessio_value *value = sessio_value_new_null();
    for (int depth = 0; depth < 63; depth++) {
        sessio_value *outer = sessio_value_new_list();
        GIVES(SESSIO_DONE, sessio_value_append(outer, value, &error));
        value = outer;
    }
    GIVES(SESSIO_DONE, sessio_session_put_value(session, "deep", value, &error));
    sessio_value *one_more = sessio_value_new_list(), *two_more = sessio_value_new_list();
    GIVES(SESSIO_DONE, sessio_value_append(one_more, value, &error));
    GIVES(BAD, sessio_session_put_value(session, "deep", one_more, &error));
    GIVES(BAD, sessio_value_append(two_more, one_more, &error));
    sessio_value_free(two_more);
}

/* What was read is changed, and put back; and every look sees what it is then. */
static void read_changed_and_put_back(sessio_session *session) {
    sessio_value *cart = NULL;
    GIVES(SESSIO_DONE, sessio_session_put_json(session, "cart", "[{\"id\": 1}, {\"id\": 2}]", &error));
    GIVES(SESSIO_DONE, sessio_session_get(session, "cart", &cart, &error));
    CHECK(strcmp(sessio_value_json(cart), "[{\"id\":1},{\"id\":2}]") == 0);
    sessio_value *item = sessio_value_copy(sessio_value_at(cart, 0));
    GIVES(SESSIO_DONE, sessio_value_set(item, "id", 2, sessio_value_new_int(3), &error));
    GIVES(SESSIO_DONE, sessio_value_set(item, "a\0b", 3, sessio_value_new_bytes("\0", 1), &error));
    GIVES(SESSIO_DONE, sessio_value_set(item, "gone", 4, sessio_value_new_bool(true), &error));
    GIVES(SESSIO_DONE, sessio_value_remove(item, "gone", 4, &error));
    CHECK(sessio_value_count(item) == 2 && sessio_value_find(item, "a\0b", 3) != NULL);
    GIVES(SESSIO_DONE, sessio_value_append(cart, item, &error));
    GIVES(SESSIO_DONE, sessio_value_remove_at(cart, 0, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_value_remove_at(cart, 2, &error));
    CHECK(sessio_value_count(cart) == 2);
    CHECK(strcmp(sessio_value_json(cart),
                 "[{\"id\":2},{\"a\\u0000b\":{\"$bytes\":\"AA==\"},\"id\":3}]") == 0);
    /* A part of a value is a value. */
    GIVES(SESSIO_DONE, sessio_session_put_value(session, "first", sessio_value_at(cart, 0), &error));
    GIVES(SESSIO_DONE, sessio_session_put_value(session, "cart", cart, &error));
    GIVES(SESSIO_DONE, sessio_session_append_value(session, "cart", cart, &error));
    GIVES(SESSIO_DONE, sessio_session_flash_value(session, "note", cart, &error));
    sessio_value_free(cart);
    GIVES(SESSIO_DONE, sessio_session_get(session, "cart", &cart, &error));
    CHECK(sessio_value_count(cart) == 3 && sessio_value_count(sessio_value_at(cart, 2)) == 2);
    sessio_value_free(cart);
    GIVES(SESSIO_DONE, sessio_session_get(session, "first", &cart, &error));
    CHECK(strcmp(sessio_value_json(cart), "{\"id\":2}") == 0);
    sessio_value_free(cart);
    GIVES(BAD, sessio_session_put_value(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_flash_value(session, "k", NULL, &error));
    GIVES(BAD, sessio_session_append_value(session, "k", NULL, &error));
}

static void texts_into_buffers(sessio_session *session) {
    char buffer[8];
    size_t len;
    GIVES(SESSIO_DONE, sessio_session_put_text(session, "text", "a\0bcd", 5, &error));
    GIVES(SESSIO_DONE, sessio_session_put_bytes(session, "bytes", "\0\1", 2, &error));
    for (size_t room = 0; room < sizeof buffer; room++) {
        bool fits = room > 5;
        memset(buffer, 'x', sizeof buffer);
        len = 7;
        GIVES(fits ? SESSIO_DONE : SESSIO_TOO_LARGE,
              sessio_session_get_text(session, "text", buffer, room, &len, &error));
        CHECK(len == 5 && memcmp(buffer, fits ? "a\0bcd\0xx" : room > 0 ? "\0xxxxxxx" : "xxxxxxxx",
                                 sizeof buffer) == 0);
        fits = room >= 2;
        memset(buffer, 'x', sizeof buffer);
        len = 7;
        GIVES(fits ? SESSIO_DONE : SESSIO_TOO_LARGE,
              sessio_session_get_bytes(session, "bytes", buffer, room, &len, &error));
        CHECK(len == 2 && memcmp(buffer, fits ? "\0\1xxxxxx" : "xxxxxxxx", sizeof buffer) == 0);
    }
    GIVES(SESSIO_TOO_LARGE, sessio_session_get_text(session, "text", NULL, 0, &len, &error));
    CHECK(len == 5);
    GIVES(SESSIO_DONE, sessio_session_get_text(session, "text", buffer, 6, NULL, &error));
    GIVES(BAD, sessio_session_get_text(session, "bytes", buffer, sizeof buffer, &len, &error));
    CHECK(len == 0 && buffer[0] == '\0' && strstr(message, "bytes") != NULL);
    GIVES(BAD, sessio_session_get_bytes(session, "text", buffer, sizeof buffer, &len, &error));
    GIVES(BAD, sessio_session_get_text(session, "text", NULL, 1, &len, &error));
    GIVES(BAD, sessio_session_get_bytes(session, "bytes", NULL, 1, &len, &error));
    GIVES(BAD, sessio_session_get_bytes(session, "bytes", buffer, 2, NULL, &error));
    GIVES(BAD, sessio_session_get_text(NULL, "text", buffer, sizeof buffer, &len, &error));
    GIVES(BAD, sessio_session_get_bytes(NULL, "text", buffer, sizeof buffer, &len, &error));
    GIVES(BAD, sessio_session_get_text(session, NULL, buffer, sizeof buffer, &len, &error));
    GIVES(SESSIO_NOT_FOUND,
          sessio_session_get_text(session, "none", buffer, sizeof buffer, &len, &error));
    GIVES(SESSIO_NOT_FOUND,
          sessio_session_get_bytes(session, "none", buffer, sizeof buffer, &len, &error));
    CHECK(len == 0);
}

void misuse_of_built_values(sessio_manager *manager) {
    sessio_session *session = NULL;
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &session, &error));
    parts_that_do_not_fit();
    as_deep_as_can_be(session);
    read_changed_and_put_back(session);
    texts_into_buffers(session);
    sessio_session_free(session);
}
