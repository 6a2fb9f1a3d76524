"""The calls on subscriptions: look, list, change, cancel, pause, resume."""

from kjreport.standin import agenda, endings, listing, switching
from kjreport.standin.book import Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal, missing, not_done


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one subscription."""
    return book.get("subscription", identifier)


def every(book: Book, params: Json) -> Json:
    """List subscriptions; ended ones only with `status=all`, `ended` or `canceled`."""
    wanted = params.get("status")

    def keep(each: Json) -> bool:
        return bool(
            _is_wanted(each["status"], wanted)
            and (params.get("customer") is not None or each["test_clock"] == params.get("test_clock"))
            and params.get("price") in (None, *(item["price"]["id"] for item in each["items"]["data"]))
        )

    return listing.of(
        book, "subscription", params, url="/v1/subscriptions", where={"customer": params.get("customer")}, keep=keep
    )


def _is_wanted(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status not in agenda.OVER
    if wanted == "ended":
        return status in agenda.OVER
    return wanted in ("all", status)


def update(book: Book, params: Json, identifier: str) -> Json:
    """Change a subscription: its notes, its end, its card, its price."""
    subscription = _changeable(book, identifier, params)
    if "items" in params or "trial_end" in params:
        _check_trial_end(subscription, params)
        switching.switch(book, subscription, params)
        subscription = book.get("subscription", identifier)
    before = public(subscription)
    _set_plain(book, subscription, params)
    _set_end(book, subscription, params)
    if public(subscription) != before:
        book.put(subscription)
        agenda.plan(book, subscription)
        book.emit("customer.subscription.updated", subscription, before)
    return subscription


def _changeable(book: Book, identifier: str, params: Json) -> Json:
    subscription = book.get("subscription", identifier)
    if subscription["status"] in agenda.OVER and set(params) - {"metadata", "cancellation_details", "expand"}:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise Refusal(message, code="resource_missing", status=404)
    return subscription


def _check_trial_end(subscription: Json, params: Json) -> None:
    if "trial_end" not in params:
        return
    if params["trial_end"] != "now":
        message = "subscriptions.update with a trial_end other than now"
        raise not_done(message)
    if subscription["status"] != "trialing":
        raise Refusal("This subscription is not in a trial.", param="trial_end")


def _set_plain(book: Book, subscription: Json, params: Json) -> None:
    if "metadata" in params:
        subscription["metadata"] = merge_metadata(subscription["metadata"], params["metadata"])
    if "description" in params:
        subscription["description"] = params["description"] or None
    if "cancellation_details" in params:
        subscription["cancellation_details"] |= params["cancellation_details"]
    method = params.get("default_payment_method")
    if method is not None:
        found = book.find(method) if method else None
        if method and (found is None or found.get("customer") != subscription["customer"]):
            raise missing("PaymentMethod", method, param="default_payment_method")
        subscription["default_payment_method"] = method or None


def _set_end(book: Book, subscription: Json, params: Json) -> None:
    if "cancel_at" in params and "cancel_at_period_end" in params:
        message = "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
        raise Refusal(message, param="cancel_at")
    items = subscription["items"]["data"]
    at = params.get("cancel_at")
    if at == "" or params.get("cancel_at_period_end") is False:
        subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
        subscription["cancellation_details"]["reason"] = None
        return
    if at == "min_period_end" or params.get("cancel_at_period_end"):
        at = min(item["current_period_end"] for item in items)
    elif at == "max_period_end":
        at = max(item["current_period_end"] for item in items)
    if at is None:
        return
    if not isinstance(at, int) or at <= book.now:
        raise Refusal("cancel_at must be a moment in the future.", param="cancel_at")
    subscription |= {
        "cancel_at": at,
        "cancel_at_period_end": bool(params.get("cancel_at_period_end")),
        "canceled_at": book.now,
    }
    subscription["cancellation_details"]["reason"] = "cancellation_requested"


def cancel(book: Book, params: Json, identifier: str) -> Json:
    """End a subscription at once."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] in agenda.OVER:
        raise missing("subscription", identifier)
    subscription["cancellation_details"] |= params.get("cancellation_details") or {}
    endings.end(book, subscription, reason="cancellation_requested")
    return subscription


def pause(book: Book, params: Json, identifier: str) -> Json:
    """Pause a subscription because somebody asked, giving back the time not used unless told otherwise."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] not in ("active", "trialing"):
        message = f"Only an active subscription can be paused; this one is {subscription['status']}."
        raise Refusal(message, code="subscription_not_pausable")
    unused = params.get("bill_for", {}).get("unused_time_from", {}).get("type", "now")
    switching.pause(
        book, subscription, unused=unused, invoice_now=params.get("invoicing_behavior") == "invoice", resumes_at=None
    )
    return book.get("subscription", identifier)


def resume(book: Book, params: Json, identifier: str) -> Json:
    """Resume a paused subscription: a new period from now, invoiced and charged at once."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] != "paused":
        message = f"Only a paused subscription can be resumed; this one is {subscription['status']}."
        raise Refusal(message, code="subscription_not_resumable")
    if params.get("billing_cycle_anchor", {}).get("type") == "unchanged":
        message = "subscriptions.resume with billing_cycle_anchor[type]=unchanged"
        raise not_done(message)
    waits = params.get("payment_behavior") == "resume_on_payment_success"
    switching.resume(book, subscription, waits_for_payment=waits)
    return book.get("subscription", identifier)
