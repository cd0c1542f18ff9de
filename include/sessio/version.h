/*
 * Versions of the header and of the linked library.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_VERSION_H
#define SESSIO_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Major version of this header. */
#define SESSIO_VERSION_MAJOR 0

/** Minor version of this header. */
#define SESSIO_VERSION_MINOR 1

/** Patch version of this header. */
#define SESSIO_VERSION_PATCH 0

/** Version of this header as one number: major * 1000000 + minor * 1000 + patch. */
#define SESSIO_VERSION_NUMBER 1000

/** Rises when programs must be recompiled. The soname of the library ends with it. */
#define SESSIO_ABI_VERSION 0

/** The version of the linked library as text, such as `"0.1.0"`. Static text. */
const char *sessio_version(void);

/**
 * The version of the linked library as a number. A library with a lower number than
 * SESSIO_VERSION_NUMBER lacks functions that this header declares.
 */
uint32_t sessio_version_number(void);

/** The ABI of the linked library, which must equal SESSIO_ABI_VERSION. */
uint32_t sessio_abi_version(void);

#ifdef __cplusplus
}
#endif

#endif
