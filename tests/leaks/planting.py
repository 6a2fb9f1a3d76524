"""Plants a distinct word in everything that somebody may not see."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Any

from django.utils import timezone
from PIL import Image

from articles import publishing
from articles.admin.versions import keeping_version
from articles.models import Access, Article, Edition, Lead, Photo
from articles.models.photo import Licence
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from kjreport.leaks.hunting import Quarry
from tests.cast import LINE, a_colleague, an_article

GPS = 0x8825
DESCRIPTION = 0x010E


@dataclass
class Words:
    """Gives out words that stand nowhere else, and remembers where each was planted."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, piece: str, part: str, place: str) -> str:
        """Return a word for one place in one part (head, above, below, photo, desk) of a piece."""
        number = len(self.planted)  # all words are of one length, so that none is part of another
        word = f"qx{number:03}{chr(97 + number % 26)}{chr(97 + number * 7 % 26)}"
        self.planted[word] = f"{piece} / {part} / {place}"
        return word

    def of(self, piece: str, *parts: str) -> set[str]:
        """Return what the words of these parts of a piece are called, or of all its parts."""
        return {
            what
            for what in self.planted.values()
            if what.startswith(f"{piece} / ") and (not parts or what.split(" / ")[1] in parts)
        }

    def word_at(self, what: str) -> str:
        """Return the word planted there."""
        return next(word for word, name in self.planted.items() if name == what)


@dataclass
class Planted:
    """The seeded paper."""

    words: Words
    editor: User
    articles: dict[str, Article]
    photos: dict[str, Photo]
    journalist: User

    def quarry(self, *, but: Iterable[str] = ()) -> Quarry:
        """Return everything planted, and every hidden picture, but what is named."""
        allowed = set(but)
        phrases = {word: what for word, what in self.words.planted.items() if what not in allowed}
        pictures = {photo.key: f"{name} / picture / file" for name, photo in self.photos.items()}
        return Quarry(phrases, {key: what for key, what in pictures.items() if what not in allowed})

    @property
    def public(self) -> set[str]:
        """What everybody may see."""
        live = ("paid", "edited", "renewed", "awaiting")
        free = {what for piece in live for what in self.words.of(piece, "head", "above")}
        return free | self.words.of("open")

    @property
    def told_of(self) -> set[str]:
        """What the page of corrections alone says of a piece that was withdrawn: what it was called, and the note."""
        return {"withdrawn / head / headline", "withdrawn / above / correction"}

    @property
    def below(self) -> set[str]:
        """What those may see who read analyses."""
        live = ("paid", "edited", "renewed", "awaiting")
        paid = {what for piece in live for what in self.words.of(piece, "below", "photo")}
        return paid | {"paid / picture / file"}

    @property
    def in_the_library(self) -> set[str]:
        """What the whole newsroom sees: topics, and pictures, whosesoever piece they stand in."""
        of_pictures = {("desk", "picture source"), ("desk", "licence terms")}
        named = {
            what
            for what in self.words.planted.values()
            if what.split(" / ")[1] in {"photo", "topic"} or tuple(what.split(" / ")[1:]) in of_pictures
        }
        return named | {f"{name} / picture / file" for name in self.photos}


def plant_paper() -> Planted:
    """Write one piece of every kind that somebody may not see, or not all of."""
    words = Words()
    editor = a_colleague("Edith Editor", "Editors")
    journalist = a_colleague("Jonas Journalist", "Journalists")
    paper = Planted(words, editor, {}, {}, journalist)
    _plant_live(paper)
    _plant_unseen(paper)
    _plant_references(paper)
    return paper


def a_hidden_photo(paper: Planted, piece: str) -> Photo:
    """Take a picture into the library whose file says where it was made, and by whom."""
    words = paper.words
    exif = Image.Exif()
    exif[DESCRIPTION] = words.plant(piece, "never", "EXIF description")
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (40.0, 11.0, 2.0)
    file = io.BytesIO()
    Image.new("RGB", (48, 32), "teal").save(file, "JPEG", exif=exif)
    file.seek(0)
    file.name = f"{words.plant(piece, 'never', 'file name')}.jpg"
    photo = Photo.objects.keep(
        file,
        alt=f"A bridge {words.plant(piece, 'photo', 'alt')}",
        caption=f"The bridge {words.plant(piece, 'photo', 'caption')}",
        credit=f"By {words.plant(piece, 'photo', 'credit')}",
        licence=Licence.OWN,
        source=f"From {words.plant(piece, 'desk', 'picture source')}",
        licence_terms=f"On {words.plant(piece, 'desk', 'licence terms')}",
    )
    paper.photos[piece] = photo
    return photo


def a_source(
    paper: Planted, piece: str, *, photo: Photo | None = None, above: str = "above", below: str = "below"
) -> str:
    """Return a text with a word of its own in every place, above and below the line."""

    def up(place: str) -> str:
        return paper.words.plant(piece, above, place)

    def down(place: str) -> str:
        return paper.words.plant(piece, below, place)

    figure = f'<figure data-photo="{photo.pk}" data-caption=""></figure>' if photo else ""
    return (
        f"<p>First {up('paragraph')} and <a href='https://example.com/{up('link')}'>a link</a>"
        f'<span data-footnote="Note {up("note")}"></span>.</p><h2>Sub {up("subhead")}</h2>'
        f"{_blocks(up)}{LINE}"
        f"<p>Then {down('first paragraph')} is said.</p><h2>Sub {down('subhead')}</h2>"
        f"<h3>Small {down('small subhead')}</h3>"
        f"<p>Here <em>{down('emphasis')}</em> and <a href='https://example.com/{down('link target')}'>"
        f"{down('link words')}</a><span data-footnote='See https://example.com/{down('note address')} "
        f"{down('note')}'></span> and<span data-footnote='Also {down('second note')}'></span> more.</p>"
        f"<ul><li>Item {down('item')}</li></ul><ol><li>First {down('numbered item')}</li></ol>"
        f"<blockquote><p>They said {down('quote')}</p></blockquote>"
        f'<aside data-pull-quote=""><p>Loud {down("pull quote")}</p></aside>{figure}{_blocks(down)}'
        f"<p>At last {down('last paragraph')}.</p>"
    )


def _blocks(word: Callable[[str], str]) -> str:
    """Return a table, a chart, a box of background and a card with a word in every place that is shown."""
    chart = {
        "kind": "bar",
        "title": f"Sums {word('chart title')}",
        "unit": f"tonnes of {word('chart unit')}",
        "source": f"Office {word('chart source')}",
        "rows": [["", f"Ore {word('chart series')}", "Tin"], [f"Port {word('chart label')}", "3", "4"]],
    }
    return (
        f'<table data-caption="Table {word("table caption")}" data-source="Files {word("table source")}"><tbody>'
        f"<tr><th><p>Name {word('table head')}</p></th><th><p>Sum</p></th></tr>"
        f"<tr><td><p>Row {word('table cell')}<span data-footnote='Cell {word('table note')}'></span></p></td>"
        f"<td><p>4</p></td></tr></tbody></table>"
        f'<figure data-chart="{escape(json.dumps(chart))}"></figure>'
        f'<aside data-context=""><h3>Who {word("box title")}</h3><p>Are they {word("box")}.</p></aside>'
        f'<figure data-embed="https://www.youtube.com/watch?v={word("card address")}" '
        f'data-title="Speech {word("card title")}"></figure>'
    )


def _head(paper: Planted, piece: str, part: str = "head") -> dict[str, str]:
    word = paper.words.plant
    return {
        "headline": f"The {piece} piece {word(piece, part, 'headline')}",
        "standfirst": f"In short {word(piece, part, 'standfirst')}.",
    }


def _write(paper: Planted, piece: str, **fields: Any) -> Article:
    head = _head(paper, piece)
    source = fields.pop("source", None) or a_source(paper, piece, photo=fields.pop("photo", None))
    slug = f"{piece}-{paper.words.plant(piece, 'head', 'slug')}"
    article = an_article(**head, slug=slug, source=source, created_by=paper.editor, **fields)
    paper.articles[piece] = article
    return article


def _hidden_topic(paper: Planted, piece: str) -> list[str]:
    return ["Armenia", f"Affair {paper.words.plant(piece, 'topic', 'name')}"]


def _edit(paper: Planted, piece: str, part: str) -> None:
    """Rewrite the working copy of a piece that is live."""
    article = paper.articles[piece]
    Article.objects.filter(pk=article.pk).update(
        **_head(paper, piece, part), source=a_source(paper, piece, above=part, below=part)
    )
    article.refresh_from_db()


def _plant_live(paper: Planted) -> None:
    editor, word = paper.editor, paper.words.plant
    paid = _write(paper, "paid", photo=a_hidden_photo(paper, "paid"))
    _write(paper, "open", access=Access.OPEN)
    for piece in ("edited", "awaiting"):
        _write(paper, piece)
    # What is called “renewed” has an earlier edition that nobody gets any more.
    renewed = _write(paper, "renewed", source=a_source(paper, "renewed", above="gone", below="gone"))
    publishing.publish(renewed, by=editor)
    Article.objects.filter(pk=renewed.pk).update(source=a_source(paper, "renewed"))
    for piece in ("paid", "open", "edited", "awaiting", "renewed"):
        publishing.publish(paper.articles[piece], by=editor)
    publishing.correct(paid, by=editor, text=f"It was put right {word('paid', 'above', 'correction')}.")
    _edit(paper, "edited", "unpublished")
    _edit(paper, "awaiting", "coming")
    publishing.schedule(paper.articles["awaiting"], by=editor, at=timezone.now() + timedelta(hours=2))


def _plant_unseen(paper: Planted) -> None:
    editor, word = paper.editor, paper.words.plant
    for piece in ("draft", "submitted", "scheduled", "cancelled", "withdrawn"):
        photo = a_hidden_photo(paper, piece)
        with keeping_version(by=editor):
            article = _write(paper, piece, photo=photo, hero=photo, topics=_hidden_topic(paper, piece))
        if piece == "draft":  # an earlier version of it is kept
            with keeping_version(by=editor):
                article.headline = f"Rewritten {word(piece, 'head', 'second headline')}"
                article.save()
    articles = paper.articles
    publishing.submit(articles["submitted"], by=editor, note=f"Mind {word('submitted', 'desk', 'note')}")
    publishing.schedule(articles["scheduled"], by=editor, at=timezone.now() + timedelta(hours=1))
    publishing.schedule(articles["cancelled"], by=editor, at=timezone.now() + timedelta(hours=1))
    publishing.unschedule(articles["cancelled"], by=editor)
    publishing.publish(articles["withdrawn"], by=editor)
    publishing.correct(articles["withdrawn"], by=editor, text=f"Wrong {word('withdrawn', 'above', 'correction')}.")
    publishing.withdraw(articles["withdrawn"], by=editor, note=f"Because {word('withdrawn', 'desk', 'reason')}")


def _plant_references(paper: Planted) -> None:
    """Let what is live point at what is not: related posts chosen by hand, and choices of the front page's lead."""
    hidden = [paper.articles[piece] for piece in ("draft", "submitted", "scheduled", "cancelled", "withdrawn")]
    paid = paper.articles["paid"]
    for place, article in enumerate(hidden):
        RelatedArticle.objects.create(article=paid, related=article, position=place)
        Lead.objects.create(article=article)
    Edition.objects.live().filter(article=paid).update(related_article_ids=[article.pk for article in hidden])
    mine = an_article("A piece of my own", created_by=paper.journalist)
    paper.articles["mine"] = mine
    RelatedArticle.objects.create(article=paper.articles["draft"], related=mine)
    RelatedArticle.objects.create(article=mine, related=paper.articles["submitted"])
