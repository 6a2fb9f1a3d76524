"""From the plans page through the practice till and back to reading."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core import mail
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments.models import AttemptState, CheckoutAttempt, Customer, Payment, Purpose, StripeEvent
from kjreport.standin.server import StandIn
from subscriptions.models import Notice, NoticeKind, Plan, Subscription
from tests.cast import an_account
from tests.integration.money.till import (
    BANK_ASKS_CARD,
    DECLINED_CARD,
    a_price,
    html_of,
    may_read,
    path_of,
    press_subscribe,
    read_letters,
    session_in,
    subscribe,
)

pytestmark = pytest.mark.django_db(transaction=True)

ARTICLE = "/articles/the-corridor-nobody-drew/"


def test_a_visitors_buttons_lead_through_sign_up_with_the_choice_and_the_article(client: Client, till: StandIn) -> None:
    page = client.get("/subscribe/", {"return_to": ARTICLE}).content.decode()
    assert "£10" in page
    assert "£100" in page
    assert "saves £20" in page
    link = re.search(r'href="(/account/signup/\?next=[^"]+)"[^>]*>Subscribe for £10 a month', page)
    assert link
    [after] = parse_qs(urlsplit(link[1]).query)["next"]
    assert after == f"/subscribe/?price={a_price().pk}&return_to={quote(ARTICLE, safe='')}"
    assert "csrfmiddlewaretoken" not in page
    assert "sessionid" not in client.cookies


def test_what_is_agreed_to_stands_beside_each_button(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    page = client.get("/subscribe/").content.decode()
    assert "£10 is taken today, and again every month until you cancel" in page
    assert "£100 is taken today, and again every year until you cancel" in page


def test_a_visitor_who_posts_is_led_to_sign_up_with_the_choice(client: Client, till: StandIn) -> None:
    response = press_subscribe(client, return_to=ARTICLE)
    assert response.status_code == 302
    [after] = parse_qs(urlsplit(response["Location"]).query)["next"]
    assert after.startswith(f"/subscribe/?price={a_price().pk}")
    assert not any(call.startswith("POST /v1/checkout") for call in till.calls)


def test_a_reader_pays_and_is_back_at_the_article_now_open(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    response = subscribe(client, till, return_to=ARTICLE)
    assert response["Location"] == ARTICLE
    assert may_read(a_reader)
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.amount, subscription.interval) == ("active", 1000, "month")
    assert subscription.plan == Plan.objects.get()
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency, payment.purpose) == (1000, "gbp", Purpose.SUBSCRIPTION)
    assert payment.customer == Customer.objects.get(user=a_reader)
    assert CheckoutAttempt.objects.get().state == AttemptState.COMPLETED


def test_the_years_price_is_the_catalogues(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till, interval="year")
    assert Payment.objects.get().amount == 10_000


@pytest.mark.parametrize("first", ["return", "letters"])
def test_return_and_letters_in_either_order_lead_to_one_state_and_one_welcome(
    client: Client, till: StandIn, a_reader: User, first: str
) -> None:
    client.force_login(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client, return_to=ARTICLE))))
    if first == "return":
        assert client.get(address)["Location"] == ARTICLE
        read_letters(till, twice=True)
    else:
        read_letters(till, reverse=True, twice=True)
        assert may_read(a_reader)
        assert client.get(address)["Location"] == ARTICLE
    assert client.get(address)["Location"] == ARTICLE
    assert Subscription.objects.count() == Payment.objects.count() == 1
    assert not StripeEvent.objects.unprocessed().exists()
    [welcome] = mail.outbox
    assert welcome.to == [a_reader.email]
    assert welcome.subject == "Welcome to KJ Report"
    assert Notice.objects.get(kind="welcome").kind == NoticeKind.WELCOME


def test_the_welcome_is_written_in_text_and_html_with_every_rule_inline_but_those_for_the_dark_and_for_phones(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    [welcome] = mail.outbox
    html = html_of(welcome)
    assert "£10 a month" in str(welcome.body)
    assert "£10 a month" in html
    assert html.count("<style") == 1
    assert re.fullmatch(
        r"<style>\s*(@media [^{]+\{.*\}\s*)+</style>",
        html[html.index("<style") : html.index("</style>") + 8],
        re.DOTALL,
    )
    assert "style=" in html
    assert "http://testserver/" in html
    assert "&#x27;" not in str(welcome.body)


def test_the_return_page_grants_nothing_by_itself(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client, return_to=ARTICLE))
    response = client.get("/subscribe/return/", {"session_id": session})
    assert response["Location"].startswith("/subscribe/")
    assert not may_read(a_reader)
    asked = len(till.calls)
    for invented in ("cs_test_invented", "", "../../v1/customers", "{CHECKOUT_SESSION_ID}"):
        assert client.get("/subscribe/return/", {"session_id": invented})["Location"] == "/subscribe/"
    assert len(till.calls) == asked


def test_another_reader_gains_nothing_by_a_borrowed_return_address(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client))))
    stranger = an_account("Stefan Stranger")
    other = Client()
    other.force_login(stranger)
    other.get(address)
    assert not may_read(stranger)
    assert may_read(a_reader)


def test_a_declined_card_grants_nothing_and_the_same_page_takes_another(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client))
    with pytest.raises(ValueError, match="declined"):
        till.pay(session, card=DECLINED_CARD)
    read_letters(till)
    assert not may_read(a_reader)
    assert not Payment.objects.exists()
    client.get(path_of(till.pay(session, card=BANK_ASKS_CARD)))
    assert may_read(a_reader)
    assert Payment.objects.count() == 1


def test_until_it_is_so_the_page_says_confirming_and_looks_again(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    address = path_of(till.pay(session_in(press_subscribe(client, return_to=ARTICLE))))
    till.fail_next(20)
    response = client.get(address)
    assert response.status_code == 200
    assert "Confirming your payment" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    seconds, _, again = response["Refresh"].partition("; url=")
    assert int(seconds) > 0
    assert again.endswith("&look=2")
    till.engine.faults.clear()
    assert client.get(again)["Location"] == ARTICLE


@pytest.mark.parametrize("look", ["20", "999", "9999", "-1", "x", "²"])
def test_it_looks_again_a_limited_number_of_times(client: Client, till: StandIn, a_reader: User, look: str) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client))
    till.pay(session)
    till.fail_next(20)
    response = client.get("/subscribe/return/", {"session_id": session, "look": look})
    assert "Refresh" not in response
    assert "no need to pay again" in response.content.decode()


def test_a_subscriber_is_not_sold_a_second_one(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    sessions = sum(call == "POST /v1/checkout/sessions" for call in till.calls)
    response = press_subscribe(client, interval="year")
    assert response["Location"] == "/account/"
    assert sum(call == "POST /v1/checkout/sessions" for call in till.calls) == sessions
    assert "You subscribe already" in client.get("/subscribe/").content.decode()


@pytest.mark.parametrize("forged", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_the_way_back_leads_only_to_ourselves(client: Client, till: StandIn, a_reader: User, forged: str) -> None:
    client.force_login(a_reader)
    assert "elsewhere" not in client.get("/subscribe/", {"return_to": forged}).content.decode()
    assert subscribe(client, till, return_to=forged)["Location"] == "/account/"


@pytest.mark.parametrize(
    "fields", [{"price": "999"}, {"price": "1e3"}, {"price": "-1"}, {"price": ""}, {"key": "not-a-key"}, {"key": ""}]
)
def test_what_is_not_on_offer_cannot_be_bought(
    client: Client, till: StandIn, a_reader: User, fields: dict[str, str]
) -> None:
    client.force_login(a_reader)
    form = {"key": "9f8e4c1e-3c1e-4f53-9d5c-0d7b3a1c2d3e", "price": str(a_price().pk)}
    asked = len(till.calls)
    assert client.post("/subscribe/start/", form | fields)["Location"] == "/subscribe/"
    assert len(till.calls) == asked


def test_an_amount_from_the_browser_is_not_read(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    form = {"key": "9f8e4c1e-3c1e-4f53-9d5c-0d7b3a1c2d3e", "price": str(a_price().pk)}
    forged = {"amount": "1", "currency": "jpy", "quantity": "0", "unit_amount": "1", "success_url": "https://x.example"}
    client.post("/subscribe/start/", form | forged)
    [session] = till.dump()["checkout.session"]
    assert (session["amount_total"], session["currency"]) == (1000, "gbp")
    assert session["success_url"].startswith("http://testserver/subscribe/return/")


def test_a_price_off_the_offer_is_not_sold(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    price = a_price()
    price.is_offered = False
    price.save()
    response = client.post("/subscribe/start/", {"key": "9f8e4c1e-3c1e-4f53-9d5c-0d7b3a1c2d3e", "price": str(price.pk)})
    assert response["Location"] == "/subscribe/"


def test_starting_takes_a_post(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    assert client.get("/subscribe/start/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(a_reader)
    assert strict.post("/subscribe/start/", {}).status_code == 403


def test_another_sites_product_gives_nothing(client: Client, till: StandIn, a_reader: User, settings: Any) -> None:
    client.force_login(a_reader)
    Plan.objects.update(stripe_product_id="prod_of_another_house")
    subscribe(client, till)
    read_letters(till)
    assert not may_read(a_reader)
