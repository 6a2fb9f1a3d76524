"""Letters to readers: each once for its occasion, in text and HTML, each with the one thing to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments.models import Payment, StripeEvent
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions import mirror, notices
from subscriptions.models import Notice, NoticeKind, Subscription
from tests.cast import a_payment, a_subscription
from tests.integration.money.till import (
    FAILS_LATER_CARD,
    a_letter,
    customer_of,
    html_of,
    may_read,
    read_letters,
    subscribe,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(till: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site's clock follow the till's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromtimestamp(till.now(), UTC))


def letters(beginning: str) -> list[Any]:
    return [each for each in mail.outbox if str(each.subject).startswith(beginning)]


def write(row: Subscription, times: int = 2) -> None:
    for _ in range(times):
        with transaction.atomic():
            notices.write(None, row)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_letter_says_one_thing_to_do_in_text_and_html(a_reader: User, kind: NoticeKind) -> None:
    now = timezone.now()
    row = a_subscription(a_reader, "past_due", ends_at=now, trial_end=now, payment_retry_at=now)
    paid = a_payment(a_reader)
    notice = Notice.objects.create(subscription=row, kind=kind, occasion=paid.stripe_id)
    assert notices.send_notice(notice.pk)
    assert not notices.send_notice(notice.pk)
    [letter] = mail.outbox
    assert letter.to == [a_reader.email]
    html = html_of(letter)
    assert html.count('href="http://testserver/') == letter.body.count(": http://testserver/") or kind == "welcome"
    assert 'class="action"' in html
    for text in (letter.subject, letter.body):
        assert "KJ Report" in text
        assert "!" not in text
        assert "{{" not in text
        assert "None" not in text


@pytest.mark.usefixtures("clock")
def test_every_payment_is_receipted_once_and_the_first_by_the_welcome(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    first = Payment.objects.get()
    assert first.stripe_id in mail.outbox[0].body
    assert "£10" in mail.outbox[0].body
    for number in (1, 2):
        till.advance(days=31)
        read_letters(till, twice=True)
        read_letters(till, reverse=True)
        assert len(letters("Your receipt")) == number
    last = Payment.objects.latest("occurred_at")
    assert last.stripe_id in letters("Your receipt")[-1].body
    assert len(letters("Welcome")) == 1


def test_a_first_payment_entered_after_the_welcome_went_out_has_a_receipt_of_its_own(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    Payment.objects.all().delete()
    Notice.objects.filter(kind="receipt").delete()
    for _ in range(2):
        mirror.sync_customer(customer_of(a_reader))
    assert len(letters("Your receipt")) == 1


@pytest.mark.usefixtures("clock")
def test_a_yearly_renewal_is_announced_once_by_a_letter_without_an_id(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    subscribe(client, till, interval="year")
    till.advance(days=360)
    [announced] = till.events("invoice.upcoming")
    assert "id" not in announced["data"]["object"]
    read_letters(till, twice=True)
    inbox.replay(StripeEvent.objects.get(type="invoice.upcoming"))
    [letter] = letters("Your subscription to KJ Report renews soon")
    assert "£100 a year" in letter.body
    till.advance(days=10)
    inbox.replay(StripeEvent.objects.get(type="invoice.upcoming"))
    assert len(letters("Your subscription to KJ Report renews soon")) == 1, "a late letter does not tell of next year's"


@pytest.mark.usefixtures("clock")
def test_a_monthly_renewal_is_not_announced(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    till.advance(days=26)
    assert till.events("invoice.upcoming")
    read_letters(till)
    assert not letters("Your subscription to KJ Report renews")
    assert not StripeEvent.objects.unprocessed().exists()


def test_an_announcement_for_somebody_elses_subscription_is_ignored(till: StandIn) -> None:
    def upcoming(**metadata: str) -> dict[str, Any]:
        details = {"subscription": "sub_x", "metadata": metadata}
        return {"object": "invoice", "customer": "cus_x", "parent": {"subscription_details": details}}

    for metadata in ({"site": "another"}, {"site": "kjreport", "kind": "pledge"}, {}):
        inbox.receive(Notification.read(a_letter("invoice.upcoming", thing=upcoming(**metadata))))
    assert StripeEvent.objects.filter(ignored_at__isnull=False).count() == 3


@pytest.mark.usefixtures("clock")
def test_reading_that_the_clock_puts_on_hold_is_told_once(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    subscribe(client, till, card=FAILS_LATER_CARD)
    till.advance(days=32)
    read_letters(till)
    assert notices.write_holds() == 0
    Subscription.objects.update(invoice_finalized_at=timezone.now() - timedelta(days=14))
    assert not may_read(a_reader)
    assert notices.write_holds() == 1
    assert notices.write_holds() == 0
    write(Subscription.objects.get())
    [letter] = letters("Your reading of KJ Report is on hold")
    assert "Pay the open invoice" in letter.body
    assert len(letters("We could not take")) == 1


def test_the_bank_asking_is_told_once_instead_of_a_failure(a_reader: User) -> None:
    now = timezone.now()
    fields = {"invoice_id": "in_1", "invoice_status": "open", "invoice_finalized_at": now, "payment_retry_at": now}
    row = a_subscription(a_reader, "past_due", awaits_bank=True, **fields)
    write(row)
    assert len(letters("Your bank asks")) == len(mail.outbox) == 1


def test_a_pause_is_told_once_and_again_at_another_time(a_reader: User) -> None:
    row = a_subscription(a_reader, "paused", pause_cause="subscription_pause")
    write(row)
    assert "paused" in letters("Your reading")[0].body
    assert row.period_end is not None
    row.period_end += timedelta(days=60)
    write(row)
    assert len(letters("Your reading")) == 2


def test_a_trials_end_is_told_once_in_its_last_days(a_reader: User) -> None:
    now = timezone.now()
    row = a_subscription(a_reader, "trialing", trial_end=now + timedelta(days=6))
    write(row)
    assert not letters("Your trial")
    row.trial_end = now + timedelta(days=3)
    write(row)
    assert len(letters("Your trial")) == 1
    row.trial_end, row.ends_at = now + timedelta(days=2), now + timedelta(days=2)
    write(row)
    assert len(letters("Your trial")) == 1, "one who is leaving need not be told what they would pay"


def test_a_subscription_closed_after_a_dispute_is_told_nothing_of_cards(a_reader: User) -> None:
    row = a_subscription(a_reader, "past_due", invoice_id="in_1", invoice_status="open", revoked_at=timezone.now())
    write(row)
    assert not mail.outbox
