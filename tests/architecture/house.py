"""What the architecture tests read: the house's own modules, templates and texts."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
PACKAGES = ("kjreport", "articles", "subscriptions", "donations")
SHED = HOUSE / "kjreport/standin"


def modules(*, with_shed: bool = False, with_migrations: bool = False) -> Iterator[Path]:
    """Give the modules of the house."""
    for package in PACKAGES:
        for path in sorted((HOUSE / package).rglob("*.py")):
            if not with_shed and path.is_relative_to(SHED):
                continue
            if not with_migrations and "migrations" in path.parts:
                continue
            yield path


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """Return a path as it is written in the plan."""
    return path.relative_to(HOUSE).as_posix()
