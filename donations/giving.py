"""Giving: from the form to Stripe, and from what Stripe says back to pledges, donations and the ledger."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from donations import receipts
from donations.models import Campaign, Donation, Pledge
from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.checkout_attempts import note_session, open_attempt
from kjreport.payments.customers import adopt_guest, ensure_customer, lock_customer
from kjreport.payments.ledger import record_paid_invoice, record_payment
from kjreport.payments.models import CheckoutAttempt, Customer, Kind, Payment, Purpose
from kjreport.payments.money import Money
from kjreport.payments.snapshots import CheckoutSnapshot, InvoiceSnapshot, SubscriptionSnapshot

KINDS = frozenset({Kind.GIFT, Kind.PLEDGE})


@dataclass(frozen=True)
class Gift:
    """What somebody wants to give, checked."""

    campaign: Campaign
    money: Money
    is_monthly: bool
    name: str
    is_anonymous: bool
    note: str


def start_gift(gift: Gift, *, form_key: uuid.UUID, giver: User | None, site_url: str) -> CheckoutSnapshot:
    """Open Checkout for a gift; pressing twice opens one session. Nothing is recorded until the money has come.

    Raises:
        AlreadyCompleted, Replaced: see `open_attempt`.
        GatewayError: Stripe did not open it; pressing again is safe.
    """
    kind = Kind.PLEDGE if gift.is_monthly else Kind.GIFT
    customer = ensure_customer(giver) if giver else None
    product_id = gift.campaign.stripe_product_id or _publish(gift.campaign)  # one made since the last `stripe_setup`

    def build(attempt: CheckoutAttempt) -> gateway.CheckoutRequest:
        return gateway.CheckoutRequest(
            idempotency_key=attempt.idempotency_key,
            success_url=f"{site_url}{reverse('donations:return')}?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{site_url}{reverse('donations:donate')}",
            expires_at=attempt.expires_at,
            metadata={"kind": kind, "attempt": str(attempt.key), "campaign": gift.campaign.slug},
            customer_id=(customer.stripe_id or "") if customer else "",
            client_reference_id=str(giver.pk) if giver else "",
            amount=gift.money,
            product_id=product_id,
            is_monthly=gift.is_monthly,
        )

    return open_attempt(
        kind=kind,
        form_key=form_key,
        user=giver,
        customer=customer,
        choice={
            "campaign": gift.campaign.slug,
            "amount": gift.money.amount,
            "currency": gift.money.currency,
            "name": gift.name,
            "is_anonymous": gift.is_anonymous,
            "note": gift.note,
        },
        return_to="",
        build=build,
    )


def is_known(session_id: str) -> bool:
    """Whether a session was opened here for a gift. One query."""
    return CheckoutAttempt.objects.filter(stripe_session_id=session_id, kind__in=KINDS).exists()


def sync_session(session_id: str) -> CheckoutSnapshot:
    """Take in what became of a session: its gift, or its pledge with what was paid on it. Doing it again is safe.

    The attempt's row is locked first, then Stripe is asked, then written, so that return page and letter agree.

    Raises:
        GatewayError: Stripe did not say; nothing was changed.
    """
    with transaction.atomic():
        attempt = CheckoutAttempt.objects.select_for_update().filter(stripe_session_id=session_id).first()
        session = gateway.get_checkout(session_id)
        if not gateway.is_ours(session.metadata) or session.metadata.get("kind") not in KINDS:
            return session
        note_session(session)
        if session.is_paid and session.mode == "payment":
            _enter_gift(session, attempt)
    if session.is_complete and session.subscription_id:
        if session.customer_id:
            adopt_guest(session.customer_id, email=session.email)
        sync_pledge(session.subscription_id)
    return session


def sync_pledge(subscription_id: str) -> Pledge | None:
    """Mirror a pledge and enter what was paid on it; None if it is not one of ours. Doing it again is safe.

    Raises:
        GatewayError: Stripe did not say; nothing was changed.
    """
    first_look = gateway.get_subscription(subscription_id)
    if not _is_our_pledge(first_look):
        return None
    Customer.objects.get_or_create(stripe_id=first_look.customer_id)
    with transaction.atomic():
        customer = lock_customer(first_look.customer_id)
        snapshot = gateway.get_subscription(subscription_id)
        _learn_address(customer, snapshot)
        pledge = _mirror(customer, snapshot)
        for invoice in gateway.list_invoices(first_look.customer_id, status="paid"):
            if invoice.subscription_id == subscription_id:
                _enter_invoice(pledge, invoice)
    return pledge


def stop_pledge(pledge: Pledge) -> None:
    """End a monthly gift now; what was given stays given.

    Raises:
        GatewayError: Stripe did not; nothing was changed.
    """
    try:
        if not pledge.is_over:
            gateway.cancel_subscription(pledge.stripe_id)
    except gateway.GatewayRefused:
        # Stripe refuses what is over, too: the answer that told us so may have been lost.
        now = sync_pledge(pledge.stripe_id)
        if now is None or not now.is_over:
            raise
    else:
        sync_pledge(pledge.stripe_id)


def _is_our_pledge(snapshot: SubscriptionSnapshot) -> bool:
    return gateway.is_ours(snapshot.metadata) and snapshot.kind == Kind.PLEDGE


def _enter_gift(session: CheckoutSnapshot, attempt: CheckoutAttempt | None) -> None:
    paid = gateway.get_payment_intent(session.payment_intent_id)
    payment, _ = record_payment(
        payment_intent_id=paid.id,
        money=Money(paid.amount_received, paid.currency),
        purpose=Purpose.DONATION,
        occurred_at=paid.created_at,
        customer=attempt.customer if attempt else None,
        description="Gift",
    )
    user = attempt.user if attempt else None
    _enter_donation(
        payment,
        campaign=_find_campaign(session.metadata.get("campaign")),
        user=user,
        email=session.email or (user.email if user else ""),
        said=_what_was_said(attempt),
    )


def _mirror(customer: Customer, snapshot: SubscriptionSnapshot) -> Pledge:
    mirrored = {
        "customer": customer,
        "status": snapshot.status,
        "amount": snapshot.amount,
        "currency": snapshot.currency,
        "started_at": snapshot.started_at,
        "ends_at": snapshot.ends_at,
        "ended_at": snapshot.ended_at,
        "next_gift_at": None if snapshot.ended_at or snapshot.ends_at else snapshot.period_end,
        "synced_at": timezone.now(),
    }
    attempt = find_attempt(snapshot.metadata.get("attempt"))
    first = {"campaign": _find_campaign(snapshot.metadata.get("campaign")), **_what_was_said(attempt)}
    pledge, _ = Pledge.objects.update_or_create(
        stripe_id=snapshot.id, defaults=mirrored, create_defaults=mirrored | first
    )
    return pledge


def _learn_address(customer: Customer, snapshot: SubscriptionSnapshot) -> None:
    """Find where a giver without an account wants the receipt; an invoice's letter may come before the session's."""
    attempt = find_attempt(snapshot.metadata.get("attempt"))
    if customer.email or customer.erased_at is not None:
        return
    if attempt is not None and attempt.stripe_session_id:
        customer.email = gateway.get_checkout(attempt.stripe_session_id).email
        customer.save(update_fields=["email"])


def find_attempt(key: object) -> CheckoutAttempt | None:
    """Return the attempt whose key stands in metadata; None if there is no such key or attempt."""
    try:
        return CheckoutAttempt.objects.filter(key=uuid.UUID(str(key))).first()
    except ValueError:
        return None


def _enter_invoice(pledge: Pledge, invoice: InvoiceSnapshot) -> None:
    entries = record_paid_invoice(
        invoice, purpose=Purpose.DONATION, customer=pledge.customer, description="Monthly gift"
    )
    for payment, _ in entries:
        _enter_donation(
            payment,
            campaign=pledge.campaign,
            pledge=pledge,
            user=pledge.customer.user,
            email=pledge.customer.email or (pledge.customer.user.email if pledge.customer.user else ""),
            said={"name": pledge.name, "is_anonymous": pledge.is_anonymous, "note": pledge.note},
        )


def _enter_donation(
    payment: Payment,
    *,
    campaign: Campaign,
    user: User | None,
    email: str,
    said: dict[str, Any],
    pledge: Pledge | None = None,
) -> None:
    donation, is_new = Donation.objects.get_or_create(
        payment=payment, defaults={"campaign": campaign, "user": user, "email": email, "pledge": pledge, **said}
    )
    if is_new and email:
        receipts.send_when_written(donation)


def _what_was_said(attempt: CheckoutAttempt | None) -> dict[str, Any]:
    choice = attempt.choice if attempt else {}
    return {
        "name": str(choice.get("name", "")),
        "is_anonymous": bool(choice.get("is_anonymous", False)),
        "note": str(choice.get("note", "")),
    }


def _find_campaign(slug: object) -> Campaign:
    """Return the campaign named, or the leading one: money that has come is never left unentered."""
    return Campaign.objects.filter(slug=str(slug)).first() or ensure_campaign()


def find_open_campaign() -> Campaign | None:
    """Return what gifts are for today; None while every campaign is closed. The usual one is made on an empty site."""
    return Campaign.objects.open().first() or (None if Campaign.objects.exists() else ensure_campaign())


def ensure_campaign() -> Campaign:
    """Return the leading campaign, an open one if there is any, making the usual one where there is none."""
    existing = Campaign.objects.order_by("-is_open", "position", "pk").first()
    if existing is not None:
        return existing
    return Campaign.objects.create(
        slug="independent-reporting",
        name="Independent reporting",
        description=(
            "KJ Report belongs to no party, government or fund. Gifts pay for the work that subscriptions cannot: "
            "the weeks on the road, the documents translated, the pieces we leave open to everybody."
        ),
        suggested_amounts=[500, 1000, 2500, 5000],
    )


def publish_campaigns() -> list[str]:
    """Make or align every campaign's product at Stripe; return what was done, a line each. Safe to repeat.

    Raises:
        GatewayError: Stripe refused or is away.
    """
    return [f"{campaign.name}: {_publish(campaign)}" for campaign in Campaign.objects.all()]


def _publish(campaign: Campaign) -> str:
    """Make or align a campaign's product at Stripe; return its id."""
    product = gateway.ensure_product(
        key=f"gift_{campaign.slug}",
        name=f"Gift: {campaign.name}",
        description=campaign.description,
        product_id=campaign.stripe_product_id or "",
    )
    if campaign.stripe_product_id != product:
        campaign.stripe_product_id = product
        campaign.save(update_fields=["stripe_product_id"])
    return product
