"""Everything of ours at Stripe compared with what is kept here, page by page: memory does not grow with readers."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.conf import settings

from donations import giving
from donations.models import Pledge
from kjreport.payments import postbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.auditing import Drift, Mend, audit_disputes, audit_invoices, audit_refunds, in_pages
from kjreport.payments.models import Kind, Payment
from kjreport.payments.snapshots import CheckoutSnapshot, SubscriptionSnapshot
from subscriptions import auditing as subscriptions

logger = logging.getLogger(__name__)

type Pages = Iterator[tuple[int, list[Drift]]]

_PLEDGE = ("status", "amount", "currency", "ends_at", "ended_at")


def list_looks() -> dict[str, Callable[[], Pages]]:
    """Return what to look at, in order; each look yields how many it looked at and what of them had drifted."""
    seen = subscriptions.Seen()
    return {
        "subscriptions": partial(_look_at_subscriptions, seen),
        "subscriptions kept here": partial(subscriptions.find_strays, seen),
        "gifts": _look_at_gifts,
        "paid invoices": _look_at_invoices,
        "refunds": lambda: ((len(page), audit_refunds(page)) for page in in_pages(gateway.stream_refunds())),
        "letters asked for": _look_at_postbox,
        "disputes": lambda: ((len(page), audit_disputes(page)) for page in in_pages(gateway.stream_disputes())),
    }


def _look_at_postbox() -> Pages:
    """Look whether a public site is sent every letter it hears. A key that may not see that is no drift."""
    if not settings.SITE_URL.startswith("https://"):
        return
    address = postbox.find_address()
    try:
        faults = postbox.find_faults(address)
    except gateway.GatewayRefused as error:
        logger.warning("Stripe does not let this key see where letters are sent: %s", error)
        return
    yield 1, [Drift("webhook endpoint", fault, partial(_mend_postbox, address)) for fault in faults]


def _mend_postbox(address: str) -> None:
    """Ask for what is missing. A new endpoint has a secret that a person must put into the settings."""
    if not any(each.api_version == gateway.API_VERSION for each in gateway.list_endpoints(address)):
        raise gateway.GatewayRefused("a person must make it, for its secret is shown only once")
    postbox.ensure_posting(address)


def _look_at_subscriptions(seen: subscriptions.Seen) -> Pages:
    for page in in_pages(gateway.stream_subscriptions()):
        pledges = [each for each in page if gateway.is_ours(each.metadata) and each.kind == Kind.PLEDGE]
        others = [each for each in page if each not in pledges]
        yield len(page), subscriptions.audit_page(others, seen) + _audit_pledges(pledges)


def _audit_pledges(snapshots: Sequence[SubscriptionSnapshot]) -> list[Drift]:
    """Compare monthly gifts with what is kept of them. One query."""
    rows = Pledge.objects.in_bulk([each.id for each in snapshots], field_name="stripe_id")
    drifts = []
    for each in snapshots:
        row = rows.get(each.id)
        differ = [name for name in _PLEDGE if row is not None and getattr(row, name) != getattr(each, name)]
        if row is None or differ:
            what = f"monthly gift, differs in {', '.join(differ)}" if row else "monthly gift, missing here"
            drifts.append(Drift(each.id, what, partial(giving.sync_pledge, each.id)))
    return drifts


def _look_at_gifts() -> Pages:
    for page in in_pages(gateway.stream_finished_checkouts()):
        gifts = [each for each in page if _is_paid_gift(each)]
        intents = [each.payment_intent_id for each in gifts]
        entered = set(
            Payment.objects.received().filter(payment_intent_id__in=intents).values_list("payment_intent_id", flat=True)
        )
        yield (
            len(page),
            [
                Drift(each.id, "gift, not entered", partial(giving.sync_session, each.id))
                for each in gifts
                if each.payment_intent_id not in entered
            ],
        )


def _is_paid_gift(session: CheckoutSnapshot) -> bool:
    return gateway.is_ours(session.metadata) and session.metadata.get("kind") == Kind.GIFT and session.is_paid


def _look_at_invoices() -> Pages:
    for page in in_pages(gateway.stream_paid_invoices()):
        ids = [each.subscription_id for each in page if each.subscription_id]
        pledged = Pledge.objects.filter(stripe_id__in=ids).values_list("stripe_id", flat=True)
        mends: dict[str, Mend] = {stripe_id: partial(giving.sync_pledge, stripe_id) for stripe_id in pledged}
        yield len(page), audit_invoices(page, mends | subscriptions.list_mends(ids))
