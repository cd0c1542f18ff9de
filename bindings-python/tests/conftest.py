"""Shared fixtures: a server, a network that can be interrupted, managers and child processes."""

import contextlib
import itertools
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

import sessio

TABLES = (f"tests_py_{os.getpid()}_{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def server() -> str:
    """The URL of an empty database. Without one the tests fail: nothing is skipped."""
    url = os.environ.get("SESSIO_TEST_MYSQL_URL")
    if url is None:
        pytest.fail(
            "this test needs a server, but SESSIO_TEST_MYSQL_URL is not set; "
            'run ./dev test, or first: eval "$(./dev db env)"',
            pytrace=False,
        )
    return url


@pytest.fixture
def url(server: str) -> str:
    """The URL of a migrated table that only this test uses."""
    url = f"{server}?table={next(TABLES)}&cleanup_interval=0"
    with sessio.Store(url) as store:
        store.migrate()
    return url


@pytest.fixture
def manager() -> Iterator[sessio.SessionManager]:
    """A manager over an empty store in memory."""
    with sessio.Store("memory:", cleanup_interval=0) as store:
        yield sessio.SessionManager(store)


def committed(manager: sessio.SessionManager, **values: Any) -> str:
    """The token of a new session with these values."""
    session = manager.load()
    session.update(values)
    token = manager.commit(session).token
    assert token is not None
    return token


class Network:
    """A proxy to the server that can be held: connections that are open then get no answer until it
    is released. Later connections are not affected."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.server = (parts.hostname, parts.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        login = parts.netloc.rpartition("@")[0]
        port = self.listener.getsockname()[1]
        self.url = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))
        self.flowing = threading.Event()
        self.flowing.set()
        self.stopped: list[socket.socket] = [self.listener]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(self.server)
            self.stopped += [client, upstream]
            gate, always = self.flowing, threading.Event()
            always.set()
            for pump in ((client, upstream, always), (upstream, client, gate)):
                threading.Thread(target=self.pump, args=pump, daemon=True).start()

    @staticmethod
    def pump(source: socket.socket, sink: socket.socket, gate: threading.Event) -> None:
        try:
            while data := source.recv(65536):
                gate.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def hold(self) -> Callable[[], None]:
        """Holds the connections that are open now. The result releases them."""
        held, self.flowing = self.flowing, threading.Event()
        self.flowing.set()
        held.clear()
        return held.set

    def hold_all(self) -> Callable[[], None]:
        """Holds present and later connections. The result releases them."""
        self.flowing.clear()
        return self.flowing.set

    def run(self, sql: str) -> None:
        """Runs a statement on an idle connection of the store, without the store's knowledge. The
        connection cannot be used afterwards."""
        self.hold()
        query = b"\x03" + sql.encode()
        upstream = self.stopped[-1]
        upstream.sendall(len(query).to_bytes(3, "little") + b"\0" + query)

    def cut(self) -> None:
        """As if the server had died: closes the listener and all connections."""
        for end in self.stopped:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def network(url: str) -> Iterator[Network]:
    network = Network(url)
    yield network
    network.flowing.set()
    network.cut()


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"mysql://ada:secret@127.0.0.1:{listener.getsockname()[1]}/app"


@pytest.fixture
def absent() -> str:
    """The URL of a closed port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"mysql://ada:secret@127.0.0.1:{listener.getsockname()[1]}/app"


def in_child(work: Callable[[], Any]) -> Any:
    """Runs `work` in a forked child and returns its result."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            answer = (True, work())
        except BaseException:
            answer = (False, traceback.format_exc())
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with status {status}"
    worked, answer = pickle.loads(result)
    assert worked, f"in the child:\n{answer}"
    return answer


def run_program(source: str, *arguments: str) -> str:
    """Runs a program, which must exit with 0 and an empty stderr. Returns what it prints."""
    # Not -X dev: asyncio's debug mode warns when the machine is slow.
    flags = ["-W", "default", "-X", "faulthandler"]
    command = [sys.executable, *flags, "-c", source, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
