"""No circles between the files of a crate: what ./dev check keeps of docs/architecture.md.

    python3 tools/circles.py

A file uses another one where its code, tests aside, has a path into that module. Files that use
each other in a circle cannot be read or changed one by one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The sessions of bindings-python still have a circle, around their managers.
CRATES = ("core/src", "bindings-node/src", "ffi-c/src")

Module = tuple[str, ...]
# `child` stands for the name of a module within this one.
PATH = re.compile(r"(?<![\w:])(crate|super|self|[a-z_]\w*)((?:::[a-z_]\w*)*)(::\{([^}]*)\}|::\w)?")
TESTS = re.compile(r"\n#\[cfg\(test\)\]\nmod tests \{")


def main() -> int:
    found = 0
    for crate in CRATES:
        for circle in circles(uses(ROOT / crate)):
            found += 1
            print(f"{crate}: a circle between {', '.join('::'.join(module) for module in circle)}")
    return 1 if found else 0


def uses(root: Path) -> dict[Module, set[Module]]:
    """For each module the modules that it uses."""
    files = {module_of(path.relative_to(root)): path for path in root.rglob("*.rs")}
    ours = {module: path for module, path in files.items() if not is_test(module)}
    return {module: set(used(module, path, ours)) for module, path in ours.items()}


def module_of(path: Path) -> Module:
    parts = path.with_suffix("").parts
    return () if parts == ("lib",) else parts[:-1] if parts[-1] == "mod" else parts


def is_test(module: Module) -> bool:
    return bool({"tests", "model"} & set(module))


def used(module: Module, path: Path, files: dict[Module, Path]) -> Iterator[Module]:
    code = TESTS.split(path.read_text(encoding="utf-8"))[0]
    for line in code.splitlines():
        # What is passed on to others is not used here.
        if line.strip().startswith("//") or re.match(r"\s*pub(\(\w+\))? use", line):
            continue
        for start, middle, last, group in PATH.findall(line):
            if not (middle or last):
                continue
            names = [part for part in middle.split("::") if part]
            ends = [name.strip().split(" as ")[0] for name in group.split(",")] or [""]
            for end in ends:
                target = resolve(module, start, [*names, *end.split("::")], files)
                if target not in (None, module, ()):
                    yield target or ()


def resolve(
    module: Module, start: str, names: list[str], files: dict[Module, Path]
) -> Module | None:
    names = [name for name in names if name]
    if start not in ("crate", "super", "self"):
        if (*module, start) not in files:
            return None
        names.insert(0, start)
    base = () if start == "crate" else module[:-1] if start == "super" else module
    while names and names[0] == "super":
        base, names = base[:-1], names[1:]
    for length in range(len(names), -1, -1):
        target = (*base, *names[:length])
        if target in files:
            return target
    return None


def circles(graph: dict[Module, set[Module]]) -> Iterator[list[Module]]:
    """Modules that reach each other, by what each one reaches."""
    reached = {module: reach(module, graph) for module in graph}
    seen: set[Module] = set()
    for module in sorted(graph):
        circle = [other for other in reached[module] if module in reached[other]]
        if module not in seen and len(circle) > 1:
            seen.update(circle)
            yield sorted(circle)


def reach(module: Module, graph: dict[Module, set[Module]]) -> set[Module]:
    reached, ahead = {module}, [module]
    while ahead:
        for other in graph[ahead.pop()] - reached:
            reached.add(other)
            ahead.append(other)
    return reached


if __name__ == "__main__":
    sys.exit(main())
