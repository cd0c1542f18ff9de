/* Runs every file of vectors in a folder against the URL in SESSIO_VECTORS_URL.
 *
 * usage: vectors FOLDER calls|queue
 */
#include "vectors.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t cases, steps, failures;

void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void must(int32_t status, sessio_error *error) {
    if (status != SESSIO_DONE) {
        broken("%s: %s", sessio_status_name(status), sessio_error_message(error));
    }
}

/* A fresh store with the case's options, and on a server with a table of its own. */
static sessio_store *open_store(json_t *wanted, const sessio_clock *clock) {
    const char *url = getenv("SESSIO_VECTORS_URL");
    if (url == NULL) {
        broken("SESSIO_VECTORS_URL is not set");
    }
    sessio_error *error = NULL;
    sessio_options options = SESSIO_OPTIONS_INIT;
    options.clock = clock;
    options.cleanup_interval_ms = SESSIO_OFF;
    const char *name;
    json_t *value;
    json_object_foreach(wanted, name, value) {
        must(sessio_options_set(&options, name, json_string_value(value), &error), error);
    }
    char table[64];
    bool on_server = strncmp(url, "memory:", 7) != 0;
    if (on_server) {
        snprintf(table, sizeof table, "c%ld_%zu", (long)getpid(), cases);
        options.table = table;
    }
    sessio_store *store = NULL;
    must(sessio_store_open(url, &options, &store, &error), error);
    sessio_options_clear(&options);
    if (on_server) {
        must(sessio_store_migrate(store, &error), error);
    }
    return store;
}

static void run_case(const char *file, json_t *each, driver drive) {
    const char *name = NULL;
    json_t *options = NULL, *list = NULL, *step;
    json_error_t why;
    if (json_unpack_ex(each, &why, JSON_STRICT, "{s:s, s?o, s:o}", "name", &name, "options",
                       &options, "steps", &list) != 0) {
        broken("%s: a case is not as it should be: %s", file, why.text);
    }
    cases++;
    sessio_clock *clock = sessio_clock_new(START_US);
    sessio_store *store = open_store(options, clock);
    size_t index;
    json_array_foreach(list, index, step) {
        steps++;
        bool as_it_should = run_step(store, clock, drive, step);
        forget();
        if (!as_it_should) {
            char *text = json_dumps(step, 0);
            fprintf(stderr, "  in %s, \"%s\", step %zu: %.300s\n", file, name, index + 1, text);
            free(text);
            failures++;
            steps += json_array_size(list) - index - 1;
            break;
        }
    }
    sessio_store_free(store);
    sessio_clock_free(clock);
}

static void run_file(const char *path, driver drive) {
    json_error_t why;
    json_t *root = json_load_file(path, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        broken("%s:%d: %s", path, why.line, why.text);
    }
    int format = 0;
    const char *about = NULL;
    json_t *list = NULL, *each;
    if (json_unpack_ex(root, &why, JSON_STRICT, "{s:i, s:s, s:o}", "format", &format, "about",
                       &about, "cases", &list) != 0 || format != 1) {
        broken("%s is not a file of vectors of format 1: %s", path, why.text);
    }
    size_t index;
    json_array_foreach(list, index, each) {
        run_case(path, each, drive);
    }
    json_decref(root);
}

int main(int count, char **arguments) {
    driver drive = NULL;
    if (count == 3) {
        drive = strcmp(arguments[2], "calls") == 0   ? drive_calls
                : strcmp(arguments[2], "queue") == 0 ? drive_queue
                                                     : NULL;
    }
    if (drive == NULL) {
        broken("usage: vectors FOLDER calls|queue");
    }
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/*.json", arguments[1]);
    glob_t files;
    if (glob(pattern, 0, NULL, &files) != 0) {
        broken("there are no vectors in %s", arguments[1]);
    }
    for (size_t index = 0; index < files.gl_pathc; index++) {
        run_file(files.gl_pathv[index], drive);
    }
    globfree(&files);
    drive(NULL, NULL, NULL);
    if (failures != 0) {
        broken("%zu of %zu cases failed", failures, cases);
    }
    printf("vectors: %zu cases, %zu steps\n", cases, steps);
    return 0;
}
