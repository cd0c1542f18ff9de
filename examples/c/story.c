/* The C part of the story that ./dev demo tells: four languages share one session.
 *
 *   story rename URL TOKEN
 */
#include <sessio.h>
#include <stdio.h>
#include <string.h>

static int failed(int32_t status, sessio_error *error) {
    fprintf(stderr, "%s: %s\n", sessio_status_name(status), sessio_error_message(error));
    sessio_error_free(error);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 4 || strcmp(arguments[1], "rename") != 0) {
        fprintf(stderr, "usage: story rename URL TOKEN\n");
        return 2;
    }
    const char *old = arguments[3];
    char fresh[SESSIO_TOKEN_SIZE];
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    int32_t status = sessio_store_open(arguments[2], NULL, &store, &error);
    if (status == SESSIO_DONE) {
        status = sessio_generate_token(fresh, sizeof fresh, &error);
    }
    if (status == SESSIO_DONE) {
        status = sessio_store_rename(store, old, strlen(old), fresh, strlen(fresh), NULL, &error);
    }
    sessio_store_free(store);
    if (status != SESSIO_DONE) {
        return failed(status, error);
    }
    printf("the session has another token now, and kept its data\n");
    printf("=> %s\n", fresh);
    return 0;
}
