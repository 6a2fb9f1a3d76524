"""The practice till's own pages, driven by their labels in a real browser: checkout, bank, portal, invoice, desk."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in
from playwright.sync_api import Browser, Page, expect

from kjreport.standin.server import StandIn
from tests.browser.conftest import PATIENCE
from tests.browser.watching import watch
from tests.contract.conftest import START, Shop

pytestmark = pytest.mark.browser

HOUR, DAY = 3_600, 86_400
NAME = "Rosa <script>alert(1)</script> Reader"
BANK_ASKS, DECLINED = "4000 0025 0000 3155", "4000 0000 0000 0002"
FEATURES: Any = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["unused"]}},
    "subscription_pause": {"enabled": True},
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A till with something on sale, a customer with an awkward name, and a portal in which all is allowed."""
    with StandIn(deliver="hold", start_at=START, seed=5) as standin:
        client = stripe.StripeClient("sk_test_1", http_client=standin.direct(), max_network_retries=0)
        product = client.v1.products.create({"name": "KJ Report <b>whole</b>"}).id
        recurring: Any = ({"interval": "month"}, {"interval": "year"})
        monthly, yearly = (
            client.v1.prices.create(
                {"product": product, "currency": "gbp", "unit_amount": amount, "recurring": each}
            ).id
            for amount, each in zip((1_000, 10_000), recurring, strict=True)
        )
        customer = client.v1.customers.create({"email": "rosa@reader.example", "name": NAME}).id
        switch: Any = {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": product, "prices": [monthly, yearly]}],
            "proration_behavior": "always_invoice",
        }
        client.v1.billing_portal.configurations.create({"features": FEATURES | {"subscription_update": switch}})
        yield Shop(client, standin, product, monthly, yearly, customer)


@pytest.fixture(params=[390])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A telephone's browser; a breach of the content policy or a request to anyone else fails its test."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    context.set_default_timeout(PATIENCE)
    watch(context, faults)
    opened = context.new_page()
    opened.on("dialog", lambda dialog: faults.append(dialog.message))
    yield opened
    context.close()
    assert faults == []


def fits(page: Page, name: str) -> None:
    """Look at a page: nothing sticks out at the side, and no one's words have become markup."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert page.locator("script").count() == 0
    expect(page.get_by_text("No money moves")).to_be_visible()
    folder = os.environ.get("STANDIN_PICTURES")
    if folder:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
            page.set_viewport_size({"width": 1440, "height": 900})
            page.screenshot(path=Path(folder) / f"{name}-{scheme}-wide.png", full_page=True)
            page.set_viewport_size({"width": 390, "height": 844})


def type_card(page: Page, number: str = "4242 4242 4242 4242") -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12/40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill(NAME)


def session_for(shop: Shop, **changes: Any) -> Any:
    back = f"{shop.standin.url}/_standin/health"
    return shop.session(**{"success_url": back + "?session={CHECKOUT_SESSION_ID}", "cancel_url": back} | changes)


def status(shop: Shop, session: Any) -> tuple[str | None, str]:
    found = shop.client.v1.checkout.sessions.retrieve(session.id)
    return found.status, found.payment_status


def portal(page: Page, shop: Shop) -> None:
    back = f"{shop.standin.url}/_standin/health"
    page.goto(shop.client.v1.billing_portal.sessions.create({"customer": shop.customer, "return_url": back}).url)


def test_a_code_the_terms_a_declined_card_and_one_that_pays(page: Page, shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 25, "duration": "once"})
    shop.client.v1.promotion_codes.create({"code": "QUARTER", "promotion": {"type": "coupon", "coupon": coupon.id}})
    session = session_for(
        shop,
        allow_promotion_codes=True,
        consent_collection={"terms_of_service": "required"},
        custom_text={"submit": {"message": "You may cancel <i>at any time</i>."}},
    )
    page.goto(session.url)
    expect(page.get_by_text("KJ Report <b>whole</b>").first).to_be_visible()
    expect(page.get_by_text("You may cancel <i>at any time</i>.")).to_be_visible()
    fits(page, "checkout")
    page.get_by_label("Promotion code").fill("NONE")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("This promotion code is not valid.")).to_be_visible()
    page.get_by_label("Promotion code").fill("quarter")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("row", name="Discount -£2.50")).to_be_visible()
    expect(page.get_by_text("today, then £10.00 a month")).to_be_visible()
    type_card(page)
    page.get_by_role("button", name="Subscribe").last.click()
    expect(page.get_by_text("Please agree to the terms")).to_be_visible()
    page.get_by_label("I agree to the terms").check()
    type_card(page, DECLINED)
    page.get_by_role("button", name="Subscribe").last.click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    fits(page, "checkout-declined")
    assert status(shop, session) == ("open", "unpaid")
    type_card(page)
    page.get_by_role("button", name="Subscribe").last.click()
    expect(page).to_have_url(re.compile(rf"session={session.id}$"))
    assert status(shop, session) == ("complete", "paid")
    assert shop.client.v1.invoices.list().data[0].amount_paid == 750


def test_the_bank_is_refused_and_then_confirmed(page: Page, shop: Shop) -> None:
    session = session_for(shop)
    page.goto(session.url)
    type_card(page, BANK_ASKS)
    page.get_by_role("button", name="Subscribe").last.click()
    expect(page.get_by_role("heading", name="Your bank asks")).to_be_visible()
    fits(page, "bank")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("alert")).to_contain_text("did not confirm")
    assert status(shop, session) == ("open", "unpaid")
    type_card(page, BANK_ASKS)
    page.get_by_role("button", name="Subscribe").last.click()
    page.get_by_role("button", name="Confirm payment").click()
    expect(page).to_have_url(re.compile(r"session=cs_"))
    assert status(shop, session) == ("complete", "paid")


def test_a_card_for_later_and_a_page_that_has_run_out(page: Page, shop: Shop) -> None:
    kept = session_for(shop, mode="setup", line_items=None, subscription_data=None, currency="gbp")
    page.goto(kept.url)
    expect(page.get_by_text("Nothing is taken now.")).to_be_visible()
    fits(page, "checkout-setup")
    type_card(page, BANK_ASKS)
    page.get_by_role("button", name="Save card").last.click()
    expect(page.get_by_text("keep the card ending 3155")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile(r"session=cs_"))
    assert status(shop, kept) == ("complete", "no_payment_required")
    gone = session_for(shop)
    shop.standin.advance(2 * DAY)
    page.goto(gone.url)
    expect(page.get_by_role("heading", name="This page has run out")).to_be_visible()
    fits(page, "checkout-run-out")


def test_switch_with_its_sum_shown_first_cancel_and_keep(page: Page, shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.standin.advance(to=START + 31 * DAY // 2)
    portal(page, shop)
    fits(page, "portal")
    page.get_by_role("button", name="Switch to £100.00 a year").click()
    expect(page.get_by_role("row", name="Due now £95.00")).to_be_visible()
    expect(page.get_by_role("row", name="-£5.00")).to_be_visible()
    fits(page, "portal-switch")
    page.get_by_role("button", name="Confirm change").click()
    expect(page.get_by_role("status")).to_contain_text("changed")
    assert shop.client.v1.invoices.list().data[0].amount_paid == 9_500
    page.get_by_role("link", name="Cancel subscription").click()
    page.get_by_label("Why are you leaving?").select_option(label="I do not read it enough")
    fits(page, "portal-cancel")
    page.get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_text("Nothing more will be taken.")).to_be_visible()
    assert shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at is not None
    page.get_by_role("button", name="Don't cancel").click()
    expect(page.get_by_role("status")).to_contain_text("goes on")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).cancel_at is None


def test_pause_resume_and_new_details(page: Page, shop: Shop) -> None:
    subscription = shop.subscribe()
    portal(page, shop)
    page.get_by_role("link", name="Pause subscription").click()
    fits(page, "portal-pause")
    page.get_by_label("1 month, until 1 February 2025").check()
    page.get_by_role("button", name="Pause subscription").click()
    expect(page.get_by_text("goes on by itself on 1 February 2025")).to_be_visible()
    fits(page, "portal-paused")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "paused"
    page.get_by_role("button", name="Resume subscription").click()
    expect(page.get_by_text("Next payment on")).to_be_visible()
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"
    page.get_by_role("link", name="Change details").click()
    fits(page, "portal-details")
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Write a full e-mail address")).to_be_visible()
    page.get_by_label("E-mail").fill("new@reader.example")
    page.get_by_label("Street and number").fill("1 Wall Street")
    page.get_by_label("Postcode").fill("N1 1AA")
    page.get_by_label("Country").select_option(label="Ireland")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("details are changed")
    customer: Any = shop.client.v1.customers.retrieve(shop.customer)
    assert (customer.email, customer.address.country) == ("new@reader.example", "IE")
    assert (customer.address.line1, customer.address.postal_code) == ("1 Wall Street", "N1 1AA")


def test_a_late_reader_pays_the_invoice_and_changes_the_card(page: Page, shop: Shop) -> None:
    subscription = shop.subscribe("4000000000000341")
    shop.standin.advance(31 * DAY + HOUR)
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    portal(page, shop)
    expect(page.get_by_text("Your last payment failed.")).to_be_visible()
    fits(page, "portal-late")
    page.get_by_role("link", name=re.compile("^Pay ")).click()
    fits(page, "invoice-open")
    type_card(page, DECLINED)
    page.get_by_role("button", name="Pay £10.00").click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    type_card(page, BANK_ASKS)
    page.get_by_role("button", name="Pay £10.00").click()
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("alert")).to_contain_text("did not confirm")
    type_card(page, BANK_ASKS)
    page.get_by_role("button", name="Pay £10.00").click()
    page.get_by_role("button", name="Confirm payment").click()
    expect(page.get_by_text("Paid", exact=True)).to_be_visible()
    fits(page, "invoice-paid")
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "active"
    portal(page, shop)
    expect(page.get_by_text("Visa ending 3155")).to_be_visible()
    page.get_by_role("link", name="Change card").click()
    fits(page, "portal-card")
    type_card(page, DECLINED)
    page.get_by_role("button", name="Save card").click()
    expect(page.get_by_role("alert")).to_contain_text("declined")
    type_card(page, "5555 5555 5555 4444")
    page.get_by_role("button", name="Save card").click()
    expect(page.get_by_text("Mastercard ending 4444")).to_be_visible()


def test_the_desk_and_pages_that_are_not_there_fit_a_telephone(page: Page, shop: Shop) -> None:
    shop.subscribe()
    shop.standin.fail_next(3, status="trickle")
    page.goto(f"{shop.standin.url}/_standin/")
    expect(page.get_by_role("heading", name="The desk")).to_be_visible()
    fits(page, "desk")
    before = shop.standin.now()
    page.get_by_role("button", name="Move one day forward").click()
    expect(page.get_by_text("moved forward")).to_be_visible()
    assert shop.standin.now() == before + DAY
    charge = shop.client.v1.charges.list().data[0]
    page.goto(str(charge.receipt_url))
    fits(page, "receipt")
    page.goto(f"{shop.standin.url}/nowhere")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    fits(page, "not-found")
