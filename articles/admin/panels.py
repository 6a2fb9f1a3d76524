"""What stands beside an article's form: the checks of the saved text, the notes on it, the text for who only reads."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from articles.blocks import Block, split_blocks
from articles.models import Article, Note
from articles.notes import Passage, find_passage, list_mentionable
from articles.paywall import render_working_copy
from articles.prose import trust
from articles.readiness import examine

if TYPE_CHECKING:
    from kjreport.accounts.models import User


@dataclass(frozen=True)
class Thread:
    """A note, the answers to it, and where it stands in the text now."""

    note: Note
    answers: list[Note]
    passage: Passage | None


def describe_panels(article: Article | None, user: "User") -> dict[str, Any]:
    """Return what the panels show; nothing of an article that is not saved yet."""
    if article is None or not article.pk:
        return {}
    prose = render_working_copy(article)
    return {
        "readiness": examine(article, prose),
        "text_above": trust(prose.preview),
        "text_below": trust(prose.rest),
        **describe_notes(article, user),
    }


def describe_notes(article: Article, user: "User", *, refusal: str = "", kept: str = "") -> dict[str, Any]:
    """Return what the notes' panel shows; `kept` is a text that was refused, so that nobody types it twice."""
    blocks = split_blocks(article.source)
    answers = Prefetch("answers", Note.objects.select_related("by"))
    notes = article.notes.threads().select_related("by", "resolved_by").prefetch_related(answers)
    threads = [Thread(note, list(note.answers.all()), find_passage(note, blocks)) for note in notes]
    return {
        "threads": [one for one in threads if one.note.resolved_at is None],
        "settled": [one for one in threads if one.note.resolved_at is not None],
        "passages": list(_nameable(blocks)),
        "mentionable": [person for person in list_mentionable(article) if person.pk != user.pk],
        "refusal": refusal,
        "kept": kept,
    }


def _nameable(blocks: list[Block]) -> list[tuple[int, str]]:
    """Name each block that a note can stand on by its number and first words."""
    return [(place, block.excerpt) for place, block in enumerate(blocks) if block.text]
