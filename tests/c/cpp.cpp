// The C++ layer on a store in memory: each class, and each way in which a call can end.

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <sessio.hpp>

using namespace std::chrono_literals;

static void check(bool good, const char *what, int line) {
    if (!good) {
        std::fprintf(stderr, "cpp.cpp:%d: %s\n", line, what);
        std::exit(1);
    }
}
#define CHECK(condition) check(condition, #condition, __LINE__)

template <typename Call>
static std::string failure(int32_t code, Call call, int line) {
    try {
        call();
    } catch (const sessio::error &error) {
        check(error.code() == code && error.kind() == sessio_status_name(code), error.what(), line);
        return error.what();
    }
    check(false, "did not throw", line);
    return "";
}
#define FAILS(code, call) failure(code, [&] { (void)(call); }, __LINE__)

static void stores() {
    sessio::store store("memory:");
    const sessio::time_point later = sessio::to_time(std::chrono::system_clock::now() + 1h);
    CHECK(store.location() == "memory:" && store.count() == 0);
    store.save("a", {"one", later});
    store.insert("b", {"two", sessio::never, "ada"});
    FAILS(SESSIO_ALREADY_EXISTS, store.insert("b", {"two", later}));
    CHECK(store.find("a")->data() == "one" && store.find("a")->expires_at() == later);
    CHECK(store.find("b")->subject() == "ada" && store.find("b")->expires_at() == sessio::never);
    CHECK(!store.find("c") && !store.exists("c") && !store.update("c", {"x", later}));
    CHECK(store.replace("a", "none", {"new", later}) == sessio::outcome::conflict);
    CHECK(store.replace("c", "none", {"new", later}) == sessio::outcome::gone);
    CHECK(store.replace("a", "one", {"new", later}) == sessio::outcome::done);
    CHECK(store.touch("a", later) && store.erase("a") && !store.erase("a") && store.count() == 1);
    CHECK(store.stats("sessions") == 1 && sessio::generate_token().size() == 43);

    sessio::store moved = std::move(store);
    CHECK(moved.count() == 1);
    moved.close();
    FAILS(SESSIO_CLOSED, moved.count());
    CHECK(FAILS(SESSIO_INVALID_ARGUMENT, sessio::store("nonsense:")) != "");
    const std::string unknown = FAILS(SESSIO_INVALID_ARGUMENT, moved.stats("none"));
    CHECK(unknown.find("statements") != std::string::npos);

    sessio_options options = SESSIO_OPTIONS_INIT;
    options.max_data = 3;
    sessio::store small("memory:", options);
    FAILS(SESSIO_TOO_LARGE, small.save("a", {"four", later}));
}

static void lists() {
    sessio::store store("memory:");
    const sessio::time_point later = sessio::to_time(std::chrono::system_clock::now() + 1h);
    store.save_many(
        {{"a", {"one", later, "ada"}}, {"b", {"two", later}}, {"c", {"", later, "ada"}}});
    const sessio::records found = store.find_many({"b", "none", "c"});
    CHECK(found.size() == 3 && found.at(0)->data() == "two" && !found.at(1));
    CHECK(!found.at(0)->subject());
    CHECK(found.at(2)->data() == "" && found.at(2)->subject() == "ada");
    try {
        found.at(3);
        CHECK(false);
    } catch (const std::out_of_range &) {
    }
    std::size_t seen = 0, pages = 0;
    std::string after;
    for (bool more = true; more; pages++) {
        const sessio::page listed = store.list(after, 2);
        for (std::size_t index = 0; index < listed.size(); index++, seen++) {
            CHECK(!listed.key(index).empty() && listed.at(index).expires_at() == later);
        }
        more = listed.next().has_value();
        after = listed.next().value_or("");
    }
    CHECK(seen == 3 && pages == 2 && store.list_subject("ada").size() == 2);
    CHECK(!store.list_subject("ada").next() && store.list_subject("eve").size() == 0);
    FAILS(SESSIO_INVALID_ARGUMENT, store.list("", 0));
    CHECK(store.rename("b", "d") && !store.exists("b") && store.find("d")->data() == "two");
    CHECK(store.rename("d", "e", {"new", later}) && store.find("e")->data() == "new");
    CHECK(!store.rename("none", "f") && store.delete_subject("ada", "c") == 1);
    CHECK(store.erase_many({"c", "none"}) == 1 && store.count() == 1 && store.clear() == 1);
    store.save("old", {"", sessio::time_point(1s)});
    CHECK(store.delete_expired() == 1 && store.check().size() == 0);
    FAILS(SESSIO_INVALID_ARGUMENT, store.migrate_from("nonsense"));
}

static void cursors() {
    sessio::store store("memory:");
    sessio::manager manager(store);
    for (const char *user : {"ada", "ada", "eve"}) {
        sessio::session session = manager.load();
        session.put("user", user);
        session.set_subject(user);
        manager.commit(session);
    }
    int ada = 0, all = 0;
    for (sessio::session &session : manager.each_subject("ada")) {
        CHECK(session.get_as<std::string>("user") == "ada");
        session.destroy();
        manager.commit(session);
        ada++;
    }
    sessio::session_cursor rest = manager.each();
    for (sessio::session &session : rest) {
        CHECK(session.subject() == "eve");
        all++;
    }
    CHECK(ada == 2 && all == 1 && rest.begin() == rest.end());
    store.close();
    FAILS(SESSIO_CLOSED, manager.each().begin());
}

static void logs() {
    FAILS(SESSIO_INVALID_ARGUMENT, sessio::log(99));
    sessio::log log(SESSIO_LOG_TRACE, 8);
    while (log.next()) {
    }
    CHECK(log.fd() >= 0 && !log.next());
    {
        sessio_options options = SESSIO_OPTIONS_INIT;
        options.cleanup_interval_ms = 1;
        sessio::store store("memory:", options);
        store.save("old", {"", sessio::time_point(1s)});
        for (int tries = 0; tries < 1000 && store.stats("cleanups") < 1; tries++) {
            std::this_thread::sleep_for(5ms);
        }
    }
    const std::optional<sessio::log::entry> entry = log.next();
    CHECK(entry && entry->level >= SESSIO_LOG_ERROR && !entry->message.empty());
}

static void values() {
    sessio::value cart = sessio::value::list();
    cart.append(7).append("tea").append(2.5).append(nullptr).append(true).append(8u);
    cart.append(sessio::value::bytes_of(std::string_view("\0\1", 2)));
    cart.append(std::move(sessio::value::map().set("id", 9)));
    CHECK(cart.size() == 8 && cart.at(0).as_int() == 7 && *cart.at(1).text() == "tea");
    CHECK(cart.at(2).as_double() > 2.4 && cart.at(3).kind() == SESSIO_KIND_NULL);
    CHECK(cart.at(4).as_bool() && cart.at(5).as_uint() == 8 && cart.at(6).bytes()->size() == 2);
    CHECK(cart.at(7).find("id")->as_int() == 9 && !cart.at(7).find("no"));
    CHECK(*cart.at(7).key(0) == "id");
    CHECK(!cart.at(0).text() && cart.remove_at(0) && !cart.remove_at(99));
    FAILS(SESSIO_INVALID_ARGUMENT, cart.at(0).as_int());
    FAILS(SESSIO_INVALID_ARGUMENT, sessio::value("\xff"));
    try {
        cart.at(99);
        CHECK(false);
    } catch (const std::out_of_range &) {
    }
    const sessio::value copy = sessio::value::copy_of(cart.at(6));
    CHECK(copy.json() == "{\"id\":9}" || copy.json() == "{\"id\": 9}");
    CHECK(sessio::value::from_json("[1,{\"$time\":\"1970-01-01T00:00:01Z\"}]").at(1).as_time() ==
          sessio::time_point(1s));
}

static void sessions() {
    sessio::store store("memory:");
    sessio::manager manager(store, "cookie_name=id");
    CHECK(manager.cookie_name() == "id");
    sessio::session first = manager.load_cookie("");
    first.put("user", "ada");
    first.put("visits", 1);
    first.put("at", sessio::time_point(5s));
    first.set_subject("ada");
    first.flash("note", "saved");
    CHECK(first.status() == SESSIO_SESSION_MODIFIED && first.is_new() && !first.token());
    const sessio::commit_result result = manager.commit(first);
    CHECK(result.outcome() == SESSIO_COMMIT_SAVED && result.set_cookie() && result.token());
    CHECK(result.headers().size() == 3 && result.headers()[0].first == "Set-Cookie");

    const std::string token(*result.token());
    sessio::session second = manager.load_cookie("id=" + token);
    CHECK(second.get_as<std::string>("user") == "ada" && second.get_as<int64_t>("visits") == 1);
    CHECK(second.get_as<sessio::time_point>("at") == sessio::time_point(5s));
    CHECK(!second.get("none") && second.contains("user") && second.subject() == "ada");
    FAILS(SESSIO_INVALID_ARGUMENT, second.get_as<std::string>("visits"));
    FAILS(SESSIO_INVALID_ARGUMENT, second.get_as<int64_t>("user"));
    CHECK(FAILS(SESSIO_INVALID_ARGUMENT, second.get(std::string_view("a\0b", 3))) ==
          "key: contains a NUL");
    CHECK(second.keys().size() == 3 && second.values().size() == 3);
    CHECK(*second.flashes().find("note")->text() == "saved");
    second.increment("visits");
    second.append("cart", 7);
    CHECK(second.pop("at")->as_time() == sessio::time_point(5s) && second.renew());
    CHECK(!second.put_if_changed("user", "ada") && second.put_if_changed("user", "eve"));
    for (const auto &[name, value] : manager.commit(second).headers()) {
        CHECK(!name.empty() && !value.empty());
    }
    const std::string renewed = *second.token();
    CHECK(renewed != token && !manager.find(token) && manager.find(renewed));

    const auto done = manager.transact(renewed, [](sessio::session &session) {
        session.put("visits", *session.get_as<int64_t>("visits") * 10);
    });
    CHECK(done && manager.find(renewed)->get_as<int64_t>("visits") == 20);
    CHECK(!manager.transact("none", [](sessio::session &) {}));
    try {
        manager.transact(renewed, [](sessio::session &) { throw std::runtime_error("stop"); });
        CHECK(false);
    } catch (const std::runtime_error &error) {
        CHECK(std::string(error.what()) == "stop");
    }
    second.destroy();
    CHECK(manager.commit(second).outcome() == SESSIO_COMMIT_DESTROYED && store.count() == 0);
    FAILS(SESSIO_INVALID_ARGUMENT, sessio::manager(store, "nonsense=1"));
}

static void queues() {
    sessio::store store("memory:");
    sessio::manager manager(store);
    sessio::queue queue;
    int tags[3];
    CHECK(queue.fd() >= 0 && queue.poll(8, 0ms).empty());
    queue.save(store, "a", {"one", sessio::never}, &tags[0]);
    CHECK(queue.poll().at(0).tag() == &tags[0]);
    queue.find(store, "a", &tags[1]);
    sessio::completion found = std::move(queue.poll().at(0));
    found.check();
    CHECK(found.tag() == &tags[1] && found.status() == SESSIO_DONE);
    CHECK(found.take_record()->data() == "one" && !found.take_record());
    sessio::session session = manager.load();
    session.put("user", "ada");
    queue.ensure_loaded(session, nullptr);
    CHECK(queue.poll().size() == 1);
    queue.commit(manager, session, &tags[2]);
    CHECK(queue.poll().at(0).take_result()->set_cookie().has_value());
    queue.wake();
    CHECK(queue.poll().empty());
    sessio::queue quick = queue.with_timeout(1s);
    quick.find(store, "none", &tags[0]);
    CHECK(queue.poll().at(0).status() == SESSIO_NOT_FOUND);
    store.close();
    queue.erase(store, "a", nullptr);
    CHECK(FAILS(SESSIO_CLOSED, queue.poll().at(0).check()) != "");
}

int main() {
    stores();
    lists();
    cursors();
    logs();
    values();
    sessions();
    queues();
    std::puts("the C++ layer is good");
    return 0;
}
