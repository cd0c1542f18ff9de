/* What only a C program can do wrong, and what every program can: each gets a clear answer. */
#include "misuse.h"

#include <stdio.h>
#include <string.h>

static void versions_agree(void) {
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", SESSIO_VERSION_MAJOR, SESSIO_VERSION_MINOR,
             SESSIO_VERSION_PATCH);
    CHECK(strcmp(sessio_version(), text) == 0);
    CHECK(sessio_version_number() == SESSIO_VERSION_NUMBER);
    CHECK(SESSIO_VERSION_NUMBER == SESSIO_VERSION_MAJOR * 1000000 + SESSIO_VERSION_MINOR * 1000 +
                                       SESSIO_VERSION_PATCH);
    CHECK(sessio_abi_version() == SESSIO_ABI_VERSION);
}

static void statuses_have_names(void) {
    CHECK(strcmp(sessio_status_name(SESSIO_DONE), "Done") == 0);
    CHECK(strcmp(sessio_status_name(SESSIO_INTERNAL), "Internal") == 0);
    CHECK(strcmp(sessio_status_name(INT32_MIN), "unknown") == 0);
}

static void null_handles_are_harmless(void) {
    size_t len = 7;
    CHECK(sessio_error_code(NULL) == 0 && !sessio_error_is_retryable(NULL));
    CHECK(sessio_error_errno(NULL) == 0 && sessio_error_sqlstate(NULL) == NULL);
    CHECK(strcmp(sessio_error_message(NULL), "") == 0);
    CHECK(strcmp(sessio_store_location(NULL), "") == 0);
    CHECK(sessio_record_data(NULL, &len) == NULL && len == 0);
    CHECK(sessio_record_subject(NULL, NULL) == NULL && sessio_record_expires_at_us(NULL) == 0);
    CHECK(sessio_records_count(NULL) == 0 && sessio_records_at(NULL, 0) == NULL);
    CHECK(sessio_page_count(NULL) == 0 && sessio_page_record(NULL, 0) == NULL);
    CHECK(sessio_page_key(NULL, 0, &len) == NULL && sessio_page_next(NULL, &len) == NULL);
    CHECK(sessio_check_issues_count(NULL) == 0 && sessio_check_issues_code(NULL, 0) == NULL);
    CHECK(sessio_check_issues_message(NULL, 0) == NULL && sessio_check_issues_fix(NULL, 0) == NULL);
    CHECK(sessio_check_issues_severity(NULL, 0) == NULL && sessio_clock_now_us(NULL) == 0);
    sessio_error_free(NULL);
    sessio_record_free(NULL);
    sessio_records_free(NULL);
    sessio_page_free(NULL);
    sessio_check_issues_free(NULL);
    sessio_clock_free(NULL);
    sessio_queue_free(NULL);
    sessio_store_free(NULL);
    sessio_options_clear(NULL);
    sessio_completion_clear(NULL);
}

static void tokens_need_room(void) {
    char token[SESSIO_TOKEN_SIZE] = "untouched", other[SESSIO_TOKEN_SIZE];
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_generate_token(NULL, SESSIO_TOKEN_SIZE, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_generate_token(token, SESSIO_TOKEN_SIZE - 1, &error));
    CHECK(strcmp(token, "untouched") == 0);
    GIVES(SESSIO_DONE, sessio_generate_token(token, sizeof token, &error));
    GIVES(SESSIO_DONE, sessio_generate_token(other, sizeof other, NULL));
    CHECK(strlen(token) == 43 && strcmp(token, other) != 0);
}

static void clocks_go_forward(void) {
    sessio_clock *clock = sessio_clock_new(1000);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_clock_advance(NULL, 1, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_clock_advance(clock, -1, &error));
    GIVES(SESSIO_DONE, sessio_clock_advance(clock, 234, &error));
    CHECK(sessio_clock_now_us(clock) == 1234);
    sessio_clock_free(clock);
}

static void counters_have_names(sessio_store *store) {
    uint64_t value = 7;
    size_t index = 0;
    for (; sessio_stats_name(index) != NULL; index++) {
        GIVES(SESSIO_DONE, sessio_store_stats(store, sessio_stats_name(index), &value, &error));
    }
    CHECK(index == 9 && sessio_stats_name(SIZE_MAX) == NULL);
    value = 7;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_stats(store, "no such", &value, &error));
    CHECK(value == 0);
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_stats(store, NULL, &value, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_stats(store, "bytes", NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_stats(NULL, "bytes", &value, &error));
}

static void a_closed_store_says_so(void) {
    sessio_store *store = open_store(QUIET);
    sessio_record *record = NULL;
    GIVES(SESSIO_DONE, sessio_store_save(store, "t", 1, "d", 1, SESSIO_NEVER, &error));
    GIVES(SESSIO_DONE, sessio_store_close(store, &error));
    GIVES(SESSIO_DONE, sessio_store_close(store, &error));
    GIVES(SESSIO_CLOSED, sessio_store_find(store, "t", 1, &record, &error));
    CHECK(record == NULL);
    GIVES(SESSIO_CLOSED, sessio_store_ping(store, &error));
    GIVES(SESSIO_DONE, sessio_store_stop_cleanup(store, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_close(NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_stop_cleanup(NULL, &error));
    sessio_store_free(store);
}

int main(void) {
    versions_agree();
    statuses_have_names();
    null_handles_are_harmless();
    tokens_need_room();
    clocks_go_forward();
    a_closed_store_says_so();
    sessio_store *store = open_store(QUIET);
    counters_have_names(store);
    misuse_of_opening();
    misuse_of_verbs(store);
    misuse_of_lists(store);
    misuse_of_queues(store);
    misuse_of_sessions(store);
    sessio_store_free(store);
    puts("misuse: every answer as it should be");
    return 0;
}
