/* The vectors through a completion queue: each call is submitted, waited for by its descriptor,
 * and polled. */
#include "vectors.h"

#include <poll.h>
#include <string.h>

#define TARGET what->target.bytes, what->target.len

static sessio_queue *queue;

static bool is(const call *what, const char *verb) {
    return strcmp(what->verb, verb) == 0;
}

/* These give the status of the submission; 1, which no submission has, for an unknown verb. */
static int32_t one_by_token(sessio_store *store, const call *what, void *tag,
                            sessio_error **error) {
    const sessio_content *content = what->has_content ? &what->content : NULL;
    if (is(what, "find")) {
        return sessio_queue_find(queue, store, TARGET, tag, error);
    } else if (is(what, "exists")) {
        return sessio_queue_exists(queue, store, TARGET, tag, error);
    } else if (is(what, "save") && what->content.subject == NULL) {
        return sessio_queue_save(queue, store, TARGET, what->content.data, what->content.data_len,
                                 what->content.expires_at_us, tag, error);
    } else if (is(what, "save")) {
        return sessio_queue_save_content(queue, store, TARGET, content, tag, error);
    } else if (is(what, "insert")) {
        return sessio_queue_insert(queue, store, TARGET, content, tag, error);
    } else if (is(what, "update")) {
        return sessio_queue_update(queue, store, TARGET, content, tag, error);
    } else if (is(what, "replace")) {
        return sessio_queue_replace(queue, store, TARGET, what->expected.bytes, what->expected.len,
                                    content, tag, error);
    } else if (is(what, "touch")) {
        return sessio_queue_touch(queue, store, TARGET, what->expires_at_us, tag, error);
    } else if (is(what, "rename")) {
        return sessio_queue_rename(queue, store, TARGET, what->to.bytes, what->to.len, content, tag,
                                   error);
    } else if (is(what, "delete")) {
        return sessio_queue_delete(queue, store, TARGET, tag, error);
    }
    return 1;
}

static int32_t one_by_key(sessio_store *store, const call *what, void *tag, sessio_error **error) {
    const sessio_content *content = what->has_content ? &what->content : NULL;
    if (is(what, "find")) {
        return sessio_queue_find_by_key(queue, store, TARGET, tag, error);
    } else if (is(what, "exists")) {
        return sessio_queue_exists_by_key(queue, store, TARGET, tag, error);
    } else if (is(what, "update")) {
        return sessio_queue_update_by_key(queue, store, TARGET, content, tag, error);
    } else if (is(what, "replace")) {
        return sessio_queue_replace_by_key(queue, store, TARGET, what->expected.bytes,
                                           what->expected.len, content, tag, error);
    } else if (is(what, "touch")) {
        return sessio_queue_touch_by_key(queue, store, TARGET, what->expires_at_us, tag, error);
    } else if (is(what, "rename")) {
        return sessio_queue_rename_by_key(queue, store, TARGET, what->to.bytes, what->to.len,
                                          content, tag, error);
    } else if (is(what, "delete")) {
        return sessio_queue_delete_by_key(queue, store, TARGET, tag, error);
    }
    return 1;
}

static int32_t many(sessio_store *store, const call *what, void *tag, sessio_error **error) {
    if (is(what, "find_many")) {
        return sessio_queue_find_many(queue, store, what->tokens, what->count, tag, error);
    } else if (is(what, "save_many")) {
        return sessio_queue_save_many(queue, store, what->rows, what->count, tag, error);
    } else if (is(what, "delete_many")) {
        return sessio_queue_delete_many(queue, store, what->tokens, what->count, tag, error);
    } else if (is(what, "count")) {
        return sessio_queue_count(queue, store, tag, error);
    } else if (is(what, "list")) {
        return sessio_queue_list(queue, store, what->after.bytes, what->after.len, what->limit, tag,
                                 error);
    } else if (is(what, "list_subject")) {
        return sessio_queue_list_subject(queue, store, what->subject.bytes, what->subject.len,
                                         what->after.bytes, what->after.len, what->limit, tag,
                                         error);
    } else if (is(what, "delete_subject")) {
        return sessio_queue_delete_subject(queue, store, what->subject.bytes, what->subject.len,
                                           what->keep.bytes, what->keep.len, tag, error);
    } else if (is(what, "clear_store")) {
        return sessio_queue_clear(queue, store, tag, error);
    } else if (is(what, "delete_expired")) {
        return sessio_queue_delete_expired(queue, store, what->limit, tag, error);
    } else if (is(what, "migrate")) {
        return sessio_queue_migrate(queue, store, tag, error);
    } else if (is(what, "migrate_from")) {
        return sessio_queue_migrate_from(queue, store, what->from, tag, error);
    } else if (is(what, "check")) {
        return sessio_queue_check(queue, store, tag, error);
    } else if (is(what, "ping")) {
        return sessio_queue_ping(queue, store, tag, error);
    }
    return 1;
}

sessio_queue *vectors_queue(void) {
    if (queue == NULL && sessio_queue_new(&queue, NULL) != SESSIO_DONE) {
        broken("there is no queue");
    }
    return queue;
}

/* The one pending call. */
void wait_for(sessio_completion *done, const void *tag) {
    struct pollfd ready = {.fd = sessio_queue_fd(queue, NULL), .events = POLLIN};
    int32_t count = 0;
    while (count == 0) {
        if (ready.fd < 0 || poll(&ready, 1, 30000) != 1) {
            broken("the queue's descriptor was not readable within 30 seconds");
        }
        count = sessio_queue_poll(queue, done, 1, 0, NULL);
    }
    if (count != 1 || done->tag != tag) {
        broken("the queue gave something else than what was submitted");
    }
}

bool drive_queue(sessio_store *store, const call *what, sessio_completion *done) {
    if (what == NULL) { /* The end. */
        sessio_queue_free(queue);
        return true;
    }
    (void)vectors_queue();
    void *tag = done;
    sessio_error *error = NULL;
    int32_t status = (what->by_key ? one_by_key : one_by_token)(store, what, tag, &error);
    if (status == 1) {
        status = many(store, what, tag, &error);
    }
    if (status == SESSIO_DONE) {
        wait_for(done, tag);
    } else { /* The submission failed: the caller judges whether it should. */
        done->status = status;
        done->error = error;
    }
    return status != 1;
}
