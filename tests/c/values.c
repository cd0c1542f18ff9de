/* What vectors write, as C has it. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

typedef struct piece {
    struct piece *next;
} piece;

static piece *remembered;

void *remember(size_t size) {
    piece *fresh = calloc(1, sizeof(piece) + size);
    if (fresh == NULL) {
        broken("out of memory");
    }
    fresh->next = remembered;
    remembered = fresh;
    return fresh + 1;
}

void forget(void) {
    while (remembered != NULL) {
        piece *next = remembered->next;
        free(remembered);
        remembered = next;
    }
}

static unsigned digit(char letter) {
    const char *digits = "0123456789abcdef";
    const char *place = letter == '\0' ? NULL : strchr(digits, letter);
    if (place == NULL) {
        broken("a hex text has something else in it");
    }
    return (unsigned)(place - digits);
}

static bytes from_hex(const char *hex) {
    bytes value = {remember(strlen(hex) / 2 + 1), strlen(hex) / 2};
    for (size_t index = 0; index < value.len; index++) {
        value.bytes[index] = (char)(digit(hex[2 * index]) << 4 | digit(hex[2 * index + 1]));
    }
    return value;
}

static bytes repeated(bytes once, json_int_t times) {
    if (times < 0) {
        broken("times is negative");
    }
    bytes value = {remember(once.len * (size_t)times + 1), once.len * (size_t)times};
    for (size_t index = 0; index < value.len; index++) {
        value.bytes[index] = once.bytes[index % once.len];
    }
    return value;
}

/* Text, {"text": …, "times": n} or {"hex": …, "times": n}. */
bytes bytes_of(const json_t *value) {
    if (json_is_string(value)) {
        bytes once = {remember(json_string_length(value) + 1), json_string_length(value)};
        memcpy(once.bytes, json_string_value(value), once.len);
        return once;
    }
    const json_t *text = json_object_get(value, "text");
    const json_t *hex = json_object_get(value, "hex");
    const json_t *times = json_object_get(value, "times");
    size_t known = (size_t)((text != NULL) + (hex != NULL) + (times != NULL));
    if ((text == NULL) == (hex == NULL) || json_object_size(value) != known) {
        broken("bytes are neither a text nor hex");
    }
    bytes once = text != NULL ? bytes_of(text) : from_hex(json_string_value(hex));
    return times == NULL ? once : repeated(once, json_integer_value(times));
}

/* null, {"at": ms} or {"after": ms}. */
int64_t expiry_of(const json_t *value, const sessio_clock *clock) {
    if (json_is_null(value)) {
        return SESSIO_NEVER;
    }
    const json_t *at = json_object_get(value, "at"), *after = json_object_get(value, "after");
    if (json_object_size(value) != 1 || !(json_is_integer(at) || json_is_integer(after))) {
        broken("an expiry is neither null nor at nor after");
    }
    return at != NULL ? START_US + json_integer_value(at) * 1000
                      : sessio_clock_now_us(clock) + json_integer_value(after) * 1000;
}
