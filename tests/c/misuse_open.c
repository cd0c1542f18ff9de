/* URLs and options that are wrong. */
#include "misuse.h"

#include <stdlib.h>
#include <string.h>

static void bad_urls(void) {
    const char *urls[] = {
        "", "memory", "memory:/path", "memory:?tabel=x", "memory:?max_data=-1", "memory:?max_data=",
        "mysql://", "mysql://h", "mysql://u:" SECRET "@h", "mysql://u:" SECRET "@/app",
        "mysql://u:" SECRET "@h:port/app", "mysql://u:" SECRET "@h:99999/app",
        "mysql://u:" SECRET "@h/app?timeout=0", "mysql://u:" SECRET "@h/app?timeout=soon",
        "mysql://u:" SECRET "@h/app?tls=maybe", "mysql://u:" SECRET "@h/app?connections=65",
        "mysql://u:" SECRET "@h/app?table=a`b", "postgres://u:" SECRET "@h/app",
        "u:" SECRET "@smoke(h)/app", "u:" SECRET "@tcp(h:3306)", "mysql://u:%ff" SECRET "@h/app",
        "memory:?table=\xff\xfe", "\xff",
    };
    sessio_store *store = NULL;
    for (size_t index = 0; index < sizeof urls / sizeof *urls; index++) {
        memset(&store, 0x5a, sizeof store);
        GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(urls[index], NULL, &store, &error));
        CHECK(store == NULL);
    }
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(NULL, NULL, &store, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open("memory:", NULL, NULL, &error));
    CHECK(sessio_store_open(NULL, NULL, NULL, NULL) == SESSIO_INVALID_ARGUMENT);
    size_t size = 1 << 20;
    char *huge = malloc(size);
    memset(huge, 'x', size);
    huge[size - 1] = '\0';
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(huge, NULL, &store, &error));
    free(huge);
}

static void bad_members(void) {
    sessio_store *store = NULL;
    sessio_options bad[17];
    for (size_t index = 0; index < 17; index++) {
        bad[index] = (sessio_options)SESSIO_OPTIONS_INIT;
    }
    bad[0].struct_size = 0;
    bad[1].struct_size = sizeof(size_t);
    bad[2].struct_size = SIZE_MAX;
    bad[3].table = "a b";
    bad[4].timeout_ms = -1;
    bad[5].cleanup_interval_ms = -2;
    bad[6].connections = 65;
    bad[7].hash_tokens = 2;
    bad[8].tls = 5;
    bad[9].table = "\xff";
    bad[10].max_lifetime_ms = 60000;
    bad[11].tls_cert = "no.pem";
    bad[12].tls_key = "no.pem";
    bad[13].columns = "token=a b";
    bad[14].session_variables = "sql_mode=ANSI";
    bad[15].spread_hosts = 2;
    bad[16].reserved = 1;
    for (size_t index = 0; index < 17; index++) {
        GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(QUIET, &bad[index], &store, &error));
    }
    size_t nothing = 0;
    _Alignas(sessio_options) char bytes[sizeof(sessio_options) + 8] = {0};
    memcpy(bytes + 1, &(size_t){sizeof(sessio_options)}, sizeof nothing);
    const void *crooked = bytes + 1;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(QUIET, crooked, &store, &error));
}

/* A program that was compiled with a later header. */
static void a_later_struct(void) {
    struct {
        sessio_options known;
        size_t unknown;
    } later = {SESSIO_OPTIONS_INIT, 0};
    const void *options = &later;
    sessio_store *store = NULL;
    later.known.struct_size = sizeof later;
    GIVES(SESSIO_DONE, sessio_store_open(QUIET, options, &store, &error));
    sessio_store_free(store);
    later.unknown = 1;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_store_open(QUIET, options, &store, &error));
}

static void bad_texts(void) {
    sessio_options options = SESSIO_OPTIONS_INIT;
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(NULL, "table", "t", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, NULL, "t", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, "table", NULL, &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, "tabel", "t", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, "table", "\xff", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, "timeout", "1 fortnight", &error));
    CHECK(options.settings == NULL);
    sessio_options_clear(&options);
}

static size_t most_data(const sessio_options *options) {
    sessio_store *store = NULL;
    GIVES(SESSIO_DONE,
          sessio_store_open("memory:?cleanup_interval=0&max_data=1", options, &store, &error));
    size_t most = 0;
    while (sessio_store_save(store, "t", 1, "0123456789", most + 1, SESSIO_NEVER, NULL) ==
           SESSIO_DONE) {
        most++;
    }
    sessio_store_free(store);
    return most;
}

/* Members before set options before the URL; a failed set changes nothing. */
static void which_option_counts(void) {
    sessio_options options = SESSIO_OPTIONS_INIT;
    CHECK(most_data(NULL) == 1 && most_data(&options) == 1);
    GIVES(SESSIO_DONE, sessio_options_set(&options, "max_data", "2", &error));
    GIVES(SESSIO_DONE, sessio_options_set(&options, "hash_tokens", "false", &error));
    GIVES(SESSIO_INVALID_ARGUMENT, sessio_options_set(&options, "max_data", "no", &error));
    CHECK(most_data(&options) == 2);
    options.max_data = 3;
    CHECK(most_data(&options) == 3);
    sessio_options_clear(&options);
    options.max_data = 0;
    CHECK(options.settings == NULL && most_data(&options) == 1);
}

void misuse_of_opening(void) {
    bad_urls();
    bad_members();
    a_later_struct();
    bad_texts();
    which_option_counts();
    sessio_store *store = open_store("mysql://user:" SECRET "@example.invalid/app");
    CHECK(strcmp(sessio_store_location(store), "mysql://example.invalid:3306/app") == 0);
    sessio_store_free(store);
}
