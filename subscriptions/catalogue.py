"""What we sell: made here, then published at Stripe. Both are safe to do twice."""

from django.db import transaction

from kjreport.payments import stripe_gateway as gateway
from subscriptions.models import Interval, Plan, Price
from subscriptions.offer import forget_offer

_BENEFITS = [
    "Every analysis, in full, on every device",
    "The whole archive",
    "New analyses by e-mail, if you like",
    "Leave at any time, in two clicks",
]


def ensure_plans() -> Plan:
    """Make the paper's plan at £10 a month and £100 a year unless it is there; what is there is left as it is."""
    with transaction.atomic():
        plan, _ = Plan.objects.get_or_create(
            slug="kj-report",
            defaults={
                "name": "KJ Report",
                "description": "Independent analysis on world affairs, in full.",
                "benefits": _BENEFITS,
            },
        )
        for interval, amount in ((Interval.MONTH, 1_000), (Interval.YEAR, 10_000)):
            if not plan.prices.filter(interval=interval, currency="gbp").exists():
                Price.objects.create(plan=plan, interval=interval, amount=amount, currency="gbp")
    forget_offer()
    return plan


def publish_catalogue() -> list[str]:
    """Make or align at Stripe what is on offer, and the portal to manage it in; return a line for each.

    Raises:
        GatewayError: Stripe did not do it; doing it again is safe.
    """
    lines = []
    switchable: dict[str, list[str]] = {}
    for plan in Plan.objects.filter(is_offered=True):
        product = gateway.ensure_product(key=f"plan_{plan.slug}", name=plan.name, description=plan.description)
        lines.append(_note(plan, "stripe_product_id", product))
        for price in Price.objects.on_offer().filter(plan=plan):
            made = gateway.ensure_price(
                lookup_key=price.lookup_key,
                product_id=product,
                amount=price.money,
                interval="year" if price.interval == Interval.YEAR else "month",
            )
            lines.append(_note(price, "stripe_price_id", made))
            switchable.setdefault(product, []).append(made)
    lines.append(f"The customer portal: {gateway.ensure_portal(switchable)}")
    forget_offer()
    return lines


def _note(row: Plan | Price, field: str, stripe_id: str) -> str:
    if getattr(row, field) == stripe_id:
        return f"{row}: {stripe_id}, as before"
    setattr(row, field, stripe_id)
    row.save(update_fields=[field])
    return f"{row}: {stripe_id}"
