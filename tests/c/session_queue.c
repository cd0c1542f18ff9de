/* What a session asks the store, through a completion queue. */
#include "vectors.h"

static int32_t submit(const session_call *what, void *tag, sessio_error **error) {
    sessio_queue *queue = vectors_queue();
    switch (what->verb) {
    case LOOK:
        return sessio_queue_session_ensure_loaded(queue, what->session, tag, error);
    case RENEW:
        return sessio_queue_session_renew(queue, what->session, tag, error);
    case REGENERATE:
        return sessio_queue_session_regenerate(queue, what->session, tag, error);
    case DESTROY:
        return sessio_queue_session_destroy(queue, what->session, tag, error);
    case TAKE:
        return sessio_queue_session_take(queue, what->session, what->key, tag, error);
    case MERGE_FROM:
        return sessio_queue_session_merge_from(queue, what->session, what->token.bytes,
                                               what->token.len, tag, error);
    case COMMIT:
        return sessio_queue_manager_commit(queue, what->manager, what->session, tag, error);
    case LIST:
        return sessio_queue_manager_list(queue, what->manager, what->after.bytes, what->after.len,
                                         what->limit, tag, error);
    case LIST_SUBJECT:
        return sessio_queue_manager_list_subject(queue, what->manager, what->subject.bytes,
                                                 what->subject.len, what->after.bytes,
                                                 what->after.len, what->limit, tag, error);
    }
    broken("a session cannot do this");
}

void session_queue(const session_call *what, sessio_completion *done) {
    sessio_error *error = NULL;
    int32_t status = submit(what, done, &error);
    if (status == SESSIO_DONE) {
        wait_for(done, done);
    } else {
        done->status = status;
        done->error = error;
    }
}
