"""A letter as its handlers see it: where to look, never what is so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from kjreport.payments.models import StripeEvent
from kjreport.payments.snapshots import dig, read_id


class NotOurs(Exception):  # noqa: N818 - news, not a fault
    """A letter about somebody else's objects on a shared account; it is kept as ignored."""


@dataclass(frozen=True)
class Letter:
    """The ids in a letter, and the metadata of what it is about."""

    type: str
    object_id: str
    object_type: str
    customer_id: str
    subscription_id: str
    invoice_id: str
    payment_intent_id: str
    occurred_at: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What we sold it as: "subscription", "gift", "pledge"; nothing if the letter does not say."""
        return str(self.metadata.get("kind", ""))

    @classmethod
    def of(cls, event: StripeEvent) -> Self:
        """Read a kept letter. An invoice's metadata is its subscription's."""
        thing = event.thing
        type_ = str(thing.get("object", ""))
        object_id = str(thing.get("id", "")) or event.object_id
        details = dig(thing, "parent", "subscription_details") or {}
        own_ids = {type_: object_id}
        return cls(
            type=event.type,
            object_id=object_id,
            object_type=type_,
            customer_id=own_ids.get("customer") or read_id(thing.get("customer")) or event.customer_id,
            subscription_id=own_ids.get("subscription")
            or read_id(thing.get("subscription"))
            or read_id(details.get("subscription")),
            invoice_id=own_ids.get("invoice") or read_id(thing.get("invoice")),
            payment_intent_id=own_ids.get("payment_intent") or read_id(thing.get("payment_intent")),
            occurred_at=event.occurred_at,
            metadata=dict(details.get("metadata") or {}) | dict(thing.get("metadata") or {}),
        )
