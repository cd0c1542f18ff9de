/*
 * Clocks for tests.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_CLOCK_H
#define SESSIO_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A clock for tests: it stands still until sessio_clock_advance() moves it, so that expiry can be
 * tested without sleeping. It decides what has expired; timeouts of calls use real time.
 */
typedef struct sessio_clock sessio_clock;

/**
 * Makes a clock that shows `start_us`. Give it to stores with the member `clock` of
 * ::sessio_options. Free it with sessio_clock_free(). NULL only after a bug in sessio.
 */
sessio_clock *sessio_clock_new(int64_t start_us);

/**
 * Moves a clock forward by `by_us` microseconds, for all stores that were opened with it. Fails
 * with SESSIO_INVALID_ARGUMENT for a negative time.
 */
int32_t sessio_clock_advance(sessio_clock *clock, int64_t by_us, sessio_error **error);

/** The time that a clock shows. */
int64_t sessio_clock_now_us(const sessio_clock *clock);

/** Frees a clock. Stores that were opened with it keep the time that it showed last. */
void sessio_clock_free(sessio_clock *clock);

#ifdef __cplusplus
}
#endif

#endif
