/* What a session asks the store, through the synchronous functions. */
#include "vectors.h"

void session_calls(const session_call *what, sessio_completion *done) {
    sessio_session *session = what->session;
    sessio_error **error = &done->error;
    switch (what->verb) {
    case LOOK: /* Whatever comes next looks by itself. */
        break;
    case RENEW:
        done->status = sessio_session_renew(session, error);
        break;
    case REGENERATE:
        done->status = sessio_session_regenerate(session, error);
        break;
    case DESTROY:
        done->status = sessio_session_destroy(session, error);
        break;
    case TAKE:
        done->status = sessio_session_take(session, what->key, &done->value, error);
        break;
    case MERGE_FROM:
        done->status = sessio_session_merge_from(session, what->token.bytes, what->token.len, error);
        break;
    case COMMIT:
        done->status = sessio_manager_commit(what->manager, session, &done->result, error);
        break;
    case LIST:
        done->status = sessio_manager_list(what->manager, what->after.bytes, what->after.len,
                                           what->limit, &done->sessions, error);
        break;
    case LIST_SUBJECT:
        done->status = sessio_manager_list_subject(
            what->manager, what->subject.bytes, what->subject.len, what->after.bytes,
            what->after.len, what->limit, &done->sessions, error);
        break;
    }
}
