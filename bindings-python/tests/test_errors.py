"""One class for each kind, and what programs do with exceptions."""

import asyncio
import copy
import json
import pickle
from pathlib import Path

import pytest

import sessio
from sessio import _native

KINDS = json.loads((Path(__file__).parents[2] / "tests" / "error_kinds.json").read_text())


def test_the_classes_are_the_shared_list() -> None:
    classes = sessio.SessioError.__subclasses__()
    ours = [
        {"number": error.number, "name": error.kind, "retryable": error.retryable}
        for error in sorted(classes, key=lambda error: -error.number)
    ]
    assert ours == KINDS


@pytest.mark.parametrize("name", [kind["name"] for kind in KINDS])
def test_an_error_has_the_name_of_its_kind_and_survives_pickling(name: str) -> None:
    error = getattr(sessio, name)("what to do", retryable=True, errno=1205, sqlstate="HY000")
    assert error.kind == name
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert (str(other), other.args) == ("what to do", ("what to do",))
        assert (other.retryable, other.errno, other.sqlstate) == (True, 1205, "HY000")


def test_errors_are_what_python_calls_them_too() -> None:
    assert issubclass(sessio.InvalidArgument, ValueError)
    assert issubclass(sessio.TooLarge, ValueError)
    assert issubclass(sessio.Timeout, TimeoutError)
    assert issubclass(sessio.Unavailable, ConnectionError)
    error = sessio.Unavailable("gone")
    assert (error.errno, error.sqlstate, error.retryable) == (None, None, True)


def test_a_panic_is_an_internal_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(sessio.Internal) as caught:
        _native.panic_on_purpose()
    assert not caught.value.retryable
    assert "on purpose" in capfd.readouterr().err


def test_records_and_keys_are_values() -> None:
    record = sessio.Record(b"data", None, "ada")
    assert record == sessio.Record(bytearray(b"data"), subject="ada") != sessio.Record(b"data")
    assert hash(record) == hash(pickle.loads(pickle.dumps(record)))
    assert copy.deepcopy(record) == record
    with pytest.raises(AttributeError):
        record.data = b"other"  # type: ignore[misc]
    keys = [sessio.Key("b"), sessio.Key("a")]
    assert sorted(keys)[0] == sessio.Key("a") == pickle.loads(pickle.dumps(keys[1]))
    assert len({*keys, sessio.Key("a")}) == 2


def test_an_outcome_is_true_only_if_it_was_written() -> None:
    assert [bool(outcome) for outcome in sessio.Outcome] == [True, False, False]
    assert sessio.Outcome("gone") is sessio.Outcome.GONE


def test_stores_can_be_subclassed() -> None:
    class Mine(sessio.Store):
        def login(self) -> str:
            token = sessio.generate_token()
            self.save(token, b"", None)
            return token

    class Ours(sessio.AsyncStore):
        pass

    with Mine("memory:", cleanup_interval=0) as store:
        assert store.exists(store.login())

    async def main() -> str:
        async with Ours("memory:", cleanup_interval=0) as store:
            return repr(store)

    assert asyncio.run(main()) == "<sessio.Ours memory:>"
