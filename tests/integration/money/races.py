"""The races: each round is one reader and several who do the same at the same moment; what comes of it is looked at."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.utils import timezone

from donations import giving, receipts
from donations.models import Donation, Pledge
from kjreport.accounts.models import User
from kjreport.payments import inbox, refunding
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.checkout_attempts import AlreadyCompleted, Replaced
from kjreport.payments.models import CheckoutAttempt, Customer, Payment, Purpose, RefundOrder, StripeEvent
from kjreport.payments.money import Money
from subscriptions import checkout, mirror, notices
from subscriptions.models import Notice, NoticeKind, Subscription
from subscriptions.refunding import refund_and_cancel
from tests.cast import a_payment, a_subscription
from tests.integration.money.racing import Deed, Fault, Table, complain, is_not, mails_to, read
from tests.integration.money.till import a_price, customer_of, may_read

SITE = "http://testserver"

type Race = Callable[[Table, int], list[str]]


def play(race: Race, rounds: int, table: Table) -> list[Fault]:
    """Run a race so many times; return what was wrong in the first round that was."""
    for number in range(rounds):
        faults = [Fault(number, what) for what in race(table, number)]
        if faults:
            return faults
    return []


# Subscribing ----------------------------------------------------------------------------------------------------------


def double_click(table: Table, number: int) -> list[str]:
    """One press of “Subscribe” that arrives three times: one customer, one session, one address for all."""
    reader, key = table.a_reader(number), uuid.uuid4()
    given = table.racers.at_once(*[_press(reader, key, "month")] * 3)
    customer = customer_of(reader)
    return [
        *complain(given),
        *is_not("addresses", len(set(map(str, given))), 1),
        *is_not("sessions", len(table.of_customer("checkout.session", customer)), 1),
        *is_not("attempts", CheckoutAttempt.objects.filter(user=reader).count(), 1),
    ]


def two_tabs(table: Table, number: int) -> list[str]:
    """Two tabs and two prices: one session open at most, and of all the pages shown one can be paid at most."""
    reader = table.a_reader(number)
    deeds = [_press(reader, uuid.uuid4(), interval) for interval in ("month", "year")]
    given = table.racers.at_once(*deeds)
    customer = customer_of(reader)
    sessions = table.of_customer("checkout.session", customer)
    is_open = [each["id"] for each in sessions if each["status"] == "open"]
    kept = CheckoutAttempt.objects.filter(user=reader, state__in=["started", "open"])
    wrong = [
        *complain(given, Replaced, AlreadyCompleted),
        *is_not("attempts left open", [each.stripe_session_id for each in kept], is_open),
        *([f"{len(is_open)} sessions are open"] if len(is_open) > 1 else []),
    ]
    for session in is_open:
        table.till.pay(session)
    if len(table.of_customer("subscription", customer)) > 1:
        wrong.append("paid twice")
    return wrong


def return_page_and_letters(table: Table, number: int) -> list[str]:
    """Back from paying, while the letters come, some of them twice: one subscription, one payment, one welcome."""
    reader, attempt = a_payer(table, number)
    letters = table.new_letters("checkout.session.completed", "customer.subscription.created", "invoice.paid")
    table.racers.chance.shuffle(letters)
    given = table.racers.at_once(lambda: checkout.finish_checkout(attempt), *read([*letters, letters[0]]))
    return [*complain(given), *_is_one_subscription(reader)]


def workers_on_one_letter(table: Table, number: int) -> list[str]:
    """Two workers and the sweeper take up one letter: it is taken in once."""
    reader, _ = a_payer(table, number)
    [letter] = table.new_letters("invoice.paid")
    event = _keep(letter)
    given = table.racers.at_once(*[lambda: inbox.process(event.pk)] * 3)
    event.refresh_from_db()
    return [*complain(given), *is_not("openings", event.attempts, 1), *_is_one_subscription(reader)]


def one_letter_twice(table: Table, number: int) -> list[str]:
    """Stripe sends a letter twice at the same moment: it is kept once, and opened once."""
    reader, _ = a_payer(table, number)
    [letter] = table.new_letters("invoice.paid")
    given = table.racers.at_once(*read([letter] * 3))
    kept = StripeEvent.objects.filter(stripe_id=letter.id)
    return [
        *complain(given),
        *is_not("new to", given.count(True), 1),
        *is_not("openings", [each.attempts for each in kept], [1]),
        *_is_one_subscription(reader),
    ]


def _press(reader: User, key: uuid.UUID, interval: str) -> Deed:
    price = a_price(interval)
    return lambda: checkout.start_checkout(reader, price, form_key=key, return_to="")


def a_payer(table: Table, number: int) -> tuple[User, CheckoutAttempt]:
    """Give somebody who has just paid; nobody here knows yet."""
    reader = table.a_reader(number)
    checkout.start_checkout(reader, a_price(), form_key=uuid.uuid4(), return_to="")
    attempt = CheckoutAttempt.objects.get(user=reader)
    table.new_letters()
    table.till.pay(attempt.stripe_session_id or "")
    return reader, attempt


def _keep(letter: Any) -> StripeEvent:
    """Keep a letter that nobody has opened, as if every worker were busy."""
    return StripeEvent.objects.create(
        stripe_id=letter.id,
        type=letter.type,
        livemode=False,
        payload=dict(letter.payload),
        occurred_at=letter.created_at,
        next_attempt_at=timezone.now(),
    )


def _is_one_subscription(reader: User) -> list[str]:
    rows = Subscription.objects.filter(customer__user=reader)
    told = Notice.objects.filter(subscription__customer__user=reader)
    return [
        *is_not("subscriptions", [row.status for row in rows], ["active"]),
        *is_not("payments", [each.amount for each in Payment.objects.filter(customer__user=reader)], [1000]),
        *is_not("notices", sorted(each.kind for each in told), [NoticeKind.RECEIPT, NoticeKind.WELCOME]),
        *is_not("mails", mails_to(reader.email), ["Welcome to KJ Report"]),
        *is_not("letters left", StripeEvent.objects.unprocessed().count(), 0),
    ]


def failed_renewal(table: Table, number: int) -> list[str]:
    """Nobody races here, but time: a renewal fails, the period rolls forward all the same, and grace runs out."""
    reader, attempt = a_payer(table, number)
    checkout.finish_checkout(attempt)
    subscription = Subscription.objects.get(customer__user=reader)
    table.till.set_card(customer_of(reader), works=False)
    _renew(table, subscription)
    mirror.sync_customer(customer_of(reader))
    subscription.refresh_from_db()
    is_paid_for = subscription.period_end is not None and subscription.period_end > timezone.now()
    in_grace = may_read(reader)
    assert subscription.invoice_finalized_at is not None
    subscription.invoice_finalized_at -= settings.SUBSCRIPTION_GRACE + timedelta(days=1)
    subscription.save(update_fields=["invoice_finalized_at"])
    return [
        *is_not("status", subscription.status, "past_due"),
        *is_not("rolls forward", is_paid_for, due=True),
        *is_not("reading in grace", in_grace, due=True),
        *is_not("reading after grace", may_read(reader), due=False),
    ]


# Renewing and leaving -------------------------------------------------------------------------------------------------


def cancel_and_renewal(table: Table, number: int) -> list[str]:
    """A reader cancels in the portal just as the renewal's letters come: both are so, each told once."""
    reader, attempt = a_payer(table, number)
    checkout.finish_checkout(attempt)
    subscription = Subscription.objects.get(customer__user=reader)
    _renew(table, subscription)
    letters = table.new_letters("invoice.paid", "customer.subscription.updated")
    before = list(Notice.objects.filter(subscription=subscription).values_list("pk", flat=True))
    mail.outbox.clear()

    pause = table.racers.chance.choice((0, 0.03, 0.08, 0.2))

    def cancel_and_come_back() -> None:
        time.sleep(pause)  # a letter takes longer to come in than a press
        gateway._v1().subscriptions.update(subscription.stripe_id, {"cancel_at_period_end": True})
        mirror.sync_customer(customer_of(reader))

    given = table.racers.at_once(cancel_and_come_back, *read(letters), *read(letters[:1]))
    subscription.refresh_from_db()
    [there] = table.of_customer("subscription", customer_of(reader))
    told = Notice.objects.filter(subscription=subscription).exclude(pk__in=before)
    return [
        *complain(given),
        *is_not("ends", subscription.ends_at and int(subscription.ends_at.timestamp()), there["cancel_at"]),
        *is_not("payments", Payment.objects.filter(customer__user=reader).count(), 2),
        *is_not("notices", sorted(each.kind for each in told), [NoticeKind.ENDING, NoticeKind.RECEIPT]),
        *is_not("mails", len(mails_to(reader.email)), 2),
    ]


def _renew(table: Table, subscription: Subscription) -> None:
    """Have the till renew this subscription now, and take the payment without the hour that a draft lies."""
    table.hasten(subscription.stripe_id, "renew")
    [there] = table.of_customer("subscription", subscription.customer.stripe_id or "")
    table.hasten(there["latest_invoice"], "finalise")


def colleagues_refunding(*colleagues: User) -> Race:
    """Presses of colleagues on “refund and cancel”: one refund, one entry, one line in the log, one mail."""

    def race(table: Table, number: int) -> list[str]:
        reader, attempt = a_payer(table, number)
        checkout.finish_checkout(attempt)
        subscription = Subscription.objects.get(customer__user=reader)
        payment = Payment.objects.get(customer__user=reader)
        mail.outbox.clear()
        deeds = [_refund(table, subscription.pk, payment, each) for each in (*colleagues, colleagues[0])]
        given = table.racers.at_once(*deeds)
        return [*complain(given, refunding.NothingLeft), *_is_given_back(table, reader, payment)]

    return race


def _refund(table: Table, pk: int, payment: Payment, colleague: User) -> Deed:
    """Look at a page now, and press its button at once or a little later, when others may have."""
    seen, pause = Subscription.objects.get(pk=pk), table.racers.chance.choice((0, 0, 0.05, 0.15))

    def press() -> RefundOrder:
        time.sleep(pause)
        return refund_and_cancel(seen, payment, by=colleague)

    return press


def _is_given_back(table: Table, reader: User, payment: Payment) -> list[str]:
    entries = Payment.objects.filter(customer__user=reader).values_list("amount", flat=True)
    refunds = [each for each in table.latest("refund") if each["payment_intent"] == payment.payment_intent_id]
    return [
        *is_not("refunds", len(refunds), 1),
        *is_not("ledger", sorted(entries), [-1000, 1000]),
        *is_not("status", Subscription.objects.get(customer__user=reader).status, "canceled"),
        *is_not("orders left open", RefundOrder.objects.filter(payment=payment, finished_at=None).count(), 0),
        *is_not("lines in the log", LogEntry.objects.filter(object_id=str(payment.pk)).count(), 1),
        *is_not("mails", mails_to(reader.email), ["Your subscription to KJ Report has ended"]),
    ]


def workers_on_one_notice(table: Table, number: int) -> list[str]:
    """Workers and the sweeper find the same unsent mail: it goes out once."""
    reader = table.a_reader(number)
    notice = Notice.objects.create(subscription=a_subscription(reader), kind=NoticeKind.WELCOME)
    given = table.racers.at_once(*[lambda: notices.send_notice(notice.pk)] * 4)
    return [*complain(given), *is_not("sent", given.count(True), 1), *is_not("mails", len(mails_to(reader.email)), 1)]


def workers_on_one_receipt(table: Table, number: int) -> list[str]:
    """The same for a giver's receipt."""
    giver = table.a_reader(number)
    payment = a_payment(giver, 2500, Purpose.DONATION)
    donation = Donation.objects.create(
        payment=payment, campaign=giving.ensure_campaign(), user=giver, email=giver.email
    )
    given = table.racers.at_once(*[lambda: receipts.send_receipt(donation.pk)] * 4)
    return [*complain(given), *is_not("sent", given.count(True), 1), *is_not("mails", len(mails_to(giver.email)), 1)]


# Giving ---------------------------------------------------------------------------------------------------------------


def double_click_on_a_gift(table: Table, number: int) -> list[str]:
    """One press of “Give” that arrives three times, once and monthly, with an account and without: one session."""
    is_monthly, has_account = number % 2 == 0, number % 4 < 2
    giver = table.a_reader(number) if has_account else None
    key = uuid.uuid4()
    given = table.racers.at_once(*[_give(giver, key, is_monthly=is_monthly)] * 3)
    ids = {getattr(each, "id", repr(each)) for each in given}
    attempt = CheckoutAttempt.objects.latest("pk")
    made = [each for each in table.latest("checkout.session") if each["metadata"]["attempt"] == str(attempt.key)]
    return [*complain(given), *is_not("sessions", len(made), 1), *is_not("answers", len(ids), 1)]


def gift_returning_and_letters(table: Table, number: int) -> list[str]:
    """Back from giving, while the letters come twice: one gift, one payment, one receipt."""
    is_monthly = number % 2 == 0
    giver = table.a_reader(number)
    session = _give(giver, uuid.uuid4(), is_monthly=is_monthly)().id
    table.new_letters()
    table.till.pay(session, email=giver.email)
    letters = table.new_letters("checkout.session.completed", "customer.subscription.created", "invoice.paid")
    given = table.racers.at_once(*[lambda: giving.sync_session(session)] * 2, *read([*letters, letters[-1]]))
    gifts = Donation.objects.filter(user=giver)
    return [
        *complain(given),
        *is_not("gifts", [each.payment.amount for each in gifts], [2500]),
        *is_not("payments", Payment.objects.filter(customer__user=giver).count(), 1),
        *is_not("pledges", Pledge.objects.filter(customer__user=giver).count(), int(is_monthly)),
        *is_not("receipts", len(mails_to(giver.email)), 1),
        *is_not("customers", Customer.objects.filter(user=giver).count(), 1),
        *is_not("letters left", StripeEvent.objects.unprocessed().count(), 0),
    ]


def _give(giver: User | None, key: uuid.UUID, *, is_monthly: bool) -> Deed:
    gift = giving.Gift(
        campaign=giving.ensure_campaign(),
        money=Money(2500, "gbp"),
        is_monthly=is_monthly,
        name="",
        is_anonymous=False,
        note="",
    )
    return lambda: giving.start_gift(gift, form_key=key, giver=giver, site_url=SITE)
