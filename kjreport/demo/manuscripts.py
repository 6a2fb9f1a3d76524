"""Reads the demo issue's manuscripts and cast from their files."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_FENCE = "+++\n"


@dataclass(frozen=True)
class Manuscript:
    """One article of the demo issue. Days are counted back from seeding; negative ones lie ahead."""

    slug: str
    headline: str
    standfirst: str
    section: str
    topics: list[str]
    authors: list[str]
    access: str
    days_ago: float
    hero: str
    source: str
    related: tuple[str, ...] = ()
    correction: str = ""
    days_after: float = 0.0


def read_manuscripts() -> list[Manuscript]:
    """Return every manuscript, the oldest first."""
    paths = sorted((_FOLDER / "articles").glob("*.html"))
    return sorted((_read(path) for path in paths), key=lambda manuscript: -manuscript.days_ago)


def read_cast() -> dict[str, list[dict[str, Any]]]:
    """Return the demo issue's `sections`, `topics` and `authors`."""
    return tomllib.loads((_FOLDER / "cast.toml").read_text(encoding="utf-8"))


def read_pictures() -> dict[str, dict[str, str]]:
    """Return alt, caption and credit of every picture, by key."""
    listed = tomllib.loads((_FOLDER / "pictures.toml").read_text(encoding="utf-8"))["pictures"]
    return {picture["key"]: picture for picture in listed}


def _read(path: Path) -> Manuscript:
    _, matter, source = path.read_text(encoding="utf-8").split(_FENCE, 2)
    fields = tomllib.loads(matter)
    fields["related"] = tuple(fields.get("related", ()))
    return Manuscript(slug=path.stem, source=source.strip(), **fields)
