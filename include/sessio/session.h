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

/** Whether there is something to commit: one of SESSIO_SESSION_…. Does not ask the store. */
int32_t sessio_session_status(const sessio_session *session);

/**
 * The token of a session, as a text value: the one of the request, or the one that the client will
 * get. It is the client's secret: never log it. SESSIO_NOT_FOUND for a session that was never
 * stored, and for one of a list. Does not ask the store.
 */
int32_t sessio_session_token(
    const sessio_session *session, sessio_value **token, sessio_error **error);

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
 * Loads the session from the store unless it is loaded, whether the store has it or not. Every
 * read does so by itself; after this call none waits for the store.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_ensure_loaded(sessio_session *session, sessio_error **error);

/**
 * The value of a key; SESSIO_NOT_FOUND if there is none. It may be null. It is a copy: to change
 * it, put it back.
 *
 * Loads the session. Fails as sessio_store_find(), and with SESSIO_CORRUPT if the option
 * `on_corrupt` is `fail`.
 */
int32_t sessio_session_get(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * The value of a key, which is removed; SESSIO_NOT_FOUND if there is none. The commit stores the
 * removal: until then other requests can pop the same value. See sessio_session_take().
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_pop(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * Whether there is a value with this key. SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_contains(sessio_session *session, const char *key, sessio_error **error);

/**
 * The keys, sorted. `*keys` is a list of texts.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_keys(sessio_session *session, sessio_value **keys, sessio_error **error);

/**
 * All values, by key. `*values` is a map.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_values(sessio_session *session, sessio_value **values, sessio_error **error);

/**
 * All values as one JSON object: a text value, written as sessio_value_json() does.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_snapshot_json(
    sessio_session *session, sessio_value **json, sessio_error **error);

/**
 * The flash values that earlier requests left for this one, by name. The commit removes them; a
 * request that does not ask for them, or is not committed, leaves them. Those of a listed session
 * stay for its owner. `*flashes` is a map.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_flashes(
    sessio_session *session, sessio_value **flashes, sessio_error **error);

/**
 * A copy of the extra value of this name; SESSIO_NOT_FOUND if there is none. See
 * sessio_session_set_extra().
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_extra(
    sessio_session *session, const char *name, sessio_value **value, sessio_error **error);

/**
 * When the lifetime of the session ends. Sets `*deadline_us` to the answer.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_deadline(
    sessio_session *session, int64_t *deadline_us, sessio_error **error);

/**
 * When a session ends if it is not used from now on, as the store has it (what was loaded, or what
 * the last commit stored); SESSIO_NEVER if it has no end. SESSIO_NOT_FOUND for a session that is
 * not stored. Sets `*expires_at_us` to the answer.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_expires_at_us(
    sessio_session *session, int64_t *expires_at_us, sessio_error **error);

/**
 * What sessio_session_remember_me() has set; SESSIO_NOT_FOUND if it was not called: then the
 * option `cookie_persist` decides. Sets `*remembered` to the answer.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_remembered(sessio_session *session, bool *remembered, sessio_error **error);

/**
 * The idle timeout that sessio_session_set_idle_timeout_us() has set for this session;
 * SESSIO_NOT_FOUND if it was not called: then the manager's option applies. SESSIO_OFF is no idle
 * timeout. Sets `*timeout_us` to the answer.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_idle_timeout_us(
    sessio_session *session, int64_t *timeout_us, sessio_error **error);

/**
 * Whose session it is, such as a user id; SESSIO_NOT_FOUND if that was not set. `*subject` is a
 * text.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_subject(
    sessio_session *session, sessio_value **subject, sessio_error **error);

/**
 * Whether the store does not have this session (yet). Sets `*is_new` to the answer.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_is_new(sessio_session *session, bool *is_new, sessio_error **error);

/**
 * Sets the value of a key. The value is null. A key is UTF-8 that ends with a NUL, and may be
 * empty. Keys that contain a NUL are reached by sessio_session_put_values(),
 * sessio_session_assign() and sessio_session_values() only.
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
 * sessio_session_put_null() with a value as JSON. It can be a list or a map, and has the tags that
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
 * Sets the value of a key unless it has an equal one already, and says whether it did. The
 * comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN. For programs
 * that keep what they read in a form of their own and cannot tell whether it was changed. Sets
 * `*changed` to the answer.
 *
 * Loads the session. Fails as sessio_session_put_value().
 */
int32_t sessio_session_put_if_changed(
    sessio_session *session, const char *key, const sessio_value *value, bool *changed,
    sessio_error **error);

/**
 * Replaces all values by these. Only what differs is a change, found as by
 * sessio_session_put_if_changed(), and keys that are not among these are removed: so requests that
 * meet keep each other's changes. For programs that hold all values in a map of their own. After
 * an error nothing is changed.
 *
 * Loads the session. Fails as sessio_session_put_value(), and with SESSIO_INVALID_ARGUMENT for a
 * value that is no map.
 */
int32_t sessio_session_assign(
    sessio_session *session, const sessio_value *values, sessio_error **error);

/**
 * Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0. The
 * commit adds to what is stored by then, so the increments of several requests add up.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the value is no integer, or the sum would be below -2^63
 * or above 2^64 - 1; where that is not known yet, the commit fails.
 */
int32_t sessio_session_increment(
    sessio_session *session, const char *key, int64_t by, sessio_error **error);

/**
 * Appends an item to the list of a key; a missing value counts as an empty list. The commit
 * appends to what is stored by then, so the items of several requests are all kept. The item is
 * null.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the value of the key is no list; where that is not known
 * yet, the commit fails.
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

/**
 * sessio_session_append_null() with a floating point number, as sessio_session_put_double() takes
 * it.
 */
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

/** sessio_session_append_null() with a time, as sessio_session_put_time_us() takes it. */
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

/** Removes a key, if it is there. */
int32_t sessio_session_remove(sessio_session *session, const char *key, sessio_error **error);

/**
 * Removes all values. Token, deadline, subject, "remember me", idle timeout and extra values stay.
 */
int32_t sessio_session_clear(sessio_session *session, sessio_error **error);

/**
 * Leaves a value for the next request that calls sessio_session_flashes(), and for no other. Of
 * two values of one name the later is left. The value is a text.
 */
int32_t sessio_session_flash_text(
    sessio_session *session, const char *key, const char *value, size_t value_len,
    sessio_error **error);

/** sessio_session_flash_text() with a value as JSON, as sessio_session_put_json() takes it. */
int32_t sessio_session_flash_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);

/** sessio_session_flash_text() with a copy of any value, as sessio_session_put_value() takes it. */
int32_t sessio_session_flash_value(
    sessio_session *session, const char *key, const sessio_value *value, sessio_error **error);

/**
 * Sets extra data: bookkeeping that a framework's adapter keeps beside the values. The functions
 * for values do not show it, it stays when the values are cleared, and it is merged name by name
 * when two requests conflict. It ends with the session, and with sessio_session_regenerate(). A
 * session with nothing else is not stored. Names should begin with the framework's, because all
 * programs of a session share them; `sessio` is taken. The value is copied.
 *
 * Fails as sessio_session_put_value().
 */
int32_t sessio_session_set_extra(
    sessio_session *session, const char *name, const sessio_value *value, sessio_error **error);

/** Removes what sessio_session_set_extra() has set, if it is there. */
int32_t sessio_session_remove_extra(
    sessio_session *session, const char *name, sessio_error **error);

/**
 * Gives the session a new token at the commit, in one step with all other changes: at any moment
 * exactly one of the two tokens is valid, and without a commit nothing changes. Call it when a
 * user logs in or out, so that a token that was planted before becomes worthless. SESSIO_GONE if
 * another request is known to have ended the session.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_renew(sessio_session *session, sessio_error **error);

/**
 * Starts over under a new token at the commit: values, flash values, subject, "remember me", idle
 * timeout, extra values and earlier changes are dropped, and a new lifetime begins. What is put in
 * afterwards belongs to the new session. The new token and the emptied session are stored in one
 * step: at any moment exactly one of the two tokens is valid, and without a commit nothing
 * changes. A session that is not stored yet is only emptied. SESSIO_GONE if another request is
 * known to have ended the session.
 *
 * Loads the session. Fails as sessio_session_get().
 */
int32_t sessio_session_regenerate(sessio_session *session, sessio_error **error);

/**
 * Makes the commit store a new session even if it has no values, for programs that need its token
 * or its row. No effect on a session that is stored already.
 */
int32_t sessio_session_store_empty(sessio_session *session, sessio_error **error);

/**
 * Moves the end of the session's lifetime. With a time in the past the commit ends the session.
 * The deadline is fixed from then on: neither use of the session nor sessio_session_touch() moves
 * it. SESSIO_NEVER is no end.
 */
int32_t sessio_session_set_deadline(
    sessio_session *session, int64_t deadline_us, sessio_error **error);

/**
 * Makes the commit extend the session because it is used now, whatever the option `touch_interval`
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
 * Whether the cookie of this session outlives the browser, whatever the option `cookie_persist`
 * says: true keeps it until the session ends, false until the browser is closed. Stored with the
 * session.
 */
int32_t sessio_session_remember_me(sessio_session *session, bool remember, sessio_error **error);

/**
 * Sets the idle timeout of this session in microseconds, whatever the setting of the managers
 * says. It is stored with the session and applies to every manager that reads it. SESSIO_OFF is no
 * idle timeout; 0 returns to the managers' setting. The commit moves the expiry accordingly, but
 * not beyond the deadline.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for another negative number and above 200,000 years.
 */
int32_t sessio_session_set_idle_timeout_us(
    sessio_session *session, int64_t timeout_us, sessio_error **error);

/**
 * Sets the subject, which is usually a user id, so that all sessions of a user can be listed and
 * ended. NULL and 0 remove it. The commit fails with SESSIO_UNSUPPORTED if the table has no column
 * for subjects.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for a subject that is empty, longer than 255 characters, or
 * ends with a space.
 */
int32_t sessio_session_set_subject(
    sessio_session *session, const char *subject, size_t subject_len, sessio_error **error);

/**
 * Removes the value of a key, or else a flash value of this name, from the stored session now, and
 * returns it; SESSIO_NOT_FOUND if there is none. Of all requests that take it exactly one gets it:
 * for codes that may be used once. Other changes of this request wait for the commit. If the
 * answer is lost, so is the value: after SESSIO_TIMEOUT and SESSIO_UNAVAILABLE it is not known
 * whether the value is still there.
 *
 * Asks the store. Fails as sessio_manager_commit().
 */
int32_t sessio_session_take(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);

/**
 * The token under which the next commit stores the session, chosen now if it is to get a new one:
 * for programs that need it before the commit, such as for CSRF tokens that are bound to a
 * session. This alone stores nothing, and a later sessio_session_renew() or
 * sessio_session_regenerate() chooses another token. SESSIO_NOT_FOUND for a listed session, whose
 * token is unknown, and for one that another request has ended. It is the client's secret: never
 * log it. `*token` is a text.
 *
 * Loads the session. Fails as sessio_session_get(), and with SESSIO_INTERNAL if the system has no
 * randomness.
 */
int32_t sessio_session_ensure_token(
    sessio_session *session, sessio_value **token, sessio_error **error);

/**
 * Ends the session now and forgets its values. The commit then deletes the cookie. What is put in
 * afterwards makes a new session.
 *
 * Asks the store. Fails as sessio_store_delete().
 */
int32_t sessio_session_destroy(sessio_session *session, sessio_error **error);

/**
 * Copies everything from the session of another token, key by key, and the later deadline of the
 * two. The other session ends when this one is stored. Nothing happens if there is no such
 * session, or if it is this one.
 *
 * Asks the store. Fails as sessio_session_get().
 */
int32_t sessio_session_merge_from(
    sessio_session *session, const char *token, size_t token_len, sessio_error **error);

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
 * Sets the values of all keys of a JSON object; other keys keep their values. Fails as
 * sessio_session_put_json(), and then sets nothing.
 */
int32_t sessio_session_put_values(sessio_session *session, const char *json, sessio_error **error);

#ifdef __cplusplus
}
#endif

#endif
