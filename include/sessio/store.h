/*
 * Stores: bytes under a token, with an expiry.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_STORE_H
#define SESSIO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "error.h"
#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/** "Yes" in ::sessio_options. */
#define SESSIO_ON 1

/** "No" or "none" in ::sessio_options and in sessio_session_set_idle_timeout_us(). */
#define SESSIO_OFF (-1)

/** Connections are not encrypted. */
#define SESSIO_TLS_OFF 1

/** Encrypted, without checking the server's certificate. */
#define SESSIO_TLS_REQUIRED 2

/** Encrypted, and the certificate must be signed by a known authority. */
#define SESSIO_TLS_VERIFY_CA 3

/** Encrypted, and the certificate must be signed by a known authority and name this host. */
#define SESSIO_TLS_VERIFY_IDENTITY 4

/** Size of a buffer for sessio_generate_token(): 43 characters and the NUL. */
#define SESSIO_TOKEN_SIZE 44

/** Room for a key as text of sessio_key_to_text(), with the NUL. */
#define SESSIO_KEY_TEXT_SIZE 76

/** Options that were set with sessio_options_set(). */
typedef struct sessio_settings sessio_settings;

/** A store of sessions, in a MySQL table or in memory. */
typedef struct sessio_store sessio_store;

/**
 * Options of sessio_store_open(). Start with SESSIO_OPTIONS_INIT and set the members you need: a
 * member that is 0 or NULL is as the URL says, or the default. Members take precedence over
 * sessio_options_set(), and that over the URL.
 *
 * sessio_store_open() copies the options and everything they point to.
 */
typedef struct sessio_options {
    /** `sizeof(sessio_options)`. */
    size_t struct_size;
    /** The table's name. Default: `"sessions"`. */
    const char *table;
    /** A PEM file with the authorities to trust; without it, the usual public ones. */
    const char *ca;
    /**
     * The time from one background cleanup to the next, more or less. SESSIO_OFF for none. In
     * milliseconds. Default: 5 minutes.
     */
    int64_t cleanup_interval_ms;
    /**
     * The time within which every call is answered, waiting and connecting included. In
     * milliseconds. Default: 5 seconds.
     */
    int64_t timeout_ms;
    /** The most bytes of one session. Default: 1048576. */
    size_t max_data;
    /** The most sessions in memory. */
    size_t max_sessions;
    /** The most bytes of session data in memory. */
    size_t max_bytes;
    /**
     * The most connections to the server, 1 to 64: opened when they are needed, closed when they
     * are idle. Default: 16.
     */
    size_t connections;
    /**
     * Whether the table keeps a hash of the token instead of the token: SESSIO_OFF for tables that
     * hold plain tokens, as with `max_lifetime_ms`. SESSIO_ON or SESSIO_OFF. Default: SESSIO_ON.
     */
    int32_t hash_tokens;
    /**
     * Whether connections are encrypted, and what is verified of the server's certificate. One of
     * SESSIO_TLS_OFF, SESSIO_TLS_REQUIRED, SESSIO_TLS_VERIFY_CA, SESSIO_TLS_VERIFY_IDENTITY.
     * Default: SESSIO_TLS_OFF.
     */
    int32_t tls;
    /** A clock to use instead of the system's, for tests. */
    const sessio_clock *clock;
    /** Set by sessio_options_set() and freed by sessio_options_clear(); leave it alone. */
    sessio_settings *settings;
    /**
     * For a beego table, which has to be told: `maxLifetime` (or `gclifetime`) of beego's
     * configuration, a whole number of seconds. In milliseconds.
     */
    int64_t max_lifetime_ms;
    /** A PEM file with the certificate that the server asks this client for. Needs `tls_key`. */
    const char *tls_cert;
    /** A PEM file with the private key of `tls_cert`, without a passphrase. */
    const char *tls_key;
    /**
     * The column names of a table that others made:
     * `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
     */
    const char *columns;
    /**
     * Variables of the server that each connection sets:
     * `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
     */
    const char *session_variables;
    /**
     * With several hosts, whether to start on any of them instead of the first. SESSIO_ON or
     * SESSIO_OFF. Default: SESSIO_OFF.
     */
    int32_t spread_hosts;
    /** Must be 0. */
    int32_t reserved;
} sessio_options;

/** What a write stores. Start with SESSIO_CONTENT_INIT. */
typedef struct sessio_content {
    /** `sizeof(sessio_content)`. */
    size_t struct_size;
    /** The data of the session. */
    const void *data;
    /** Its length. */
    size_t data_len;
    /**
     * When the session ends, or SESSIO_NEVER. A time in the past, such as 0, is allowed: the
     * session is stored, but not live.
     */
    int64_t expires_at_us;
    /**
     * The subject: UTF-8, at most 255 characters. NULL keeps the subject; a text of length 0
     * removes it.
     */
    const char *subject;
    /** The length of the subject. */
    size_t subject_len;
} sessio_content;

/** Bytes with a length, for functions that take several. */
typedef struct sessio_text {
    /** The first byte. */
    const char *text;
    /** The number of bytes. */
    size_t len;
} sessio_text;

/** A session of sessio_store_save_many(). Start with SESSIO_ROW_INIT. */
typedef struct sessio_row {
    /** `sizeof(sessio_row)`; the same in all rows of one call. */
    size_t struct_size;
    /** The client's token. */
    const char *token;
    /** Its length. */
    size_t token_len;
    /** The data of the session. */
    const void *data;
    /** Its length. */
    size_t data_len;
    /** When the session ends: as in ::sessio_content. */
    int64_t expires_at_us;
    /** The subject: as in ::sessio_content. */
    const char *subject;
    /** The length of the subject. */
    size_t subject_len;
} sessio_row;

/** Options with all defaults: `sessio_options options = SESSIO_OPTIONS_INIT;` */
#define SESSIO_OPTIONS_INIT \
    {sizeof(sessio_options), NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, NULL, NULL, NULL, \
     NULL, 0, 0}

/** Content without data that has expired already: set data, data_len and expires_at_us. */
#define SESSIO_CONTENT_INIT {sizeof(sessio_content), NULL, 0, 0, NULL, 0}

/** A row without a token and data that has expired already: set token, data and expires_at_us. */
#define SESSIO_ROW_INIT {sizeof(sessio_row), NULL, 0, NULL, 0, 0, NULL, 0}

/**
 * Sets an option by its name in URLs, which is that of its member in ::sessio_options without
 * `_ms`. Durations are seconds (`"300"`, `"0.5"`) or have a unit (`"250ms"`, `"5m"`, `"1h"`,
 * `"7d"`).
 *
 * Fails with SESSIO_INVALID_ARGUMENT for an unknown name or value, and leaves the options
 * unchanged. Allocates: call sessio_options_clear() in the end.
 */
int32_t sessio_options_set(
    sessio_options *options, const char *name, const char *value, sessio_error **error);

/** Frees what sessio_options_set() allocated. The options can be used again. */
void sessio_options_clear(sessio_options *options);

/**
 * Writes a new token, 43 characters of base64url and a NUL, into `buffer`, whose size is
 * `capacity` (at least SESSIO_TOKEN_SIZE).
 *
 * The token has 32 random bytes straight from the operating system, so no two processes ever make
 * the same one, forked or not. It is the client's secret: never log it.
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the buffer is too small, and leaves it unchanged; with
 * SESSIO_INTERNAL if the system has no randomness, and the buffer holds `""`.
 */
int32_t sessio_generate_token(char *buffer, size_t capacity, sessio_error **error);

/**
 * Opens a store. The URL is one of:
 *
 * - `memory:`
 * - `mysql://user:password@host:3306/database?table=sessions`
 * - the same with several hosts, `a:3306,b:3306`, which are tried in this order
 * - a Go DSN, `user:password@tcp(host:3306)/database`
 * - the JSON that a beego program gives to `NewManager`: then table and lifetimes are beego's, and
 * so are the defaults of the store's managers, cookie included
 *
 * `options` may be NULL. Opening does not connect; the first call does. Expired sessions in a
 * table are then deleted in the background every 5 minutes (`cleanup_interval`).
 *
 * Fails with SESSIO_INVALID_ARGUMENT if the URL or an option is not understood.
 *
 * Fork: the store works in a child, with its own connections. A memory store starts empty there.
 */
int32_t sessio_store_open(
    const char *url, const sessio_options *options, sessio_store **store, sessio_error **error);

/**
 * Where a store is, for people: `memory:` or `mysql://host:3306/database`, without user and
 * password. `""` for NULL.
 */
const char *sessio_store_location(const sessio_store *store);

/**
 * Ends the background cleanup of a store in this process for good, and waits for a cleanup that is
 * running. May be called again. Not from a log callback.
 */
int32_t sessio_store_stop_cleanup(sessio_store *store, sessio_error **error);

/**
 * Sets `*value` to a counter of a store: what happened in this process since its first use of the
 * store, or since the fork. The names are those of sessio_stats_name(): `"statements"`,
 * `"batches"`, `"retries"`, `"connections"`, `"cleanups"`, `"cleanup_errors"`, `"removed"`,
 * `"sessions"`, `"bytes"`. Fails with SESSIO_INVALID_ARGUMENT for other names.
 */
int32_t sessio_store_stats(
    const sessio_store *store, const char *name, uint64_t *value, sessio_error **error);

/** The name of the counter at `index`, from 0; NULL after the last. Static text. */
const char *sessio_stats_name(size_t index);

/**
 * Refuses new calls, finishes those that are pending, stops the cleanup, and releases connections
 * and memory. Later calls fail with SESSIO_CLOSED. May be called again. Waits at most the
 * `timeout` option and a second. Not from a log callback. In a forked child the parent's
 * connections stay open.
 */
int32_t sessio_store_close(sessio_store *store, sessio_error **error);

/**
 * Closes a store if it is open, and frees it. Calls that are pending in a queue are finished, and
 * complete in the queue. Not from a log callback.
 */
void sessio_store_free(sessio_store *store);

/**
 * Writes a listed key as text, with a NUL after it, into `buffer`, which has room for `capacity`
 * (at least SESSIO_KEY_TEXT_SIZE) characters: `sessio-key:` and the key, as every language of
 * sessio writes it, for a page or a command that acts on a listed session later. Where a token is
 * expected such a text finds nothing.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for NULL, for a buffer that is too small, and for what cannot
 * be a key; the buffer is untouched then.
 *
 * Ownership: the buffer is the caller's. Threads: any.
 */
int32_t sessio_key_to_text(
    const char *key, size_t key_len, char *buffer, size_t capacity, sessio_error **error);

/**
 * Reads a key as text, as sessio_key_to_text() or another language wrote it: sets `*key` to where
 * in `text` the key begins, of `*key_len` characters, for the functions that take a key.
 *
 * An attacker who has read the table knows all keys: read what the program itself has listed,
 * behind its own check of who may act on that session, and never what came in the place of a
 * token.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for NULL and for what is no key as text; `*key` is NULL and
 * `*key_len` 0 then.
 *
 * Ownership: the key is a part of `text` and lives as long. Threads: any.
 */
int32_t sessio_key_from_text(
    const char *text, size_t text_len, const char **key, size_t *key_len, sessio_error **error);

/**
 * The live session, or SESSIO_NOT_FOUND: absent, expired and malformed tokens are all
 * SESSIO_NOT_FOUND. An error means that the system failed.
 *
 * Fails as every verb does.
 *
 * Ownership: what is given is copied. Sets `*record` to what the caller owns, and frees by
 * sessio_record_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_find(
    const sessio_store *store, const char *token, size_t token_len, sessio_record **record,
    sessio_error **error);

/**
 * sessio_store_find() by the key of a listed session.
 *
 * Fails as sessio_store_find().
 *
 * Ownership: what is given is copied. Sets `*record` to what the caller owns, and frees by
 * sessio_record_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_find_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_record **record,
    sessio_error **error);

/**
 * Whether a live session has the token. SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.
 *
 * Fails as every verb does.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_exists(
    const sessio_store *store, const char *token, size_t token_len, sessio_error **error);

/**
 * sessio_store_exists() by the key of a listed session.
 *
 * Fails as sessio_store_exists().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_exists_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_error **error);

/**
 * Stores a session, whatever was there before. When it returns, the session is committed. Over a
 * session that was just logged out this brings it back: use sessio_store_update() or
 * sessio_store_replace() for what was loaded. `expires_at_us` is in microseconds since
 * 1970-01-01T00:00:00 UTC, or SESSIO_NEVER.
 *
 * Fails as every verb does, and with SESSIO_TOO_LARGE, SESSIO_FULL in memory, and
 * SESSIO_UNSUPPORTED for a subject where the table has no column for it.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_save(
    const sessio_store *store, const char *token, size_t token_len, const void *data,
    size_t data_len, int64_t expires_at_us, sessio_error **error);

/**
 * sessio_store_save() with a subject.
 *
 * Fails as sessio_store_save().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_save_content(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);

/**
 * Stores a session only if no live one has the token; an expired one is replaced.
 *
 * Fails as sessio_store_save(), and with SESSIO_ALREADY_EXISTS.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_insert(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);

/**
 * Changes a live session. SESSIO_GONE, and nothing written, when it is gone: a session that was
 * ended is never brought back.
 *
 * Fails as sessio_store_save().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_update(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);

/**
 * sessio_store_update() by the key of a listed session.
 *
 * Fails as sessio_store_update().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_update_by_key(
    const sessio_store *store, const char *key, size_t key_len, const sessio_content *content,
    sessio_error **error);

/**
 * Changes a live session only if its data is still `expected`: compare and swap. Saved, a
 * conflict, or gone. That is SESSIO_DONE, SESSIO_CONFLICT or SESSIO_GONE.
 *
 * Fails as sessio_store_save().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_replace(
    const sessio_store *store, const char *token, size_t token_len, const void *expected,
    size_t expected_len, const sessio_content *content, sessio_error **error);

/**
 * sessio_store_replace() by the key of a listed session.
 *
 * Fails as sessio_store_replace().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_replace_by_key(
    const sessio_store *store, const char *key, size_t key_len, const void *expected,
    size_t expected_len, const sessio_content *content, sessio_error **error);

/**
 * Moves the expiry of a live session and leaves its data alone. SESSIO_GONE when it is gone. A
 * manager's session lives no longer than its data says: touch it through its manager.
 * `expires_at_us` is in microseconds since 1970-01-01T00:00:00 UTC, or SESSIO_NEVER.
 *
 * Fails as every verb does.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_touch(
    const sessio_store *store, const char *token, size_t token_len, int64_t expires_at_us,
    sessio_error **error);

/**
 * sessio_store_touch() by the key of a listed session.
 *
 * Fails as sessio_store_touch().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_touch_by_key(
    const sessio_store *store, const char *key, size_t key_len, int64_t expires_at_us,
    sessio_error **error);

/**
 * Gives a live session another token, and new content if it is given, in one step: never are both
 * tokens valid, and never neither. SESSIO_GONE when it is gone. Do this whenever a user's rights
 * change, at login above all. `content` is NULL to leave the content as it is.
 *
 * Fails as sessio_store_save(), and with SESSIO_ALREADY_EXISTS when a live session has the new
 * token.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_rename(
    const sessio_store *store, const char *token, size_t token_len, const char *new_token,
    size_t new_token_len, const sessio_content *content, sessio_error **error);

/**
 * sessio_store_rename() by the key of a listed session.
 *
 * Fails as sessio_store_rename().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_rename_by_key(
    const sessio_store *store, const char *key, size_t key_len, const char *new_token,
    size_t new_token_len, const sessio_content *content, sessio_error **error);

/**
 * Ends a session. Whether there was a live one; none is no error. SESSIO_DONE for yes,
 * SESSIO_NOT_FOUND for no.
 *
 * Fails as every verb does.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_delete(
    const sessio_store *store, const char *token, size_t token_len, sessio_error **error);

/**
 * sessio_store_delete() by the key of a listed session.
 *
 * Fails as sessio_store_delete().
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_delete_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_error **error);

/**
 * sessio_store_find() for up to 10,000 at once; the records are in the order asked.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for more.
 *
 * Ownership: what is given is copied. Sets `*records` to what the caller owns, and frees by
 * sessio_records_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_find_many(
    const sessio_store *store, const sessio_text *tokens, size_t count, sessio_records **records,
    sessio_error **error);

/**
 * sessio_store_save() for up to 10,000 at once. All are checked before any is written; each is
 * written on its own, so after an error some may be saved.
 *
 * Fails as sessio_store_save(), and with SESSIO_INVALID_ARGUMENT for more.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_save_many(
    const sessio_store *store, const sessio_row *rows, size_t count, sessio_error **error);

/**
 * sessio_store_delete() for up to 10,000 at once: how many were live. Sets `*deleted` to that
 * number; to 0 when it fails.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for more.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_delete_many(
    const sessio_store *store, const sessio_text *tokens, size_t count, uint64_t *deleted,
    sessio_error **error);

/**
 * How many sessions are live. Reads the expiry index of the whole table. Sets `*count` to that
 * number; to 0 when it fails.
 *
 * Fails as every verb does.
 *
 * Threads: any.
 */
int32_t sessio_store_count(const sessio_store *store, uint64_t *count, sessio_error **error);

/**
 * A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
 * `next` of one page to get the next. `after` is NULL for the first page.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for the limit.
 *
 * Ownership: what is given is copied. Sets `*page` to what the caller owns, and frees by
 * sessio_page_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_list(
    const sessio_store *store, const char *after, size_t after_len, size_t limit,
    sessio_page **page, sessio_error **error);

/**
 * sessio_store_list() for the sessions of one subject: a user's devices. `after` is NULL for the
 * first page.
 *
 * Fails as sessio_store_list(), and with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to
 * 255 characters long, and SESSIO_UNSUPPORTED where the table has no subject column.
 *
 * Ownership: what is given is copied. Sets `*page` to what the caller owns, and frees by
 * sessio_page_free(); to NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_list_subject(
    const sessio_store *store, const char *subject, size_t subject_len, const char *after,
    size_t after_len, size_t limit, sessio_page **page, sessio_error **error);

/**
 * Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How many were
 * live. What the subject opens while this runs may stay. `keep` is NULL for none. Sets `*deleted`
 * to that number; to 0 when it fails.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for a subject that is not 1 to 255
 * characters long, and SESSIO_UNSUPPORTED where the table has no subject column.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_delete_subject(
    const sessio_store *store, const char *subject, size_t subject_len, const char *keep,
    size_t keep_len, uint64_t *deleted, sessio_error **error);

/**
 * Ends all sessions: how many were live. Whatever the table holds is deleted, in slices, so that
 * no other call waits for it long; what is stored while it runs may stay. A large table may take
 * longer than the `timeout_ms` option allows: after SESSIO_TIMEOUT a part is gone, and calling it
 * again goes on. Sets `*deleted` to that number; to 0 when it fails.
 *
 * Fails as every verb does, and with an error of the server for rows that another table's foreign
 * key holds, and then all others are gone.
 *
 * Threads: any.
 */
int32_t sessio_store_clear(const sessio_store *store, uint64_t *deleted, sessio_error **error);

/**
 * Removes up to `limit` (1 to 100,000) expired sessions: how many it removed. Sets `*deleted` to
 * that number; to 0 when it fails.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for the limit.
 *
 * Threads: any.
 */
int32_t sessio_store_delete_expired(
    const sessio_store *store, size_t limit, uint64_t *deleted, sessio_error **error);

/**
 * Creates the table, or upgrades it. Changes nothing where it is up to date.
 *
 * Fails as every verb does, and with SESSIO_SCHEMA for a table of no known layout, and
 * SESSIO_UNSUPPORTED for one that another library made: see sessio_store_migrate_from().
 *
 * Threads: any.
 */
int32_t sessio_store_migrate(const sessio_store *store, sessio_error **error);

/**
 * Makes a live table of another library one of sessio's, in place: no session is lost, and the
 * other library goes on using it. `library` is "scs". Changes nothing where it is up to date.
 *
 * What changes the type of a column makes the server copy the table, and until it has, readers go
 * on and writers wait: about a minute for a million sessions on a small machine, in which a store
 * answers writes with SESSIO_TIMEOUT. Call sessio_store_delete_expired() before it, and it has
 * less to copy. (MariaDB lets writers go on too, from version 11.2.) A subject column and indexes
 * are added while readers and writers go on. At its start and end it waits for the statements that
 * run, and all other statements wait behind it; after two seconds it steps back and tries again.
 * The `timeout_ms` option is not for it, and when the connection breaks, the server undoes it.
 *
 * Other programs' stores may stay open. They learn by their next cleanup what the table has
 * become, and use it as it was till then.
 *
 * Fails as every verb does, and with SESSIO_INVALID_ARGUMENT for another library, SESSIO_SCHEMA
 * for a table of no known layout, and SESSIO_UNSUPPORTED for one that cannot be upgraded; then
 * nothing has changed.
 *
 * Ownership: what is given is copied. Threads: any.
 */
int32_t sessio_store_migrate_from(
    const sessio_store *store, const char *library, sessio_error **error);

/**
 * What is wrong with the table; empty when nothing is. A missing or unknown table is an issue,
 * too, not an error.
 *
 * Fails as every verb does.
 *
 * Ownership: Sets `*issues` to what the caller owns, and frees by sessio_check_issues_free(); to
 * NULL unless the result is SESSIO_DONE. Threads: any.
 */
int32_t sessio_store_check(
    const sessio_store *store, sessio_check_issues **issues, sessio_error **error);

/**
 * Reaches the server and comes back.
 *
 * Fails as every verb does.
 *
 * Threads: any.
 */
int32_t sessio_store_ping(const sessio_store *store, sessio_error **error);

#ifdef __cplusplus
}
#endif

#endif
