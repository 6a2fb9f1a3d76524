"""What is typed and not saved: kept beside the working copy, its writer's alone, and never over a colleague's."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from articles import unsaved
from articles.admin.autosave import LONGEST
from articles.admin.versions import list_versions
from articles.models import Article, Presence, UnsavedWork
from articles.publishing import publish
from kjreport.accounts.models import User
from kjreport.views import collect_data, erase
from tests.cast import a_topic, an_article, an_author
from tests.integration.newsroom import ADD, address_of, at_the_desk, filled_in, said

pytestmark = pytest.mark.django_db

KEEP, DISCARD = "/admin/articles/article/unsaved/", "/admin/articles/article/unsaved/discard/"
SIGNED_IN = "/admin/articles/article/signed-in/"
BASE = '<p>First.</p><p>Second.</p><hr data-paywall-line=""><p>Third.</p>'


def keep(desk: Client, person: User, article: Article | None, **said: Any) -> Any:
    typed = {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in said.pop("form").items()
    }
    sent = {"person": str(person.pk), "article": article.pk if article else None, "revision": 0, "form": typed} | said
    return desk.post(KEEP, json.dumps(sent), content_type="application/json")


def presence(desk: Client, article: Article, **fields: str) -> Any:
    return desk.post(address_of(article, "presence"), {"window": "a-window", **fields})


def test_what_is_typed_comes_back_to_its_writer_alone(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist, source=BASE, authors=["Ada Byron"], topics=["Armenia"])
    desk = at_the_desk(a_journalist)
    other, topic = an_author("Charles Babbage"), a_topic("Iran")
    form = filled_in(article, source="<p>Mine, not saved.</p>", topics=[topic.pk])
    form |= {"bylines-TOTAL_FORMS": 2, "bylines-1-author": other.pk, "bylines-1-position": 0}
    form["bylines-0-position"] = 1
    assert keep(desk, a_journalist, article, form=form).json()["seen"]
    article.refresh_from_db()
    assert (article.source, article.revision) == (BASE, 0)

    answer = desk.get(address_of(article))
    page = answer.content.decode()
    bylines = answer.context["inline_admin_formsets"][0].formset.forms
    assert [(row["author"].value(), row["position"].value()) for row in bylines if row["author"].value()] == [
        (str(article.bylines.get().author_id), "1"),
        (str(other.pk), "0"),
    ]
    assert "&lt;p&gt;Mine, not saved.&lt;/p&gt;" in page
    assert "and did not save." in page
    assert f'<option value="{topic.pk}" selected>Iran</option>' in page
    hers = at_the_desk(an_editor).get(address_of(article)).content.decode()
    assert "Mine, not saved" not in hers
    assert at_the_desk(an_editor).get(address_of(article, "trial", "subscriber")).content.decode().count("Mine") == 0

    desk.post(address_of(article), filled_in(article, source="<p>Saved now.</p>"))
    assert not UnsavedWork.objects.exists()


def test_a_new_article_that_was_not_saved_is_offered_and_goes_on(a_journalist: User, an_editor: User) -> None:
    desk = at_the_desk(a_journalist)
    keep(desk, a_journalist, None, key="a-key", form={"headline": "Begun", "source": "<p>Words.</p>"})
    assert "?work=a-key" in desk.get(ADD).content.decode()
    assert "Begun" not in at_the_desk(an_editor).get(ADD).content.decode()
    assert "Words." not in at_the_desk(an_editor).get(f"{ADD}?work=a-key").content.decode()
    assert "&lt;p&gt;Words.&lt;/p&gt;" in desk.get(f"{ADD}?work=a-key").content.decode()
    desk.post(ADD, filled_in(headline="Begun", work="a-key"))
    assert not UnsavedWork.objects.exists()


def test_what_says_nothing_new_is_not_kept(a_journalist: User) -> None:
    article = an_article("Same", created_by=a_journalist, source=BASE)
    assert keep(at_the_desk(a_journalist), a_journalist, article, form=filled_in(article)).json() == {
        "seen": "",
        "at": "",
    }
    assert not UnsavedWork.objects.exists()


def test_a_second_window_is_told_and_overwrites_nothing(a_journalist: User) -> None:
    article = an_article("Twice", created_by=a_journalist)
    desk = at_the_desk(a_journalist)
    seen = keep(desk, a_journalist, article, form={"source": "<p>One.</p>"}).json()["seen"]
    refused = keep(desk, a_journalist, article, form={"source": "<p>Other.</p>"})
    assert (refused.status_code, refused.json()["seen"]) == (409, seen)
    assert keep(desk, a_journalist, article, seen=seen, form={"source": "<p>Two.</p>"}).status_code == 200
    assert keep(desk, a_journalist, article, force=True, form={"source": "<p>Forced.</p>"}).status_code == 200
    assert UnsavedWork.objects.get().form["source"] == ["<p>Forced.</p>"]


def test_nothing_is_kept_for_another_person(a_journalist: User, an_editor: User) -> None:
    article = an_article("Whose", created_by=a_journalist)
    refused = keep(at_the_desk(an_editor), a_journalist, article, form={"source": "<p>His.</p>"})
    assert (refused.status_code, refused.json()) == (409, {"another": "Edith Editor"})
    form = filled_in(article, standfirst="His words.", person=a_journalist.pk)
    answer = at_the_desk(an_editor).post(address_of(article), form)
    assert answer.status_code == 409
    assert "Somebody else is signed in here" in answer.content.decode()
    assert "His words." not in answer.content.decode()
    article.refresh_from_db()
    assert article.standfirst != "His words."
    assert not UnsavedWork.objects.exists()


def test_only_those_who_may_open_a_piece_ask_about_it(a_journalist: User, a_bookkeeper: User, an_editor: User) -> None:
    article = an_article("Hers", created_by=an_editor)
    for person in (a_journalist, a_bookkeeper):
        desk = at_the_desk(person)
        assert keep(desk, person, article, form={"source": "<p>x</p>"}).status_code == 403
        assert presence(desk, article).status_code == 403
        for audience in ("", "visitor", "subscriber"):
            assert desk.get(address_of(article, *filter(None, ["trial", audience]))).status_code in {403, 404}
        assert desk.post(address_of(article, "trial"), filled_in(article)).status_code in {403, 404}
        assert desk.post(DISCARD, {"article": article.pk}).status_code in {403, 404}
    assert keep(at_the_desk(a_bookkeeper), a_bookkeeper, None, key="k", form={"source": "x"}).status_code == 403
    for address in (KEEP, DISCARD, address_of(article, "presence")):
        assert Client().post(address).status_code == 302
        assert at_the_desk(an_editor).get(address).status_code == 405
    assert not UnsavedWork.objects.exists()
    assert not Presence.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", '{"person": 1', "null"])
def test_nonsense_is_refused(a_journalist: User, body: str) -> None:
    assert at_the_desk(a_journalist).post(KEEP, body, content_type="application/json").status_code == 400


def test_a_text_too_long_is_refused_in_words(a_journalist: User) -> None:
    article = an_article("Long", created_by=a_journalist)
    desk = at_the_desk(a_journalist)
    refused = keep(desk, a_journalist, article, form={"source": "x" * (LONGEST + 1)})
    assert (refused.status_code, "too long" in refused.json()["error"]) == (413, True)
    answer = desk.post(address_of(article), filled_in(article, source=f"<p>{'x' * 1_000_001}</p>"))
    assert "characters long; a million is the most." in answer.content.decode()


def test_a_forged_request_is_refused(a_journalist: User) -> None:
    article = an_article("Forged", created_by=a_journalist)
    desk = Client(enforce_csrf_checks=True)
    desk.force_login(a_journalist, backend="django.contrib.auth.backends.ModelBackend")
    assert keep(desk, a_journalist, article, form={"source": "x"}).status_code == 403
    token = desk.get(SIGNED_IN, headers={"Accept": "application/json"}).json()["token"]
    sent = json.dumps({"person": str(a_journalist.pk), "article": article.pk, "form": {"source": ["x"]}})
    kept = desk.post(KEEP, sent, content_type="application/json", headers={"X-CSRFToken": token})
    assert kept.status_code == 200


def test_work_is_dropped_with_consent_account_article_and_time(a_journalist: User) -> None:
    article, other = an_article("One", created_by=a_journalist), an_article("Two", created_by=a_journalist)
    desk = at_the_desk(a_journalist)
    for one in (article, other):
        keep(desk, a_journalist, one, form={"source": "<p>Typed.</p>"})
    desk.post(DISCARD, {"article": article.pk})
    assert UnsavedWork.objects.get().article == other
    assert "Typed." in str(collect_data(a_journalist)["unsaved_work"])
    UnsavedWork.objects.update(saved_at=timezone.now() - timedelta(days=89))
    assert unsaved.forget_old_work() == 0
    UnsavedWork.objects.update(saved_at=timezone.now() - timedelta(days=91))
    assert unsaved.forget_old_work() == 1
    keep(desk, a_journalist, other, form={"source": "<p>Typed.</p>"})
    other.delete()
    assert not UnsavedWork.objects.exists()
    keep(desk, a_journalist, article, form={"source": "<p>Typed.</p>"})
    presence(desk, article)
    erase(a_journalist)
    assert not UnsavedWork.objects.exists()
    assert not Presence.objects.exists()


def test_colleagues_see_each_other_until_one_leaves_or_falls_silent(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist)
    his, hers = at_the_desk(a_journalist), at_the_desk(an_editor)
    presence(his, article)
    assert [one["name"] for one in presence(hers, article).json()["colleagues"]] == ["Jonas Journalist"]
    assert "Jonas Journalist has been editing this since" in hers.get(address_of(article)).content.decode()
    assert "Jonas Journalist, since" in hers.get("/admin/articles/article/").content.decode()
    assert "Edith Editor since" in his.get("/admin/").content.decode()
    presence(his, article, leaving="1")
    assert presence(hers, article).json()["colleagues"] == []
    presence(his, article)
    long_ago = timezone.now() - timedelta(seconds=61)
    Presence.objects.update(since=long_ago, seen_at=long_ago)
    assert presence(hers, article).json()["colleagues"] == []


def clash(a_journalist: User, an_editor: User) -> tuple[Article, dict[str, Any]]:
    """Let both open one article and the editor save first; return it, and the journalist's form."""
    article = an_article("Shared", created_by=a_journalist, source=BASE, standfirst="As it was.")
    at_the_desk(an_editor).post(address_of(article), filled_in(article))
    opened = filled_in(article, source=BASE.replace("Third.", "Third. Mine."))
    hers = filled_in(article, source=BASE.replace("First.", "First. Hers."), standfirst="Hers.")
    at_the_desk(an_editor).post(address_of(article), hers)
    article.refresh_from_db()
    return article, opened


def test_the_second_of_two_sees_both_and_who_made_which(a_journalist: User, an_editor: User) -> None:
    article, opened = clash(a_journalist, an_editor)
    answer = at_the_desk(a_journalist).post(address_of(article), opened)
    assert answer.status_code == 409
    comparison = answer.context["comparison"]
    assert [(one.name, one.chosen, one.is_contested) for one in comparison.fields] == [("standfirst", "theirs", False)]
    differing = [one for one in comparison.text if not one.is_same]
    assert [(one.chosen, one.is_contested) for one in differing] == [("theirs", False), ("mine", False)]
    assert UnsavedWork.objects.get().person == a_journalist  # closing the page loses nothing


@pytest.mark.parametrize(
    ("choice", "source", "standfirst"),
    [
        ("mine", BASE.replace("Third.", "Third. Mine."), "As it was."),
        ("theirs", BASE.replace("First.", "First. Hers."), "Hers."),
        ("chosen", BASE.replace("First.", "First. Hers.").replace("Third.", "Third. Mine."), "Hers."),
    ],
)
def test_whichever_is_chosen_the_other_stays_in_the_history(
    a_journalist: User, an_editor: User, choice: str, source: str, standfirst: str
) -> None:
    article, opened = clash(a_journalist, an_editor)
    choices = {"against": article.revision, "_choose": choice, "field-standfirst": "theirs"}
    choices |= {"text-1": "theirs", "text-2": "mine"}
    at_the_desk(a_journalist).post(address_of(article), opened | choices)
    article.refresh_from_db()
    assert (article.source, article.standfirst) == (source, standfirst)
    kept = [version.source for version in list_versions(article)]
    assert BASE.replace("First.", "First. Hers.") in kept
    assert BASE.replace("Third.", "Third. Mine.") in kept
    assert not UnsavedWork.objects.exists()


def test_a_third_save_meanwhile_asks_again(a_journalist: User, an_editor: User) -> None:
    article, opened = clash(a_journalist, an_editor)
    late = {"against": article.revision, "_choose": "mine"}
    at_the_desk(an_editor).post(address_of(article), filled_in(article, standfirst="Hers again."))
    assert at_the_desk(a_journalist).post(address_of(article), opened | late).status_code == 409
    article.refresh_from_db()
    assert article.standfirst == "Hers again."


def test_a_save_that_changed_nothing_stands_in_nobodys_way(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist)
    at_the_desk(an_editor).post(address_of(article), filled_in(article))
    opened = filled_in(article, standfirst="Mine.")
    at_the_desk(an_editor).post(address_of(article), filled_in(article))
    assert at_the_desk(a_journalist).post(address_of(article), opened).status_code == 302
    article.refresh_from_db()
    assert article.standfirst == "Mine."


def test_a_version_brought_back_meanwhile_is_a_save_like_any_other(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist, standfirst="First.")
    hers = at_the_desk(an_editor)
    hers.post(address_of(article), filled_in(article))
    hers.post(address_of(article), filled_in(article, standfirst="Second."))
    opened = filled_in(article, standfirst="Mine.")
    hers.post(address_of(article, "history", str(list_versions(article)[-1].pk), "restore"))
    assert at_the_desk(a_journalist).post(address_of(article), opened).status_code == 409
    article.refresh_from_db()
    assert article.standfirst == "First."


def test_what_colleagues_did_meanwhile_is_told(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist)
    opened = filled_in(article, standfirst="Mine.", seen_event="0")
    publish(article, by=an_editor)
    assert any(
        "Edith Editor published it at" in one
        for one in said(at_the_desk(a_journalist).post(address_of(article), opened))
    )
    article.refresh_from_db()
    assert article.standfirst == "Mine."
    assert article.live_edition is not None
    assert article.live_edition.standfirst != "Mine."


def test_text_of_a_deleted_article_is_kept_as_a_new_one(a_journalist: User, an_editor: User) -> None:
    article = an_article("Gone", created_by=a_journalist)
    form, address = filled_in(article, source="<p>Still here.</p>"), address_of(article)
    article.delete()
    answer = at_the_desk(a_journalist).post(address, form, follow=True)
    assert "&lt;p&gt;Still here.&lt;/p&gt;" in answer.content.decode()
    assert "This article was deleted, or is no longer yours" in answer.content.decode()


def test_a_trial_is_of_what_is_typed_and_is_kept_from_machines(a_journalist: User) -> None:
    article = an_article("Tried", created_by=a_journalist, source=BASE)
    desk = at_the_desk(a_journalist)
    form = filled_in(article, source='<p>Open.</p><hr data-paywall-line=""><p>Paid.</p>', headline="Not saved")
    shell = desk.post(address_of(article, "trial"), form, follow=True)
    assert shell.status_code == 200
    for audience, paid in (("visitor", False), ("registered", False), ("subscriber", True)):
        page = desk.get(address_of(article, "trial", audience))
        assert ("Paid." in page.content.decode()) is paid
        assert "Not saved" in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    article.refresh_from_db()
    assert article.headline == "Tried"


def test_a_new_article_is_tried_before_its_first_save(a_journalist: User, an_editor: User) -> None:
    desk = at_the_desk(a_journalist)
    form = filled_in(headline="Not even begun", source="<p>Words.</p>", access="open", work="a-key")
    shell = desk.post("/admin/articles/article/trial/", form, follow=True)
    assert shell.redirect_chain == [("/admin/articles/article/trial/?work=a-key", 302)]
    address = "/admin/articles/article/trial/visitor/?work=a-key"
    assert "Words." in desk.get(address).content.decode()
    assert at_the_desk(an_editor).get(address).status_code == 404
    assert not Article.objects.exists()


def test_words_for_searches_and_shares_are_published_with_the_piece(an_editor: User, client: Client) -> None:
    article = an_article("The headline", standfirst="The standfirst.")
    words = {"search_title": "Found", "search_description": "What is found.", "social_title": "Shared"}
    at_the_desk(an_editor).post(address_of(article), filled_in(article, **words))
    article.refresh_from_db()
    publish(article, by=an_editor)
    page = client.get(article.get_absolute_url()).content.decode()
    assert "<title>Found ·" in page
    assert '<meta name="description" content="What is found.">' in page
    assert '<meta property="og:title" content="Shared">' in page
    assert "<h1>The headline</h1>" in page


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_exactly_one_wins(a_journalist: User, an_editor: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL's locks")
    article = an_article("Raced", created_by=a_journalist, source=BASE)
    forms = {
        person: filled_in(article, standfirst=f"By {person.display_name}.") for person in (a_journalist, an_editor)
    }

    def save(person: User) -> int:
        try:
            return at_the_desk(person).post(address_of(article), forms[person]).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(save, forms))
    assert sorted(answers) == [302, 409]
    article.refresh_from_db()
    winner = list(forms)[answers.index(302)]
    assert article.standfirst == f"By {winner.display_name}."
    assert article.revision == 1
    assert UnsavedWork.objects.get().person != winner
