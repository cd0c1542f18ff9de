"""What `./dev bench pressure` is made of: sides that are asked to measure, and the proxy."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PROGRAM = "target/release/examples/bench_pressure"
PROXY = "target/release/examples/proxy"
GO = "target/release/bench_go_pressure"
PASSWORD = "pressure-dev-pw"

ROUNDS = 3
STARTED = time.monotonic()


def say(text: str) -> None:
    """Progress. On stderr: stdout is for figures."""
    print(f"[{time.monotonic() - STARTED:4.0f}s] {text}", file=sys.stderr, flush=True)


def once(*arguments: object) -> dict[str, Any]:
    """One run of the Rust program, to its end."""
    command = [PROGRAM, *(str(argument) for argument in arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


@dataclass(frozen=True)
class Server:
    """Where the server is: itself, or the proxy before it."""

    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def database(self) -> str:
        return urlsplit(self.url).path.strip("/")

    def at(self, port: int) -> "Server":
        return Server(self.url.replace(self.host, f"127.0.0.1:{port}"))

    def ours(self, **options: object) -> str:
        """As the user by which our connections are counted."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"mysql://pressure_ours:{PASSWORD}@{self.host}/{self.database}?{query}"

    def dsn(self, user: str, more: str = "") -> str:
        """As SCS's README has it."""
        return f"{user}:{PASSWORD}@tcp({self.host})/{self.database}?parseTime=true{more}"


class Asked:
    """A program that answers each line with a line."""

    def __init__(self, *command: object) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args!r} ended with {self.process.wait()}")
        return line.strip()

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class Proxy(Asked):
    """Adds a delay to each round trip to the server."""

    def __init__(self, server: Server, delay: float) -> None:
        super().__init__(PROXY, 0, server.host, "--delay", delay)
        self.server = server.at(int(self.answer()))


class Side(Asked):
    """Sessio, or a peer."""

    def __init__(self, name: str, user: str, *command: object) -> None:
        super().__init__(*command)
        self.name, self.user = name, user

    def measure(self, work: str, callers: int, seconds: float) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.ask(f"{work} {callers} {seconds}"))
        return answer


def sides(server: Server, connections: int) -> list[Side]:
    """Ours with so many connections; SCS with 64, as in its README and with interpolateParams."""
    options = {"connections": connections, "cleanup_interval": 0}
    scs, text = "pressure_scs", "pressure_scs_text"
    return [
        Side("ours", "pressure_ours", PROGRAM, "serve", server.ours(**options)),
        Side("scs", scs, GO, server.dsn(scs), 64),
        Side("scs interpolated", text, GO, server.dsn(text, "&interpolateParams=true"), 64),
    ]


@dataclass
class Measured:
    """Medians of the rounds."""

    per_second: float
    p50: float
    p99: float
    rows: float
    connections: int
    errors: int

    def __str__(self) -> str:
        return f"{self.per_second:.0f}/s p50 {self.p50:.1f} p99 {self.p99:.1f} ms"


class Comparison:
    """All sides in turns, on one server in one run."""

    def __init__(self, direct: Server, server: Server, connections: int) -> None:
        self.sides = sides(server, connections)
        self.watch = Asked(PROGRAM, "watch", direct.url)

    def open_all(self, callers: int) -> None:
        """Connections are opened, and statements prepared, before anything is measured."""
        for side in self.sides:
            for work in "find", "save":
                side.measure(work, callers, 0.5)

    def measure(self, work: str, callers: int, seconds: float) -> dict[str, Measured]:
        rounds: dict[str, list[Measured]] = {side.name: [] for side in self.sides}
        for _ in range(ROUNDS):
            for side in self.sides:
                rounds[side.name].append(self.one(side, work, callers, seconds))
        return {name: middle(measured) for name, measured in rounds.items()}

    def one(self, side: Side, work: str, callers: int, seconds: float) -> Measured:
        self.watch.ask(f"start {side.user}")
        got = side.measure(work, callers, seconds)
        server = json.loads(self.watch.ask("stop"))
        statements = server["writes" if work == "save" else "reads"]
        return Measured(
            per_second=got["per_second"],
            p50=got["p50"],
            p99=got["p99"],
            rows=got["all"] / max(1, statements),
            connections=server["connections"],
            errors=sum(got["errors"].values()),
        )

    def end(self) -> None:
        for asked in [*self.sides, self.watch]:
            asked.end()


def middle(rounds: list[Measured]) -> Measured:
    return Measured(
        per_second=statistics.median(one.per_second for one in rounds),
        p50=statistics.median(one.p50 for one in rounds),
        p99=statistics.median(one.p99 for one in rounds),
        rows=statistics.median(one.rows for one in rounds),
        connections=max(one.connections for one in rounds),
        errors=sum(one.errors for one in rounds),
    )
