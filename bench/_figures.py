"""One line a figure, and whether all of them are within their bounds."""

import json
import subprocess
import sys


def run(*command: object) -> dict[str, float]:
    """What a bench program printed last."""
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


class Figures:
    def __init__(self) -> None:
        self.failed = False

    def at_most(self, name: str, ratio: float, bound: float, detail: str = "") -> None:
        self._print(name, ratio, "<=", bound, ratio <= bound, detail)

    def at_least(self, name: str, ratio: float, bound: float, detail: str = "") -> None:
        self._print(name, ratio, ">=", bound, ratio >= bound, detail)

    def _print(
        self, name: str, ratio: float, sign: str, bound: float, kept: bool, detail: str
    ) -> None:
        self.failed |= not kept
        mark = "ok " if kept else "OUT"
        print(f"{mark} {name:<44} {ratio:6.2f} {sign} {bound:<5} {detail}", flush=True)

    def end(self) -> None:
        sys.exit(1 if self.failed else 0)
