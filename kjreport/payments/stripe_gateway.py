"""The one door to Stripe: our questions go out, snapshots of our own come back."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

import stripe  # noqa: TID251 - this is the one module that may
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kjreport.payments import breaker, deadlines
from kjreport.payments.cards import Card
from kjreport.payments.deadlines import PunctualSession
from kjreport.payments.money import Money
from kjreport.payments.snapshots import (
    CheckoutSnapshot,
    CustomerSnapshot,
    EndpointSnapshot,
    InvoicePaymentSnapshot,
    InvoiceSnapshot,
    Json,
    Notification,
    PaymentIntentSnapshot,
    ReturnSnapshot,
    SubscriptionSnapshot,
    dig,
    read_card,
)

API_VERSION = "2026-10-28.endive"
_STRIPES_OWN = "https://api.stripe.com"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_KEEPS_NO_OUTCOME = frozenset({401, 403, 409, 429})  # under these Stripe did not begin, so the key may be used again
_SAYS_NOTHING = frozenset(
    {0, 200, 409}
)  # no answer at all, one that made no sense, or “the same is being done just now”

os.environ.setdefault("STRIPE_SUPPRESS_NOTICES", "true")  # advice in test mode would come as Python warnings
_on_a_page: ContextVar[bool] = ContextVar("stripe_on_a_page", default=False)


class GatewayError(Exception):
    """Stripe did not do what we asked.

    `key_is_spent` tells that Stripe tried and failed: it keeps failures under an idempotency key too, so asking again
    takes another key. `may_be_done` tells that the answer was lost or garbled: the same key leads to what was done, if
    it was.
    """

    key_is_spent = False
    may_be_done = False


class GatewayUnavailable(GatewayError):  # noqa: N818 - read aloud: “the gateway is unavailable”
    """Stripe was slow, down, busy or made no sense; asking again later may help."""


class GatewayRefused(GatewayError):  # noqa: N818 - likewise
    """Stripe understood and said no; asking again will not help."""


class NotFound(GatewayRefused):
    """Stripe has no such thing."""


class BadLetter(GatewayError):  # noqa: N818 - likewise
    """A letter was not signed by Stripe for us, is too old, or cannot be read."""


within = deadlines.within


@contextlib.contextmanager
def for_a_page(seconds: float) -> Iterator[None]:
    """Do as `within`, for somebody who waits for a page; while Stripe is away it is refused at once.

    Letters and commands are never cut off: they have time, and what they do must be done.
    """
    token = _on_a_page.set(True)
    try:
        with within(seconds):
            yield
    finally:
        _on_a_page.reset(token)


def refuse_while_away() -> None:
    """Raise GatewayUnavailable at once where pages are cut off from Stripe just now."""
    if breaker.is_open():
        raise GatewayUnavailable("Stripe did not answer a moment ago, so it is not asked just now.")


class _PunctualClient(stripe.RequestsClient):
    """Retries as the library does, but never past the deadline."""

    def _should_retry(self, *arguments: Any, **named: Any) -> bool:  # noqa: ANN401 - as upstream
        return deadlines.time_left() > 1 and super()._should_retry(*arguments, **named)

    def _sleep_time_seconds(self, *arguments: Any, **named: Any) -> float:  # noqa: ANN401 - as upstream
        return min(super()._sleep_time_seconds(*arguments, **named), max(deadlines.time_left() - 0.5, 0))


def check_configuration(key: str, base: str) -> None:
    """Refuse to talk to anything but Stripe, or a stand-in on loopback with a test key.

    Raises:
        ImproperlyConfigured: says what is wrong.
    """
    if not key:
        raise ImproperlyConfigured("STRIPE_SECRET_KEY is not set.")
    if base == _STRIPES_OWN:
        return
    if urlsplit(base).hostname not in _LOOPBACK:
        raise ImproperlyConfigured("STRIPE_API_BASE may be Stripe's own address or one on loopback.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ImproperlyConfigured("STRIPE_API_BASE may point elsewhere only with a test key.")


@lru_cache(maxsize=8)
def _client_for(key: str, base: str) -> stripe.StripeClient:
    check_configuration(key, base)
    session = PunctualSession()
    if base != _STRIPES_OWN:
        session.trust_env = False  # a proxy must not see the stand-in
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=2,
        http_client=_PunctualClient(timeout=(deadlines.CONNECT, deadlines.READ), session=session),
    )


def _v1() -> Any:  # noqa: ANN401 - the library's parameter types are checked by Stripe and the stand-in
    return _client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """Turn the library's errors into ours; on a page, mind the breaker and tell it how it went."""
    is_page = _on_a_page.get()
    if is_page:
        refuse_while_away()
    try:
        yield
        if is_page:
            breaker.note_answer()
    except ImproperlyConfigured as error:
        raise GatewayUnavailable(str(error)) from error
    except stripe.StripeError as error:
        ours = _translate(error)(str(error))
        if is_page:
            (breaker.note_failure if isinstance(ours, GatewayUnavailable) else breaker.note_answer)()
        ours.key_is_spent = (error.http_status or 0) >= 400 and error.http_status not in _KEEPS_NO_OUTCOME  # noqa: PLR2004 - HTTP
        ours.may_be_done = (error.http_status or 0) in _SAYS_NOTHING
        raise ours from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if is_page:
            breaker.note_failure()
        ours = GatewayUnavailable(f"Stripe's answer made no sense: {error!r}")
        ours.may_be_done = True
        raise ours from error


def _translate(error: stripe.StripeError) -> type[GatewayError]:
    if isinstance(error, stripe.InvalidRequestError):
        is_missing = error.code == "resource_missing" or error.http_status == 404  # noqa: PLR2004 - HTTP
        return NotFound if is_missing else GatewayRefused
    refusals = (stripe.CardError, stripe.IdempotencyError, stripe.PermissionError, stripe.AuthenticationError)
    return GatewayRefused if isinstance(error, refusals) else GatewayUnavailable


def _plain(thing: Any, kind: str) -> dict[str, Any]:  # noqa: ANN401 - a StripeObject
    """Return an answer as plain data. An answer of another kind made no sense, and nothing may be kept of it."""
    found: dict[str, Any] = thing.to_dict(for_json=True)
    if found.get("object") != kind:
        message = f"a {kind} was due, and a {found.get('object')} came"
        raise ValueError(message)
    return found


def _all(listed: Any, kind: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a ListObject
    """Go through every page of a list."""
    for thing in listed.auto_paging_iter():
        yield _plain(thing, kind)


def our_metadata(**more: str) -> dict[str, str]:
    """Mark an object as this site's."""
    return {"site": settings.STRIPE_SITE, **more}


def is_ours(metadata: Json | None) -> bool:
    """Whether an object carries this site's mark."""
    return bool(metadata) and (metadata or {}).get("site") == settings.STRIPE_SITE


# Customers ------------------------------------------------------------------------------------------------------------


def create_customer(*, key: str, email: str, user_id: str) -> str:
    """Make a customer and return its id; the same key gives the same customer. No name: it may change, the key not."""
    asked = {"email": email, "metadata": our_metadata(user_id=user_id)}
    with _asking():
        return str(_plain(_v1().customers.create(asked, {"idempotency_key": f"customer-{key}"}), "customer")["id"])


def find_customer(customer_id: str) -> CustomerSnapshot | None:
    """Look at a customer; None if Stripe has them no longer."""
    try:
        with _asking():
            found = _plain(_v1().customers.retrieve(customer_id), "customer")
    except NotFound:
        return None
    return None if found.get("deleted") else CustomerSnapshot.read(found)


def find_card(customer_id: str) -> Card | None:
    """Return the card that is charged for whatever has none of its own; None if there is none, or it is no card."""
    with _asking():
        asked = {"expand": ["invoice_settings.default_payment_method"]}
        found = _plain(_v1().customers.retrieve(customer_id, asked), "customer")
        return read_card(dig(found, "invoice_settings", "default_payment_method"))


def update_customer(customer_id: str, *, email: str) -> None:
    """Tell Stripe where to write from now on."""
    with _asking():
        _plain(_v1().customers.update(customer_id, {"email": email}), "customer")


def delete_customer(customer_id: str) -> None:
    """Have Stripe forget a customer and end whatever of theirs still runs; one it does not have is forgotten."""
    with contextlib.suppress(NotFound), _asking():
        _plain(_v1().customers.delete(customer_id), "customer")


# Checkout -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckoutRequest:
    """What to open a Checkout session for. Exactly one of `price_id` (a catalogue price) or `amount` with `product_id`.

    `success_url` must hold the literal `{CHECKOUT_SESSION_ID}`. `metadata` gains our site's mark and is also put on the
    subscription or payment that comes of it.
    """

    idempotency_key: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: Mapping[str, str]
    customer_id: str = ""
    email: str = ""
    client_reference_id: str = ""
    price_id: str = ""
    amount: Money | None = None
    product_id: str = ""
    is_monthly: bool = False
    allow_promotion_codes: bool = False
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mode(self) -> Literal["subscription", "payment"]:
        """Stripe's word for what comes of it."""
        return "subscription" if self.price_id or self.is_monthly else "payment"

    def parameters(self) -> dict[str, Any]:
        """Return Stripe's parameters. The same request gives the same parameters, as its key demands."""
        marked = our_metadata(**self.metadata)
        asked: dict[str, Any] = {
            "mode": self.mode,
            "line_items": [{"quantity": 1, **self._item()}],
            "success_url": self.success_url,
            "cancel_url": self.cancel_url,
            "expires_at": int(self.expires_at.timestamp()),
            "metadata": marked,
            "locale": "en-GB",
            "adaptive_pricing": {"enabled": False},
            **self._payer(),
            **self.extra,
        }
        if self.client_reference_id:
            asked["client_reference_id"] = self.client_reference_id
        if self.mode == "subscription":
            asked["subscription_data"] = {"metadata": marked}
        else:
            asked |= {"submit_type": "donate", "payment_intent_data": {"metadata": marked}}
        if self.allow_promotion_codes:
            asked["allow_promotion_codes"] = True
        if self.note:
            asked["custom_text"] = {"submit": {"message": self.note}}
        return asked | self._policies()

    def _item(self) -> dict[str, Any]:
        if self.price_id:
            return {"price": self.price_id}
        if self.amount is None or not self.product_id:
            raise ValueError("A request names a price, or an amount and a product.")
        data: dict[str, Any] = {
            "currency": self.amount.currency,
            "unit_amount": self.amount.amount,
            "product": self.product_id,
        }
        if self.is_monthly:
            data["recurring"] = {"interval": "month"}
        return {"price_data": data}

    def _payer(self) -> dict[str, Any]:
        if self.customer_id:
            return {"customer": self.customer_id}
        return {"customer_email": self.email} if self.email else {}

    def _policies(self) -> dict[str, Any]:
        policies: dict[str, Any] = {}
        if settings.STRIPE_AUTOMATIC_TAX:
            policies["automatic_tax"] = {"enabled": True}
            if self.customer_id:
                policies["customer_update"] = {"address": "auto"}
        if settings.STRIPE_REQUIRE_TERMS:
            policies["consent_collection"] = {"terms_of_service": "required"}
        return policies


def open_checkout(request: CheckoutRequest) -> CheckoutSnapshot:
    """Open a session; the same key gives the same session."""
    parameters = request.parameters()
    with _asking():
        session = _v1().checkout.sessions.create(parameters, {"idempotency_key": request.idempotency_key})
        return _read_checkout(session)


def _read_checkout(answer: Any) -> CheckoutSnapshot:  # noqa: ANN401 - a StripeObject
    return CheckoutSnapshot.read(_plain(answer, "checkout.session"))


def get_checkout(session_id: str) -> CheckoutSnapshot:
    """Look at a session."""
    with _asking():
        return _read_checkout(_v1().checkout.sessions.retrieve(session_id))


def expire_checkout(session_id: str) -> CheckoutSnapshot:
    """Close a session so that it cannot be paid; one that is over already is returned as it is."""
    try:
        with _asking():
            return _read_checkout(_v1().checkout.sessions.expire(session_id))
    except NotFound:
        raise
    except GatewayRefused:
        return get_checkout(session_id)


def stream_finished_checkouts() -> Iterator[CheckoutSnapshot]:
    """Every session that somebody went through to its end, page by page."""
    with _asking():
        for data in _all(_v1().checkout.sessions.list({"status": "complete", "limit": 100}), "checkout.session"):
            yield CheckoutSnapshot.read(data)


# The customer portal --------------------------------------------------------------------------------------------------

_PORTAL = "billing_portal.configuration"

type PortalFlow = Literal["", "payment_method_update", "subscription_cancel"]


def find_portal() -> str:
    """Return the id of our portal's configuration, or nothing if `ensure_portal` has not made one."""
    with _asking():
        for found in _all(_v1().billing_portal.configurations.list({"active": True, "limit": 100}), _PORTAL):
            if is_ours(found.get("metadata")):
                return str(found["id"])
    return ""


def ensure_portal(prices: Mapping[str, Sequence[str]]) -> str:
    """Have a portal where readers change card, cancel and switch between `prices` (by product); return its id."""
    switch: dict[str, Any] = {"enabled": bool(prices)}
    if prices:
        offered = [{"product": product, "prices": list(ids)} for product, ids in prices.items()]
        switch |= {"default_allowed_updates": ["price"], "products": offered, "proration_behavior": "create_prorations"}
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["name", "address", "email"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": switch,
    }
    existing = find_portal()
    with _asking():
        if existing:
            aligned = _v1().billing_portal.configurations.update(existing, {"features": features})
            return str(_plain(aligned, _PORTAL)["id"])
        made = _v1().billing_portal.configurations.create({"features": features, "metadata": our_metadata()})
        return str(_plain(made, _PORTAL)["id"])


def open_portal(
    customer_id: str, *, configuration: str, return_url: str, flow: PortalFlow = "", subscription_id: str = ""
) -> str:
    """Open the portal and return its address, which is a credential: never store, log or mail it."""
    asked: dict[str, Any] = {"customer": customer_id, "return_url": return_url, "locale": "en-GB"}
    if configuration:
        asked["configuration"] = configuration
    if flow:
        after = {"type": "redirect", "redirect": {"return_url": return_url}}
        asked["flow_data"] = {"type": flow, "after_completion": after}
        if flow == "subscription_cancel":
            asked["flow_data"]["subscription_cancel"] = {"subscription": subscription_id}
    with _asking():
        return str(_plain(_v1().billing_portal.sessions.create(asked), "billing_portal.session")["url"])


# Subscriptions and invoices -------------------------------------------------------------------------------------------


_WITH_INVOICE_AND_CARD = ["data.latest_invoice", "data.default_payment_method"]


def list_subscriptions(customer_id: str) -> list[SubscriptionSnapshot]:
    """Every subscription of a customer, over or not, with its latest invoice and the card that is its own."""
    with _asking():
        listed = _v1().subscriptions.list(
            {"customer": customer_id, "status": "all", "expand": _WITH_INVOICE_AND_CARD, "limit": 100}
        )
        return [SubscriptionSnapshot.read(data) for data in _all(listed, "subscription")]


def stream_subscriptions() -> Iterator[SubscriptionSnapshot]:
    """Every subscription of the account, over or not, page by page: a million take no more memory than a hundred."""
    with _asking():
        listed = _v1().subscriptions.list({"status": "all", "expand": _WITH_INVOICE_AND_CARD, "limit": 100})
        for data in _all(listed, "subscription"):
            yield SubscriptionSnapshot.read(data)


def get_subscription(subscription_id: str) -> SubscriptionSnapshot:
    """One subscription with its latest invoice."""
    with _asking():
        found = _v1().subscriptions.retrieve(subscription_id, {"expand": ["latest_invoice"]})
        return SubscriptionSnapshot.read(_plain(found, "subscription"))


def resume_subscription(subscription_id: str) -> None:
    """Have a paused subscription go on from now; what is due is charged at once."""
    with _asking():
        _plain(_v1().subscriptions.resume(subscription_id), "subscription")


def keep_subscription(subscription_id: str, *, is_dated: bool) -> None:
    """Take back a cancellation that has not taken effect; `is_dated` if it was set by `cancel_at`."""
    with _asking():
        asked: dict[str, Any] = {"cancel_at": ""} if is_dated else {"cancel_at_period_end": False}
        _plain(_v1().subscriptions.update(subscription_id, asked), "subscription")


def cancel_subscription(subscription_id: str) -> None:
    """End a subscription now."""
    with _asking():
        _plain(_v1().subscriptions.cancel(subscription_id), "subscription")


def list_invoices(customer_id: str, *, status: str = "") -> list[InvoiceSnapshot]:
    """Invoices of a customer, newest first."""
    asked: dict[str, Any] = {"customer": customer_id, "limit": 100}
    if status:
        asked["status"] = status
    with _asking():
        return [InvoiceSnapshot.read(data) for data in _all(_v1().invoices.list(asked), "invoice")]


def stream_paid_invoices() -> Iterator[InvoiceSnapshot]:
    """Every paid invoice of the account, page by page."""
    with _asking():
        for data in _all(_v1().invoices.list({"status": "paid", "limit": 100}), "invoice"):
            yield InvoiceSnapshot.read(data)


def get_invoice(invoice_id: str) -> InvoiceSnapshot:
    """One invoice."""
    with _asking():
        return InvoiceSnapshot.read(_plain(_v1().invoices.retrieve(invoice_id), "invoice"))


def list_invoice_payments(*, invoice_id: str = "", payment_intent_id: str = "") -> list[InvoicePaymentSnapshot]:
    """What was paid on an invoice, or which invoices a payment paid; with the payment's own status."""
    asked: dict[str, Any] = {"expand": ["data.payment.payment_intent"], "limit": 100}
    if invoice_id:
        asked["invoice"] = invoice_id
    if payment_intent_id:
        asked["payment"] = {"type": "payment_intent", "payment_intent": payment_intent_id}
    with _asking():
        listed = _v1().invoice_payments.list(asked)
        return [InvoicePaymentSnapshot.read(data) for data in _all(listed, "invoice_payment")]


# Payments and what goes back ------------------------------------------------------------------------------------------


def get_payment_intent(payment_intent_id: str) -> PaymentIntentSnapshot:
    """One payment."""
    with _asking():
        found = _v1().payment_intents.retrieve(payment_intent_id)
        return PaymentIntentSnapshot.read(_plain(found, "payment_intent"))


def create_refund(payment_intent_id: str, *, key: str, amount: int | None = None) -> ReturnSnapshot:
    """Give a payment back, whole or in part; the same key gives back once."""
    asked: dict[str, Any] = {"payment_intent": payment_intent_id}
    if amount is not None:
        asked["amount"] = amount
    with _asking():
        made = _v1().refunds.create(asked, {"idempotency_key": f"refund-{key}"})
        return ReturnSnapshot.read(_plain(made, "refund"))


def list_refunds(payment_intent_id: str) -> list[ReturnSnapshot]:
    """Everything given back of a payment."""
    with _asking():
        listed = _v1().refunds.list({"payment_intent": payment_intent_id, "limit": 100})
        return [ReturnSnapshot.read(data) for data in _all(listed, "refund")]


def stream_refunds() -> Iterator[ReturnSnapshot]:
    """Every refund of the account, page by page."""
    with _asking():
        for data in _all(_v1().refunds.list({"limit": 100}), "refund"):
            yield ReturnSnapshot.read(data)


def stream_disputes() -> Iterator[ReturnSnapshot]:
    """Every dispute of the account, page by page."""
    with _asking():
        for data in _all(_v1().disputes.list({"limit": 100}), "dispute"):
            yield ReturnSnapshot.read(data)


def get_dispute(dispute_id: str) -> ReturnSnapshot:
    """One dispute."""
    with _asking():
        return ReturnSnapshot.read(_plain(_v1().disputes.retrieve(dispute_id), "dispute"))


# The catalogue --------------------------------------------------------------------------------------------------------


def is_on_sale(*, price_id: str = "", product_id: str = "") -> bool:
    """Whether Stripe would sell this price, or anything of this product; what it has not, or has archived, it won't."""
    try:
        with _asking():
            if price_id:
                return bool(_plain(_v1().prices.retrieve(price_id), "price")["active"])
            return bool(_plain(_v1().products.retrieve(product_id), "product")["active"])
    except NotFound:
        return False


def ensure_product(*, key: str, name: str, description: str = "", product_id: str = "") -> str:
    """Return the id of our product, making it, or aligning its name and words. Safe to repeat."""
    words: dict[str, Any] = {"name": name, "active": True, "metadata": our_metadata(key=key)}
    if description:
        words["description"] = description
    wanted = product_id or f"{settings.STRIPE_SITE}_{key}"
    with _asking():
        try:
            return str(_plain(_v1().products.update(wanted, words), "product")["id"])
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
        return str(_plain(_v1().products.create({"id": wanted, **words}), "product")["id"])


def ensure_price(*, lookup_key: str, product_id: str, amount: Money, interval: Literal["month", "year"]) -> str:
    """Return the id of the price under this key; a changed amount makes a new price, which takes the key over."""
    wanted = {
        "product": product_id,
        "unit_amount": amount.amount,
        "currency": amount.currency,
        "recurring": {"interval": interval},
    }
    with _asking():
        listed = _v1().prices.list({"lookup_keys": [lookup_key], "active": True, "limit": 100})
        for found in _all(listed, "price"):
            same = (found["product"], found["unit_amount"], found["currency"], found["recurring"]["interval"])
            if same == (product_id, amount.amount, amount.currency, interval):
                return str(found["id"])
        made = _v1().prices.create(
            {
                **wanted,
                "lookup_key": lookup_key,
                "transfer_lookup_key": True,
                "tax_behavior": "inclusive",
                "metadata": our_metadata(),
            }
        )
        return str(_plain(made, "price")["id"])


# Letters --------------------------------------------------------------------------------------------------------------


def read_notification(payload: bytes, signature: str) -> Notification:
    """Check a letter's signature by each of our secrets and read it.

    Raises:
        BadLetter: forged, changed, older than five minutes, thin, or not readable.
    """
    client = _client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    trouble: Exception = ValueError("no webhook secret is set")
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            return Notification.read(client.construct_event(payload, signature, secret).to_dict(for_json=True))
        except stripe.SignatureVerificationError as error:
            trouble = error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise BadLetter(f"The letter cannot be read: {error}") from error
    raise BadLetter(str(trouble)) from trouble


def list_notifications(since: datetime, types: Sequence[str] = ()) -> Iterator[Notification]:
    """Letters Stripe wrote since then, newest first, page by page."""
    asked: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    if types:
        asked["types"] = list(types)
    with _asking():
        for data in _all(_v1().events.list(asked), "event"):
            yield Notification.read(data)


def get_notification(event_id: str) -> Notification:
    """One letter from Stripe's own list, which goes back thirty days."""
    with _asking():
        return Notification.read(_plain(_v1().events.retrieve(event_id), "event"))


def list_endpoints(url: str) -> list[EndpointSnapshot]:
    """Where letters to this address are asked for; more than one while a newer version takes over."""
    with _asking():
        listed = _all(_v1().webhook_endpoints.list({"limit": 100}), "webhook_endpoint")
        return [EndpointSnapshot.read(data) for data in listed if data["url"] == url]


def create_endpoint(url: str, types: Sequence[str]) -> str:
    """Have letters sent to `url` in the shape of our pinned version; return the secret, which is shown only now."""
    with _asking():
        made = _v1().webhook_endpoints.create(
            {"url": url, "enabled_events": list(types), "api_version": API_VERSION, "metadata": our_metadata()}
        )
        return str(_plain(made, "webhook_endpoint")["secret"])


def update_endpoint(endpoint_id: str, types: Sequence[str]) -> None:
    """Have exactly these letters sent, and none held back. A version cannot be changed: make another endpoint."""
    with _asking():
        changed = _v1().webhook_endpoints.update(endpoint_id, {"enabled_events": list(types), "disabled": False})
        _plain(changed, "webhook_endpoint")
