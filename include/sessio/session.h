/*
 * Sessions: values by key, and their lifetime.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_SESSION_H
#define SESSIO_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Nothing was changed since the session was loaded or committed. */
#define SESSIO_SESSION_UNMODIFIED 0

/** Something was changed. */
#define SESSIO_SESSION_MODIFIED 1

/** The session was ended, and nothing was put into it since. */
#define SESSIO_SESSION_DESTROYED 2

/**
 * A session, as one request sees it. Changes are kept in it until sessio_manager_commit() stores
 * them; freeing it drops them.
 *
 * Nothing is loaded until a function reads the session. The functions that read ask the store the
 * first time; afterwards, and after sessio_session_ensure_loaded(), they neither wait nor fail for
 * the store's reasons. The functions that change it do not wait, except sessio_session_destroy(),
 * sessio_session_take() and sessio_session_merge_from(), which ask the store each time, and
 * sessio_session_renew(), sessio_session_regenerate(), sessio_session_assign() and
 * sessio_session_put_if_changed(), which load first.
 *
 * In a forked child, do not use a session that another thread was using at the fork.
 */
typedef struct sessio_session sessio_session;

/**
 * Loads a session unless that was done. SESSIO_DONE whether the store has such a session or not.
 *
 * Asks the store. Fails with SESSIO_CORRUPT only if the setting `on_corrupt` is `fail`; otherwise
 * a session that cannot be decoded is a new one.
 */
int32_t sessio_session_ensure_loaded(sessio_session *session, sessio_error **error);

/**
 * Gives a session a new token at the commit, in one step with all other changes: at any moment
 * exactly one of the two tokens is valid, and without a commit nothing changes. Call it when a
 * user logs in or out, so that a token that was planted before becomes worthless. SESSIO_GONE if
 * another request is known to have ended the session. Loads the session.
 */
int32_t sessio_session_renew(sessio_session *session, sessio_error **error);

/**
 * Starts over under a new token at the commit: values, flash values, subject, "remember me", idle
 * timeout, extra data and earlier changes are dropped, and a new lifetime begins. What is put in
 * afterwards belongs to the new session. The new token and the emptied session are stored in one
 * step: at any moment exactly one of the two tokens is valid, and without a commit nothing
 * changes. A session that is not stored yet is only emptied. SESSIO_GONE if another request is
 * known to have ended the session. Loads the session.
 */
int32_t sessio_session_regenerate(sessio_session *session, sessio_error **error);

/**
 * Makes the commit store a new session even if it has no values, for programs that need its token
 * or its row. No effect on a session that is stored already.
 */
int32_t sessio_session_store_empty(sessio_session *session, sessio_error **error);

/**
 * Ends a session now and forgets its values. The commit then deletes the cookie. What is put in
 * afterwards makes a new session. Asks the store.
 */
int32_t sessio_session_destroy(sessio_session *session, sessio_error **error);

/**
 * Copies everything from the session of another token, key by key, and the later deadline of the
 * two. The other session ends when this one is stored. Nothing happens if there is no such
 * session, or if it is this one. Asks the store.
 */
int32_t sessio_session_merge_from(
    sessio_session *session, const char *token, size_t token_len, sessio_error **error);

/** Sets `*deadline_us` to the end of a session's lifetime. Loads the session. */
int32_t sessio_session_deadline(
    sessio_session *session, int64_t *deadline_us, sessio_error **error);

/**
 * Sets `*expires_at_us` to when a session ends if it is not used from now on, as the store has it
 * (what was loaded, or what the last commit stored); SESSIO_NEVER if it has no end.
 * SESSIO_NOT_FOUND for a session that is not stored. Loads the session.
 */
int32_t sessio_session_expires_at_us(
    sessio_session *session, int64_t *expires_at_us, sessio_error **error);

/**
 * Moves the end of a session's lifetime. A time in the past ends it at the commit; SESSIO_NEVER is
 * allowed. The deadline is fixed from then on: neither use of the session nor
 * sessio_session_touch() moves it.
 */
int32_t sessio_session_set_deadline(
    sessio_session *session, int64_t deadline_us, sessio_error **error);

/**
 * Whether the cookie of this session outlives the browser, regardless of the setting
 * `cookie_persist`: true keeps it until the session ends, false until the browser is closed.
 * Stored with the session.
 */
int32_t sessio_session_remember_me(sessio_session *session, bool remember, sessio_error **error);

/**
 * Sets `*remembered` to what sessio_session_remember_me() has set. SESSIO_NOT_FOUND if it was not
 * called: then the setting `cookie_persist` decides. Loads the session.
 */
int32_t sessio_session_remembered(sessio_session *session, bool *remembered, sessio_error **error);

/**
 * The subject of a session, as a text value. SESSIO_NOT_FOUND if it has none. Loads the session.
 */
int32_t sessio_session_subject(
    sessio_session *session, sessio_value **subject, sessio_error **error);

/**
 * Sets the subject, which is usually a user id, so that all sessions of a user can be listed and
 * ended. NULL and 0 remove it.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for a subject that is empty, longer than 255 characters, or
 * ends with a space. The commit fails with SESSIO_UNSUPPORTED if the table has no column for
 * subjects.
 */
int32_t sessio_session_set_subject(
    sessio_session *session, const char *subject, size_t subject_len, sessio_error **error);

/** Whether there is something to commit: one of SESSIO_SESSION_…. Does not ask the store. */
int32_t sessio_session_status(const sessio_session *session);

/** Sets `*is_new` to whether the store does not have this session (yet). Loads the session. */
int32_t sessio_session_is_new(sessio_session *session, bool *is_new, sessio_error **error);

/**
 * The token of a session, as a text value: the one of the request, or the one that the client will
 * get. It is the client's secret: never log it. SESSIO_NOT_FOUND for a session that was never
 * stored, and for one of a list. Does not ask the store.
 */
int32_t sessio_session_token(
    const sessio_session *session, sessio_value **token, sessio_error **error);

/**
 * The token under which the next commit stores a session, as a text value. It is chosen now if the
 * session is to get a new one: for programs that need it before the commit, such as for CSRF
 * tokens that are bound to a session. This alone stores nothing, and a later
 * sessio_session_renew() or sessio_session_regenerate() chooses another token. It is the client's
 * secret: never log it. SESSIO_NOT_FOUND for a session of a list, whose token is unknown, and for
 * one that another request has ended.
 *
 * Loads the session. Fails with SESSIO_INTERNAL if the system has no randomness.
 */
int32_t sessio_session_ensure_token(
    sessio_session *session, sessio_value **token, sessio_error **error);

/**
 * The key of a session of a list, as a text value. SESSIO_NOT_FOUND for one that was loaded by its
 * token. Does not ask the store.
 */
int32_t sessio_session_key(const sessio_session *session, sessio_value **key, sessio_error **error);

/**
 * Frees a session. Uncommitted changes are dropped; pending calls are finished. Sessions that
 * belong to a page or a cursor are freed with these.
 */
void sessio_session_free(sessio_session *session);

/**
 * Extra data of a framework's adapter, by name. SESSIO_NOT_FOUND if there is none. Loads the
 * session.
 */
int32_t sessio_session_extra(
    sessio_session *session, const char *name, sessio_value **value, sessio_error **error);

/**
 * Sets extra data: bookkeeping that a framework's adapter keeps beside the values. The functions
 * for values do not show it, it stays when the values are cleared, and it is merged name by name
 * when two requests conflict. It ends with the session, and with sessio_session_regenerate(). A
 * session with nothing else is not stored. Names should begin with the framework's, because all
 * programs of a session share them. The value is copied.
 */
int32_t sessio_session_set_extra(
    sessio_session *session, const char *name, const sessio_value *value, sessio_error **error);

/** Removes extra data, if it is there. */
int32_t sessio_session_remove_extra(
    sessio_session *session, const char *name, sessio_error **error);

/**
 * Makes the commit extend a session because it is used now, whatever the setting `touch_interval`
 * says, even if nothing else was changed. With an idle timeout, the session's own or the
 * manager's, that starts again, and the deadline stays. Without one a new lifetime begins; but a
 * deadline of sessio_session_set_deadline() stays, and so does any deadline in a document of a Go
 * program, because it does not say who has set it.
 *
 * sessio_store_touch() moves the expiry of the row only, and a session does not outlive the expiry
 * within its data.
 */
int32_t sessio_session_touch(sessio_session *session, sessio_error **error);

/**
 * Sets the idle timeout of this session in microseconds, regardless of the setting of the
 * managers. It is stored with the session and applies to every manager that reads it. SESSIO_OFF
 * is no idle timeout; 0 returns to the managers' setting. The commit moves the expiry accordingly,
 * but not beyond the deadline.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for another negative number, and for more than 200,000 years.
 */
int32_t sessio_session_set_idle_timeout_us(
    sessio_session *session, int64_t timeout_us, sessio_error **error);

/**
 * Sets `*timeout_us` to the idle timeout that sessio_session_set_idle_timeout_us() has set;
 * SESSIO_OFF if that is none. SESSIO_NOT_FOUND if it was not called: then the setting of the
 * manager applies. Loads the session.
 */
int32_t sessio_session_idle_timeout_us(
    sessio_session *session, int64_t *timeout_us, sessio_error **error);

/**
 * The value of a key, which may be null. It is a copy: to change it, put it back. SESSIO_NOT_FOUND
 * if there is none. Loads the session.
 */
int32_t sessio_session_get(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * The value of a key, which is removed from the session. SESSIO_NOT_FOUND if there is none. Loads
 * the session.
 */
int32_t sessio_session_pop(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * Sets `*into` to the bool of a key. SESSIO_NOT_FOUND if there is no value. Loads the session.
 * Fails with SESSIO_INVALID_ARGUMENT for a value of another kind.
 */
int32_t sessio_session_get_bool(
    sessio_session *session, const char *key, bool *into, sessio_error **error);

/**
 * sessio_session_get_bool() for an integer. Fails with SESSIO_INVALID_ARGUMENT also above
 * INT64_MAX.
 */
int32_t sessio_session_get_int(
    sessio_session *session, const char *key, int64_t *into, sessio_error **error);

/**
 * sessio_session_get_bool() for an integer that is not negative. Fails with
 * SESSIO_INVALID_ARGUMENT also below 0.
 */
int32_t sessio_session_get_uint(
    sessio_session *session, const char *key, uint64_t *into, sessio_error **error);

/**
 * sessio_session_get_bool() for a floating point number. An integer is converted to the nearest
 * one, because not every language distinguishes 2 from 2.0.
 */
int32_t sessio_session_get_double(
    sessio_session *session, const char *key, double *into, sessio_error **error);

/** sessio_session_get_bool() for a time, in microseconds since the epoch. */
int32_t sessio_session_get_time_us(
    sessio_session *session, const char *key, int64_t *into_us, sessio_error **error);

/** SESSIO_DONE if there is a value with this key, SESSIO_NOT_FOUND if not. Loads the session. */
int32_t sessio_session_contains(sessio_session *session, const char *key, sessio_error **error);

/** The keys of a session, sorted, as a list of texts. Loads the session. */
int32_t sessio_session_keys(sessio_session *session, sessio_value **keys, sessio_error **error);

/** All values of a session, as a map. Loads the session. */
int32_t sessio_session_values(sessio_session *session, sessio_value **values, sessio_error **error);

/**
 * All values of a session as one JSON object: a text value, written as sessio_value_json() does.
 * Loads the session.
 */
int32_t sessio_session_snapshot_json(
    sessio_session *session, sessio_value **json, sessio_error **error);

/**
 * The flash values that earlier requests left for this one, as a map. The commit removes them; a
 * request that does not ask for them, or is not committed, leaves them. Loads the session.
 */
int32_t sessio_session_flashes(
    sessio_session *session, sessio_value **flashes, sessio_error **error);

/**
 * Copies the text of a key and a NUL into `buffer`, whose size is `capacity`, and sets `*len` to
 * the length without that NUL. `len` may be NULL. SESSIO_NOT_FOUND if there is no value. To borrow
 * a text of any length use sessio_session_get() and sessio_value_text().
 *
 * Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind. Fails with
 * SESSIO_TOO_LARGE if the buffer is too small; `*len` is the length of the text also then. If the
 * text is not copied the buffer holds `""`, provided that it has any room.
 */
int32_t sessio_session_get_text(
    sessio_session *session, const char *key, char *buffer, size_t capacity, size_t *len,
    sessio_error **error);

/**
 * Copies the bytes of a key into `buffer`, whose size is `capacity`, and sets `*len` to their
 * number. SESSIO_NOT_FOUND if there is no value. To borrow bytes of any length use
 * sessio_session_get() and sessio_value_bytes().
 *
 * Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind. Fails with
 * SESSIO_TOO_LARGE if the buffer is too small; `*len` is the number of bytes also then. If they
 * are not copied the buffer is unchanged.
 */
int32_t sessio_session_get_bytes(
    sessio_session *session, const char *key, void *buffer, size_t capacity, size_t *len,
    sessio_error **error);

/**
 * Sets the value of a key to null.
 *
 * A key is UTF-8 that ends with a NUL, and may be empty. Keys that contain a NUL are reached by
 * sessio_session_put_values(), sessio_session_assign() and sessio_session_values() only.
 */
int32_t sessio_session_put_null(sessio_session *session, const char *key, sessio_error **error);

/** sessio_session_put_null() with a bool. */
int32_t sessio_session_put_bool(
    sessio_session *session, const char *key, bool value, sessio_error **error);

/** sessio_session_put_null() with an integer. */
int32_t sessio_session_put_int(
    sessio_session *session, const char *key, int64_t value, sessio_error **error);

/** sessio_session_put_null() with an integer that is not negative. */
int32_t sessio_session_put_uint(
    sessio_session *session, const char *key, uint64_t value, sessio_error **error);

/** sessio_session_put_null() with a floating point number. It stays one, even if it is whole. */
int32_t sessio_session_put_double(
    sessio_session *session, const char *key, double value, sessio_error **error);

/** sessio_session_put_null() with a text. */
int32_t sessio_session_put_text(
    sessio_session *session, const char *key, const char *value, size_t value_len,
    sessio_error **error);

/** sessio_session_put_null() with bytes. */
int32_t sessio_session_put_bytes(
    sessio_session *session, const char *key, const void *value, size_t value_len,
    sessio_error **error);

/**
 * sessio_session_put_null() with a time. Fails with SESSIO_INVALID_ARGUMENT for a time outside the
 * years 1 to 9999.
 */
int32_t sessio_session_put_time_us(
    sessio_session *session, const char *key, int64_t value_us, sessio_error **error);

/**
 * sessio_session_put_null() with a value as JSON, such as a list or a map, with the tags that
 * sessio_value_json() describes.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for malformed JSON, an unknown tag, and more than 63 nested
 * lists and maps.
 */
int32_t sessio_session_put_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);

/**
 * sessio_session_put_null() with a copy of any value. Fails with SESSIO_INVALID_ARGUMENT for a
 * time outside the years 1 to 9999, and for more than 63 nested lists and maps.
 */
int32_t sessio_session_put_value(
    sessio_session *session, const char *key, const sessio_value *value, sessio_error **error);

/**
 * Sets the values of all keys of a JSON object; other keys keep their values. Fails as
 * sessio_session_put_json(), and then sets nothing.
 */
int32_t sessio_session_put_values(sessio_session *session, const char *json, sessio_error **error);

/**
 * Sets the value of a key to a copy of `value` unless the session has an equal one already (of the
 * same kind, down to its elements; NaN equals NaN), and sets `*changed` to whether it did. For
 * programs that keep what they read in a form of their own and cannot tell whether it was changed.
 * Loads the session. Fails also as sessio_session_put_value().
 */
int32_t sessio_session_put_if_changed(
    sessio_session *session, const char *key, const sessio_value *value, bool *changed,
    sessio_error **error);

/**
 * Makes the values of a session those of a map, and no others. The differences from what the
 * session has are recorded as puts and removes, so changes that another request makes to other
 * keys are kept. For programs that hold all values in a map of their own, such as
 * sessio_session_values() gives.
 *
 * Loads the session. Fails with SESSIO_INVALID_ARGUMENT for a value that is no map, and as
 * sessio_session_put_value(); nothing is changed then.
 */
int32_t sessio_session_assign(
    sessio_session *session, const sessio_value *values, sessio_error **error);

/** Leaves a text for the next request that calls sessio_session_flashes(), and for no other. */
int32_t sessio_session_flash_text(
    sessio_session *session, const char *key, const char *value, size_t value_len,
    sessio_error **error);

/** sessio_session_flash_text() with a value as JSON, as sessio_session_put_json() takes it. */
int32_t sessio_session_flash_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);

/** sessio_session_flash_text() with a copy of any value, as sessio_session_put_value() takes it. */
int32_t sessio_session_flash_value(
    sessio_session *session, const char *key, const sessio_value *value, sessio_error **error);

/** Removes a key, if it is there. */
int32_t sessio_session_remove(sessio_session *session, const char *key, sessio_error **error);

/**
 * Removes all values. Token, deadline, subject, "remember me", idle timeout and extra data stay.
 */
int32_t sessio_session_clear(sessio_session *session, sessio_error **error);

/**
 * Removes the value of a key, or a flash value of this name, from the stored session now, and
 * returns it: of all requests that take it exactly one gets it, and the others get
 * SESSIO_NOT_FOUND. For codes that may be used once. Other changes of the session wait for the
 * commit.
 *
 * Asks the store. Fails as sessio_manager_commit(). After SESSIO_TIMEOUT and SESSIO_UNAVAILABLE it
 * is not known whether the value is still there.
 */
int32_t sessio_session_take(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0.
 * Increments of several requests add up: the commit adds to what is stored by then.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the value is no integer, or the sum would be below
 * INT64_MIN or above UINT64_MAX; the commit does, if the session is not loaded yet.
 */
int32_t sessio_session_increment(
    sessio_session *session, const char *key, int64_t by, sessio_error **error);

/**
 * Appends null to the list of a key; a missing value counts as an empty list. Items of several
 * requests are all kept: the commit appends to what is stored by then.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the value of the key is no list; the commit does, if the
 * session is not loaded yet.
 */
int32_t sessio_session_append_null(sessio_session *session, const char *key, sessio_error **error);

/** sessio_session_append_null() with a bool. */
int32_t sessio_session_append_bool(
    sessio_session *session, const char *key, bool item, sessio_error **error);

/** sessio_session_append_null() with an integer. */
int32_t sessio_session_append_int(
    sessio_session *session, const char *key, int64_t item, sessio_error **error);

/** sessio_session_append_null() with an integer that is not negative. */
int32_t sessio_session_append_uint(
    sessio_session *session, const char *key, uint64_t item, sessio_error **error);

/** sessio_session_append_null() with a floating point number. */
int32_t sessio_session_append_double(
    sessio_session *session, const char *key, double item, sessio_error **error);

/** sessio_session_append_null() with a text. */
int32_t sessio_session_append_text(
    sessio_session *session, const char *key, const char *item, size_t item_len,
    sessio_error **error);

/** sessio_session_append_null() with bytes. */
int32_t sessio_session_append_bytes(
    sessio_session *session, const char *key, const void *item, size_t item_len,
    sessio_error **error);

/** sessio_session_append_null() with a time in the years 1 to 9999. */
int32_t sessio_session_append_time_us(
    sessio_session *session, const char *key, int64_t item_us, sessio_error **error);

/** sessio_session_append_null() with a value as JSON, as sessio_session_put_json() takes it. */
int32_t sessio_session_append_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);

/**
 * sessio_session_append_null() with a copy of any value, as sessio_session_put_value() takes it.
 */
int32_t sessio_session_append_value(
    sessio_session *session, const char *key, const sessio_value *item, sessio_error **error);

#ifdef __cplusplus
}
#endif

#endif
