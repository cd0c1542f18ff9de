"""What Python's share costs: one workload, one line of JSON.

python bench.py find64|save64 URL SECONDS     AsyncStore, 64 calls in flight
python bench.py memory SESSIONS SECONDS       Store on memory:, against hashlib's SHA-256
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

import sessio

SESSIONS = 10_000
CALLERS = 64
ROUNDS = 5
HOUR = timedelta(hours=1)


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
    [_, workload, target, seconds] = sys.argv
    if workload == "memory":
        result = in_memory(int(target), float(seconds))
    else:
        result = asyncio.run(on_mysql(workload, target, float(seconds)))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
