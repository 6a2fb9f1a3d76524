"""The buttons of an article's form: which are offered to whom, and what they do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.models import Access, Action, Article, State, WorkflowState
from articles.publishing import publish
from kjreport.accounts.models import User
from tests.cast import BELOW, LINE, a_colleague, an_article, an_author
from tests.integration.newsroom import ADD, address_of, at_the_desk, filled_in, said

pytestmark = pytest.mark.django_db


def press(desk: Client, article: Article, step: str, words: str = "", **changes: object) -> list[str]:
    """Press a step's button on the form as it opens; return what is said."""
    return said(desk.post(address_of(article), filled_in(article, _step=step, **{f"{step}_words": words}, **changes)))


def state_of(article: Article) -> str:
    return WorkflowState.objects.of(article).state


def test_publish_saves_the_form_and_opens_the_page(an_editor: User) -> None:
    article = an_article("Not ready", source="<p>No line.</p>")
    form = filled_in(article, section="", source="<p>Still no line.</p>", _step="publish")
    answer = at_the_desk(an_editor).post(address_of(article), form)
    assert answer["Location"] == address_of(article, "publish")
    article.refresh_from_db()
    assert article.source == "<p>Still no line.</p>"
    assert not article.editions.exists()


def test_an_editor_may_publish_a_new_article_at_once(an_editor: User) -> None:
    author, model = an_author("Ada Byron"), an_article("Model")
    form = filled_in(
        headline="At once", standfirst="Now.", section=model.section_id, access="open", source="<p>Text.</p>"
    )
    form |= {"bylines-TOTAL_FORMS": 1, "bylines-0-author": author.pk, "bylines-0-position": 0, "_step": "publish"}
    desk = at_the_desk(an_editor)
    page = desk.post(ADD, form, follow=True)
    desk.post(page.request["PATH_INFO"], {"do": "publish", "seen": page.context["seen"]})
    assert Article.objects.get(headline="At once").live_edition is not None


def test_return_needs_a_reason(an_editor: User, a_journalist: User) -> None:
    article = an_article("In review", created_by=a_journalist)
    press(at_the_desk(a_journalist), article, "submit", "Please.")
    assert state_of(article) == State.IN_REVIEW
    desk = at_the_desk(an_editor)
    assert press(desk, article, "return")[0].startswith("Say what should change")
    press(desk, article, "return", "Shorter.")
    assert state_of(article) == State.CHANGES_WANTED
    assert [event.action for event in article.workflow_events.all()] == [Action.RETURN, Action.SUBMIT]
    assert "Shorter." in at_the_desk(a_journalist).get("/admin/").content.decode()


def test_a_pitch_is_taken_on(a_journalist: User, an_editor: User) -> None:
    article = an_article("An idea", created_by=a_journalist, source="")
    press(at_the_desk(a_journalist), article, "pitch", "Nobody has looked at this.")
    assert state_of(article) == State.PITCH
    desk = at_the_desk(an_editor)
    assert "Nobody has looked at this." in desk.get("/admin/").content.decode()
    press(desk, article, "accept", "900 words by Friday.")
    assert state_of(article) == State.DRAFT


def test_editing_an_approved_text_asks_again_and_says_so(a_journalist: User, an_editor: User) -> None:
    article = an_article("Approved", created_by=a_journalist)
    assert press(at_the_desk(an_editor), article, "approve") == ["Approved, as it is saved now."]
    desk = at_the_desk(a_journalist)
    assert said(desk.post(address_of(article), filled_in(article))) == ["Saved."]
    assert state_of(article) == State.APPROVED
    told = said(desk.post(address_of(article), filled_in(article, standfirst="Another.")))
    assert "It had been approved. As it is another text now, it waits for review again." in told
    assert state_of(article) == State.IN_REVIEW
    last = article.workflow_events.first()
    assert last is not None
    assert (last.action, last.by, last.before, last.after) == ("void", a_journalist, "approved", "in_review")


def test_changed_bylines_void_an_approval_too(an_editor: User) -> None:
    article = an_article("Approved", authors=["Ada Byron", "Charles Babbage"])
    desk = at_the_desk(an_editor)
    press(desk, article, "approve")
    form = filled_in(article) | {"bylines-1-DELETE": "on"}
    desk.post(address_of(article), form)
    assert state_of(article) == State.IN_REVIEW


def test_saving_and_approving_in_one_press_approves_what_was_saved(an_editor: User) -> None:
    article = an_article("Approved")
    desk = at_the_desk(an_editor)
    press(desk, article, "approve", standfirst="The last word.")
    article.refresh_from_db()
    assert article.standfirst == "The last word."
    assert state_of(article) == State.APPROVED


OFFERED = [
    ("draft", {"publish", "approve", "submit"}),
    ("pitch", {"accept", "return"}),
    ("in_review", {"publish", "approve", "return"}),
    ("changes_wanted", {"publish", "approve", "submit"}),
    ("approved", {"publish", "return"}),
    ("live", {"publish", "correct", "lead", "withdraw"}),
    ("edited", {"publish", "approve", "correct", "lead", "withdraw"}),
    ("scheduled", {"publish", "unschedule", "withdraw"}),
    ("withdrawn", {"publish", "approve"}),
]


@pytest.mark.parametrize(("where", "offered"), OFFERED)
def test_editor_is_offered_what_can_be_done(an_editor: User, where: str, offered: set[str]) -> None:
    article = an_article("Any")
    bring(article, where, by=an_editor)
    answer = at_the_desk(an_editor).get(address_of(article))
    assert {step.name for step in answer.context["steps"]} == offered


def bring(article: Article, where: str, *, by: User) -> None:
    """Bring a piece there by its steps."""
    match where:
        case "pitch":
            publishing.pitch(article, by=by)
        case "in_review":
            publishing.submit(article, by=by)
        case "changes_wanted":
            publishing.submit(article, by=by)
            publishing.return_to_author(article, by=by, note="More.")
        case "approved":
            publishing.approve(article, by=by)
        case "live" | "edited" | "withdrawn":
            publish(article, by=by)
        case "scheduled":
            publish(article, by=by, at=timezone.now() + timedelta(days=1))
    if where == "edited":
        Article.objects.filter(pk=article.pk).update(standfirst="Another.")
    if where == "withdrawn":
        publishing.withdraw(article, by=by)


@pytest.mark.parametrize("group", ["Journalists", "Contributors"])
def test_writers_are_offered_to_hand_on_and_to_take_back(group: str) -> None:
    writer = a_colleague("Wanda Writer", group)
    article = an_article("Mine", created_by=writer)
    desk = at_the_desk(writer)

    def offered() -> list[str]:
        return [step.name for step in desk.get(address_of(article)).context["steps"]]

    assert offered() == ["pitch", "submit"]
    publishing.submit(article, by=writer)
    assert offered() == ["take_back"]


def test_a_contributor_looks_at_what_they_handed_on(an_editor: User) -> None:
    writer = a_colleague("Wanda Writer", "Contributors")
    article = an_article("Mine", created_by=writer)
    desk = at_the_desk(writer)
    press(desk, article, "submit")
    assert desk.get(address_of(article)).status_code == 200
    assert desk.post(address_of(article), filled_in(article, standfirst="Late.")).status_code == 403
    press_alone = desk.post(address_of(article, "steps"), {"_step": "take_back"})
    assert press_alone.status_code == 302
    assert state_of(article) == State.DRAFT
    assert desk.post(address_of(article), filled_in(article, standfirst="In time.")).status_code == 302
    article.refresh_from_db()
    assert article.standfirst == "In time."


def test_a_contributor_decides_neither_who_reads_nor_when(an_editor: User) -> None:
    writer = a_colleague("Wanda Writer", "Contributors")
    article = an_article("Mine", created_by=writer)
    form = filled_in(article, access=Access.OPEN, slug="mine-now")
    form |= {"embargo_until_0": "2099-01-01", "embargo_until_1": "10:00", "embargo_until": "2099-01-01T10:00"}
    at_the_desk(writer).post(address_of(article), form)
    article.refresh_from_db()
    assert (article.access, article.slug, article.embargo_until) == (Access.SUBSCRIBERS, "mine", None)


def test_what_a_contributor_handed_on_is_shown_as_it_reads(an_editor: User) -> None:
    writer = a_colleague("Wanda Writer", "Contributors")
    article = an_article("Mine", created_by=writer, source="<h2>On</h2><p>It <b>reads</b>.</p>" + LINE + BELOW)
    desk = at_the_desk(writer)
    publishing.submit(article, by=writer)
    page = desk.get(address_of(article)).content.decode()
    assert "<p>It <strong>reads</strong>.</p>" in page
    assert 'name="_continue"' not in page
    assert f'formaction="{address_of(article, "steps")}"' in page
