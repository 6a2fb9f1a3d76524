"""The portal: a customer's subscription, card and invoices, and what they may do about them."""

from dataclasses import dataclass

from kjreport.standin import (
    agenda,
    cards,
    customers,
    dunning,
    endings,
    pausing,
    paying,
    periods,
    portal,
    subscriptions,
    switching,
)
from kjreport.standin.api import Response
from kjreport.standin.book import PRIVATE, Book, Json, public
from kjreport.standin.errors import Refusal
from kjreport.standin.pages import dress
from kjreport.standin.pages.checkout import cards_panel

_REASONS = (
    ("", "I would rather not say"),
    ("too_expensive", "It costs too much"),
    ("missing_features", "Something I need is missing"),
    ("switched_service", "I read something else now"),
    ("unused", "I do not read it enough"),
    ("customer_service", "I was not served well"),
    ("too_complex", "It is too complicated"),
    ("low_quality", "It is not good enough"),
    ("other", "Another reason"),
)


@dataclass(frozen=True)
class Visit:
    """One customer in the portal, with what its configuration lets them do."""

    book: Book
    session: Json
    features: Json
    root: str

    def subscription(self, identifier: str) -> Json:
        """Return one of this customer's own subscriptions."""
        found = self.book.get("subscription", identifier)
        if found["customer"] != self.session["customer"]:
            raise Refusal("There is no such subscription.", status=404)
        return found

    def allow(self, feature: str) -> None:
        """Refuse what the configuration does not allow."""
        if not self.features[feature]["enabled"]:
            raise Refusal("This is not allowed here.", status=403)

    def done(self, kind: str, message: str) -> Response:
        """Send the customer on after a change, as the flow that brought them here says."""
        flow = self.session["flow"]
        if flow is not None and flow["type"] == kind:
            after = flow["after_completion"]
            if after["type"] == "redirect":
                return dress.go_to(after["redirect"]["return_url"])
            if after["type"] == "hosted_confirmation":
                words = (after["hosted_confirmation"] or {}).get("custom_message") or message
                return dress.page(
                    "message.html", {"title": "Done", "message": words, "back": self.session["return_url"]}
                )
        return dress.go_to(f"{self.root}?done={kind}")


def answer(book: Book, form: dict[str, str] | None, query: dict[str, str], *address: str) -> Response:
    """Show a portal page, or take one of its forms."""
    token, rest = address
    session = portal.session_of(book, token)
    customers.living(book, session["customer"])
    features = book.get("billing_portal.configuration", session["configuration"])["features"]
    visit = Visit(book, session, features, f"{book.base_url}/p/session/{token}")
    parts = rest.strip("/").split("/") if rest else []
    if not parts:
        flow = session["flow"]
        if flow is not None and "done" not in query and "home" not in query:
            return dress.go_to(visit.root + _flow_path(flow))
        return _home(visit, query)
    page = _PAGES.get(parts[0])
    if page is None:
        raise Refusal("There is no such page in the portal.", status=404)
    return page(visit, form, *parts[1:2])


def _flow_path(flow: Json) -> str:
    kind = flow["type"]
    if kind in portal.WITHOUT_SUBJECT:
        return "/card" if kind == "payment_method_update" else "/details"
    about = flow[kind]
    if kind in ("subscription_cancel", "subscription_pause"):
        return f"/{kind.removeprefix('subscription_')}/{about['subscription']}"
    if kind == "subscription_update_confirm":
        return f"/switch/{about['subscription']}?price={about['items'][0]['price']}"
    return f"?home=1#{about['subscription']}"


_DONE = {
    "payment_method_update": "Your card is changed.",
    "customer_update": "Your details are changed.",
    "subscription_cancel": "Your subscription is cancelled.",
    "subscription_pause": "Your subscription is paused.",
    "keep": "Your subscription goes on.",
    "resume": "Your subscription goes on.",
    "subscription_update": "Your subscription is changed.",
    "subscription_update_confirm": "Your subscription is changed.",
}


def _home(visit: Visit, query: dict[str, str]) -> Response:
    book, customer_id = visit.book, visit.session["customer"]
    every = book.every("subscription", customer=customer_id)
    method = _method(visit)
    return dress.page(
        "portal.html",
        {
            "title": "Your subscription",
            "root": visit.root,
            "who": book.get("customer", customer_id)["email"] or "",
            "back": visit.session["return_url"],
            "done": _DONE.get(query.get("done", ""), ""),
            "live": [_described(visit, each) for each in every if each["status"] not in agenda.OVER],
            "over": [_described(visit, each) for each in every if each["status"] in agenda.OVER],
            "card": _card_words(method),
            "may": {name: part["enabled"] for name, part in visit.features.items()},
            "invoices": [_invoice_row(each) for each in book.every("invoice", customer=customer_id)],
        },
    )


def _method(visit: Visit) -> Json | None:
    book, customer_id = visit.book, visit.session["customer"]
    for subscription in book.every("subscription", customer=customer_id):
        if subscription["status"] not in agenda.OVER:
            return dunning.method_for(book, subscription)
    chosen = book.get("customer", customer_id)["invoice_settings"]["default_payment_method"]
    return book.find(chosen) if chosen else None


def _card_words(method: Json | None) -> str:
    if method is None:
        return ""
    card = method["card"]
    return f"{card['brand'].title()} ending {card['last4']}, expires {card['exp_month']:02d}/{card['exp_year']}"


def _described(visit: Visit, subscription: Json) -> Json:
    item = subscription["items"]["data"][0]
    price, currency = item["price"], subscription["currency"]
    product = visit.book.find(price["product"])
    total = sum(each["price"]["unit_amount"] * each["quantity"] for each in subscription["items"]["data"])
    ends, is_paused = subscription["cancel_at"], subscription["status"] == "paused"
    return {
        "id": subscription["id"],
        "name": "" if product is None else product["name"],
        "price": f"{dress.money(total, currency)} {dress.rhythm(price)}",
        "status": subscription["status"].replace("_", " "),
        "ends": dress.day(ends) if ends else "",
        "ended": dress.day(subscription["ended_at"]) if subscription["ended_at"] else "",
        "next": dress.day(item["current_period_end"]),
        "is_late": subscription["status"] in ("past_due", "unpaid"),
        "resumes": _resumes(subscription),
        "awaits_payment": is_paused and pausing.ends_with_payment(subscription),
        "may_pause": subscription["status"] in ("active", "trialing") and not ends,
        "may_resume": is_paused and not pausing.ends_with_payment(subscription),
        "offers": [] if ends else _offers(visit, subscription, item),
    }


def _resumes(subscription: Json) -> str:
    at = subscription.get(PRIVATE, {}).get("resumes_at") if subscription["status"] == "paused" else None
    return dress.day(at) if at else ""


def _offers(visit: Visit, subscription: Json, item: Json) -> list[dict[str, str]]:
    if not visit.features["subscription_update"]["enabled"] or subscription["status"] not in ("active", "trialing"):
        return []
    if len(subscription["items"]["data"]) > 1:  # as at Stripe, the portal switches a single item only
        return []
    offers = []
    for offer in visit.features["subscription_update"]["products"] or []:
        for identifier in offer["prices"]:
            price = visit.book.find(identifier)
            if price and price["active"] and price["id"] != item["price"]["id"] and price["recurring"]:
                words = f"{dress.money(price['unit_amount'], price['currency'])} {dress.rhythm(price)}"
                offers.append({"price": price["id"], "words": words})
    return offers


def _invoice_row(invoice: Json) -> Json:
    return {
        "id": invoice["id"],
        "number": invoice["number"] or "Draft",
        "made": dress.day(invoice["created"]),
        "amount": dress.money(invoice["total"], invoice["currency"]),
        "status": invoice["status"],
        "url": invoice["hosted_invoice_url"],
    }


def _card(visit: Visit, form: dict[str, str] | None) -> Response:
    visit.allow("payment_method_update")
    wrong: dict[str, str] = {}
    if form is not None:
        card, wrong = cards.typed_card(form, now=visit.book.now)
        known = None if card is None else cards.CARDS[card.number]
        if card is not None and known is not None:
            if known.now is None:
                _use_card(visit, card)
                return visit.done("payment_method_update", _DONE["payment_method_update"])
            wrong = {"number": known.now.message}
    values = {
        "title": "Change card",
        "root": visit.root,
        "needs_card": True,
        "form": {name: (form or {}).get(name, "") for name in ("name", "expiry")}
        | {"country": (form or {}).get("country", "GB")},
        "countries": dress.COUNTRIES,
        "wrong": wrong,
        "cards": cards_panel(),
    }
    return dress.page("portal_card.html", values, wrong=" ".join(wrong.values()))


def _use_card(visit: Visit, card: cards.TypedCard) -> None:
    """Attach a new card, and charge everything to it; a new card also tries what is still open."""
    book, customer_id = visit.book, visit.session["customer"]
    method = cards.make_method(book, card, customer=customer_id)
    customer = book.get("customer", customer_id)
    before = public(customer)
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    customers.save(book, customer, before)
    for subscription in book.every("subscription", customer=customer_id):
        paying.use_method(book, subscription["id"], method)


_ADDRESS = ("line1", "city", "postal_code")


def _details(visit: Visit, form: dict[str, str] | None) -> Response:
    visit.allow("customer_update")
    allowed = visit.features["customer_update"]["allowed_updates"]
    customer = visit.book.get("customer", visit.session["customer"])
    wrong: dict[str, str] = {}
    if form is not None:
        before = public(customer)
        for name in ("name", "email"):
            if name in allowed and name in form:
                customer[name] = form[name].strip()[:300] or None
        if "address" in allowed and form.get("country") in dict(dress.COUNTRIES):
            typed = {name: form[name].strip()[:300] or None for name in _ADDRESS if name in form}
            customer["address"] = {**(customer["address"] or {}), **typed, "country": form["country"]}
        if "@" in (customer["email"] or "")[1:-1]:
            customers.save(visit.book, customer, before)
            return visit.done("customer_update", _DONE["customer_update"])
        wrong = {"email": "Write a full e-mail address, like name@example.org."}
    values = {
        "title": "Your details",
        "root": visit.root,
        "may": {name: name in allowed for name in ("name", "email", "address")},
        "form": {
            "name": customer["name"] or "",
            "email": customer["email"] or "",
            **{name: (customer["address"] or {}).get(name) or "" for name in _ADDRESS},
            "country": (customer["address"] or {}).get("country") or "GB",
        },
        "countries": dress.COUNTRIES,
        "wrong": wrong,
    }
    return dress.page("portal_details.html", values, wrong=" ".join(wrong.values()))


def _cancel(visit: Visit, form: dict[str, str] | None, identifier: str = "") -> Response:
    visit.allow("subscription_cancel")
    feature, subscription = visit.features["subscription_cancel"], visit.subscription(identifier)
    if subscription["status"] in agenda.OVER or subscription["cancel_at"]:
        return dress.go_to(f"{visit.root}?home=1")
    at = subscription["items"]["data"][0]["current_period_end"]
    at_once = feature["mode"] == "immediately" or subscription["status"] in ("past_due", "unpaid", "paused")
    if form is None:
        values = {
            "title": "Cancel your subscription",
            "root": visit.root,
            "about": _described(visit, subscription),
            "at_once": at_once,
            "until": dress.day(at),
            "reasons": _REASONS if feature["cancellation_reason"]["enabled"] else (),
        }
        return dress.page("portal_cancel.html", values)
    reason = form.get("reason") or None
    details = {"feedback": reason if reason in dict(_REASONS) else None, "comment": form.get("comment") or None}
    if at_once:
        subscription["cancellation_details"] |= details
        endings.end(visit.book, subscription, reason="cancellation_requested")
    else:
        subscriptions.cancel_later(visit.book, subscription, at, details=details)
    return visit.done("subscription_cancel", _DONE["subscription_cancel"])


def _pause(visit: Visit, form: dict[str, str] | None, identifier: str = "") -> Response:
    visit.allow("subscription_pause")
    subscription = visit.subscription(identifier)
    if subscription["status"] not in ("active", "trialing"):
        return dress.go_to(f"{visit.root}?home=1")
    lengths = _pause_lengths(visit)
    chosen = (form or {}).get("length", "")
    if form is None or chosen not in lengths:
        wrong = {} if form is None else {"length": "Choose how long."}
        values = {
            "title": "Pause your subscription",
            "root": visit.root,
            "about": _described(visit, subscription),
            "lengths": [{"value": value, "words": words} for value, (words, _) in lengths.items()],
            "wrong": wrong,
        }
        return dress.page("portal_pause.html", values, wrong=" ".join(wrong.values()))
    switching.pause(visit.book, subscription, unused="now", invoice_now=False, resumes_at=lengths[chosen][1])
    return visit.done("subscription_pause", _DONE["subscription_pause"])


def _pause_lengths(visit: Visit) -> dict[str, tuple[str, int | None]]:
    """Return how long a customer may pause, in words and as the moment it ends."""
    duration = visit.features["subscription_pause"]["duration"]
    if duration["type"] == "indefinite":
        return {"open": ("Until I resume it", None)}
    found: dict[str, tuple[str, int | None]] = {}
    for option in duration["interval_options"]:
        interval, count = option["interval"], option["interval_count"]
        until = periods.after(visit.book.now, interval, count, 1)
        words = f"{count} {interval}{'' if count == 1 else 's'}, until {dress.day(until)}"
        found[f"{count}-{interval}"] = (words, until)
    return found


def _resume(visit: Visit, form: dict[str, str] | None, identifier: str = "") -> Response:
    visit.allow("subscription_pause")
    subscription = visit.subscription(identifier)
    if form is not None and subscription["status"] == "paused" and not pausing.ends_with_payment(subscription):
        if dunning.method_for(visit.book, subscription) is None:
            return dress.go_to(f"{visit.root}/card")
        switching.resume(visit.book, subscription)
    return dress.go_to(f"{visit.root}?done=resume")


def _keep(visit: Visit, form: dict[str, str] | None, identifier: str = "") -> Response:
    visit.allow("subscription_cancel")
    subscription = visit.subscription(identifier)
    if form is not None and subscription["cancel_at"] and subscription["status"] not in agenda.OVER:
        subscriptions.keep(visit.book, subscription)
    return dress.go_to(f"{visit.root}?done=keep")


def _switch(visit: Visit, form: dict[str, str] | None, identifier: str = "") -> Response:
    visit.allow("subscription_update")
    subscription = visit.subscription(identifier)
    item = subscription["items"]["data"][0]
    offers = _offers(visit, subscription, item)
    wanted = (form or {}).get("price", "")
    flow = (visit.session["flow"] or {}).get("subscription_update_confirm")
    if not wanted and flow is not None:
        wanted = flow["items"][0]["price"]
    chosen = next((offer for offer in offers if offer["price"] == wanted), None)
    if chosen is None:
        raise Refusal("This price is not on offer here.", status=404)
    behaviour = visit.features["subscription_update"]["proration_behavior"]
    change = {"items": [{"id": item["id"], "price": wanted}], "proration_behavior": behaviour}
    if form is None or form.get("action") != "confirm":
        if subscription["status"] == "trialing":
            change |= _in_trial(visit)
        ahead = switching.preview(visit.book, {"subscription": identifier, "subscription_details": change})
        values = {
            "title": "Change your subscription",
            "root": visit.root,
            "action": f"{visit.root}/switch/{identifier}",
            "about": _described(visit, subscription),
            "offer": chosen,
            "is_now": ahead["billing_reason"] == "subscription_update",
            "due": dress.money(ahead["amount_due"], ahead["currency"]),
            "lines": [
                {"name": line["description"], "amount": dress.money(line["amount"], line["currency"])}
                for line in ahead["lines"]["data"]
            ],
        }
        return dress.page("portal_switch.html", values)
    if subscription["status"] == "trialing":
        change |= _in_trial(visit)
    switching.switch(visit.book, subscription, change)
    kind = "subscription_update" if flow is None else "subscription_update_confirm"
    return visit.done(kind, _DONE[kind])


def _in_trial(visit: Visit) -> Json:
    ends = visit.features["subscription_update"]["trial_update_behavior"] == "end_trial"
    return {"trial_end": "now"} if ends else {}


_PAGES = {
    "card": _card,
    "details": _details,
    "cancel": _cancel,
    "keep": _keep,
    "pause": _pause,
    "resume": _resume,
    "switch": _switch,
}
