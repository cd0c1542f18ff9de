"""Extracts the examples of docs/sessions/python.md as programs, for a type checker.

page_types.py FOLDER: writes one file for each example, after the declarations that all of them use.
"""

import re
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "sessions" / "python.md"
AROUND = """
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sessio

store: sessio.Store
manager: sessio.SessionManager
session: sessio.Session
token: str

"""


def main() -> None:
    [_, folder] = sys.argv
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    for number, example in enumerate(examples):
        (Path(folder) / f"example_{number}.py").write_text(AROUND + example)


if __name__ == "__main__":
    main()
