"""A forked child works whatever its parent was doing, and does not disturb the parent."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator

import pytest
from conftest import Network, in_child, run_program

import sessio

# Since 3.12 Python warns of forks while threads run, which these tests do on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


@pytest.fixture
def store(url: str) -> Iterator[sessio.Store]:
    with sessio.Store(url) as store:
        yield store


def works(store: sessio.Store) -> bool:
    token = sessio.generate_token()
    store.save(token, b"mine", None)
    record = store.find(token)
    return record is not None and record.data == b"mine"


def test_fork_before_the_first_use(store: sessio.Store) -> None:
    assert all(in_child(lambda: works(store)) for _ in range(4))
    assert works(store)


def test_fork_after_use_leaves_the_parents_connections_up(store: sessio.Store) -> None:
    # Often enough that every connection it will ever have is open.
    assert all(works(store) for _ in range(100))
    before = store.stats()
    for _ in range(4):
        assert in_child(lambda: works(store))
    # Closing there does not close the parent's connection, before a first use or after.
    in_child(store.close)

    def use_and_close() -> None:
        with store:
            assert works(store)

    in_child(use_and_close)
    assert all(works(store) for _ in range(100))
    after = store.stats()
    assert after["connections"] == before["connections"]
    assert after["retries"] == 0


def test_a_grandchild_works(store: sessio.Store) -> None:
    def child() -> bool:
        return works(store) and in_child(lambda: works(store)) and works(store)

    assert works(store)
    assert in_child(child)
    assert works(store)


def test_fork_with_an_operation_in_flight(url: str, network: Network) -> None:
    with sessio.Store(network.url, connections=1) as store:
        store.save("token", b"parent", None)
        release = network.hold()
        answers: list[sessio.Record | None] = []
        waiting = threading.Thread(target=lambda: answers.append(store.find("token")))
        waiting.start()
        while store.stats()["statements"] == 0:
            pass
        assert in_child(lambda: works(store))
        assert in_child(lambda: in_child(lambda: works(store)))
        release()
        waiting.join()
        assert [record and record.data for record in answers] == [b"parent"]
        assert store.stats()["connections"] <= 2


def test_fork_from_a_thread(store: sessio.Store) -> None:
    assert works(store)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(in_child(lambda: works(store))))
    thread.start()
    thread.join()
    assert answers == [True]


def test_no_token_repeats() -> None:
    def tokens() -> list[str]:
        return [sessio.generate_token() for _ in range(1000)]

    first = tokens()
    made = [first, *(in_child(tokens) for _ in range(4)), in_child(lambda: in_child(tokens))]
    made.append(tokens())
    assert len({token for some in made for token in some}) == 7000


def test_a_store_in_memory_starts_empty_in_the_child() -> None:
    with sessio.Store("memory:") as store:
        store.save("token", b"parent", None)
        assert in_child(lambda: (store.count(), works(store), store.count())) == (0, True, 1)
        assert store.count() == 1


def test_an_event_loop_in_the_child_of_one_with_calls_in_flight(network: Network) -> None:
    async def main() -> None:
        async with sessio.AsyncStore(network.url, connections=1) as store:
            await store.save("token", b"parent", None)
            release = network.hold()
            waiting = asyncio.create_task(store.find("token"))
            await asyncio.sleep(0.05)

            async def child() -> bytes:
                await store.save("child", b"child", None)
                records = await asyncio.gather(*(store.find("child") for _ in range(100)))
                return b"".join({record.data for record in records if record})

            assert not waiting.done()
            assert in_child(lambda: asyncio.run(child())) == b"child"
            release()
            record = await waiting
            assert record is not None
            assert record.data == b"parent"
            assert in_child(lambda: asyncio.run(child())) == b"child"
            assert await store.exists("child")

    asyncio.run(main())


def test_a_loop_that_goes_on_in_the_child_learns_that_its_calls_are_the_parents(
    network: Network,
) -> None:
    """The child of a coroutine: what it awaits from before the fork will never come."""
    reading, writing = os.pipe()

    async def main() -> None:
        store = sessio.AsyncStore(network.url, connections=1)
        await store.save("token", b"parent", None)
        release = network.hold()
        waiting = asyncio.create_task(store.find("token"))
        await asyncio.sleep(0.05)
        if os.fork() == 0:
            # asyncio itself does not know a running loop here, so no asyncio.timeout.
            signal.alarm(10)
            try:
                await waiting
            except BaseException as error:
                os.write(writing, type(error).__name__.encode())
            finally:
                os._exit(0)
        assert os.read(reading, 100) == b"Forked"
        release()
        record = await waiting
        assert record is not None
        # The child's wake-ups were its own: the parent still gets all of its answers.
        await asyncio.gather(*(store.find("token") for _ in range(100)))
        await asyncio.to_thread(os.wait)
        await store.close()

    asyncio.run(main())


def test_children_that_end_like_programs_end_well(url: str) -> None:
    program = """
import os, sys, sessio
store = sessio.Store(sys.argv[1])
store.save("token", b"", None)
child = os.fork()
store.save("token", b"", None)
if child:
    _, status = os.waitpid(child, 0)
    store.close()
    print(status, store.stats()["retries"])
"""
    # In the child the program just ends, with the store open.
    source = "import warnings; warnings.simplefilter('ignore', DeprecationWarning)" + program
    assert run_program(source, url) == "0 0\n"
