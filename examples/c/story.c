/* The C part of the story that ./dev demo tells: four languages share one login.
 *
 *   story logout URL
 */
#include <sessio.h>
#include <stdio.h>
#include <string.h>

/* Ends every session of a subject, however many there are; *ended is how many there were. */
static int32_t log_out_everywhere(sessio_manager *manager, const char *subject, size_t *ended,
                                  sessio_error **error) {
    sessio_session_cursor *devices = NULL;
    sessio_session *device = NULL;
    int32_t status =
        sessio_manager_each_subject(manager, subject, strlen(subject), &devices, error);
    while (status == SESSIO_DONE &&
           (status = sessio_session_cursor_next(devices, &device, error)) == SESSIO_DONE) {
        status = sessio_session_destroy(device, error);
        *ended += status == SESSIO_DONE;
    }
    sessio_session_cursor_free(devices);
    return status == SESSIO_NOT_FOUND ? SESSIO_DONE : status;
}

int main(int count, char **arguments) {
    if (count != 3 || strcmp(arguments[1], "logout") != 0) {
        fprintf(stderr, "usage: story logout URL\n");
        return 2;
    }
    size_t ended = 0;
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    sessio_manager *manager = NULL;
    int32_t status = sessio_store_open(arguments[2], NULL, &store, &error);
    if (status == SESSIO_DONE) {
        status = sessio_manager_open(store, NULL, &manager, &error);
    }
    if (status == SESSIO_DONE) {
        status = log_out_everywhere(manager, "ada", &ended, &error);
    }
    sessio_manager_free(manager);
    sessio_store_free(store);
    if (status != SESSIO_DONE) {
        fprintf(stderr, "%s: %s\n", sessio_status_name(status), sessio_error_message(error));
        sessio_error_free(error);
        return 1;
    }
    printf("ada is logged out everywhere: %zu session(s) ended\n", ended);
    return 0;
}
