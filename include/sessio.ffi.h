/*
 * The declarations of sessio.h alone, without preprocessor: for FFI::cdef of PHP,
 * ffi.cdef of LuaJIT, and ffi.cdef of Python's cffi. See docs/bindings.md.
 *
 * SESSIO_NEVER is INT64_MAX, which no enum can hold.
 *
 * Generated from ffi-c/src by cargo xtask header; do not edit.
 */

enum {
    SESSIO_VERSION_MAJOR = 0,
    SESSIO_VERSION_MINOR = 1,
    SESSIO_VERSION_PATCH = 0,
    SESSIO_VERSION_NUMBER = 1000,
    SESSIO_ABI_VERSION = 0,
    SESSIO_DONE = 0,
    SESSIO_NOT_FOUND = 1,
    SESSIO_CONFLICT = 2,
    SESSIO_GONE = 3,
    SESSIO_ABORTED = 4,
    SESSIO_INVALID_ARGUMENT = -1,
    SESSIO_ALREADY_EXISTS = -2,
    SESSIO_TOO_LARGE = -3,
    SESSIO_FULL = -4,
    SESSIO_OVERLOADED = -5,
    SESSIO_TIMEOUT = -6,
    SESSIO_UNAVAILABLE = -7,
    SESSIO_SCHEMA = -8,
    SESSIO_UNSUPPORTED = -9,
    SESSIO_CORRUPT = -10,
    SESSIO_CLOSED = -11,
    SESSIO_FORKED = -12,
    SESSIO_INTERNAL = -13,
    SESSIO_ON = 1,
    SESSIO_OFF = -1,
    SESSIO_LOG_OFF = 0,
    SESSIO_LOG_ERROR = 1,
    SESSIO_LOG_WARN = 2,
    SESSIO_LOG_INFO = 3,
    SESSIO_LOG_DEBUG = 4,
    SESSIO_LOG_TRACE = 5,
    SESSIO_TOKEN_SIZE = 44,
    SESSIO_KEY_TEXT_SIZE = 76,
    SESSIO_TLS_OFF = 1,
    SESSIO_TLS_REQUIRED = 2,
    SESSIO_TLS_VERIFY_CA = 3,
    SESSIO_TLS_VERIFY_IDENTITY = 4,
    SESSIO_EVENT_CREATED = 0,
    SESSIO_EVENT_RENEWED = 1,
    SESSIO_EVENT_DESTROYED = 2,
    SESSIO_EVENT_TOUCHED = 3,
    SESSIO_EVENT_MERGED = 4,
    SESSIO_EVENT_CONFLICT = 5,
    SESSIO_EVENT_GONE = 6,
    SESSIO_EVENT_CORRUPT = 7,
    SESSIO_SESSION_UNMODIFIED = 0,
    SESSIO_SESSION_MODIFIED = 1,
    SESSIO_SESSION_DESTROYED = 2,
    SESSIO_KIND_NULL = 0,
    SESSIO_KIND_BOOL = 1,
    SESSIO_KIND_INTEGER = 2,
    SESSIO_KIND_FLOAT = 3,
    SESSIO_KIND_TEXT = 4,
    SESSIO_KIND_BYTES = 5,
    SESSIO_KIND_TIME = 6,
    SESSIO_KIND_LIST = 7,
    SESSIO_KIND_MAP = 8,
    SESSIO_COMMIT_UNMODIFIED = 0,
    SESSIO_COMMIT_SAVED = 1,
    SESSIO_COMMIT_DESTROYED = 2,
    SESSIO_COMMIT_GONE = 3,
    SESSIO_COMMIT_CONFLICT = 4
};

typedef struct sessio_check_issues sessio_check_issues;
typedef struct sessio_clock sessio_clock;
typedef struct sessio_commit_result sessio_commit_result;
typedef struct sessio_cookie sessio_cookie;
typedef struct sessio_error sessio_error;
typedef struct sessio_log sessio_log;
typedef struct sessio_manager sessio_manager;
typedef struct sessio_page sessio_page;
typedef struct sessio_queue sessio_queue;
typedef struct sessio_record sessio_record;
typedef struct sessio_records sessio_records;
typedef struct sessio_session sessio_session;
typedef struct sessio_session_cursor sessio_session_cursor;
typedef struct sessio_session_page sessio_session_page;
typedef struct sessio_settings sessio_settings;
typedef struct sessio_store sessio_store;
typedef struct sessio_value sessio_value;

typedef void (*sessio_log_callback)(void *userdata, int32_t level, const char *message);
typedef void (*sessio_event_callback)(void *userdata, int32_t event);
typedef int32_t (*sessio_change_callback)(sessio_session *session, void *userdata);

typedef struct sessio_options {
    size_t struct_size;
    const char *table;
    const char *ca;
    int64_t cleanup_interval_ms;
    int64_t timeout_ms;
    size_t max_data;
    size_t max_sessions;
    size_t max_bytes;
    size_t connections;
    int32_t hash_tokens;
    int32_t tls;
    const sessio_clock *clock;
    sessio_settings *settings;
    int64_t max_lifetime_ms;
    const char *tls_cert;
    const char *tls_key;
    const char *columns;
    const char *session_variables;
    int32_t spread_hosts;
    int32_t reserved;
} sessio_options;
typedef struct sessio_content {
    size_t struct_size;
    const void *data;
    size_t data_len;
    int64_t expires_at_us;
    const char *subject;
    size_t subject_len;
} sessio_content;
typedef struct sessio_text {
    const char *text;
    size_t len;
} sessio_text;
typedef struct sessio_row {
    size_t struct_size;
    const char *token;
    size_t token_len;
    const void *data;
    size_t data_len;
    int64_t expires_at_us;
    const char *subject;
    size_t subject_len;
} sessio_row;
typedef struct sessio_manager_options {
    size_t struct_size;
    const char *settings;
    sessio_event_callback on_event;
    void *userdata;
} sessio_manager_options;
typedef struct sessio_completion {
    void *tag;
    int32_t status;
    uint64_t count;
    sessio_record *record;
    sessio_records *records;
    sessio_page *page;
    sessio_check_issues *issues;
    sessio_commit_result *result;
    sessio_session_page *sessions;
    sessio_error *error;
    sessio_value *value;
    void *reserved[1];
} sessio_completion;

const char *sessio_version(void);
uint32_t sessio_version_number(void);
uint32_t sessio_abi_version(void);
const char *sessio_status_name(int32_t status);
int32_t sessio_error_code(const sessio_error *error);
const char *sessio_error_message(const sessio_error *error);
bool sessio_error_is_retryable(const sessio_error *error);
int32_t sessio_error_errno(const sessio_error *error);
const char *sessio_error_sqlstate(const sessio_error *error);
void sessio_error_free(sessio_error *error);
int32_t sessio_options_set(
    sessio_options *options, const char *name, const char *value, sessio_error **error);
void sessio_options_clear(sessio_options *options);
sessio_clock *sessio_clock_new(int64_t start_us);
int32_t sessio_clock_advance(sessio_clock *clock, int64_t by_us, sessio_error **error);
int64_t sessio_clock_now_us(const sessio_clock *clock);
void sessio_clock_free(sessio_clock *clock);
int32_t sessio_set_log_callback(
    int32_t level, sessio_log_callback callback, void *userdata, sessio_error **error);
int32_t sessio_log_open(int32_t level, size_t capacity, sessio_log **log, sessio_error **error);
int32_t sessio_log_next(
    sessio_log *log, int32_t *level, const char **message, sessio_error **error);
int32_t sessio_log_fd(const sessio_log *log, sessio_error **error);
uint64_t sessio_log_dropped(const sessio_log *log);
void sessio_log_free(sessio_log *log);
int32_t sessio_generate_token(char *buffer, size_t capacity, sessio_error **error);
int32_t sessio_store_open(
    const char *url, const sessio_options *options, sessio_store **store, sessio_error **error);
const char *sessio_store_location(const sessio_store *store);
int32_t sessio_store_stop_cleanup(sessio_store *store, sessio_error **error);
int32_t sessio_store_stats(
    const sessio_store *store, const char *name, uint64_t *value, sessio_error **error);
const char *sessio_stats_name(size_t index);
int32_t sessio_store_close(sessio_store *store, sessio_error **error);
void sessio_store_free(sessio_store *store);
int32_t sessio_key_to_text(
    const char *key, size_t key_len, char *buffer, size_t capacity, sessio_error **error);
int32_t sessio_key_from_text(
    const char *text, size_t text_len, const char **key, size_t *key_len, sessio_error **error);
int32_t sessio_manager_find(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_find_by_key(
    sessio_manager *manager, const char *key, size_t key_len, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_create(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_commit(
    sessio_manager *manager, sessio_session *session, sessio_commit_result **result,
    sessio_error **error);
int32_t sessio_manager_list(
    sessio_manager *manager, const char *after, size_t after_len, size_t limit,
    sessio_session_page **page, sessio_error **error);
int32_t sessio_manager_list_subject(
    sessio_manager *manager, const char *subject, size_t subject_len, const char *after,
    size_t after_len, size_t limit, sessio_session_page **page, sessio_error **error);
int32_t sessio_queue_find(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_find_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_exists(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_exists_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_save(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const void *data, size_t data_len, int64_t expires_at_us, void *tag, sessio_error **error);
int32_t sessio_queue_save_content(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);
int32_t sessio_queue_insert(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);
int32_t sessio_queue_update(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const sessio_content *content, void *tag, sessio_error **error);
int32_t sessio_queue_update_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const sessio_content *content, void *tag, sessio_error **error);
int32_t sessio_queue_replace(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const void *expected, size_t expected_len, const sessio_content *content, void *tag,
    sessio_error **error);
int32_t sessio_queue_replace_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const void *expected, size_t expected_len, const sessio_content *content, void *tag,
    sessio_error **error);
int32_t sessio_queue_touch(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    int64_t expires_at_us, void *tag, sessio_error **error);
int32_t sessio_queue_touch_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    int64_t expires_at_us, void *tag, sessio_error **error);
int32_t sessio_queue_rename(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    const char *new_token, size_t new_token_len, const sessio_content *content, void *tag,
    sessio_error **error);
int32_t sessio_queue_rename_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    const char *new_token, size_t new_token_len, const sessio_content *content, void *tag,
    sessio_error **error);
int32_t sessio_queue_delete(
    const sessio_queue *queue, const sessio_store *store, const char *token, size_t token_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_delete_by_key(
    const sessio_queue *queue, const sessio_store *store, const char *key, size_t key_len,
    void *tag, sessio_error **error);
int32_t sessio_queue_find_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_text *tokens, size_t count,
    void *tag, sessio_error **error);
int32_t sessio_queue_save_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_row *rows, size_t count,
    void *tag, sessio_error **error);
int32_t sessio_queue_delete_many(
    const sessio_queue *queue, const sessio_store *store, const sessio_text *tokens, size_t count,
    void *tag, sessio_error **error);
int32_t sessio_queue_count(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);
int32_t sessio_queue_list(
    const sessio_queue *queue, const sessio_store *store, const char *after, size_t after_len,
    size_t limit, void *tag, sessio_error **error);
int32_t sessio_queue_list_subject(
    const sessio_queue *queue, const sessio_store *store, const char *subject, size_t subject_len,
    const char *after, size_t after_len, size_t limit, void *tag, sessio_error **error);
int32_t sessio_queue_delete_subject(
    const sessio_queue *queue, const sessio_store *store, const char *subject, size_t subject_len,
    const char *keep, size_t keep_len, void *tag, sessio_error **error);
int32_t sessio_queue_clear(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);
int32_t sessio_queue_delete_expired(
    const sessio_queue *queue, const sessio_store *store, size_t limit, void *tag,
    sessio_error **error);
int32_t sessio_queue_migrate(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);
int32_t sessio_queue_migrate_from(
    const sessio_queue *queue, const sessio_store *store, const char *library, void *tag,
    sessio_error **error);
int32_t sessio_queue_check(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);
int32_t sessio_queue_ping(
    const sessio_queue *queue, const sessio_store *store, void *tag, sessio_error **error);
int32_t sessio_session_ensure_loaded(sessio_session *session, sessio_error **error);
int32_t sessio_session_get(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);
int32_t sessio_session_pop(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);
int32_t sessio_session_contains(sessio_session *session, const char *key, sessio_error **error);
int32_t sessio_session_keys(sessio_session *session, sessio_value **keys, sessio_error **error);
int32_t sessio_session_values(sessio_session *session, sessio_value **values, sessio_error **error);
int32_t sessio_session_snapshot_json(
    sessio_session *session, sessio_value **json, sessio_error **error);
int32_t sessio_session_flashes(
    sessio_session *session, sessio_value **flashes, sessio_error **error);
int32_t sessio_session_extra(
    sessio_session *session, const char *name, sessio_value **value, sessio_error **error);
int32_t sessio_session_deadline(
    sessio_session *session, int64_t *deadline_us, sessio_error **error);
int32_t sessio_session_expires_at_us(
    sessio_session *session, int64_t *expires_at_us, sessio_error **error);
int32_t sessio_session_remembered(sessio_session *session, bool *remembered, sessio_error **error);
int32_t sessio_session_idle_timeout_us(
    sessio_session *session, int64_t *timeout_us, sessio_error **error);
int32_t sessio_session_subject(
    sessio_session *session, sessio_value **subject, sessio_error **error);
int32_t sessio_session_is_new(sessio_session *session, bool *is_new, sessio_error **error);
int32_t sessio_session_put_null(sessio_session *session, const char *key, sessio_error **error);
int32_t sessio_session_put_bool(
    sessio_session *session, const char *key, bool value, sessio_error **error);
int32_t sessio_session_put_int(
    sessio_session *session, const char *key, int64_t value, sessio_error **error);
int32_t sessio_session_put_uint(
    sessio_session *session, const char *key, uint64_t value, sessio_error **error);
int32_t sessio_session_put_double(
    sessio_session *session, const char *key, double value, sessio_error **error);
int32_t sessio_session_put_text(
    sessio_session *session, const char *key, const char *value, size_t value_len,
    sessio_error **error);
int32_t sessio_session_put_bytes(
    sessio_session *session, const char *key, const void *value, size_t value_len,
    sessio_error **error);
int32_t sessio_session_put_time_us(
    sessio_session *session, const char *key, int64_t value_us, sessio_error **error);
int32_t sessio_session_put_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);
int32_t sessio_session_put_value(
    sessio_session *session, const char *key, const sessio_value *value, sessio_error **error);
int32_t sessio_session_put_if_changed(
    sessio_session *session, const char *key, const sessio_value *value, bool *changed,
    sessio_error **error);
int32_t sessio_session_assign(
    sessio_session *session, const sessio_value *values, sessio_error **error);
int32_t sessio_session_increment(
    sessio_session *session, const char *key, int64_t by, sessio_error **error);
int32_t sessio_session_append_null(sessio_session *session, const char *key, sessio_error **error);
int32_t sessio_session_append_bool(
    sessio_session *session, const char *key, bool item, sessio_error **error);
int32_t sessio_session_append_int(
    sessio_session *session, const char *key, int64_t item, sessio_error **error);
int32_t sessio_session_append_uint(
    sessio_session *session, const char *key, uint64_t item, sessio_error **error);
int32_t sessio_session_append_double(
    sessio_session *session, const char *key, double item, sessio_error **error);
int32_t sessio_session_append_text(
    sessio_session *session, const char *key, const char *item, size_t item_len,
    sessio_error **error);
int32_t sessio_session_append_bytes(
    sessio_session *session, const char *key, const void *item, size_t item_len,
    sessio_error **error);
int32_t sessio_session_append_time_us(
    sessio_session *session, const char *key, int64_t item_us, sessio_error **error);
int32_t sessio_session_append_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);
int32_t sessio_session_append_value(
    sessio_session *session, const char *key, const sessio_value *item, sessio_error **error);
int32_t sessio_session_remove(sessio_session *session, const char *key, sessio_error **error);
int32_t sessio_session_clear(sessio_session *session, sessio_error **error);
int32_t sessio_session_flash_text(
    sessio_session *session, const char *key, const char *value, size_t value_len,
    sessio_error **error);
int32_t sessio_session_flash_json(
    sessio_session *session, const char *key, const char *json, sessio_error **error);
int32_t sessio_session_flash_value(
    sessio_session *session, const char *key, const sessio_value *value, sessio_error **error);
int32_t sessio_session_set_extra(
    sessio_session *session, const char *name, const sessio_value *value, sessio_error **error);
int32_t sessio_session_remove_extra(
    sessio_session *session, const char *name, sessio_error **error);
int32_t sessio_session_renew(sessio_session *session, sessio_error **error);
int32_t sessio_session_regenerate(sessio_session *session, sessio_error **error);
int32_t sessio_session_store_empty(sessio_session *session, sessio_error **error);
int32_t sessio_session_set_deadline(
    sessio_session *session, int64_t deadline_us, sessio_error **error);
int32_t sessio_session_touch(sessio_session *session, sessio_error **error);
int32_t sessio_session_remember_me(sessio_session *session, bool remember, sessio_error **error);
int32_t sessio_session_set_idle_timeout_us(
    sessio_session *session, int64_t timeout_us, sessio_error **error);
int32_t sessio_session_set_subject(
    sessio_session *session, const char *subject, size_t subject_len, sessio_error **error);
int32_t sessio_session_take(
    sessio_session *session, const char *key, sessio_value **value, sessio_error **error);
int32_t sessio_session_ensure_token(
    sessio_session *session, sessio_value **token, sessio_error **error);
int32_t sessio_session_destroy(sessio_session *session, sessio_error **error);
int32_t sessio_session_merge_from(
    sessio_session *session, const char *token, size_t token_len, sessio_error **error);
int32_t sessio_queue_session_ensure_loaded(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);
int32_t sessio_queue_session_renew(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);
int32_t sessio_queue_session_regenerate(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);
int32_t sessio_queue_session_take(
    sessio_queue *queue, sessio_session *session, const char *key, void *tag, sessio_error **error);
int32_t sessio_queue_session_destroy(
    sessio_queue *queue, sessio_session *session, void *tag, sessio_error **error);
int32_t sessio_queue_session_merge_from(
    sessio_queue *queue, sessio_session *session, const char *token, size_t token_len, void *tag,
    sessio_error **error);
int32_t sessio_queue_manager_commit(
    sessio_queue *queue, sessio_manager *manager, sessio_session *session, void *tag,
    sessio_error **error);
int32_t sessio_queue_manager_list(
    sessio_queue *queue, sessio_manager *manager, const char *after, size_t after_len, size_t limit,
    void *tag, sessio_error **error);
int32_t sessio_queue_manager_list_subject(
    sessio_queue *queue, sessio_manager *manager, const char *subject, size_t subject_len,
    const char *after, size_t after_len, size_t limit, void *tag, sessio_error **error);
int32_t sessio_store_find(
    const sessio_store *store, const char *token, size_t token_len, sessio_record **record,
    sessio_error **error);
int32_t sessio_store_find_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_record **record,
    sessio_error **error);
int32_t sessio_store_exists(
    const sessio_store *store, const char *token, size_t token_len, sessio_error **error);
int32_t sessio_store_exists_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_error **error);
int32_t sessio_store_save(
    const sessio_store *store, const char *token, size_t token_len, const void *data,
    size_t data_len, int64_t expires_at_us, sessio_error **error);
int32_t sessio_store_save_content(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);
int32_t sessio_store_insert(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);
int32_t sessio_store_update(
    const sessio_store *store, const char *token, size_t token_len, const sessio_content *content,
    sessio_error **error);
int32_t sessio_store_update_by_key(
    const sessio_store *store, const char *key, size_t key_len, const sessio_content *content,
    sessio_error **error);
int32_t sessio_store_replace(
    const sessio_store *store, const char *token, size_t token_len, const void *expected,
    size_t expected_len, const sessio_content *content, sessio_error **error);
int32_t sessio_store_replace_by_key(
    const sessio_store *store, const char *key, size_t key_len, const void *expected,
    size_t expected_len, const sessio_content *content, sessio_error **error);
int32_t sessio_store_touch(
    const sessio_store *store, const char *token, size_t token_len, int64_t expires_at_us,
    sessio_error **error);
int32_t sessio_store_touch_by_key(
    const sessio_store *store, const char *key, size_t key_len, int64_t expires_at_us,
    sessio_error **error);
int32_t sessio_store_rename(
    const sessio_store *store, const char *token, size_t token_len, const char *new_token,
    size_t new_token_len, const sessio_content *content, sessio_error **error);
int32_t sessio_store_rename_by_key(
    const sessio_store *store, const char *key, size_t key_len, const char *new_token,
    size_t new_token_len, const sessio_content *content, sessio_error **error);
int32_t sessio_store_delete(
    const sessio_store *store, const char *token, size_t token_len, sessio_error **error);
int32_t sessio_store_delete_by_key(
    const sessio_store *store, const char *key, size_t key_len, sessio_error **error);
int32_t sessio_store_find_many(
    const sessio_store *store, const sessio_text *tokens, size_t count, sessio_records **records,
    sessio_error **error);
int32_t sessio_store_save_many(
    const sessio_store *store, const sessio_row *rows, size_t count, sessio_error **error);
int32_t sessio_store_delete_many(
    const sessio_store *store, const sessio_text *tokens, size_t count, uint64_t *deleted,
    sessio_error **error);
int32_t sessio_store_count(const sessio_store *store, uint64_t *count, sessio_error **error);
int32_t sessio_store_list(
    const sessio_store *store, const char *after, size_t after_len, size_t limit,
    sessio_page **page, sessio_error **error);
int32_t sessio_store_list_subject(
    const sessio_store *store, const char *subject, size_t subject_len, const char *after,
    size_t after_len, size_t limit, sessio_page **page, sessio_error **error);
int32_t sessio_store_delete_subject(
    const sessio_store *store, const char *subject, size_t subject_len, const char *keep,
    size_t keep_len, uint64_t *deleted, sessio_error **error);
int32_t sessio_store_clear(const sessio_store *store, uint64_t *deleted, sessio_error **error);
int32_t sessio_store_delete_expired(
    const sessio_store *store, size_t limit, uint64_t *deleted, sessio_error **error);
int32_t sessio_store_migrate(const sessio_store *store, sessio_error **error);
int32_t sessio_store_migrate_from(
    const sessio_store *store, const char *library, sessio_error **error);
int32_t sessio_store_check(
    const sessio_store *store, sessio_check_issues **issues, sessio_error **error);
int32_t sessio_store_ping(const sessio_store *store, sessio_error **error);
const void *sessio_record_data(const sessio_record *record, size_t *len);
int64_t sessio_record_expires_at_us(const sessio_record *record);
const char *sessio_record_subject(const sessio_record *record, size_t *len);
void sessio_record_free(sessio_record *record);
size_t sessio_records_count(const sessio_records *records);
const sessio_record *sessio_records_at(const sessio_records *records, size_t index);
void sessio_records_free(sessio_records *records);
size_t sessio_page_count(const sessio_page *page);
const char *sessio_page_key(const sessio_page *page, size_t index, size_t *len);
const sessio_record *sessio_page_record(const sessio_page *page, size_t index);
const char *sessio_page_next(const sessio_page *page, size_t *len);
void sessio_page_free(sessio_page *page);
size_t sessio_check_issues_count(const sessio_check_issues *issues);
const char *sessio_check_issues_code(const sessio_check_issues *issues, size_t index);
const char *sessio_check_issues_severity(const sessio_check_issues *issues, size_t index);
const char *sessio_check_issues_message(const sessio_check_issues *issues, size_t index);
const char *sessio_check_issues_fix(const sessio_check_issues *issues, size_t index);
void sessio_check_issues_free(sessio_check_issues *issues);
const char *sessio_event_name(int32_t event);
int32_t sessio_manager_open(
    sessio_store *store, const sessio_manager_options *options, sessio_manager **manager,
    sessio_error **error);
const char *sessio_manager_cookie_name(const sessio_manager *manager);
int32_t sessio_manager_stats(
    const sessio_manager *manager, const char *name, uint64_t *value, sessio_error **error);
int32_t sessio_manager_load(
    sessio_manager *manager, const char *token, size_t token_len, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_load_cookie(
    sessio_manager *manager, const char *header, size_t header_len, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_load_cookies(
    sessio_manager *manager, const sessio_text *headers, size_t count, sessio_session **session,
    sessio_error **error);
int32_t sessio_manager_load_header(
    sessio_manager *manager, const char *header, size_t header_len, sessio_session **session,
    sessio_error **error);
void sessio_manager_free(sessio_manager *manager);
int32_t sessio_manager_transact(
    sessio_manager *manager, const char *token, size_t token_len, sessio_change_callback change,
    void *userdata, sessio_commit_result **result, sessio_error **error);
int32_t sessio_session_status(const sessio_session *session);
int32_t sessio_session_token(
    const sessio_session *session, sessio_value **token, sessio_error **error);
int32_t sessio_session_key(const sessio_session *session, sessio_value **key, sessio_error **error);
void sessio_session_free(sessio_session *session);
int32_t sessio_session_get_bool(
    sessio_session *session, const char *key, bool *into, sessio_error **error);
int32_t sessio_session_get_int(
    sessio_session *session, const char *key, int64_t *into, sessio_error **error);
int32_t sessio_session_get_uint(
    sessio_session *session, const char *key, uint64_t *into, sessio_error **error);
int32_t sessio_session_get_double(
    sessio_session *session, const char *key, double *into, sessio_error **error);
int32_t sessio_session_get_time_us(
    sessio_session *session, const char *key, int64_t *into_us, sessio_error **error);
int32_t sessio_session_get_text(
    sessio_session *session, const char *key, char *buffer, size_t capacity, size_t *len,
    sessio_error **error);
int32_t sessio_session_get_bytes(
    sessio_session *session, const char *key, void *buffer, size_t capacity, size_t *len,
    sessio_error **error);
int32_t sessio_session_put_values(sessio_session *session, const char *json, sessio_error **error);
int32_t sessio_value_kind(const sessio_value *value);
int32_t sessio_value_bool(const sessio_value *value, bool *into, sessio_error **error);
int32_t sessio_value_int(const sessio_value *value, int64_t *into, sessio_error **error);
int32_t sessio_value_uint(const sessio_value *value, uint64_t *into, sessio_error **error);
int32_t sessio_value_double(const sessio_value *value, double *into, sessio_error **error);
int32_t sessio_value_time_us(const sessio_value *value, int64_t *into, sessio_error **error);
void sessio_value_free(sessio_value *value);
sessio_value *sessio_value_new_null(void);
sessio_value *sessio_value_new_bool(bool value);
sessio_value *sessio_value_new_int(int64_t value);
sessio_value *sessio_value_new_uint(uint64_t value);
sessio_value *sessio_value_new_double(double value);
sessio_value *sessio_value_new_text(const char *value, size_t value_len);
sessio_value *sessio_value_new_bytes(const void *value, size_t value_len);
sessio_value *sessio_value_new_time_us(int64_t value_us);
sessio_value *sessio_value_new_list(void);
sessio_value *sessio_value_new_map(void);
int32_t sessio_value_from_json(const char *json, sessio_value **value, sessio_error **error);
sessio_value *sessio_value_copy(const sessio_value *value);
int32_t sessio_value_append(sessio_value *list, sessio_value *item, sessio_error **error);
int32_t sessio_value_set(
    sessio_value *map, const char *key, size_t key_len, sessio_value *value, sessio_error **error);
int32_t sessio_value_remove(
    sessio_value *map, const char *key, size_t key_len, sessio_error **error);
int32_t sessio_value_remove_at(sessio_value *list, size_t index, sessio_error **error);
const char *sessio_value_text(const sessio_value *value, size_t *len);
const void *sessio_value_bytes(const sessio_value *value, size_t *len);
const char *sessio_value_json(const sessio_value *value);
size_t sessio_value_count(const sessio_value *value);
const sessio_value *sessio_value_at(const sessio_value *value, size_t index);
const char *sessio_value_key(const sessio_value *value, size_t index, size_t *len);
const sessio_value *sessio_value_find(const sessio_value *value, const char *key, size_t key_len);
int32_t sessio_commit_result_outcome(const sessio_commit_result *result);
const char *sessio_commit_result_token(const sessio_commit_result *result, size_t *len);
const char *sessio_commit_result_set_cookie(const sessio_commit_result *result);
const sessio_cookie *sessio_commit_result_cookie(const sessio_commit_result *result);
size_t sessio_commit_result_header_count(const sessio_commit_result *result);
const char *sessio_commit_result_header_name(const sessio_commit_result *result, size_t index);
const char *sessio_commit_result_header_value(const sessio_commit_result *result, size_t index);
bool sessio_commit_result_was_read(const sessio_commit_result *result);
int64_t sessio_commit_result_expires_at_us(const sessio_commit_result *result);
void sessio_commit_result_free(sessio_commit_result *result);
const char *sessio_cookie_name(const sessio_cookie *cookie);
const char *sessio_cookie_value(const sessio_cookie *cookie);
const char *sessio_cookie_path(const sessio_cookie *cookie);
const char *sessio_cookie_domain(const sessio_cookie *cookie);
const char *sessio_cookie_same_site(const sessio_cookie *cookie);
int64_t sessio_cookie_expires_us(const sessio_cookie *cookie);
int64_t sessio_cookie_max_age(const sessio_cookie *cookie);
bool sessio_cookie_secure(const sessio_cookie *cookie);
bool sessio_cookie_http_only(const sessio_cookie *cookie);
bool sessio_cookie_partitioned(const sessio_cookie *cookie);
size_t sessio_session_page_count(const sessio_session_page *page);
sessio_session *sessio_session_page_at(sessio_session_page *page, size_t index);
const char *sessio_session_page_next(const sessio_session_page *page, size_t *len);
void sessio_session_page_free(sessio_session_page *page);
int32_t sessio_manager_each(
    sessio_manager *manager, sessio_session_cursor **cursor, sessio_error **error);
int32_t sessio_manager_each_subject(
    sessio_manager *manager, const char *subject, size_t subject_len,
    sessio_session_cursor **cursor, sessio_error **error);
int32_t sessio_session_cursor_next(
    sessio_session_cursor *cursor, sessio_session **session, sessio_error **error);
void sessio_session_cursor_free(sessio_session_cursor *cursor);
int32_t sessio_queue_new(sessio_queue **queue, sessio_error **error);
int32_t sessio_queue_with_timeout(
    sessio_queue *queue, int64_t timeout_ms, sessio_queue **with_timeout, sessio_error **error);
int32_t sessio_queue_fd(sessio_queue *queue, sessio_error **error);
int32_t sessio_queue_poll(
    sessio_queue *queue, sessio_completion *completions, size_t capacity, int64_t timeout_ms,
    sessio_error **error);
int32_t sessio_queue_wake(sessio_queue *queue, sessio_error **error);
void sessio_queue_free(sessio_queue *queue);
void sessio_completion_clear(sessio_completion *completion);
