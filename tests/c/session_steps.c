/* The steps about sessions: a request's view has a name, and a token can be remembered by one. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#define MOST 64

typedef struct {
    char name[64];
    sessio_session *session;
    sessio_session *owned; /* NULL for one of a page. */
} open_session;

typedef struct {
    char name[64];
    char *token;
} known_token;

static open_session sessions[MOST];
static known_token tokens[MOST];
static sessio_session_page *pages[MOST];
static size_t session_count, token_count, page_count;

static void copy_name(char *into, const char *name) {
    if (name == NULL || strlen(name) >= sizeof sessions[0].name) {
        broken("a name is missing or too long");
    }
    memcpy(into, name, strlen(name) + 1);
}

static void open_as(const char *name, sessio_session *session, sessio_session *owned) {
    size_t index = 0;
    while (index < session_count && strcmp(sessions[index].name, name) != 0) {
        index++;
    }
    if (index == MOST) {
        broken("there are too many sessions");
    }
    if (index == session_count) {
        copy_name(sessions[session_count++].name, name);
    } else {
        sessio_session_free(sessions[index].owned);
    }
    sessions[index].session = session;
    sessions[index].owned = owned;
}

static sessio_session *named(json_t *step) {
    const char *name = json_string_value(field(step, "in"));
    for (size_t index = 0; name != NULL && index < session_count; index++) {
        if (strcmp(sessions[index].name, name) == 0) {
            return sessions[index].session;
        }
    }
    broken("there is no session %s", name);
}

void know_token(const char *name, const char *token) {
    size_t index = 0;
    while (index < token_count && strcmp(tokens[index].name, name) != 0) {
        index++;
    }
    if (index == MOST) {
        broken("there are too many tokens");
    }
    if (index == token_count) {
        copy_name(tokens[token_count++].name, name);
    } else {
        free(tokens[index].token);
    }
    tokens[index].token = strdup(token);
}

void end_sessions(void) {
    for (size_t index = 0; index < session_count; index++) {
        sessio_session_free(sessions[index].owned);
    }
    for (size_t index = 0; index < token_count; index++) {
        free(tokens[index].token);
    }
    for (size_t index = 0; index < page_count; index++) {
        sessio_session_page_free(pages[index]);
    }
    session_count = token_count = page_count = 0;
}

/* The known token whose name stands at this place, after a dollar: of several the longest. */
static const known_token *named_at(bytes text, size_t place) {
    const known_token *found = NULL;
    for (size_t index = 0; index < token_count; index++) {
        size_t len = strlen(tokens[index].name);
        if (text.len - place > len && text.bytes[place] == '$' &&
            memcmp(text.bytes + place + 1, tokens[index].name, len) == 0 &&
            (found == NULL || len > strlen(found->name))) {
            found = &tokens[index];
        }
    }
    return found;
}

static json_t *filled_in(const json_t *value) {
    bytes text = bytes_of(value);
    char *filled = remember(text.len + MOST * MOST);
    size_t len = 0, place = 0;
    while (place < text.len) {
        const known_token *known = named_at(text, place);
        if (known == NULL) {
            filled[len++] = text.bytes[place++];
        } else {
            memcpy(filled + len, known->token, strlen(known->token));
            len += strlen(known->token);
            place += strlen(known->name) + 1;
        }
    }
    return json_stringn(filled, len);
}

void fill_in_tokens(json_t *step) {
    const char *fields[] = {"token", "to", "keep", "cookie", "header"};
    for (size_t index = 0; index < sizeof fields / sizeof *fields; index++) {
        json_t *value = json_object_get(step, fields[index]);
        if (json_is_string(value)) {
            json_object_set_new(step, fields[index], filled_in(value));
        }
    }
    const char *lists[] = {"tokens", "cookie"};
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        json_t *several = json_object_get(step, lists[list]), *each;
        size_t index;
        json_array_foreach(several, index, each) {
            if (json_is_string(each)) {
                json_array_set_new(several, index, filled_in(each));
            }
        }
    }
}

/* The `Cookie` headers of a request. */
static int32_t load_cookies(const world *here, const json_t *list, sessio_session **session,
                            sessio_error **error) {
    size_t count = json_array_size(list);
    sessio_text *headers = remember(count * sizeof *headers);
    for (size_t index = 0; index < count; index++) {
        bytes header = bytes_of(json_array_get(list, index));
        headers[index] = (sessio_text){header.bytes, header.len};
    }
    return sessio_manager_load_cookies(here->manager, headers, count, session, error);
}

static void load(const world *here, json_t *step, sessio_completion *done) {
    const char *name = json_string_value(field(step, "as"));
    bytes header = optional(step, "header");
    const json_t *given = field(step, "token"), *cookies = field(step, "cookie");
    sessio_session *session = NULL;
    if (json_is_array(cookies)) {
        done->status = load_cookies(here, cookies, &session, &done->error);
    } else if (cookies != NULL) {
        bytes cookie = bytes_of(cookies);
        done->status = sessio_manager_load_cookie(here->manager, cookie.bytes, cookie.len, &session,
                                                  &done->error);
    } else if (header.bytes != NULL) {
        done->status = sessio_manager_load_header(here->manager, header.bytes, header.len, &session,
                                                  &done->error);
    } else {
        bytes token = json_is_null(given) ? (bytes){NULL, 0} : bytes_of(given);
        done->status =
            sessio_manager_load(here->manager, token.bytes, token.len, &session, &done->error);
    }
    open_as(name, session, session);
}

static void create(const world *here, json_t *step, sessio_completion *done) {
    const char *name = json_string_value(field(step, "as"));
    bytes token = optional(step, "token");
    sessio_session *session = NULL;
    done->status =
        sessio_manager_create(here->manager, token.bytes, token.len, &session, &done->error);
    if (session != NULL) {
        open_as(name, session, session);
    }
}

static json_t *find(const world *here, json_t *step, sessio_completion *done) {
    const char *name = json_string_value(field(step, "as"));
    bytes token = optional(step, "token");
    sessio_session *session = NULL;
    int32_t status;
    if (field(step, "key_text") != NULL) {
        bytes text = optional(step, "key_text");
        const char *key = NULL;
        size_t len = 0;
        status = sessio_key_from_text(text.bytes, text.len, &key, &len, &done->error);
        if (status == SESSIO_DONE) {
            status = sessio_manager_find_by_key(here->manager, key, len, &session, &done->error);
        }
    } else {
        status = sessio_manager_find(here->manager, token.bytes, token.len, &session, &done->error);
    }
    if (session != NULL) {
        open_as(name, session, session);
    }
    done->status = status == SESSIO_NOT_FOUND ? SESSIO_DONE : status;
    return json_boolean(session != NULL);
}

/* Of a cookie only what it does. */
static json_t *cookie_of(const char *cookie) {
    if (cookie == NULL) {
        return json_null();
    }
    return json_string(strstr(cookie, "Max-Age=0") != NULL  ? "clear"
                       : strstr(cookie, "Max-Age=") != NULL ? "set"
                                                            : "session");
}

static json_t *text_or_null(const char *text) {
    return text == NULL ? json_null() : json_string(text);
}

/* Each as one text; of the cookie, which is another one each time, the name. */
static json_t *headers_of(const sessio_commit_result *result) {
    json_t *headers = json_array();
    const char *cookie = sessio_commit_result_set_cookie(result);
    for (size_t index = 0; index < sessio_commit_result_header_count(result); index++) {
        const char *name = sessio_commit_result_header_name(result, index);
        const char *value = sessio_commit_result_header_value(result, index);
        bool is_cookie = cookie != NULL && strcmp(cookie, value) == 0;
        json_array_append_new(headers, is_cookie ? json_string(name)
                                                 : json_sprintf("%s: %s", name, value));
    }
    return headers;
}

static json_t *attributes_of(const sessio_commit_result *result) {
    const sessio_cookie *cookie = sessio_commit_result_cookie(result);
    if (cookie == NULL) {
        return json_null();
    }
    const char *token = sessio_commit_result_token(result, NULL), *value = sessio_cookie_value(cookie);
    int64_t max_age = sessio_cookie_max_age(cookie);
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:s, s:b}", "name", sessio_cookie_name(cookie),
        "value", token != NULL && strcmp(token, value) == 0 ? "token" : value, "path",
        sessio_cookie_path(cookie), "domain", text_or_null(sessio_cookie_domain(cookie)), "expires",
        expires_of(sessio_cookie_expires_us(cookie)), "max_age",
        max_age < 0 ? json_null() : json_integer(max_age), "secure", sessio_cookie_secure(cookie),
        "http_only", sessio_cookie_http_only(cookie), "same_site", sessio_cookie_same_site(cookie),
        "partitioned", sessio_cookie_partitioned(cookie));
}

static json_t *sent_of(const sessio_commit_result *result, int32_t status) {
    static const struct {
        int32_t outcome;
        const char *name;
        int32_t status;
    } known[] = {
        {SESSIO_COMMIT_UNMODIFIED, "unmodified", SESSIO_DONE},
        {SESSIO_COMMIT_SAVED, "saved", SESSIO_DONE},
        {SESSIO_COMMIT_DESTROYED, "destroyed", SESSIO_DONE},
        {SESSIO_COMMIT_GONE, "gone", SESSIO_GONE},
        {SESSIO_COMMIT_CONFLICT, "conflict", SESSIO_CONFLICT},
    };
    const char *name = "?";
    for (size_t index = 0; index < sizeof known / sizeof *known; index++) {
        if (known[index].outcome == sessio_commit_result_outcome(result) && known[index].status == status) {
            name = known[index].name;
        }
    }
    return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "outcome", name, "expires",
                     expires_of(sessio_commit_result_expires_at_us(result)), "cookie",
                     cookie_of(sessio_commit_result_set_cookie(result)), "read", sessio_commit_result_was_read(result),
                     "headers", headers_of(result), "attributes", attributes_of(result));
}

static json_t *commit(const world *here, json_t *step, sessio_completion *done) {
    session_call what = {.verb = COMMIT, .manager = here->manager, .session = named(step)};
    const char *name = json_string_value(field(step, "token_as"));
    here->drive_session(&what, done);
    if (done->status < 0) {
        return NULL;
    }
    const char *token = sessio_commit_result_token(done->result, NULL);
    if (name != NULL && token != NULL) {
        know_token(name, token);
    }
    json_t *answer = sent_of(done->result, done->status);
    done->status = SESSIO_DONE;
    return answer;
}

/* A change that is run: each time the next list of steps. */
typedef struct {
    const world *here;
    const char *name;
    const json_t *rounds;
    size_t next;
    bool went_wrong;
} change;

static int32_t next_round(sessio_session *session, void *userdata) {
    change *self = userdata;
    json_t *steps = json_array_get(self->rounds, self->next++), *step;
    size_t index;
    open_as(self->name, session, NULL);
    self->went_wrong = steps == NULL;
    json_array_foreach(steps, index, step) {
        if (!run_step(self->here, step)) {
            self->went_wrong = true;
            return 1;
        }
    }
    return self->went_wrong;
}

static json_t *transact(const world *here, json_t *step, sessio_completion *done) {
    bytes token = optional(step, "token");
    const char *name = json_string_value(field(step, "token_as"));
    change what = {here, json_string_value(field(step, "as")), field(step, "rounds"), 0, false};
    done->status = sessio_manager_transact(here->manager, token.bytes, token.len, next_round, &what,
                                           &done->result, &done->error);
    if (what.went_wrong || (done->status >= 0 && what.next != json_array_size(what.rounds))) {
        return json_pack("{s:s, s:i}", "wrong", "a run, or how often it was run", "runs",
                         (int)what.next);
    }
    if (done->status != SESSIO_DONE) {
        done->status = done->status == SESSIO_GONE ? SESSIO_DONE : done->status;
        return NULL;
    }
    const char *given = sessio_commit_result_token(done->result, NULL);
    if (name != NULL && given != NULL) {
        know_token(name, given);
    }
    return sent_of(done->result, done->status);
}

static json_t *list(const world *here, json_t *step, sessio_completion *done) {
    const json_t *names = field(step, "as"), *subject = field(step, "subject");
    session_call what = {.verb = subject != NULL ? LIST_SUBJECT : LIST, .manager = here->manager};
    what.subject = subject != NULL ? bytes_of(subject) : (bytes){NULL, 0};
    what.after = optional(step, "after");
    what.limit = (size_t)json_integer_value(field(step, "limit"));
    here->drive_session(&what, done);
    if (done->status < 0) {
        return NULL;
    }
    sessio_session_page *page = done->sessions;
    done->sessions = NULL;
    if (page_count == MOST) {
        broken("there are too many pages");
    }
    pages[page_count++] = page;
    size_t count = sessio_session_page_count(page);
    for (size_t index = 0; index < count && index < json_array_size(names); index++) {
        open_as(json_string_value(json_array_get(names, index)),
                sessio_session_page_at(page, index), NULL);
    }
    return json_pack("{s:i, s:b}", "count", (int)count, "next",
                     sessio_session_page_next(page, NULL) != NULL);
}

static json_t *same(json_t *step) {
    const json_t *list = field(step, "tokens");
    bool equal = true;
    for (size_t index = 1; index < json_array_size(list); index++) {
        equal = equal && json_equal(json_array_get(list, 0), json_array_get(list, index));
    }
    return json_boolean(equal);
}

bool session_step(const world *here, json_t *step, const char *verb, sessio_completion *done,
                  json_t **answer) {
    if (strcmp(verb, "load") == 0) {
        load(here, step, done);
    } else if (strcmp(verb, "commit") == 0) {
        *answer = commit(here, step, done);
    } else if (strcmp(verb, "create") == 0) {
        create(here, step, done);
    } else if (strcmp(verb, "find_session") == 0) {
        *answer = find(here, step, done);
    } else if (strcmp(verb, "transact") == 0) {
        *answer = transact(here, step, done);
    } else if (strcmp(verb, "list_sessions") == 0) {
        *answer = list(here, step, done);
    } else if (strcmp(verb, "same") == 0) {
        *answer = same(step);
    } else if (strcmp(verb, "events") == 0) {
        const char *counter = json_string_value(field(step, "counter"));
        uint64_t value = 0;
        done->status = sessio_manager_stats(here->manager, counter, &value, &done->error);
        *answer = json_integer((json_int_t)value);
    } else if (json_object_get(step, "in") != NULL) {
        return session_value_step(here, named(step), step, verb, done, answer);
    } else {
        return false;
    }
    if (*answer == NULL && done->status == SESSIO_DONE) {
        *answer = json_null();
    }
    return true;
}
