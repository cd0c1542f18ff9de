/*
 * sessio: server-side web sessions for every language, on MySQL or in memory.
 *
 *     sessio_store *store = NULL;
 *     sessio_error *error = NULL;
 *     if (sessio_store_open("memory:", NULL, &store, &error) != SESSIO_DONE) {
 *         fprintf(stderr, "%s\n", sessio_error_message(error));
 *         sessio_error_free(error);
 *     }
 *
 * There are two layers. A store (sessio/store.h) keeps bytes under a token, with an expiry. A
 * manager (sessio/manager.h) keeps sessions in a store: values by key, with cookies, deadlines, and
 * commits that merge. Both have blocking functions, and a completion queue (sessio/queue.h) for event
 * loops and language bindings. C++ programs can include sessio.hpp instead.
 *
 * CONVENTIONS, which hold unless a function says otherwise
 *
 * Status
 *   A function that takes a `sessio_error **` returns a status: SESSIO_DONE (0), another outcome
 *   above 0 such as SESSIO_NOT_FOUND, or an error below 0. The numbers never change.
 *
 * Errors
 *   `error` may be NULL. If it is not, every call sets `*error`: to NULL, or, if the status is
 *   negative, to an error that the caller frees with sessio_error_free(). An error that was there
 *   before is overwritten, not freed.
 *
 *   Any function with a status can fail with SESSIO_INVALID_ARGUMENT, for arguments that break the
 *   rules below or its own; the message names the argument, and nothing was done.
 *
 *   Functions that ask the store are those of sessio_store_… that work on sessions, and those that
 *   say "asks the store" or "loads the session", which asks the first time. Such a function waits for at most
 *   the option `timeout` of the store, and can also fail with SESSIO_TIMEOUT, SESSIO_UNAVAILABLE,
 *   SESSIO_OVERLOADED, SESSIO_SCHEMA, SESSIO_CORRUPT and SESSIO_CLOSED. After SESSIO_TIMEOUT and
 *   SESSIO_UNAVAILABLE a write may or may not have happened.
 *
 * Arguments
 *   Pointers must not be NULL, except: `error`; any pointer with a length of 0, which is empty; `len`
 *   for the length of what is returned; and what is documented. NULL is never dereferenced.
 *   Functions without a status take NULL and return 0, false, NULL or "".
 *
 *   Text is UTF-8. Text with a length may contain NULs; a `char *` without a length, such as a URL or
 *   the key of a value, ends with one. Tokens and data are any bytes.
 *
 *   Arguments are copied: nothing that is passed in is needed after the call. Only
 *   sessio_value_append() and sessio_value_set() take what they are given. An argument is `const`
 *   unless the call can change or load the object.
 *
 * Results and ownership
 *   A result `sessio_X **` is set by every call, to NULL if there is nothing. The caller owns what it
 *   gets and frees it with sessio_X_free(), never with free(). Other results are set by every call
 *   too: to 0 or false if the call fails or there is nothing.
 *
 *   A pointer that is returned directly belongs to the object that was asked, and lives as long. An
 *   index out of range gives NULL. Static text lives for ever.
 *
 *   Every sessio_X_free() takes NULL. No thread may be using the object.
 *
 * Time
 *   Instants are microseconds since the epoch, 1970-01-01T00:00:00 UTC: int64_t, with names in _us.
 *   SESSIO_NEVER is no end.
 *
 * Threads
 *   All functions can be called from any thread. Stores, managers, sessions, queues and clocks can be
 *   used by several threads at the same time. Everything else is immutable, except options,
 *   completions, cursors, and values that are being changed: one thread at a time.
 *
 * Fork
 *   Stores, managers, sessions, queues and clocks from before a fork work in the child, except a
 *   session that another thread was using at the fork.
 *
 * Process
 *   Signals are left alone, and a call that waits continues after one. dlclose() does not unload the
 *   library, because its threads may be running.
 *
 * INDEX
 *
 * sessio/version.h: Versions of the header and of the linked library.
 *     sessio_version, sessio_version_number, sessio_abi_version
 *
 * sessio/error.h: Statuses that calls return, and errors.
 *     sessio_status_name, sessio_error_code, sessio_error_message, sessio_error_is_retryable,
 *     sessio_error_errno, sessio_error_sqlstate, sessio_error_free
 *
 * sessio/store.h: Stores: bytes under a token, with an expiry.
 *     sessio_options_set, sessio_options_clear, sessio_generate_token, sessio_store_open,
 *     sessio_store_location, sessio_store_stop_cleanup, sessio_store_stats, sessio_stats_name,
 *     sessio_store_close, sessio_store_free, sessio_key_to_text, sessio_key_from_text,
 *     sessio_store_find, sessio_store_find_by_key, sessio_store_exists, sessio_store_exists_by_key,
 *     sessio_store_save, sessio_store_save_content, sessio_store_insert, sessio_store_update,
 *     sessio_store_update_by_key, sessio_store_replace, sessio_store_replace_by_key,
 *     sessio_store_touch, sessio_store_touch_by_key, sessio_store_rename,
 *     sessio_store_rename_by_key, sessio_store_delete, sessio_store_delete_by_key,
 *     sessio_store_find_many, sessio_store_save_many, sessio_store_delete_many, sessio_store_count,
 *     sessio_store_list, sessio_store_list_subject, sessio_store_delete_subject,
 *     sessio_store_clear, sessio_store_delete_expired, sessio_store_migrate,
 *     sessio_store_migrate_from, sessio_store_check, sessio_store_ping
 *
 * sessio/record.h: What a store returns: records, pages, and the issues of a check.
 *     sessio_record_data, sessio_record_expires_at_us, sessio_record_subject, sessio_record_free,
 *     sessio_records_count, sessio_records_at, sessio_records_free, sessio_page_count,
 *     sessio_page_key, sessio_page_record, sessio_page_next, sessio_page_free,
 *     sessio_check_issues_count, sessio_check_issues_code, sessio_check_issues_severity,
 *     sessio_check_issues_message, sessio_check_issues_fix, sessio_check_issues_free
 *
 * sessio/manager.h: Managers: load the session of a request, and commit it.
 *     sessio_event_name, sessio_manager_open, sessio_manager_cookie_name, sessio_manager_stats,
 *     sessio_manager_load, sessio_manager_load_cookie, sessio_manager_load_cookies,
 *     sessio_manager_load_header, sessio_manager_free, sessio_manager_find,
 *     sessio_manager_find_by_key, sessio_manager_create, sessio_manager_commit,
 *     sessio_manager_list, sessio_manager_list_subject, sessio_manager_transact,
 *     sessio_commit_result_outcome, sessio_commit_result_token, sessio_commit_result_set_cookie,
 *     sessio_commit_result_cookie, sessio_commit_result_header_count,
 *     sessio_commit_result_header_name, sessio_commit_result_header_value,
 *     sessio_commit_result_was_read, sessio_commit_result_expires_at_us, sessio_commit_result_free,
 *     sessio_cookie_name, sessio_cookie_value, sessio_cookie_path, sessio_cookie_domain,
 *     sessio_cookie_same_site, sessio_cookie_expires_us, sessio_cookie_max_age,
 *     sessio_cookie_secure, sessio_cookie_http_only, sessio_cookie_partitioned,
 *     sessio_session_page_count, sessio_session_page_at, sessio_session_page_next,
 *     sessio_session_page_free, sessio_manager_each, sessio_manager_each_subject,
 *     sessio_session_cursor_next, sessio_session_cursor_free
 *
 * sessio/session.h: Sessions: values by key, and their lifetime.
 *     sessio_session_status, sessio_session_token, sessio_session_key, sessio_session_free,
 *     sessio_session_ensure_loaded, sessio_session_get, sessio_session_pop,
 *     sessio_session_contains, sessio_session_keys, sessio_session_values,
 *     sessio_session_snapshot_json, sessio_session_flashes, sessio_session_extra,
 *     sessio_session_deadline, sessio_session_expires_at_us, sessio_session_remembered,
 *     sessio_session_idle_timeout_us, sessio_session_subject, sessio_session_is_new,
 *     sessio_session_put_null, sessio_session_put_bool, sessio_session_put_int,
 *     sessio_session_put_uint, sessio_session_put_double, sessio_session_put_text,
 *     sessio_session_put_bytes, sessio_session_put_time_us, sessio_session_put_json,
 *     sessio_session_put_value, sessio_session_put_if_changed, sessio_session_assign,
 *     sessio_session_increment, sessio_session_append_null, sessio_session_append_bool,
 *     sessio_session_append_int, sessio_session_append_uint, sessio_session_append_double,
 *     sessio_session_append_text, sessio_session_append_bytes, sessio_session_append_time_us,
 *     sessio_session_append_json, sessio_session_append_value, sessio_session_remove,
 *     sessio_session_clear, sessio_session_flash_text, sessio_session_flash_json,
 *     sessio_session_flash_value, sessio_session_set_extra, sessio_session_remove_extra,
 *     sessio_session_renew, sessio_session_regenerate, sessio_session_store_empty,
 *     sessio_session_set_deadline, sessio_session_touch, sessio_session_remember_me,
 *     sessio_session_set_idle_timeout_us, sessio_session_set_subject, sessio_session_take,
 *     sessio_session_ensure_token, sessio_session_destroy, sessio_session_merge_from,
 *     sessio_session_get_bool, sessio_session_get_int, sessio_session_get_uint,
 *     sessio_session_get_double, sessio_session_get_time_us, sessio_session_get_text,
 *     sessio_session_get_bytes, sessio_session_put_values
 *
 * sessio/value.h: Values of sessions: scalars, text, bytes, times, lists and maps.
 *     sessio_value_kind, sessio_value_bool, sessio_value_int, sessio_value_uint,
 *     sessio_value_double, sessio_value_time_us, sessio_value_free, sessio_value_new_null,
 *     sessio_value_new_bool, sessio_value_new_int, sessio_value_new_uint, sessio_value_new_double,
 *     sessio_value_new_text, sessio_value_new_bytes, sessio_value_new_time_us,
 *     sessio_value_new_list, sessio_value_new_map, sessio_value_from_json, sessio_value_copy,
 *     sessio_value_append, sessio_value_set, sessio_value_remove, sessio_value_remove_at,
 *     sessio_value_text, sessio_value_bytes, sessio_value_json, sessio_value_count,
 *     sessio_value_at, sessio_value_key, sessio_value_find
 *
 * sessio/queue.h: Completion queues, for event loops and language bindings.
 *     sessio_queue_new, sessio_queue_with_timeout, sessio_queue_fd, sessio_queue_poll,
 *     sessio_queue_wake, sessio_queue_free, sessio_queue_find, sessio_queue_find_by_key,
 *     sessio_queue_exists, sessio_queue_exists_by_key, sessio_queue_save,
 *     sessio_queue_save_content, sessio_queue_insert, sessio_queue_update,
 *     sessio_queue_update_by_key, sessio_queue_replace, sessio_queue_replace_by_key,
 *     sessio_queue_touch, sessio_queue_touch_by_key, sessio_queue_rename,
 *     sessio_queue_rename_by_key, sessio_queue_delete, sessio_queue_delete_by_key,
 *     sessio_queue_find_many, sessio_queue_save_many, sessio_queue_delete_many, sessio_queue_count,
 *     sessio_queue_list, sessio_queue_list_subject, sessio_queue_delete_subject,
 *     sessio_queue_clear, sessio_queue_delete_expired, sessio_queue_migrate,
 *     sessio_queue_migrate_from, sessio_queue_check, sessio_queue_ping,
 *     sessio_queue_session_ensure_loaded, sessio_queue_session_renew,
 *     sessio_queue_session_regenerate, sessio_queue_session_take, sessio_queue_session_destroy,
 *     sessio_queue_session_merge_from, sessio_queue_manager_commit, sessio_queue_manager_list,
 *     sessio_queue_manager_list_subject, sessio_completion_clear
 *
 * sessio/log.h: The log of the library.
 *     sessio_set_log_callback, sessio_log_open, sessio_log_next, sessio_log_fd, sessio_log_dropped,
 *     sessio_log_free
 *
 * sessio/clock.h: Clocks for tests.
 *     sessio_clock_new, sessio_clock_advance, sessio_clock_now_us, sessio_clock_free
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_H
#define SESSIO_H

#include "sessio/version.h"
#include "sessio/error.h"
#include "sessio/store.h"
#include "sessio/record.h"
#include "sessio/manager.h"
#include "sessio/session.h"
#include "sessio/value.h"
#include "sessio/queue.h"
#include "sessio/log.h"
#include "sessio/clock.h"

#endif
