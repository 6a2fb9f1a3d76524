"""The customer portal: its configurations, and sessions that let one customer in."""

from kjreport.standin import customers, listing
from kjreport.standin.book import HOUR, PRIVATE, Book, Json, merge_metadata
from kjreport.standin.errors import Refusal, missing, not_done

LASTS = HOUR
WITHOUT_SUBJECT = ("customer_update", "payment_method_update")
FLOWS = (
    "customer_update",
    "payment_method_update",
    "subscription_cancel",
    "subscription_pause",
    "subscription_update",
    "subscription_update_confirm",
)


def create_configuration(book: Book, params: Json) -> Json:
    """Make a configuration: what a customer may do in the portal."""
    profile = params.get("business_profile") or {}
    configuration = {
        "id": book.new_id("bpc"),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {
            name: profile.get(name) or None for name in ("headline", "privacy_policy_url", "terms_of_service_url")
        },
        "created": book.now,
        "default_return_url": params.get("default_return_url") or None,
        "features": _features({}, params["features"]),
        "is_default": not book.every("billing_portal.configuration"),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "name": params.get("name") or None,
        "updated": book.now,
    }
    return book.put(configuration)


def _features(current: Json, given: Json) -> Json:
    usual: Json = {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": []},
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {
            "duration": {
                "interval_options": [{"interval": "month", "interval_count": 1}],
                "type": "interval_options",
            },
            "enabled": False,
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": None,
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }
    features = {}
    for name, parts in usual.items():
        merged = parts | current.get(name, {})
        for key, value in (given.get(name) or {}).items():
            merged[key] = [] if value == "" and isinstance(parts.get(key), list) else value
        features[name] = merged
    duration = features["subscription_pause"]["duration"]
    features["subscription_pause"]["duration"] = {
        "interval_options": [{"interval_count": 1} | each for each in duration.get("interval_options") or []],
        "type": duration["type"],
    }
    if duration["type"] == "interval_options" and not duration.get("interval_options"):
        param = "features[subscription_pause][duration][interval_options]"
        message = f"Missing required param: {param}."
        raise Refusal(message, code="parameter_missing", param=param)
    for offer in features["subscription_update"]["products"] or []:
        offer.setdefault("adjustable_quantity", {"enabled": False, "maximum": None, "minimum": 1})
    return features


def retrieve_configuration(book: Book, _params: Json, identifier: str) -> Json:
    """Return one configuration."""
    return book.get("billing_portal.configuration", identifier)


def update_configuration(book: Book, params: Json, identifier: str) -> Json:
    """Change a configuration."""
    configuration = book.get("billing_portal.configuration", identifier)
    for name in ("active", "default_return_url", "name"):
        if name in params:
            configuration[name] = params[name] if params[name] != "" else None
    if "business_profile" in params:
        configuration["business_profile"] |= {k: v or None for k, v in params["business_profile"].items()}
    if "features" in params:
        configuration["features"] = _features(configuration["features"], params["features"])
    if "metadata" in params:
        configuration["metadata"] = merge_metadata(configuration["metadata"], params["metadata"])
    configuration["updated"] = book.now
    return book.put(configuration)


def configurations(book: Book, params: Json) -> Json:
    """List configurations."""

    def keep(each: Json) -> bool:
        return bool(
            params.get("active") in (None, each["active"]) and params.get("is_default") in (None, each["is_default"])
        )

    return listing.of(book, "billing_portal.configuration", params, url="/v1/billing_portal/configurations", keep=keep)


def create_session(book: Book, params: Json) -> Json:
    """Let one customer into the portal; the address is a credential."""
    if "customer" not in params:
        raise Refusal("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = customers.living(book, params["customer"])
    configuration = _configuration(book, params)
    identifier = book.new_id("bps")
    session = {
        "id": identifier,
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": book.now,
        "customer": customer["id"],
        "flow": _flow(book, params.get("flow_data"), customer),
        "livemode": False,
        "locale": params.get("locale"),
        "return_url": params.get("return_url") or configuration["default_return_url"],
        "url": f"{book.base_url}/p/session/{book.new_id('live', 40)}",
    }
    session[PRIVATE] = {"token": session["url"].rpartition("/")[2]}
    book.set(f"portal:{session[PRIVATE]['token']}", identifier)
    return book.put(session)


def _configuration(book: Book, params: Json) -> Json:
    if "configuration" in params:
        found = book.get("billing_portal.configuration", params["configuration"], param="configuration")
        if not found["active"]:
            raise Refusal("This portal configuration is inactive.", param="configuration")
        return found
    for found in book.every("billing_portal.configuration"):
        if found["is_default"] and found["active"]:
            return found
    message = "No configuration provided and your test mode default configuration has not been created."
    raise Refusal(message, param="configuration")


def _flow(book: Book, given: Json | None, customer: Json) -> Json | None:
    if given is None:
        return None
    kind = given["type"]
    if kind not in FLOWS:
        message = f"billing_portal.sessions.create with flow_data[type]={kind}"
        raise not_done(message)
    after = given.get("after_completion") or {"type": "portal_homepage"}
    flow: Json = {
        "after_completion": {
            "hosted_confirmation": after.get("hosted_confirmation"),
            "redirect": after.get("redirect"),
            "type": after["type"],
        },
        "type": kind,
    }
    for name in FLOWS:
        if name not in WITHOUT_SUBJECT:
            flow[name] = None
    if kind not in WITHOUT_SUBJECT:
        about = given.get(kind)
        if about is None:
            param = f"flow_data[{kind}]"
            message = f"Missing required param: {param}."
            raise Refusal(message, code="parameter_missing", param=param)
        subscription = book.find(about["subscription"])
        if subscription is None or subscription["customer"] != customer["id"]:
            raise missing("subscription", about["subscription"], param=f"flow_data[{kind}][subscription]")
        if kind == "subscription_cancel" and (subscription["status"] == "canceled" or subscription["cancel_at"]):
            message = "The subscription update flow cannot be used: this subscription is already set to be canceled."
            raise Refusal(message, param="flow_data[subscription_cancel][subscription]")
        if kind == "subscription_pause" and subscription["status"] not in ("active", "trialing"):
            message = f"This subscription is {subscription['status']} and cannot be paused."
            raise Refusal(message, param="flow_data[subscription_pause][subscription]")
        flow[kind] = about
    return flow


def customer_of(book: Book, token: str) -> str | None:
    """Return whose portal an address leads to, if it leads to one."""
    session = book.find(book.setting(f"portal:{token}"))
    return None if session is None else str(session["customer"])


def session_of(book: Book, token: str) -> Json:
    """Return the portal session an address lets into, while it lasts."""
    session = book.get("billing_portal.session", book.setting(f"portal:{token}"))
    if book.now > session["created"] + LASTS:
        raise Refusal("This portal address has run out. Ask for a new one on the site.", status=410)
    return session
