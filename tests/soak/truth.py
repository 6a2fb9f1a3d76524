"""What must be so: a little of it at any moment, all of it once everything has been reconciled."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Sum

from donations.models import Donation, Pledge
from kjreport.accounts.models import User
from kjreport.drift import list_looks
from kjreport.payments.models import (
    AttemptState,
    CheckoutAttempt,
    Customer,
    EntryKind,
    Payment,
    RefundOrder,
    StripeEvent,
)
from subscriptions.models import Grant, Plan, Subscription
from tests.soak import mails
from tests.soak.deeds import Life, Reader
from tests.soak.ledgers import RUNNING, Stripes

GIVEN_UP_AFTER = 2 * 86_400  # an order for a refund that nobody could finish is left to a person


class Broken(AssertionError):  # noqa: N818 - a finding
    """Something that must be so is not."""


def check_meanwhile(life: Life) -> None:
    """Check what must be so at any moment. A few queries.

    Raises:
        Broken: it is not so.
    """
    for reader in life.readers:
        if not _has_any(life, reader) and not reader.was_granted and _may_read(reader.user):
            message = f"{reader.email} reads, and has never paid nor been given it"
            raise Broken(message)
    entered = Payment.objects.filter(kind=EntryKind.PAYMENT).aggregate(total=Sum("amount"))["total"] or 0
    taken = life.world.count_at_stripe(
        "SELECT sum(json_extract(body, '$.amount_received')) FROM thing WHERE kind = 'payment_intent'"
    )
    if entered > taken:
        message = f"the ledger has {entered}, Stripe took {taken}"
        raise Broken(message)


def _has_any(life: Life, reader: Reader) -> bool:
    query = (
        "SELECT count(*) FROM thing WHERE kind = 'subscription' AND json_extract(body, '$.customer') IN "
        "(SELECT json_extract(body, '$.data.object.id') FROM thing WHERE kind = 'event' "
        "AND json_extract(body, '$.type') = 'customer.created' "
        "AND json_extract(body, '$.data.object.metadata.user_id') = ?)"
    )
    return life.world.count_at_stripe(query, str(reader.user.pk)) > 0


def _may_read(user: User) -> bool:
    return User.objects.get(pk=user.pk).has_perm("articles.read_analyses")


def check_in_the_end(life: Life) -> None:
    """Check everything.

    Raises:
        Broken: naming everything that is not so.
    """
    _check(life, {**_SCANNED, "mails": mails.find_in_mails, "order": find_in_order, "erasure": find_of_the_erased})


def check_after_a_scan(life: Life) -> None:
    """Check what the nightly scan is to bring about by itself; mails and attempts hang on letters.

    Raises:
        Broken: as above.
    """
    _check(life, _SCANNED)


def _check(life: Life, checks: Mapping[str, Callable[[Life, Stripes], Iterator[str]]]) -> None:
    plans = frozenset(plan.stripe_product_id or "" for plan in Plan.objects.all())
    stripes = Stripes(life.world.dump(), plans=plans)
    found = [f"{what}: {finding}" for what, check in checks.items() for finding in check(life, stripes)]
    found += [f"a second look: {each}" for each in find_drift()]
    if found:
        raise Broken("\n".join(found))


def find_in_mirror(life: Life, stripes: Stripes) -> Iterator[str]:
    """Find where a subscription or a monthly gift is here otherwise than at Stripe."""
    rows = {row.stripe_id: row for row in Subscription.objects.select_related("customer", "plan", "price")}
    for each in stripes.reading():
        row = rows.pop(each["id"], None)
        if row is None:
            yield f"{each['id']} ({each['status']}) is missing"
            continue
        told: dict[str, Any] = stripes.mirrored(each)
        if stripes.is_deleted(each["customer"]):
            told = {"status": "canceled"}
        differ = {name: (getattr(row, name), value) for name, value in told.items() if getattr(row, name) != value}
        price = each["items"]["data"][0]["price"]
        if row.plan is None or row.plan.stripe_product_id != price["product"]:
            differ["plan"] = (row.plan, price["product"])
        if row.price is None or row.price.stripe_price_id != price["id"]:
            differ["price"] = (row.price, price["id"])
        card = (row.card_brand, row.card_last4, row.card_expiry_date)
        if card != stripes.card_of(each, is_erased=row.customer.erased_at is not None):
            differ["card"] = (card, "otherwise")
        if differ:
            yield f"{each['id']} differs (here, at Stripe): {differ}"
        if bool(row.revoked_at) != stripes.is_lost(each):
            yield f"{each['id']}: revoked {row.revoked_at}, lost at Stripe {stripes.is_lost(each)}"
    yield from (f"{name} is here and not at Stripe" for name in rows)
    yield from _find_in_pledges(stripes)


def _find_in_pledges(stripes: Stripes) -> Iterator[str]:
    pledges = {row.stripe_id: row for row in Pledge.objects.all()}
    for each in stripes.pledges():
        row = pledges.pop(each["id"], None)
        told = stripes.mirrored(each)
        kept = ("status", "amount", "currency", "started_at", "ends_at", "ended_at")
        if row is None:
            yield f"monthly gift {each['id']} is missing"
        elif differ := {name: (getattr(row, name), told[name]) for name in kept if getattr(row, name) != told[name]}:
            yield f"monthly gift {each['id']} differs (here, at Stripe): {differ}"
    yield from (f"monthly gift {name} is here and not at Stripe" for name in pledges)


def find_in_ledger(life: Life, stripes: Stripes) -> Iterator[str]:
    """Find money that is entered otherwise than it moved."""
    entries = list(Payment.objects.select_related("customer", "of"))
    received = {each.stripe_id: each for each in entries if each.kind == EntryKind.PAYMENT}
    wanted = stripes.payments()
    for reference, (amount, _) in wanted.items():
        if reference not in received or received[reference].amount != amount:
            yield f"{reference}: {amount} came, entered {received[reference].amount if reference in received else None}"
    yield from (f"{reference} is entered and never came" for reference in received.keys() - wanted.keys())
    back: Counter[str] = Counter()
    for entry in entries:
        if entry.kind != EntryKind.PAYMENT:
            back[entry.stripe_id.partition(":")[0]] += entry.amount
    expected = stripes.returned()
    for name in back.keys() | expected.keys():
        if back[name] != expected[name]:
            yield f"{name}: {expected[name]} at Stripe, {back[name]} here"
    intents = {name.partition(":")[0] for name in wanted}
    strays = [each for each in stripes.every("payment_intent") if each["amount_received"] and each["id"] not in intents]
    yield from (f"{each['id']} brought {each['amount_received']}, and nobody claims it" for each in strays)
    for reader in life.readers:
        if not reader.is_erased:
            here = Payment.objects.filter(customer__user=reader.user).aggregate(total=Sum("amount"))["total"] or 0
            there = stripes.money_of(stripes.customers_of(reader.user.pk))
            if here != there:
                yield f"of {reader.email} {there} is left at Stripe, {here} here"
    gifts = {name for name in wanted if ":" not in name or stripes.kind_of(_subscription_of(stripes, name)) == "pledge"}
    given = set(Donation.objects.values_list("payment__stripe_id", flat=True))
    yield from (f"{name} is a gift at Stripe or here, not both" for name in gifts ^ given)


def _subscription_of(stripes: Stripes, reference: str) -> dict[str, Any]:
    invoice = stripes.by_id[reference.partition(":")[2]]
    return stripes.by_id[invoice["parent"]["subscription_details"]["subscription"]]


def find_in_access(life: Life, stripes: Stripes) -> Iterator[str]:
    """Find readers who read and may not, or may and do not."""
    now = life.world.clock.moment
    for reader in life.readers:
        own = stripes.customers_of(reader.user.pk)
        grace = int(settings.SUBSCRIPTION_GRACE.total_seconds())
        pays = any(stripes.opens(each, now, grace) for each in stripes.reading() if each["customer"] in own)
        given = Grant.objects.filter(user=reader.user).values_list("until", flat=True)
        is_given = any(until is None or until > life.world.clock.now() for until in given)
        wanted = (pays or is_given) and not reader.is_erased
        if _may_read(reader.user) is not wanted:
            yield f"{reader.email} {'reads' if not wanted else 'cannot read'}"


_SCANNED = {"mirror": find_in_mirror, "ledger": find_in_ledger, "access": find_in_access}


def find_in_order(life: Life, stripes: Stripes) -> Iterator[str]:
    """Find what is doubled, half done or left over."""
    for reader in life.readers:
        own = stripes.customers_of(reader.user.pk)
        sold = [
            each["id"]
            for each in stripes.reading()
            if each["customer"] in own and each["status"] in RUNNING and stripes.kind_of(each) == "subscription"
        ]
        if len(sold) > 1:
            yield f"{reader.email} was sold {sold}"
        if Customer.objects.filter(user=reader.user).count() > 1:
            yield f"{reader.email} is two customers"
    for event in StripeEvent.objects.unprocessed():
        yield f"letter {event.type} {event.stripe_id} is unprocessed: {event.last_error}"
    kept = Counter((event.payload or {}).get("id") for event in StripeEvent.objects.filter(payload__isnull=False))
    yield from (f"letter {name} is kept {times} times" for name, times in kept.items() if times > 1)
    yield from _find_in_attempts(stripes)
    yield from _find_in_orders(life, stripes)


def _find_in_attempts(stripes: Stripes) -> Iterator[str]:
    meant = {"open": AttemptState.OPEN, "complete": AttemptState.COMPLETED, "expired": AttemptState.EXPIRED}
    for attempt in CheckoutAttempt.objects.all():
        if attempt.stripe_session_id is None:
            continue  # refused, or its answer was lost: the next press goes on from there
        session = stripes.by_id[attempt.stripe_session_id]
        if attempt.state != meant[session["status"]]:
            yield f"{attempt} is {attempt.state}, its session {session['status']}"


def _find_in_orders(life: Life, stripes: Stripes) -> Iterator[str]:
    for order in RefundOrder.objects.select_related("payment"):
        if order.finished_at is None:
            age = (life.world.clock.now() - order.ordered_at).total_seconds()
            if age < GIVEN_UP_AFTER:
                yield f"{order} is half done: refunded {order.refunded_at}, {order.error}"
        elif not order.error:
            intent = stripes.by_id[order.payment.payment_intent_id]
            back = [each for each in stripes.every("refund") if each["payment_intent"] == intent["id"]]
            if not back:
                yield f"{order} is finished, and nothing went back"
            ended = order.subscription_id and stripes.by_id[order.subscription_id]["status"] != "canceled"
            if ended:
                yield f"{order} is finished, and {order.subscription_id} goes on"


def find_of_the_erased(life: Life, stripes: Stripes) -> Iterator[str]:
    """Find traces of people whose account was erased."""
    for reader in life.readers:
        if reader.is_erased:
            addresses = (reader.email, f"accounts-of-{reader.email}")
            own = stripes.customers_of(reader.user.pk)
            if User.objects.filter(email__in=addresses).exists():
                yield f"the account of {reader.email} keeps their address"
            if Customer.objects.filter(stripe_id__in=own).exclude(email="").exists():
                yield f"the customer record of {reader.email} keeps their address"
            if Donation.objects.filter(email__in=addresses).exists():
                yield f"a gift of {reader.email} keeps their address"


def find_drift() -> Iterator[str]:
    """Find what the nightly scan would still report after everything was mended: it must report nothing."""
    for what, look in list_looks().items():
        for _, drifts in look():
            yield from (f"{what}: {drift.stripe_id}: {drift.what}" for drift in drifts)
