"""Giving: from the form through the practice till to thanks, ledger and receipt."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from donations import account, giving, receipts
from donations.models import Campaign, Donation, Pledge
from kjreport.accounts.models import User
from kjreport.payments.models import CheckoutAttempt, Payment, Purpose, StripeEvent
from kjreport.standin.server import StandIn
from tests.cast import an_account
from tests.integration.money.till import read_letters, session_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(settings: Any) -> Iterator[StandIn]:
    """A practice till, known to the site, with the campaign's product in it."""
    with StandIn(deliver="hold") as standin:
        settings.STRIPE_API_BASE = standin.url
        giving.ensure_campaign()
        giving.publish_campaigns()
        yield standin


def fill_in(client: Client, **fields: str) -> Any:
    form = {"key": str(uuid.uuid4()), "rhythm": "once", "choice": "2500", "own_amount": "", "name": "", "note": ""}
    return client.post("/donate/", form | fields)


def give(client: Client, till: StandIn, *, card: str = "4242 4242 4242 4242", **fields: str) -> Any:
    """Go the whole way of a giver, and return the page they end on."""
    response = fill_in(client, **fields)
    assert response.status_code == 303, response.content.decode()
    address = till.pay(session_in(response), card=card, email="giver@example.org")
    return client.get(address.replace("http://testserver", ""))


def test_a_visitor_gives_once_and_is_thanked_with_a_receipt(client: Client, till: StandIn) -> None:
    page = give(client, till, choice="2500", name="Greta Giver", note="For the maps.")
    assert "Thank you" in page.content.decode()
    donation = Donation.objects.get()
    assert (donation.payment.amount, donation.payment.currency) == (2500, "gbp")
    assert (donation.payment.purpose, donation.name, donation.note) == (
        Purpose.DONATION,
        "Greta Giver",
        "For the maps.",
    )
    [letter] = mail.outbox
    assert letter.to == ["giver@example.org"]
    assert "£25" in letter.subject
    assert donation.payment.stripe_id in letter.body


def test_return_page_and_letters_in_any_order_make_one_gift_and_one_receipt(client: Client, till: StandIn) -> None:
    response = fill_in(client, own_amount="12.50", choice="")
    address = till.pay(session_in(response), email="giver@example.org")
    read_letters(till, reverse=True, twice=True)
    client.get(address.replace("http://testserver", ""))
    client.get(address.replace("http://testserver", ""))
    read_letters(till)
    assert Payment.objects.get().amount == 1250
    assert Donation.objects.count() == 1
    assert len(mail.outbox) == 1
    assert not StripeEvent.objects.unprocessed().exists()


def test_a_monthly_gift_is_a_pledge_and_each_month_a_donation(client: Client, till: StandIn) -> None:
    page = give(client, till, rhythm="monthly", choice="500")
    assert "every month" in page.content.decode()
    pledge = Pledge.objects.get()
    assert (pledge.amount, pledge.status) == (500, "active")
    till.advance(days=32)
    read_letters(till)
    assert Payment.objects.count() == Donation.objects.filter(pledge=pledge).count() == 2
    assert [letter.to for letter in mail.outbox] == [["giver@example.org"]] * 2


def test_a_monthly_givers_receipt_finds_them_though_the_invoices_letter_comes_first(
    client: Client, till: StandIn
) -> None:
    till.pay(session_in(fill_in(client, rhythm="monthly", choice="500")), email="giver@example.org")
    read_letters(till, reverse=True)
    assert [letter.to for letter in mail.outbox] == [["giver@example.org"]]


def test_a_monthly_gift_gives_no_access(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    give(client, till, rhythm="monthly", choice="500")
    read_letters(till)
    assert not User.objects.get(pk=a_reader.pk).has_perm("articles.read_analyses")


def test_the_link_in_a_receipt_stops_a_monthly_gift(client: Client, till: StandIn) -> None:
    give(client, till, rhythm="monthly", choice="500")
    found = re.search(r"http://testserver(/donate/stop/\S+)", str(mail.outbox[0].body))
    assert found
    assert "£5 a month" in client.get(found[1]).content.decode()
    assert Pledge.objects.get().is_over is False
    client.post(found[1])
    assert Pledge.objects.get().is_over
    assert "has stopped" in client.get(found[1]).content.decode()
    till.advance(days=62)
    read_letters(till)
    assert Donation.objects.count() == 1


def test_a_forged_stop_link_is_no_link(client: Client) -> None:
    assert client.post("/donate/stop/MQ:1abc:forged/").status_code == 404


def test_one_cannot_stop_anothers_gift(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    give(client, till, rhythm="monthly", choice="500")
    pledge = Pledge.objects.get()
    client.force_login(an_account("Olga Other"))
    assert client.post(f"/donate/stop-mine/{pledge.pk}/").status_code == 404
    client.force_login(a_reader)
    client.post(f"/donate/stop-mine/{pledge.pk}/")
    assert Pledge.objects.get().is_over


def test_a_gift_with_an_account_is_the_accounts(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    give(client, till, choice="500")
    described = account.describe(a_reader)
    assert [donation.payment.amount for donation in described.donations] == [500]
    assert account.export(a_reader)["donations"][0]["amount"] == 500
    account.erase(a_reader)
    assert Payment.objects.get().amount == 500
    assert (Donation.objects.get().user, Donation.objects.get().email, Donation.objects.get().name) == (None, "", "")


def test_pressing_twice_opens_one_session(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    key = str(uuid.uuid4())
    first, second = fill_in(client, key=key), fill_in(client, key=key)
    assert first["Location"] == second["Location"]
    assert CheckoutAttempt.objects.count() == 1


def test_a_declined_card_leaves_nothing(client: Client, till: StandIn) -> None:
    response = fill_in(client)
    with pytest.raises(ValueError, match="declined"):
        till.pay(session_in(response), card="4000 0000 0000 0002")
    read_letters(till)
    assert not Payment.objects.exists()
    assert not Donation.objects.exists()
    assert not mail.outbox


def test_a_page_that_says_it_was_paid_proves_nothing(client: Client, till: StandIn) -> None:
    response = fill_in(client)
    page = client.get(f"/donate/return/?session_id={session_in(response)}")
    assert page.status_code == 302
    assert not Donation.objects.exists()


def test_a_strangers_session_costs_stripe_nothing(client: Client, till: StandIn) -> None:
    before = len(till.calls)
    for number in range(20):
        assert client.get(f"/donate/return/?session_id=cs_test_{number}").status_code == 302
    assert len(till.calls) == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"choice": ""}, "Choose an amount"),
        ({"choice": "1"}, "Choose an amount"),
        ({"choice": "", "own_amount": "lots"}, "for example 25"),
        ({"own_amount": "1e3"}, "for example 25"),
        ({"own_amount": "2"}, "from £3 to £5,000"),
        ({"rhythm": "daily"}, "Select a valid choice"),
        ({"key": "x"}, "load the page again"),
        ({"note": "x" * 1001}, "at most 1000"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing_typed(
    client: Client, till: StandIn, fields: dict[str, str], sentence: str
) -> None:
    response = fill_in(client, **({"name": "Greta Giver"} | fields))
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert "Greta Giver" in page
    assert not CheckoutAttempt.objects.exists()


def test_stripe_away_gets_a_kind_sentence_and_leaves_no_half_row(client: Client, till: StandIn) -> None:
    till.fail_next(10, status=500)
    response = fill_in(client)
    assert response.status_code == 503
    assert "Nothing was taken" in response.content.decode()
    assert not Payment.objects.exists()
    till.engine.faults.clear()
    assert fill_in(client).status_code == 303


def test_card_testers_are_stopped_before_stripe_is_asked(client: Client, till: StandIn) -> None:
    for _ in range(10):
        assert fill_in(client).status_code == 303
    before = len(till.calls)
    response = fill_in(client)
    assert response.status_code == 429
    assert "many attempts" in response.content.decode()
    assert len(till.calls) == before


def test_the_amount_is_never_taken_from_the_link(client: Client, till: StandIn) -> None:
    page = client.get("/donate/?amount=1&rhythm=hourly").content.decode()
    assert 'value="1"' not in page
    assert re.search(r'value="2500"[^>]*checked', client.get("/donate/?amount=2500").content.decode())


def test_nothing_extra_is_ticked_beforehand(client: Client, till: StandIn) -> None:
    page = client.get("/donate/").content.decode()
    assert re.findall(r"<input[^>]*checked[^>]*>", page) == re.findall(r'<input[^>]*value="once"[^>]*>', page)


def test_a_receipt_is_sent_once_however_often_it_is_asked_for(client: Client, till: StandIn) -> None:
    give(client, till)
    donation = Donation.objects.get()
    assert receipts.send_receipt(donation.pk) is False
    assert receipts.unsent() == []
    assert len(mail.outbox) == 1


def test_a_receipt_that_a_lost_worker_took_is_sent_by_the_sweeper(client: Client, till: StandIn) -> None:
    give(client, till)
    long_ago = timezone.now() - 2 * receipts.LEFT_TO_THE_WORKER
    Donation.objects.update(receipt_sent_at=None, receipt_taken_at=timezone.now())
    Payment.objects.update(recorded_at=long_ago)
    [owed] = receipts.unsent()
    assert receipts.send_receipt(owed) is False
    Donation.objects.update(receipt_taken_at=long_ago)
    assert receipts.send_receipt(owed) is True
    assert len(mail.outbox) == 2


def test_a_mail_server_that_fails_leaves_the_receipt_owed(
    client: Client, till: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)
    give(client, till)
    donation = Donation.objects.get()
    assert (donation.receipt_taken_at, donation.receipt_sent_at) == (None, None)
    monkeypatch.undo()
    assert receipts.send_receipt(donation.pk) is True


def test_a_closed_campaigns_money_is_still_entered(client: Client, till: StandIn) -> None:
    response = fill_in(client)
    Campaign.objects.update(is_open=False)
    till.pay(session_in(response), email="giver@example.org")
    read_letters(till)
    assert Donation.objects.get().payment.amount == 2500


def test_a_campaign_made_since_the_last_setup_takes_gifts(client: Client, till: StandIn) -> None:
    Campaign.objects.update(is_open=False)
    appeal = Campaign.objects.create(slug="appeal", name="Winter appeal", suggested_amounts=[2500], position=9)
    assert "Winter appeal" in give_and_name_the_campaign(client, till)
    appeal.refresh_from_db()
    assert appeal.stripe_product_id


def give_and_name_the_campaign(client: Client, till: StandIn) -> str:
    give(client, till)
    return Donation.objects.get().campaign.name


def test_while_every_campaign_is_closed_no_gift_is_taken_and_it_is_said_kindly(client: Client, till: StandIn) -> None:
    Campaign.objects.update(is_open=False)
    cache.clear()
    page = client.get("/donate/")
    assert page.status_code == 200
    assert "Gifts rest for now" in page.content.decode()
    assert "<form" not in page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert fill_in(client).status_code == 409
    assert not CheckoutAttempt.objects.exists()
    card = render_to_string("donations/_card.html")
    assert "Gifts rest for the moment" in card
    assert "Donate now" not in card
    Campaign.objects.create(slug="maps", name="Maps", suggested_amounts=[700])
    cache.clear()
    assert "£7" in client.get("/donate/").content.decode()
    assert "Donate now" in render_to_string("donations/_card.html")


def test_an_empty_site_has_the_usual_campaign(client: Client) -> None:
    assert "Donate now" in render_to_string("donations/_card.html")
    assert "Gifts rest" not in client.get("/donate/").content.decode()
    assert Campaign.objects.get().is_open


def test_a_gift_whose_campaign_closed_meanwhile_is_entered_all_the_same(client: Client, till: StandIn) -> None:
    response = fill_in(client)
    Campaign.objects.update(is_open=False)
    till.pay(session_in(response), email="giver@example.org")
    read_letters(till)
    assert Donation.objects.count() == 1


def test_the_page_that_waits_for_a_gift_looks_again_a_limited_number_of_times(client: Client, till: StandIn) -> None:
    session = session_in(fill_in(client))
    till.pay(session, email="giver@example.org")
    till.fail_next(50, path="/v1/checkout")
    first = client.get("/donate/return/", {"session_id": session})
    assert first["Refresh"].endswith("look=2")
    assert "looks again every few seconds" in first.content.decode()
    last = client.get("/donate/return/", {"session_id": session, "look": "20"})
    assert "Refresh" not in last
    assert "This is taking longer than usual" in last.content.decode()
    assert "Refresh" not in client.get("/donate/return/", {"session_id": session, "look": "-1"})
