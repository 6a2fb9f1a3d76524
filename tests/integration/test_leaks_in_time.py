"""Does what somebody may see begin and end on the moment, also for those who are here already?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import publishing
from articles.models import Edition
from articles.paywall import find_audience
from kjreport.accounts.models import ReaderToken, User
from subscriptions.models import Grant, Subscription
from tests.cast import an_account
from tests.leaks.crawling import SharedCache, a_short_walk, ask, hunt, may_be_shared, said
from tests.leaks.personas import signed_in
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """A clock that stands; its one entry is the time."""
    hands = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: hands[0])
    yield hands
    monkeypatch.undo()


def article_of(paper: Planted, piece: str = "paid") -> str:
    return f"/articles/{paper.articles[piece].slug}/"


def test_an_embargo_ends_on_its_second(paper: Planted, subscriber: Client, clock: list[datetime]) -> None:
    moment = Edition.objects.scheduled().get(article=paper.articles["scheduled"]).published_at
    hidden = paper.words.of("scheduled", "head", "above", "below", "photo", "topic")
    quarry = paper.quarry(but=paper.public | paper.below)
    for client in (Client(), subscriber):
        clock[0] = moment - timedelta(seconds=1)
        assert hunt(client, a_short_walk(paper), quarry) == set()
        clock[0] = moment
        found = said(hunt(client, a_short_walk(paper), quarry))
        assert paper.words.of("scheduled", "head", "above") <= found <= hidden | {"scheduled / picture / file"}
    assert said(hunt(Client(), a_short_walk(paper), quarry)) & paper.words.of("scheduled", "below") == set()


def test_a_scheduled_edition_takes_the_place_of_the_live_one_on_its_second(
    paper: Planted, subscriber: Client, clock: list[datetime]
) -> None:
    article = paper.articles["awaiting"]
    moment = Edition.objects.scheduled().get(article=article).published_at
    path, out_by_then = [f"/articles/{article.slug}/"], paper.words.of("scheduled")
    quarry = paper.quarry(but=paper.public | paper.below | out_by_then)
    clock[0] = moment - timedelta(seconds=1)
    assert hunt(subscriber, path, quarry) == set()
    clock[0] = moment
    assert paper.words.of("awaiting", "coming") - {"awaiting / coming / slug"} <= said(hunt(subscriber, path, quarry))
    assert said(hunt(subscriber, path, paper.quarry())) & paper.words.of("awaiting", "head", "below") == set()


def test_withdrawal_leaves_every_surface_at_once(paper: Planted, subscriber: Client) -> None:
    of_it = paper.words.of("paid") | {"paid / picture / file"}
    for client in (Client(), subscriber):
        assert said(hunt(client, a_short_walk(paper), paper.quarry())) & of_it
    publishing.withdraw(paper.articles["paid"], by=paper.editor)
    for client in (Client(), subscriber):
        assert said(hunt(client, a_short_walk(paper), paper.quarry())) & of_it == set()
        assert ask(client, article_of(paper)).status == 410
        search = ask(client, f"/search/?q={paper.words.word_at('paid / head / headline')}")
        assert b"/articles/paid-" not in search.body


@pytest.mark.parametrize(
    "change",
    [
        {"status": "canceled", "end_reason": "cancellation_requested"},
        {"status": "unpaid"},
        {"status": "past_due", "invoice_status": "open"},
        {"status": "paused"},
        {"revoked_at": timezone.now()},
        {"ends_at": timezone.now()},
    ],
    ids=lambda change: next(iter(change.values())) if "status" in change else next(iter(change)),
)
def test_a_live_session_reads_no_more_once_the_subscription_is_over(
    paper: Planted, paying_reader: User, subscriber: Client, change: dict[str, object]
) -> None:
    hidden, paths = paper.quarry(but=paper.public), [article_of(paper), f"/api/v1{article_of(paper)}"]
    before = ask(subscriber, paths[0])
    assert hidden.look_through(before)
    Subscription.objects.filter(customer__user=paying_reader).update(**change)
    assert hunt(subscriber, paths, hidden) == set()
    assert ask(subscriber, paper.photos["paid"].default_src).status == 404
    # Nor is the page they have still called fresh.
    known = {"If-None-Match": before.header("ETag") or "*", "If-Modified-Since": before.header("Date") or "x"}
    assert ask(subscriber, paths[0], headers=known).status == 200


def test_a_grant_ends_on_its_second(paper: Planted, clock: list[datetime]) -> None:
    reader = an_account("Gunnar Granted")
    until = timezone.now() + timedelta(minutes=30)
    Grant.objects.create(user=reader, reason="A prize", begins_at=timezone.now(), until=until)
    client, hidden = signed_in(reader), paper.quarry(but=paper.public)
    clock[0] = until - timedelta(seconds=1)
    assert hunt(client, [article_of(paper)], hidden) != set()
    clock[0] = until
    assert hunt(client, [article_of(paper)], hidden) == set()


def test_signing_out_in_another_tab_closes_this_one(paper: Planted, subscriber: Client) -> None:
    other_tab, hidden = Client(), paper.quarry(but=paper.public)
    other_tab.cookies = subscriber.cookies.copy()  # type: ignore[assignment] # one browser has one set of cookies
    this_tab = subscriber.cookies["sessionid"].value
    assert hunt(other_tab, [article_of(paper)], hidden) != set()
    subscriber.post("/account/logout/")
    late = Client()
    late.cookies["sessionid"] = this_tab
    assert hunt(late, [article_of(paper)], hidden) == set()


def test_signing_out_everywhere_closes_every_device(paper: Planted, paying_reader: User) -> None:
    phone, desk, hidden = signed_in(paying_reader), signed_in(paying_reader), paper.quarry(but=paper.public)
    assert hunt(phone, [article_of(paper)], hidden) != set()
    desk.post("/account/sign-out-everywhere/")
    assert hunt(phone, [article_of(paper)], hidden) == set()
    assert hunt(desk, [article_of(paper)], hidden) == set()


def test_a_closed_account_reads_no_more(paper: Planted, paying_reader: User, subscriber: Client) -> None:
    _, raw = ReaderToken.objects.make(paying_reader, name="Mine")
    User.objects.filter(pk=paying_reader.pk).update(is_active=False)
    hidden = paper.quarry(but=paper.public)
    assert hunt(subscriber, a_short_walk(paper), hidden) == set()
    assert hunt(Client(), [f"/api/v1{article_of(paper)}"], hidden, headers={"Authorization": f"Bearer {raw}"}) == set()


# Caches ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vary", [True, False], ids=["heeds Vary", "heeds no Vary"])
@pytest.mark.parametrize("first", ["subscriber", "visitor"])
def test_a_shared_cache_mixes_nobody_up(paper: Planted, subscriber: Client, first: str, vary: bool) -> None:  # noqa: FBT001 - a parameter of the test
    shared, hidden = SharedCache(vary=vary), paper.quarry(but=paper.public)
    paths = a_short_walk(paper)
    if first == "visitor":
        for path in paths:
            shared.get(Client(), path)
    for path in paths:
        shared.get(subscriber, path)
    for path in paths:
        assert hidden.look_through(shared.get(Client(), path)) == set(), path
    assert shared.kept or not vary


def test_nobody_may_keep_what_somebody_known_gets(paper: Planted, subscriber: Client) -> None:
    """Otherwise the back button shows the paid text after signing out."""
    hidden = paper.quarry(but=paper.public)
    for path in a_short_walk(paper):
        answer = ask(subscriber, path)
        if hidden.look_through(answer) or path.startswith(("/articles/", "/search/")):
            assert answer.header("Cache-Control") == "private, no-store", path
        elif may_be_shared(answer):
            visitors = ask(Client(), path)
            assert answer.body == visitors.body, path


def test_a_token_readers_answer_is_nobodys_to_keep(paper: Planted, paying_reader: User) -> None:
    _, raw = ReaderToken.objects.make(paying_reader, name="Mine")
    answer = ask(Client(), f"/api/v1{article_of(paper)}", headers={"Authorization": f"Bearer {raw}"})
    assert paper.quarry(but=paper.public).look_through(answer)
    assert answer.header("Cache-Control") == "private, no-store"


def test_what_caches_keep_of_a_visitors_page_names_nobody(paper: Planted) -> None:
    for path in a_short_walk(paper):
        answer = ask(Client(), path)
        if may_be_shared(answer):
            assert answer.header("Set-Cookie") == "", path
            assert b"csrfmiddlewaretoken" not in answer.body, path
            assert b"nonce=" not in answer.body, path


def test_pages_that_differ_by_reader_say_so(paper: Planted) -> None:
    for path in (article_of(paper), "/search/?q=piece", f"/api/v1{article_of(paper)}", "/"):
        assert "Cookie" in ask(Client(), path).header("Vary"), path


def test_a_picture_below_the_line_is_nobodys_to_keep(paper: Planted, subscriber: Client) -> None:
    photo = paper.photos["paid"]
    assert find_audience(photo) == "readers of analyses"
    for client in (subscriber, Client()):
        assert ask(client, photo.default_src).header("Cache-Control") == "private, no-store"
