"""Keeps every saved state of a working copy, and brings one back without touching what readers see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import reversion
from django.db import transaction
from reversion.models import Version

from articles.authors.models import Author
from articles.models import Article, Byline, Photo, Section, Topic
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User

# Neither address nor access nor state is kept here, so that bringing back an old text changes none of them.
reversion.register(Byline, fields=["article", "author", "position"])
reversion.register(RelatedArticle, fields=["article", "related", "position"])
reversion.register(
    Article,
    fields=["headline", "standfirst", "section", "topics", "source", "hero"],
    follow=["bylines", "chosen_related"],
)


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


def find_last_saver(article: Article) -> str:
    """Return who saved the article last, as colleagues call them; empty if nobody remembers."""
    version = _versions_of(article).first()
    return str(version.revision.user.display_name) if version and version.revision.user else ""


@transaction.atomic
def restore(article: Article, pk: int, *, by: User) -> None:
    """Make an earlier version the working copy, as a new version. Live editions, address, access and state stay.

    Raises:
        Version.DoesNotExist: the article has no such version.
    """
    version = _versions_of(article).get(pk=pk)
    kept = version.field_dict
    with keeping_version(by=by):
        article.headline, article.standfirst, article.source = kept["headline"], kept["standfirst"], kept["source"]
        article.section = Section.objects.filter(pk=kept["section_id"]).first()
        article.hero = Photo.objects.filter(pk=kept["hero_id"]).first()
        article.revision += 1
        article.save()
        article.topics.set(Topic.objects.filter(pk__in=kept["topics"]))
        _restore_rows(article, version)
        reversion.set_comment(f"Brought back the version of {version.revision.date_created:%d %B %Y, %H:%M} UTC")


def _restore_rows(article: Article, version: Version) -> None:
    rows = [(one._model, one.field_dict) for one in version.revision.version_set.all()]  # noqa: SLF001 - reversion's name for it
    authors = set(Author.objects.values_list("pk", flat=True))
    article.bylines.all().delete()
    Byline.objects.bulk_create(
        Byline(article=article, author_id=row["author_id"], position=row["position"])
        for model, row in rows
        if model is Byline and row["article_id"] == article.pk and row["author_id"] in authors
    )
    standing = set(Article.objects.values_list("pk", flat=True))
    RelatedArticle.objects.filter(article=article).delete()
    RelatedArticle.objects.bulk_create(
        RelatedArticle(article=article, related_id=row["related_id"], position=row["position"])
        for model, row in rows
        if model is RelatedArticle and row["article_id"] == article.pk and row["related_id"] in standing
    )
    reversion.add_to_revision(article)


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
