"""Notes on drafts: writing, answering, resolving; finding a note's passage again; telling colleagues who are named."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from email.utils import parseaddr
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from articles.blocks import Block, split_blocks
from articles.models import Article, Mention, Note
from kjreport.accounts.letters import compose
from kjreport.accounts.models import User

LONGEST = 5000  # characters of a note
LONGEST_QUOTE = 300
LEFT_TO_THE_WORKER = timedelta(minutes=5)
MOST_AT_ONCE = 500
_ALIKE_ENOUGH = 0.55  # how alike a paragraph must be to be the one that was quoted, rewritten
VIEW = "articles.view_article"


class NoteError(ValidationError):
    """Why a note was not taken, as a sentence."""


@dataclass(frozen=True)
class Passage:
    """Where a note stands in the text as it is now; without a block, the passage is gone."""

    block: Block | None
    place: int = 0
    is_rewritten: bool = False


# Writing --------------------------------------------------------------------------------------------------------------


def write_note(article: Article, *, by: User, text: str, block: int | None = None, quote: str = "") -> Note:
    """Begin a thread on the whole piece or, with the number of a block, on a passage.

    Without a quote the block's own words are kept, so that the passage is found again after edits.

    Raises:
        PermissionDenied: not theirs to open.
        NoteError: it says nothing, or too much.
    """
    require_open(article, by)
    blocks = split_blocks(article.source)
    kept = " ".join(quote.split())[:LONGEST_QUOTE]
    if block is not None and not kept:
        kept = blocks[block].text[:LONGEST_QUOTE] if 0 <= block < len(blocks) else ""
    if not kept:
        block = None
    with transaction.atomic():
        note = Note.objects.create(article=article, by=by, text=_clean(text), block=block, quote=kept)
        _mention(note)
    return note


def answer(thread: Note, *, by: User, text: str) -> Note:
    """Answer in a thread.

    Raises:
        PermissionDenied: not theirs to open.
        NoteError: it says nothing, or too much.
    """
    require_open(thread.article, by)
    with transaction.atomic():
        note = Note.objects.create(article=thread.article, thread=thread, by=by, text=_clean(text))
        _mention(note)
    return note


def resolve(thread: Note, *, by: User) -> None:
    """Settle a thread; it stays, folded away.

    Raises:
        PermissionDenied: not theirs to open.
    """
    require_open(thread.article, by)
    Note.objects.filter(pk=thread.pk, thread=None, resolved_at=None).update(resolved_at=timezone.now(), resolved_by=by)


def reopen(thread: Note, *, by: User) -> None:
    """Take a settled thread up again.

    Raises:
        PermissionDenied: not theirs to open.
    """
    require_open(thread.article, by)
    Note.objects.filter(pk=thread.pk, thread=None).update(resolved_at=None, resolved_by=None)


def may_open(article: Article, person: User) -> bool:
    """Whether this person may open the piece, and so its notes."""
    if not (person.is_active and person.is_staff and person.has_perm(VIEW)):
        return False
    return bool(Article.objects.editable_by(person).filter(pk=article.pk).exists())


def require_open(article: Article, person: User) -> None:
    """Refuse whoever may not open the piece.

    Raises:
        PermissionDenied: they may not.
    """
    if not may_open(article, person):
        raise PermissionDenied(f"{person} may not open this article.")


def _clean(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise NoteError("Say something, so that colleagues know what you mean.")
    if len(said) > LONGEST:
        raise NoteError(f"A note may have {LONGEST:,} characters; this has {len(said):,}. Make two of it.")
    return said


# Where it stands ------------------------------------------------------------------------------------------------------


def find_passage(note: Note, blocks: Sequence[Block]) -> Passage | None:
    """Return where a note stands in a text as it is now; None for a note on the whole piece.

    The same words nearest to where they stood; else the paragraph most like them; else nowhere.
    """
    if note.block is None:
        return None
    home, quote = note.block, note.quote
    by_distance = sorted(range(len(blocks)), key=lambda place: abs(place - home))
    for place in by_distance:
        if quote in blocks[place].text:
            return Passage(blocks[place], place)
    graded = [(_likeness(quote, blocks[place].text), -abs(place - home), place) for place in by_distance]
    best = max(graded, default=(0.0, 0, 0))
    if best[0] >= _ALIKE_ENOUGH:
        return Passage(blocks[best[2]], best[2], is_rewritten=True)
    return Passage(None)


def _likeness(quote: str, text: str) -> float:
    """Return how much of the quote's words, in order, a block still holds: 0 to 1."""
    wanted, words = quote.casefold().split(), text.casefold().split()
    if not wanted or not words:
        return 0.0
    matching = SequenceMatcher(None, wanted, words, autojunk=False).get_matching_blocks()
    return sum(one.size for one in matching) / len(wanted)


# Who is named ---------------------------------------------------------------------------------------------------------


def list_mentionable(article: Article) -> list[User]:
    """Return the colleagues who may open the piece, by name. A few queries for each colleague."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("name", "email")
    return [person for person in staff if may_open(article, person)]


def find_mentioned(text: str, people: Sequence[User]) -> list[User]:
    """Return whom a text names with an @.

    By the whole name, by what stands before the @ of their address, or by a first name that only one of them has.
    """
    folded = text.casefold()
    firsts = [person.display_name.casefold().partition(" ")[0] for person in people]
    handles = [
        (handle, person)
        for person, first in zip(people, firsts, strict=True)
        for handle in {
            person.display_name.casefold(),
            person.email.casefold().partition("@")[0],
            *([first] if firsts.count(first) == 1 else []),
        }
    ]
    handles.sort(key=lambda one: -len(one[0]))
    found: dict[int, User] = {}
    for place, sign in enumerate(folded):
        if sign == "@" and not folded[place - 1 : place].isalnum():
            named = next((person for handle, person in handles if _begins(folded[place + 1 :], handle)), None)
            if named is not None:
                found[named.pk] = named
    return list(found.values())


def _begins(text: str, handle: str) -> bool:
    return text.startswith(handle) and not text[len(handle) : len(handle) + 1].isalnum()


def _mention(note: Note) -> None:
    """Note who is to hear of a note, and have the letters written once the present transaction holds."""
    if "@" not in note.text:
        return
    for person in find_mentioned(note.text, list_mentionable(note.article)):
        if person.pk == note.by_id:
            continue
        mention, is_new = Mention.objects.get_or_create(note=note, person=person)
        if is_new:
            transaction.on_commit(partial(send_soon.enqueue, mention.pk), robust=True)


# The letters ----------------------------------------------------------------------------------------------------------


@task
def send_soon(mention_id: int) -> None:
    """Write to somebody who was mentioned, in the background."""
    send_mention(mention_id)


def send_mention(mention_id: int) -> bool:
    """Write to somebody who was mentioned, unless that is done or another worker does it; return whether it was now.

    Whether they may still open the piece is asked again: rights may have gone since. No lock is held meanwhile.
    """
    now = timezone.now()
    untaken = Q(taken_at=None) | Q(taken_at__lt=now - LEFT_TO_THE_WORKER)
    if not Mention.objects.filter(untaken, pk=mention_id, sent_at=None).update(taken_at=now):
        return False
    mention = Mention.objects.select_related("note__article", "note__by", "person").get(pk=mention_id)
    is_owed = may_open(mention.note.article, mention.person)
    try:
        if is_owed:
            _send(mention)
    except Exception:
        Mention.objects.filter(pk=mention_id).update(taken_at=None)
        raise
    Mention.objects.filter(pk=mention_id).update(sent_at=timezone.now())
    return is_owed


def send_unsent() -> int:
    """Write what a lost worker left behind; return how many letters went out."""
    left = Mention.objects.filter(sent_at=None, made_at__lt=timezone.now() - LEFT_TO_THE_WORKER)
    return sum(send_mention(pk) for pk in list(left.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def _send(mention: Mention) -> None:
    note = mention.note
    who = note.by.display_name if note.by else "A colleague"
    place = reverse("admin:articles_article_change", args=[note.article_id])
    context = {
        "mention": mention,
        "note": note,
        "quote": (note.thread or note).quote,
        "who": who,
        "address": f"{settings.SITE_URL}{place}#note-{note.pk}",
        "site_name": settings.SITE_NAME,
    }
    text = render_to_string("admin/articles/email/mention.txt", context)
    headline = " ".join(note.article.headline.split())
    letter = compose(f"{who} mentions you in a note on “{headline}”", text, to=mention.person.email)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/mention/{mention.pk}").hex
    letter.extra_headers["Message-ID"] = f"<{name}@{domain}>"  # a copy sent twice is known for one
    letter.send()
