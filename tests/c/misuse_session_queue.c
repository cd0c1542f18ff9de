/* Session calls of a queue with wrong arguments, and with objects that are freed while pending. */
#include "misuse.h"

#include <string.h>

#define BAD SESSIO_INVALID_ARGUMENT

static void comes_out(sessio_queue *queue, int32_t status, bool is_commit, bool is_list) {
    sessio_completion done = next_of(queue);
    CHECK(done.status == status && (done.error != NULL) == (status < 0));
    CHECK((done.result != NULL) == is_commit && (done.sessions != NULL) == is_list);
    sessio_completion_clear(&done);
    CHECK(done.result == NULL && done.sessions == NULL && done.error == NULL);
}

static void freed_in_flight(sessio_queue *queue, sessio_store *store) {
    sessio_manager *manager = NULL;
    sessio_session *session = NULL;
    GIVES(SESSIO_DONE, sessio_manager_open(store, NULL, &manager, &error));
    GIVES(SESSIO_DONE, sessio_manager_load(manager, NULL, 0, &session, &error));
    GIVES(SESSIO_DONE, sessio_session_put_int(session, "k", 1, &error));
    GIVES(SESSIO_DONE, sessio_session_set_subject(session, "grace", 5, &error));
    GIVES(SESSIO_DONE, sessio_queue_manager_commit(queue, manager, session, NULL, &error));
    GIVES(SESSIO_DONE, sessio_queue_manager_list_subject(queue, manager, "grace", 5, NULL, 0, 10,
                                                         NULL, &error));
    sessio_session_free(session);
    sessio_manager_free(manager);
    comes_out(queue, SESSIO_DONE, true, false);
    sessio_completion done = next_of(queue);
    CHECK(sessio_session_page_count(done.sessions) == 1);
    sessio_session *listed = sessio_session_page_at(done.sessions, 0);
    int64_t number = 0;
    sessio_value *key = NULL, *token = NULL;
    GIVES(SESSIO_DONE, sessio_session_get_int(listed, "k", &number, &error));
    GIVES(SESSIO_DONE, sessio_session_key(listed, &key, &error));
    GIVES(SESSIO_NOT_FOUND, sessio_session_token(listed, &token, &error));
    CHECK(number == 1 && token == NULL && strlen(sessio_value_text(key, NULL)) == 43);
    sessio_value_free(key);
    GIVES(SESSIO_DONE, sessio_queue_session_destroy(queue, listed, NULL, &error));
    sessio_completion_clear(&done);
    comes_out(queue, SESSIO_DONE, false, false);
}

void misuse_of_session_queues(sessio_manager *manager, sessio_session *session) {
    sessio_queue *queue = NULL;
    sessio_store *store = open_store(QUIET);
    GIVES(SESSIO_DONE, sessio_queue_new(&queue, &error));
    GIVES(BAD, sessio_queue_session_ensure_loaded(NULL, session, NULL, &error));
    GIVES(BAD, sessio_queue_session_ensure_loaded(queue, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_session_renew(NULL, session, NULL, &error));
    GIVES(BAD, sessio_queue_session_renew(queue, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_session_regenerate(NULL, session, NULL, &error));
    GIVES(BAD, sessio_queue_session_regenerate(queue, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_session_destroy(NULL, session, NULL, &error));
    GIVES(BAD, sessio_queue_session_destroy(queue, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_session_take(NULL, session, "k", NULL, &error));
    GIVES(BAD, sessio_queue_session_take(queue, NULL, "k", NULL, &error));
    GIVES(BAD, sessio_queue_session_take(queue, session, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_session_take(queue, session, "\xff", NULL, &error));
    GIVES(BAD, sessio_queue_session_merge_from(NULL, session, "t", 1, NULL, &error));
    GIVES(BAD, sessio_queue_session_merge_from(queue, NULL, "t", 1, NULL, &error));
    GIVES(BAD, sessio_queue_session_merge_from(queue, session, NULL, 1, NULL, &error));
    GIVES(BAD, sessio_queue_session_merge_from(queue, session, "\xff", 1, NULL, &error));
    GIVES(BAD, sessio_queue_manager_commit(NULL, manager, session, NULL, &error));
    GIVES(BAD, sessio_queue_manager_commit(queue, NULL, session, NULL, &error));
    GIVES(BAD, sessio_queue_manager_commit(queue, manager, NULL, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list(NULL, manager, NULL, 0, 10, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list(queue, NULL, NULL, 0, 10, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list(queue, manager, NULL, 1, 10, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list_subject(NULL, manager, "s", 1, NULL, 0, 10, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list_subject(queue, NULL, "s", 1, NULL, 0, 10, NULL, &error));
    GIVES(BAD, sessio_queue_manager_list_subject(queue, manager, "\xff", 1, NULL, 0, 10, NULL,
                                                 &error));
    sessio_completion none;
    GIVES(0, sessio_queue_poll(queue, &none, 1, 0, &error));
    /* What the store refuses comes with the completion. */
    GIVES(SESSIO_DONE, sessio_queue_manager_list(queue, manager, NULL, 0, 0, NULL, &error));
    comes_out(queue, BAD, false, false);
    GIVES(SESSIO_DONE, sessio_queue_session_ensure_loaded(queue, session, NULL, &error));
    comes_out(queue, SESSIO_DONE, false, false);
    GIVES(SESSIO_DONE, sessio_queue_session_take(queue, session, "nothing", NULL, &error));
    comes_out(queue, SESSIO_NOT_FOUND, false, false);
    freed_in_flight(queue, store);
    sessio_queue_free(queue);
    sessio_store_free(store);
}
