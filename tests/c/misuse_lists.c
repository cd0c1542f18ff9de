/* The verbs for many sessions with arguments that are wrong. */
#include "misuse.h"

#include <string.h>

static void bad_batches(sessio_store *store) {
    sessio_text tokens[2] = {{"t", 1}, {NULL, 0}}, lie = {NULL, 1};
    sessio_records *records;
    memset(&records, 0x5a, sizeof records);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find_many(NULL, tokens, 2, &records, &error));
    CHECK(records == NULL);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find_many(store, NULL, 2, &records, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find_many(store, tokens, 2, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_find_many(store, &lie, 1, &records, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_find_many(store, tokens, SIZE_MAX, &records, &error));
    GIVES(SESSIO_DONE, sessio_store_find_many(store, NULL, 0, &records, &error));
    CHECK(sessio_records_count(records) == 0 && sessio_records_at(records, 0) == NULL);
    sessio_records_free(records);
    GIVES(SESSIO_DONE, sessio_store_find_many(store, tokens, 2, &records, &error));
    CHECK(sessio_records_count(records) == 2 && sessio_records_at(records, 1) == NULL);
    CHECK(sessio_records_at(records, 2) == NULL && sessio_records_at(records, SIZE_MAX) == NULL);
    sessio_records_free(records);
    uint64_t count = 7;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_many(NULL, tokens, 2, &count, &error));
    CHECK(count == 0);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_many(store, NULL, 2, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_many(store, tokens, 2, NULL, &error));
    static sessio_text too_many[10001];
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_delete_many(store, too_many, 10001, &count, &error));
}

static void bad_rows(sessio_store *store) {
    sessio_row rows[2] = {SESSIO_ROW_INIT, SESSIO_ROW_INIT};
    rows[0].token = rows[1].token = "row";
    rows[0].token_len = rows[1].token_len = 3;
    GIVES(SESSIO_DONE, sessio_store_save_many(store, NULL, 0, &error));
    GIVES(SESSIO_DONE, sessio_store_save_many(store, rows, 2, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(NULL, rows, 2, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, NULL, 2, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, rows, SIZE_MAX, &error));
    rows[1].struct_size = 0;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, rows, 2, &error));
    rows[1].struct_size = sizeof(sessio_row);
    rows[1].data_len = 1;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, rows, 2, &error));
    rows[1].data_len = 0;
    rows[1].token_len = 0;
    rows[0].expires_at_us = SESSIO_NEVER;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, rows, 2, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_store_exists(store, "row", 3, &error));
    rows[0].struct_size = 0;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, rows, 2, &error));
}

/* Rows of a program that was compiled with a later header. */
static void later_rows(sessio_store *store) {
    struct {
        sessio_row known;
        size_t unknown;
    } rows[2] = {{SESSIO_ROW_INIT, 0}, {SESSIO_ROW_INIT, 0}};
    for (size_t index = 0; index < 2; index++) {
        rows[index].known.struct_size = sizeof rows[0];
        rows[index].known.token = index == 0 ? "l0" : "l1";
        rows[index].known.token_len = 2;
        rows[index].known.expires_at_us = SESSIO_NEVER;
    }
    const void *all = rows;
    GIVES(SESSIO_DONE, sessio_store_save_many(store, all, 2, &error));
    GIVES(SESSIO_DONE, sessio_store_exists(store, "l1", 2, &error));
    rows[1].unknown = 1;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_save_many(store, all, 2, &error));
}

static void bad_lists(sessio_store *store) {
    sessio_page *page;
    memset(&page, 0x5a, sizeof page);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(store, NULL, 0, 0, &page, &error));
    CHECK(page == NULL);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(store, NULL, 0, 1001, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(store, NULL, 0, SIZE_MAX, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(store, NULL, 1, 10, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(store, NULL, 0, 10, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_list(NULL, NULL, 0, 10, &page, &error));
    GIVES(SESSIO_DONE, sessio_store_list(store, "\xff", 1, 10, &page, &error));
    sessio_page_free(page);
    GIVES(SESSIO_DONE, sessio_store_list(store, NULL, 0, 1, &page, &error));
    size_t len = 7;
    CHECK(sessio_page_count(page) == 1 && sessio_page_record(page, 1) == NULL);
    CHECK(sessio_page_key(page, 1, &len) == NULL && len == 0);
    const char *key = sessio_page_key(page, 0, &len);
    GIVES(SESSIO_DONE, sessio_store_exists_by_key(store, key, len, &error));
    sessio_page_free(page);
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_list_subject(store, NULL, 0, NULL, 0, 10, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_list_subject(store, "\xff", 1, NULL, 0, 10, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_list_subject(store, "s", SIZE_MAX, NULL, 0, 10, &page, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_list_subject(NULL, "s", 1, NULL, 0, 10, &page, &error));
}

static void bad_rounds(sessio_store *store) {
    uint64_t count = 7;
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_delete_subject(store, NULL, 0, NULL, 0, &count, &error));
    CHECK(count == 0);
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_delete_subject(store, "s", 1, NULL, 3, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_delete_subject(store, "s", 1, NULL, 0, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT,
          sessio_store_delete_subject(NULL, "s", 1, NULL, 0, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_clear(store, NULL, &error));
    count = 7;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_clear(NULL, &count, &error));
    CHECK(count == 0);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_expired(store, 0, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_expired(store, SIZE_MAX, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_expired(store, 10, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_delete_expired(NULL, 10, &count, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_count(store, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_count(NULL, &count, &error));
}

static void bad_table_calls(sessio_store *store) {
    sessio_check_issues *issues = NULL;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_migrate(NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_migrate_from(NULL, "scs", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_migrate_from(store, NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_migrate_from(store, "\xff", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_migrate_from(store, "beego", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_ping(NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_check(NULL, &issues, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_check(store, NULL, &error));
    GIVES(SESSIO_DONE, sessio_store_check(store, &issues, &error));
    CHECK(sessio_check_issues_count(issues) == 0 && sessio_check_issues_code(issues, 0) == NULL);
    sessio_check_issues_free(issues);
}

void misuse_of_lists(sessio_store *store) {
    bad_batches(store);
    bad_rows(store);
    later_rows(store);
    bad_lists(store);
    bad_rounds(store);
    bad_table_calls(store);
}
