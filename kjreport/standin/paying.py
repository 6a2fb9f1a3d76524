"""What happens when a person presses the button: on a checkout page, a hosted invoice, or at their bank."""

from dataclasses import dataclass, field

from kjreport.standin import (
    agenda,
    baskets,
    cards,
    customers,
    discounts,
    dunning,
    invoices,
    payments,
    setups,
    subscriptions,
)
from kjreport.standin.book import DAY, PRIVATE, Book, Json, public
from kjreport.standin.cards import TypedCard


@dataclass(frozen=True)
class Outcome:
    """Where to send the payer next, or what to tell them about the form they sent."""

    go_to: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def submit_checkout(book: Book, session: Json, fields: dict[str, str]) -> Outcome:
    """Take a checkout form: pay, refuse, or send the payer to their bank."""
    wrong = _check_person(book, session, fields) | _check_discount(book, session)
    if needs_no_card(session):
        return Outcome(wrong=wrong) if wrong else _complete(book, session, None, fields)
    card, wrong_card = cards.typed_card(fields, now=book.now)
    wrong |= wrong_card
    if wrong or card is None:
        return Outcome(wrong=wrong)
    known = cards.CARDS[card.number]
    if known.now is not None:
        _record_refusal(book, session, card, known.now)
        return Outcome(wrong={_FIELD_OF.get(known.now.code, "number"): known.now.message})
    if known.waits and session["mode"] == "setup":
        return Outcome(wrong={"number": "A bank debit cannot be kept for later here; use another card."})
    if known.asks_now:
        return _to_bank(book, {"session": session["id"]}, session, card=card, fields=fields)
    return _complete(book, session, card, fields)


def _check_discount(book: Book, session: Json) -> dict[str, str]:
    """Take a discount off that was used up by others since it was put on; say so, for the sum is another."""
    if not session["discounts"]:
        return {}
    notes = session[PRIVATE]
    code = None if notes["code"] is None else book.get("promotion_code", notes["code"])
    coupon = book.get("coupon", notes["coupon"])
    if discounts.is_usable(book, coupon, session["currency"]) and (code is None or code["active"]):
        return {}
    notes |= {"code": None, "coupon": None}
    session["discounts"] = []
    baskets.reckon(book, session)
    book.put(session)
    return {"code": "This promotion code is not valid any more. Please look at the sum again."}


_FIELD_OF = {"incorrect_cvc": "cvc", "expired_card": "expiry"}


def needs_no_card(session: Json) -> bool:
    """Tell whether nothing is due and no card is asked for."""
    free = session["amount_total"] == 0
    return bool(free and (session["mode"] == "payment" or session["payment_method_collection"] == "if_required"))


def _check_person(book: Book, session: Json, fields: dict[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    email = known_email(book, session) or fields.get("email", "").strip()
    if "@" not in email[1:-1] or any(letter.isspace() for letter in email):
        wrong["email"] = "Write a full e-mail address, like name@example.org."
    consent = session["consent_collection"] or {}
    if consent.get("terms_of_service") == "required" and fields.get("terms") != "yes":
        wrong["terms"] = "Please agree to the terms to go on."
    return wrong


def known_email(book: Book, session: Json) -> str:
    """Return the e-mail the site told us, which the payer cannot change here."""
    if session["customer"] is not None:
        return book.get("customer", session["customer"]).get("email") or ""
    return session["customer_email"] or ""


def apply_code(book: Book, session: Json, text: str) -> dict[str, str]:
    """Put a promotion code on a session; return what was wrong with it."""
    whole = sum(each["amount_subtotal"] for each in session[PRIVATE]["line_items"])
    code = discounts.usable_code(
        book, text.strip(), customer=session["customer"], currency=session["currency"], amount=whole
    )
    if code is None or not session["allow_promotion_codes"]:
        return {"code": "This promotion code is not valid."}
    baskets.take_code(session, code, book.get("coupon", code["promotion"]["coupon"]))
    baskets.reckon(book, session)
    book.put(session)
    return {}


def _record_refusal(book: Book, session: Json, card: TypedCard, decline: cards.Decline) -> None:
    """Keep a refused attempt on the payment or setup intent; a subscription's leaves nothing."""
    if session["mode"] == "subscription":
        return
    method = cards.make_method(book, card, customer=None)
    if session["mode"] == "setup":
        setups.fail(book, book.get("setup_intent", session["setup_intent"]), method, decline)
    else:
        payments.fail(book, _intent(book, session), method, decline)


def _intent(book: Book, session: Json) -> Json:
    """Return the session's intent, made at the first attempt."""
    if session["payment_intent"] is not None:
        return book.get("payment_intent", session["payment_intent"])
    data = session[PRIVATE]["payment_intent_data"]
    intent = payments.make_intent(
        book,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        metadata=data.get("metadata") or {},
        description=data.get("description"),
        email=data.get("receipt_email"),
        statement=data.get("statement_descriptor"),
        reusable=data.get("setup_future_usage") == "off_session",
    )
    session["payment_intent"] = intent["id"]
    book.put(session)
    return intent


def _to_bank(book: Book, what: Json, about: Json, *, card: TypedCard, fields: dict[str, str]) -> Outcome:
    challenge = {
        "id": book.new_id("challenge"),
        "object": "standin.challenge",
        "created": book.now,
        "amount": about.get("amount_total", about.get("amount_due")),
        "currency": about["currency"],
        "card": vars(card),
        "fields": {name: value for name, value in fields.items() if name not in ("number", "cvc", "expiry")},
        "open": True,
        **what,
    }
    book.put(challenge)
    if about.get("mode") == "payment":
        payments.ask_bank(book, _intent(book, about), cards.make_method(book, card, customer=None))
    if about.get("mode") == "setup":
        intent = book.get("setup_intent", about["setup_intent"])
        setups.ask_bank(book, intent, cards.make_method(book, card, customer=None))
    return Outcome(go_to=f"{book.base_url}/c/bank/{challenge['id']}")


def answer_bank(book: Book, challenge: Json, *, confirmed: bool) -> Outcome:
    """Carry a bank's answer back to the checkout or the invoice that waits for it."""
    card = TypedCard(**challenge["card"])
    fresh, challenge["open"] = challenge["open"], False
    book.put(challenge)
    if "invoice" in challenge:
        invoice = book.get("invoice", challenge["invoice"])
        if fresh and confirmed and invoice["status"] == "open":
            _settle(book, invoice, card)
        return Outcome(go_to=f"{book.base_url}/i/{invoice['id']}" + ("" if confirmed else "?refused=1"))
    session = book.get("checkout.session", challenge["session"])
    if not fresh or session["status"] != "open":
        return Outcome(go_to=f"{book.base_url}/c/pay/{session['id']}")
    if confirmed:
        return _complete(book, session, card, challenge["fields"])
    _record_refusal(book, session, card, cards.REFUSED_BY_BANK)
    return Outcome(go_to=f"{book.base_url}/c/pay/{session['id']}?refused=1")


def _complete(book: Book, session: Json, card: TypedCard | None, fields: dict[str, str]) -> Outcome:
    """Complete a session: only now come the customer, the payment and the subscription into being."""
    customer = _payer(book, session, card, fields)
    keeps = session["mode"] != "payment" or session[PRIVATE]["payment_intent_data"].get("setup_future_usage")
    owner = customer["id"] if customer is not None and keeps else None
    method = None if card is None else cards.make_method(book, card, customer=owner)
    session["payment_status"] = "paid" if session["amount_total"] else "no_payment_required"
    if session["mode"] == "payment" and method is not None and cards.behaviour(method).waits:
        _wait_for_it(book, session, method)
    elif session["mode"] == "payment" and method is not None:
        intent = _intent(book, session) | {"customer": session["customer"]}
        payments.succeed(book, intent, method)
    elif session["mode"] == "subscription" and customer is not None:
        order = _order(book, session, customer)
        subscription, invoice = subscriptions.begin(book, order, method)
        session |= {"subscription": subscription["id"], "invoice": invoice["id"]}
        if invoice["status"] == "open":  # the money takes days
            session["payment_status"] = "unpaid"
    elif session["mode"] == "setup" and method is not None:
        setups.succeed(book, book.get("setup_intent", session["setup_intent"]), method)
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"]["status"] = "complete"
    if (session["consent_collection"] or {}).get("terms_of_service") == "required":
        session["consent"] = {"promotions": None, "terms_of_service": "accepted"}
    session |= {"status": "complete", "url": None}
    book.unschedule(session["id"], "expire")
    book.put(session)
    book.emit("checkout.session.completed", session)
    return Outcome(go_to=session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


def _wait_for_it(book: Book, session: Json, method: Json) -> None:
    """Have a payment take its days: the session is complete, and not paid."""
    intent = _intent(book, session) | {"customer": session["customer"]}
    payments.begin(book, intent, method)
    session["payment_status"] = "unpaid"
    book.schedule(session["id"], "arrive", book.now + 3 * DAY)


def arrive(book: Book, identifier: str) -> None:
    """Let a payment that took its days come, or fail to: a session's own, or an invoice's."""
    thing = book.find(identifier)
    if thing is not None and thing["object"] == "invoice":
        _arrive_for_invoice(book, thing)
        return
    session = book.get("checkout.session", identifier)
    intent = book.get("payment_intent", session["payment_intent"])
    method = book.get("payment_method", intent["payment_method"])
    decline = cards.behaviour(method).later
    if decline is None:
        payments.succeed(book, intent, method)
        session["payment_status"] = "paid"
        book.put(session)
        book.emit("checkout.session.async_payment_succeeded", session)
    else:
        payments.fail(book, intent, method, decline)
        book.emit("checkout.session.async_payment_failed", session)


def _arrive_for_invoice(book: Book, invoice: Json) -> None:
    """Settle an invoice whose money took days; a checkout that waits for it hears of it, once."""
    decline = dunning.arrive(book, invoice)
    for session in book.every("checkout.session", customer=invoice["customer"], invoice=invoice["id"]):
        if session["payment_status"] != "unpaid" or session.get(PRIVATE, {}).get("told"):
            continue
        session[PRIVATE]["told"] = True
        if decline is None:
            session["payment_status"] = "paid"
        book.put(session)
        book.emit(f"checkout.session.async_payment_{'succeeded' if decline is None else 'failed'}", session)


def _payer(book: Book, session: Json, card: TypedCard | None, fields: dict[str, str]) -> Json | None:
    """Return the customer, made or brought up to date, and note the payer's details on the session."""
    country = fields.get("country", "")[:2] or "GB"
    address = {"city": None, "country": country, "line1": None, "line2": None, "postal_code": None, "state": None}
    email = known_email(book, session) or fields.get("email", "").strip()
    name = card.name if card is not None else fields.get("name", "").strip() or None
    details: Json = {
        "address": address,
        "email": email,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    session["customer_details"] = details
    if session["customer"] is None:
        if session["mode"] != "subscription" and session["customer_creation"] != "always":
            return None
        made = customers.create(book, {"email": email, **({"name": name} if name else {}), "address": address})
        session["customer"] = made["id"]
        return made
    customer = customers.living(book, session["customer"])
    before, wanted = public(customer), session[PRIVATE]["customer_update"]
    if wanted.get("address") == "auto":
        customer["address"] = address
    if wanted.get("name") == "auto" and name:
        customer["name"] = name
    if not customer["email"]:
        customer["email"] = email
    return customers.save(book, customer, before)


def _order(book: Book, session: Json, customer: Json) -> subscriptions.Order:
    notes = session[PRIVATE]
    data = notes["subscription_data"]
    trial_end = data.get("trial_end")
    if data.get("trial_period_days"):
        trial_end = book.now + data["trial_period_days"] * DAY
    return subscriptions.Order(
        customer=customer["id"],
        items=[(book.get("price", item["price"]["id"]), item["quantity"]) for item in notes["line_items"]],
        metadata=data.get("metadata") or {},
        description=data.get("description"),
        trial_end=trial_end,
        trial_settings=data.get("trial_settings"),
        coupon=None if notes["coupon"] is None else book.get("coupon", notes["coupon"]),
        code=None if notes["code"] is None else book.get("promotion_code", notes["code"]),
    )


def submit_invoice(book: Book, invoice: Json, fields: dict[str, str]) -> Outcome:
    """Take the card form of a hosted invoice."""
    card, wrong = cards.typed_card(fields, now=book.now)
    if card is None:
        return Outcome(wrong=wrong)
    known = cards.CARDS[card.number]
    if known.now is not None:
        found = invoices.payment_of(book, invoice)
        if found is not None:
            payments.fail(book, found[1], cards.make_method(book, card, customer=None), known.now)
        return Outcome(wrong={_FIELD_OF.get(known.now.code, "number"): known.now.message})
    found = invoices.payment_of(book, invoice)
    if known.waits or (found is not None and found[1]["status"] == "processing"):
        words = "A bank debit cannot be used here." if known.waits else "A payment of this invoice is on its way."
        return Outcome(wrong={"number": words})
    if known.asks_now:
        return _to_bank(book, {"invoice": invoice["id"]}, invoice, card=card, fields=fields)
    _settle(book, invoice, card)
    return Outcome(go_to=f"{book.base_url}/i/{invoice['id']}")


def _settle(book: Book, invoice: Json, card: TypedCard) -> None:
    """Pay an open invoice with a card that works, and charge it from now on."""
    method = cards.make_method(book, card, customer=invoice["customer"])
    dunning.pay(book, invoice, method)
    use_method(book, invoices.subscription_of(invoice), method)


def use_method(book: Book, identifier: str, method: Json) -> None:
    """Charge a subscription to this method from now on."""
    subscription = book.get("subscription", identifier)
    if subscription["status"] in agenda.OVER:
        return
    before = public(subscription)
    subscription["default_payment_method"] = method["id"]
    book.put(subscription)
    book.emit("customer.subscription.updated", subscription, before)
