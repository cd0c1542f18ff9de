"""Each value of tests/documents.json is stored as exactly these bytes and read as what it was."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from round_trip import DOCUMENTS, read, values, write
from tagged import native, same

import sessio

START = datetime(2024, 1, 1, tzinfo=UTC)
LIST = json.loads(DOCUMENTS.read_text(encoding="utf-8"))
TYPES: dict[str, Any] = {
    "null": type(None),
    "bool": bool,
    "integer": int,
    "float": float,
    "text": str,
    "bytes": bytes,
    "time": datetime,
    "list": list,
    "map": dict,
}


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize("document", LIST, ids=[document["name"] for document in LIST])
def test_a_value(document: dict[str, str], codec: Literal["json", "msgpack"]) -> None:
    value: Any = native(json.loads(document["json"])["values"]["v"])
    assert TYPES[document["kind"]] is type(value)
    spelled = {"json": document["json"].encode(), "msgpack": bytes.fromhex(document["msgpack"])}
    clock = sessio.ManualClock(START)
    with sessio.Store("memory:", cleanup_interval=0, clock=clock) as store:
        manager = sessio.SessionManager(store, codec=codec)
        session = manager.load()
        session["v"] = value
        assert same(session["v"], value)
        token = manager.commit(session).token
        record = store.find(token or "")
        assert record is not None
        assert record.data == spelled[codec]

        store.save("by hand", spelled[codec], timedelta(hours=24))
        found = manager.load("by hand")
        assert same(dict(found), {"v": value})
        if document["kind"] != "null":
            assert same(found.get_as("v", TYPES[document["kind"]]), value)
        assert found.deadline() == START + timedelta(hours=24)


def test_all_of_them_in_one_session(url: str) -> None:
    assert len(values()) == len(LIST)
    assert read(url, write(url), "python") == []
    assert len(read(url, "no such token", "python")) == len(LIST)
