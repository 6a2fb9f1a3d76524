"""The histories find faults: each of these is put in on purpose, and found within a few of them."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from donations import giving
from kjreport.payments import inbox, ledger, reconciling
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Payment
from kjreport.payments.snapshots import SubscriptionSnapshot
from subscriptions import checkout, entitlements, notices
from subscriptions.access import Access, Told, Verdict
from subscriptions.emails import send
from subscriptions.entitlements import Standing
from subscriptions.models import Notice, Subscription
from tests.soak.histories import draw, goes_wrong
from tests.soak.world import World

MOST = 60
_number = itertools.count()

type Fault = Callable[[pytest.MonkeyPatch], None]


def letters_are_kept_as_often_as_they_come(patch: pytest.MonkeyPatch) -> None:
    receive = inbox.receive
    patch.setattr(inbox, "receive", lambda each: receive(replace(each, id=f"{each.id}_{next(_number)}")))


def what_a_letter_says_is_believed(patch: pytest.MonkeyPatch) -> None:
    """As where one fetches before the lock: an old answer overwrites a newer one."""
    open_, list_ = inbox._open, gateway.list_subscriptions

    def open_and_believe(event: Any) -> None:
        if event.thing.get("object") != "subscription":
            open_(event)
            return
        said = SubscriptionSnapshot.read(event.thing)

        def list_as_said(customer: str) -> list[SubscriptionSnapshot]:
            return [
                replace(said, latest_invoice=each.latest_invoice) if each.id == said.id else each
                for each in list_(customer)
            ]

        with mock.patch.object(gateway, "list_subscriptions", list_as_said):
            open_(event)

    patch.setattr(inbox, "_open", open_and_believe)


def mails_hang_on_the_letter(patch: pytest.MonkeyPatch) -> None:
    def note(subscription: Subscription, kind: str, occasion: str) -> None:
        notice, _ = Notice.objects.get_or_create(subscription=subscription, kind=kind, occasion=occasion)
        send(Notice.objects.select_related("subscription__customer__user").get(pk=notice.pk))

    patch.setattr(notices, "_note", note)


def what_goes_back_is_entered_each_time(patch: pytest.MonkeyPatch) -> None:
    record = ledger._record_return

    def record_anew(payment: Payment, what: Any, **how: Any) -> tuple[Payment, bool]:
        return record(payment, what, **how | {"stripe_id": f"{how['stripe_id']}:{next(_number)}"})

    patch.setattr(ledger, "_record_return", record_anew)


def a_gift_is_entered_for_each_delivery(patch: pytest.MonkeyPatch) -> None:
    record = ledger.record_payment

    def record_anew(**how: Any) -> tuple[Payment, bool]:
        payment, is_new = record(**how)
        if is_new:
            return payment, is_new
        return record(**how, invoice_id=f"again_{next(_number)}")

    patch.setattr(giving, "record_payment", record_anew)


def access_lasts_to_the_periods_end(patch: pytest.MonkeyPatch) -> None:
    find = entitlements._find

    def find_by_period(reader: Any) -> Standing:
        from django.utils import timezone  # noqa: PLC0415 - as everywhere, by the one clock

        if Subscription.objects.filter(customer__user=reader, period_end__gt=timezone.now()).exists():
            return Standing(Verdict(Access.FULL, Told.NOTHING))
        return find(reader)

    patch.setattr(entitlements, "_find", find_by_period)


def nobody_asks_whether_one_is_there_already(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(checkout, "find_arrangement", lambda _user: None)


def lost_letters_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconciling, "fetch_missing_letters", lambda: (0, 0))


def lost_mails_are_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "send_unsent", lambda: (0, 0))


def two_workers_send_the_same_mail(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notices, "_take", lambda found, _now: found.filter(sent_at=None).exists())


FAULTS: dict[Fault, str] = {
    letters_are_kept_as_often_as_they_come: "is kept 2 times",
    what_a_letter_says_is_believed: "differs (here, at Stripe)",
    mails_hang_on_the_letter: "mails",
    what_goes_back_is_entered_each_time: "at Stripe",
    a_gift_is_entered_for_each_delivery: "ledger",
    access_lasts_to_the_periods_end: "access",
    nobody_asks_whether_one_is_there_already: "was sold",
    lost_letters_are_not_looked_for: "is open, its session complete",
    lost_mails_are_not_looked_for: "was never sent",
    two_workers_send_the_same_mail: "mails",
}
# Where the search begins, so that the suite stays quick: from nought they are all found within sixty.
BEGINS: dict[Fault, int] = {
    what_a_letter_says_is_believed: 43,
    a_gift_is_entered_for_each_delivery: 45,
    nobody_asks_whether_one_is_there_already: 6,
    lost_letters_are_not_looked_for: 3,
    lost_mails_are_not_looked_for: 43,
    two_workers_send_the_same_mail: 44,
}


def test_the_histories_find_each_of_these_faults_and_only_while_it_is_there(
    world: World, subtests: pytest.Subtests
) -> None:
    for fault, finding in FAULTS.items():
        with subtests.test(fault.__name__):
            seed = find(world, fault, finding)
            assert seed is not None, f"{MOST} histories found nothing"
            assert goes_wrong(world, draw(seed)) is None, "without the fault it ends well"


def find(world: World, fault: Fault, finding: str) -> int | None:
    """Put the fault in, and return the first history that says so."""
    begin = BEGINS.get(fault, 0)
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        for seed in range(begin, begin + MOST):
            found = goes_wrong(world, draw(seed))
            if found is not None and finding in str(found):
                return seed
    return None
