"""One name for a concept, and a name means one thing: what ./dev check keeps of the glossary.

    python3 tools/vocabulary.py

Fails where a private type name is defined twice in the sources of the four crates, and where a
retired word stands in a file of the project. tools/vocabulary.toml has the lists.
"""

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LISTS = "tools/vocabulary.toml"
# Made by programs, or lists of others' names.
NOT_OURS = re.compile(
    r"(^|/)(Cargo\.lock|package-lock\.json|go\.sum|LICENSE)$|^" + re.escape(LISTS)
)

# What is no code: comments, text, characters (but not lifetimes).
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|\bb?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?\'(?:\\[^\n]{1,10}?|[^\'\\])\'',
    re.DOTALL,
)
TOKEN = re.compile(r"#\[cfg\(test\)\]|\$?\w+|[{};()\[\]<>=#,]")
DEFINES = {"struct", "enum", "union", "trait", "type"}
# What can come before an item.
ITEM_AFTER = {"{", "}", ";", "]", ")", "pub", "unsafe"}


def main() -> int:
    lists = tomllib.loads((ROOT / LISTS).read_text(encoding="utf-8"))
    texts = dict(files())
    troubles = [*types(texts, lists), *words(texts, lists)]
    for trouble in troubles:
        print(trouble)
    if troubles:
        print(f"{len(troubles)} places; {LISTS} says what is meant instead")
    return 1 if troubles else 0


def files() -> Iterator[tuple[str, str]]:
    """The files of the project that are text, by their paths."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in sorted(set(listing.decode().split("\0"))):
        path = ROOT / name
        if name and path.is_file() and not path.is_symlink() and not NOT_OURS.search(name):
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def types(texts: dict[str, str], lists: dict[str, Any]) -> Iterator[str]:
    """Names of types that are defined twice, or not to be used."""
    sources = tuple(f"{folder}/" for folder in lists["sources"])
    found = {
        name: list(definitions(text))
        for name, text in texts.items()
        if name.endswith(".rs") and name.startswith(sources)
    }
    # `#[cfg(test)] mod name;`: a file, or a folder, that is only there for tests.
    tests = tuple(
        f"{module_folder(name)}/{what.removeprefix('mod ')}{end}"
        for name, all_of_it in found.items()
        for what, _ in all_of_it
        if what.startswith("mod ")
        for end in (".rs", "/")
    )
    places = defaultdict(list)
    for name, all_of_it in found.items():
        for what, line in all_of_it:
            if not what.startswith("mod ") and not name.startswith(tests):
                places[what].append(f"{name}:{line}")
    for what, where in sorted(places.items()):
        if len(where) > 1 and what not in lists["mirrors"]:
            yield f"{where[0]}: the type {what} is also defined in {', '.join(where[1:])}"
        if what in lists["retired_types"]:
            yield f"{where[0]}: the type name {what} is retired: {lists['retired_types'][what]}"


def module_folder(file: str) -> str:
    """Where the modules lie that a file declares."""
    path = Path(file)
    own = path.stem in ("lib", "main", "mod")
    return str(path.parent if own else path.with_suffix(""))


def definitions(text: str) -> Iterator[tuple[str, int]]:
    """The types that a file defines, with their lines; and as `mod name` its modules of tests."""
    code = NO_CODE.sub(lambda found: "\n" * found[0].count("\n") or " ", text)
    tokens = [(found[0], found.start()) for found in TOKEN.finditer(code)]
    # For each open brace: whether `type` in it is an associated type, and whether it is a test.
    blocks = [(False, False)]
    associated = in_test = False
    for index, (token, start) in enumerate(tokens):
        before = tokens[index - 1][0] if index else ";"
        after = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        if token == "#[cfg(test)]":
            in_test = True
        elif token == "{":
            blocks.append((associated, in_test or blocks[-1][1]))
            associated = in_test = False
        elif token == "}":
            blocks.pop()
        elif token == ";":
            associated = in_test = False
        elif token in ("impl", "trait") and before in ITEM_AFTER:
            associated = True
        elif token == "mod" and in_test and after.isidentifier():
            yield f"mod {after}", 0
        if token in DEFINES and after.isidentifier() and before in ITEM_AFTER:
            of_a_trait, tested = blocks[-1]
            if not (tested or in_test or (token == "type" and of_a_trait)):
                yield after, code.count("\n", 0, start) + 1


def words(texts: dict[str, str], lists: dict[str, Any]) -> Iterator[str]:
    """The lines that have a retired word, in prose or in an identifier."""
    retired = lists["retired"]
    spelled = "|".join(re.escape(word) for word in sorted(retired, key=len, reverse=True))
    anyhow = re.compile(rf"({spelled})(s|ed|ing)?", re.IGNORECASE)
    names = {re.compile(name): instead for name, instead in lists["retired_names"].items()}
    for file, text in texts.items():
        meant = [each["text"] for each in lists["meant"] if each["file"] == file]
        hits = [found for found in anyhow.finditer(text) if is_word(text, found)]
        finds = [(found.start(), found[0], retired[found[1].lower()]) for found in hits]
        for name, instead in names.items():
            finds += [(found.start(), found[0], instead) for found in name.finditer(text)]
        for start, word, instead in sorted(finds):
            line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", start)]
            if not any(part in line for part in meant):
                yield f"{file}:{text.count(chr(10), 0, start) + 1}: `{word}`: {instead}"


def is_word(text: str, found: re.Match[str]) -> bool:
    """Whether it stands for itself: a word, or one of those that an identifier is made of."""
    start, end = found.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    starts = not before.isalpha() or (before.islower() and text[start].isupper())
    ends = not after.isalpha() or (text[end - 1].islower() and after.isupper())
    return starts and ends


if __name__ == "__main__":
    sys.exit(main())
