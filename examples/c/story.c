/* The C part of the story that ./dev demo tells: four languages share one login.
 *
 *   story logout URL
 */
#include <sessio.h>
#include <stdio.h>
#include <string.h>

#define PAGE 100

/* Ends every session of a subject, a page at a time; *ended is how many there were. */
static int32_t log_out_everywhere(const sessio_manager *manager, const char *subject, size_t *ended,
                                  sessio_error **error) {
    sessio_session_page *page = NULL;
    int32_t status =
        sessio_manager_list_subject(manager, subject, strlen(subject), NULL, 0, PAGE, &page, error);
    while (status == SESSIO_DONE && page != NULL) {
        size_t count = sessio_session_page_count(page), next_len;
        for (size_t index = 0; index < count && status == SESSIO_DONE; index++) {
            status = sessio_session_destroy(sessio_session_page_at(page, index), error);
            *ended += status == SESSIO_DONE;
        }
        const char *next = sessio_session_page_next(page, &next_len);
        sessio_session_page *following = NULL;
        if (status == SESSIO_DONE && next != NULL) {
            status = sessio_manager_list_subject(manager, subject, strlen(subject), next, next_len,
                                                 PAGE, &following, error);
        }
        sessio_session_page_free(page);
        page = following;
    }
    return status;
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
