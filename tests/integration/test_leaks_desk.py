"""Does anybody in the newsroom see what a colleague has not shown yet?"""

import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from reversion.models import Version

from articles.models import Article
from kjreport.leaks.addresses import Kind
from kjreport.leaks.hunting import Quarry
from tests.cast import a_colleague
from tests.integration.newsroom import address_of, filled_in
from tests.integration.newsroom import said as said_to_be
from tests.leaks.crawling import ask, everywhere, hunt, said
from tests.leaks.personas import signed_in
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)


_WORK = re.compile(r"\bwork=\w+")  # a name drawn by chance for each text kept


@pytest.fixture
def journalist(paper: Planted) -> Client:
    """A journalist's browser, signed in."""
    return signed_in(paper.journalist)


@pytest.fixture
def of_others(paper: Planted) -> Quarry:
    """What a journalist may not see: others' unpublished text. The library of pictures is the whole newsroom's."""
    return paper.quarry(but=paper.public | paper.in_the_library)


def test_a_journalist_sees_nothing_of_others_drafts_at_any_address(
    paper: Planted, journalist: Client, of_others: Quarry
) -> None:
    assert sorted(map(str, hunt(journalist, everywhere(Kind.STAFF, Kind.GATED), of_others))) == []


def test_an_editor_sees_all_of_it(paper: Planted) -> None:
    """Which proves that the newsroom's addresses lead to the text, for those who may have it."""
    found = said(hunt(signed_in(paper.editor), everywhere(Kind.STAFF), paper.quarry()))
    assert paper.words.of("draft", "head", "below", "above") <= found
    assert paper.words.of("submitted", "head", "below", "desk") <= found
    assert paper.words.of("edited", "unpublished") <= found


def test_a_bookkeeper_sees_nothing_of_any_text(paper: Planted) -> None:
    bookkeeper = signed_in(a_colleague("Fiona Finance", "Finance"))
    assert sorted(map(str, hunt(bookkeeper, everywhere(Kind.STAFF), paper.quarry()))) == []


def test_choosers_answer_no_guesses(paper: Planted, journalist: Client, of_others: Quarry) -> None:
    """A word that stands in a draft's headline finds as much as a word that stands nowhere."""
    chooser = "/admin/autocomplete/?app_label=related&model_name=relatedarticle&field_name=related&term="
    nothing = ask(journalist, f"{chooser}qxnowhere")
    for word, what in paper.words.planted.items():
        if what in paper.public or what.split(" / ")[2] not in {"headline", "second headline", "standfirst"}:
            continue
        assert ask(journalist, chooser + word).body == nothing.body, what
    assert hunt(journalist, [chooser, f"{chooser}piece"], of_others) == set()


@pytest.mark.parametrize(
    "question",
    [
        *("articles__source__contains={word}", "editions__body__text__contains={word}", "leads={pk}", "hero={pk}"),
        *("articles__headline__startswith=The", "articles__id__exact={pk}", "articles={pk}", "articles__in={pk}"),
        *("bylines__article={pk}", "articles__isnull=True", "editions__article={pk}", "leads__id__exact={pk}"),
        *("chosen_for__article={pk}", "workflow_events__note__contains={word}", "o=-9999", "q={word}", "e=1", "all="),
    ],
)
def test_lists_answer_no_questions_about_others_drafts(paper: Planted, journalist: Client, question: str) -> None:
    """A list narrowed by something of a draft says the same as one narrowed by something of nothing."""
    draft, word = paper.articles["draft"], paper.words.word_at("draft / below / quote")
    for listing in ("articles/article", "articles/topic", "articles/section", "authors/author", "articles/photo"):
        answers = [
            ask(journalist, f"/admin/{listing}/?{question.format(pk=pk, word=one)}")
            for pk, one in ((draft.pk, word), (999_999, "qxnowhere"))
        ]
        told = [
            (answer.status, answer.header("Location"), _same(answer.body, draft.pk, word, 999_999, "qxnowhere"))
            for answer in answers
        ]
        assert told[0] == told[1], listing


def _same(body: bytes, *echoed: object) -> bytes:
    """Return a page without what was asked, and without what differs every time."""
    words = b"|".join(re.escape(str(one).encode()) for one in echoed)
    unasked = re.sub(rb"(?:\b|(?<=%3D))(" + words + rb")\b", b"-", body)
    return re.sub(rb'(csrfmiddlewaretoken" value|nonce)="[^"]*"', b"", unasked)


@pytest.mark.parametrize(
    "page",
    [
        *("{pk}/change/", "{pk}/", "{pk}/history/", "{pk}/delete/", "{pk}/preview/visitor/"),
        *("{pk}/preview/subscriber/", "{pk}/history/{version}/", "{pk}/history/{version}/restore/"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_draft_is_as_if_it_never_was(paper: Planted, journalist: Client, page: str, method: str) -> None:
    draft = paper.articles["draft"]
    version = Version.objects.get_for_object(draft).first()
    assert version is not None
    told = []
    for pk in (draft.pk, 999_999):
        answer = ask(journalist, f"/admin/articles/article/{page.format(pk=pk, version=version.pk)}", method)
        where = _WORK.sub("work=-", answer.header("Location").replace(str(pk), ""))
        told.append((answer.status, where, _same(answer.body, draft.pk, 999_999)))
    assert told[0] == told[1]
    draft.refresh_from_db()
    assert draft.headline.startswith("Rewritten")


def test_a_version_opens_only_under_its_own_article(paper: Planted, journalist: Client, of_others: Quarry) -> None:
    mine = paper.articles["mine"]
    paths = [
        f"/admin/articles/article/{mine.pk}/history/{version.pk}/" for version in Version.objects.get_for_model(Article)
    ]
    assert paths
    assert hunt(journalist, paths, of_others) == set()


def test_view_on_site_leads_nobody_to_a_draft(paper: Planted, journalist: Client) -> None:
    kind = ContentType.objects.get_for_model(Article).pk
    answer = ask(journalist, f"/admin/r/{kind}/{paper.articles['draft'].pk}/")
    never = ask(journalist, f"/admin/r/{kind}/999999/")
    assert (answer.status, answer.header("Location")) == (never.status, never.header("Location"))
    assert answer.status == 404


def test_staff_addresses_open_in_no_other_spelling(paper: Planted, of_others: Quarry) -> None:
    page = f"articles/article/{paper.articles['draft'].pk}/preview/subscriber"
    for path in (f"/admin/{page}", f"/ADMIN/{page}/", f"/admin//{page}/"):
        assert hunt(Client(), [path], of_others) == set()
        assert ask(Client(), path).status in {301, 302, 404}


def test_a_journalist_cannot_open_a_live_piece_to_everybody(paper: Planted, journalist: Client) -> None:
    """Access of what readers have is the editors'; a form that sends it all the same changes nothing."""
    live = paper.articles["paid"]
    Article.objects.filter(pk=live.pk).update(created_by=paper.journalist)
    ask(journalist, f"/admin/articles/article/{live.pk}/change/", "post", QUERY_STRING="access=open")
    response = journalist.post(address_of(live), filled_in(live, access="open"))
    assert said_to_be(response) == ["Saved."]
    live.refresh_from_db()
    assert live.access == "subscribers"
