#ifndef MISUSE_H
#define MISUSE_H

#include "check.h"

/* A memory store without threads. */
#define QUIET "memory:?cleanup_interval=0"

void misuse_of_opening(void);
void misuse_of_verbs(sessio_store *store);
void misuse_of_lists(sessio_store *store);
void misuse_of_queues(sessio_store *store);
void misuse_of_sessions(sessio_store *store);
void misuse_of_values(sessio_manager *manager);
void misuse_of_built_values(sessio_manager *manager);
void misuse_of_session_queues(sessio_manager *manager, sessio_session *session);

#endif
