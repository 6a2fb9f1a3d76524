"""Reads an article's form as it was typed into a plain copy, and fills a form in from one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from articles import prose
from articles.comparison import VALUES, Copy
from articles.models import Article, Photo, Section, Topic

Typed = dict[str, list[str]]  # each field's name and its values, as a browser sends them

ROWS = {"bylines": "author", "chosen_related": "related"}  # lists in order: the form's prefix, and what a row names
_MOST_ROWS = 100
_WORK = {*VALUES, *ROWS, "source", "topics"}


def read_typed(posted: QueryDict) -> Typed:
    """Return the fields of a posted form that hold somebody's work; neither buttons nor what the page put in."""
    return {
        name: [str(value) for value in values] for name, values in posted.lists() if name.partition("-")[0] in _WORK
    }


def copy_from(typed: Mapping[str, list[str]]) -> Copy:
    """Return what was typed as a copy; fields that were not sent are missing."""
    values = {name: " ".join(typed[name][-1].split()) for name in VALUES if typed.get(name)}
    for name in ("embargo_until", "expires_at"):
        if name in values:
            values[name] = values[name].replace(" ", "T")[:16]
    lists = {prefix: tuple(_read_rows(typed, prefix)) for prefix in ROWS if f"{prefix}-TOTAL_FORMS" in typed}
    if "headline" in typed:  # a choice of several sends nothing where nothing is chosen
        lists["topics"] = tuple(map(str, sorted({int(one) for one in typed.get("topics", []) if one.isdecimal()})))
    return Copy(prose.sanitise(_last(typed, "source")), values, lists)


def typed_from(copy: Copy) -> Typed:
    """Return a copy as a form that would be sent for it."""
    typed = {name: [value] for name, value in copy.values.items()} | {"source": [copy.source]}
    typed["topics"] = list(copy.lists.get("topics", ()))
    for prefix in ROWS:
        if prefix in copy.lists:
            typed |= settle_rows(prefix, copy.lists[prefix], None)
    return typed


def initial_from(copy: Copy) -> dict[str, Any]:
    """Return what an unbound form begins with; whatever has gone meanwhile is left out."""
    initial: dict[str, Any] = {**copy.values, "source": copy.source}
    topics = [int(pk) for pk in copy.lists.get("topics", ())]
    initial["topics"] = list(Topic.objects.filter(pk__in=topics).values_list("pk", flat=True))
    for name, model in (("section", Section), ("hero", Photo)):
        pk = copy.values.get(name, "")
        initial[name] = pk if pk.isdecimal() and model._default_manager.filter(pk=pk).exists() else None  # noqa: SLF001 - Django's public name for the manager a model has
    return initial


def settle_rows(prefix: str, chosen: Iterable[str], article: Article | None) -> Typed:
    """Return the rows of an ordered list as its formset wants them, whatever rows the article has by now.

    A row that stands keeps its number, one that was not chosen goes, and any other is new. One query.
    """
    name = ROWS[prefix]
    wanted = list(dict.fromkeys(one for one in chosen if one))
    standing = list(getattr(article, prefix).order_by("position", "pk")) if article is not None and article.pk else []
    typed: Typed = {}
    place = 0
    for row in standing:
        key = str(getattr(row, f"{name}_id"))
        fields = {"id": row.pk, "article": row.article_id, name: key}
        fields |= {"position": wanted.index(key)} if key in wanted else {"position": row.position, "DELETE": "on"}
        typed |= {f"{prefix}-{place}-{field}": [str(value)] for field, value in fields.items()}
        place += 1
    taken = {str(getattr(row, f"{name}_id")) for row in standing}
    for key in wanted:
        if key not in taken:
            typed |= {f"{prefix}-{place}-{name}": [key], f"{prefix}-{place}-position": [str(wanted.index(key))]}
            place += 1
    totals = {"TOTAL_FORMS": place, "INITIAL_FORMS": len(standing), "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return typed | {f"{prefix}-{field}": [str(value)] for field, value in totals.items()}


def settle(posted: QueryDict, article: Article | None, copy: Copy) -> QueryDict:
    """Return a posted form with a copy's values in place of its own, and rows that fit the article as it is now."""
    settled = posted.copy()
    for name in list(settled):
        if name.partition("-")[0] in copy.lists and name.partition("-")[0] in ROWS:
            del settled[name]
    for name, value in copy.values.items():
        settled[name] = value
    settled["source"] = copy.source
    settled.setlist("topics", list(copy.lists.get("topics", ())))
    for prefix in ROWS:
        if prefix in copy.lists:
            for name, values in settle_rows(prefix, copy.lists[prefix], article).items():
                settled.setlist(name, values)
    return settled


def _read_rows(typed: Mapping[str, list[str]], prefix: str) -> list[str]:
    total = _last(typed, f"{prefix}-TOTAL_FORMS")
    rows = []
    for place in range(min(int(total) if total.isdecimal() and len(total) < 6 else 0, _MOST_ROWS)):  # noqa: PLR2004 - of digits
        named = _last(typed, f"{prefix}-{place}-{ROWS[prefix]}")
        position = _last(typed, f"{prefix}-{place}-position")
        if named and f"{prefix}-{place}-DELETE" not in typed:
            rows.append((int(position) if position.isdecimal() and len(position) < 6 else place, place, named))  # noqa: PLR2004 - of digits
    return list(dict.fromkeys(named for _, _, named in sorted(rows)))


def _last(typed: Mapping[str, list[str]], name: str) -> str:
    return (typed.get(name) or [""])[-1]
