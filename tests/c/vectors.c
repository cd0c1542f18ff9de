/* Runs every file of vectors in a folder on the store that SESSIO_VECTORS_URL names: memory: if it
 * names none. SESSIO_VECTOR names one file or one case, where not all are wanted.
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

static void must(int32_t status, sessio_error **error) {
    if (status != SESSIO_DONE) {
        broken("%s: %s", sessio_status_name(status), sessio_error_message(*error));
    }
}

/* A fresh store with the case's options, and on a server with a table of its own. */
static sessio_store *open_store(json_t *wanted, const sessio_clock *clock) {
    const char *url = getenv("SESSIO_VECTORS_URL");
    if (url == NULL) {
        url = "memory:";
    }
    sessio_error *error = NULL;
    sessio_options options = SESSIO_OPTIONS_INIT;
    options.clock = clock;
    options.cleanup_interval_ms = SESSIO_OFF;
    const char *name;
    json_t *value;
    json_object_foreach(wanted, name, value) {
        must(sessio_options_set(&options, name, json_string_value(value), &error), &error);
    }
    char table[64];
    bool on_server = strncmp(url, "memory:", 7) != 0;
    if (on_server) {
        snprintf(table, sizeof table, "c%ld_%zu", (long)getpid(), cases);
        options.table = table;
    }
    sessio_store *store = NULL;
    must(sessio_store_open(url, &options, &store, &error), &error);
    sessio_options_clear(&options);
    if (on_server) {
        must(sessio_store_migrate(store, &error), &error);
    }
    return store;
}

/* A value as in a URL: each byte that has a meaning there, or none, by its number. */
static char *escaped(const char *value) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *text = remember(3 * strlen(value) + 1);
    size_t len = 0;
    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            text[len++] = *value;
        } else {
            len += (size_t)snprintf(text + len, 4, "%%%02X", (unsigned char)*value);
        }
    }
    return text;
}

/* A manager with the case's settings, as the one text that settings are. */
static sessio_manager *open_manager(sessio_store *store, json_t *wanted) {
    char settings[4096];
    size_t len = 0;
    const char *name;
    json_t *value;
    settings[0] = '\0';
    json_object_foreach(wanted, name, value) {
        int more = snprintf(settings + len, sizeof settings - len, "%s=%s&", name,
                            escaped(json_string_value(value)));
        len += (size_t)more;
        if (more < 0 || len >= sizeof settings) {
            broken("these settings need more than this runner does");
        }
    }
    sessio_error *error = NULL;
    sessio_manager *manager = NULL;
    sessio_manager_options options = SESSIO_MANAGER_OPTIONS_INIT;
    options.settings = settings;
    must(sessio_manager_open(store, &options, &manager, &error), &error);
    return manager;
}

/* Whether a case is to be run: SESSIO_VECTOR is its name, its file's, or not set. */
static bool is_wanted(const char *path, const char *name) {
    const char *wanted = getenv("SESSIO_VECTOR");
    if (wanted == NULL || strcmp(name, wanted) == 0) {
        return true;
    }
    const char *slash = strrchr(path, '/');
    const char *file = slash == NULL ? path : slash + 1;
    size_t len = strlen(wanted);
    return strncmp(file, wanted, len) == 0 && strcmp(file + len, ".json") == 0;
}

static void run_case(const char *file, json_t *each, const world *how) {
    const char *name = NULL;
    json_t *options = NULL, *settings = NULL, *list = NULL, *step;
    json_error_t why;
    if (json_unpack_ex(each, &why, JSON_STRICT, "{s:s, s?o, s?o, s:o}", "name", &name, "options",
                       &options, "manager", &settings, "steps", &list) != 0) {
        broken("%s: a case is not as it should be: %s", file, why.text);
    }
    if (!is_wanted(file, name)) {
        return;
    }
    cases++;
    world here = *how;
    here.clock = sessio_clock_new(START_US);
    here.store = open_store(options, here.clock);
    here.manager = open_manager(here.store, settings);
    size_t index;
    json_array_foreach(list, index, step) {
        steps++;
        bool as_it_should = run_step(&here, step);
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
    end_sessions();
    sessio_manager_free(here.manager);
    sessio_store_free(here.store);
    sessio_clock_free(here.clock);
}

static void run_file(const char *path, const world *how) {
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
        run_case(path, each, how);
    }
    json_decref(root);
}

int main(int count, char **arguments) {
    const char *mode = count == 3 ? arguments[2] : "";
    world how = {NULL, NULL, NULL, drive_calls, session_calls};
    if (strcmp(mode, "queue") == 0) {
        how.drive = drive_queue;
        how.drive_session = session_queue;
    } else if (strcmp(mode, "calls") != 0) {
        broken("usage: vectors FOLDER calls|queue");
    }
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/*.json", arguments[1]);
    glob_t files;
    if (glob(pattern, 0, NULL, &files) != 0) {
        broken("there are no vectors in %s", arguments[1]);
    }
    for (size_t index = 0; index < files.gl_pathc; index++) {
        run_file(files.gl_pathv[index], &how);
    }
    globfree(&files);
    how.drive(NULL, NULL, NULL);
    if (cases == 0) {
        broken("no file in %s and no case has the name in SESSIO_VECTOR", arguments[1]);
    }
    if (failures != 0) {
        broken("%zu of %zu cases failed", failures, cases);
    }
    printf("vectors: %zu cases, %zu steps\n", cases, steps);
    return 0;
}
