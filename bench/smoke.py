"""The figures that every change must keep, as ratios of two sides measured in one run.

`./dev bench smoke [SECONDS]` builds everything, starts a server, and prints one line a figure.
Ends with 1 if a figure is out of its bound. Read the ratios; the machine makes the rest.
"""

import os
import sys
from statistics import median

from _figures import Figures, run

URL = os.environ["SESSIO_TEST_MYSQL_URL"]
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
ROUNDS = 5


def rust(*arguments: object) -> dict[str, float]:
    return run("target/release/examples/bench", *arguments)


def language(name: str, *arguments: object) -> dict[str, float]:
    return run("./dev", "call", f"{name}_bench", *arguments)


figures = Figures()


def server_side() -> None:
    lone = rust("lone", URL, SECONDS)
    detail = f"{lone['us']} us to {lone['bare_us']} us"
    figures.at_most("lone find to a bare select", lone["ratio"], 1.15, detail)
    for work, bound in ("find64", 4.0), ("save64", 2.5):
        many = rust(work, URL, SECONDS)
        ours, bare = many["ops_per_second"], many["bare_ops_per_second"]
        p99 = f"p99 {many['p99_us']:.0f} us to {many['bare_p99_us']:.0f} us"
        detail = f"{ours:.0f}/s to {bare:.0f}/s, {p99}"
        figures.at_least(f"{work} to the bare pool", many["ratio"], bound, detail)
        if work == "find64":
            lower = many["p99_us"] / many["bare_p99_us"]
            figures.at_most("find64 p99 to the bare pool", lower, 1.0)


def languages() -> None:
    bounds = {"c": 0.9, "python": 0.4, "node": 0.5}
    for work in "find64", "save64":
        # Long enough that the server's flushing of what was prepared does not fall on one of them.
        seconds = SECONDS / 3
        rates: dict[str, list[float]] = {"rust": [], **{name: [] for name in bounds}}
        for _ in range(ROUNDS):
            rates["rust"].append(rust("alone", work, URL, seconds)["ops_per_second"])
            for name in bounds:
                measured = language(name, work, URL, seconds)
                rates[name].append(measured["ops_per_second"])
        core = median(rates["rust"])
        for name, bound in bounds.items():
            rate = median(rates[name])
            detail = f"{rate:.0f}/s to {core:.0f}/s"
            figures.at_least(f"{work} through {name} to the Rust core", rate / core, bound, detail)


def in_memory() -> None:
    for sessions, bound in (1_000_000, 1.3), (10_000, 1.6):
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(rust("memory", sessions, SECONDS / 2)["bare_ns"])
            ours.append(language("c", "memory", sessions, SECONDS / ROUNDS)["ns"])
        ratio = median(ours) / median(bare)
        detail = f"{median(ours):.0f} ns to {median(bare):.0f} ns"
        figures.at_most(f"find in memory from C, {sessions:,}", ratio, bound, detail)
    for name, bound in ("python", 0.8), ("node", 1.0):
        measured = language(name, "memory", 10_000, SECONDS)
        detail = f"{measured['ns']:.0f} ns to {measured['baseline_ns']:.0f} ns"
        title = f"find in memory from {name} to a hash"
        figures.at_most(title, measured["ratio"], bound, detail)
    overhead = rust("overhead", 1_000_000)["bytes_beside_data"]
    figures.at_most("bytes a session in memory beside its data", overhead, 160)


server_side()
languages()
in_memory()
figures.end()
