"""Copies the docstrings of the native module into its stub, for editors.

stub_docstrings.py writes the stub; stub_docstrings.py --check fails if it is out of date. The
docstrings are those that `help` shows: the doc comments in `src` and those in `_methods.py`. Those
that `cargo xtask gen` makes are the same already, so `--check` compares them with the module's.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from sessio import _native

STUB = Path(__file__).parent / "python" / "sessio" / "_native.pyi"
WIDTH = 100
# Not documented: classes that programs never use directly.
INTERNAL = {"AsyncCalls", "AsyncManagerCalls", "Transaction"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def documented(stub: ast.Module) -> Iterator[tuple[ast.ClassDef | Function, str]]:
    """The classes, methods and functions of the stub with their docstrings."""
    for node in stub.body:
        if isinstance(node, ast.ClassDef) and node.name not in INTERNAL:
            owner = getattr(_native, node.name)
            yield node, inspect.cleandoc(owner.__doc__ or "")
            for member in node.body:
                # Special methods need no documentation.
                if isinstance(member, Function) and not member.name.startswith("_"):
                    yield member, inspect.cleandoc(getattr(owner, member.name).__doc__ or "")
        elif isinstance(node, Function) and node.name == "generate_token":
            yield node, inspect.cleandoc(getattr(_native, node.name).__doc__ or "")


def docstring(text: str, indent: int) -> list[str]:
    space = " " * indent
    wrapped = [paragraph(part, WIDTH - indent - 6) for part in text.split("\n\n")]
    lines = [line for part in wrapped for line in ["", *part]][1:]
    lines[0] = '"""' + lines[0]
    if len(lines) == 1:
        lines[0] += '"""'
    else:
        lines.append('"""')
    return [space + line if line else "" for line in lines]


def paragraph(text: str, width: int) -> list[str]:
    """The lines of a paragraph, or of a list, in which each item begins with `- `."""
    hanging = "  " if text.startswith("- ") else ""
    return [
        line
        for item in re.split(r"\n(?=- )", text)
        for line in textwrap.wrap(
            " ".join(item.split()), width, subsequent_indent=hanging, break_on_hyphens=False
        )
    ]


def has_docstring(node: ast.ClassDef | Function) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def written(source: str) -> str:
    """The stub with docstrings. Edited from the end, so that earlier line numbers stay valid."""
    lines = source.splitlines()
    nodes = list(documented(ast.parse(source)))
    for node, text in sorted(nodes, key=lambda pair: pair[0].lineno, reverse=True):
        if not text:
            continue
        first = node.body[0]
        start, end = first.lineno - 1, (first.end_lineno or first.lineno)
        space = " " * (node.col_offset + 4)
        if has_docstring(node):
            lines[start:end] = docstring(text, len(space))
        elif isinstance(node, ast.ClassDef):
            if isinstance(first, Function) and first.decorator_list:
                start = first.decorator_list[0].lineno - 1
            lines[start:start] = [*docstring(text, len(space)), ""]
        else:
            head, comment = lines[start][: first.col_offset], lines[start][first.col_offset + 3 :]
            lines[start : start + 1] = [head.rstrip() + comment, *docstring(text, len(space))]
    return "\n".join(lines) + "\n"


def main() -> None:
    before = STUB.read_text()
    after = written(before)
    if sys.argv[1:] == ["--check"]:
        if before != after:
            sys.exit(f"{STUB.name} is out of date; run ./dev fmt")
    else:
        STUB.write_text(after)


if __name__ == "__main__":
    main()
