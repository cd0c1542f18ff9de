/* What calls give, as vectors write it. */
#include "vectors.h"

#include <string.h>

static json_t *hex_of(const char *data, size_t len) {
    const char *digits = "0123456789abcdef";
    char *text = remember(2 * len + 1);
    for (size_t index = 0; index < len; index++) {
        unsigned byte = (unsigned char)data[index];
        text[2 * index] = digits[byte >> 4];
        text[2 * index + 1] = digits[byte & 15];
    }
    return json_stringn(text, 2 * len);
}

static json_t *text_of(const char *text, size_t len) {
    return text == NULL ? json_null() : json_stringn(text, len);
}

json_t *expires_of(int64_t at_us) {
    if (at_us == SESSIO_NEVER) {
        return json_null();
    }
    int64_t since = at_us - START_US;
    return since % 1000 == 0 ? json_integer(since / 1000) : json_real((double)since / 1000);
}

static json_t *record_of(const sessio_record *record) {
    if (record == NULL) {
        return json_null();
    }
    size_t data_len, subject_len;
    const char *data = sessio_record_data(record, &data_len);
    const char *subject = sessio_record_subject(record, &subject_len);
    return json_pack("{s:o, s:o, s:o}", "data", hex_of(data, data_len), "expires",
                     expires_of(sessio_record_expires_at_us(record)), "subject",
                     text_of(subject, subject_len));
}

static json_t *page_of(const sessio_page *page) {
    json_t *entries = json_array();
    size_t len;
    for (size_t index = 0; index < sessio_page_count(page); index++) {
        json_t *entry = record_of(sessio_page_record(page, index));
        const char *key = sessio_page_key(page, index, &len);
        json_object_set_new(entry, "key", text_of(key, len));
        json_array_append_new(entries, entry);
    }
    const char *next = sessio_page_next(page, &len);
    return json_pack("{s:o, s:o}", "entries", entries, "next", text_of(next, len));
}

static json_t *records_of(const sessio_records *records) {
    json_t *list = json_array();
    for (size_t index = 0; index < sessio_records_count(records); index++) {
        json_array_append_new(list, record_of(sessio_records_at(records, index)));
    }
    return list;
}

static json_t *findings_of(const sessio_check_issues *issues) {
    json_t *codes = json_array();
    for (size_t index = 0; index < sessio_check_issues_count(issues); index++) {
        json_array_append_new(codes, json_string(sessio_check_issues_code(issues, index)));
    }
    return codes;
}

static bool is_one_of(const char *verb, const char *verbs) {
    const char *place = strstr(verbs, verb);
    size_t len = strlen(verb);
    return place != NULL && (place == verbs || place[-1] == ' ') &&
           (place[len] == ' ' || place[len] == '\0');
}

/* The one outcome beside SESSIO_DONE that a verb may have; 0 where it has none. */
static int32_t other_outcome(const char *verb) {
    if (is_one_of(verb, "find exists delete")) {
        return SESSIO_NOT_FOUND;
    }
    return is_one_of(verb, "update touch rename") ? SESSIO_GONE : 0;
}

json_t *answer_of(const char *verb, const sessio_completion *done) {
    if (strcmp(verb, "replace") == 0) {
        return json_string(done->status == SESSIO_DONE       ? "saved"
                           : done->status == SESSIO_CONFLICT ? "conflict"
                           : done->status == SESSIO_GONE     ? "gone"
                                                             : "?");
    }
    if (done->status != SESSIO_DONE && done->status != other_outcome(verb)) {
        return json_sprintf("the status %s", sessio_status_name(done->status));
    }
    if (strcmp(verb, "find") == 0) {
        return record_of(done->record);
    }
    if (other_outcome(verb) != 0) {
        return json_boolean(done->status == SESSIO_DONE);
    }
    if (strcmp(verb, "find_many") == 0) {
        return records_of(done->records);
    }
    if (is_one_of(verb, "list list_subject")) {
        return page_of(done->page);
    }
    if (strcmp(verb, "check") == 0) {
        return findings_of(done->issues);
    }
    if (is_one_of(verb, "count clear_store delete_many delete_subject delete_expired stats generate_token")) {
        return json_integer((json_int_t)done->count);
    }
    return json_null();
}

static json_t *normal_record(const json_t *record) {
    if (json_is_null(record)) {
        return json_null();
    }
    json_t *normal = json_deep_copy(record);
    bytes data = bytes_of(json_object_get(record, "data"));
    json_object_set_new(normal, "data", hex_of(data.bytes, data.len));
    const json_t *subject = json_object_get(record, "subject");
    if (subject == NULL || json_is_null(subject)) {
        json_object_set_new(normal, "subject", json_null());
    } else {
        bytes text = bytes_of(subject);
        json_object_set_new(normal, "subject", text_of(text.bytes, text.len));
    }
    return normal;
}

json_t *normal_form(const char *verb, const json_t *gives) {
    if (gives == NULL) {
        return json_null();
    }
    if (strcmp(verb, "find") == 0) {
        return normal_record(gives);
    }
    json_t *normal = json_deep_copy(gives), *each;
    json_t *list = is_one_of(verb, "list list_subject") ? json_object_get(normal, "entries")
                   : strcmp(verb, "find_many") == 0     ? normal
                                                        : NULL;
    size_t index;
    json_array_foreach(list, index, each) {
        json_array_set_new(list, index, normal_record(each));
    }
    return normal;
}
