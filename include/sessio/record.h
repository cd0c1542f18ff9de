/*
 * What a store returns: records, pages, and the issues of a check.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_RECORD_H
#define SESSIO_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The time of something that never happens, such as the end of a session without an expiry. */
#define SESSIO_NEVER INT64_C(9223372036854775807)

/**
 * A stored session that was found: its data, expiry and subject. Immutable, and independent of its
 * store.
 */
typedef struct sessio_record sessio_record;

/** The records of sessio_store_find_many(), in the order of the tokens. Immutable. */
typedef struct sessio_records sessio_records;

/**
 * A page of stored sessions in the order of their keys. Immutable, and independent of its store.
 *
 * Listed sessions have *keys*, not tokens: a key is what the table holds, and the `_by_key`
 * functions take it.
 */
typedef struct sessio_page sessio_page;

/** The problems that sessio_store_check() found. Immutable. */
typedef struct sessio_check_issues sessio_check_issues;

/** The data of a session. NULL only for a NULL record: the pointer to no bytes is not NULL. */
const void *sessio_record_data(const sessio_record *record, size_t *len);

/** When a session ends, or SESSIO_NEVER. */
int64_t sessio_record_expires_at_us(const sessio_record *record);

/** The subject of a session: UTF-8, without a NUL at its end. NULL if it has none. */
const char *sessio_record_subject(const sessio_record *record, size_t *len);

/**
 * Frees a record of sessio_store_find() or of a completion. Records that belong to a page or to
 * ::sessio_records are freed with these.
 */
void sessio_record_free(sessio_record *record);

/** How many tokens were asked for. */
size_t sessio_records_count(const sessio_records *records);

/** The session of the token at `index`; NULL if there is no live one. */
const sessio_record *sessio_records_at(const sessio_records *records, size_t index);

/** Frees records and everything in them. */
void sessio_records_free(sessio_records *records);

/** How many sessions are on a page. */
size_t sessio_page_count(const sessio_page *page);

/** The key of the session at `index`: ASCII, without a NUL at its end. */
const char *sessio_page_key(const sessio_page *page, size_t index, size_t *len);

/** The session at `index`. */
const sessio_record *sessio_page_record(const sessio_page *page, size_t index);

/**
 * The key to pass as `after` for the next page; NULL on the last page. It belongs to this page:
 * list the next one before freeing this one.
 */
const char *sessio_page_next(const sessio_page *page, size_t *len);

/** Frees a page with its keys and records. */
void sessio_page_free(sessio_page *page);

/** How many problems there are. */
size_t sessio_check_issues_count(const sessio_check_issues *issues);

/**
 * The stable name of an issue, for programs: `"missing_table"`, `"collation"`, `"blob_size"`,
 * `"timestamp"`, `"time_zone"`, `"on_update"`, `"expiry_index"`, `"engine"`, `"subject_column"`,
 * `"subject_index"`, `"primary_key"`, `"unknown_layout"`, `"view"`, `"row_format"`,
 * `"required_column"`, `"auto_increment"`, `"generated_column"`, `"trigger"`, `"foreign_key"`,
 * `"binlog_format"`, `"max_allowed_packet"`.
 */
const char *sessio_check_issues_code(const sessio_check_issues *issues, size_t index);

/**
 * How bad an issue is: `"advice"` (it works, but not as well as it could), `"hazard"` (it can lose
 * or expose sessions in the situation that the message describes) or `"broken"` (the table cannot
 * be used).
 */
const char *sessio_check_issues_severity(const sessio_check_issues *issues, size_t index);

/** What is wrong, and what it can cause. */
const char *sessio_check_issues_message(const sessio_check_issues *issues, size_t index);

/** The statement or the call that fixes it. */
const char *sessio_check_issues_fix(const sessio_check_issues *issues, size_t index);

/** Frees issues and their texts. */
void sessio_check_issues_free(sessio_check_issues *issues);

#ifdef __cplusplus
}
#endif

#endif
