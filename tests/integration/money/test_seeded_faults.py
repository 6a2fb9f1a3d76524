"""The races catch what they are there to catch: each of these puts a fault into the site, and a race must report it."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from donations import giving
from kjreport.accounts.models import User
from kjreport.payments import checkout_attempts, customers, inbox, refunding
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import CheckoutAttempt, Customer, Payment, StripeEvent
from subscriptions import emails, entitlements, mirror, notices
from subscriptions.access import Access, Told, Verdict
from subscriptions.models import Notice, NoticeKind, Subscription
from tests.integration.money import races
from tests.integration.money.races import Race, play
from tests.integration.money.racing import Table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

WITHIN = 60  # rounds

type Seed = Callable[[pytest.MonkeyPatch], None]


def dawdle(most: float = 0.05) -> None:
    """Widen the gap between looking and writing, as a busy machine does."""
    time.sleep(random.random() * most)  # noqa: S311 - not a secret


def no_lock(patch: pytest.MonkeyPatch) -> None:
    """The customer's row is looked up without `select_for_update`."""
    for room in (mirror, giving):
        patch.setattr(room, "lock_customer", lambda stripe_id: Customer.objects.get(stripe_id=stripe_id))


def fetched_before_the_lock(patch: pytest.MonkeyPatch) -> None:
    """Stripe is asked first and the lock taken afterwards: an old answer overwrites a newer one."""
    fetch, lock, kept = gateway.list_subscriptions, customers.lock_customer, threading.local()

    def fetch_then_lock(stripe_id: str) -> Customer:
        kept.found = fetch(stripe_id)
        dawdle(0.4)
        return lock(stripe_id)

    patch.setattr(mirror, "lock_customer", fetch_then_lock)
    patch.setattr(gateway, "list_subscriptions", lambda _: kept.found)


def letters_kept_as_often_as_they_come(patch: pytest.MonkeyPatch) -> None:
    """The inbox forgets to look whether it has a letter."""
    make = StripeEvent.objects.create

    def keep(stripe_id: str, defaults: dict[str, Any]) -> tuple[StripeEvent, bool]:
        return make(stripe_id=f"{stripe_id}-{uuid.uuid4()}", **defaults), True

    patch.setattr(StripeEvent.objects, "get_or_create", keep)


def letters_opened_without_their_lock(patch: pytest.MonkeyPatch) -> None:
    """Each worker looks whether a letter is finished, and then opens it."""

    def process(event_id: int) -> bool:
        event = StripeEvent.objects.get(pk=event_id)
        if not event.is_finished:
            dawdle()
            inbox._open(event)
            StripeEvent.objects.filter(pk=event_id).update(attempts=event.attempts)
            counted.append(event_id)
        return True

    counted: list[int] = []
    patch.setattr(inbox, "process", process)
    patch.setattr(
        StripeEvent,
        "refresh_from_db",
        lambda self: setattr(self, "attempts", counted.count(self.pk)),
    )


def payments_entered_without_looking(patch: pytest.MonkeyPatch) -> None:
    """The ledger enters what it is told, under a name of its own."""
    make = Payment.objects.create

    def enter(stripe_id: str, defaults: dict[str, Any]) -> tuple[Payment, bool]:
        return make(stripe_id=f"{stripe_id}-{uuid.uuid4()}", **defaults), True

    patch.setattr(Payment.objects, "get_or_create", enter)


def mail_on_the_event(patch: pytest.MonkeyPatch) -> None:
    """The welcome is written whenever a running subscription is heard of, not when its row changes."""

    def write(_: Subscription | None, after: Subscription) -> None:
        if after.status == "active":
            emails.send(Notice(subscription=after, kind=NoticeKind.WELCOME, occasion=""))

    patch.setattr(notices, "write", write)


def a_key_for_each_request(patch: pytest.MonkeyPatch) -> None:
    """The idempotency key is made when Stripe is asked, not taken from the form."""
    patch.setattr(CheckoutAttempt, "idempotency_key", property(lambda _: str(uuid.uuid4())))


def old_sessions_left_open(patch: pytest.MonkeyPatch) -> None:
    """A new session does not first close the old one at Stripe."""

    def close(rival: CheckoutAttempt) -> None:
        CheckoutAttempt.objects.filter(pk=rival.pk).update(state="expired", finished_at=timezone.now())

    patch.setattr(checkout_attempts, "_close", close)
    patch.setattr(gateway, "expire_checkout", lambda _: None)


def access_by_the_periods_end(patch: pytest.MonkeyPatch) -> None:
    """Whoever's period has not ended may read."""

    def find(reader: User) -> entitlements.Standing:
        paid = Subscription.objects.filter(customer__user=reader, period_end__gt=timezone.now())
        access = Access.FULL if paid.exists() else Access.NONE
        return entitlements.Standing(Verdict(access, Told.NOTHING))

    patch.setattr(entitlements, "_find", find)


def refunds_ordered_without_looking_again(patch: pytest.MonkeyPatch) -> None:
    """Whoever has seen money left orders a refund, though a colleague has given it back meanwhile."""
    patch.setattr(refunding, "_is_done", lambda *_: False)


def notices_sent_by_whoever_finds_them(patch: pytest.MonkeyPatch) -> None:
    """A worker looks whether a mail was sent, and then sends it."""

    def send_notice(notice_id: int) -> bool:
        notice = Notice.objects.get(pk=notice_id)
        if notice.sent_at is not None:
            return False
        emails.send(notice)
        Notice.objects.filter(pk=notice_id).update(sent_at=timezone.now())
        return True

    patch.setattr(notices, "send_notice", send_notice)


@pytest.mark.parametrize(
    ("seed", "race", "told"),
    [
        (no_lock, races.return_page_and_letters, "letters left: "),
        (fetched_before_the_lock, races.cancel_and_renewal, "notices: "),
        (letters_kept_as_often_as_they_come, races.one_letter_twice, "new to: "),
        (letters_opened_without_their_lock, races.workers_on_one_letter, "openings: "),
        (payments_entered_without_looking, races.gift_returning_and_letters, "payments: "),
        (mail_on_the_event, races.return_page_and_letters, "mails: "),
        (a_key_for_each_request, races.double_click, "sessions: "),
        (a_key_for_each_request, races.double_click_on_a_gift, "sessions: "),
        (old_sessions_left_open, races.two_tabs, "sessions are open"),
        (access_by_the_periods_end, races.failed_renewal, "reading after grace"),
        (notices_sent_by_whoever_finds_them, races.workers_on_one_notice, "mails: "),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_seeded_fault_is_reported(
    table: Table, monkeypatch: pytest.MonkeyPatch, seed: Seed, race: Race, told: str
) -> None:
    seed(monkeypatch)
    assert any(told in fault.what for fault in play(race, WITHIN, table))


def test_a_refund_logged_twice_is_reported(
    table: Table, monkeypatch: pytest.MonkeyPatch, a_bookkeeper: User, a_publisher: User
) -> None:
    refunds_ordered_without_looking_again(monkeypatch)
    found = play(races.colleagues_refunding(a_bookkeeper, a_publisher), WITHIN, table)
    assert any("lines in the log" in fault.what for fault in found)
