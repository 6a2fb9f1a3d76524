"""Invoices that somebody marked as paid outside Stripe: entered as what they are, and never given back by Stripe."""

from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import refunding
from kjreport.payments.models import EntryKind, Payment
from kjreport.standin.server import StandIn
from subscriptions import mirror
from subscriptions.models import Subscription
from subscriptions.refunding import list_payments
from tests.cast import a_payment
from tests.integration.money.till import customer_of, read_letters, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owing(client: Client, till: StandIn, a_reader: User) -> str:
    """A renewal that was settled by bank transfer: its invoice is paid, and no payment of Stripe's has paid it."""
    client.force_login(a_reader)
    subscribe(client, till)
    till.set_card(customer_of(a_reader), works=False)
    till.advance(days=31)
    read_letters(till)
    with till.engine.book() as book:
        invoice = book.every("invoice", status="open")[0]
        book.put(invoice | {"status": "paid", "amount_paid": 1000, "amount_remaining": 0})
        for paid in book.every("invoice_payment", invoice=invoice["id"]):
            book.put(paid | {"status": "canceled"})
        subscription = book.get("subscription", Subscription.objects.get().stripe_id)
        book.put(subscription | {"status": "active"})
    return str(invoice["id"])


def test_it_is_an_entry_of_its_own_kind_and_receipted(owing: str, till: StandIn, a_reader: User, capsys: Any) -> None:
    for _ in range(2):
        mirror.sync_customer(customer_of(a_reader))
    entry = Payment.objects.get(kind=EntryKind.OUTSIDE)
    assert (entry.amount, entry.invoice_id, entry.payment_intent_id) == (1000, owing, "")
    assert entry.stripe_id == f"{owing}:outside"
    assert Payment.objects.total("gbp").amount == 2000
    assert Payment.objects.through_stripe().total("gbp").amount == 1000
    assert len([letter for letter in mail.outbox if letter.subject.startswith("Your receipt")]) == 1
    call_command("reconcile_stripe", "--full")
    assert Payment.objects.count() == 2
    call_command("reconcile_stripe", "--check")
    assert "0 out of step, 0 mended, 0 letters missing." in capsys.readouterr().out


def test_the_reconciler_finds_one_that_was_never_entered(owing: str, till: StandIn, capsys: Any) -> None:
    call_command("reconcile_stripe", "--full")
    assert Payment.objects.filter(stripe_id=f"{owing}:outside").exists()


def test_what_stripe_is_still_collecting_is_not_taken_for_paid_outside(
    owing: str, till: StandIn, a_reader: User
) -> None:
    with till.engine.book() as book:
        for paid in book.every("invoice_payment", invoice=owing):
            book.put(paid | {"status": "open"})
    mirror.sync_customer(customer_of(a_reader))
    assert not Payment.objects.filter(kind=EntryKind.OUTSIDE).exists()


def test_only_what_was_not_paid_through_stripe_came_from_outside(owing: str, till: StandIn, a_reader: User) -> None:
    with till.engine.book() as book:
        [paid] = book.every("invoice_payment", invoice=owing)
        book.put(paid | {"status": "paid", "amount_paid": 400})
    mirror.sync_customer(customer_of(a_reader))
    entries = Payment.objects.filter(invoice_id=owing).order_by("amount").values_list("kind", "amount")
    assert list(entries) == [(EntryKind.PAYMENT, 400), (EntryKind.OUTSIDE, 600)]


def test_stripe_gives_nothing_back_of_it(owing: str, client: Client, a_reader: User, a_bookkeeper: User) -> None:
    mirror.sync_customer(customer_of(a_reader))
    entry = Payment.objects.get(kind=EntryKind.OUTSIDE)
    assert entry not in list_payments(Subscription.objects.get())
    client.force_login(a_bookkeeper)
    assert client.get(f"/admin/payments/payment/{entry.pk}/refund/").status_code == 404
    shown = client.get(f"/admin/payments/payment/{entry.pk}/change/").content.decode()
    assert "Payment outside Stripe" in shown
    assert f"/admin/payments/payment/{entry.pk}/refund/" not in shown
    with pytest.raises(refunding.NothingLeft):
        refunding.order(entry, by=a_bookkeeper)


@pytest.mark.parametrize(("kind", "intent"), [("outside", "pi_1"), ("payment", "")])
def test_the_books_keep_the_two_apart(a_reader: User, kind: str, intent: str) -> None:
    row = a_payment(a_reader)
    row.pk, row.stripe_id, row.kind, row.payment_intent_id, row.occurred_at = None, "x", kind, intent, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
