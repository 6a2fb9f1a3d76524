"""The article's form: what it keeps, what it refuses, what it says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Article, Lead, State, WorkflowState
from articles.publishing import publish
from kjreport.accounts.models import User
from tests.cast import an_article, an_author
from tests.integration.newsroom import ADD, address_of, at_the_desk, filled_in, said

pytestmark = pytest.mark.django_db


def test_a_headline_is_enough(a_journalist: User) -> None:
    desk = at_the_desk(a_journalist)
    for _ in range(3):
        assert desk.post(ADD, filled_in(headline="Working title")).status_code == 302
    slugs = Article.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["working-title", "working-title-2", "working-title-3"]


def test_no_headline_is_refused_in_words(a_journalist: User) -> None:
    answer = at_the_desk(a_journalist).post(ADD, filled_in(source="<p>Kept.</p>"))
    page = answer.content.decode()
    assert "Give it a headline; a working one will do." in page
    assert "&lt;p&gt;Kept.&lt;/p&gt;" in page


@pytest.mark.parametrize(("headline", "slug"), [("Հայաստան", "article"), ("x" * 160, "x" * 110), ("A—B: c", "ab-c")])
def test_every_headline_has_an_address(a_journalist: User, headline: str, slug: str) -> None:
    at_the_desk(a_journalist).post(ADD, filled_in(headline=headline))
    assert Article.objects.get().slug == slug


def test_address_follows_the_headline_until_it_is_typed(a_journalist: User) -> None:
    article = an_article("First thought", created_by=a_journalist)
    desk = at_the_desk(a_journalist)
    desk.post(address_of(article), filled_in(article, headline="Second thought"))
    article.refresh_from_db()
    assert article.slug == "second-thought"
    desk.post(address_of(article), filled_in(article, slug="my-own"))
    desk.post(address_of(article), filled_in(article, headline="Third thought"))
    article.refresh_from_db()
    assert article.slug == "my-own"


def test_address_stays_once_it_is_public(an_editor: User) -> None:
    article = an_article("Public")
    publish(article, by=an_editor)
    at_the_desk(an_editor).post(address_of(article), filled_in(article, headline="Renamed", slug="renamed"))
    article.refresh_from_db()
    assert (article.headline, article.slug) == ("Renamed", "public")


def test_what_is_outside_the_format_is_not_kept(a_journalist: User) -> None:
    hostile = (
        '<p onclick="x()" style="color:red">Words<script>alert(1)</script></p><img src="https://tracker.example/x.gif">'
        '<iframe src="https://video.example/"></iframe><hr data-paywall-line=""><p>More.</p>'
    )
    at_the_desk(a_journalist).post(ADD, filled_in(headline="Pasted", source=hostile))
    assert Article.objects.get().source == '<p>Words</p><hr data-paywall-line=""><p>More.</p>'


def test_a_new_article_is_signed_by_its_writer(a_journalist: User) -> None:
    author = an_author("Jonas Journalist", account=a_journalist)
    page = at_the_desk(a_journalist).get(ADD).content.decode()
    assert f'<option value="{author.pk}" selected>Jonas Journalist</option>' in page


def test_bylines_are_numbered_anew(an_editor: User) -> None:
    article = an_article("Signed", authors=["Ada Byron", "Charles Babbage"])
    form = filled_in(article) | {"bylines-0-position": 7, "bylines-1-position": 7}
    at_the_desk(an_editor).post(address_of(article), form)
    assert list(article.bylines.values_list("author__name", "position")) == [("Ada Byron", 0), ("Charles Babbage", 1)]


def test_what_a_colleague_saved_is_not_overwritten(a_journalist: User, an_editor: User) -> None:
    article = an_article("Shared", created_by=a_journalist)
    opened = filled_in(article, standfirst="Mine.", source="<p>My words.</p>")
    at_the_desk(an_editor).post(address_of(article), filled_in(article, standfirst="Hers."))
    answer = at_the_desk(a_journalist).post(address_of(article), opened)
    page = answer.content.decode()
    assert "Edith Editor saved this article at" in page
    assert "Mine." in page
    assert "&lt;p&gt;My words.&lt;/p&gt;" in page
    article.refresh_from_db()
    assert article.standfirst == "Hers."


def test_a_form_without_its_token_overwrites_nothing(an_editor: User) -> None:
    article = an_article("Shared", standfirst="As it was.")
    at_the_desk(an_editor).post(address_of(article), filled_in(article, standfirst="Blind.", revision=""))
    article.refresh_from_db()
    assert article.standfirst == "As it was."


def test_only_what_is_live_can_lead(an_editor: User) -> None:
    article = an_article("Leader")
    desk = at_the_desk(an_editor)
    assert said(desk.post(address_of(article), filled_in(article, _step="lead")))[0].startswith("Only a published")
    publish(article, by=an_editor)
    desk.post(address_of(article), filled_in(article, _step="lead"))
    assert Lead.objects.get().chosen_by == an_editor


def test_desk_shows_what_needs_whom(a_journalist: User, an_editor: User) -> None:
    waiting, draft = an_article("Waiting", created_by=a_journalist), an_article("Draft", created_by=a_journalist)
    tomorrow, out = an_article("Tomorrow"), an_article("Out")
    WorkflowState.objects.create(article=waiting, state=State.IN_REVIEW)
    publish(tomorrow, by=an_editor, at=timezone.now() + timedelta(days=1))
    publish(out, by=an_editor)
    theirs = at_the_desk(a_journalist).get("/admin/").context["desk"]
    assert (theirs.waiting, theirs.drafts, theirs.scheduled, theirs.published) == ([waiting], [draft], [], [])
    hers = at_the_desk(an_editor).get("/admin/").context["desk"]
    assert (hers.waiting, hers.drafts) == ([waiting], [])
    assert ([one.article for one in hers.scheduled], [one.article for one in hers.published]) == ([tomorrow], [out])


def test_letters_light_is_for_those_who_may_see_letters(an_editor: User, a_bookkeeper: User) -> None:
    assert "Stripe" not in at_the_desk(an_editor).get("/admin/").content.decode()
    assert "Every letter from Stripe has been processed." in at_the_desk(a_bookkeeper).get("/admin/").content.decode()
