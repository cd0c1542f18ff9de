/*
 * Statuses that calls return, and errors.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_ERROR_H
#define SESSIO_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Success. For questions: yes. */
#define SESSIO_DONE 0

/**
 * There is no live session with this token (absent, expired and malformed are the same), or no
 * value with this key.
 */
#define SESSIO_NOT_FOUND 1

/** The session is live, but its data is not what was expected. Nothing was written. */
#define SESSIO_CONFLICT 2

/** There is no live session with this token, so nothing was written. */
#define SESSIO_GONE 3

/** A callback of the program gave up. Nothing was written. */
#define SESSIO_ABORTED 4

/** The call itself is wrong: fix the program. The message names the argument. */
#define SESSIO_INVALID_ARGUMENT (-1)

/** A live session has this token already: choose another token. */
#define SESSIO_ALREADY_EXISTS (-2)

/**
 * The data is over a limit (`max_data`, the column, or the server's packet), or a buffer is too
 * small.
 */
#define SESSIO_TOO_LARGE (-3)

/** The memory store is at its limit (`max_sessions`, `max_bytes`): raise it, or shed load. */
#define SESSIO_FULL (-4)

/** Too many calls are waiting for the server: shed load, or try again later. */
#define SESSIO_OVERLOADED (-5)

/** The deadline passed. A write may or may not have happened. */
#define SESSIO_TIMEOUT (-6)

/**
 * The server cannot be reached, refused the login, or closed the connection during the call. A
 * write may or may not have happened.
 */
#define SESSIO_UNAVAILABLE (-7)

/**
 * The table is missing or has an unknown layout: call sessio_store_migrate(), or name the right
 * table.
 */
#define SESSIO_SCHEMA (-8)

/** The table's layout cannot do this. The message names the migration that adds it. */
#define SESSIO_UNSUPPORTED (-9)

/** The stored data cannot be decoded: the row was damaged, or another program wrote it. */
#define SESSIO_CORRUPT (-10)

/** The store was closed: open a new one. */
#define SESSIO_CLOSED (-11)

/**
 * The process forked while this call was pending; the parent gets the answer. Make the call again.
 */
#define SESSIO_FORKED (-12)

/** A bug in sessio: please report it. */
#define SESSIO_INTERNAL (-13)

/** Why a call failed: a code for programs and a message for people. Immutable. */
typedef struct sessio_error sessio_error;

/**
 * The name of a status: `"Done"`, `"NotFound"`, `"Timeout"`, and so on; `"unknown"` for any other
 * number. Error names are the same in all languages that sessio supports. Static text.
 */
const char *sessio_status_name(int32_t status);

/** The status that the call returned; 0 for NULL. */
int32_t sessio_error_code(const sessio_error *error);

/**
 * What is wrong and what to do next, in English, for people and logs. The wording is not part of
 * the API. It never contains a token, a key, session data or a password. `""` for NULL.
 */
const char *sessio_error_message(const sessio_error *error);

/** Whether the same call may succeed if it is repeated a little later. */
bool sessio_error_is_retryable(const sessio_error *error);

/** The error number of the MySQL server; 0 if the error is not the server's. */
int32_t sessio_error_errno(const sessio_error *error);

/** The five-character SQLSTATE of the MySQL server; NULL if the error is not the server's. */
const char *sessio_error_sqlstate(const sessio_error *error);

/** Frees an error and its texts. */
void sessio_error_free(sessio_error *error);

#ifdef __cplusplus
}
#endif

#endif
