/*
 * Completion queues, for event loops and language bindings.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_QUEUE_H
#define SESSIO_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "manager.h"
#include "record.h"
#include "session.h"
#include "store.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A completion queue, for event loops and language bindings: submit calls with a tag, wait until
 * the descriptor is readable, poll. One queue serves any number of stores and managers.
 *
 * The tag is any pointer, which is not dereferenced, or an integer:
 * `(void *)(uintptr_t)number`, and `(uintptr_t)completion.tag` again.
 *
 * Every submission that returned SESSIO_DONE produces exactly one completion, errors included.
 * Calls that are pending at the same time share statements, so submit several before you wait.
 *
 * A sessio_queue_… function that submits a call takes the arguments of the function that it is
 * named after, fails with SESSIO_INVALID_ARGUMENT for arguments that cannot be read and with
 * SESSIO_OVERLOADED, and has then submitted nothing. All other errors of the call come with its
 * completion. Everything it is given is copied, so sessions, managers and stores may be freed
 * while the call is pending.
 */
typedef struct sessio_queue sessio_queue;

/**
 * A finished call: what the blocking function of the same name would have returned and set.
 * sessio_queue_poll() fills it, and its objects belong to the caller: free each, or all with
 * sessio_completion_clear().
 */
typedef struct sessio_completion {
    /** The tag of the submission. */
    void *tag;
    /** What the blocking function would have returned. */
    int32_t status;
    /** Of count, delete_many, delete_subject, clear and delete_expired; otherwise 0. */
    uint64_t count;
    /** Of find; otherwise NULL. */
    sessio_record *record;
    /** Of find_many; otherwise NULL. */
    sessio_records *records;
    /** Of list and list_subject; otherwise NULL. */
    sessio_page *page;
    /** Of check; otherwise NULL. */
    sessio_check_issues *issues;
    /** Of the commit of a manager; otherwise NULL. */
    sessio_commit_result *result;
    /** Of list and list_subject of a manager; otherwise NULL. */
    sessio_session_page *sessions;
    /** Why the call failed, if the status is negative; otherwise NULL. */
    sessio_error *error;
    /** Of the take of a session; otherwise NULL. */
    sessio_value *value;
    /** NULL: for the results of later versions. */
    void *reserved[1];
} sessio_completion;

/**
 * Makes a queue.
 *
 * Fork: the queue works in a child. Calls that were pending, or finished and not yet polled, at
 * the fork complete there with SESSIO_FORKED, and in the parent as usual.
 */
int32_t sessio_queue_new(sessio_queue **queue, sessio_error **error);

/**
 * Another handle of the same queue, for calls with their own timeout: a call that is submitted
 * with it completes with SESSIO_TIMEOUT after `timeout_ms` milliseconds, if that is sooner than
 * the `timeout` of its store allows. A write that timed out may or may not have happened.
 *
 * Everything else is the same as with the first handle: both poll the same completions. A program
 * makes one for each timeout that it uses, or one for a call. Free each handle.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if `timeout_ms` is not positive.
 */
int32_t sessio_queue_with_timeout(
    sessio_queue *queue, int64_t timeout_ms, sessio_queue **with_timeout, sessio_error **error);

/**
 * A file descriptor that is readable while there are completions to poll, for `poll`, `epoll`,
 * `select` and any event loop. It may be readable without any, after a sessio_queue_poll() that
 * was faster. Do not read from it or close it; it belongs to the queue. A forked child must ask
 * again: the descriptor that it inherits is the parent's.
 *
 * Returns a negative status if it fails, SESSIO_UNAVAILABLE if the system has no descriptors left.
 */
int32_t sessio_queue_fd(sessio_queue *queue, sessio_error **error);

/**
 * Takes up to `capacity` completions out of a queue, oldest first, and returns how many, or a
 * negative status. Without any it waits for the first one for `timeout_ms` milliseconds: 0 does
 * not wait, a negative number waits without limit. sessio_queue_wake() ends the wait.
 *
 * Sets as many completions as it returns and leaves the others alone. Their objects belong to the
 * caller: see sessio_completion_clear(). Fails with SESSIO_INVALID_ARGUMENT for a capacity of 0,
 * and while another thread polls the same queue; nothing is taken then.
 */
int32_t sessio_queue_poll(
    sessio_queue *queue, sessio_completion *completions, size_t capacity, int64_t timeout_ms,
    sessio_error **error);

/**
 * Wakes the thread that polls a queue: a sessio_queue_poll() that waits returns now, with 0 if
 * there are no completions; if none waits, the next one does not wait. The descriptor becomes
 * readable too. For programs that stop the polling thread, or give it other work.
 */
int32_t sessio_queue_wake(sessio_queue *queue, sessio_error **error);

/**
 * Frees a handle of a queue; the last one frees the queue and its descriptor. Calls that are
 * pending then are carried out, and their answers dropped.
 */
void sessio_queue_free(sessio_queue *queue);

/**
 * Submits sessio_store_find(); a completion of SESSIO_DONE has the `record`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_find(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_find_by_key(); a completion of SESSIO_DONE has the `record`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_find_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_exists().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_exists(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_exists_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_exists_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_save().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_save(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const void *data, size_t data_len, int64_t expires_at_us, void *tag, sessio_error **error);

/**
 * Submits sessio_store_save_content().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_save_content(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);

/**
 * Submits sessio_store_insert().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_insert(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);

/**
 * Submits sessio_store_update().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_update(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);

/**
 * Submits sessio_store_update_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_update_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const sessio_content *content, void *tag, sessio_error **error);

/**
 * Submits sessio_store_replace().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_replace(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const void *expected, size_t expected_len, const sessio_content *content, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_replace_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_replace_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const void *expected, size_t expected_len, const sessio_content *content, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_touch().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_touch(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    int64_t expires_at_us, void *tag, sessio_error **error);

/**
 * Submits sessio_store_touch_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_touch_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    int64_t expires_at_us, void *tag, sessio_error **error);

/**
 * Submits sessio_store_rename().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_rename(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const char *new_token, size_t new_token_len, const sessio_content *content, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_rename_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_rename_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const char *new_token, size_t new_token_len, const sessio_content *content, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_delete().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_delete(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_delete_by_key().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_delete_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_find_many(); a completion of SESSIO_DONE has the `records`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_find_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_text *tokens, size_t count,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_save_many().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_save_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_row *rows, size_t count,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_delete_many(); the completion has the `count`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_delete_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_text *tokens, size_t count,
    void *tag, sessio_error **error);

/**
 * Submits sessio_store_count(); the completion has the `count`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_count(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);

/**
 * Submits sessio_store_list(); a completion of SESSIO_DONE has the `page`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_list(
    const sessio_queue *queue, const sessio_store *store, const char *after, size_t after_len,
    size_t limit, void *tag, sessio_error **error);

/**
 * Submits sessio_store_list_subject(); a completion of SESSIO_DONE has the `page`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_list_subject(
    const sessio_queue *queue, const sessio_store *store, const char *subject, size_t subject_len,
    const char *after, size_t after_len, size_t limit, void *tag, sessio_error **error);

/**
 * Submits sessio_store_delete_subject(); the completion has the `count`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_delete_subject(
    const sessio_queue *queue, const sessio_store *store, const char *subject, size_t subject_len,
    const char *keep, size_t keep_len, void *tag, sessio_error **error);

/**
 * Submits sessio_store_clear(); the completion has the `count`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_clear(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);

/**
 * Submits sessio_store_delete_expired(); the completion has the `count`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_delete_expired(
    const sessio_queue *queue, const sessio_store *store, size_t limit, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_migrate().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_migrate(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);

/**
 * Submits sessio_store_migrate_from().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_migrate_from(
    const sessio_queue *queue, const sessio_store *store, const char *library, void *tag,
    sessio_error **error);

/**
 * Submits sessio_store_check(); a completion of SESSIO_DONE has the `issues`.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_check(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);

/**
 * Submits sessio_store_ping().
 *
 * Fails with SESSIO_INVALID_ARGUMENT for what cannot be read, and SESSIO_OVERLOADED; then nothing
 * was submitted. Whatever the store says comes with the completion.
 *
 * Ownership: what is given is copied, but for the tag. Threads: any.
 */
int32_t sessio_queue_ping(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);

/**
 * Submits sessio_session_ensure_loaded(). After its completion the functions that read the session
 * do not wait: an event loop submits this first and then just reads.
 */
int32_t sessio_queue_session_ensure_loaded(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);

/** Submits sessio_session_renew(). */
int32_t sessio_queue_session_renew(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);

/** Submits sessio_session_regenerate(). */
int32_t sessio_queue_session_regenerate(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);

/** Submits sessio_session_take(). The completion has the `value`. */
int32_t sessio_queue_session_take(
    sessio_queue *queue, sessio_session *session, const char *key, void *tag, sessio_error **error);

/** Submits sessio_session_destroy(). */
int32_t sessio_queue_session_destroy(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);

/** Submits sessio_session_merge_from(). */
int32_t sessio_queue_session_merge_from(
    sessio_queue *queue, sessio_session *session, const char *token, size_t token_len, void *tag,
    sessio_error **error);

/** Submits sessio_manager_commit(). The completion has the `result`. */
int32_t sessio_queue_manager_commit(
    sessio_queue *queue, sessio_manager *manager, sessio_session *session, void *tag,
    sessio_error **error);

/** Submits sessio_manager_list(). The completion has the `sessions`. */
int32_t sessio_queue_manager_list(
    sessio_queue *queue, sessio_manager *manager, const char *after, size_t after_len, size_t limit,
    void *tag, sessio_error **error);

/** Submits sessio_manager_list_subject(). The completion has the `sessions`. */
int32_t sessio_queue_manager_list_subject(
    sessio_queue *queue, sessio_manager *manager, const char *subject, size_t subject_len,
    const char *after, size_t after_len, size_t limit, void *tag, sessio_error **error);

/** Frees all objects of a completion and sets it to zeros. The tag is the program's. */
void sessio_completion_clear(sessio_completion *completion);

#ifdef __cplusplus
}
#endif

#endif
