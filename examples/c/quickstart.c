/* The shortest tour: save, find, compare-and-swap, rename, end. No server is needed.
 *
 *   cc quickstart.c $(pkg-config --cflags --libs sessio) -o quickstart && ./quickstart
 */
#include <sessio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Ends the program when a call failed; gives back its outcome otherwise. */
static int32_t ok(int32_t status, sessio_error **error) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", sessio_status_name(status), sessio_error_message(*error));
        exit(1);
    }
    return status;
}

int main(int count, char **arguments) {
    const char *url = count > 1 ? arguments[1] : "memory:";
    sessio_error *error = NULL;
    sessio_store *store = NULL;
    ok(sessio_store_open(url, NULL, &store, &error), &error);
    ok(sessio_store_migrate(store, &error), &error);
    printf("opened %s with sessio %s\n", sessio_store_location(store), sessio_version());

    /* The token goes to the client, in a cookie for example; it is the only thing that does. */
    char token[SESSIO_TOKEN_SIZE];
    ok(sessio_generate_token(token, sizeof token, &error), &error);
    sessio_content content = SESSIO_CONTENT_INIT;
    content.data = "cart: empty";
    content.data_len = 11;
    content.expires_at_us = ((int64_t)time(NULL) + 3600) * 1000000;
    content.subject = "ada";
    content.subject_len = 3;
    ok(sessio_store_save_content(store, token, strlen(token), &content, &error), &error);
    puts("saved a session for ada, for an hour");

    sessio_record *record = NULL;
    int32_t found = ok(sessio_store_find(store, token, strlen(token), &record, &error), &error);
    if (found != SESSIO_DONE) {
        return 1;
    }
    size_t len;
    const char *data = sessio_record_data(record, &len);
    printf("found %zu bytes: %.*s\n", len, (int)len, data);

    /* Two requests may have loaded the same session: only the first of them may write. */
    content.data = "cart: 1 apple";
    content.data_len = 13;
    int32_t first = ok(
        sessio_store_replace(store, token, strlen(token), data, len, &content, &error), &error);
    int32_t second = ok(
        sessio_store_replace(store, token, strlen(token), data, len, &content, &error), &error);
    printf("changed it: %s; a second change of what was loaded before: %s\n",
           sessio_status_name(first), sessio_status_name(second));
    sessio_record_free(record);

    /* After a login the token changes: others may know the old one. */
    char fresh[SESSIO_TOKEN_SIZE];
    ok(sessio_generate_token(fresh, sizeof fresh, &error), &error);
    ok(sessio_store_rename(store, token, strlen(token), fresh, strlen(fresh), NULL, &error),
       &error);
    int32_t old = ok(sessio_store_find(store, token, strlen(token), &record, &error), &error);
    printf("renamed it; the old token: %s\n", sessio_status_name(old));

    uint64_t ended = 0;
    ok(sessio_store_delete_subject(store, "ada", 3, NULL, 0, &ended, &error), &error);
    printf("signed ada out everywhere: %llu ended\n", (unsigned long long)ended);
    sessio_store_free(store);
    return 0;
}
