/*
 * Values of sessions: scalars, text, bytes, times, lists and maps.
 *
 * What holds for all functions is said in sessio.h.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

#ifndef SESSIO_VALUE_H
#define SESSIO_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Null. */
#define SESSIO_KIND_NULL 0

/** True or false. */
#define SESSIO_KIND_BOOL 1

/** An integer of 64 bits, signed or unsigned. */
#define SESSIO_KIND_INTEGER 2

/** A floating point number. */
#define SESSIO_KIND_FLOAT 3

/** UTF-8, which may contain NULs. */
#define SESSIO_KIND_TEXT 4

/** Bytes. */
#define SESSIO_KIND_BYTES 5

/** An instant, to the microsecond. */
#define SESSIO_KIND_TIME 6

/** Values in an order. */
#define SESSIO_KIND_LIST 7

/** Values by key, in the order of the keys. */
#define SESSIO_KIND_MAP 8

/**
 * A value of a session: a copy, independent of the session. To store a change, put it back with
 * sessio_session_put_value().
 */
typedef struct sessio_value sessio_value;

/** The kind of a value: one of SESSIO_KIND_…; SESSIO_KIND_NULL for NULL. */
int32_t sessio_value_kind(const sessio_value *value);

/** Sets `*into` to a bool. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind. */
int32_t sessio_value_bool(const sessio_value *value, bool *into, sessio_error **error);

/**
 * Sets `*into` to an integer. Fails with SESSIO_INVALID_ARGUMENT for a value of another kind, and
 * above INT64_MAX.
 */
int32_t sessio_value_int(const sessio_value *value, int64_t *into, sessio_error **error);

/**
 * Sets `*into` to an integer that is not negative. Fails with SESSIO_INVALID_ARGUMENT for a value
 * of another kind, and below 0.
 */
int32_t sessio_value_uint(const sessio_value *value, uint64_t *into, sessio_error **error);

/**
 * Sets `*into` to a floating point number; an integer is converted to the nearest one. Fails with
 * SESSIO_INVALID_ARGUMENT for a value of another kind.
 */
int32_t sessio_value_double(const sessio_value *value, double *into, sessio_error **error);

/**
 * Sets `*into` to a time, in microseconds since the epoch. Fails with SESSIO_INVALID_ARGUMENT for
 * a value of another kind.
 */
int32_t sessio_value_time_us(const sessio_value *value, int64_t *into, sessio_error **error);

/**
 * Frees a value and everything in it. Elements of a list or a map are freed with it, not by
 * themselves.
 */
void sessio_value_free(sessio_value *value);

/**
 * Makes null. The functions that make values return what the caller frees with
 * sessio_value_free().
 */
sessio_value *sessio_value_new_null(void);

/** Makes a bool. */
sessio_value *sessio_value_new_bool(bool value);

/** Makes an integer. */
sessio_value *sessio_value_new_int(int64_t value);

/** Makes an integer that is not negative. */
sessio_value *sessio_value_new_uint(uint64_t value);

/** Makes a floating point number. It stays one, even if it is whole. */
sessio_value *sessio_value_new_double(double value);

/** Makes a text. NULL if `value` is not UTF-8, or is NULL with another length than 0. */
sessio_value *sessio_value_new_text(const char *value, size_t value_len);

/** Makes bytes. NULL if `value` is NULL with another length than 0. */
sessio_value *sessio_value_new_bytes(const void *value, size_t value_len);

/**
 * Makes a time, from microseconds since the epoch. Functions that take the value refuse times
 * outside the years 1 to 9999.
 */
sessio_value *sessio_value_new_time_us(int64_t value_us);

/** Makes an empty list, for sessio_value_append(). */
sessio_value *sessio_value_new_list(void);

/** Makes an empty map, for sessio_value_set(). */
sessio_value *sessio_value_new_map(void);

/** Makes a value from JSON, as sessio_session_put_json() takes it, and fails as that does. */
int32_t sessio_value_from_json(const char *json, sessio_value **value, sessio_error **error);

/**
 * Copies a value and everything in it, so that an element of another value becomes the caller's
 * own.
 */
sessio_value *sessio_value_copy(const sessio_value *value);

/**
 * Appends an item to a list that the caller owns. **Takes** the item, which must be the caller's
 * own, also when it fails, so this leaks nothing: `sessio_value_append(list,
 * sessio_value_new_int(7), &error)`. Pointers that were borrowed from the list before (its
 * elements, its JSON) become invalid.
 *
 * Fails with SESSIO_INVALID_ARGUMENT for a value that is no list, for an item that is the list
 * itself (which is not taken then), for a time outside the years 1 to 9999, and for more than 63
 * nested lists and maps. The list is unchanged then.
 */
int32_t sessio_value_append(sessio_value *list, sessio_value *item, sessio_error **error);

/**
 * Sets the value of a key in a map that the caller owns. **Takes** the value, and fails, as
 * sessio_value_append() does with the item.
 */
int32_t sessio_value_set(
    sessio_value *map, const char *key, size_t key_len, sessio_value *value, sessio_error **error);

/**
 * Removes a key from a map. SESSIO_NOT_FOUND if it is not there. Pointers that were borrowed from
 * the map before become invalid. Fails with SESSIO_INVALID_ARGUMENT for a value that is no map.
 */
int32_t sessio_value_remove(
    sessio_value *map, const char *key, size_t key_len, sessio_error **error);

/**
 * Removes the item at `index` from a list; later items move up. SESSIO_NOT_FOUND for an index out
 * of range. Pointers that were borrowed from the list before become invalid. Fails with
 * SESSIO_INVALID_ARGUMENT for a value that is no list.
 */
int32_t sessio_value_remove_at(sessio_value *list, size_t index, sessio_error **error);

/**
 * The text of a value, with a NUL after it; it may contain others. NULL for a value of another
 * kind.
 */
const char *sessio_value_text(const sessio_value *value, size_t *len);

/** The bytes of a value. NULL for a value of another kind: the pointer to no bytes is not NULL. */
const void *sessio_value_bytes(const sessio_value *value, size_t *len);

/**
 * A value as JSON that ends with a NUL. What JSON cannot express is tagged, so that it keeps its
 * kind: bytes are `{"$bytes": "base64"}`, times `{"$time": "2024-01-02T03:04:05.678901Z"}`,
 * integers beyond 2^53 `{"$int": "…"}`, numbers that JSON lacks `{"$float": "NaN"}`, and a map
 * that looks like one of these `{"$map": …}`. A number with a point or an exponent is a float.
 */
const char *sessio_value_json(const sessio_value *value);

/** How many elements a list or a map has; 0 for a value of another kind. */
size_t sessio_value_count(const sessio_value *value);

/**
 * The element at `index` of a list or a map; NULL for an index out of range and for a value of
 * another kind.
 */
const sessio_value *sessio_value_at(const sessio_value *value, size_t index);

/**
 * The key at `index` of a map, with a NUL after it. NULL for an index out of range and for a value
 * of another kind.
 */
const char *sessio_value_key(const sessio_value *value, size_t index, size_t *len);

/** The value of a key in a map; NULL if there is none, and for a value of another kind. */
const sessio_value *sessio_value_find(const sessio_value *value, const char *key, size_t key_len);

#ifdef __cplusplus
}
#endif

#endif
