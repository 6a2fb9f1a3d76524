"""Checkout sessions: opened with what is for sale, looked at, listed, expired."""

from kjreport.standin import baskets, customers, discounts, listing, setups
from kjreport.standin.book import DAY, PRIVATE, Book, Json, merge_metadata
from kjreport.standin.errors import Refusal, not_done

SOONEST = 30 * 60
_CREATION = {"payment": "if_required", "setup": "if_required", "subscription": "always"}
_BASKET = ("line_items", "allow_promotion_codes", "discounts", "automatic_tax", "invoice_creation", "submit_type")
_ONLY_WITH = {
    "payment": ("subscription_data", "setup_intent_data"),
    "setup": ("subscription_data", "payment_intent_data", "payment_method_collection", *_BASKET),
    "subscription": ("payment_intent_data", "setup_intent_data"),
}
_SLACK = 60


def create(book: Book, params: Json) -> Json:
    """Open a session."""
    _check_mode(params)
    _check_urls(params)
    customer = _customer(book, params)
    mode = params["mode"]
    items = [] if mode == "setup" else baskets.line_items(book, params)
    _check_tax(params, customer)
    identifier = book.new_id("cs_test", 58)
    session = {
        "id": identifier,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "automatic_tax": _tax(params),
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "consent_collection": _consent(params),
        "created": book.now,
        "currency": items[0]["currency"] if items else params.get("currency"),
        "custom_fields": [],
        "custom_text": {
            name: params.get("custom_text", {}).get(name) or None
            for name in ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        },
        "customer": None if customer is None else customer["id"],
        "customer_creation": params.get("customer_creation", _CREATION[mode]),
        "customer_details": _details(customer),
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": _expiry(book, params),
        "invoice_creation": {"enabled": False, "invoice_data": {"metadata": {}}} if mode == "payment" else None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "mode": mode,
        "payment_method_collection": params.get("payment_method_collection", "always"),
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{book.base_url}/c/pay/{identifier}",
        PRIVATE: {
            "line_items": items,
            "subscription_data": params.get("subscription_data", {}),
            "payment_intent_data": params.get("payment_intent_data", {}),
            "customer_update": params.get("customer_update", {}),
            "code": None,
            "coupon": None,
        },
    }
    if session["customer"] is not None:
        session["customer_creation"] = None
    for given in params.get("discounts", []):
        _give_discount(book, session, given)
    if mode == "setup":
        data = params.get("setup_intent_data", {})
        session["setup_intent"] = setups.make(
            book,
            customer=session["customer"],
            metadata=merge_metadata({}, data.get("metadata", {})),
            description=data.get("description"),
        )["id"]
        session["payment_status"] = "no_payment_required"
    else:
        baskets.reckon(book, session)
    book.put(session)
    book.schedule(identifier, "expire", session["expires_at"])
    return session


def _check_mode(params: Json) -> None:
    mode = params.get("mode")
    if mode is None:
        raise Refusal("Missing required param: mode.", code="parameter_missing", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        message = f"checkout.sessions.create with ui_mode={params['ui_mode']}"
        raise not_done(message)
    for wrong in _ONLY_WITH[mode]:
        if wrong in params:
            raise Refusal(f"You can not pass `{wrong}` in `{mode}` mode.", param=wrong)
    _check_for_mode(params, mode)
    for name in ("adaptive_pricing", "invoice_creation", "phone_number_collection", "tax_id_collection"):
        if params.get(name, {}).get("enabled"):
            message = f"checkout.sessions.create with {name}[enabled]=true"
            raise not_done(message)


def _check_for_mode(params: Json, mode: str) -> None:
    if mode == "subscription" and params.get("submit_type") not in (None, "subscribe"):
        message = f"`submit_type` {params['submit_type']} can not be used in `subscription` mode."
        raise Refusal(message, param="submit_type")
    if mode == "subscription" and "customer_creation" in params:
        raise Refusal("`customer_creation` can only be used in `payment` and `setup` mode.", param="customer_creation")
    if mode == "setup" and not (params.get("currency") or params.get("allowed_payment_method_types")):
        message = "Missing required param: currency."
        raise Refusal(message, code="parameter_missing", param="currency")
    if params.get("allow_promotion_codes") and params.get("discounts"):
        message = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise Refusal(message, param="allow_promotion_codes")


def _check_urls(params: Json) -> None:
    if not params.get("success_url"):
        raise Refusal("Missing required param: success_url.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        value = params.get(name)
        if value is not None and not value.startswith(("http://", "https://")):
            raise Refusal("Not a valid URL", code="url_invalid", param=name)


def _customer(book: Book, params: Json) -> Json | None:
    if "customer" not in params:
        if "customer_update" in params:
            message = "`customer_update` can only be used with `customer`."
            raise Refusal(message, param="customer_update")
        return None
    for name in ("customer_email", "customer_creation"):
        if name in params:
            message = f"You may only specify one of these parameters: customer, {name}."
            raise Refusal(message, param=name)
    return customers.living(book, params["customer"])


def _check_tax(params: Json, customer: Json | None) -> None:
    known = customer is None or customer["address"] or params.get("customer_update", {}).get("address") == "auto"
    if params.get("automatic_tax", {}).get("enabled") and not known:
        message = (
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to "
            "the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto'."
        )
        raise Refusal(message, code="customer_tax_location_invalid", param="automatic_tax")


def _tax(params: Json) -> Json:
    """Return tax settings; with no registration anywhere nothing is collected, as at Stripe."""
    enabled = params.get("automatic_tax", {}).get("enabled", False)
    return {
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": "requires_location_inputs" if enabled else None,
    }


def _consent(params: Json) -> Json | None:
    wanted = params.get("consent_collection", {}).get("terms_of_service")
    if wanted is None:
        return None
    return {"payment_method_reuse_agreement": None, "promotions": "none", "terms_of_service": wanted}


def _details(customer: Json | None) -> Json | None:
    if customer is None:
        return None
    return {
        "address": customer["address"],
        "email": customer["email"],
        "name": customer["name"],
        "phone": customer["phone"],
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _expiry(book: Book, params: Json) -> int:
    """Return when the session ends; after the clock was moved, the site's own clock is what it is measured by."""
    given = params.get("expires_at")
    if given is None:
        return book.now + DAY
    moment = given if given >= book.now - DAY else given + book.offset
    if not SOONEST - _SLACK <= moment - book.now <= DAY + _SLACK:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise Refusal(message, param="expires_at")
    return int(moment)


def _give_discount(book: Book, session: Json, given: Json) -> None:
    code = None
    if "promotion_code" in given:
        code = book.get("promotion_code", given["promotion_code"], param="discounts[0][promotion_code]")
        coupon = book.get("coupon", code["promotion"]["coupon"])
        whole = sum(each["amount_subtotal"] for each in session[PRIVATE]["line_items"])
        usable = discounts.usable_code(
            book, code["code"], customer=session["customer"], currency=session["currency"], amount=whole
        )
        if usable is None:
            raise Refusal("This promotion code cannot be used.", param="discounts[0][promotion_code]")
    else:
        coupon = book.get("coupon", given["coupon"], param="discounts[0][coupon]")
        if not discounts.is_usable(book, coupon, session["currency"]):
            raise Refusal("This coupon cannot be used.", param="discounts[0][coupon]")
    baskets.take_code(session, code, coupon)


def retrieve(book: Book, _params: Json, identifier: str) -> Json:
    """Return one session."""
    return book.get("checkout.session", identifier)


def every(book: Book, params: Json) -> Json:
    """List sessions, by customer, intent, subscription or status."""
    email = params.get("customer_details", {}).get("email")

    def keep(each: Json) -> bool:
        return bool(email in (None, (each["customer_details"] or {}).get("email")))

    return listing.of(
        book,
        "checkout.session",
        params,
        url="/v1/checkout/sessions",
        where={
            "customer": params.get("customer"),
            "payment_intent": params.get("payment_intent"),
            "subscription": params.get("subscription"),
            "status": params.get("status"),
        },
        keep=keep,
    )


def line_items(book: Book, params: Json, identifier: str) -> Json:
    """List what a session sells."""
    session = book.get("checkout.session", identifier)
    return listing.within(session[PRIVATE]["line_items"], params, url=f"/v1/checkout/sessions/{identifier}/line_items")


def expire(book: Book, _params: Json, identifier: str) -> Json:
    """Expire an open session on request."""
    session = book.get("checkout.session", identifier)
    if session["status"] != "open":
        state = session["status"]
        raise Refusal(f"Only a Checkout Session that is open can be expired. This Checkout Session is {state}.")
    end(book, session)
    return session


def end(book: Book, session: Json) -> None:
    """Expire a session, now."""
    session |= {"status": "expired", "url": None}
    book.unschedule(session["id"])
    book.put(session)
    book.emit("checkout.session.expired", session)


def expire_due(book: Book, identifier: str) -> None:
    """Expire a session whose time has come."""
    session = book.get("checkout.session", identifier)
    if session["status"] == "open":
        end(book, session)
