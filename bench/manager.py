"""What sessions cost beside the same work by hand, as ratios of two sides measured in one run.

`./dev bench manager [SECONDS]` builds everything, starts a server, and prints one line a figure.
Ends with 1 if a figure is out of its bound.
"""

import os
import sys

from _figures import Figures, run

URL = os.environ["SESSIO_TEST_MYSQL_URL"]
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
PROGRAM = "target/release/examples/bench_manager"

IN_MEMORY = (
    ("Rust", 1.3, [PROGRAM, "memory"]),
    ("Python", 1.5, [sys.executable, "bench/python/bench.py", "manager-memory"]),
    ("Node", 2.0, ["node", "bench/node/bench.mjs", "manager-memory"]),
)

figures = Figures()
for language, bound, command in IN_MEMORY:
    got = run(*command, SECONDS)
    detail = f"{got['ns']:.0f} ns to {got['by_hand_ns']:.0f} ns, {got['bytes']:.0f} bytes"
    figures.at_most(f"load, change, commit in {language}, to by hand", got["ratio"], bound, detail)
    if "lazy_ns" in got:
        detail = f"{got['lazy_ns']:.0f} ns to {got['by_hand_ns']:.0f} ns"
        figures.at_most(f"the same lazily in {language}", got["lazy_ratio"], bound, detail)
got = run(PROGRAM, "many", URL, SECONDS)
detail = f"{got['per_second']:.0f}/s to {got['plain_per_second']:.0f}/s"
figures.at_least("64 callers on a server, to find and save", got["ratio"], 0.7, detail)
figures.end()
