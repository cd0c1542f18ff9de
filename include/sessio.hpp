/*
 * sessio for C++17: objects that free themselves, exceptions, types of the standard library.
 *
 *     sessio::store store("memory:");
 *     sessio::manager manager(store, "lifetime=12h");
 *     sessio::session session = manager.load_cookie(header);
 *     session.put("user", "ada");
 *     for (auto [name, value] : manager.commit(session).headers()) { ... }
 *
 * A header-only layer over sessio.h, which documents what each call does; a method calls the
 * function of the same name (erase() is delete). Link with -lsessio.
 *
 * - Objects are moved, not copied. Each has get(), for the functions of sessio.h that have no
 *   method here. An object that was moved from can only be assigned to or destroyed.
 * - A failed call throws sessio::error. Other outcomes are return values: an empty std::optional or
 *   false for SESSIO_NOT_FOUND and SESSIO_GONE, or sessio::outcome.
 * - A std::string_view that is returned lives as long as the object it comes from.
 * - Times are std::chrono; sessio::never is no end.
 */

#ifndef SESSIO_HPP
#define SESSIO_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sessio.h"

namespace sessio {

using microseconds = std::chrono::microseconds;
using time_point = std::chrono::time_point<std::chrono::system_clock, microseconds>;

/** The end of what has none. */
inline constexpr time_point never = time_point(microseconds(SESSIO_NEVER));

/** Any instant, in the precision that is stored. */
template <typename Duration>
time_point to_time(std::chrono::time_point<std::chrono::system_clock, Duration> at) {
    return std::chrono::time_point_cast<microseconds>(at);
}

/** Why a call failed. */
class error : public std::runtime_error {
  public:
    error(int32_t code, const std::string &message)
        : std::runtime_error(message), code_(code) {}

    explicit error(const sessio_error *from)
        : std::runtime_error(sessio_error_message(from)),
          code_(sessio_error_code(from)),
          retryable_(sessio_error_is_retryable(from)),
          server_errno_(sessio_error_errno(from)) {
        const char *state = sessio_error_sqlstate(from);
        sqlstate_ = state == nullptr ? "" : state;
    }

    /** One of the negative SESSIO_… statuses. */
    int32_t code() const noexcept { return code_; }
    /** The name of the code, such as "Timeout". */
    std::string_view kind() const noexcept { return sessio_status_name(code_); }
    bool is_retryable() const noexcept { return retryable_; }
    /** The error number of the MySQL server, or 0. */
    int server_errno() const noexcept { return server_errno_; }
    /** The SQLSTATE of the MySQL server, or "". */
    const std::string &sqlstate() const noexcept { return sqlstate_; }

  private:
    int32_t code_;
    bool retryable_ = false;
    int server_errno_ = 0;
    std::string sqlstate_;
};

/** How a conditional write ended. */
enum class outcome { done, conflict, gone };

namespace detail {

/** The last argument of a call: check() throws what the call has put there. */
class status_check {
  public:
    status_check() = default;
    status_check(const status_check &) = delete;
    status_check &operator=(const status_check &) = delete;
    ~status_check() { sessio_error_free(error_); }

    operator sessio_error **() { return &error_; }

    int32_t check(int32_t status) const {
        if (status < 0) {
            throw error_ == nullptr ? error(status, sessio_status_name(status)) : error(error_);
        }
        return status;
    }

  private:
    sessio_error *error_ = nullptr;
};

/** Calls a function whose last argument is the error; throws, or returns the other outcomes. */
template <typename Function, typename... Arguments>
int32_t call(Function function, Arguments... arguments) {
    status_check status;
    return status.check(function(arguments..., status));
}

inline bool done(int32_t status) { return status == SESSIO_DONE; }

inline outcome outcome_of(int32_t status) {
    switch (status) {
        case SESSIO_CONFLICT: return outcome::conflict;
        case SESSIO_GONE: return outcome::gone;
        default: return outcome::done;
    }
}

/** Text that ends with a NUL. Text with a NUL within would be cut, so it is refused. */
inline std::string terminated(std::string_view text, const char *argument) {
    if (text.find('\0') != std::string_view::npos) {
        throw error(SESSIO_INVALID_ARGUMENT, std::string(argument) + ": contains a NUL");
    }
    return std::string(text);
}

inline std::optional<std::string_view> optional_text(const char *text) {
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
}

template <typename Function, typename Object>
std::optional<std::string_view> text_of(Function function, const Object *object) {
    std::size_t length = 0;
    const char *text = function(object, &length);
    return text == nullptr ? std::nullopt : std::optional<std::string_view>({text, length});
}

inline time_point time_of(int64_t us) { return time_point(microseconds(us)); }
inline int64_t us_of(time_point at) { return at.time_since_epoch().count(); }

template <typename Object, void (*Free)(Object *)>
struct deleter {
    void operator()(Object *object) const noexcept { Free(object); }
};

template <typename Object, void (*Free)(Object *)>
using owned = std::unique_ptr<Object, deleter<Object, Free>>;

} // namespace detail

/** A value that another object owns. */
class value_view {
  public:
    explicit value_view(const sessio_value *value) noexcept : value_(value) {}

    const sessio_value *get() const noexcept { return value_; }
    /** One of SESSIO_KIND_…. */
    int32_t kind() const noexcept { return sessio_value_kind(value_); }

    bool as_bool() const { return scalar<bool>(sessio_value_bool); }
    int64_t as_int() const { return scalar<int64_t>(sessio_value_int); }
    uint64_t as_uint() const { return scalar<uint64_t>(sessio_value_uint); }
    double as_double() const { return scalar<double>(sessio_value_double); }
    time_point as_time() const { return detail::time_of(scalar<int64_t>(sessio_value_time_us)); }

    /** Text; empty optional for another kind. */
    std::optional<std::string_view> text() const {
        return detail::text_of(sessio_value_text, value_);
    }
    /** Bytes; empty optional for another kind. */
    std::optional<std::string_view> bytes() const {
        std::size_t length = 0;
        const void *bytes = sessio_value_bytes(value_, &length);
        if (bytes == nullptr) {
            return std::nullopt;
        }
        return std::string_view(static_cast<const char *>(bytes), length);
    }
    std::string_view json() const {
        return detail::optional_text(sessio_value_json(value_)).value_or("");
    }

    /** The number of elements of a list or a map. */
    std::size_t size() const noexcept { return sessio_value_count(value_); }
    value_view at(std::size_t index) const {
        return element(sessio_value_at(value_, index), "there is no element with this index");
    }
    /** The key at an index of a map. */
    std::optional<std::string_view> key(std::size_t index) const {
        std::size_t length = 0;
        const char *key = sessio_value_key(value_, index, &length);
        return key == nullptr ? std::nullopt : std::optional<std::string_view>({key, length});
    }
    std::optional<value_view> find(std::string_view key) const {
        const sessio_value *found = sessio_value_find(value_, key.data(), key.size());
        return found == nullptr ? std::nullopt : std::optional<value_view>(value_view(found));
    }

  protected:
    const sessio_value *value_;

  private:
    template <typename Scalar>
    Scalar scalar(int32_t (*read)(const sessio_value *, Scalar *, sessio_error **)) const {
        Scalar into{};
        detail::call(read, value_, &into);
        return into;
    }

    static value_view element(const sessio_value *element, const char *missing) {
        if (element == nullptr) {
            throw std::out_of_range(missing);
        }
        return value_view(element);
    }
};

/** A value that this object owns: read from a session, or made. */
class value : public value_view {
  public:
    /** Takes what a function of sessio.h has returned. */
    static value adopt(sessio_value *made) {
        if (made == nullptr) {
            throw error(SESSIO_INVALID_ARGUMENT, "value: the text is not UTF-8");
        }
        return value(made);
    }

    value(std::nullptr_t) : value(sessio_value_new_null()) {}
    value(bool from) : value(sessio_value_new_bool(from)) {}
    value(double from) : value(sessio_value_new_double(from)) {}
    value(time_point from) : value(sessio_value_new_time_us(detail::us_of(from))) {}
    value(const char *from) : value(std::string_view(from)) {}
    value(const std::string &from) : value(std::string_view(from)) {}
    value(std::string_view from)
        : value(adopt(sessio_value_new_text(from.data(), from.size()))) {}

    template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
    value(Integer from) : value(of_integer(from)) {}

    /** Pointers are no values: without this they would be converted to bool. */
    template <typename Type,
              std::enable_if_t<!std::is_same_v<std::remove_cv_t<Type>, char>, int> = 0>
    value(Type *) = delete;

    static value bytes_of(std::string_view bytes) {
        return adopt(sessio_value_new_bytes(bytes.data(), bytes.size()));
    }
    static value from_json(std::string_view json) {
        sessio_value *made = nullptr;
        detail::call(sessio_value_from_json, detail::terminated(json, "json").c_str(), &made);
        return adopt(made);
    }
    static value list() { return value(sessio_value_new_list()); }
    static value map() { return value(sessio_value_new_map()); }
    static value copy_of(value_view other) { return adopt(sessio_value_copy(other.get())); }

    value(value &&other) noexcept : value_view(std::exchange(other.value_, nullptr)) {}
    value &operator=(value &&other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    value(const value &) = delete;
    value &operator=(const value &) = delete;
    ~value() { sessio_value_free(mutable_value()); }

    value &append(value item) {
        detail::call(sessio_value_append, mutable_value(), item.release());
        return *this;
    }
    value &set(std::string_view key, value element) {
        detail::call(sessio_value_set, mutable_value(), key.data(), key.size(), element.release());
        return *this;
    }
    bool remove(std::string_view key) {
        return detail::done(
            detail::call(sessio_value_remove, mutable_value(), key.data(), key.size()));
    }
    bool remove_at(std::size_t index) {
        return detail::done(detail::call(sessio_value_remove_at, mutable_value(), index));
    }

    /** Gives the value up. */
    sessio_value *release() noexcept {
        sessio_value *released = mutable_value();
        value_ = nullptr;
        return released;
    }

  private:
    explicit value(sessio_value *made) noexcept : value_view(made) {}

    /** All values in here were made, so they are not constant objects. */
    sessio_value *mutable_value() noexcept { return const_cast<sessio_value *>(value_); }

    template <typename Integer>
    static sessio_value *of_integer(Integer from) {
        if constexpr (std::is_signed_v<Integer>) {
            return sessio_value_new_int(from);
        } else {
            return sessio_value_new_uint(from);
        }
    }
};

/** A stored session that another object owns: a list or a page. */
class record_view {
  public:
    explicit record_view(const sessio_record *record) noexcept : record_(record) {}

    const sessio_record *get() const noexcept { return record_; }
    std::string_view data() const {
        std::size_t length = 0;
        const void *data = sessio_record_data(record_, &length);
        return {static_cast<const char *>(data), length};
    }
    time_point expires_at() const {
        return detail::time_of(sessio_record_expires_at_us(record_));
    }
    std::optional<std::string_view> subject() const {
        return detail::text_of(sessio_record_subject, record_);
    }

  private:
    const sessio_record *record_;
};

/** A stored session that was found. */
class record : public record_view {
  public:
    explicit record(sessio_record *from) noexcept : record_view(from), record_(from) {}

  private:
    detail::owned<sessio_record, sessio_record_free> record_;
};

/** What was found under many tokens, in the order asked. */
class records {
  public:
    explicit records(sessio_records *from) noexcept : records_(from) {}

    const sessio_records *get() const noexcept { return records_.get(); }
    std::size_t size() const noexcept { return sessio_records_count(get()); }
    /** Empty for a token without a live session. */
    std::optional<record_view> at(std::size_t index) const {
        if (index >= size()) {
            throw std::out_of_range("there is no record with this index");
        }
        const sessio_record *found = sessio_records_at(get(), index);
        return found == nullptr ? std::nullopt : std::optional<record_view>(record_view(found));
    }

  private:
    detail::owned<sessio_records, sessio_records_free> records_;
};

/** Stored sessions in the order of their keys. */
class page {
  public:
    explicit page(sessio_page *from) noexcept : page_(from) {}

    const sessio_page *get() const noexcept { return page_.get(); }
    std::size_t size() const noexcept { return sessio_page_count(get()); }
    std::string_view key(std::size_t index) const {
        check(index);
        std::size_t length = 0;
        const char *key = sessio_page_key(get(), index, &length);
        return {key, length};
    }
    record_view at(std::size_t index) const {
        check(index);
        return record_view(sessio_page_record(get(), index));
    }
    /** What to list the next page after; empty on the last one. */
    std::optional<std::string> next() const {
        const std::optional<std::string_view> key = detail::text_of(sessio_page_next, get());
        return key ? std::optional<std::string>(*key) : std::nullopt;
    }

  private:
    void check(std::size_t index) const {
        if (index >= size()) {
            throw std::out_of_range("the page has no session with this index");
        }
    }

    detail::owned<sessio_page, sessio_page_free> page_;
};

/** What is wrong with a table. The texts live as long as the issues they come from. */
struct check_issue {
    std::string_view code;
    /** "error" or "warning". */
    std::string_view severity;
    std::string_view message;
    /** What to do about it. */
    std::string_view fix;
};

class check_issues {
  public:
    explicit check_issues(sessio_check_issues *from) noexcept : issues_(from) {}

    const sessio_check_issues *get() const noexcept { return issues_.get(); }
    std::size_t size() const noexcept { return sessio_check_issues_count(get()); }
    check_issue at(std::size_t index) const {
        if (index >= size()) {
            throw std::out_of_range("there is no issue with this index");
        }
        const auto text = [this, index](const char *(*read)(const sessio_check_issues *, size_t)) {
            return detail::optional_text(read(get(), index)).value_or("");
        };
        return {text(sessio_check_issues_code), text(sessio_check_issues_severity),
                text(sessio_check_issues_message), text(sessio_check_issues_fix)};
    }

  private:
    detail::owned<sessio_check_issues, sessio_check_issues_free> issues_;
};

/** What a write stores: data and its end. The subject stays as it is, or is set; "" removes it. */
class content {
  public:
    content(std::string_view data, time_point expires_at) : data_(data), expires_at_(expires_at) {}
    content(std::string_view data, time_point expires_at, std::string_view subject)
        : data_(data), expires_at_(expires_at), subject_(subject), sets_subject_(true) {}

    /** For functions of the C API. Lives as long as the texts that it was made from. */
    sessio_content get() const {
        sessio_content made = SESSIO_CONTENT_INIT;
        made.data = data_.data();
        made.data_len = data_.size();
        made.expires_at_us = detail::us_of(expires_at_);
        if (sets_subject_) {
            made.subject = subject_.data() == nullptr ? "" : subject_.data();
            made.subject_len = subject_.size();
        }
        return made;
    }

  private:
    // No optional: GCC 12 warns that its text may be uninitialised where it is empty.
    std::string_view data_;
    time_point expires_at_;
    std::string_view subject_{};
    bool sets_subject_ = false;
};

/** A token and what to store under it. The texts must live until the call. */
struct row {
    std::string_view token;
    content what;
};

class store {
  public:
    explicit store(std::string_view url) : store(url, nullptr) {}
    store(std::string_view url, const sessio_options &options) : store(url, &options) {}

    sessio_store *get() const noexcept { return store_.get(); }

    std::string_view location() const { return sessio_store_location(get()); }
    void close() { detail::call(sessio_store_close, get()); }
    void stop_cleanup() { detail::call(sessio_store_stop_cleanup, get()); }
    void migrate() { detail::call(sessio_store_migrate, get()); }
    void migrate_from(std::string_view library) {
        detail::call(sessio_store_migrate_from, get(),
                     detail::terminated(library, "library").c_str());
    }
    check_issues check() const {
        sessio_check_issues *issues = nullptr;
        detail::call(sessio_store_check, get(), &issues);
        return check_issues(issues);
    }
    void ping() { detail::call(sessio_store_ping, get()); }

    std::optional<record> find(std::string_view token) const {
        sessio_record *found = nullptr;
        detail::call(sessio_store_find, get(), token.data(), token.size(), &found);
        return found == nullptr ? std::nullopt : std::optional<record>(record(found));
    }
    bool exists(std::string_view token) const {
        return detail::done(detail::call(sessio_store_exists, get(), token.data(), token.size()));
    }
    void save(std::string_view token, const content &what) {
        const sessio_content made = what.get();
        detail::call(sessio_store_save_content, get(), token.data(), token.size(), &made);
    }
    void insert(std::string_view token, const content &what) {
        const sessio_content made = what.get();
        detail::call(sessio_store_insert, get(), token.data(), token.size(), &made);
    }
    bool update(std::string_view token, const content &what) {
        const sessio_content made = what.get();
        return detail::done(
            detail::call(sessio_store_update, get(), token.data(), token.size(), &made));
    }
    outcome replace(std::string_view token, std::string_view expected, const content &what) {
        const sessio_content made = what.get();
        const void *data = expected.data();
        return detail::outcome_of(detail::call(sessio_store_replace, get(), token.data(),
                                               token.size(), data, expected.size(), &made));
    }
    bool touch(std::string_view token, time_point expires_at) {
        return detail::done(detail::call(sessio_store_touch, get(), token.data(), token.size(),
                                         detail::us_of(expires_at)));
    }
    /** Leaves the content as it is. */
    bool rename(std::string_view token, std::string_view new_token) {
        return renamed(token, new_token, nullptr);
    }
    bool rename(std::string_view token, std::string_view new_token, const content &what) {
        const sessio_content made = what.get();
        return renamed(token, new_token, &made);
    }
    bool erase(std::string_view token) {
        return detail::done(detail::call(sessio_store_delete, get(), token.data(), token.size()));
    }

    records find_many(const std::vector<std::string_view> &tokens) const {
        const std::vector<sessio_text> texts = texts_of(tokens);
        sessio_records *found = nullptr;
        detail::call(sessio_store_find_many, get(), texts.data(), texts.size(), &found);
        return records(found);
    }
    void save_many(const std::vector<row> &rows) {
        std::vector<sessio_row> all;
        all.reserve(rows.size());
        for (const row &from : rows) {
            const sessio_content what = from.what.get();
            sessio_row made = SESSIO_ROW_INIT;
            made.token = from.token.data();
            made.token_len = from.token.size();
            made.data = what.data;
            made.data_len = what.data_len;
            made.expires_at_us = what.expires_at_us;
            made.subject = what.subject;
            made.subject_len = what.subject_len;
            all.push_back(made);
        }
        const sessio_row *first = all.data();
        detail::call(sessio_store_save_many, get(), first, all.size());
    }
    /** How many were live. */
    uint64_t erase_many(const std::vector<std::string_view> &tokens) {
        const std::vector<sessio_text> texts = texts_of(tokens);
        uint64_t deleted = 0;
        detail::call(sessio_store_delete_many, get(), texts.data(), texts.size(), &deleted);
        return deleted;
    }

    uint64_t count() const {
        uint64_t count = 0;
        detail::call(sessio_store_count, get(), &count);
        return count;
    }
    /** Up to `limit` sessions after a key of an earlier page; "" begins. */
    page list(std::string_view after = {}, std::size_t limit = 100) const {
        sessio_page *listed = nullptr;
        detail::call(sessio_store_list, get(), key_or_null(after), after.size(), limit, &listed);
        return page(listed);
    }
    page list_subject(std::string_view subject, std::string_view after = {},
                      std::size_t limit = 100) const {
        sessio_page *listed = nullptr;
        detail::call(sessio_store_list_subject, get(), subject.data(), subject.size(),
                     key_or_null(after), after.size(), limit, &listed);
        return page(listed);
    }
    /** Ends all sessions of a subject, but for the token `keep`: how many were live. */
    uint64_t delete_subject(std::string_view subject, std::string_view keep = {}) {
        uint64_t deleted = 0;
        detail::call(sessio_store_delete_subject, get(), subject.data(), subject.size(),
                     key_or_null(keep), keep.size(), &deleted);
        return deleted;
    }
    uint64_t delete_expired(std::size_t limit = 1000) {
        uint64_t deleted = 0;
        detail::call(sessio_store_delete_expired, get(), limit, &deleted);
        return deleted;
    }
    uint64_t clear() {
        uint64_t deleted = 0;
        detail::call(sessio_store_clear, get(), &deleted);
        return deleted;
    }
    uint64_t stats(std::string_view name) const {
        uint64_t value = 0;
        detail::call(sessio_store_stats, get(), detail::terminated(name, "name").c_str(), &value);
        return value;
    }

  private:
    bool renamed(std::string_view token, std::string_view new_token, const sessio_content *what) {
        return detail::done(detail::call(sessio_store_rename, get(), token.data(), token.size(),
                                         new_token.data(), new_token.size(), what));
    }
    static std::vector<sessio_text> texts_of(const std::vector<std::string_view> &from) {
        std::vector<sessio_text> texts;
        texts.reserve(from.size());
        for (const std::string_view text : from) {
            texts.push_back(sessio_text{text.data(), text.size()});
        }
        return texts;
    }
    /** An empty text is none: no key and no token is empty. */
    static const char *key_or_null(std::string_view text) {
        return text.empty() ? nullptr : text.data();
    }

    store(std::string_view url, const sessio_options *options) {
        sessio_store *opened = nullptr;
        detail::call(sessio_store_open, detail::terminated(url, "url").c_str(), options, &opened);
        store_.reset(opened);
    }

    detail::owned<sessio_store, sessio_store_free> store_;
};

/** A new random token. */
inline std::string generate_token() {
    char token[SESSIO_TOKEN_SIZE];
    detail::call(sessio_generate_token, token, sizeof token);
    return token;
}

/** What to send to the client after a commit. */
class commit_result {
  public:
    explicit commit_result(sessio_commit_result *from) noexcept : result_(from) {}

    const sessio_commit_result *get() const noexcept { return result_.get(); }
    /** One of SESSIO_COMMIT_…. */
    int32_t outcome() const noexcept { return sessio_commit_result_outcome(get()); }
    std::optional<std::string_view> token() const {
        return detail::text_of(sessio_commit_result_token, get());
    }
    std::optional<std::string_view> set_cookie() const {
        return detail::optional_text(sessio_commit_result_set_cookie(get()));
    }
    /** The headers to add to the response. */
    std::vector<std::pair<std::string_view, std::string_view>> headers() const & {
        std::vector<std::pair<std::string_view, std::string_view>> headers;
        const std::size_t count = sessio_commit_result_header_count(get());
        for (std::size_t index = 0; index < count; index++) {
            headers.emplace_back(sessio_commit_result_header_name(get(), index),
                                 sessio_commit_result_header_value(get(), index));
        }
        return headers;
    }
    /** The same of a result that is gone after the expression, copied. */
    std::vector<std::pair<std::string, std::string>> headers() && {
        std::vector<std::pair<std::string, std::string>> copies;
        for (const auto &[name, value] : static_cast<const commit_result &>(*this).headers()) {
            copies.emplace_back(name, value);
        }
        return copies;
    }
    bool was_read() const noexcept { return sessio_commit_result_was_read(get()); }
    time_point expires_at() const {
        return detail::time_of(sessio_commit_result_expires_at_us(get()));
    }

  private:
    detail::owned<sessio_commit_result, sessio_commit_result_free> result_;
};

/** A session, as one request sees it. */
class session {
  public:
    /** Takes a session that a function of sessio.h has returned. */
    static session adopt(sessio_session *from) { return session(from, true); }
    /** A session that belongs to a page, a cursor, or a transaction. */
    static session borrow(sessio_session *from) { return session(from, false); }

    sessio_session *get() const noexcept { return session_.get(); }

    void ensure_loaded() { detail::call(sessio_session_ensure_loaded, get()); }
    /** False if another request is known to have ended the session. */
    bool renew() { return detail::done(detail::call(sessio_session_renew, get())); }
    bool regenerate() { return detail::done(detail::call(sessio_session_regenerate, get())); }
    void destroy() { detail::call(sessio_session_destroy, get()); }
    void store_empty() { detail::call(sessio_session_store_empty, get()); }
    void touch() { detail::call(sessio_session_touch, get()); }
    void merge_from(std::string_view token) {
        detail::call(sessio_session_merge_from, get(), token.data(), token.size());
    }
    /** One of SESSIO_SESSION_…. */
    int32_t status() const noexcept { return sessio_session_status(get()); }
    bool is_new() {
        bool is_new = false;
        detail::call(sessio_session_is_new, get(), &is_new);
        return is_new;
    }

    std::optional<std::string> token() const { return text_result(sessio_session_token); }
    std::optional<std::string> ensure_token() { return text_result(sessio_session_ensure_token); }
    std::optional<std::string> key() const { return text_result(sessio_session_key); }
    std::optional<std::string> subject() { return text_result(sessio_session_subject); }
    /** An empty optional removes it. */
    void set_subject(std::optional<std::string_view> subject) {
        const std::string_view text = subject.value_or(std::string_view());
        const char *pointer = subject && text.data() == nullptr ? "" : text.data();
        detail::call(sessio_session_set_subject, get(), pointer, text.size());
    }

    time_point deadline() {
        int64_t us = 0;
        detail::call(sessio_session_deadline, get(), &us);
        return detail::time_of(us);
    }
    void set_deadline(time_point at) {
        detail::call(sessio_session_set_deadline, get(), detail::us_of(at));
    }
    std::optional<time_point> expires_at() {
        int64_t us = 0;
        const bool found = detail::done(detail::call(sessio_session_expires_at_us, get(), &us));
        return found ? std::optional<time_point>(detail::time_of(us)) : std::nullopt;
    }
    /** Zero returns to the setting of the manager. */
    void set_idle_timeout(microseconds timeout) {
        detail::call(sessio_session_set_idle_timeout_us, get(), int64_t(timeout.count()));
    }
    void remember_me(bool remember) {
        detail::call(sessio_session_remember_me, get(), remember);
    }

    std::optional<value> get(std::string_view key) { return keyed(sessio_session_get, key); }
    std::optional<value> pop(std::string_view key) { return keyed(sessio_session_pop, key); }
    std::optional<value> take(std::string_view key) { return keyed(sessio_session_take, key); }

    /** A value of one kind: bool, int64_t, uint64_t, double, std::string (text) or time_point. */
    template <typename Type>
    std::optional<Type> get_as(std::string_view key) {
        std::optional<value> found = get(key);
        if (!found) {
            return std::nullopt;
        }
        if constexpr (std::is_same_v<Type, bool>) {
            return found->as_bool();
        } else if constexpr (std::is_same_v<Type, std::string>) {
            const std::optional<std::string_view> text = found->text();
            if (!text) {
                throw error(SESSIO_INVALID_ARGUMENT, "key: the value is not a text");
            }
            return std::string(*text);
        } else if constexpr (std::is_same_v<Type, time_point>) {
            return found->as_time();
        } else if constexpr (std::is_same_v<Type, double>) {
            return found->as_double();
        } else if constexpr (std::is_same_v<Type, uint64_t>) {
            return found->as_uint();
        } else {
            static_assert(std::is_same_v<Type, int64_t>, "there are no values of this type");
            return found->as_int();
        }
    }

    bool contains(std::string_view key) {
        return detail::done(detail::call(sessio_session_contains, get(), name(key).c_str()));
    }
    std::vector<std::string> keys() {
        const value list = whole(sessio_session_keys);
        std::vector<std::string> keys;
        for (std::size_t index = 0; index < list.size(); index++) {
            keys.emplace_back(list.at(index).text().value_or(""));
        }
        return keys;
    }
    /** All values, a map. */
    value values() { return whole(sessio_session_values); }
    value flashes() { return whole(sessio_session_flashes); }

    void put(std::string_view key, const value &what) {
        change(sessio_session_put_value, key, what);
    }
    /** Whether the session had another value. */
    bool put_if_changed(std::string_view key, const value &what) {
        bool changed = false;
        detail::call(sessio_session_put_if_changed, get(), name(key).c_str(), what.get(), &changed);
        return changed;
    }
    void assign(const value &map) { detail::call(sessio_session_assign, get(), map.get()); }
    void append(std::string_view key, const value &item) {
        change(sessio_session_append_value, key, item);
    }
    void flash(std::string_view key, const value &what) {
        change(sessio_session_flash_value, key, what);
    }
    void increment(std::string_view key, int64_t by = 1) {
        detail::call(sessio_session_increment, get(), name(key).c_str(), by);
    }
    void remove(std::string_view key) {
        detail::call(sessio_session_remove, get(), name(key).c_str());
    }
    void clear() { detail::call(sessio_session_clear, get()); }

  private:
    struct release {
        bool owns = true;
        void operator()(sessio_session *session) const noexcept {
            if (owns) {
                sessio_session_free(session);
            }
        }
    };

    session(sessio_session *from, bool owns) noexcept : session_(from, release{owns}) {}

    static std::string name(std::string_view key) { return detail::terminated(key, "key"); }

    template <typename Function>
    std::optional<std::string> text_result(Function function) const {
        sessio_value *text = nullptr;
        detail::call(function, get(), &text);
        if (text == nullptr) {
            return std::nullopt;
        }
        return std::string(value::adopt(text).text().value_or(""));
    }
    template <typename Function>
    std::optional<value> keyed(Function function, std::string_view key) {
        sessio_value *found = nullptr;
        detail::call(function, get(), name(key).c_str(), &found);
        return found == nullptr ? std::nullopt : std::optional<value>(value::adopt(found));
    }
    template <typename Function>
    value whole(Function function) {
        sessio_value *all = nullptr;
        detail::call(function, get(), &all);
        return value::adopt(all);
    }
    template <typename Function>
    void change(Function function, std::string_view key, const value &what) {
        detail::call(function, get(), name(key).c_str(), what.get());
    }

    std::unique_ptr<sessio_session, release> session_;
};

/**
 * Live sessions one after the other, for a range-based for loop. Each belongs to the cursor and
 * lives until the next one is asked for.
 */
class session_cursor {
  public:
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = session;
        using difference_type = std::ptrdiff_t;
        using pointer = session *;
        using reference = session &;

        session &operator*() const { return *cursor_->current_; }
        session *operator->() const { return &*cursor_->current_; }
        iterator &operator++() {
            cursor_->advance();
            return *this;
        }
        void operator++(int) { cursor_->advance(); }
        /** Only whether the end is reached can be told. */
        bool operator==(const iterator &other) const { return at_end() == other.at_end(); }
        bool operator!=(const iterator &other) const { return !(*this == other); }

      private:
        friend class session_cursor;
        explicit iterator(session_cursor *cursor) noexcept : cursor_(cursor) {}
        bool at_end() const { return cursor_ == nullptr || !cursor_->current_; }

        session_cursor *cursor_;
    };

    explicit session_cursor(sessio_session_cursor *from) noexcept : cursor_(from) {}

    sessio_session_cursor *get() const noexcept { return cursor_.get(); }
    /** The first session that was not given yet. */
    iterator begin() {
        advance();
        return iterator(this);
    }
    iterator end() { return iterator(nullptr); }

  private:
    void advance() {
        current_.reset();
        sessio_session *next = nullptr;
        if (detail::done(detail::call(sessio_session_cursor_next, get(), &next))) {
            current_.emplace(session::borrow(next));
        }
    }

    detail::owned<sessio_session_cursor, sessio_session_cursor_free> cursor_;
    std::optional<session> current_;
};

/** Loads the session of a request, and commits it. */
class manager {
  public:
    /** Settings as in the query of a URL: "lifetime=12h&cookie_name=id". */
    explicit manager(const store &store, std::string_view settings = {}) {
        const std::string text = detail::terminated(settings, "settings");
        sessio_manager_options options = SESSIO_MANAGER_OPTIONS_INIT;
        options.settings = text.empty() ? nullptr : text.c_str();
        open(store, options);
    }
    manager(const store &store, const sessio_manager_options &options) { open(store, options); }

    sessio_manager *get() const noexcept { return manager_.get(); }
    std::string_view cookie_name() const { return sessio_manager_cookie_name(get()); }

    session load(std::string_view token = {}) { return loaded(sessio_manager_load, token); }
    session load_cookie(std::string_view header) {
        return loaded(sessio_manager_load_cookie, header);
    }
    session load_header(std::string_view header) {
        return loaded(sessio_manager_load_header, header);
    }
    session create(std::string_view token) { return loaded(sessio_manager_create, token); }
    std::optional<session> find(std::string_view token) {
        sessio_session *found = nullptr;
        detail::call(sessio_manager_find, get(), token.data(), token.size(), &found);
        return found == nullptr ? std::nullopt : std::optional<session>(session::adopt(found));
    }

    /** All live sessions. */
    session_cursor each() {
        sessio_session_cursor *cursor = nullptr;
        detail::call(sessio_manager_each, get(), &cursor);
        return session_cursor(cursor);
    }
    /** Those of one subject: a user's devices. */
    session_cursor each_subject(std::string_view subject) {
        sessio_session_cursor *cursor = nullptr;
        detail::call(sessio_manager_each_subject, get(), subject.data(), subject.size(), &cursor);
        return session_cursor(cursor);
    }

    /** Send what the result has, whatever its outcome is. */
    commit_result commit(const session &session) {
        sessio_commit_result *result = nullptr;
        detail::call(sessio_manager_commit, get(), session.get(), &result);
        return commit_result(result);
    }

    /**
     * Runs `change(session &)` on the current session of a token, again if another request has
     * stored first. Empty if there is no such session. An exception of `change` aborts: nothing is
     * stored, and it is thrown from here.
     */
    template <typename Change>
    std::optional<commit_result> transact(std::string_view token, Change change) {
        struct attempt {
            Change &change;
            std::exception_ptr thrown;
        };
        attempt running{change, nullptr};
        sessio_commit_result *result = nullptr;
        detail::call(
            sessio_manager_transact, get(), token.data(), token.size(),
            [](sessio_session *view, void *userdata) -> int32_t {
                attempt &current = *static_cast<attempt *>(userdata);
                try {
                    session session = session::borrow(view);
                    current.change(session);
                    return 0;
                } catch (...) {
                    current.thrown = std::current_exception();
                    return 1;
                }
            },
            &running, &result);
        if (running.thrown) {
            std::rethrow_exception(running.thrown);
        }
        return result == nullptr ? std::nullopt
                                 : std::optional<commit_result>(commit_result(result));
    }

  private:
    void open(const store &store, const sessio_manager_options &options) {
        sessio_manager *opened = nullptr;
        detail::call(sessio_manager_open, store.get(), &options, &opened);
        manager_.reset(opened);
    }
    template <typename Function>
    session loaded(Function function, std::string_view text) {
        sessio_session *loaded = nullptr;
        detail::call(function, get(), text.data(), text.size(), &loaded);
        return session::adopt(loaded);
    }

    detail::owned<sessio_manager, sessio_manager_free> manager_;
};

/** A finished call of a queue. */
class completion {
  public:
    explicit completion(const sessio_completion &from) noexcept : completion_(from) {}
    completion(completion &&other) noexcept
        : completion_(std::exchange(other.completion_, sessio_completion{})) {}
    completion &operator=(completion &&other) noexcept {
        std::swap(completion_, other.completion_);
        return *this;
    }
    completion(const completion &) = delete;
    completion &operator=(const completion &) = delete;
    ~completion() { sessio_completion_clear(&completion_); }

    const sessio_completion &get() const noexcept { return completion_; }
    void *tag() const noexcept { return completion_.tag; }
    int32_t status() const noexcept { return completion_.status; }
    uint64_t count() const noexcept { return completion_.count; }
    /** Throws the error of the call, if it failed. */
    void check() const {
        if (completion_.status < 0) {
            throw error(completion_.error);
        }
    }

    /** These take the object out of the completion. */
    std::optional<record> take_record() { return taken<record>(completion_.record); }
    std::optional<records> take_records() { return taken<records>(completion_.records); }
    std::optional<page> take_page() { return taken<page>(completion_.page); }
    std::optional<check_issues> take_issues() { return taken<check_issues>(completion_.issues); }
    std::optional<commit_result> take_result() { return taken<commit_result>(completion_.result); }
    std::optional<value> take_value() {
        sessio_value *found = std::exchange(completion_.value, nullptr);
        return found == nullptr ? std::nullopt : std::optional<value>(value::adopt(found));
    }

  private:
    template <typename Object, typename Pointer>
    static std::optional<Object> taken(Pointer &pointer) {
        Pointer object = std::exchange(pointer, nullptr);
        return object == nullptr ? std::nullopt : std::optional<Object>(Object(object));
    }

    sessio_completion completion_;
};

/** A completion queue. Other calls are submitted with the functions of sessio/queue.h and get(). */
class queue {
  public:
    queue() {
        sessio_queue *made = nullptr;
        detail::call(sessio_queue_new, &made);
        queue_.reset(made);
    }

    sessio_queue *get() const noexcept { return queue_.get(); }
    /** A descriptor that is readable while there are completions. */
    int fd() const { return detail::call(sessio_queue_fd, get()); }

    /** Waits without a limit. */
    std::vector<completion> poll(std::size_t capacity = 64) { return polled(capacity, -1); }
    std::vector<completion> poll(std::size_t capacity, std::chrono::milliseconds timeout) {
        return polled(capacity, timeout.count() < 0 ? 0 : int64_t(timeout.count()));
    }

    /** Ends the poll that waits in another thread, or the next one. */
    void wake() const { detail::call(sessio_queue_wake, get()); }
    /** Another handle of this queue, whose calls have their own timeout. */
    queue with_timeout(std::chrono::milliseconds timeout) const {
        sessio_queue *handle = nullptr;
        detail::call(sessio_queue_with_timeout, get(), int64_t(timeout.count()), &handle);
        return queue(handle);
    }

    void find(const store &store, std::string_view token, void *tag) {
        detail::call(sessio_queue_find, get(), store.get(), token.data(), token.size(), tag);
    }
    void save(const store &store, std::string_view token, const content &what, void *tag) {
        const sessio_content made = what.get();
        detail::call(sessio_queue_save_content, get(), store.get(), token.data(), token.size(),
                     &made, tag);
    }
    void erase(const store &store, std::string_view token, void *tag) {
        detail::call(sessio_queue_delete, get(), store.get(), token.data(), token.size(), tag);
    }
    void ensure_loaded(const session &session, void *tag) {
        detail::call(sessio_queue_session_ensure_loaded, get(), session.get(), tag);
    }
    void commit(const manager &manager, const session &session, void *tag) {
        detail::call(sessio_queue_manager_commit, get(), manager.get(), session.get(), tag);
    }

  private:
    explicit queue(sessio_queue *from) noexcept : queue_(from) {}

    std::vector<completion> polled(std::size_t capacity, int64_t timeout_ms) {
        std::vector<sessio_completion> raw(capacity);
        const int32_t count =
            detail::call(sessio_queue_poll, get(), raw.data(), capacity, timeout_ms);
        std::vector<completion> completions;
        completions.reserve(static_cast<std::size_t>(count));
        for (int32_t index = 0; index < count; index++) {
            completions.emplace_back(raw[static_cast<std::size_t>(index)]);
        }
        return completions;
    }

    detail::owned<sessio_queue, sessio_queue_free> queue_;
};

/** Log messages, kept until next() takes them. The last one that was opened receives them. */
class log {
  public:
    struct entry {
        /** One of SESSIO_LOG_…. */
        int32_t level;
        std::string message;
    };

    explicit log(int32_t level, std::size_t capacity = 1024) {
        sessio_log *opened = nullptr;
        detail::call(sessio_log_open, level, capacity, &opened);
        log_.reset(opened);
    }

    sessio_log *get() const noexcept { return log_.get(); }
    /** The oldest message; empty if there is none. Never waits. */
    std::optional<entry> next() {
        int32_t level = 0;
        const char *message = nullptr;
        if (!detail::done(detail::call(sessio_log_next, get(), &level, &message))) {
            return std::nullopt;
        }
        return entry{level, message};
    }
    /** A descriptor that is readable while there are messages. */
    int fd() const { return detail::call(sessio_log_fd, get()); }
    uint64_t dropped() const noexcept { return sessio_log_dropped(get()); }

  private:
    detail::owned<sessio_log, sessio_log_free> log_;
};

} // namespace sessio

#endif
