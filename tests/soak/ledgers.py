"""What the mirror and the ledger must hold: worked out from everything Stripe has, with none of the site's own code."""

import calendar
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

type Json = dict[str, Any]

SITE = "kjreport"
RUNNING = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")


def moment(seconds: int | None) -> dt.datetime | None:
    """Turn Stripe's seconds into a moment."""
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


@dataclass
class Stripes:
    """Everything at Stripe, indexed by what the questions below need."""

    dump: dict[str, list[Json]]
    by_id: dict[str, Json] = field(default_factory=dict)
    plans: frozenset[str] = frozenset()  # products that let people read

    def __post_init__(self) -> None:
        """Index it."""
        for things in self.dump.values():
            for thing in things:
                self.by_id[thing["id"]] = thing

    def every(self, kind: str) -> list[Json]:
        """Return the things of a kind, oldest first."""
        return self.dump.get(kind, [])

    # -- whose -----------------------------------------------------------------------------------------------------

    def customers_of(self, user_pk: int) -> set[str]:
        """Return the customers that were ever made for an account, by what stood in the letters of their making."""
        return {
            event["data"]["object"]["id"]
            for event in self.every("event")
            if event["type"] == "customer.created"
            and event["data"]["object"]["metadata"].get("user_id") == str(user_pk)
        }

    def is_deleted(self, customer: str) -> bool:
        """Whether a customer is gone."""
        return bool(self.by_id[customer].get("deleted"))

    # -- subscriptions ---------------------------------------------------------------------------------------------

    def kind_of(self, subscription: Json) -> str:
        """Return what a subscription is to us: "subscription", "pledge" or "by hand"."""
        metadata = subscription["metadata"]
        return metadata["kind"] if metadata.get("site") == SITE else "by hand"

    def reading(self) -> list[Json]:
        """Return the subscriptions that let people read."""
        return [each for each in self.every("subscription") if self.kind_of(each) != "pledge"]

    def pledges(self) -> list[Json]:
        """Return the monthly gifts."""
        return [each for each in self.every("subscription") if self.kind_of(each) == "pledge"]

    def latest_invoice(self, subscription: Json) -> Json | None:
        """Return a subscription's latest invoice."""
        return self.by_id.get(subscription["latest_invoice"] or "")

    def awaits_bank(self, subscription: Json) -> bool:
        """Whether the bank wants the reader to confirm an overdue payment."""
        invoice = self.latest_invoice(subscription)
        if subscription["status"] != "past_due" or invoice is None or invoice["status"] != "open":
            return False
        return any(
            self.by_id[each["payment"]["payment_intent"]]["status"] == "requires_action"
            for each in self.every("invoice_payment")
            if each["invoice"] == invoice["id"]
        )

    def mirrored(self, subscription: Json) -> Json:
        """Return the row that the mirror must have for a subscription, field by field."""
        item = subscription["items"]["data"][0]
        invoice = self.latest_invoice(subscription)
        paused = ((subscription.get("status_details") or {}).get("paused") or {}).get("subscription") or {}
        at_end = item["current_period_end"] if subscription["cancel_at_period_end"] else None
        return {
            "status": subscription["status"],
            "amount": item["price"]["unit_amount"],
            "currency": subscription["currency"],
            "interval": item["price"]["recurring"]["interval"],
            "started_at": moment(subscription["start_date"]),
            "period_end": moment(item["current_period_end"]),
            "trial_end": moment(subscription["trial_end"]),
            "ends_at": moment(subscription["cancel_at"] or at_end),
            "ends_by_date": subscription["cancel_at"] is not None,
            "canceled_at": moment(subscription["canceled_at"]),
            "ended_at": moment(subscription["ended_at"]),
            "end_reason": subscription["cancellation_details"]["reason"] or "",
            "pause_cause": paused.get("type") or "",
            "invoice_id": subscription["latest_invoice"] or "",
            "invoice_status": invoice["status"] if invoice else "",
            "invoice_finalized_at": moment(invoice["status_transitions"]["finalized_at"]) if invoice else None,
            "payment_retry_at": moment(invoice["next_payment_attempt"]) if invoice else None,
            "awaits_bank": self.awaits_bank(subscription),
        }

    def card_of(self, subscription: Json, *, is_erased: bool) -> tuple[str, str, dt.date | None]:
        """Return the card that a subscription will be charged to: brand, last digits, last day."""
        customer = self.by_id[subscription["customer"]]
        usual = (customer.get("invoice_settings") or {}).get("default_payment_method")
        chosen = subscription["default_payment_method"] or usual
        if is_erased or chosen is None or subscription["status"] in ("canceled", "incomplete_expired"):
            return "", "", None
        card = self.by_id[chosen]["card"]
        last = dt.date(card["exp_year"], card["exp_month"], calendar.monthrange(card["exp_year"], card["exp_month"])[1])
        return card["brand"], card["last4"], last

    # -- money -----------------------------------------------------------------------------------------------------

    def payments(self) -> dict[str, tuple[int, str]]:
        """Return every payment that is ours by the reference the ledger must give it: its amount and its customer."""
        found = {}
        for each in self.every("invoice_payment"):
            invoice = self.by_id[each["invoice"]]
            if each["status"] == "paid" and each["amount_paid"]:
                reference = f"{each['payment']['payment_intent']}:{invoice['id']}"
                found[reference] = (each["amount_paid"], invoice["customer"])
        for session in self.every("checkout.session"):
            if session["mode"] == "payment" and session["status"] == "complete" and session["payment_status"] == "paid":
                intent = self.by_id[session["payment_intent"]]
                found[intent["id"]] = (intent["amount_received"], session["customer"] or "")
        return found

    def returned(self) -> Counter[str]:
        """Return what went back, for good or until a bank decides, by refund or dispute: below nought, or nought."""
        back: Counter[str] = Counter()
        for refund in self.every("refund"):
            back[refund["id"]] = -refund["amount"] if refund["status"] == "succeeded" else 0
        for dispute in self.every("dispute"):
            is_kept = dispute["status"] not in ("won", "prevented") and not dispute["status"].startswith("warning")
            back[dispute["id"]] = -dispute["amount"] if is_kept else 0
        return back

    def money_of(self, customers: set[str]) -> int:
        """Return what is left with us of all that these customers paid."""
        intents = {ref.partition(":")[0]: owner for ref, (_, owner) in self.payments().items()}
        kept = sum(amount for amount, owner in self.payments().values() if owner in customers)
        back = self.returned()
        return kept + sum(
            amount for each, amount in back.items() if intents.get(self.by_id[each]["payment_intent"]) in customers
        )

    # -- access ----------------------------------------------------------------------------------------------------

    def is_lost(self, subscription: Json) -> bool:
        """Whether a bank took back, for good, money that this subscription brought."""
        lost = {each["payment_intent"] for each in self.every("dispute") if each["status"] == "lost"}
        return any(
            each["payment"]["payment_intent"] in lost
            for each in self.every("invoice_payment")
            if self.by_id[each["invoice"]]["parent"]["subscription_details"]["subscription"] == subscription["id"]
        )

    def opens(self, subscription: Json, now: int, grace: int) -> bool:
        """Whether a subscription opens the text: the table of the contract, row by row."""
        product = subscription["items"]["data"][0]["price"]["product"]
        if product not in self.plans or self.is_lost(subscription):
            return False
        row = self.mirrored(subscription)
        finalised, present = row["invoice_finalized_at"], moment(now)
        assert present is not None
        in_grace = finalised is not None and present < finalised + dt.timedelta(seconds=grace)
        is_tried = row["payment_retry_at"] is not None or row["awaits_bank"]
        return {
            "trialing": row["ends_at"] is None or present < row["ends_at"],
            "active": row["ends_at"] is None or present < row["ends_at"],
            "past_due": row["invoice_status"] == "open" and is_tried and in_grace,
            "unpaid": False,
            "incomplete": False,
            "incomplete_expired": False,
            "paused": row["pause_cause"] == "first_payment_failure" and in_grace,
            "canceled": False,
        }[subscription["status"]]
