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
 * Receives log messages. `level` is one of SESSIO_LOG_…; `message` ends with a NUL and is valid
 * during the call only. It never contains a token, a key, session data or a password.
 *
 * It is called from any thread, sessio's own included, and from several at once. It must not block
 * for long, must not call a MySQL store (on sessio's threads that fails with
 * SESSIO_INVALID_ARGUMENT), and must neither throw nor `longjmp`.
 */
typedef void (*sessio_log_callback)(void *userdata, int32_t level, const char *message);

/**
 * Sends log messages of `level` (one of SESSIO_LOG_…) and more severe ones to `callback`. NULL or
 * SESSIO_LOG_OFF ends that. Without a callback sessio logs nothing.
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

#ifdef __cplusplus
}
#endif

#endif
