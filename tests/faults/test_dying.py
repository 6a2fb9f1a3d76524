"""A program dies between two steps, to the line; and each proof of the kill tests is seen to catch a fault of its kind.

Killed here is an exception that nobody catches, and a transaction it leaves is undone, as a database does when the
connection breaks. What a process would have done afterwards is not done.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from donations import giving, receipts
from kjreport import reaping
from kjreport.accounts.models import User
from kjreport.payments import correspondence, inbox, ledger, refunding
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Customer, Payment, StripeEvent
from kjreport.standin.server import StandIn
from subscriptions import mirror, notices
from subscriptions.models import Notice, Subscription
from subscriptions.refunding import refund_and_cancel
from tests.faults import proof
from tests.faults.books import read_books_here
from tests.faults.mail_server import Mail
from tests.faults.proof import Evidence, find_faults
from tests.integration.money.till import post_letter, press_subscribe, session_in, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """kill -9, to the line."""


@pytest.fixture(autouse=True)
def _tasks_are_rows(settings: Any) -> None:
    """Queue tasks as production does; nothing does them until a test says so."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def an_hour_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let an hour pass, and the worker and the sweeper do what is to be done."""
    offset = timedelta()
    now = timezone.now

    def pass_on() -> None:
        nonlocal offset
        offset += timedelta(hours=1)
        for _ in range(2):
            call_command("sweep")
            call_command("db_worker", batch=True, interval=0, reload=False, startup_delay=False)

    monkeypatch.setattr(timezone, "now", lambda: now() + offset)
    return pass_on


@contextlib.contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool) -> Iterator[None]:
    """Die as soon as a function is called, or as soon as it has done its work."""
    real = getattr(where, name)

    def die(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, die)
        try:
            yield
        except Killed:
            return
    pytest.fail(f"{name} was not called, so nobody died.")


def gather(till: StandIn, *, killed: int = 1, acknowledged: tuple[str, ...] = ()) -> Evidence:
    sent = [(letter.message(), letter) for letter in mail.outbox]
    mails = [
        Mail(str(each["To"]), str(each["Subject"]), str(each["Message-ID"]), str(letter.body)) for each, letter in sent
    ]
    return Evidence(read_books_here(), till.dump(), acknowledged, mails, killed)


def buy(client: Client, till: StandIn, reader: User) -> Subscription:
    """Subscribe, and come back; the welcome is owed and has not been sent."""
    client.force_login(reader)
    subscribe(client, till)
    return Subscription.objects.get()


def welcome() -> Notice:
    """Give the first letter that is owed."""
    return Notice.objects.earliest("pk")


def deliver(till: StandIn) -> None:
    """Have every letter of the till kept, and none opened."""
    for data in till.events():
        assert post_letter(Client(), data).status_code == 200


# Mail -----------------------------------------------------------------------------------------------------------------


def test_dead_before_the_mail_server_took_it_the_letter_goes_out_once(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    buy(client, till, a_reader)
    with dying(monkeypatch, EmailMultiAlternatives, "send", after=False):
        notices.send_notice(welcome().pk)
    an_hour_passes()
    assert find_faults(gather(till)) == []
    assert len(mail.outbox) == 1


def test_dead_after_the_mail_server_took_it_a_second_copy_bears_the_same_name(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    buy(client, till, a_reader)
    with dying(monkeypatch, EmailMultiAlternatives, "send", after=True):
        notices.send_notice(welcome().pk)
    an_hour_passes()
    assert find_faults(gather(till)) == []
    first, second = (letter.message() for letter in mail.outbox)
    assert first["Message-ID"] == second["Message-ID"]
    assert any("further copies" in fault for fault in find_faults(gather(till, killed=0)))


def test_a_gifts_receipt_bears_the_same_name_too(
    client: Client, till: StandIn, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    form = {"key": str(uuid.uuid4()), "rhythm": "once", "choice": "2500", "own_amount": "", "name": "", "note": ""}
    session = session_in(client.post("/donate/", form))
    till.pay(session)
    giving.sync_session(session)
    [donation_id] = [row["id"] for row in read_books_here().donations]
    with dying(monkeypatch, EmailMultiAlternatives, "send", after=True):
        receipts.send_receipt(donation_id)
    an_hour_passes()
    assert find_faults(gather(till)) == []
    assert len(mail.outbox) == 2


def test_seeded_fault_a_copy_under_another_name_is_reported(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    monkeypatch.setattr(correspondence, "name_letter", lambda _: f"<{uuid.uuid4()}@example.org>")
    buy(client, till, a_reader)
    with dying(monkeypatch, EmailMultiAlternatives, "send", after=True):
        notices.send_notice(welcome().pk)
    an_hour_passes()
    assert any("1 letters were owed and 2 different ones" in fault for fault in find_faults(gather(till)))


def test_seeded_fault_a_letter_noted_as_sent_before_it_is_sent_is_reported(
    client: Client, till: StandIn, a_reader: User, an_hour_passes: Callable[[], None]
) -> None:
    buy(client, till, a_reader)
    Notice.objects.update(sent_at=timezone.now())  # … and then the sender dies
    an_hour_passes()
    assert any("1 letters were owed and 0 different ones" in fault for fault in find_faults(gather(till)))


# Letters from Stripe --------------------------------------------------------------------------------------------------


def test_dead_between_keeping_a_letter_and_queueing_it_the_sweeper_opens_it(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    letters = till.events()
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "on_commit", lambda *_args, **_options: None)
        for data in letters:
            assert post_letter(Client(), data).status_code == 200
    assert read_books_here().tasks == []
    an_hour_passes()
    assert find_faults(gather(till, acknowledged=tuple(data["id"] for data in letters))) == []
    assert Subscription.objects.get().status == "active"


def test_seeded_fault_a_door_that_answers_before_it_keeps_is_reported(
    till: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "receive", lambda _notification: True)
    letters = till.events()
    deliver(till)
    faults = find_faults(gather(till, acknowledged=tuple(data["id"] for data in letters)))
    assert letters
    assert faults == [f"Letter {stripe_id} was acknowledged and is lost." for stripe_id in sorted(_ids(letters))]


def test_dead_in_the_midst_of_a_letter_nothing_of_it_is_kept_and_then_all(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    _renew_and_die_between_ledger_and_notice(client, till, a_reader, monkeypatch, an_hour_passes)
    assert Payment.objects.count() == 1
    an_hour_passes()
    assert find_faults(gather(till)) == []
    assert Payment.objects.count() == 2


def test_seeded_fault_a_letter_without_its_transaction_is_reported(
    client: Client, till: StandIn, a_reader: User, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "atomic", lambda *_args, **_options: contextlib.nullcontext())
        patch.setattr(mirror, "lock_customer", lambda stripe_id, **_: Customer.objects.get(stripe_id=stripe_id))
        _renew_and_die_between_ledger_and_notice(client, till, a_reader, monkeypatch, lambda: None)
    assert Payment.objects.count() == 2
    an_hour_passes()
    assert any("was never receipted" in fault for fault in find_faults(gather(till)))


def _renew_and_die_between_ledger_and_notice(
    client: Client,
    till: StandIn,
    reader: User,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[], None],
) -> None:
    buy(client, till, reader)
    notices.send_notice(welcome().pk)
    meanwhile()
    till.advance(days=32)
    letter = till.events("invoice.paid")[-1]
    assert post_letter(Client(), letter).status_code == 200
    event = StripeEvent.objects.get(stripe_id=letter["id"])
    with dying(monkeypatch, notices, "write_receipt", after=False):
        inbox.process(event.pk)


def test_seeded_fault_without_the_reaper_a_dead_workers_task_is_reported(
    till: StandIn, monkeypatch: pytest.MonkeyPatch, an_hour_passes: Callable[[], None]
) -> None:
    receipts.send_soon.enqueue(0)
    worker_dies_with_it = {"status": "RUNNING", "started_at": timezone.now(), "worker_ids": ["dead"]}
    DBTaskResult.objects.update(**worker_dies_with_it)
    with monkeypatch.context() as patch:
        patch.setattr(reaping, "reap_tasks", lambda: 0)
        an_hour_passes()
    assert find_faults(gather(till)) == ["Task donations.receipts.send_soon is RUNNING for ever."]
    an_hour_passes()
    assert find_faults(gather(till)) == []


# Refunds --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name", "after"),
    [
        (gateway, "create_refund", False),
        (gateway, "create_refund", True),
        (ledger, "record_refunds", False),
        (ledger, "record_refunds", True),
        (gateway, "cancel_subscription", True),
        (refunding, "close", False),
    ],
)
def test_dead_between_any_two_steps_of_a_refund_it_is_finished_once(
    client: Client,
    till: StandIn,
    a_reader: User,
    a_bookkeeper: User,
    monkeypatch: pytest.MonkeyPatch,
    an_hour_passes: Callable[[], None],
    where: Any,
    name: str,
    after: bool,  # noqa: FBT001 - a table
) -> None:
    subscription = buy(client, till, a_reader)
    with dying(monkeypatch, where, name, after=after):
        refund_and_cancel(subscription, Payment.objects.get(), by=a_bookkeeper)
    assert any("never finished" in fault for fault in find_faults(gather(till)))
    deliver(till)
    an_hour_passes()
    assert find_faults(gather(till)) == []
    assert [entry.amount for entry in Payment.objects.order_by("pk")] == [1000, -1000]


# Books that were tampered with ----------------------------------------------------------------------------------------


def test_every_look_reports_books_that_are_wrong(
    client: Client, till: StandIn, a_reader: User, an_hour_passes: Callable[[], None]
) -> None:
    buy(client, till, a_reader)
    deliver(till)
    an_hour_passes()
    good = gather(till)
    books = good.books
    assert find_faults(good) == []
    assert proof.is_quiet(books)
    [subscription], [entry], [notice, *_], [attempt] = books.subscriptions, books.entries, books.notices, books.attempts
    wrong: dict[str, dict[str, Any]] = {
        "is missing here": {"subscriptions": []},
        "is past_due here and active at Stripe": {"subscriptions": [subscription | {"status": "past_due"}]},
        "ends here or at Stripe": {"subscriptions": [subscription | {"ends_at": timezone.now()}]},
        "another latest invoice": {"subscriptions": [subscription | {"invoice_id": "in_other"}]},
        "is not known to Stripe": {"pledges": [subscription | {"stripe_id": "sub_other"}]},
        "Stripe moved 1000, the ledger says 999": {"entries": [entry | {"amount": 999}]},
        "Stripe moved 1000, the ledger says 0": {"entries": []},
        "is here 2 times": {"entries": [entry, entry]},
        "gift without a donation": {"entries": [entry | {"purpose": "donation"}]},
        "0 welcomes": {"notices": []},
        "told 1 times that it ended": {"notices": [notice, notice | {"kind": "ended"}]},
        "was never sent": {"notices": [notice | {"sent_at": None}]},
        "never receipted": {"entries": [entry | {"stripe_id": "pi_other"}]},
        "is open here and completed at Stripe": {"attempts": [attempt | {"state": "open"}]},
        "never taken in": {"letters": [row | {"processed_at": None} for row in books.letters]},
    }
    for words, change in wrong.items():
        faults = find_faults(replace(good, books=replace(books, **change)))
        assert any(words in fault for fault in faults), (words, faults)


def _ids(letters: list[Any]) -> list[str]:
    return [data["id"] for data in letters]
