/*
 * The log of the library.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_LOG_H
#define SESSIO_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** No messages. */
#define SESSIO_LOG_OFF 0

/** Failures that should not happen. */
#define SESSIO_LOG_ERROR 1

/** Problems that an operator should look at, such as a failed cleanup. */
#define SESSIO_LOG_WARN 2

/** Information for operators. */
#define SESSIO_LOG_INFO 3

/** Information for developers. */
#define SESSIO_LOG_DEBUG 4

/** Everything. */
#define SESSIO_LOG_TRACE 5

/**
 * Log messages that wait for the program to take them, for programs and languages into which
 * sessio cannot call from its threads.
 */
typedef struct sessio_log sessio_log;

/**
 * Receives log messages. `level` is one of SESSIO_LOG_…; `message` ends with a NUL and is valid
 * during the call only. It never contains a token, a key, session data or a password.
 *
 * It is called from any thread, sessio's own included, and from several at once. It must not block
 * for long, must not call a MySQL store (on sessio's threads that fails with
 * SESSIO_INVALID_ARGUMENT), and must neither throw nor `longjmp`.
 */
typedef void (*sessio_log_callback)(void *userdata, int32_t level, const char *message);

/**
 * Sends log messages of `level` (one of SESSIO_LOG_…) and more severe ones to `callback`, instead
 * of the receiver that was set before. NULL or SESSIO_LOG_OFF ends that. Without a receiver sessio
 * logs nothing.
 *
 * When the call returns, the callback that was set before is not running and will not be called
 * again. `userdata` must live until then. A forked child inherits the callback.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for an unknown level and when called from a callback, and
 * with SESSIO_UNSUPPORTED in a program that links the static library and collects its log from
 * Rust.
 */
int32_t sessio_set_log_callback(
    int32_t level, sessio_log_callback callback, void *userdata, sessio_error **error);

/**
 * Keeps log messages of `level` (one of SESSIO_LOG_…) and more severe ones for sessio_log_next(),
 * instead of the receiver that was set before. At most `capacity` (1 to 65536) are kept: then the
 * oldest is dropped for a new one, and counted.
 *
 * Fails as sessio_set_log_callback(). In a forked child the log starts empty.
 */
int32_t sessio_log_open(int32_t level, size_t capacity, sessio_log **log, sessio_error **error);

/**
 * Takes the oldest message: sets `*level` to one of SESSIO_LOG_…, and `*message` to a text that
 * belongs to the log and lives until the next call. SESSIO_NOT_FOUND, 0 and NULL if there is none.
 * Never waits.
 */
int32_t sessio_log_next(
    sessio_log *log, int32_t *level, const char **message, sessio_error **error);

/** A file descriptor that is readable while there are messages, as that of sessio_queue_fd(). */
int32_t sessio_log_fd(const sessio_log *log, sessio_error **error);

/** How many messages were dropped because they were not taken in time. */
uint64_t sessio_log_dropped(const sessio_log *log);

/** Frees a log with its messages, and ends the logging unless another receiver was set since. */
void sessio_log_free(sessio_log *log);

#ifdef __cplusplus
}
#endif

#endif
