/* Checks for the C tests: the first one that does not hold ends the program. */
#ifndef CHECK_H
#define CHECK_H

#include <sessio.h>

/* Never to be seen in any message: the password of every URL, the tokens and the data. */
#define SECRET "hunter2"

#define CHECK(condition) check(__FILE__, __LINE__, #condition, condition)

/* The call, which has &error for its error, gives this status; and with it an error or none. */
#define GIVES(status, call) gives(__FILE__, __LINE__, #call, status, call)

extern sessio_error *error;

/* The last message that GIVES saw; "" after a call that did not fail. */
extern char message[1024];

void check(const char *file, int line, const char *text, bool holds);
void gives(const char *file, int line, const char *text, int32_t expected, int32_t status);

sessio_store *open_store(const char *url);
sessio_store *open_with(const char *url, const char *option, const char *value);

/* Of the environment: the test fails where it is not set. */
const char *test_url(void);

/* What a queue gives next, within ten seconds. */
sessio_completion next_of(sessio_queue *queue);

int count_threads(void);
int64_t now_us(void);
int64_t in_an_hour(void);

/* In a forked child: runs it and leaves with its result as exit status; in the parent: waits for
 * the child, which must end well. */
void in_child(void (*work)(void *), void *argument);

#endif
