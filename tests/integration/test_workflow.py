"""From pitch to print: one table says which ways there are, approval is of one text, and the log is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from articles import publishing
from articles.admin import versions
from articles.fingerprint import fingerprint
from articles.models import Access, Action, Article, Byline, Edition, State, WorkflowEvent, WorkflowState
from articles.models.workflow import TRANSITIONS, LogIsKept, find_transition
from articles.publishing import PublishingError
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, LINE, a_colleague, a_section, a_topic, an_article, an_author
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

EDITORS = {"Editors", "Publisher"}
WRITERS = {"Contributors", "Journalists"} | EDITORS
STAYS = "stays"
# The whole table once more, by hand: from which state, by which action, to where. What is not here cannot be done.
WAYS: dict[tuple[str, str], str] = {
    ("pitch", "accept"): "draft",
    ("pitch", "take_back"): "draft",
    ("pitch", "submit"): "in_review",
    ("pitch", "return"): "changes_wanted",
    ("draft", "pitch"): "pitch",
    ("draft", "submit"): "in_review",
    ("draft", "approve"): "approved",
    ("draft", "publish"): "published",
    ("draft", "schedule"): "published",
    ("in_review", "take_back"): "draft",
    ("in_review", "return"): "changes_wanted",
    ("in_review", "approve"): "approved",
    ("in_review", "publish"): "published",
    ("in_review", "schedule"): "published",
    ("changes_wanted", "pitch"): "pitch",
    ("changes_wanted", "submit"): "in_review",
    ("changes_wanted", "approve"): "approved",
    ("changes_wanted", "publish"): "published",
    ("changes_wanted", "schedule"): "published",
    ("approved", "return"): "changes_wanted",
    ("approved", "publish"): "published",
    ("approved", "schedule"): "published",
    ("published", "submit"): "in_review",
    ("published", "approve"): "approved",
    ("published", "publish"): "published",
    ("published", "schedule"): "published",
    ("published", "withdraw"): "withdrawn",
    ("published", "correct"): STAYS,
    ("withdrawn", "submit"): "in_review",
    ("withdrawn", "approve"): "approved",
    ("withdrawn", "publish"): "published",
    ("withdrawn", "schedule"): "published",
}
VERBS = ("pitch", "accept", "take_back", "submit", "return", "approve", "publish", "schedule", "withdraw", "correct")
FOR_EDITORS = {"accept", "return", "approve", "publish", "schedule", "withdraw", "correct"}


def act(verb: str, article: Article, *, by: User) -> None:
    """Do it, with what it needs."""
    match verb:
        case "return":
            publishing.return_to_author(article, by=by, note="Shorter.")
        case "schedule":
            publishing.schedule(article, by=by, at=timezone.now() + timedelta(hours=2))
        case "correct":
            publishing.correct(article, by=by, text="It is 525.")
        case _:
            getattr(publishing, verb)(article, by=by)


def bring(article: Article, state: str, *, by: User) -> None:
    """Bring a draft to a state by its steps."""
    steps = {
        "pitch": ["pitch"],
        "draft": [],
        "in_review": ["submit"],
        "changes_wanted": ["submit", "return"],
        "approved": ["approve"],
        "published": ["publish"],
        "withdrawn": ["publish", "withdraw"],
    }
    for verb in steps[state]:
        act(verb, article, by=by)


def state_of(article: Article) -> str:
    return WorkflowState.objects.get(article=article).state


@pytest.mark.parametrize("state", [state.value for state in State])
def test_every_way_of_the_table_can_be_gone_and_no_other(an_editor: User, state: str) -> None:
    for verb in VERBS:
        article = an_article(f"From {state} by {verb}")
        bring(article, state, by=an_editor)
        WorkflowState.objects.of(article)
        after = WAYS.get((state, verb))
        if after is None:
            with pytest.raises(PublishingError):
                act(verb, article, by=an_editor)
            assert state_of(article) == state
            continue
        act(verb, article, by=an_editor)
        assert state_of(article) == (state if after == STAYS else after), verb
        last = WorkflowEvent.objects.filter(article=article).first()
        assert last is not None
        assert (last.action, last.before, last.by) == (verb, state, an_editor)


def test_the_table_above_is_the_houses_own() -> None:
    told = {(state, verb) for state, verb in WAYS}
    for state in State:
        for verb in VERBS:
            exists = find_transition(Action(verb), state) is not None
            # what an editor could withdraw or correct in other states is there only while readers have it
            assert ((state.value, verb) in told) == exists or verb in {"withdraw", "correct"}, (state, verb)
    assert {one.action for one in TRANSITIONS} == set(Action)


@pytest.mark.parametrize("group", ["Contributors", "Journalists", "Editors", "Publisher", "Finance"])
def test_each_step_is_for_those_it_is_for(group: str, an_editor: User) -> None:
    person = a_colleague("Somebody", group)
    for state, verb in WAYS:
        article = an_article(f"{state} {verb}", created_by=person)
        bring(article, state, by=an_editor)
        if group in (EDITORS if verb in FOR_EDITORS else WRITERS):
            act(verb, article, by=person)
        else:
            with pytest.raises(PermissionDenied):
                act(verb, article, by=person)


@pytest.mark.parametrize("group", ["Contributors", "Journalists"])
def test_nobody_hands_on_what_they_may_not_open(group: str) -> None:
    article = an_article("Another's")
    for verb in ("pitch", "submit", "take_back"):
        with pytest.raises(PermissionDenied):
            act(verb, article, by=a_colleague(f"Somebody {verb}", group))


def test_a_contributor_opens_only_what_they_began(a_journalist: User) -> None:
    writer = a_colleague("Wanda Writer", "Contributors")
    an_author("Wanda Writer", account=writer)
    mine, signed = an_article("Mine", created_by=writer), an_article("Signed", authors=["Wanda Writer"])
    assert list(Article.objects.editable_by(writer)) == [mine]
    signed.bylines.all().delete()
    an_author("Jonas", account=a_journalist)
    Byline.objects.create(article=signed, author=an_author("Jonas"))
    assert list(Article.objects.editable_by(a_journalist)) == [signed]


# Approval -------------------------------------------------------------------------------------------------------------


def _change(article: Article, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(article, name, value)
    article.save()


CHANGES: dict[str, Callable[[Article], object]] = {
    "headline": lambda one: _change(one, headline="Other"),
    "standfirst": lambda one: _change(one, standfirst="Other"),
    "source": lambda one: _change(one, source=ABOVE + LINE + "<p>Other.</p>"),
    "section": lambda one: _change(one, section=a_section("Trade")),
    "access": lambda one: _change(one, access=Access.OPEN),
    "slug": lambda one: _change(one, slug="other"),
    "hero": lambda one: _change(one, hero=a_photo()),
    "search title": lambda one: _change(one, search_title="Other"),
    "social title": lambda one: _change(one, social_title="Other"),
    "topics": lambda one: one.topics.add(a_topic("Iran")),
    "bylines": lambda one: Byline.objects.create(article=one, author=an_author("Second"), position=1),
    "order of bylines": lambda one: Byline.objects.filter(article=one, author__name="Ada Byron").update(position=9),
    "related": lambda one: RelatedArticle.objects.create(article=one, related=an_article("Beside")),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_that_readers_would_see_voids_an_approval(an_editor: User, what: str) -> None:
    article = an_article("Approved", authors=["Ada Byron", "Charles Babbage"])
    publishing.approve(article, by=an_editor)
    assert not publishing.note_edit(article, by=an_editor)
    CHANGES[what](article)
    assert publishing.note_edit(article, by=an_editor)
    assert state_of(article) == State.IN_REVIEW
    assert list(WorkflowEvent.objects.values_list("action", flat=True)[:1]) == [Action.VOID]
    assert not publishing.note_edit(article, by=an_editor)


def test_a_save_without_a_change_keeps_the_approval(an_editor: User) -> None:
    article = an_article("Approved")
    publishing.approve(article, by=an_editor)
    article.save()
    publishing.note_edit(article, by=an_editor)
    assert state_of(article) == State.APPROVED


def test_what_cannot_come_out_cannot_be_approved_but_an_embargo_is_no_hindrance(an_editor: User) -> None:
    article = an_article("Unready", source=ABOVE + BELOW, embargo_until=timezone.now() + timedelta(days=1))
    with pytest.raises(PublishingError, match="no paywall line"):
        publishing.approve(article, by=an_editor)
    _change(article, source=ABOVE + LINE + BELOW)
    publishing.approve(article, by=an_editor)
    assert state_of(article) == State.APPROVED


def test_restoring_a_text_leaves_the_state_alone(an_editor: User) -> None:
    article = an_article("Old")
    with versions.keeping_version(by=an_editor):
        article.save()
    publishing.publish(article, by=an_editor)
    publishing.submit(article, by=an_editor)
    _change(article, headline="New")
    versions.restore(article, versions.list_versions(article)[-1].pk, by=an_editor)
    publishing.note_edit(article, by=an_editor)
    assert state_of(article) == State.IN_REVIEW
    assert article.live_edition is not None


def test_the_text_that_was_looked_at_is_the_one_that_is_published(an_editor: User) -> None:
    article = an_article("Looked at")
    seen = fingerprint(article)
    _change(article, standfirst="Changed by a colleague meanwhile.")
    with pytest.raises(PublishingError, match="changed the article since"):
        publishing.publish(article, by=an_editor, seen=seen)
    assert not Edition.objects.exists()
    assert publishing.publish(article, by=an_editor, seen=fingerprint(article)).fingerprint == fingerprint(article)


# The log --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def an_event(an_editor: User) -> WorkflowEvent:
    """One line of the log."""
    article = an_article("Logged", created_by=an_editor)
    publishing.submit(article, by=an_editor, note="As it was said.")
    return WorkflowEvent.objects.get()


def test_the_log_refuses_in_the_model(an_event: WorkflowEvent) -> None:
    an_event.note = "Something else."
    for change in (
        an_event.save,
        an_event.delete,
        WorkflowEvent.objects.all().delete,
        lambda: WorkflowEvent.objects.update(note="Something else."),
        lambda: WorkflowEvent.objects.bulk_update([an_event], ["note"]),
    ):
        with pytest.raises(LogIsKept):
            change()
    assert WorkflowEvent.objects.get().note == "As it was said."


@pytest.mark.parametrize(
    "change", ["note = 'x'", "action = 'publish'", "at = '2001-01-01 00:00:00'", "by_id = {other}", "after = 'draft'"]
)
def test_the_database_refuses_to_change_the_log(an_event: WorkflowEvent, change: str, a_reader: User) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE articles_workflowevent SET " + change.format(other=a_reader.pk))  # noqa: S608 - our own words
    assert WorkflowEvent.objects.get().note == "As it was said."


def test_postgresql_refuses_to_delete_from_the_log(an_event: WorkflowEvent) -> None:
    if connection.vendor != "postgresql":  # SQLite empties tables so: see the migration
        return
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_workflowevent")


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "publish", "before": "draft", "after": "withdrawn"},
        {"action": "accept", "before": "draft", "after": "draft"},
        {"action": "correct", "before": "published", "after": "draft"},
        {"action": "return", "before": "in_review", "after": "changes_wanted", "note": ""},
        {"action": "steal", "before": "draft", "after": "draft"},
    ],
)
def test_the_database_takes_only_steps_of_the_table(an_event: WorkflowEvent, fields: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkflowEvent.objects.create(article=an_event.article, **fields)


def test_the_database_takes_no_approval_without_its_text(an_editor: User) -> None:
    article = an_article()
    for fields in ({"state": "approved"}, {"state": "draft", "approved_fingerprint": "0" * 64}, {"state": "unheard"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkflowState.objects.create(article=article, **fields)


def test_the_log_outlives_the_draft_and_the_person(an_event: WorkflowEvent, an_editor: User) -> None:
    article = an_event.article
    assert article is not None
    publishing.log_deletion(article, by=an_editor)
    article.delete()
    an_editor.delete()
    kept = WorkflowEvent.objects.order_by("pk").values_list("action", "headline", "article", "by", "note")
    expected: list[tuple[object, ...]] = [
        ("submit", "Logged", None, None, "As it was said."),
        ("delete", "Logged", None, None, ""),
    ]
    assert list(kept) == expected


# Time -----------------------------------------------------------------------------------------------------------------


def test_an_embargo_keeps_it_in_until_its_moment(an_editor: User) -> None:
    over = timezone.now() + timedelta(hours=5)
    article = an_article("Embargoed", embargo_until=over)
    with pytest.raises(PublishingError, match="under embargo until"):
        publishing.publish(article, by=an_editor)
    with pytest.raises(PublishingError, match="under embargo until"):
        publishing.schedule(article, by=an_editor, at=over - timedelta(minutes=1))
    edition = publishing.schedule(article, by=an_editor, at=over)
    assert edition.published_at == over
    assert not Edition.objects.live().exists()


def test_what_would_end_before_it_begins_is_refused(an_editor: User) -> None:
    ends = timezone.now() + timedelta(hours=1)
    article = an_article("Short", expires_at=ends)
    with pytest.raises(PublishingError, match="before it comes out"):
        publishing.schedule(article, by=an_editor, at=ends + timedelta(minutes=1))


def move(edition: Edition, by: timedelta) -> Edition:
    """Let time pass for an edition: move its moments back."""
    for name in ("published_at", "first_published_at", "expires_at", "live_until"):
        value = getattr(edition, name)
        setattr(edition, name, value - by if value else None)
    edition.save()
    return edition


def test_an_edition_expires_by_itself_and_its_address_says_so(an_editor: User, client: Any) -> None:
    article = an_article("For a while", expires_at=timezone.now() + timedelta(hours=2))
    edition = publishing.publish(article, by=an_editor)
    address = article.get_absolute_url()
    assert client.get(address).status_code == 200
    move(edition, timedelta(hours=3))
    answer = client.get(address)
    assert answer.status_code == 410
    assert "for a limited time" in answer.content.decode()
    for elsewhere in ("/", "/feed/", "/api/v1/articles/", "/search/?q=while", "/articles/", "/sitemap-articles.xml"):
        assert "For a while" not in client.get(elsewhere).content.decode(), elsewhere
    assert state_of(article) == State.PUBLISHED


def test_a_withdrawn_piece_does_not_pass_for_an_expired_one(an_editor: User, client: Any) -> None:
    article = an_article("Taken down", expires_at=timezone.now() + timedelta(hours=2))
    publishing.publish(article, by=an_editor)
    publishing.withdraw(article, by=an_editor)
    assert "We have taken it down" in client.get(article.get_absolute_url()).content.decode()
    assert publishing.publish(article, by=an_editor).live_until == article.expires_at


def test_unscheduling_gives_an_expiring_edition_its_own_end_back(an_editor: User) -> None:
    now = timezone.now()
    article = an_article("For a while", expires_at=now + timedelta(hours=9))
    first = publishing.publish(article, by=an_editor)
    _change(article, expires_at=None)
    second = publishing.schedule(article, by=an_editor, at=now + timedelta(hours=2))
    first.refresh_from_db()
    assert (first.live_until, second.live_until) == (second.published_at, None)
    publishing.unschedule(article, by=an_editor)
    first.refresh_from_db()
    assert first.live_until == first.expires_at == now + timedelta(hours=9)
    third = publishing.schedule(article, by=an_editor, at=now + timedelta(hours=12))
    first.refresh_from_db()
    assert (first.live_until, third.live_until) == (first.expires_at, None), "nobody has it from the ninth hour on"


def test_an_open_ended_edition_may_follow_an_expired_one(an_editor: User) -> None:
    article = an_article("Back again", expires_at=timezone.now() + timedelta(hours=2))
    move(publishing.publish(article, by=an_editor), timedelta(hours=3))
    _change(article, expires_at=None)
    again = publishing.publish(article, by=an_editor)
    assert (again.number, again.live_until) == (2, None)
    assert Edition.objects.live().get() == again


def test_unscheduling_what_had_expired_leaves_it_expired_and_what_was_withdrawn_withdrawn(an_editor: User) -> None:
    later = timezone.now() + timedelta(hours=5)
    expired = an_article("Expired", expires_at=timezone.now() + timedelta(hours=2))
    move(publishing.publish(expired, by=an_editor), timedelta(hours=3))
    _change(expired, expires_at=None)
    withdrawn = an_article("Withdrawn")
    publishing.publish(withdrawn, by=an_editor)
    publishing.withdraw(withdrawn, by=an_editor)
    for article, state in ((expired, State.PUBLISHED), (withdrawn, State.WITHDRAWN)):
        publishing.schedule(article, by=an_editor, at=later)
        publishing.unschedule(article, by=an_editor)
        assert state_of(article) == state


def test_the_database_keeps_times_in_order(an_editor: User) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        an_article("Backwards", embargo_until=now, expires_at=now - timedelta(hours=1))
    edition = publishing.publish(an_article("Ends"), by=an_editor)
    for wrong in ({"expires_at": now + timedelta(days=1)}, {"expires_at": now - timedelta(days=1), "live_until": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**wrong)
