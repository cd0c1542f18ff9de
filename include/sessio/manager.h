/*
 * Managers: load the session of a request, and commit it.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_MANAGER_H
#define SESSIO_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "session.h"
#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A new session was stored. */
#define SESSIO_EVENT_CREATED 0

/** A session got a new token. */
#define SESSIO_EVENT_RENEWED 1

/** The program ended a session. */
#define SESSIO_EVENT_DESTROYED 2

/** The expiry of a session that was only read was moved. */
#define SESSIO_EVENT_TOUCHED 3

/** Another request had changed the session in the meantime; both changes are stored. */
#define SESSIO_EVENT_MERGED 4

/** Another request had changed the session in the meantime; this one's changes were not stored. */
#define SESSIO_EVENT_CONFLICT 5

/** Another request had ended the session in the meantime; nothing was stored. */
#define SESSIO_EVENT_GONE 6

/** The data of a session could not be decoded. */
#define SESSIO_EVENT_CORRUPT 7

/** There was nothing to store; the expiry may have been moved. */
#define SESSIO_COMMIT_UNMODIFIED 0

/** The changes were stored. */
#define SESSIO_COMMIT_SAVED 1

/** The session was destroyed in this request. */
#define SESSIO_COMMIT_DESTROYED 2

/** Another request had ended the session. Nothing was stored. */
#define SESSIO_COMMIT_GONE 3

/**
 * Another request had changed the session, and the setting `on_conflict` is `fail`. Nothing was
 * stored.
 */
#define SESSIO_COMMIT_CONFLICT 4

/**
 * Sessions over a store: loads the session of a request, and commits it. A program has one
 * manager, or one for each kind of session, each with its own cookie name.
 */
typedef struct sessio_manager sessio_manager;

/** What to send to the client after a commit. Immutable. */
typedef struct sessio_commit_result sessio_commit_result;

/**
 * The cookie of a ::sessio_commit_result, attribute by attribute, for programs that set cookies
 * with a function of their framework. Immutable; freed with the commit result.
 */
typedef struct sessio_cookie sessio_cookie;

/**
 * A page of sessions in the order of their keys. Its sessions can be used after their manager was
 * freed, but not be committed.
 */
typedef struct sessio_session_page sessio_session_page;

/**
 * Goes through listed sessions in the order of their keys, page by page, so the whole table is
 * never in memory.
 *
 * A session that is live all the while comes once; one that is stored or ended in the meantime may
 * or may not come. The cursor can be used after its manager was freed; after its store was closed
 * it fails with SESSIO_CLOSED.
 */
typedef struct sessio_session_cursor sessio_session_cursor;

/**
 * Receives the events of a manager; `event` is one of SESSIO_EVENT_….
 *
 * It is called where the event happens: on any thread, sessio's own included, and on several at
 * once. It must not block, must not call sessio, and must neither throw nor `longjmp`.
 */
typedef void (*sessio_event_callback)(void *userdata, int32_t event);

/**
 * Changes a session for sessio_manager_transact(). Returns 0 to store the changes, any other
 * number to abort.
 *
 * It runs on the thread that called sessio_manager_transact(), again each time another request has
 * stored first, and each time with the session as it is then. So it should only read and change
 * this session, which lives until it returns. It must not free or commit the session, and must
 * neither throw nor `longjmp`; other functions of sessio may be called.
 */
typedef int32_t (*sessio_change_callback)(sessio_session *session, void *userdata);

/** Options of sessio_manager_open(), which copies them. Start with SESSIO_MANAGER_OPTIONS_INIT. */
typedef struct sessio_manager_options {
    /** `sizeof(sessio_manager_options)`. */
    size_t struct_size;
    /**
     * Settings, written as in the query of a URL:
     * `"lifetime=12h&idle_timeout=30m&cookie_name=__Host-id"`. NULL for all defaults. `%26` is an
     * ampersand within a value. Durations are seconds (`"1800"`) or have a unit (`"30m"`,
     * `"24h"`). If the store was opened with beego's configuration, its settings are the defaults.
     *
     * - `lifetime`: The longest that a session lives, from its creation on. Default: `24h`.
     * - `idle_timeout`: How long a session lives without a request that reads it. Without one, it
     * lives until `lifetime` is over.
     * - `touch_interval`: The expiry of a session that is only read is moved at most this often.
     * At most half of `idle_timeout`. Default: a tenth of `idle_timeout`.
     * - `ended_window`: How long a token that was renewed or destroyed makes no new session: a
     * late request with it stores nothing and sends no cookie. At most 10 minutes. `0` for none.
     * Default: `30s`.
     * - `codec`: How sessions are stored, the same for all programs on one table. To share the
     * table with a Go program, its own: `gob` (SCS v2), `scs_v1` or `beego`. One of `json`,
     * `msgpack`, `gob`, `scs_v1`, `beego`. Default: `json`.
     * - `read_codecs`: Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for
     * changing it while programs run.
     * - `gob_registered`: The types that the Go program has passed to `gob.Register`, any of
     * `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
     * - `on_conflict`: What a commit does when another request has changed the session since it
     * was loaded: `merge` puts this request's changes, key by key, on top; `overwrite` stores
     * this request's copy of all values; `fail` stores nothing. One of `merge`, `overwrite`,
     * `fail`. Default: `merge`.
     * - `on_corrupt`: What happens to data that cannot be decoded: `fresh` is a new session,
     * `fail` is the error SESSIO_CORRUPT. One of `fresh`, `fail`. Default: `fresh`.
     * - `cookie_name`: The name of the cookie; `__Host-session` is the safest choice. Default:
     * `session`.
     * - `cookie_path`: The `Path` of the cookie. Default: `/`.
     * - `cookie_domain`: The `Domain` of the cookie. Without one, only the host that sets it gets
     * it.
     * - `cookie_secure`: `Secure`: browsers send the cookie over HTTPS only. `false` for
     * development. Default: `true`.
     * - `cookie_http_only`: `HttpOnly`: scripts of the page cannot read the cookie. Default:
     * `true`.
     * - `cookie_same_site`: `SameSite`: whether requests from other sites carry the cookie. One of
     * `lax`, `strict`, `none`, `unset`. Default: `lax`.
     * - `cookie_partitioned`: `Partitioned`: a separate cookie for each site that embeds this one.
     * Default: `false`.
     * - `cookie_persist`: Whether the browser keeps the cookie after it is closed. A session can
     * say otherwise. Default: `true`.
     * - `cookie_signature`: Signs the cookie as express-session (`express`) or `@fastify/session`
     * (`fastify`) does, to share its cookie or to take over its sessions. A cookie without a
     * valid signature is ignored. Needs `cookie_secrets`. One of `express`, `fastify`.
     * - `cookie_secrets`: The secrets for `cookie_signature`, each of at least 16 bytes: the first
     * signs, all verify. One a line, which is `%0A` in one text.
     */
    const char *settings;
    /** Called for every event; may be NULL. */
    sessio_event_callback on_event;
    /** Passed to `on_event`. */
    void *userdata;
} sessio_manager_options;

/** Options of a manager with all defaults: set settings, on_event and userdata. */
#define SESSIO_MANAGER_OPTIONS_INIT {sizeof(sessio_manager_options), NULL, NULL, NULL}

/**
 * The name of an event, one of SESSIO_EVENT_…, for sessio_manager_stats(); NULL for any other
 * number, so that a loop from 0 finds all. Static text.
 */
const char *sessio_event_name(int32_t event);

/**
 * Makes a manager of the sessions in a store. `options` may be NULL. Does not ask the store.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for a setting that does not exist or has a wrong value, and
 * for settings that contradict each other or that browsers refuse.
 *
 * The manager keeps what it needs of the store; but sessio_store_free() closes the store, and the
 * manager's calls then fail with SESSIO_CLOSED.
 */
int32_t sessio_manager_open(
    sessio_store *store, const sessio_manager_options *options, sessio_manager **manager,
    sessio_error **error);

/** The name of the cookie. `""` for NULL. */
const char *sessio_manager_cookie_name(const sessio_manager *manager);

/**
 * Sets `*value` to how often an event has happened to sessions of a manager in this process. The
 * names are those of sessio_event_name(): `"created"`, `"renewed"`, `"destroyed"`, `"touched"`,
 * `"merged"`, `"conflict"`, `"gone"`, `"corrupt"`. Fails with SESSIO_INVALID_ARGUMENT for other
 * names. A forked child continues the parent's counts.
 */
int32_t sessio_manager_stats(
    const sessio_manager *manager, const char *name, uint64_t *value, sessio_error **error);

/**
 * The session of a token; a new session for NULL and 0. Does not ask the store: the first function
 * that reads the session does. A token that proves to be unknown, expired or malformed gives a new
 * session and is not adopted.
 */
int32_t sessio_manager_load(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);

/**
 * sessio_manager_load() with the token from the `Cookie` header of a request. The header is
 * untrusted: if it is missing (NULL and 0) or malformed, the session is a new one, whatever its
 * length.
 */
int32_t sessio_manager_load_cookie(
    sessio_manager *manager, const char *header, size_t header_len, sessio_session **session,
    sessio_error **error);

/**
 * sessio_manager_load_cookie() for a request with several `Cookie` headers, as HTTP/2 allows: an
 * array of `count` texts.
 */
int32_t sessio_manager_load_cookies(
    sessio_manager *manager, const sessio_text *headers, size_t count, sessio_session **session,
    sessio_error **error);

/**
 * sessio_manager_load() with the token from another header: the token, with or without `Bearer `
 * before it. As untrusted as a cookie.
 */
int32_t sessio_manager_load_header(
    sessio_manager *manager, const char *header, size_t header_len, sessio_session **session,
    sessio_error **error);

/**
 * Frees a manager. Its sessions can be used afterwards, but not be committed. Its store stays
 * open.
 */
void sessio_manager_free(sessio_manager *manager);

/**
 * The session of a token, already loaded, if it is live; otherwise SESSIO_NOT_FOUND.
 *
 * Asks the store. Fails as sessio_session_get().
 */
int32_t sessio_manager_find(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);

/**
 * The session of a key, as in a list: another client's, whose commit sends no cookie.
 * SESSIO_NOT_FOUND if it is not live. sessio_key_from_text() checks a key that comes from a web
 * page.
 *
 * Keys are no secrets: anyone who can read the table knows them. Check who may act on a session
 * before you accept its key from a client.
 *
 * Asks the store. Fails as sessio_session_get().
 */
int32_t sessio_manager_find_by_key(
    sessio_manager *manager, const char *key, size_t key_len, sessio_session **session,
    sessio_error **error);

/**
 * A new session under a token that the program chooses, for frameworks that make their own ids.
 * The commit inserts it if it has values, or after sessio_session_store_empty(). If a session with
 * this token is live by then, the commit stores nothing, sends no cookie, and its outcome is a
 * conflict.
 *
 * The token is the client's secret. It must be random, at least 128 bits, and made by the program:
 * a token that was taken from a client is shared with the attacker who planted it.
 *
 * Does not ask the store. Fails with SESSIO_INVALID_ARGUMENT for a token that cannot be stored.
 */
int32_t sessio_manager_create(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);

/**
 * Stores the changes of a session at the end of its request. `*result` says what to send to the
 * client; send it with each of these:
 *
 * - SESSIO_DONE: stored, or there was nothing to store.
 *
 * - SESSIO_GONE: another request has ended the session or given it a new token. Nothing was
 * stored, and no cookie is sent because the client may have a newer one.
 *
 * - SESSIO_CONFLICT: another request has changed the session, and the setting `on_conflict` is
 * `fail`; or the token of sessio_manager_create() is taken. Nothing was stored.
 *
 * A new session is inserted under a new token. A loaded one is written only if the store still has
 * what was loaded; if another request has changed it since, this one's changes are applied on top,
 * key by key. The changes are kept after an error, so the call can be repeated. `result` may be
 * NULL.
 *
 * Asks the store. Fails as sessio_session_get(), and with SESSIO_TOO_LARGE, SESSIO_FULL in memory,
 * SESSIO_UNSUPPORTED for a subject where the table has no column for it, SESSIO_OVERLOADED if
 * other requests keep changing the session first, and SESSIO_INVALID_ARGUMENT for a session of
 * another manager and for an increment or an item that does not fit what is stored.
 */
int32_t sessio_manager_commit(
    sessio_manager *manager, sessio_session *session, sessio_commit_result **result,
    sessio_error **error);

/**
 * A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
 * `next` of one page to get the next. Each can be read, changed, committed and destroyed. They are
 * other clients' sessions: they have no token, and their commits send no cookie. `after` is NULL
 * for the first page.
 *
 * Asks the store. Fails as sessio_store_list(), and with SESSIO_INVALID_ARGUMENT for the limit.
 */
int32_t sessio_manager_list(
    sessio_manager *manager, const char *after, size_t after_len, size_t limit,
    sessio_session_page **page, sessio_error **error);

/**
 * sessio_manager_list() for the sessions of one subject, such as a user's devices. `after` is NULL
 * for the first page.
 *
 * Asks the store. Fails as sessio_manager_list(), and with SESSIO_INVALID_ARGUMENT for a subject
 * that is not 1 to 255 characters long, and SESSIO_UNSUPPORTED where the table has no column for
 * subjects.
 */
int32_t sessio_manager_list_subject(
    sessio_manager *manager, const char *subject, size_t subject_len, const char *after,
    size_t after_len, size_t limit, sessio_session_page **page, sessio_error **error);

/**
 * Runs `change` on the current session of a token and stores its changes if no other request has
 * changed the session since; otherwise runs it again on the session as it is then, until it
 * succeeds. For changes that depend on other values, where sessio_session_take(),
 * sessio_session_increment() and sessio_session_append_int() are not enough.
 *
 * - SESSIO_DONE: stored, or there was nothing to store. Send `*result` to the client, as after a
 * commit.
 * - SESSIO_GONE: there is no such session, or not any more. `change` may not have run at all.
 * - SESSIO_ABORTED: `change` returned another number than 0. Nothing was stored.
 *
 * Fails as sessio_manager_commit(), and nothing is stored then; with SESSIO_OVERLOADED if other
 * requests stored first for longer than the store's `timeout`. `result` may be NULL.
 */
int32_t sessio_manager_transact(
    sessio_manager *manager, const char *token, size_t token_len, sessio_change_callback change,
    void *userdata, sessio_commit_result **result, sessio_error **error);

/** The outcome of the commit: one of SESSIO_COMMIT_…. */
int32_t sessio_commit_result_outcome(const sessio_commit_result *result);

/**
 * The token of the session, with a NUL after it, for clients without cookies. It is the client's
 * secret: never log it. NULL if there is none: the session was never stored, has ended, or comes
 * from a list.
 */
const char *sessio_commit_result_token(const sessio_commit_result *result, size_t *len);

/**
 * The value of the `Set-Cookie` header, which sets or deletes the cookie. NULL if no cookie is to
 * be sent. sessio_commit_result_header_value() includes it.
 */
const char *sessio_commit_result_set_cookie(const sessio_commit_result *result);

/**
 * The same cookie as an object, for sessio_cookie_name() and its siblings. NULL if no cookie is to
 * be sent.
 */
const sessio_cookie *sessio_commit_result_cookie(const sessio_commit_result *result);

/**
 * How many headers to add to the response. They are all that a web program needs: with a cookie
 * `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"`, so that no cache gives it to another
 * client; and `Vary: Cookie` if the session was read or a cookie is sent. Add them; do not replace
 * headers of your own.
 *
 * A program that sends tokens in another header adds `Vary` with the name of that header itself.
 */
size_t sessio_commit_result_header_count(const sessio_commit_result *result);

/** The name of the header at `index`, such as `"Set-Cookie"`. */
const char *sessio_commit_result_header_name(const sessio_commit_result *result, size_t index);

/** The value of the header at `index`. */
const char *sessio_commit_result_header_value(const sessio_commit_result *result, size_t index);

/**
 * Whether the program has read or changed values of the session, so that the response may differ
 * for another cookie, which `Vary: Cookie` tells caches. sessio_session_ensure_loaded() alone does
 * not count.
 */
bool sessio_commit_result_was_read(const sessio_commit_result *result);

/**
 * When the session ends if it is not used; SESSIO_NEVER if it has no end, or there is no session.
 */
int64_t sessio_commit_result_expires_at_us(const sessio_commit_result *result);

/** Frees a commit result and its texts. */
void sessio_commit_result_free(sessio_commit_result *result);

/** The name. */
const char *sessio_cookie_name(const sessio_cookie *cookie);

/**
 * The value as it goes into the header, already encoded; `""` to delete the cookie. It contains
 * the client's secret: never log it.
 */
const char *sessio_cookie_value(const sessio_cookie *cookie);

/** The path: the browser sends the cookie to it and to paths below it. */
const char *sessio_cookie_path(const sessio_cookie *cookie);

/**
 * The domain: the browser sends the cookie to this host and its subdomains. NULL if only to the
 * host that set it.
 */
const char *sessio_cookie_domain(const sessio_cookie *cookie);

/**
 * Whether requests from other sites carry the cookie: `"lax"`, `"strict"`, `"none"`, or `"unset"`
 * for no attribute.
 */
const char *sessio_cookie_same_site(const sessio_cookie *cookie);

/**
 * When the browser deletes the cookie, a whole second; SESSIO_NEVER if that is when it is closed,
 * and the cookie then has no `Expires`.
 */
int64_t sessio_cookie_expires_us(const sessio_cookie *cookie);

/**
 * The same in seconds from now: 0 to delete the cookie; -1 if the browser deletes it when it is
 * closed, and the cookie then has no `Max-Age`. -1 for NULL.
 */
int64_t sessio_cookie_max_age(const sessio_cookie *cookie);

/** Whether the browser sends the cookie over encrypted connections only. */
bool sessio_cookie_secure(const sessio_cookie *cookie);

/** Whether the cookie is hidden from scripts in the page. */
bool sessio_cookie_http_only(const sessio_cookie *cookie);

/** Whether the cookie, in a frame on another site, is separate for each such site. */
bool sessio_cookie_partitioned(const sessio_cookie *cookie);

/** How many sessions are on a page. */
size_t sessio_session_page_count(const sessio_session_page *page);

/**
 * The session at `index`, to be read, changed, committed or destroyed. It has no token;
 * sessio_session_key() gives its key. It belongs to the page.
 */
sessio_session *sessio_session_page_at(sessio_session_page *page, size_t index);

/**
 * The key to pass as `after` for the next page; NULL on the last page. It belongs to this page:
 * list the next one before freeing this one.
 */
const char *sessio_session_page_next(const sessio_session_page *page, size_t *len);

/** Frees a page with its sessions. Their uncommitted changes are dropped. */
void sessio_session_page_free(sessio_session_page *page);

/**
 * A cursor over all live sessions. Each can be used like one of sessio_manager_list(). Does not
 * ask the store yet.
 */
int32_t sessio_manager_each(
    sessio_manager *manager, sessio_session_cursor **cursor, sessio_error **error);

/**
 * sessio_manager_each() for the sessions of one subject, such as a user's devices. A subject that
 * cannot exist, and a table without a column for subjects, are errors of
 * sessio_session_cursor_next().
 */
int32_t sessio_manager_each_subject(
    sessio_manager *manager, const char *subject, size_t subject_len,
    sessio_session_cursor **cursor, sessio_error **error);

/**
 * Sets `*session` to the next session; SESSIO_NOT_FOUND after the last one. The session belongs to
 * the cursor and lives until the next call, which drops its uncommitted changes.
 *
 * Asks the store once for every hundred sessions. Fails as sessio_manager_list(); call it again to
 * retry.
 */
int32_t sessio_session_cursor_next(
    sessio_session_cursor *cursor, sessio_session **session, sessio_error **error);

/** Frees a cursor and the session that it gave last. */
void sessio_session_cursor_free(sessio_session_cursor *cursor);

#ifdef __cplusplus
}
#endif

#endif
