"""Erasing a person: nothing of them is left in any table, letter, task or log, and the books still add up."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from donations.giving import ensure_campaign, publish_campaigns
from kjreport.accounts.models import User
from kjreport.payments import customers, inbox
from kjreport.payments.correspondence import NotSent
from kjreport.payments.models import CheckoutAttempt, Customer, Payment, StripeEvent
from kjreport.standin.server import StandIn
from kjreport.views import erase
from subscriptions import notices
from subscriptions.models import Grant, Notice, NoticeKind, Subscription
from tests.cast import a_subscription
from tests.integration.money.till import cancel_in_portal, customer_of, may_read, read_letters, subscribe
from tests.integration.test_donations import fill_in

pytestmark = pytest.mark.django_db(transaction=True)
NAME, NOTE = "Rosamund Quillfeather", "for the maps of Svaneti"


@pytest.fixture
def a_whole_life(client: Client, till: StandIn, a_reader: User, an_owner_of_the_paper: User) -> User:
    """A reader who subscribed, gave once with a note, was given access, cancelled, and has a card in the mirror."""
    a_reader.name = NAME
    a_reader.save()
    ensure_campaign()
    publish_campaigns()
    client.force_login(a_reader)
    subscribe(client, till)
    response = fill_in(client, name=NAME, note=NOTE)
    address = till.pay(response["Location"].rpartition("/")[2], email=a_reader.email, name=NAME)
    client.get(address.replace("http://testserver", ""))
    fill_in(client, name=NAME, note=NOTE)
    client.get(cancel_in_portal(client, till))
    read_letters(till)
    grant = Grant.objects.create(user=a_reader, reason="An apology")
    LogEntry.objects.log_actions(an_owner_of_the_paper.pk, [grant], ADDITION, single_object=True)
    return a_reader


@pytest.fixture
def an_owner_of_the_paper(a_publisher: User) -> User:
    """Somebody whose deeds are logged."""
    return a_publisher


def everything_kept() -> str:
    """Read every row of every table as text, tasks and sessions and the admin's log with it."""
    rows = [
        json.dumps(list(model._base_manager.values()), default=str, ensure_ascii=False) for model in apps.get_models()
    ]
    return "\n".join(rows)


def test_nothing_of_a_person_is_left_anywhere_and_the_books_are_as_they_were(
    a_whole_life: User, till: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    email, customer, books = a_whole_life.email, customer_of(a_whole_life), list(Payment.objects.values_list())
    before = everything_kept()
    traces = (email, NAME, NOTE, '"4242"')
    assert all(trace in before for trace in traces), "each is there to be found"
    erase(a_whole_life)
    assert not StripeEvent.objects.of_erased().exists(), "what letters say of them goes at once, not at the next sweep"
    call_command("sweep")
    read_letters(till)
    call_command("reconcile_stripe", "--full")
    call_command("sweep")
    after = everything_kept()
    assert [trace for trace in traces if trace in after] == []
    assert list(Payment.objects.values_list()) == books
    assert Customer.objects.get(stripe_id=customer).deleted_at is not None
    assert not [trace for trace in traces[:3] if trace in caplog.text]
    assert StripeEvent.objects.filter(customer_id=customer).exists(), "that it was written is kept, not what it said"


def test_stripe_is_asked_to_forget_them_until_it_has(a_whole_life: User, till: StandIn) -> None:
    customer = customer_of(a_whole_life)
    erase(a_whole_life)
    till.fail_next(20, path="/v1/customers")
    assert customers.forget_erased() == 0
    till.engine.faults.clear()
    assert customers.forget_erased() == 1
    assert customers.forget_erased() == 0
    assert till.dump()["customer"][0]["id"] == customer
    assert till.dump()["customer"][0]["deleted"] is True


def test_a_late_letter_does_not_bring_a_person_back(a_whole_life: User, till: StandIn) -> None:
    customer = customer_of(a_whole_life)
    erase(a_whole_life)
    till.advance(days=1)
    with till.engine.book() as book:
        book.emit("customer.updated", book.get("customer", customer) | {"email": "new@example.org"})
    read_letters(till)
    kept = Customer.objects.get(stripe_id=customer)
    assert (kept.email, kept.user) == ("", None)
    assert Subscription.objects.get().card is None


def test_a_person_without_payments_is_erased_too(a_reader: User) -> None:
    erase(a_reader)
    assert not Customer.objects.exists()


def test_an_erased_reader_is_written_to_no_more(a_whole_life: User, till: StandIn) -> None:
    mail.outbox.clear()
    erase(a_whole_life)
    customers.forget_erased()
    read_letters(till)
    assert Subscription.objects.get().status == "canceled"
    assert not [letter for letter in mail.outbox if letter.subject.startswith("Your subscription")]
    assert not may_read(a_whole_life)
    assert not CheckoutAttempt.objects.exclude(choice={}).exists()


# Letters past their time ----------------------------------------------------------------------------------------------


def test_contents_go_after_ninety_days_and_not_before_they_were_opened(client: Client) -> None:
    old = timezone.now() - timedelta(days=91)
    for number, fields in enumerate([{"processed_at": old}, {"ignored_at": old}, {"next_attempt_at": old}, {}]):
        event = StripeEvent.objects.create(
            stripe_id=f"evt_{number}", type="x", livemode=False, occurred_at=old, payload={"a": number}, **fields
        )
        StripeEvent.objects.filter(pk=event.pk).update(received_at=old)
    young = StripeEvent.objects.create(
        stripe_id="evt_9", type="x", livemode=False, occurred_at=old, payload={"a": 9}, processed_at=old
    )
    assert inbox.purge_payloads() == 2
    kept = StripeEvent.objects.filter(payload__isnull=False).values_list("stripe_id", flat=True)
    assert sorted(kept) == ["evt_2", "evt_3", young.stripe_id]


# Mail servers name people in what they refuse -------------------------------------------------------------------------


def test_a_mail_that_is_refused_names_its_reader_in_no_log_and_no_task(
    a_reader: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from smtplib import SMTPRecipientsRefused  # noqa: PLC0415 - only this story speaks SMTP

    def refuse(letter: Any) -> None:
        raise SMTPRecipientsRefused({letter.to[0]: (550, b"no such mailbox")})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    notice = Notice.objects.create(subscription=a_subscription(a_reader), kind=NoticeKind.WELCOME)
    with pytest.raises(NotSent) as found:
        notices.send_notice(notice.pk)
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1), taken_at=None)
    assert notices.send_unsent() == (0, 1)
    assert "could not be sent" in caplog.text
    assert "SMTPRecipientsRefused" in caplog.text
    assert a_reader.email not in caplog.text + str(found.value)
