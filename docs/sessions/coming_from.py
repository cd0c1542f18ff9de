"""Writes the table "coming from SCS and beego" into each language's page, from coming_from.csv.

coming_from.py writes; coming_from.py --check fails if a page is out of date. Both fail for a call
that the language does not have.
"""

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

BEGIN, END = "<!-- coming from: begin -->", "<!-- coming from: end -->"
HEAD = """
## Coming from SCS or beego

What a call of these Go systems is here. SCS v1's "fork" is the one whose sessions need no HTTP.
Where the Go program goes on running, on the same table: [next to a Go service](../go.md).

"""

# Where a language's calls are declared.
DECLARED = {
    "rust": "core/src/**/*.rs",
    "c": "include/sessio/*.h",
    "python": "bindings-python/python/sessio/*.py*",
    "node": "bindings-node/*.d.ts",
}
# Python's mapping methods are those of its standard library.
INHERITED = {"python": {"pop", "keys", "clear"}}


def cell(text: str) -> str:
    """Calls and names as code, what is said about them as text."""
    if not text:
        return "–"
    call = r"[\w.:&*]+(?:::<T>)?(?:\[\w+\](?: = \w+)?|\([^()]*(?:\([^()]*\)[^()]*)*\))"
    name = r"\b(?:\w+=\w*|\w+::\w+|\w+_\w+|[A-Z]\w+\.\w+|[A-Z]?[a-z]+[A-Z]\w*)"
    alone = r"(?<![^,] )(?<![^ ])\.?[\w.]+(?=,|$)"
    code = rf"(?:await |new )?{call}|{name}|{alone}"
    return re.sub(code, lambda match: f"`{match[0]}`", text).replace("|", "\\|")


def table(rows: list[dict[str, str]], language: str) -> str:
    lines = ["| SCS v2 | SCS v1 | beego | here | what differs |", "|---|---|---|---|---|"]
    for row in rows:
        cells = [cell(row[column]) for column in ("scs_v2", "scs_v1", "beego", language)]
        lines.append(f"| {' | '.join(cells)} | {row['difference']} |")
    return HEAD + "\n".join(lines) + "\n\n"


def missing(rows: list[dict[str, str]], language: str) -> set[str]:
    """The calls that the language does not declare."""
    files = sorted(ROOT.glob(DECLARED[language]))
    declared = set(re.findall(r"\w+", "\n".join(file.read_text() for file in files)))
    named = {name for row in rows for name in re.findall(r"(\w+)(?:::<T>)?\(", row[language])}
    return named - declared - INHERITED.get(language, set())


def main() -> None:
    with (HERE / "coming_from.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if cut := [row["scs_v2"] for row in rows if None in row]:
        sys.exit(f"coming_from.csv has a comma too many, which wants quotes: {cut}")
    for language in DECLARED:
        if gone := missing(rows, language):
            sys.exit(f"coming_from.csv names what {language} does not have: {sorted(gone)}")
        page = HERE / f"{language}.md"
        before, _, rest = page.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        text = before + BEGIN + "\n" + table(rows, language) + END + after
        if sys.argv[1:] == ["--check"]:
            if page.read_text() != text:
                sys.exit(f"{page.name} is out of date; run ./dev fmt")
        else:
            page.write_text(text)


if __name__ == "__main__":
    main()
