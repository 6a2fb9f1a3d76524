"""What Stripe said is so, at one moment, in frozen dataclasses of our own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from kjreport.payments.cards import Card

type Json = Mapping[str, Any]


def read_time(seconds: int | None) -> datetime | None:
    """Turn Stripe's seconds into a moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def read_id(reference: str | Json | None) -> str:
    """Return the id of what may come as an id, as the whole object, or not at all."""
    if reference is None:
        return ""
    return reference if isinstance(reference, str) else str(reference.get("id", ""))


def read_card(method: str | Json | None) -> Card | None:
    """Read the card of a payment method that came whole; None for anything else one may pay with."""
    card = dig(method, "card")
    if not isinstance(card, Mapping) or not card.get("exp_year"):
        return None
    return Card.of_month(
        brand=str(card.get("brand") or ""),
        last4=str(card.get("last4") or "")[-4:],
        month=card["exp_month"],
        year=card["exp_year"],
    )


def dig(thing: Any, *path: str) -> Any:  # noqa: ANN401 - JSON has any shape
    """Follow a path of keys; None where it breaks off."""
    for name in path:
        if not isinstance(thing, Mapping):
            return None
        thing = thing.get(name)
    return thing


@dataclass(frozen=True)
class CustomerSnapshot:
    """A customer."""

    id: str
    email: str
    name: str
    metadata: Json = field(default_factory=dict)

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `customer`."""
        return cls(
            id=data["id"],
            email=data.get("email") or "",
            name=data.get("name") or "",
            metadata=dict(data.get("metadata") or {}),
        )


@dataclass(frozen=True)
class CheckoutSnapshot:
    """A Checkout session. `completed` is not `paid`: see `is_paid`."""

    id: str
    url: str
    status: str
    payment_status: str
    mode: str
    customer_id: str
    subscription_id: str
    payment_intent_id: str
    invoice_id: str
    amount_total: int
    currency: str
    client_reference_id: str
    email: str
    name: str
    created_at: datetime
    metadata: Json = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid."""
        return self.status == "open"

    @property
    def is_complete(self) -> bool:
        """Whether the reader has done their part."""
        return self.status == "complete"

    @property
    def is_paid(self) -> bool:
        """Whether the money has come, or none was due."""
        return self.is_complete and self.payment_status in {"paid", "no_payment_required"}

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `checkout.session`."""
        return cls(
            id=data["id"],
            url=data.get("url") or "",
            status=data.get("status") or "",
            payment_status=data.get("payment_status") or "",
            mode=data.get("mode") or "",
            customer_id=read_id(data.get("customer")),
            subscription_id=read_id(data.get("subscription")),
            payment_intent_id=read_id(data.get("payment_intent")),
            invoice_id=read_id(data.get("invoice")),
            amount_total=data.get("amount_total") or 0,
            currency=data.get("currency") or "",
            client_reference_id=data.get("client_reference_id") or "",
            email=dig(data, "customer_details", "email") or data.get("customer_email") or "",
            name=dig(data, "customer_details", "name") or "",
            created_at=datetime.fromtimestamp(data["created"], UTC),
            metadata=dict(data.get("metadata") or {}),
        )


@dataclass(frozen=True)
class InvoiceSnapshot:
    """An invoice, with the subscription it bills."""

    id: str
    customer_id: str
    subscription_id: str
    subscription_metadata: Json
    status: str
    billing_reason: str
    amount_due: int
    amount_paid: int
    currency: str
    hosted_url: str
    created_at: datetime
    finalized_at: datetime | None
    paid_at: datetime | None
    next_payment_attempt_at: datetime | None

    @property
    def is_paid(self) -> bool:
        """Whether Stripe considers it settled."""
        return self.status == "paid"

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read an `invoice`; its subscription stands under `parent` since 2025-03-31."""
        details = dig(data, "parent", "subscription_details") or {}
        transitions = data.get("status_transitions") or {}
        return cls(
            id=data.get("id") or "",
            customer_id=read_id(data.get("customer")),
            subscription_id=read_id(details.get("subscription")),
            subscription_metadata=dict(details.get("metadata") or {}),
            status=data.get("status") or "",
            billing_reason=data.get("billing_reason") or "",
            amount_due=data.get("amount_due") or 0,
            amount_paid=data.get("amount_paid") or 0,
            currency=data.get("currency") or "",
            hosted_url=data.get("hosted_invoice_url") or "",
            created_at=datetime.fromtimestamp(data["created"], UTC),
            finalized_at=read_time(transitions.get("finalized_at")),
            paid_at=read_time(transitions.get("paid_at")),
            next_payment_attempt_at=read_time(data.get("next_payment_attempt")),
        )


@dataclass(frozen=True)
class SubscriptionSnapshot:
    """A subscription. It ends if either `cancel_at` or `cancel_at_period_end` says so.

    `payment_method_id` and `card` are its own; without one it is charged to its customer's.
    """

    id: str
    customer_id: str
    status: str
    item_id: str
    price_id: str
    product_id: str
    amount: int
    currency: str
    interval: str
    started_at: datetime
    period_start: datetime | None
    period_end: datetime | None
    trial_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    canceled_at: datetime | None
    ended_at: datetime | None
    cancellation_reason: str
    pause_cause: str
    latest_invoice_id: str
    latest_invoice: InvoiceSnapshot | None
    payment_method_id: str
    card: Card | None
    metadata: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What we sold it as: "subscription", "pledge", or nothing if it is not ours."""
        return str(self.metadata.get("kind", ""))

    @property
    def ends_at(self) -> datetime | None:
        """When it is set to end; flexible billing says `cancel_at`, classic says at the period's end."""
        return self.cancel_at or (self.period_end if self.cancel_at_period_end else None)

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `subscription`; periods stand on the item since 2025-03-31."""
        items = dig(data, "items", "data") or [{}]
        item: Json = items[0]
        price = item.get("price") or {}
        invoice = data.get("latest_invoice")
        return cls(
            id=data["id"],
            customer_id=read_id(data.get("customer")),
            status=data.get("status") or "",
            item_id=item.get("id") or "",
            price_id=read_id(price),
            product_id=read_id(price.get("product")),
            amount=price.get("unit_amount") or 0,
            currency=data.get("currency") or price.get("currency") or "",
            interval=dig(price, "recurring", "interval") or "",
            started_at=datetime.fromtimestamp(data.get("start_date") or data["created"], UTC),
            period_start=read_time(item.get("current_period_start")),
            period_end=read_time(item.get("current_period_end")),
            trial_end=read_time(data.get("trial_end")),
            cancel_at=read_time(data.get("cancel_at")),
            cancel_at_period_end=bool(data.get("cancel_at_period_end")),
            canceled_at=read_time(data.get("canceled_at")),
            ended_at=read_time(data.get("ended_at")),
            cancellation_reason=dig(data, "cancellation_details", "reason") or "",
            pause_cause=dig(data, "status_details", "paused", "subscription", "type") or "",
            latest_invoice_id=read_id(invoice),
            latest_invoice=InvoiceSnapshot.read(invoice) if isinstance(invoice, Mapping) else None,
            payment_method_id=read_id(data.get("default_payment_method")),
            card=read_card(data.get("default_payment_method")),
            metadata=dict(data.get("metadata") or {}),
        )


@dataclass(frozen=True)
class InvoicePaymentSnapshot:
    """What was paid on an invoice, and by which payment."""

    id: str
    invoice_id: str
    payment_intent_id: str
    charge_id: str
    payment_status: str
    status: str
    amount_paid: int
    currency: str
    created_at: datetime
    paid_at: datetime | None

    @property
    def came_through_stripe(self) -> bool:
        """Whether its money has come, and through Stripe; what was only reported to Stripe did not."""
        return self.status == "paid" and bool(self.payment_intent_id or self.charge_id)

    @property
    def may_still_come(self) -> bool:
        """Whether Stripe is still collecting it."""
        return self.status == "open" and bool(self.payment_intent_id or self.charge_id)

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read an `invoice_payment`, with or without its payment expanded."""
        intent = dig(data, "payment", "payment_intent")
        return cls(
            id=data["id"],
            invoice_id=read_id(data.get("invoice")),
            payment_intent_id=read_id(intent),
            charge_id=read_id(dig(data, "payment", "charge")),
            payment_status=dig(intent, "status") or "",
            status=data.get("status") or "",
            amount_paid=data.get("amount_paid") or 0,
            currency=data.get("currency") or "",
            created_at=datetime.fromtimestamp(data["created"], UTC),
            paid_at=read_time(dig(data, "status_transitions", "paid_at")),
        )


@dataclass(frozen=True)
class PaymentIntentSnapshot:
    """One payment."""

    id: str
    status: str
    customer_id: str
    amount_received: int
    currency: str
    created_at: datetime
    metadata: Json = field(default_factory=dict)

    @property
    def is_paid(self) -> bool:
        """Whether the money has come."""
        return self.status == "succeeded"

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `payment_intent`."""
        return cls(
            id=data["id"],
            status=data.get("status") or "",
            customer_id=read_id(data.get("customer")),
            amount_received=data.get("amount_received") or 0,
            currency=data.get("currency") or "",
            created_at=datetime.fromtimestamp(data["created"], UTC),
            metadata=dict(data.get("metadata") or {}),
        )


@dataclass(frozen=True)
class ReturnSnapshot:
    """A refund or a dispute: money that goes, or may go, back."""

    id: str
    payment_intent_id: str
    amount: int
    currency: str
    status: str
    created_at: datetime
    answer_by: datetime | None = None

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `refund` or a `dispute`; the two agree in all we need but the day a dispute must be answered by."""
        return cls(
            id=data["id"],
            payment_intent_id=read_id(data.get("payment_intent")),
            amount=data.get("amount") or 0,
            currency=data.get("currency") or "",
            status=data.get("status") or "",
            created_at=datetime.fromtimestamp(data["created"], UTC),
            answer_by=read_time(dig(data, "evidence_details", "due_by")),
        )


@dataclass(frozen=True)
class EndpointSnapshot:
    """An address that Stripe sends letters to, and which."""

    id: str
    url: str
    api_version: str
    is_enabled: bool
    types: frozenset[str]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `webhook_endpoint`."""
        return cls(
            id=data["id"],
            url=data["url"],
            api_version=data.get("api_version") or "",
            is_enabled=data.get("status") != "disabled",
            types=frozenset(data.get("enabled_events") or ()),
        )


@dataclass(frozen=True)
class Notification:
    """A letter whose signature was right, not yet kept."""

    id: str
    type: str
    api_version: str
    livemode: bool
    created_at: datetime
    payload: Json

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read an `event`."""
        return cls(
            id=data["id"],
            type=data["type"],
            api_version=data.get("api_version") or "",
            livemode=bool(data.get("livemode")),
            created_at=datetime.fromtimestamp(data["created"], UTC),
            payload=data,
        )
