/* Values as the json codec writes them, to what C has and back. */
#include "tagged.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every double holds every integer up to here, so JSON's numbers do. */
#define SAFE INT64_C(9007199254740991)

static _Noreturn void wrong(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

const char *tag(const json_t *value, const char *name) {
    const json_t *inner = json_object_get(value, name);
    return json_object_size(value) == 1 ? json_string_value(inner) : NULL;
}

double number_named(const char *name) {
    return strcmp(name, "NaN") == 0         ? (double)NAN
           : strcmp(name, "Infinity") == 0  ? (double)INFINITY
           : strcmp(name, "-Infinity") == 0 ? -(double)INFINITY
                                            : (wrong("there is no such float"), 0.0);
}

/* What does something with a value of each kind. */
typedef struct {
    int32_t (*null)(sessio_session *, const char *, sessio_error **);
    int32_t (*boolean)(sessio_session *, const char *, bool, sessio_error **);
    int32_t (*integer)(sessio_session *, const char *, int64_t, sessio_error **);
    int32_t (*large)(sessio_session *, const char *, uint64_t, sessio_error **);
    int32_t (*real)(sessio_session *, const char *, double, sessio_error **);
    int32_t (*time_us)(sessio_session *, const char *, int64_t, sessio_error **);
    int32_t (*text)(sessio_session *, const char *, const char *, size_t, sessio_error **);
    int32_t (*bytes)(sessio_session *, const char *, const void *, size_t, sessio_error **);
    int32_t (*json)(sessio_session *, const char *, const char *, sessio_error **);
    int32_t (*value)(sessio_session *, const char *, const sessio_value *, sessio_error **);
    bool sets; /* Doing it twice is doing it once. */
} by_kind;

static const by_kind puts_value = {
    sessio_session_put_null,    sessio_session_put_bool,   sessio_session_put_int,
    sessio_session_put_uint,    sessio_session_put_double, sessio_session_put_time_us,
    sessio_session_put_text,    sessio_session_put_bytes,  sessio_session_put_json,
    sessio_session_put_value,   true,
};

static const by_kind appends_value = {
    sessio_session_append_null, sessio_session_append_bool,   sessio_session_append_int,
    sessio_session_append_uint, sessio_session_append_double, sessio_session_append_time_us,
    sessio_session_append_text, sessio_session_append_bytes,  sessio_session_append_json,
    sessio_session_append_value, false,
};

static int32_t as_json(const by_kind *by, sessio_session *session, const char *key,
                       const json_t *value, sessio_error **error) {
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    int32_t status = by->json(session, key, text, error);
    if (status == SESSIO_DONE && by->sets) {
        sessio_value *built = built_of(value);
        status = by->value(session, key, built, error);
        sessio_value_free(built);
    }
    free(text);
    return status;
}

static int32_t of_object(const by_kind *by, sessio_session *session, const char *key,
                         const json_t *value, sessio_error **error) {
    const char *text;
    if ((text = tag(value, "$int")) != NULL) {
        return text[0] == '-' ? by->integer(session, key, strtoll(text, NULL, 10), error)
                              : by->large(session, key, strtoull(text, NULL, 10), error);
    }
    if ((text = tag(value, "$float")) != NULL) {
        return by->real(session, key, number_named(text), error);
    }
    if ((text = tag(value, "$time")) != NULL) {
        return by->time_us(session, key, time_from(text), error);
    }
    if ((text = tag(value, "$bytes")) != NULL) {
        size_t len;
        unsigned char *data = base64_from(text, &len);
        int32_t status = by->bytes(session, key, data, len, error);
        free(data);
        return status;
    }
    return as_json(by, session, key, value, error);
}

static int32_t of_kind(const by_kind *by, sessio_session *session, const char *key,
                       const json_t *value, sessio_error **error) {
    switch (json_typeof(value)) {
    case JSON_NULL:
        return by->null(session, key, error);
    case JSON_TRUE:
    case JSON_FALSE:
        return by->boolean(session, key, json_is_true(value), error);
    case JSON_INTEGER:
        return by->integer(session, key, json_integer_value(value), error);
    case JSON_REAL:
        return by->real(session, key, json_real_value(value), error);
    case JSON_STRING:
        return by->text(session, key, json_string_value(value), json_string_length(value), error);
    case JSON_ARRAY:
        return as_json(by, session, key, value, error);
    case JSON_OBJECT:
        return of_object(by, session, key, value, error);
    }
    wrong("this is no JSON");
}

int32_t put_tagged(sessio_session *session, const char *key, const json_t *value,
                   sessio_error **error) {
    return of_kind(&puts_value, session, key, value, error);
}

int32_t append_tagged(sessio_session *session, const char *key, const json_t *item,
                      sessio_error **error) {
    return of_kind(&appends_value, session, key, item, error);
}

static json_t *tagged_integer(const sessio_value *value) {
    char text[32];
    int64_t number = 0;
    uint64_t large = 0;
    if (sessio_value_int(value, &number, NULL) == SESSIO_DONE) {
        if (number >= -SAFE && number <= SAFE) {
            return json_integer(number);
        }
        snprintf(text, sizeof text, "%lld", (long long)number);
    } else if (sessio_value_uint(value, &large, NULL) == SESSIO_DONE) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)large);
    } else {
        wrong("an integer is none");
    }
    return json_pack("{s:s}", "$int", text);
}

static json_t *tagged_float(const sessio_value *value) {
    double number = 0;
    if (sessio_value_double(value, &number, NULL) != SESSIO_DONE) {
        wrong("a float is none");
    }
    if (isfinite(number)) {
        return json_real(number);
    }
    return json_pack("{s:s}", "$float",
                     isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

static json_t *tagged_bytes(const sessio_value *value) {
    size_t len;
    const unsigned char *data = sessio_value_bytes(value, &len);
    char *text = base64_of(data, len);
    json_t *tagged = json_pack("{s:s}", "$bytes", text);
    free(text);
    return tagged;
}

static json_t *tagged_time(const sessio_value *value) {
    int64_t at_us = 0;
    char text[TIME_SIZE];
    if (sessio_value_time_us(value, &at_us, NULL) != SESSIO_DONE) {
        wrong("a time is none");
    }
    time_text(at_us, text);
    return json_pack("{s:s}", "$time", text);
}

static json_t *tagged_parts(const sessio_value *value) {
    bool is_map = sessio_value_kind(value) == SESSIO_KIND_MAP;
    json_t *parts = is_map ? json_object() : json_array();
    size_t count = sessio_value_count(value), len = 0;
    const char *key = NULL;
    for (size_t index = 0; index < count; index++) {
        json_t *part = tagged_of(sessio_value_at(value, index));
        key = sessio_value_key(value, index, &len);
        if (is_map != (key != NULL) || (is_map && json_object_setn_new(parts, key, len, part)) ||
            (!is_map && json_array_append_new(parts, part))) {
            wrong("a part of a value cannot be read");
        }
        if (is_map && sessio_value_find(value, key, len) != sessio_value_at(value, index)) {
            wrong("a key finds another value than its own");
        }
    }
    /* Else it would be read as a tag. */
    return is_map && count == 1 && len > 0 && key[0] == '$' ? json_pack("{s:o}", "$map", parts)
                                                             : parts;
}

static json_t *tagged_by_hand(const sessio_value *value) {
    bool yes = false;
    size_t len;
    const char *text;
    switch (sessio_value_kind(value)) {
    case SESSIO_KIND_NULL:
        return json_null();
    case SESSIO_KIND_BOOL:
        if (sessio_value_bool(value, &yes, NULL) != SESSIO_DONE) {
            wrong("a bool is none");
        }
        return json_boolean(yes);
    case SESSIO_KIND_INTEGER:
        return tagged_integer(value);
    case SESSIO_KIND_FLOAT:
        return tagged_float(value);
    case SESSIO_KIND_TEXT:
        text = sessio_value_text(value, &len);
        return text[len] == '\0' ? json_stringn(text, len) : NULL;
    case SESSIO_KIND_BYTES:
        return tagged_bytes(value);
    case SESSIO_KIND_TIME:
        return tagged_time(value);
    case SESSIO_KIND_LIST:
    case SESSIO_KIND_MAP:
        return tagged_parts(value);
    }
    wrong("there is no such kind");
}

bool same_tagged(const json_t *one, const json_t *other) {
    size_t flags = JSON_ENCODE_ANY | JSON_SORT_KEYS;
    char *ones = json_dumps(one, flags), *others = json_dumps(other, flags);
    bool same = ones != NULL && others != NULL && strcmp(ones, others) == 0;
    free(ones);
    free(others);
    return same;
}

json_t *tagged_of(const sessio_value *value) {
    json_t *tagged = tagged_by_hand(value);
    /* jansson reads no key with a NUL. */
    const char *text = sessio_value_json(value);
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (json != NULL ? !same_tagged(tagged, json) : strstr(text, "\\u0000") == NULL) {
        wrong("a value and its JSON are different");
    }
    json_decref(json);
    return tagged;
}

void typed_getters_agree(sessio_session *session, const char *key,
                         const sessio_value *value) {
    bool yes[2] = {true, true};
    int64_t number[2] = {7, 7}, at_us[2] = {7, 7};
    uint64_t large[2] = {7, 7};
    double real[2] = {7, 7};
    const struct {
        int32_t kind, direct, through_value;
    } asked[] = {
        {SESSIO_KIND_BOOL, sessio_session_get_bool(session, key, &yes[0], NULL),
         sessio_value_bool(value, &yes[1], NULL)},
        {SESSIO_KIND_INTEGER, sessio_session_get_int(session, key, &number[0], NULL),
         sessio_value_int(value, &number[1], NULL)},
        {SESSIO_KIND_INTEGER, sessio_session_get_uint(session, key, &large[0], NULL),
         sessio_value_uint(value, &large[1], NULL)},
        {SESSIO_KIND_FLOAT, sessio_session_get_double(session, key, &real[0], NULL),
         sessio_value_double(value, &real[1], NULL)},
        {SESSIO_KIND_TIME, sessio_session_get_time_us(session, key, &at_us[0], NULL),
         sessio_value_time_us(value, &at_us[1], NULL)},
    };
    for (size_t index = 0; index < sizeof asked / sizeof *asked; index++) {
        int32_t kind = sessio_value_kind(value);
        /* Not every language tells 2 from 2.0. */
        bool fits = kind == asked[index].kind ||
                    (kind == SESSIO_KIND_INTEGER && asked[index].kind == SESSIO_KIND_FLOAT);
        if (asked[index].direct != asked[index].through_value ||
            (asked[index].direct == SESSIO_DONE && !fits) ||
            (asked[index].direct != SESSIO_DONE &&
             asked[index].direct != SESSIO_INVALID_ARGUMENT)) {
            wrong("a typed getter does not do what it should");
        }
    }
    if (yes[0] != yes[1] || number[0] != number[1] || large[0] != large[1] ||
        at_us[0] != at_us[1] || memcmp(&real[0], &real[1], sizeof real[0]) != 0) {
        wrong("a typed getter gives another value");
    }
}
