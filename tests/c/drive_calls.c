/* The vectors through the synchronous functions. */
#include "vectors.h"

#include <string.h>

#define TARGET what->target.bytes, what->target.len

static bool is(const call *what, const char *verb) {
    return strcmp(what->verb, verb) == 0;
}

static bool one_by_token(sessio_store *store, const call *what, sessio_completion *done) {
    sessio_error **error = &done->error;
    const sessio_content *content = what->has_content ? &what->content : NULL;
    if (is(what, "find")) {
        done->status = sessio_store_find(store, TARGET, &done->record, error);
    } else if (is(what, "exists")) {
        done->status = sessio_store_exists(store, TARGET, error);
    } else if (is(what, "save") && what->content.subject == NULL) {
        done->status = sessio_store_save(store, TARGET, what->content.data, what->content.data_len,
                                         what->content.expires_at_us, error);
    } else if (is(what, "save")) {
        done->status = sessio_store_save_content(store, TARGET, content, error);
    } else if (is(what, "insert")) {
        done->status = sessio_store_insert(store, TARGET, content, error);
    } else if (is(what, "update")) {
        done->status = sessio_store_update(store, TARGET, content, error);
    } else if (is(what, "replace")) {
        done->status = sessio_store_replace(store, TARGET, what->expected.bytes, what->expected.len,
                                            content, error);
    } else if (is(what, "touch")) {
        done->status = sessio_store_touch(store, TARGET, what->expires_at_us, error);
    } else if (is(what, "rename")) {
        done->status =
            sessio_store_rename(store, TARGET, what->to.bytes, what->to.len, content, error);
    } else if (is(what, "delete")) {
        done->status = sessio_store_delete(store, TARGET, error);
    } else {
        return false;
    }
    return true;
}

static bool one_by_key(sessio_store *store, const call *what, sessio_completion *done) {
    sessio_error **error = &done->error;
    const sessio_content *content = what->has_content ? &what->content : NULL;
    if (is(what, "find")) {
        done->status = sessio_store_find_by_key(store, TARGET, &done->record, error);
    } else if (is(what, "exists")) {
        done->status = sessio_store_exists_by_key(store, TARGET, error);
    } else if (is(what, "update")) {
        done->status = sessio_store_update_by_key(store, TARGET, content, error);
    } else if (is(what, "replace")) {
        done->status = sessio_store_replace_by_key(store, TARGET, what->expected.bytes,
                                                   what->expected.len, content, error);
    } else if (is(what, "touch")) {
        done->status = sessio_store_touch_by_key(store, TARGET, what->expires_at_us, error);
    } else if (is(what, "rename")) {
        done->status =
            sessio_store_rename_by_key(store, TARGET, what->to.bytes, what->to.len, content, error);
    } else if (is(what, "delete")) {
        done->status = sessio_store_delete_by_key(store, TARGET, error);
    } else {
        return false;
    }
    return true;
}

static bool many(sessio_store *store, const call *what, sessio_completion *done) {
    sessio_error **error = &done->error;
    if (is(what, "find_many")) {
        done->status =
            sessio_store_find_many(store, what->tokens, what->count, &done->records, error);
    } else if (is(what, "save_many")) {
        done->status = sessio_store_save_many(store, what->rows, what->count, error);
    } else if (is(what, "delete_many")) {
        done->status =
            sessio_store_delete_many(store, what->tokens, what->count, &done->count, error);
    } else if (is(what, "count")) {
        done->status = sessio_store_count(store, &done->count, error);
    } else if (is(what, "list")) {
        done->status = sessio_store_list(store, what->after.bytes, what->after.len, what->limit,
                                         &done->page, error);
    } else if (is(what, "list_subject")) {
        done->status =
            sessio_store_list_subject(store, what->subject.bytes, what->subject.len,
                                      what->after.bytes, what->after.len, what->limit, &done->page,
                                      error);
    } else if (is(what, "delete_subject")) {
        done->status =
            sessio_store_delete_subject(store, what->subject.bytes, what->subject.len,
                                        what->keep.bytes, what->keep.len, &done->count, error);
    } else if (is(what, "clear_store")) {
        done->status = sessio_store_clear(store, &done->count, error);
    } else if (is(what, "delete_expired")) {
        done->status = sessio_store_delete_expired(store, what->limit, &done->count, error);
    } else if (is(what, "migrate")) {
        done->status = sessio_store_migrate(store, error);
    } else if (is(what, "migrate_from")) {
        done->status = sessio_store_migrate_from(store, what->from, error);
    } else if (is(what, "check")) {
        done->status = sessio_store_check(store, &done->issues, error);
    } else if (is(what, "ping")) {
        done->status = sessio_store_ping(store, error);
    } else {
        return false;
    }
    return true;
}

bool drive_calls(sessio_store *store, const call *what, sessio_completion *done) {
    if (what == NULL) { /* The end, at which there is nothing to do. */
        return true;
    }
    return (what->by_key ? one_by_key : one_by_token)(store, what, done) || many(store, what, done);
}
