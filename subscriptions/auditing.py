"""What the mirror has otherwise than Stripe: asked a page at a time, with as many queries for a page as for one row."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.utils import timezone

from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.auditing import PAGE, Drift, Mend
from kjreport.payments.models import Customer, Kind
from kjreport.payments.snapshots import SubscriptionSnapshot
from subscriptions import mirror
from subscriptions.models import Plan, Subscription


class Seen:
    """Which rows Stripe has shown us, a bit for each: an eighth of a megabyte for a million."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bits = bytearray()

    def add(self, pk: int) -> None:
        """Note a row."""
        place, bit = divmod(pk, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << bit

    def __contains__(self, pk: int) -> bool:
        place, bit = divmod(pk, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)


def audit_page(snapshots: Sequence[SubscriptionSnapshot], seen: Seen) -> list[Drift]:
    """Compare a page of Stripe's subscriptions with the mirror. Three queries."""
    rows = Subscription.objects.select_related("customer").in_bulk(
        [each.id for each in snapshots], field_name="stripe_id"
    )
    plans = {plan.stripe_product_id: plan for plan in Plan.objects.filter(stripe_product_id__isnull=False)}
    asked = {each.customer_id for each in snapshots}
    customers = set(Customer.objects.filter(stripe_id__in=asked).values_list("stripe_id", flat=True))
    drifts = []
    for each in snapshots:
        row, plan = rows.get(each.id), plans.get(each.product_id)
        if row is not None:
            seen.add(row.pk)
        what = _compare(row, each, plan, is_known=each.customer_id in customers)
        if what:
            can_be_mended = each.customer_id in customers
            mend = partial(mirror.sync_customer, each.customer_id) if can_be_mended else None
            drifts.append(Drift(each.id, what, mend))
    return drifts


def _compare(row: Subscription | None, snapshot: SubscriptionSnapshot, plan: Plan | None, *, is_known: bool) -> str:
    """Say what differs, if anything does."""
    if row is None:
        if not is_known:
            is_ours = gateway.is_ours(snapshot.metadata) and snapshot.kind == Kind.SUBSCRIPTION
            return "sold by us to a customer we do not know" if is_ours else ""
        return f"{snapshot.status} at Stripe, missing here" if mirror.is_taken_in(snapshot, plan) else ""
    differ = mirror.find_differences(row, snapshot)
    if row.plan_id != (plan.pk if plan else None):
        differ.append("plan")
    said = f" ({row.status} here, {snapshot.status} at Stripe)" if "status" in differ else ""
    return f"differs in {', '.join(differ)}{said}" if differ else ""


def find_strays(seen: Seen) -> Iterator[tuple[int, list[Drift]]]:
    """Find subscriptions that run here and that Stripe has not shown; yield how many were looked at, and those.

    One that began while Stripe's list was read is asked about once more.
    """
    began = timezone.now()
    looked, drifts = 0, []
    running = Subscription.objects.current().filter(started_at__lt=began).select_related("customer").order_by("pk")
    for row in running.iterator(chunk_size=PAGE):
        looked += 1
        if row.pk not in seen and not _is_there(row):
            drifts.append(Drift(row.stripe_id, f"{row.status} here, unknown to Stripe: please look at {row.customer}"))
        if looked == PAGE:
            yield looked, drifts
            looked, drifts = 0, []
    yield looked, drifts


def _is_there(row: Subscription) -> bool:
    try:
        gateway.get_subscription(row.stripe_id)
    except gateway.NotFound:
        return False
    return True


def list_mends(subscription_ids: Sequence[str]) -> dict[str, Mend]:
    """Return how to bring back each of these that is mirrored here. One query."""
    found = Subscription.objects.filter(stripe_id__in=subscription_ids, customer__stripe_id__isnull=False)
    pairs = found.values_list("stripe_id", "customer__stripe_id")
    return {stripe_id: partial(mirror.sync_customer, str(customer)) for stripe_id, customer in pairs}
