"""What goes wrong in a Go program on SCS's table, shown with the real one, and what sessio does.

    python defects.py URL NEW_YORK_URL      the second on a server in that time zone

D15 to D20 are the numbers of sessio's list of SCS's defects. Where Go no longer does what is told
of it the test fails: then the list is out of date.
"""

import base64
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from programs import Failed, Server, Table, dsn
from variants import SCS_TABLE

import sessio

TOKEN = "AbCdEfGhIjKlMnOpQrStUvWxYz-0123456789_abcde"


class Place:
    """A table, with a Go program and a store of ours on it."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url = url
        self.stack = stack
        self.table = stack.enter_context(Table(url))
        self.ours = stack.enter_context(sessio.Store(url, hash_tokens=False))
        self.go = self.another_go("parseTime=true")

    def another_go(self, parameters: str) -> Server:
        """A Go program whose connections have these parameters."""
        return self.stack.enter_context(Server("scs", "-dsn", dsn(self.url, parameters)))


def scs_table(url: str, stack: ExitStack, more: str = "") -> Place:
    """On the table of SCS's README."""
    place = Place(url, stack)
    place.table.run("DROP TABLE IF EXISTS sessions")
    place.table.run(SCS_TABLE + more)
    return place


def own_table(url: str, stack: ExitStack) -> Place:
    """On the table that sessio makes."""
    place = Place(url, stack)
    place.table.run("DROP TABLE IF EXISTS sessions")
    place.ours.migrate()
    return place


def commit(go: Server, token: str, data: bytes, expiry: datetime) -> None:
    spelled = base64.b64encode(data).decode()
    go.post(
        "/store", {"do": "commit", "token": token, "data": spelled, "expiry": expiry.isoformat()}
    )


def find(go: Server, token: str) -> bytes | None:
    answer, _ = go.post("/store", {"do": "find", "token": token})
    return base64.b64decode(answer["data"]) if answer["found"] else None


def agree(place: Place, expiry: datetime) -> None:
    """Each finds what the other one saves, until the same instant."""
    commit(place.go, TOKEN, b"ada", expiry)
    assert place.ours.find(TOKEN) == sessio.Record(b"ada", expiry)
    place.ours.save(TOKEN, b"eve", expiry)
    assert find(place.go, TOKEN) == b"eve"


def go_fails(call: Callable[[], object], *numbers: int) -> str:
    """The server's error, by one of these numbers: MySQL has others than MariaDB."""
    try:
        call()
    except Failed as error:
        for number in numbers:
            if f"Error {number} " in str(error):
                return f"Go: error {number}"
        raise
    raise AssertionError(f"upstream has changed: Go has no error {numbers} any more")


def happens(what: str, is_so: bool) -> str:
    assert is_so, f"upstream has changed, this does not happen: {what}"
    return f"Go: {what}"


def refused(call: Callable[[], object], kind: type[sessio.SessioError], *words: str) -> str:
    """That it fails with this kind, and says these words."""
    try:
        call()
    except kind as error:
        told = str(error)
    else:
        raise AssertionError(f"this was no {kind.__name__}")
    missing = [word for word in words if word not in told]
    assert not missing, f"{told} says nothing of {missing}"
    return f"sessio: {kind.__name__}"


def data_of(record: sessio.Record | None) -> bytes | None:
    return None if record is None else record.data


def another_case(url: str, stack: ExitStack) -> list[str]:
    """D15: the column's collation takes upper and lower case for the same."""
    place = scs_table(url, stack)
    variant = TOKEN.swapcase()
    commit(place.go, TOKEN, b"ada", in_an_hour())
    told = [happens("a token in other case opens the session", find(place.go, variant) == b"ada")]
    assert data_of(place.ours.find(TOKEN)) == b"ada"
    assert place.ours.find(variant) is None
    assert not place.ours.delete(variant)
    told.append("sessio finds nothing")
    told.append(
        refused(lambda: place.ours.save(variant, b"eve", in_an_hour()), sessio.Unsupported, "ALTER")
    )
    assert find(place.go, TOKEN) == b"ada"
    commit(place.go, variant, b"eve", in_an_hour())
    told.insert(1, happens("and a commit overwrites it", find(place.go, TOKEN) == b"eve"))
    return told


def no_such_letters(url: str, stack: ExitStack) -> list[str]:
    """D16: a token that the column cannot hold."""
    place = scs_table(url, stack, " CHARSET=latin1")
    told = [go_fails(lambda: find(place.go, "\u2603" * 43), 1267, 3988)]
    assert place.ours.find("\u2603" * 43) is None
    return [*told, "sessio finds nothing"]


def too_large(url: str, stack: ExitStack) -> list[str]:
    """D17: BLOB ends at 65,535 bytes."""
    place = scs_table(url, stack)
    data = b"x" * 70_000
    told = [go_fails(lambda: commit(place.go, TOKEN, data, in_an_hour()), 1406)]
    careless = place.another_go("parseTime=true&sql_mode=%27%27")
    commit(careless, TOKEN, data, in_an_hour())
    told.append(
        happens("or 65,535 bytes without strict mode", find(careless, TOKEN) == data[:65_535])
    )
    assert place.ours.find(TOKEN) is not None
    before = place.ours.stats()["statements"]
    told.append(
        refused(lambda: place.ours.save(TOKEN, data, in_an_hour()), sessio.TooLarge, "65535")
    )
    assert place.ours.stats()["statements"] == before, "it was sent"
    return told


def no_such_hour(new_york: str, stack: ExitStack) -> list[str]:
    """D18: TIMESTAMP goes by the clock of a zone, which skips an hour a year."""
    missing = datetime(2027, 3, 14, 2, 30, tzinfo=UTC)
    place = scs_table(new_york, stack)
    agree(place, in_an_hour())
    told = [go_fails(lambda: commit(place.go, TOKEN, b"ada", missing), 1292)]
    told.append(
        refused(
            lambda: place.ours.save(TOKEN, b"ada", missing),
            sessio.Unsupported,
            "TIMESTAMP",
            "DATETIME",
        )
    )
    assert data_of(place.ours.find(TOKEN)) == b"eve"
    [issue] = [each for each in place.ours.check() if each.code == "time_zone"]
    place.table.run(issue.fix)
    fixed = Place(new_york, stack)
    assert data_of(fixed.ours.find(TOKEN)) == b"eve"
    agree(fixed, missing)
    agree(own_table(new_york, stack), missing)
    return [*told, "after its check's ALTER, and on its own table, both save it"]


def another_zone(url: str, stack: ExitStack) -> list[str]:
    """D18 again: two clients with different time zones."""
    west = "parseTime=true&time_zone=%27-05%3A00%27"
    place = scs_table(url, stack)
    commit(place.go, TOKEN, b"ada", datetime.now(UTC) + timedelta(minutes=30))
    told = [
        happens("a client at -05:00 finds nothing", find(place.another_go(west), TOKEN) is None)
    ]
    assert data_of(place.ours.find(TOKEN)) == b"ada"
    own = own_table(url, stack)
    own.ours.save(TOKEN, b"ada", timedelta(minutes=30))
    assert find(own.another_go(west), TOKEN) == b"ada"
    return [*told, "on sessio's table it does"]


def after_2038(url: str, stack: ExitStack) -> list[str]:
    """D19: TIMESTAMP ends in January 2038."""
    late = datetime(2040, 1, 1, tzinfo=UTC)
    place = scs_table(url, stack)
    told = [
        go_fails(lambda: commit(place.go, TOKEN, b"ada", late), 1292),
        refused(
            lambda: place.ours.save(TOKEN, b"ada", late),
            sessio.Unsupported,
            "TIMESTAMP",
            "DATETIME",
        ),
    ]
    agree(own_table(url, stack), late)
    return [*told, "on its own table both save it"]


def on_update(url: str, stack: ExitStack) -> list[str]:
    """D20: an old default of the server makes every change of a row end its session."""
    place = scs_table(url, stack)
    place.table.run("DROP TABLE sessions")
    place.table.run("SET explicit_defaults_for_timestamp = OFF")
    place.table.run(SCS_TABLE)

    def survives() -> bool:
        commit(place.go, TOKEN, b"ada", in_an_hour())
        place.table.run("UPDATE sessions SET data = 'eve' WHERE token = ?", TOKEN)
        return find(place.go, TOKEN) == b"eve"

    told = [happens("a change by another tool ends the session", not survives())]
    [issue] = [each for each in place.ours.check() if each.code == "on_update"]
    place.table.run(issue.fix)
    assert "on_update" not in [each.code for each in place.ours.check()]
    assert survives()
    return [*told, f"sessio's check: {issue.fix}", "after which it lives on"]


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def main() -> None:
    url, new_york = sys.argv[1:]
    defects = [
        another_case,
        no_such_letters,
        too_large,
        no_such_hour,
        another_zone,
        after_2038,
        on_update,
    ]
    for defect in defects:
        number = (defect.__doc__ or "").split(":")[0]
        with ExitStack() as stack:
            told = defect(new_york if defect is no_such_hour else url, stack)
        print(f"{number}: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
