"""A browser with a cookie jar against a web server: requests of one browser in any order.

What each request does to its session is fixed; when it looks, when it commits, when its answer
arrives at the browser, and where other requests are by then, is drawn at random, step by step, so
that no test waits for time to pass. Whatever the order, the user ends where the last deliberate
action (a login, a logout) put them.
"""

import asyncio
import email
import random
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any

import sessio

INTERLEAVINGS = 500

# What requests do to their session, step by step. The last step of each is the commit.
ACTIONS: dict[str, list[Callable[[sessio.AsyncSession, str], object]]] = {
    "visit": [lambda session, _: session.increment("visits")],
    "login": [
        lambda session, _: session.renew(),
        lambda session, name: session.put("user", name),
    ],
    "logout": [lambda session, _: session.destroy()],
    "poll": [
        lambda session, _: session.get("user"),
        lambda session, name: session.put("polled", name),
    ],
    "slow": [
        lambda session, _: session.get("visits"),
        lambda session, name: session.append("seen", name),
    ],
}
# It begins and loads, its steps, the commit, and its answer arrives.
LENGTH = {action: len(steps) + 3 for action, steps in ACTIONS.items()}


class Steps:
    """Where requests wait for each other: each stops before each of its steps until it is let on.

    So at any moment one of them moves, and which is the test's to say.
    """

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Semaphore] = {}
        self.stopped = asyncio.Semaphore(0)

    async def reach(self, name: str) -> None:
        """Of whichever side does the next step of a request."""
        self.stopped.release()
        await self.gates[name].acquire()

    def end(self) -> None:
        self.stopped.release()

    async def wait(self) -> None:
        """Of the test: until the one that moves is at its next step, or over."""
        async with asyncio.timeout(20):
            await self.stopped.acquire()

    async def let_on(self, name: str) -> None:
        self.gates[name].release()
        await self.wait()


class Server:
    """`/NAME/ACTION`: the request of this name does this to its session."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.store = sessio.AsyncStore("memory:", cleanup_interval=0)
        self.manager = sessio.AsyncSessionManager(self.store, cookie_secure=False)
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start, *fields = (await reader.readuntil(b"\r\n\r\n")).splitlines()
        _, name, action = start.decode().split(" ")[1].split("/")
        named = [field.partition(b": ") for field in fields]
        cookies = [value for field, _, value in named if field.lower() == b"cookie"]
        session = await self.manager.load_cookie(cookies)
        for step in ACTIONS[action]:
            await self.steps.reach(name)
            done = step(session, name)
            if isinstance(done, Coroutine):
                await done
        await self.steps.reach(name)
        result = await self.manager.commit(session)
        cookie = "" if result.set_cookie is None else f"Set-Cookie: {result.set_cookie}\r\n"
        writer.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{cookie}\r\n".encode())
        writer.close()


class Answer:
    """What a jar takes cookies from."""

    def __init__(self, fields: str) -> None:
        self.fields = email.message_from_string(fields)

    def info(self) -> Message:
        return self.fields


class Browser:
    """Sends what its jar has when a request begins, and keeps what an answer brings when that
    arrives."""

    def __init__(self, server: Server) -> None:
        self.server, self.jar = server, CookieJar()

    def request(self, path: str) -> urllib.request.Request:
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}/{path}")
        self.jar.add_cookie_header(request)
        return request

    def take_cookies(self, request: urllib.request.Request, fields: str) -> None:
        answer: Any = Answer(fields)
        self.jar.extract_cookies(answer, request)

    async def get(self, name: str, action: str) -> None:
        steps = self.server.steps
        await steps.reach(name)
        request = self.request(f"{name}/{action}")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        fields = "".join(f"{field}: {value}\r\n" for field, value in request.header_items())
        writer.write(f"GET {request.selector} HTTP/1.1\r\n{fields}\r\n".encode())
        status, _, headers = (await reader.read()).decode().partition("\r\n")
        assert status == "HTTP/1.1 200 OK"
        await steps.reach(name)
        self.take_cookies(request, headers)
        writer.close()
        steps.end()

    async def user(self) -> str | None:
        """Who is logged in, as the next request would be told."""
        cookie = self.request("").get_header("Cookie")
        return (await self.server.manager.load_cookie(cookie)).get_as("user", str)


async def interleaved(
    browser: Browser, requests: dict[str, str], chance: random.Random
) -> list[str]:
    """Lets the requests on in a random order, which it returns."""
    order = [name for name, action in requests.items() for _ in range(LENGTH[action])]
    chance.shuffle(order)
    steps = browser.server.steps
    async with asyncio.TaskGroup() as group:
        for name, action in requests.items():
            steps.gates[name] = asyncio.Semaphore(0)
            group.create_task(browser.get(name, action))
            await steps.wait()
        for name in order:
            await steps.let_on(name)
    return order


def came_after(order: list[str], one: str, other: str) -> bool:
    """Whether one request began when the answer to the other had arrived."""
    return order.index(one) > len(order) - 1 - order[::-1].index(other)


async def each(server: Server, **values: str) -> AsyncIterator[tuple[Browser, random.Random]]:
    """A browser that has been here before."""
    for seed in range(INTERLEAVINGS):
        browser = Browser(server)
        visitor = await server.manager.load()
        visitor.update(values, visits=1)
        cookie = (await server.manager.commit(visitor)).set_cookie
        browser.take_cookies(browser.request(""), f"Set-Cookie: {cookie}\r\n")
        yield browser, random.Random(seed)


def with_server(test: Callable[[Server], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        server = Server()
        async with await asyncio.start_server(server.serve, "127.0.0.1") as listening:
            server.port = listening.sockets[0].getsockname()[1]
            await test(server)

    asyncio.run(main())


def test_of_two_logins_at_once_one_is_logged_in() -> None:
    async def test(server: Server) -> None:
        winners: set[str | None] = set()
        async for browser, chance in each(server):
            order = await interleaved(browser, {"ada": "login", "bob": "login"}, chance)
            user = await browser.user()
            winners.add(user)
            assert user in ("ada", "bob")
            for one, other in (("ada", "bob"), ("bob", "ada")):
                assert user == one or not came_after(order, one, other)
        assert winners == {"ada", "bob"}
        # Whatever requests ran at once, one browser has one session.
        assert await server.store.count() == INTERLEAVINGS

    with_server(test)


def test_a_slow_request_from_before_a_login_leaves_it_alone() -> None:
    async def test(server: Server) -> None:
        async for browser, chance in each(server):
            requests = {"slow": "slow", "ada": "login", "poll": "poll"}
            await interleaved(browser, requests, chance)
            assert await browser.user() == "ada"
        assert await server.store.count() == INTERLEAVINGS

    with_server(test)


def test_a_logout_while_polls_are_running_stays() -> None:
    async def test(server: Server) -> None:
        async for browser, chance in each(server, user="ada"):
            assert await browser.user() == "ada"
            requests = {"poll": "poll", "other": "poll", "out": "logout", "slow": "slow"}
            await interleaved(browser, requests, chance)
            assert await browser.user() is None

    with_server(test)


def test_requests_of_a_page_go_on_after_a_renewal() -> None:
    async def test(server: Server) -> None:
        async for browser, chance in each(server):
            requests = {"ajax": "visit", "ada": "login", "more": "slow", "last": "visit"}
            await interleaved(browser, requests, chance)
            assert await browser.user() == "ada"
            # What follows is done in the session of the login.
            await interleaved(browser, {"next": "visit", "again": "visit"}, chance)
            assert await browser.user() == "ada"
        assert await server.store.count() == INTERLEAVINGS

    with_server(test)
