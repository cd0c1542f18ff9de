/* How fast it is from C. Prints one line of JSON.
 *
 *   bench find64|save64 URL SECONDS   64 pending calls on a queue, 10,000 sessions
 *   bench memory N SECONDS            synchronous finds in a memory store of N sessions
 */
#include <sessio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IN_FLIGHT 64
#define SESSIONS 10000
#define AT_ONCE 1000
#define BYTES 300

static char data[BYTES];
static char (*tokens)[SESSIO_TOKEN_SIZE];

static int32_t ok(int32_t status, sessio_error **error) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", sessio_status_name(status), sessio_error_message(*error));
        exit(1);
    }
    return status;
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* xorshift64: fast, and random enough to miss caches. */
static size_t random_below(size_t limit) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)((state >> 32) * limit >> 32);
}

static void load(sessio_store *store, size_t count) {
    static sessio_row rows[AT_ONCE];
    sessio_error *error = NULL;
    memset(data, 'x', sizeof data);
    tokens = calloc(count, sizeof *tokens);
    size_t waiting = 0;
    for (size_t index = 0; index < count; index++) {
        /* Those of the other languages: on a server all work on the same rows. */
        snprintf(tokens[index], sizeof *tokens, "%043zu", index);
        rows[waiting++] = (sessio_row){
            sizeof(sessio_row), tokens[index], SESSIO_TOKEN_SIZE - 1, data, BYTES, SESSIO_NEVER,
            NULL,               0,
        };
        if (waiting == AT_ONCE || index + 1 == count) {
            ok(sessio_store_save_many(store, rows, waiting, &error), &error);
            waiting = 0;
        }
    }
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t in_a_day(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec + 86400) * 1000000 + now.tv_nsec / 1000;
}

static void submit(sessio_queue *queue, sessio_store *store, bool save, int64_t *started) {
    static uint64_t number;
    sessio_error *error = NULL;
    const char *token = tokens[random_below(SESSIONS)];
    *started = now_ns();
    if (save) {
        /* Another content each time: the server skips the write of a row that stays as it is. */
        number++;
        memcpy(data, &number, sizeof number);
        ok(sessio_queue_save(queue, store, token, SESSIO_TOKEN_SIZE - 1, data, BYTES, in_a_day(),
                             started, &error),
           &error);
    } else {
        ok(sessio_queue_find(queue, store, token, SESSIO_TOKEN_SIZE - 1, started, &error), &error);
    }
}

static void through_the_queue(const char *url, double seconds, bool save) {
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_queue *queue = NULL;
    ok(sessio_store_open(url, NULL, &store, &error), &error);
    ok(sessio_store_migrate(store, &error), &error);
    ok(sessio_queue_new(&queue, &error), &error);
    load(store, SESSIONS);
    int64_t started[IN_FLIGHT], begin = now_ns(), end = begin + (int64_t)(seconds * 1e9);
    size_t count = 0, room = 1 << 20, in_flight = IN_FLIGHT;
    int64_t *took = malloc(room * sizeof *took), now = begin;
    for (size_t index = 0; index < IN_FLIGHT; index++) {
        submit(queue, store, save, &started[index]);
    }
    while (in_flight > 0) {
        sessio_completion done[IN_FLIGHT];
        int32_t ready = ok(sessio_queue_poll(queue, done, IN_FLIGHT, -1, &error), &error);
        now = now_ns();
        for (int32_t index = 0; index < ready; index++) {
            int64_t *mine = done[index].tag;
            ok(done[index].status, &done[index].error);
            sessio_record_free(done[index].record);
            if (count == room) {
                room *= 2;
                took = realloc(took, room * sizeof *took);
            }
            took[count++] = now - *mine;
            if (now < end) {
                submit(queue, store, save, mine);
            } else {
                in_flight--;
            }
        }
    }
    qsort(took, count, sizeof *took, ascending);
    printf("{\"ops_per_second\": %.0f, \"p99_us\": %.1f}\n",
           (double)count / ((double)(now - begin) / 1e9), (double)took[count * 99 / 100] / 1e3);
    free(took);
    sessio_queue_free(queue);
    sessio_store_free(store);
}

/* A record is the store's own memory, counted and not copied: so nothing is copied here either. */
static void in_memory(size_t count, double seconds) {
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    ok(sessio_store_open("memory:?cleanup_interval=0", NULL, &store, &error), &error);
    load(store, count);
    size_t finds = 0, total = 0;
    int64_t begin = now_ns(), end = begin + (int64_t)(seconds * 1e9), now = begin;
    while (now < end) {
        for (int round = 0; round < 1000; round++) {
            sessio_record *record;
            size_t len;
            const char *token = tokens[random_below(count)];
            ok(sessio_store_find(store, token, SESSIO_TOKEN_SIZE - 1, &record, &error), &error);
            const char *found = sessio_record_data(record, &len);
            total += len + (size_t)found[0];
            sessio_record_free(record);
            finds++;
        }
        now = now_ns();
    }
    if (total != finds * (BYTES + (size_t)'x')) {
        fprintf(stderr, "what was found is not what was saved\n");
        exit(1);
    }
    printf("{\"ns\": %.1f}\n", (double)(now - begin) / (double)finds);
    sessio_store_free(store);
}

int main(int count, char **arguments) {
    const char *workload = count == 4 ? arguments[1] : "";
    if (strcmp(workload, "memory") == 0) {
        in_memory(strtoull(arguments[2], NULL, 10), atof(arguments[3]));
    } else if (strcmp(workload, "find64") == 0 || strcmp(workload, "save64") == 0) {
        through_the_queue(arguments[2], atof(arguments[3]), workload[0] == 's');
    } else {
        fprintf(stderr, "usage: bench find64|save64 URL SECONDS, or bench memory N SECONDS\n");
        return 2;
    }
    free(tokens);
    return 0;
}
