"""Notes on drafts: in threads, on passages, and told to whoever is named."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from articles import notes
from articles.blocks import split_blocks
from articles.models import Article, Mention, Note
from articles.notes import NoteError, answer, find_mentioned, find_passage, reopen, resolve, write_note
from articles.publishing import publish
from kjreport.accounts.models import User
from tests.cast import LINE, a_colleague, an_article
from tests.integration.newsroom import address_of, at_the_desk

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "The road is narrow.", "It ends at a river, and nobody has built a bridge.", "So it goes."
SOURCE = f"<p>{FIRST}</p>{LINE}<p>{SECOND}</p><p>{THIRD}</p>"


@pytest.fixture
def a_draft(a_journalist: User) -> Article:
    """A journalist's draft of three paragraphs."""
    return an_article("The corridor", created_by=a_journalist, source=SOURCE)


def send(desk: Client, article: Article, do: str, **fields: object) -> int:
    return desk.post(address_of(article, "notes"), {"do": do, **fields}).status_code


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_note_and_its_answers_are_a_thread_that_is_settled_and_taken_up_again(
    a_draft: Article, a_journalist: User, an_editor: User
) -> None:
    note = write_note(a_draft, by=an_editor, text="Who says so?", block=2)
    assert (note.block, note.quote) == (2, SECOND)
    answer(note, by=a_journalist, text="The governor.")
    resolve(note, by=a_journalist)
    note.refresh_from_db()
    assert (note.resolved_by, note.resolved_at is None) == (a_journalist, False)
    assert not Note.objects.unresolved().exists()
    reopen(note, by=an_editor)
    assert Note.objects.unresolved().get() == note
    assert [one.text for one in note.answers.all()] == ["The governor."]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5001])
def test_a_note_says_something_and_not_a_book(a_draft: Article, an_editor: User, text: str) -> None:
    with pytest.raises(NoteError):
        write_note(a_draft, by=an_editor, text=text)


def test_notes_are_for_those_who_may_open_the_piece(a_draft: Article, an_editor: User) -> None:
    note = write_note(a_draft, by=an_editor, text="Mine.")
    others = [a_colleague("Otto Other", "Journalists"), a_colleague("Fiona Finance", "Finance")]
    others += [a_colleague("Wanda Writer", "Contributors")]
    for person in others:
        for deed in (
            lambda person=person: write_note(a_draft, by=person, text="Hello"),
            lambda person=person: answer(note, by=person, text="Hello"),
            lambda person=person: resolve(note, by=person),
            lambda person=person: reopen(note, by=person),
        ):
            with pytest.raises(PermissionDenied):
                deed()


def test_the_database_keeps_answers_without_anchors(a_draft: Article, an_editor: User) -> None:
    note = write_note(a_draft, by=an_editor, text="One.")
    for wrong in ({"block": 1}, {"resolved_at": timezone.now()}, {"quote": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(article=a_draft, thread=note, text="Two.", **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(article=a_draft, text="")


# Passages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "place", "is_rewritten"),
    [
        (SOURCE, 2, False),
        (f"<h2>New</h2><p>Before.</p>{SOURCE}", 4, False),
        (f"<p>{THIRD}</p><p>{SECOND} And more.</p>", 1, False),
        (f"<p>{FIRST}</p><p>It ends at a wide river, where nobody has ever built a bridge.</p>", 1, True),
    ],
)
def test_a_passage_is_found_again(
    a_draft: Article, an_editor: User, source: str, place: int, *, is_rewritten: bool
) -> None:
    note = write_note(a_draft, by=an_editor, text="Who says so?", block=2)
    found = find_passage(note, split_blocks(source))
    assert found is not None
    assert found.block is not None
    assert (found.place, found.is_rewritten) == (place, is_rewritten)


def test_of_two_equal_passages_the_nearer_is_meant(a_draft: Article, an_editor: User) -> None:
    note = write_note(a_draft, by=an_editor, text="This one.", block=4, quote="Again.")
    found = find_passage(note, split_blocks("<p>Again.</p><p>x</p><p>Again.</p><p>x</p><p>x</p><p>Again.</p>"))
    assert found is not None
    assert found.place == 5


def test_a_passage_that_is_gone_is_said_to_be_gone(a_draft: Article, an_editor: User) -> None:
    note = write_note(a_draft, by=an_editor, text="Who says so?", block=2)
    found = find_passage(note, split_blocks("<p>Something else altogether.</p>"))
    assert found is not None
    assert found.block is None
    Article.objects.filter(pk=a_draft.pk).update(source="<p>Something else altogether.</p>")
    assert "no longer in the text" in at_the_desk(an_editor).get(address_of(a_draft)).content.decode()


@pytest.mark.parametrize("block", [99, 1])
def test_a_note_on_a_block_without_words_is_on_the_whole_piece(a_draft: Article, an_editor: User, block: int) -> None:
    assert write_note(a_draft, by=an_editor, text="Hm.", block=block).block is None


# Mentions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Edith Editor, please", ["Edith Editor"]),
        ("@edith please", ["Edith Editor"]),
        ("@edith-editor?", ["Edith Editor"]),
        ("Ask (@Jonas Journalist) and @Edith Editor.", ["Jonas Journalist", "Edith Editor"]),
        ("write to edith@edith-editor.example", []),
        ("@Editha", []),
        ("@Sam", []),
        ("@Sam Two", ["Sam Two"]),
        ("@nobody", []),
        ("@Edith Editor @edith", ["Edith Editor"]),
    ],
)
def test_colleagues_are_named_as_people_name_them(
    a_journalist: User, an_editor: User, text: str, named: list[str]
) -> None:
    people = [a_journalist, an_editor, a_colleague("Sam One", "Editors"), a_colleague("Sam Two", "Editors")]
    assert [person.name for person in find_mentioned(text, people)] == named


def test_whoever_is_named_gets_one_letter(
    a_draft: Article, a_journalist: User, an_editor: User, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        note = write_note(a_draft, by=an_editor, text="@Jonas Journalist, who says so? @jonas", block=2)
    assert [letter.to for letter in mail.outbox] == [[a_journalist.email]]
    letter = mail.outbox[0]
    assert letter.subject == "Edith Editor mentions you in a note on “The corridor”"
    assert SECOND in letter.body
    assert f"http://testserver/admin/articles/article/{a_draft.pk}/change/#note-{note.pk}" in letter.body
    mention = Mention.objects.get()
    assert mention.sent_at is not None
    assert not notes.send_mention(mention.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer(note, by=a_journalist, text="@Edith Editor: the governor. @Jonas Journalist knows.")
    assert [letter.to for letter in mail.outbox[1:]] == [[an_editor.email]], "nobody writes to themselves"


def test_nobody_hears_of_a_piece_they_may_not_open(
    a_draft: Article, an_editor: User, a_bookkeeper: User, django_capture_on_commit_callbacks: object
) -> None:
    a_colleague("Otto Other", "Journalists")
    a_colleague("Wanda Writer", "Contributors")
    gone = a_colleague("Gone Away", "Editors")
    gone.is_active = False
    gone.save()
    text = "@Otto Other @Wanda Writer @Fiona Finance @Gone Away: look at this."
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        write_note(a_draft, by=an_editor, text=text)
    assert not Mention.objects.exists()
    assert mail.outbox == []


def test_whoever_lost_their_right_since_gets_no_letter(a_draft: Article, a_journalist: User, an_editor: User) -> None:
    write_note(a_draft, by=an_editor, text="@Jonas Journalist: look.")
    a_journalist.groups.clear()
    assert not notes.send_mention(Mention.objects.get().pk)
    assert mail.outbox == []
    assert Mention.objects.get().sent_at is not None, "it is owed no more"


def test_a_letter_a_lost_worker_left_is_sent_once(a_draft: Article, a_journalist: User, an_editor: User) -> None:
    write_note(a_draft, by=an_editor, text="@Jonas Journalist: look.")
    assert notes.send_unsent() == 0, "it was just left to a worker"
    long_ago = timezone.now() - timedelta(minutes=6)
    Mention.objects.update(made_at=long_ago, taken_at=long_ago)
    assert (notes.send_unsent(), notes.send_unsent()) == (1, 0)
    assert len(mail.outbox) == 1


def test_a_letter_that_is_not_taken_is_owed_still(
    a_draft: Article, a_journalist: User, an_editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError("no mail server")

    write_note(a_draft, by=an_editor, text="@Jonas Journalist: look.")
    mention = Mention.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        with pytest.raises(OSError, match="no mail server"):
            notes.send_mention(mention.pk)
    assert notes.send_mention(mention.pk)


# The panel ------------------------------------------------------------------------------------------------------------


def test_the_panel_writes_answers_and_settles(a_draft: Article, a_journalist: User, an_editor: User) -> None:
    desk = at_the_desk(an_editor)
    assert send(desk, a_draft, "write", note_text="Who says so?", note_block="2", note_quote="nobody has built") == 302
    note = Note.objects.get()
    assert (note.quote, note.by) == ("nobody has built", an_editor)
    assert send(at_the_desk(a_journalist), a_draft, f"answer:{note.pk}", **{f"answer_{note.pk}": "I do."}) == 302
    page = desk.get(address_of(a_draft)).content.decode()
    assert "“nobody has built”" in page
    assert "I do." in page
    assert send(desk, a_draft, f"resolve:{note.pk}") == 302
    assert "Settled by Edith Editor" in desk.get(address_of(a_draft)).content.decode()
    assert send(desk, a_draft, f"reopen:{note.pk}") == 302
    assert Note.objects.unresolved().exists()


def test_a_script_gets_the_panel_alone(a_draft: Article, an_editor: User) -> None:
    desk = at_the_desk(an_editor)
    asked = {"do": "write", "note_text": "Who <b>says</b> so?"}
    answered = desk.post(address_of(a_draft, "notes"), asked, headers={"X-Requested-With": "fetch"})
    page = answered.content.decode()
    assert 'id="notes"' in page
    assert "Who &lt;b&gt;says&lt;/b&gt; so?" in page
    assert "<html" not in page
    refused = desk.post(address_of(a_draft, "notes"), asked | {"note_text": " "}, headers={"X-Requested-With": "fetch"})
    assert refused.status_code == 422
    assert "Say something" in refused.content.decode()


def test_what_was_refused_is_not_lost_without_scripts(a_draft: Article, an_editor: User) -> None:
    answered = at_the_desk(an_editor).post(address_of(a_draft, "notes"), {"do": "write", "note_text": "y" * 5001})
    assert answered.status_code == 422
    assert "y" * 5001 in answered.content.decode()


def test_notes_need_the_forms_token_and_a_post(a_draft: Article, an_editor: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(an_editor, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"do": "write", "note_text": "Forged."}
    assert strict.post(address_of(a_draft, "notes"), asked).status_code == 403
    assert at_the_desk(an_editor).get(address_of(a_draft, "notes")).status_code == 405
    assert not Note.objects.exists()


def test_a_thread_of_another_piece_is_out_of_reach(a_draft: Article, a_journalist: User, an_editor: User) -> None:
    other = an_article("Other")
    note = write_note(other, by=an_editor, text="Secret.")
    desk = at_the_desk(a_journalist)
    for do in (f"resolve:{note.pk}", f"answer:{note.pk}", "resolve:x", "resolve:", "steal:1", ""):
        assert send(desk, a_draft, do, **{f"answer_{note.pk}": "Hello"}) == 404
    assert send(desk, other, "write", note_text="Hello") == 404
    assert not Note.objects.exclude(pk=note.pk).exists()


def test_readers_never_see_a_note(a_draft: Article, an_editor: User, client: Client) -> None:
    write_note(a_draft, by=an_editor, text="Canary in the notes.", block=0)
    publish(a_draft, by=an_editor)
    for address in (a_draft.get_absolute_url(), "/", "/feed/", f"/api/v1/articles/{a_draft.slug}/"):
        assert "Canary" not in client.get(address).content.decode()
