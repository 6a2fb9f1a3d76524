"""Subscriptions paused and woken: who or what paused them, and what it takes to go on."""

from kjreport.standin import agenda, periods
from kjreport.standin.book import PRIVATE, Book, Json, public
from kjreport.standin.errors import Refusal

CAUSES = (
    "final_payment_failure",
    "first_payment_failure",
    "pause_requested",
    "system",
    "trial_end_without_payment_method",
)
_FOR_PAYMENT = ("final_payment_failure", "first_payment_failure")


def pause(book: Book, subscription: Json, *, cause: str, resumes_at: int | None = None) -> None:
    """Pause a subscription, saying why in its status details; at `resumes_at` it goes on by itself."""
    before = public(subscription)
    subscription.setdefault(PRIVATE, {})["resumes_at"] = resumes_at
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {"subscription": {"type": cause}, "transitioned_at": book.now, "type": "subscription"}
    }
    book.put(subscription)
    agenda.plan(book, subscription)
    book.emit("customer.subscription.updated", subscription, before)
    book.emit("customer.subscription.paused", subscription)


def cause_of(subscription: Json) -> str:
    """Return why a subscription is paused."""
    return str(subscription["status_details"]["paused"]["subscription"]["type"])


def ends_with_payment(subscription: Json) -> bool:
    """Tell whether paying the latest invoice ends this pause."""
    return cause_of(subscription) in _FOR_PAYMENT or bool(subscription.get(PRIVATE, {}).get("resuming"))


def wake(book: Book, subscription: Json) -> None:
    """Have a paused subscription go on; a period that ran out meanwhile gives way to the present one."""
    before = public(subscription)
    subscription |= {"status": "active", "status_details": None}
    subscription.get(PRIVATE, {}).pop("resuming", None)
    for item in subscription["items"]["data"]:
        recurring = item["price"]["recurring"]
        while item["current_period_end"] <= book.now:
            item["current_period_start"] = item["current_period_end"]
            item["current_period_end"] = periods.next_end(
                subscription["billing_cycle_anchor"],
                recurring["interval"],
                recurring["interval_count"],
                item["current_period_start"],
            )
    book.put(subscription)
    agenda.plan(book, subscription)
    book.emit("customer.subscription.updated", subscription, before)
    book.emit("customer.subscription.resumed", subscription)


def pause_for(book: Book, identifier: str, *, cause: str) -> Json:
    """Pause a living subscription for a cause of Stripe's own, as the control interface asks."""
    if cause not in CAUSES:
        message = f"`cause` must be one of {', '.join(CAUSES)}."
        raise Refusal(message, param="cause")
    subscription = book.get("subscription", identifier, param="subscription")
    if subscription["status"] in (*agenda.OVER, "paused"):
        message = f"This subscription is {subscription['status']} and cannot be paused."
        raise Refusal(message, param="subscription")
    pause(book, subscription, cause=cause)
    return subscription
