"""What Python's share costs: one workload, one line of JSON.

python bench.py find64|save64 URL SECONDS     AsyncStore, 64 calls in flight
python bench.py memory SESSIONS SECONDS       Store on memory:, against hashlib's SHA-256
python bench.py manager-memory SECONDS        a session changed on memory:, against doing it by hand
"""

import asyncio
import hashlib
import itertools
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import sessio

SESSIONS = 10_000
CALLERS = 64
ROUNDS = 5
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def percentile(values: list[int], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def in_flight(
    call: Callable[[str], Awaitable[None]], tokens: list[str], seconds: float
) -> dict[str, float]:
    """Keeps CALLERS calls in flight, each for a random token."""
    taken: list[int] = []
    end = time.perf_counter_ns() + int(seconds * 1e9)

    async def caller() -> None:
        order = itertools.cycle(random.sample(tokens, len(tokens)))
        started = time.perf_counter_ns()
        while started < end:
            await call(next(order))
            now = time.perf_counter_ns()
            taken.append(now - started)
            started = now

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    elapsed = time.perf_counter() - started
    return {"ops_per_second": len(taken) / elapsed, "p99_us": percentile(taken, 0.99) / 1000}


async def on_mysql(workload: str, url: str, seconds: float) -> dict[str, float]:
    async with sessio.AsyncStore(url) as store:
        await store.migrate()
        # Those of the other languages: all work on the same rows.
        tokens = [f"{number:043d}" for number in range(SESSIONS)]
        data = os.urandom(300)
        for start in range(0, SESSIONS, 1000):
            await store.save_many((token, data, HOUR) for token in tokens[start : start + 1000])

        async def find(token: str) -> None:
            record = await store.find(token)
            if record is None or len(record.data) != len(data):
                raise AssertionError("a session is missing")

        async def save(token: str) -> None:
            await store.save(token, data, HOUR)

        call = {"find64": find, "save64": save}[workload]
        return await in_flight(call, tokens, seconds)


def in_memory(sessions: int, seconds: float) -> dict[str, float]:
    """Nanoseconds a call, as medians of rounds in which both sides take turns."""
    tokens = [sessio.generate_token() for _ in range(sessions)]
    with sessio.Store("memory:", cleanup_interval=0) as store:
        store.save_many((token, os.urandom(300), HOUR) for token in tokens[:10_000])
        for token in tokens[10_000:]:
            store.save(token, os.urandom(300), HOUR)
        random.shuffle(tokens)

        def ours() -> None:
            find = store.find
            for token in tokens:
                find(token)

        def ours_with_data() -> None:
            find = store.find
            for token in tokens:
                _ = find(token).data  # type: ignore[union-attr]

        def baseline() -> None:
            sha256 = hashlib.sha256
            for token in tokens:
                sha256(token.encode()).digest()

        sides = {"ns": ours, "with_data_ns": ours_with_data, "baseline_ns": baseline}
        rounds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                rounds[name].append(timed(side, seconds / ROUNDS / len(sides)) / sessions)
        result = {name: statistics.median(times) for name, times in rounds.items()}
        return result | {"ratio": result["ns"] / result["baseline_ns"]}


def shop() -> dict[str, Any]:
    """About 1 KB, as shops keep it: the document of every language's bench."""
    items = [{"sku": f"item-{number:05}", "count": number, "price": 9.75} for number in range(12)]
    return {
        "user": 4711,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "admin": False,
        "csrf": "x" * 43,
        "locale": "en-GB",
        "seen": 1_704_067_200,
        "cart": items,
        "history": [f"/shop/page/{page}" for page in range(14)],
    }


def managed(seconds: float) -> dict[str, float]:
    """Nanoseconds for a session that is loaded, read, changed and stored, by us and by hand."""
    stored = {"deadline": 4_102_444_800_000_000, "values": shop()}
    document = json.dumps(stored, separators=(",", ":")).encode()
    tokens = [f"{number:043d}" for number in range(SESSIONS)]
    with sessio.Store("memory:", cleanup_interval=0) as store:
        manager = sessio.SessionManager(store)
        for token in tokens:
            store.save(token, document, DAY)
        random.shuffle(tokens)

        def by_manager() -> None:
            for token in tokens:
                session = manager.load(token)
                session["seen"] = session["seen"] + 1  # type: ignore[operator]
                manager.commit(session)

        def by_hand() -> None:
            for token in tokens:
                session = json.loads(store.find(token).data)  # type: ignore[union-attr]
                session["values"]["seen"] += 1
                store.save(token, json.dumps(session).encode(), DAY)

        sides = {"ns": by_manager, "by_hand_ns": by_hand}
        rounds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                rounds[name].append(timed(side, seconds / ROUNDS / len(sides)) / SESSIONS)
    result = {name: statistics.median(times) for name, times in rounds.items()}
    ratio = result["ns"] / result["by_hand_ns"]
    return result | {"ratio": ratio, "bytes": len(document)}


def timed(work: Callable[[], None], seconds: float) -> float:
    """Nanoseconds for one run of the work, repeated for that long."""
    started = time.perf_counter_ns()
    for repeats in itertools.count(1):
        work()
        elapsed = time.perf_counter_ns() - started
        if elapsed >= seconds * 1e9:
            return elapsed / repeats
    raise AssertionError("counting does not end")


def main() -> None:
    match sys.argv[1:]:
        case ["memory", sessions, seconds]:
            result = in_memory(int(sessions), float(seconds))
        case ["manager-memory", seconds]:
            result = managed(float(seconds))
        case [workload, url, seconds]:
            result = asyncio.run(on_mysql(workload, url, float(seconds)))
        case _:
            sys.exit(__doc__)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
