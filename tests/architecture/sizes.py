"""Prints the largest files and functions of the house: sizes are taste, not law, and worth a look."""

import ast
from collections.abc import Iterator

from tests.architecture.house import modules, name_of, tree_of

LONG_FILE = 300
LONG_FUNCTION = 25


def long_files() -> Iterator[tuple[int, str]]:
    """Give files over the measure, with their lines."""
    for path in modules(with_shed=True):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONG_FILE:
            yield lines, name_of(path)


def long_functions() -> Iterator[tuple[int, str]]:
    """Give functions over the measure; their docstrings do not count."""
    for path in modules(with_shed=True):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                if lines > LONG_FUNCTION:
                    yield lines, f"{name_of(path)}:{node.lineno} {node.name}"


def main() -> None:
    """Print both lists, the largest first."""
    for title, sizes in (("files", long_files()), ("functions", long_functions())):
        found = sorted(sizes, reverse=True)
        print(f"{len(found)} {title} over the measure")  # noqa: T201 - a report
        for lines, name in found[:15]:
            print(f"  {lines:4}  {name}")  # noqa: T201 - a report


if __name__ == "__main__":
    main()
