"""Keeps every saved state of a working copy, and brings one back without touching what readers see."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import reversion
from django.db import transaction
from django.utils import timezone
from reversion.models import Version

from articles.authors.models import Author
from articles.comparison import WORDS, Copy
from articles.models import Article, Byline, Photo, Section, Topic
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User

# Neither address nor access nor state is brought back from here, so that an old text changes none of them. Access is
# kept to be compared.
reversion.register(Byline, fields=["article", "author", "position"])
reversion.register(RelatedArticle, fields=["article", "related", "position"])
reversion.register(
    Article,
    fields=[
        *("headline", "standfirst", "section", "topics", "source", "hero", "revision", "access"),
        *("search_title", "search_description", "social_title"),
    ],
    follow=["bylines", "chosen_related"],
)

_LOOKS_BACK = 60  # versions; what was opened longer ago than that is compared without the state it began from


@dataclass(frozen=True)
class KeptVersion:
    """One saved state of a working copy."""

    pk: int
    saved_at: datetime
    saved_by: str
    comment: str
    headline: str
    standfirst: str
    source: str
    editions: tuple[int, ...] = ()  # numbers of those that were made of it


@contextmanager
def keeping_version(*, by: User) -> Iterator[None]:
    """Keep what is saved inside as one version."""
    with reversion.create_revision():
        reversion.set_user(by)
        yield


def list_versions(article: Article) -> list[KeptVersion]:
    """Return every version, newest first. Two queries."""
    return [_describe(version) for version in _versions_of(article)]


def get_version(article: Article, pk: int) -> KeptVersion | None:
    """Return one version of this article, or None."""
    version = _versions_of(article).filter(pk=pk).first()
    return _describe(version) if version else None


def get_copy(article: Article, pk: int) -> Copy:
    """Return the state that a version keeps, to be compared. A field that it does not keep is missing.

    Raises:
        Version.DoesNotExist: the article has no such version.
    """
    version = _versions_of(article).get(pk=pk)
    copy = _copy_from(article, version, version.field_dict)
    kept = json.loads(version.serialized_data)[0]["fields"]  # what is missing there would be told as its default
    unkept = {name for name in copy.values if name not in kept}
    access = {"access": str(kept["access"])} if "access" in kept else {}
    return replace(copy, values={name: one for name, one in copy.values.items() if name not in unkept} | access)


def find_last_saver(article: Article) -> str:
    """Return who saved the article last, as colleagues call them; empty if nobody remembers."""
    version = _versions_of(article).first()
    return str(version.revision.user.display_name) if version and version.revision.user else ""


def find_copy(article: Article, revision: int) -> Copy | None:
    """Return the state that a save of that number left, or None where no version tells. One query for each version."""
    for version in _versions_of(article)[:_LOOKS_BACK]:
        kept = version.field_dict
        if kept.get("revision") == revision:
            return _copy_from(article, version, kept)
    return None


def _copy_from(article: Article, version: Version, kept: dict[str, Any]) -> Copy:
    values = {name: str(kept.get(name) or "") for name in WORDS}
    values |= {"section": str(kept["section_id"] or ""), "hero": str(kept["hero_id"] or "")}
    rows = _rows_of(version)
    lists = {
        "topics": [str(pk) for pk in sorted(kept["topics"])],
        "bylines": [str(row["author_id"]) for row in _in_order(rows, Byline, article)],
        "chosen_related": [str(row["related_id"]) for row in _in_order(rows, RelatedArticle, article)],
    }
    return Copy(kept["source"], values, {name: tuple(pks) for name, pks in lists.items()})


def keep_current(article: Article) -> int:
    """Return the version of the working copy as it is, made now if no save made one."""
    for version in _versions_of(article)[:1]:
        if version.field_dict.get("revision") == article.revision:
            return int(version.pk)
    with reversion.create_revision():
        reversion.add_to_revision(article)
        reversion.set_comment("As it was found")
    return int(_versions_of(article)[0].pk)


@transaction.atomic
def set_aside(article: Article, copy: Copy, *, by: User, comment: str) -> None:
    """Keep a state as a version without making it the working copy; that stays as it is."""
    current = keep_current(article)
    article.refresh_from_db()
    with keeping_version(by=by):
        for name in WORDS:
            setattr(article, name, copy.values.get(name, getattr(article, name)))
        article.source = copy.source
        article.section = Section.objects.filter(pk=_number(copy, "section")).first()
        article.hero = Photo.objects.filter(pk=_number(copy, "hero")).first()
        article.revision += 1
        article.save()
        article.topics.set(Topic.objects.filter(pk__in=copy.lists.get("topics", ())))
        _put_rows(article, copy.lists.get("bylines", ()), copy.lists.get("chosen_related", ()))
        reversion.set_comment(comment)
    restore(article, current, by=by, comment="Kept as it was")


@transaction.atomic
def restore(article: Article, pk: int, *, by: User, comment: str = "") -> None:
    """Make an earlier version the working copy, as a new version. Live editions, address, access and state stay.

    Raises:
        Version.DoesNotExist: the article has no such version.
    """
    version = _versions_of(article).get(pk=pk)
    kept = version.field_dict
    article.refresh_from_db(from_queryset=Article.objects.select_for_update(of=("self",)))
    keep_current(article)
    with keeping_version(by=by):
        for name in WORDS:
            setattr(article, name, kept.get(name) or "")
        article.source = kept["source"]
        article.section = Section.objects.filter(pk=kept["section_id"]).first()
        article.hero = Photo.objects.filter(pk=kept["hero_id"]).first()
        article.revision += 1
        article.save()
        article.topics.set(Topic.objects.filter(pk__in=kept["topics"]))
        rows = _rows_of(version)
        _put_rows(
            article,
            [str(row["author_id"]) for row in _in_order(rows, Byline, article)],
            [str(row["related_id"]) for row in _in_order(rows, RelatedArticle, article)],
        )
        moment = timezone.localtime(version.revision.date_created)
        reversion.set_comment(comment or f"Brought back the version of {moment:%d %B %Y, %H:%M}")


def _rows_of(version: Version) -> list[tuple[type[Any], dict[str, Any]]]:
    return [(one._model, one.field_dict) for one in version.revision.version_set.all()]  # noqa: SLF001 - reversion's name for it


def _in_order(
    rows: list[tuple[type[Any], dict[str, Any]]], model: type[Byline | RelatedArticle], article: Article
) -> list[dict[str, Any]]:
    found = [row for kind, row in rows if kind is model and row["article_id"] == article.pk]
    return sorted(found, key=lambda row: row["position"])


def _put_rows(article: Article, authors: Iterable[str], related: Iterable[str]) -> None:
    """Make these the bylines and related posts, in order; whoever has gone meanwhile is left out."""
    known = set(map(str, Author.objects.values_list("pk", flat=True)))
    article.bylines.all().delete()
    Byline.objects.bulk_create(
        Byline(article=article, author_id=int(author), position=place)
        for place, author in enumerate(one for one in authors if one in known)
    )
    standing = set(map(str, Article.objects.exclude(pk=article.pk).values_list("pk", flat=True)))
    RelatedArticle.objects.filter(article=article).delete()
    RelatedArticle.objects.bulk_create(
        RelatedArticle(article=article, related_id=int(other), position=place)
        for place, other in enumerate(one for one in related if one in standing)
    )
    reversion.add_to_revision(article)


def _number(copy: Copy, name: str) -> int:
    """Return the number of a chosen row; none has 0."""
    value = copy.values.get(name, "")
    return int(value) if value.isdecimal() else 0


def _versions_of(article: Article) -> "reversion.models.VersionQuerySet":
    return Version.objects.get_for_object(article).select_related("revision__user").order_by("-pk")


def _describe(version: Version) -> KeptVersion:
    kept, revision = version.field_dict, version.revision
    return KeptVersion(
        pk=version.pk,
        saved_at=revision.date_created,
        saved_by=revision.user.display_name if revision.user else "",
        comment=revision.get_comment(),
        headline=kept["headline"],
        standfirst=kept["standfirst"],
        source=kept["source"],
    )
