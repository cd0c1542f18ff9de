/* A program with an event loop: many operations on their way at once, and one descriptor among
 * the others that the loop waits for.
 *
 *   cc event_loop.c $(pkg-config --cflags --libs sessio) -o event_loop && ./event_loop [URL]
 */
#include <poll.h>
#include <sessio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS 100

/* What a web server would keep for each request. */
typedef struct {
    char token[SESSIO_TOKEN_SIZE];
    int32_t saved, found;
} request;

static void ok(int32_t status, sessio_error **error) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", sessio_status_name(status), sessio_error_message(*error));
        exit(1);
    }
}

/* One answer: the request that it is for goes on. True when that one is finished. */
static bool go_on(sessio_queue *queue, sessio_store *store, sessio_completion *done) {
    sessio_error *error = NULL;
    request *mine = done->tag;
    ok(done->status, &done->error);
    if (done->record == NULL) {
        mine->saved = done->status;
        ok(sessio_queue_find(queue, store, mine->token, 43, mine, &error), &error);
        return false;
    }
    mine->found = done->status;
    sessio_completion_clear(done);
    return true;
}

int main(int count, char **arguments) {
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_queue *queue = NULL;
    ok(sessio_store_open(count > 1 ? arguments[1] : "memory:", NULL, &store, &error), &error);
    ok(sessio_store_migrate(store, &error), &error);
    ok(sessio_queue_new(&queue, &error), &error);

    static request requests[REQUESTS];
    for (size_t index = 0; index < REQUESTS; index++) {
        request *mine = &requests[index];
        ok(sessio_generate_token(mine->token, sizeof mine->token, &error), &error);
        ok(sessio_queue_save(queue, store, mine->token, 43, "hello", 5, SESSIO_NEVER, mine, &error),
           &error);
    }

    struct pollfd wanted = {.fd = sessio_queue_fd(queue, &error), .events = POLLIN};
    ok(wanted.fd, &error);
    int finished = 0, rounds = 0;
    while (finished < REQUESTS) {
        sessio_completion done[32];
        poll(&wanted, 1, -1); /* … and on the sockets of the program's clients. */
        int32_t ready = sessio_queue_poll(queue, done, 32, 0, &error);
        ok(ready, &error);
        for (int32_t index = 0; index < ready; index++) {
            finished += go_on(queue, store, &done[index]);
        }
        rounds++;
    }
    printf("%d requests saved and found their sessions; the loop woke %d times\n", finished, rounds);
    sessio_queue_free(queue);
    sessio_store_free(store);
    return 0;
}
