/* A store with a clock of its own, and a manager that counts its events. */
#ifndef THINGS_H
#define THINGS_H

#include "check.h"

#include <stdatomic.h>

#define EVENTS (SESSIO_EVENT_CORRUPT + 1)

typedef struct {
    sessio_store *store;
    sessio_clock *clock;
    sessio_manager *manager;
    atomic_int seen[EVENTS];
} things;

void open_things(things *mine, const char *url, const char *settings);
void free_things(things *mine);

sessio_session *load(const things *mine, const char *token);

/* Commits and frees it, and gives its token where it is wanted. */
void commit(const things *mine, sessio_session *session, int32_t status, char *token);

/* A session with the value 0 of "n". */
void stores_one(const things *mine, char *token);

#endif
