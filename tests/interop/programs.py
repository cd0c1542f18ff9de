"""The programs that share a table, each alive for the whole test and asked one thing at a time."""

import json
import os
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]
GO_BIN = ROOT / ".cache" / "interop"
COMMANDS = {
    "c": [str(ROOT / ".cache" / "c" / "bin" / "peer")],
    "python": [str(ROOT / ".venv" / "bin" / "python"), str(Path(__file__).with_name("peer.py"))],
    "node": ["node", str(Path(__file__).with_name("peer.mjs"))],
}


class Failed(Exception):
    """A program said that it cannot."""


def dsn(url: str, parameters: str = "parseTime=true") -> str:
    """A database, as Go's driver names it."""
    parts = urlsplit(url)
    user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"{user}@tcp({parts.hostname}:{parts.port or 3306}){parts.path}?{parameters}"


class Program:
    """A child that answers each line with a line, both JSON."""

    def __init__(self, *command: str) -> None:
        search = os.pathsep.join(
            (str(ROOT / "bindings-python" / "tests"), str(Path(__file__).parent))
        )
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": search},
        )

    def line(self) -> str:
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        if not line:
            raise Failed(f"{self.child.args!r} ended: {self.child.wait()}")
        return line

    def ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        answer: dict[str, Any] = json.loads(self.line())
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def __enter__(self) -> Self:
        return self

    def end(self) -> None:
        """It has nothing more to read, and must end well."""
        self.child.communicate(timeout=60)
        if self.child.returncode != 0:
            raise Failed(f"{self.child.args!r} ended with {self.child.returncode}")

    def __exit__(self, failed: object, *_more: object) -> None:
        if failed is None:
            self.end()
        else:
            self.child.kill()
            self.child.communicate()


class Peer(Program):
    """A program with sessio, of a language."""

    def __init__(self, language: str, url: str, settings: str) -> None:
        super().__init__(*COMMANDS[language], url, settings)


class Server(Program):
    """A web server in Go. Its browser has one cookie, the token."""

    def __init__(self, program: str, *arguments: str, cookie: str = "session") -> None:
        super().__init__(str(GO_BIN / program), *arguments)
        self.cookie = cookie
        self.connection = HTTPConnection("127.0.0.1", int(self.line()), timeout=60)

    def end(self) -> None:
        self.connection.close()
        self.child.terminate()
        self.child.communicate()

    def post(
        self, path: str, body: dict[str, Any], token: str | None = None
    ) -> tuple[Any, list[str]]:
        """What it answers, and its cookies."""
        headers = {} if token is None else {"Cookie": f"{self.cookie}={token}"}
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise Failed(text.strip())
        return json.loads(text), answer.headers.get_all("Set-Cookie") or []

    def ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """An operation on a session, as other programs are asked for it."""
        answer, cookies = self.post("/session", asked, asked["token"])
        token = asked["token"]
        for cookie in cookies:
            name, _, rest = cookie.partition("=")
            if name == self.cookie:
                token = rest.partition(";")[0] or None
        return {**answer, "token": token}


class Table(Program):
    """A look at the table, on a connection of its own."""

    def __init__(self, url: str, parameters: str = "") -> None:
        super().__init__(str(GO_BIN / "sql"), "-dsn", dsn(url, parameters))

    def run(self, sql: str, *arguments: str | int) -> list[list[bytes | None]]:
        rows = self.ask({"sql": sql, "args": arguments})["rows"]
        return [[cell if cell is None else bytes.fromhex(cell) for cell in row] for row in rows]
