"""Where Stripe sends its letters, what it sells, and what it says of that in letters: kept in step with ours."""

from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from donations.giving import ensure_campaign, publish_campaigns
from donations.models import Campaign
from kjreport.accounts.models import User
from kjreport.events import HANDLERS
from kjreport.payments import inbox, postbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Payment, StripeEvent
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions.models import Plan, Price, Subscription
from subscriptions.offer import find_offer
from tests.integration.money.till import a_letter, read_letters, subscribe

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://paper.example/stripe/webhook/"


@pytest.fixture
def public(till: StandIn, settings: Any) -> StandIn:
    """A site at a public address, told of by Stripe."""
    settings.SITE_URL = "https://paper.example"
    assert postbox.find_address() in {URL, URL.rstrip("/")}
    call_command("stripe_setup", "--webhook", postbox.find_address())
    call_command("reconcile_stripe")
    return till


def change_endpoint(till: StandIn, **fields: Any) -> None:
    with till.engine.book() as book:
        [endpoint] = book.every("webhook_endpoint")
        book.put(endpoint | fields)


def said_by(capsys: Any, *command: str) -> str:
    capsys.readouterr()
    call_command(*command)
    return str(capsys.readouterr().out)


# The endpoint ---------------------------------------------------------------------------------------------------------


def test_an_older_sites_endpoint_learns_the_new_types_and_says_which(public: StandIn, capsys: Any) -> None:
    older = [name for name in HANDLERS if name != "invoice.upcoming"]
    change_endpoint(public, enabled_events=[*older, "galaxy.collapsed"])
    said = said_by(capsys, "stripe_setup", "--webhook", postbox.find_address())
    assert "now also invoice.upcoming" in said
    assert "no longer galaxy.collapsed" in said
    assert "whsec_" not in said
    [endpoint] = public.dump()["webhook_endpoint"]
    assert sorted(endpoint["enabled_events"]) == sorted(HANDLERS)
    assert "as before" in said_by(capsys, "stripe_setup", "--webhook", postbox.find_address())


def test_setting_up_without_an_address_says_what_is_missing_and_changes_nothing(public: StandIn, capsys: Any) -> None:
    assert "every letter we hear is sent to us" in said_by(capsys, "stripe_setup")
    change_endpoint(public, enabled_events=["invoice.paid"])
    assert "invoice.upcoming" in said_by(capsys, "stripe_setup")
    [endpoint] = public.dump()["webhook_endpoint"]
    assert endpoint["enabled_events"] == ["invoice.paid"]


def test_letters_that_are_not_asked_for_are_drift_and_mended(public: StandIn, capsys: Any) -> None:
    call_command("reconcile_stripe", "--check")
    change_endpoint(public, enabled_events=[name for name in HANDLERS if not name.startswith("refund")])
    capsys.readouterr()
    with pytest.raises(CommandError, match="1 out of step"):
        call_command("reconcile_stripe", "--check")
    assert "not sent to us: refund.created, refund.failed, refund.updated" in capsys.readouterr().out
    call_command("reconcile_stripe", "--full")
    call_command("reconcile_stripe", "--check")


def test_an_endpoint_that_stripe_switched_off_is_switched_on_again(public: StandIn) -> None:
    change_endpoint(public, status="disabled")
    with pytest.raises(CommandError, match="1 out of step"):
        call_command("reconcile_stripe", "--check")
    call_command("reconcile_stripe", "--full")
    assert public.dump()["webhook_endpoint"][0]["status"] == "enabled"


@pytest.mark.parametrize("fields", [{"url": "https://elsewhere.example/"}, {"api_version": "2020-08-27"}], ids=str)
def test_an_endpoint_whose_secret_we_do_not_know_is_left_to_a_person(
    public: StandIn, fields: dict[str, str], capsys: Any
) -> None:
    change_endpoint(public, **fields)
    with pytest.raises(CommandError, match="1 out of step, 0 mended"):
        call_command("reconcile_stripe", "--full")
    assert "run stripe_setup --webhook" in capsys.readouterr().out
    assert len(public.dump()["webhook_endpoint"]) == 1


def test_an_endpoint_that_is_sent_everything_lacks_nothing(public: StandIn) -> None:
    change_endpoint(public, enabled_events=["*"])
    assert postbox.find_faults(postbox.find_address()) == []


def test_a_key_that_may_not_see_endpoints_is_no_drift(public: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise gateway.GatewayRefused("This key may not.")

    monkeypatch.setattr(gateway, "list_endpoints", refuse)
    call_command("reconcile_stripe", "--check")


# What is sold ---------------------------------------------------------------------------------------------------------


def archive(till: StandIn, kind: str, identifier: str | None) -> None:
    with till.engine.book() as book:
        thing = book.get(kind, identifier or "") | {"active": False}
        book.put(thing)
        book.emit(f"{kind}.updated", thing)


@pytest.fixture
def alarmed(settings: Any) -> None:
    settings.ADMINS = ["money@paper.example"]


@pytest.mark.usefixtures("alarmed")
def test_a_price_archived_at_stripe_is_offered_no_more(till: StandIn) -> None:
    price = Price.objects.get(interval="month")
    archive(till, "price", price.stripe_price_id)
    read_letters(till, twice=True)
    price.refresh_from_db()
    assert not price.is_offered
    assert [offered.interval for offered in find_offer().prices] == ["year"]
    assert len([letter for letter in mail.outbox if "A price is no longer sold" in letter.subject]) == 1


@pytest.mark.usefixtures("alarmed")
def test_a_plan_archived_at_stripe_is_offered_no_more_until_it_is_set_up_again(till: StandIn) -> None:
    plan = Plan.objects.get()
    archive(till, "product", plan.stripe_product_id)
    read_letters(till)
    assert not Plan.objects.get().is_offered
    assert find_offer().prices == ()
    assert len([letter for letter in mail.outbox if "A plan is no longer sold" in letter.subject]) == 1
    Plan.objects.update(is_offered=True)
    call_command("stripe_setup")
    assert gateway.is_on_sale(product_id=plan.stripe_product_id or "")


def test_a_campaign_archived_at_stripe_takes_no_gifts(till: StandIn, client: Client) -> None:
    ensure_campaign()
    publish_campaigns()
    archive(till, "product", Campaign.objects.get().stripe_product_id)
    read_letters(till)
    assert not Campaign.objects.get().is_open
    assert "Gifts rest for now" in client.get("/donate/").content.decode()


def test_a_price_that_only_changed_its_name_stays_and_anothers_is_ignored(till: StandIn) -> None:
    price = Price.objects.get(interval="month")
    for identifier, kind in ((price.stripe_price_id, "price"), ("price_else", "price"), ("prod_else", "product")):
        thing = {"id": identifier, "object": kind}
        inbox.receive(Notification.read(a_letter(f"{kind}.updated", thing=thing)))
    inbox.sweep()
    assert Price.objects.get(interval="month").is_offered
    assert StripeEvent.objects.filter(ignored_at__isnull=False).count() == 2
    assert not StripeEvent.objects.unprocessed().exists()


# Disputes and warnings ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("alarmed")
def test_staff_hear_of_a_dispute_by_when_to_answer_it_and_of_its_end(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    read_letters(till)
    mail.outbox.clear()
    paid = Payment.objects.get()
    dispute = till.open_dispute(paid.payment_intent_id)
    read_letters(till, twice=True)
    [alarm] = mail.outbox
    assert "A bank has taken £10 back" in alarm.body
    assert "Answer it at Stripe by" in alarm.body
    assert f"/admin/payments/payment/{paid.pk}/change/" in alarm.body
    till.close_dispute(dispute["id"], status="lost")
    read_letters(till, twice=True)
    [lost] = [letter for letter in mail.outbox if "A dispute was lost" in letter.subject]
    assert "It still charges: please cancel it at Stripe." in lost.body
    assert f"/admin/subscriptions/subscription/{Subscription.objects.get().pk}/change/" in lost.body


@pytest.mark.usefixtures("alarmed")
def test_a_banks_question_and_a_warning_move_no_money_and_are_told(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    read_letters(till)
    mail.outbox.clear()
    paid = Payment.objects.get().payment_intent_id
    dispute = till.open_dispute(paid)
    with till.engine.book() as book:
        book.put(book.get("dispute", dispute["id"]) | {"status": "warning_needs_response"})
    till.warn_of_fraud(paid)
    read_letters(till, twice=True)
    assert Payment.objects.count() == 1
    assert sorted(letter.subject.partition("] ")[2] for letter in mail.outbox) == [
        "A payment is disputed",
        "An early fraud warning",
    ]
