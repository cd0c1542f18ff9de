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

figures = Figures()
memory = run(PROGRAM, "memory", SECONDS)
detail = f"{memory['ns']:.0f} ns to {memory['by_hand_ns']:.0f} ns, {memory['bytes']} bytes"
figures.at_most("load, change, commit in memory, to by hand", memory["ratio"], 1.3, detail)
python = run(sys.executable, "bench/python/bench.py", "manager-memory", SECONDS)
detail = f"{python['ns']:.0f} ns to {python['by_hand_ns']:.0f} ns, {python['bytes']} bytes"
figures.at_most("the same in Python, to by hand with json", python["ratio"], 1.5, detail)
many = run(PROGRAM, "many", URL, SECONDS)
detail = f"{many['per_second']:.0f}/s to {many['plain_per_second']:.0f}/s"
figures.at_least("64 callers on a server, to find and save", many["ratio"], 0.7, detail)
node = run("node", "bench/node/bench.mjs", "manager-memory", SECONDS)
detail = f"{node['ns']:.0f} ns to {node['by_hand_ns']:.0f} ns, {node['bytes']} bytes"
figures.at_most("the same in Node", node["ratio"], 2.0, detail)
figures.end()
