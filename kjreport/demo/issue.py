"""Sets the demo issue of the paper: sections, topics, authors, pictures and articles, as its people would."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from articles import publishing
from articles.authors.models import Author
from articles.models import Article, Byline, Lead, Photo, Section, Topic
from articles.models.photo import Licence
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from kjreport.demo.drawing.catalogue import draw
from kjreport.demo.manuscripts import Manuscript, read_cast, read_manuscripts, read_pictures

LEAD = "the-south-caucasus-learns-to-hedge"
Say = Callable[[str], None]
_LINK = re.compile(r'<a href="/articles/[^"]+">(.*?)</a>')


def set_issue(*, editor: User, journalist: User, now: datetime, say: Say) -> int:
    """Draw, write and publish the issue; return how many articles it has, or 0 where there are articles already.

    Pictures are kept as they are drawn, so that an interrupted seed goes on where it stopped; the articles come all at
    once. Nothing is ever added to a paper that has begun, so what its people delete stays deleted.
    """
    if Article.objects.exists():
        return 0
    manuscripts = read_manuscripts()
    library = _Library(by=editor, say=say)
    library.draw_all()
    with transaction.atomic():
        _set_taxonomy()
        _set_authors(journalist, library)
        for manuscript in manuscripts:
            _write(manuscript, library, by=journalist)
        _choose_related(manuscripts)
        for manuscript in manuscripts:
            _publish(manuscript, editor=editor, now=now)
        for manuscript in manuscripts:
            _publish_again(manuscript, editor=editor, now=now)
        Lead.objects.create(article=Article.objects.get(slug=LEAD), chosen_by=editor)
    return len(manuscripts)


def _set_taxonomy() -> None:
    cast = read_cast()
    for section in cast["sections"]:
        Section.objects.get_or_create(slug=section["slug"], defaults=section)
    for topic in cast["topics"]:
        fields = topic | {"introduction": topic["introduction"].strip()}
        Topic.objects.get_or_create(slug=topic["slug"], defaults=fields)


def _set_authors(journalist: User, library: "_Library") -> None:
    for listed in read_cast()["authors"]:
        author = listed | {"biography": listed["biography"].strip()}
        if not Author.objects.filter(slug=author["slug"]).exists():
            Author.objects.create(**author, portrait=library.find(f"portrait-{author['slug']}"))
    Author.objects.filter(slug="anahit-terzian", account=None).update(account=journalist)


class _Library:
    """Draws pictures and keeps each once, found again by its alt text and caption."""

    def __init__(self, *, by: User, say: Say) -> None:
        self.by, self.say, self.pictures = by, say, read_pictures()

    def draw_all(self) -> None:
        """Draw what is missing."""
        missing = [key for key in self.pictures if self._look_up(key) is None]
        for number, key in enumerate(missing, start=1):
            self._keep(key)
            self.say(f"drew {key} ({number} of {len(missing)})")

    def find(self, key: str) -> Photo:
        """Return the photo of a picture that has been drawn."""
        photo = self._look_up(key)
        if photo is None:
            raise LookupError(f"No picture is called {key}.")
        return photo

    def place(self, source: str) -> str:
        """Return a source with its pictures' keys replaced by the photos' primary keys."""
        return re.sub(r'data-photo="([a-z-]+)"', lambda found: f'data-photo="{self.find(found[1]).pk}"', source)

    def _look_up(self, key: str) -> Photo | None:
        words = self.pictures[key]
        found: Photo | None = Photo.objects.filter(alt=words["alt"], caption=words["caption"]).first()
        return found

    def _keep(self, key: str) -> None:
        words, drawn = self.pictures[key], io.BytesIO()
        draw(key).save(drawn, "PNG", compress_level=1)
        drawn.seek(0)
        Photo.objects.keep(
            drawn,
            alt=words["alt"],
            caption=words["caption"],
            credit=words["credit"],
            licence=Licence.OWN,
            licence_terms="Our own drawing",
            by=self.by,
        )


def _write(manuscript: Manuscript, library: _Library, *, by: User) -> None:
    article = Article.objects.create(
        slug=manuscript.slug,
        headline=manuscript.headline,
        standfirst=manuscript.standfirst,
        section=Section.objects.get(slug=manuscript.section),
        access=manuscript.access,
        source=library.place(manuscript.source),
        hero=library.find(manuscript.hero),
        created_by=by,
    )
    article.topics.set(Topic.objects.filter(slug__in=manuscript.topics))
    for position, slug in enumerate(manuscript.authors):
        Byline.objects.create(article=article, author=Author.objects.get(slug=slug), position=position)


def _choose_related(manuscripts: list[Manuscript]) -> None:
    articles = {article.slug: article for article in Article.objects.all()}
    for manuscript in manuscripts:
        for position, slug in enumerate(manuscript.related):
            RelatedArticle.objects.get_or_create(
                article=articles[manuscript.slug], related=articles[slug], defaults={"position": position}
            )


def _publish(manuscript: Manuscript, *, editor: User, now: datetime) -> None:
    """Publish a piece without its links to others: a link may lead only to what readers have already."""
    article = Article.objects.get(slug=manuscript.slug)
    Article.objects.filter(pk=article.pk).update(source=_LINK.sub(r"\1", article.source))
    publishing.publish(article, by=editor, at=now - timedelta(days=manuscript.days_ago))
    Article.objects.filter(pk=article.pk).update(source=article.source)


def _publish_again(manuscript: Manuscript, *, editor: User, now: datetime) -> None:
    """Put the links in, as of the same moment; then correct what is to be corrected."""
    article = Article.objects.get(slug=manuscript.slug)
    moment = now - timedelta(days=manuscript.days_ago)
    if _LINK.search(article.source):
        publishing.publish(article, by=editor, at=moment)
    if manuscript.correction:
        later = moment + timedelta(days=manuscript.days_after)
        publishing.publish(article, by=editor, at=later)
        publishing.correct(article, by=editor, text=manuscript.correction, at=later)
