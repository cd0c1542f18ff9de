#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

sessio_error *error;
char message[1024];

void check(const char *file, int line, const char *text, bool holds) {
    if (!holds) {
        fprintf(stderr, "%s:%d: not so: %s\n  the last message was: %s\n", file, line, text,
                message);
        exit(1);
    }
}

void gives(const char *file, int line, const char *text, int32_t expected, int32_t status) {
    snprintf(message, sizeof message, "%s", sessio_error_message(error));
    if (status != expected) {
        fprintf(stderr, "%s:%d: %s\n  gave %s instead of %s: %s\n", file, line, text,
                sessio_status_name(status), sessio_status_name(expected), message);
        exit(1);
    }
    check(file, line, "an error comes with a negative status and with no other",
          (error != NULL) == (status < 0));
    if (error != NULL) {
        check(file, line, "the error has the code of the status",
              sessio_error_code(error) == status);
        check(file, line, "the error has a message", message[0] != '\0');
        check(file, line, "no secret is in a message", strstr(message, SECRET) == NULL);
        sessio_error_free(error);
        error = NULL;
    }
}

sessio_store *open_store(const char *url) {
    sessio_store *store = NULL;
    GIVES(SESSIO_DONE, sessio_store_open(url, NULL, &store, &error));
    return store;
}

sessio_store *open_with(const char *url, const char *option, const char *value) {
    sessio_store *store = NULL;
    sessio_options options = SESSIO_OPTIONS_INIT;
    GIVES(SESSIO_DONE, sessio_options_set(&options, option, value, &error));
    GIVES(SESSIO_DONE, sessio_store_open(url, &options, &store, &error));
    sessio_options_clear(&options);
    return store;
}

const char *test_url(void) {
    const char *url = getenv("SESSIO_TEST_MYSQL_URL");
    if (url == NULL) {
        fprintf(stderr, "this test needs a server, but SESSIO_TEST_MYSQL_URL is not set; "
                        "./dev test starts one, or run: eval \"$(./dev db env)\"\n");
        exit(1);
    }
    return url;
}

sessio_completion next_of(sessio_queue *queue) {
    sessio_completion completion;
    int32_t count = sessio_queue_poll(queue, &completion, 1, 10000, &error);
    GIVES(1, count);
    return completion;
}

int count_threads(void) {
    DIR *folder = opendir("/proc/self/task");
    CHECK(folder != NULL);
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t in_an_hour(void) {
    return now_us() + INT64_C(3600) * 1000000;
}

void in_child(void (*work)(void *), void *argument) {
    pid_t child = fork();
    if (child == 0) {
        alarm(60); /* What hangs must not hang the tests. */
        work(argument);
        exit(0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
