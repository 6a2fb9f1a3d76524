"""Who may do what in the newsroom, and what it gives away to those who may not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from articles.models import Access, Article, Lead, State, WorkflowState
from articles.publishing import publish, schedule
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User
from tests.cast import a_colleague, an_article, an_author
from tests.integration.newsroom import ADD, address_of, at_the_desk, filled_in, said
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

CANARY = "canary"


@pytest.fixture
def a_draft_of_another(an_editor: User) -> Article:
    """A draft that the journalist has no part in, with a token in every field."""
    return an_article(
        f"Headline {CANARY}",
        standfirst=f"Standfirst {CANARY}",
        source=f'<p>{CANARY}</p><hr data-paywall-line=""><p>{CANARY}</p>',
        created_by=an_editor,
    )


def autocomplete(user: User, term: str) -> list[dict[str, str]]:
    asked = {"app_label": "related", "model_name": "relatedarticle", "field_name": "related", "term": term}
    answer = at_the_desk(user).get("/admin/autocomplete/", asked)
    assert answer.status_code == 200
    return list(answer.json()["results"])


@pytest.mark.parametrize(
    "rest",
    [
        ("change",),
        ("history",),
        ("delete",),
        ("preview", "visitor"),
        ("preview", "subscriber"),
        ("history", "1"),
        ("history", "1", "restore"),
    ],
)
def test_journalist_finds_nothing_of_anothers_draft(
    a_journalist: User, a_draft_of_another: Article, rest: tuple[str, ...]
) -> None:
    desk = at_the_desk(a_journalist)
    guess = filled_in(a_draft_of_another, headline="Mine", standfirst="", source="<p>Mine.</p>", slug="mine")
    for answer in (
        desk.get(address_of(a_draft_of_another, *rest), follow=True),
        desk.post(address_of(a_draft_of_another, *rest), guess, follow=True),
    ):
        assert CANARY not in answer.content.decode()
    a_draft_of_another.refresh_from_db()
    assert a_draft_of_another.headline == f"Headline {CANARY}"


@pytest.mark.parametrize("address", ["/admin/", "/admin/articles/article/", f"/admin/articles/article/?q={CANARY}"])
def test_journalist_is_listed_no_draft_of_another(
    a_journalist: User, a_draft_of_another: Article, address: str
) -> None:
    answer = at_the_desk(a_journalist).get(address).content.decode()
    assert f"Headline {CANARY}" not in answer
    assert f"/article/{a_draft_of_another.pk}/" not in answer


@pytest.mark.usefixtures("a_draft_of_another")
def test_journalist_cannot_find_a_draft_of_another_by_guessing_its_words(a_journalist: User, an_editor: User) -> None:
    assert autocomplete(a_journalist, CANARY) == []
    assert [found["text"] for found in autocomplete(an_editor, CANARY)] == [f"Headline {CANARY} (not published)"]


def test_a_chooser_names_a_live_piece_as_readers_know_it(a_journalist: User, an_editor: User) -> None:
    article = an_article("Public headline")
    publish(article, by=an_editor)
    Article.objects.filter(pk=article.pk).update(headline=f"Secret {CANARY}", standfirst=CANARY)
    assert autocomplete(a_journalist, CANARY) == []
    assert [found["text"] for found in autocomplete(a_journalist, "Public")] == ["Public headline"]


def test_journalist_cannot_relate_a_draft_of_another_by_its_number(
    a_journalist: User, a_draft_of_another: Article
) -> None:
    article = an_article("Mine", created_by=a_journalist)
    chosen = {"chosen_related-TOTAL_FORMS": 1, "chosen_related-0-related": a_draft_of_another.pk}
    answer = at_the_desk(a_journalist).post(
        address_of(article), filled_in(article, **chosen, **{"chosen_related-0-position": 0})
    )
    assert answer.status_code == 200
    assert CANARY not in answer.content.decode()
    assert not RelatedArticle.objects.exists()


def test_a_draft_an_editor_related_stays_nameless_to_the_journalist(
    a_journalist: User, a_draft_of_another: Article
) -> None:
    article = an_article("Mine", created_by=a_journalist)
    RelatedArticle.objects.create(article=article, related=a_draft_of_another)
    desk = at_the_desk(a_journalist)
    page = desk.get(address_of(article)).content.decode()
    assert "A piece not published yet" in page
    assert CANARY not in page
    assert desk.post(address_of(article), filled_in(article)).status_code == 302


def test_journalist_opens_what_they_sign(a_journalist: User) -> None:
    an_author("Jonas Journalist", account=a_journalist)
    article = an_article("Signed by me", authors=["Jonas Journalist"])
    assert at_the_desk(a_journalist).get(address_of(article)).status_code == 200


@pytest.mark.parametrize(
    "step", ["publish", "schedule", "unschedule", "withdraw", "correct", "lead", "return", "nonsense"]
)
def test_journalist_takes_no_editors_step(a_journalist: User, an_editor: User, step: str) -> None:
    article = an_article("Mine", created_by=a_journalist)
    publish(article, by=an_editor)
    words = {f"{step}_words": "2099-01-01T10:00"}
    answer = at_the_desk(a_journalist).post(address_of(article), filled_in(article, _step=step, **words))
    assert answer.status_code == 403
    assert article.editions.count() == 1
    assert article.live_edition is not None
    assert not Lead.objects.exists()


def test_journalist_changes_the_access_of_a_draft_but_not_of_what_is_published(
    a_journalist: User, an_editor: User
) -> None:
    article = an_article("Mine", created_by=a_journalist)
    desk = at_the_desk(a_journalist)
    desk.post(address_of(article), filled_in(article, access=Access.OPEN))
    article.refresh_from_db()
    assert article.access == Access.OPEN
    desk.post(address_of(article), filled_in(article, access=Access.SUBSCRIBERS))
    publish(article, by=an_editor)
    desk.post(address_of(article), filled_in(article, access=Access.OPEN))
    article.refresh_from_db()
    assert article.access == Access.SUBSCRIBERS
    at_the_desk(an_editor).post(address_of(article), filled_in(article, access=Access.OPEN))
    article.refresh_from_db()
    assert article.access == Access.OPEN


def test_only_drafts_readers_never_had_can_be_deleted(a_journalist: User, an_editor: User) -> None:
    mine, signed = an_article("Mine", created_by=a_journalist), an_article("Signed", authors=["Jonas Journalist"])
    author = signed.bylines.get().author
    author.account = a_journalist
    author.save()
    published = an_article("Published", created_by=a_journalist)
    publish(published, by=an_editor)
    desk = at_the_desk(a_journalist)
    for article in (mine, signed, published):
        desk.post(address_of(article, "delete"), {"post": "yes"})
    assert set(Article.objects.values_list("headline", flat=True)) == {"Signed", "Published"}


def test_bookkeeper_sees_no_text(a_bookkeeper: User, a_draft_of_another: Article) -> None:
    desk = at_the_desk(a_bookkeeper)
    assert desk.get("/admin/").status_code == 200
    for address in ("/admin/articles/article/", ADD, address_of(a_draft_of_another), "/admin/articles/photo/library/"):
        assert desk.get(address).status_code == 403
    for audience in ("visitor", "subscriber"):
        assert desk.get(address_of(a_draft_of_another, "preview", audience)).status_code == 403
    assert desk.get(address_of(a_draft_of_another, "history")).status_code == 403


@pytest.mark.parametrize(
    ("group", "may", "may_not"),
    [
        (
            "Journalists",
            ["articles.submit_article", "articles.add_photo", "related.add_relatedarticle"],
            ["articles.publish_article", "articles.change_topic", "articles.read_analyses", "payments.view_payment"],
        ),
        (
            "Editors",
            ["articles.publish_article", "articles.add_lead", "authors.change_author", "articles.read_analyses"],
            ["payments.view_payment", "subscriptions.view_subscription", "donations.view_donation"],
        ),
        (
            "Publisher",
            ["articles.publish_article", "payments.view_payment", "subscriptions.view_subscription"],
            ["payments.change_payment", "payments.delete_payment", "accounts.change_user"],
        ),
        (
            "Finance",
            ["payments.view_payment", "donations.view_donation", "payments.process_stripeevent"],
            ["articles.view_article", "articles.publish_article", "payments.change_payment"],
        ),
    ],
)
def test_groups_hold_their_rights_and_no_others(group: str, may: list[str], may_not: list[str]) -> None:
    person = a_colleague("Somebody", group)
    assert [right for right in may if not person.has_perm(right)] == []
    assert [right for right in may_not if person.has_perm(right)] == []


def test_migrations_make_five_groups() -> None:
    names = {"Contributors", "Journalists", "Editors", "Publisher", "Finance"}
    assert set(Group.objects.values_list("name", flat=True)) == names


def test_whoever_left_the_newsroom_opens_not_even_their_own(a_journalist: User) -> None:
    article = an_article("Mine", created_by=a_journalist)
    a_journalist.groups.clear()
    desk = at_the_desk(a_journalist)
    for rest in (("change",), ("history",), ("preview", "subscriber")):
        assert desk.get(address_of(article, *rest)).status_code == 403
    assert desk.post(address_of(article, "history", "1", "restore")).status_code == 403


def test_a_reader_is_not_let_in(a_reader: User) -> None:
    answer = at_the_desk(a_reader).get("/admin/articles/article/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_previews_are_kept_by_nobody(a_journalist: User) -> None:
    article = an_article("Mine", created_by=a_journalist)
    answer = at_the_desk(a_journalist).get(address_of(article, "preview", "subscriber"))
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert at_the_desk(a_journalist).get(address_of(article, "preview", "everybody")).status_code == 404


def test_a_scheduled_piece_is_previewed_but_not_public(a_journalist: User, an_editor: User) -> None:
    article = an_article("Tomorrow", created_by=a_journalist)
    schedule(article, by=an_editor, at=timezone.now() + timedelta(days=1))
    assert at_the_desk(a_journalist).get(address_of(article, "preview", "visitor")).status_code == 200
    assert at_the_desk(a_journalist).get(article.get_absolute_url()).status_code == 404


def test_a_journalists_photo_is_kept_under_their_name(a_journalist: User) -> None:
    photo = a_photo()
    desk = at_the_desk(a_journalist)
    assert desk.get("/admin/articles/photo/library/").json()["photos"][0]["id"] == photo.pk
    assert desk.post(f"/admin/articles/photo/{photo.pk}/change/", {"alt": "changed"}).status_code == 403


def test_the_state_of_a_fresh_article_is_draft(a_journalist: User) -> None:
    desk = at_the_desk(a_journalist)
    answer = desk.post(ADD, filled_in(headline="New"))
    article = Article.objects.get()
    assert said(answer) == ["Saved."]
    assert article.created_by == a_journalist
    assert WorkflowState.objects.of(article).state == State.DRAFT
