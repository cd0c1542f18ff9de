/* What the parts of the vectors' runner share. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jansson.h>
#include <sessio.h>

/* 2024-01-01T00:00:00Z, where the clock of every case starts. */
#define START_US INT64_C(1704067200000000)

/* Bytes of a step, kept until the step is over. */
typedef struct {
    char *bytes;
    size_t len;
} bytes;

/* A verb with everything that it may be given; what a step does not say is zero. */
typedef struct {
    const char *verb;
    bool by_key;
    bytes target;
    bool has_content;
    sessio_content content;
    bytes expected;
    bytes to;
    int64_t expires_at_us;
    sessio_text *tokens;
    sessio_row *rows;
    size_t count;
    bytes subject;
    bytes after;
    bytes keep;
    const char *from;
    size_t limit;
} call;

/* How calls are made: through the synchronous functions or through a queue. Fills the completion
 * as a queue would; false for a verb that it does not know. */
typedef bool (*driver)(sessio_store *store, const call *what, sessio_completion *done);
bool drive_calls(sessio_store *store, const call *what, sessio_completion *done);
bool drive_queue(sessio_store *store, const call *what, sessio_completion *done);

/* What a session or a manager may have to ask the store. */
typedef enum {
    LOOK,
    RENEW,
    REGENERATE,
    DESTROY,
    TAKE,
    MERGE_FROM,
    COMMIT,
    LIST,
    LIST_SUBJECT,
} session_verb;

typedef struct {
    session_verb verb;
    sessio_manager *manager;
    sessio_session *session;
    const char *key;
    bytes token;
    bytes subject;
    bytes after;
    size_t limit;
} session_call;

/* As drivers do, for these. Without a queue there is no need to look: what reads does by itself. */
typedef void (*session_driver)(const session_call *what, sessio_completion *done);
void session_calls(const session_call *what, sessio_completion *done);
void session_queue(const session_call *what, sessio_completion *done);

/* drive_queue.c: the queue of all vectors, and its one completion. */
sessio_queue *vectors_queue(void);
void wait_for(sessio_completion *done, const void *tag);

/* Of one case. */
typedef struct {
    sessio_store *store;
    sessio_clock *clock;
    sessio_manager *manager;
    driver drive;
    session_driver drive_session;
} world;

/* values.c: what vectors write, as C has it; all of it lives until forget(). */
bytes bytes_of(const json_t *value);
int64_t expiry_of(const json_t *value, const sessio_clock *clock);
void *remember(size_t size);
void forget(void);

/* answers.c: what calls give, as vectors write it; bytes as hex on both sides. */
json_t *answer_of(const char *verb, const sessio_completion *done);
json_t *normal_form(const char *verb, const json_t *gives);
json_t *expires_of(int64_t at_us);

/* steps.c: false, having said why, when a step does not do what it should. */
bool run_step(const world *here, json_t *step);
/* A field of the step that is run; and the same as bytes, {NULL, 0} where there is none. */
const json_t *field(json_t *step, const char *name);
bytes optional(json_t *step, const char *name);

/* session_steps.c: false for a step that is not about sessions. Sets the answer, or the error. */
bool session_step(const world *here, json_t *step, const char *verb, sessio_completion *done,
                  json_t **answer);
void know_token(const char *name, const char *token);
void fill_in_tokens(json_t *step);
void end_sessions(void);

/* session_values.c: those of the steps that are about values. */
bool session_value_step(const world *here, sessio_session *session, json_t *step,
                        const char *verb, sessio_completion *done, json_t **answer);

/* Ends the program: the vectors themselves are wrong. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
