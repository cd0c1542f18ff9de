/* Values as the json codec writes them, built of parts by hand. */
#include "tagged.h"

#include <stdlib.h>

static sessio_value *built_parts(const json_t *value) {
    bool is_list = json_is_array(value);
    sessio_value *whole = is_list ? sessio_value_new_list() : sessio_value_new_map();
    int32_t status = SESSIO_DONE;
    json_t *part;
    if (is_list) {
        size_t index;
        json_array_foreach(value, index, part) {
            status = status == SESSIO_DONE ? sessio_value_append(whole, built_of(part), NULL) : status;
        }
    } else {
        const char *key;
        size_t len;
        json_object_keylen_foreach((json_t *)(uintptr_t)value, key, len, part) {
            status = status == SESSIO_DONE ? sessio_value_set(whole, key, len, built_of(part), NULL)
                                           : status;
        }
    }
    if (status != SESSIO_DONE) {
        sessio_value_free(whole);
        return NULL;
    }
    return whole;
}

static sessio_value *built_object(const json_t *value) {
    const char *text;
    if ((text = tag(value, "$int")) != NULL) {
        return text[0] == '-' ? sessio_value_new_int(strtoll(text, NULL, 10))
                              : sessio_value_new_uint(strtoull(text, NULL, 10));
    }
    if ((text = tag(value, "$float")) != NULL) {
        return sessio_value_new_double(number_named(text));
    }
    if ((text = tag(value, "$time")) != NULL) {
        return sessio_value_new_time_us(time_from(text));
    }
    if ((text = tag(value, "$bytes")) != NULL) {
        size_t len;
        unsigned char *data = base64_from(text, &len);
        sessio_value *built = sessio_value_new_bytes(data, len);
        free(data);
        return built;
    }
    const json_t *map = json_object_get(value, "$map");
    return built_parts(map != NULL && json_object_size(value) == 1 ? map : value);
}

sessio_value *built_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL:
        return sessio_value_new_null();
    case JSON_TRUE:
    case JSON_FALSE:
        return sessio_value_new_bool(json_is_true(value));
    case JSON_INTEGER:
        return sessio_value_new_int(json_integer_value(value));
    case JSON_REAL:
        return sessio_value_new_double(json_real_value(value));
    case JSON_STRING:
        return sessio_value_new_text(json_string_value(value), json_string_length(value));
    case JSON_ARRAY:
        return built_parts(value);
    case JSON_OBJECT:
        return built_object(value);
    }
    return NULL;
}
