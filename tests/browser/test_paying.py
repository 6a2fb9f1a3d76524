"""Readers meet the wall, pay at the practice till, read on, leave and give: in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from articles import publishing
from articles.models import Article
from donations import giving
from donations.models import Donation, Pledge
from kjreport.accounts.models import User
from kjreport.payments.models import Payment
from kjreport.standin.server import StandIn
from subscriptions import catalogue
from subscriptions.models import Subscription
from tests.cast import an_article

pytestmark = pytest.mark.browser

ADDRESS = "rosa@reader.example"
FREE, PAID = "Above the line, for everybody to read.", "Below the line, for subscribers only."


@pytest.fixture
def till(live_server: LiveServer, settings: Any) -> Iterator[StandIn]:
    """A practice till beside the running site, each knowing the other, with everything on sale."""
    webhook = f"{live_server.url}/stripe/webhook/"
    with StandIn(deliver="hold", webhook_url=webhook, secret="whsec_tests") as standin:
        settings.SITE_URL = live_server.url
        settings.STRIPE_API_BASE = standin.url
        settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": ["'self'", standin.url]}
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        giving.ensure_campaign()
        giving.publish_campaigns()
        yield standin


@pytest.fixture
def analysis(till: StandIn, an_editor: User) -> Article:
    """A live piece for subscribers."""
    article = an_article()
    publishing.publish(article, by=an_editor)
    return article


def open_piece(page: Page, article: Article) -> None:
    page.goto(article.get_absolute_url())
    expect(page.get_by_text(FREE)).to_be_visible()


def expect_the_wall(page: Page, article: Article) -> None:
    open_piece(page, article)
    expect(page.get_by_text(PAID)).to_have_count(0)
    expect(page.get_by_role("link", name="Subscribe and read on")).to_be_visible()


def expect_all_of_it(page: Page, article: Article) -> None:
    open_piece(page, article)
    expect(page.get_by_text(PAID)).to_be_visible()


def type_in_the_code(page: Page) -> None:
    """Take the code out of the letter that was just sent."""
    expect(page.get_by_label("Code")).to_be_visible()
    found = re.search(r"^\s*(\d{4}-\d{4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    page.get_by_label("Code").fill(found[1])
    page.get_by_role("button", name="Continue").click()


def sign_up_from_the_wall(page: Page, article: Article) -> None:
    expect_the_wall(page, article)
    page.get_by_role("link", name="Subscribe and read on").click()
    page.get_by_role("link", name="Subscribe for £10 a month").click()
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Continue").click()
    type_in_the_code(page)
    expect(page.get_by_text("Your choice")).to_be_visible()


def pay(page: Page, *, card: str = "4242 4242 4242 4242", email: str = "", button: str | re.Pattern[str] = "") -> None:
    expect(page.get_by_text("No money moves")).to_be_visible()
    if email:
        page.get_by_label("E-mail").fill(email)
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry").fill("12/40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Rosa Reader")
    page.get_by_role("button", name=button or re.compile("^(Subscribe|Pay|Donate|Give)")).last.click()


def test_meet_the_wall_sign_up_pay_read_on_cancel_read_to_the_end_then_the_wall(
    page: Page, analysis: Article, till: StandIn
) -> None:
    sign_up_from_the_wall(page, analysis)
    page.get_by_role("button", name="Subscribe for £10 a month").click()
    pay(page)
    expect(page).to_have_url(re.compile(re.escape(analysis.get_absolute_url())))
    expect(page.get_by_text(PAID)).to_be_visible()
    expect(page.get_by_text("Every analysis is open to you now")).to_be_visible()
    till.flush()
    assert [letter.subject for letter in mail.outbox if "elcome" in letter.subject]

    page.get_by_role("link", name="My account").first.click()
    expect(page.get_by_text("£10 a month, since")).to_be_visible()
    page.get_by_role("button", name="Cancel my subscription").click()
    page.get_by_role("button", name="Cancel subscription").click()
    page.goto("/subscribe/manage/")
    expect(page.get_by_text("Your subscription ends on")).to_be_visible()
    expect_all_of_it(page, analysis)

    till.flush(order="reverse", duplicate=2)
    till.advance(days=20)
    till.flush()
    expect_all_of_it(page, analysis)
    till.advance(days=12)
    till.flush()
    expect_the_wall(page, analysis)
    assert Payment.objects.get().amount == 1000


def test_a_declined_card_is_told_so_and_one_the_bank_asks_about_pays(
    page: Page, analysis: Article, till: StandIn
) -> None:
    sign_up_from_the_wall(page, analysis)
    page.get_by_role("button", name="Subscribe for £10 a month").click()
    pay(page, card="4000 0000 0000 0002")
    expect(page.get_by_text(re.compile("declined")).first).to_be_visible()
    till.flush()
    assert not Subscription.objects.exists()
    assert not Payment.objects.exists()

    pay(page, card="4000 0025 0000 3155")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_label("Card number")).to_be_visible()
    assert not Subscription.objects.exists()
    pay(page, card="4000 0025 0000 3155")
    page.get_by_role("button", name="Confirm payment").click()
    expect(page.get_by_text(PAID)).to_be_visible()
    till.flush()
    assert Subscription.objects.get().status == "active"
    assert Payment.objects.get().amount == 1000


def test_the_way_back_from_the_till_keeps_the_choice(page: Page, analysis: Article, till: StandIn) -> None:
    sign_up_from_the_wall(page, analysis)
    page.get_by_role("button", name="Subscribe for £10 a month").click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("Your choice")).to_be_visible()
    page.get_by_role("button", name="Subscribe for £10 a month").click()
    pay(page)
    expect(page.get_by_text(PAID)).to_be_visible()
    assert Subscription.objects.count() == 1


def test_give_25_once_and_5_each_month_without_an_account(page: Page, analysis: Article, till: StandIn) -> None:
    open_piece(page, analysis)
    page.get_by_role("link", name="£25").click()
    expect(page.get_by_label("£25")).to_be_checked()
    page.get_by_label("Your name").fill("Greta Giver")
    page.get_by_label("A note to us").fill("For the maps.")
    page.get_by_role("button", name="Give", exact=True).click()
    pay(page, email="greta@giver.example")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("£25", exact=True)).to_be_visible()

    page.goto("/donate/")
    page.get_by_label("Every month").check()
    page.get_by_label("£5", exact=True).check()
    page.get_by_role("button", name="Give", exact=True).click()
    pay(page, email="greta@giver.example")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("every month", exact=True)).to_be_visible()

    till.flush(order="shuffle", seed=3, duplicate=2)
    assert sorted(donation.payment.amount for donation in Donation.objects.all()) == [500, 2500]
    assert Pledge.objects.get().status == "active"
    assert [letter.to for letter in mail.outbox] == [["greta@giver.example"]] * 2


def test_an_amount_of_ones_own_is_checked_before_the_till(page: Page, till: StandIn) -> None:
    page.goto("/donate/")
    page.get_by_label("Another amount, in pounds").fill("2")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_text("from £3 to £5,000 here")).to_be_visible()
    page.get_by_label("Another amount, in pounds").fill("12.50")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_text("£12.50").first).to_be_visible()


def test_a_visitor_who_only_reads_gets_no_cookie(page: Page, analysis: Article) -> None:
    for address in ("/", analysis.get_absolute_url(), "/articles/", "/search/?q=line", "/about/", "/feed/"):
        page.goto(address)
    assert page.context.cookies() == []


def test_everything_can_be_read_without_javascript(new_page: Any, analysis: Article, till: StandIn) -> None:
    page = new_page(java_script_enabled=False)
    expect_the_wall(page, analysis)
    page.goto("/donate/")
    page.get_by_label("£25").check()
    page.get_by_role("button", name="Give", exact=True).click()
    pay(page, email="greta@giver.example")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
