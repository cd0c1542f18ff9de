"""What a session that Go has written costs to decode and encode, to what it costs Go itself.

`./dev bench gob [SECONDS]` measures the two in turns, and prints one line a figure. Go's side is
SCS's codec alone; sessio's has its manager and a store in memory besides. Both decode every value,
change one and encode. Ends with 1 if the figure is out of its bound.
"""

import statistics
import subprocess
import sys

from _figures import Figures, run

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
ROUNDS = 5
GO = "target/release/bench_go"
RUST = "target/release/examples/bench_gob"

subprocess.run(["go", "build", "-C", "bench/go", "-o", f"../../{GO}", "."], check=True)
session = subprocess.run([GO, "session"], check=True, capture_output=True, text=True).stdout.strip()
SIDES = {"go": [GO, "run"]} | {mode: [RUST, mode] for mode in ("all", "changed", "one")}
took: dict[str, list[float]] = {side: [] for side in SIDES}
for _ in range(ROUNDS):
    for side, command in SIDES.items():
        got = run(*command, session, SECONDS / ROUNDS / len(SIDES))
        took[side].append(got["ns"])
ns = {side: statistics.median(times) for side, times in took.items()}

figures = Figures()
figures.at_most(
    "gob decode + encode, Rust, to Go",
    ns["all"] / ns["go"],
    1.0,
    f"{ns['all']:.0f} ns to {ns['go']:.0f} ns, {len(session) // 2} bytes",
)
print(f"    with every value changed: {ns['changed']:.0f} ns")
print(f"    without a look at the others: {ns['one']:.0f} ns")
figures.end()
