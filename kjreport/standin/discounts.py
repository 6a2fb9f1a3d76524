"""Coupons and promotion codes, and what they take off."""

from decimal import ROUND_HALF_UP, Decimal

from kjreport.standin import listing
from kjreport.standin.book import PRIVATE, Book, Json, merge_metadata, public
from kjreport.standin.errors import Refusal, missing

_WHOLE_PERCENT = 100


def create_coupon(book: Book, params: Json) -> Json:
    """Make a coupon: so much off, or such a share."""
    if ("amount_off" in params) == ("percent_off" in params):
        raise Refusal("Must provide percent_off or amount_off.", param="percent_off")
    if "amount_off" in params and "currency" not in params:
        raise Refusal("Must provide currency with amount_off.", code="parameter_missing", param="currency")
    percent = params.get("percent_off")
    if percent is not None and not 0 < percent <= _WHOLE_PERCENT:
        raise Refusal("Invalid percent_off: must be above 0 and at most 100.", param="percent_off")
    if (params.get("duration", "once") == "repeating") != ("duration_in_months" in params):
        message = "duration_in_months goes with duration=repeating, and only with it."
        raise Refusal(message, param="duration_in_months")
    identifier = params.get("id") or book.new_id("", 8).strip("_")
    if book.find(identifier) is not None:
        raise Refusal("Coupon already exists.", code="resource_already_exists", param="id")
    coupon = {
        "id": identifier,
        "object": "coupon",
        "amount_off": params.get("amount_off"),
        "created": book.now,
        "currency": params.get("currency"),
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "name": params.get("name"),
        "percent_off": None if percent is None else float(percent),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    book.put(coupon)
    book.emit("coupon.created", coupon)
    return coupon


def retrieve_coupon(book: Book, _params: Json, identifier: str) -> Json:
    """Return one coupon, as it is at this moment."""
    coupon = book.get("coupon", identifier)
    if coupon.get(PRIVATE, {}).get("deleted"):
        raise missing("coupon", identifier)
    return coupon


def update_coupon(book: Book, params: Json, identifier: str) -> Json:
    """Change a coupon's name or notes."""
    coupon = book.get("coupon", identifier)
    before = public(coupon)
    if "name" in params:
        coupon["name"] = params["name"] or None
    if "metadata" in params:
        coupon["metadata"] = merge_metadata(coupon["metadata"], params["metadata"])
    if public(coupon) != before:
        book.put(coupon)
        book.emit("coupon.updated", coupon, before)
    return coupon


def delete_coupon(book: Book, _params: Json, identifier: str) -> Json:
    """Delete a coupon: nobody can use it any more; who has used it keeps it."""
    coupon = book.get("coupon", identifier)
    coupon |= {"valid": False}
    coupon.setdefault(PRIVATE, {})["deleted"] = True
    book.put(coupon)
    for code in book.every("promotion_code"):
        if code["promotion"]["coupon"] == identifier and code["active"]:
            before = public(code)
            code["active"] = False
            book.put(code)
            book.emit("promotion_code.updated", code, before)
    book.emit("coupon.deleted", coupon)
    return {"id": identifier, "object": "coupon", "deleted": True}


def coupons(book: Book, params: Json) -> Json:
    """List coupons."""

    def keep(each: Json) -> bool:
        return not each.get(PRIVATE, {}).get("deleted")

    return listing.of(book, "coupon", params, url="/v1/coupons", keep=keep)


def create_code(book: Book, params: Json) -> Json:
    """Make a promotion code, the word a customer types."""
    promotion = params["promotion"]
    coupon = book.get("coupon", promotion["coupon"], param="promotion[coupon]")
    rules = params.get("restrictions", {})
    if ("minimum_amount" in rules) != ("minimum_amount_currency" in rules):
        message = "minimum_amount and minimum_amount_currency go together."
        raise Refusal(message, param="restrictions[minimum_amount]")
    code = params.get("code") or book.new_id("", 8).strip("_").upper()
    if any(each["active"] and each["code"].lower() == code.lower() for each in book.every("promotion_code")):
        message = f"An active promotion code with `code: {code}` already exists."
        raise Refusal(message, param="code")
    made = {
        "id": book.new_id("promo"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code,
        "created": book.now,
        "customer": params.get("customer"),
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "promotion": {"type": "coupon", "coupon": coupon["id"]},
        "restrictions": {
            "first_time_transaction": rules.get("first_time_transaction", False),
            "minimum_amount": rules.get("minimum_amount"),
            "minimum_amount_currency": rules.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    book.put(made)
    book.emit("promotion_code.created", made)
    return made


def retrieve_code(book: Book, _params: Json, identifier: str) -> Json:
    """Return one promotion code."""
    return book.get("promotion_code", identifier)


def update_code(book: Book, params: Json, identifier: str) -> Json:
    """Switch a promotion code on or off, or change its notes."""
    code = book.get("promotion_code", identifier)
    before = public(code)
    if "active" in params:
        code["active"] = params["active"]
    if "metadata" in params:
        code["metadata"] = merge_metadata(code["metadata"], params["metadata"])
    book.put(code)
    book.emit("promotion_code.updated", code, before)
    return code


def codes(book: Book, params: Json) -> Json:
    """List promotion codes."""

    def keep(each: Json) -> bool:
        return bool(
            params.get("active") in (None, each["active"])
            and str(params.get("code", each["code"])).lower() == each["code"].lower()
            and params.get("coupon") in (None, each["promotion"]["coupon"])
        )

    return listing.of(book, "promotion_code", params, url="/v1/promotion_codes", keep=keep)


def usable_code(book: Book, text: str, *, customer: str | None, currency: str, amount: int) -> Json | None:
    """Return the promotion code that a customer may use by this word, if there is one."""
    for code in book.every("promotion_code"):
        if (
            code["code"].lower() != text.lower()
            or not code["active"]
            or _is_over(book, code)
            or code["customer"] not in (None, customer)
        ):
            continue
        coupon = book.get("coupon", code["promotion"]["coupon"])
        if is_usable(book, coupon, currency) and _suits(
            book, code, customer=customer, currency=currency, amount=amount
        ):
            return code
    return None


def is_usable(book: Book, coupon: Json, currency: str) -> bool:
    """Tell whether a coupon can be used now, in this currency."""
    gone = not coupon["valid"] or _is_over(book, coupon)
    return not gone and coupon["currency"] in (None, currency)


def _suits(book: Book, code: Json, *, customer: str | None, currency: str, amount: int) -> bool:
    """Tell whether a code's own conditions are met: a first purchase, a least amount."""
    rules = code["restrictions"]
    if rules["minimum_amount"] is not None and (
        rules["minimum_amount_currency"] != currency or amount < rules["minimum_amount"]
    ):
        return False
    if not rules["first_time_transaction"] or customer is None:
        return True
    return not any(each["status"] == "succeeded" for each in book.every("payment_intent", customer=customer))


def _is_over(book: Book, thing: Json) -> bool:
    until = thing.get("expires_at") or thing.get("redeem_by")
    most = thing["max_redemptions"]
    return (until is not None and until <= book.now) or (most is not None and thing["times_redeemed"] >= most)


def taken_off(coupon: Json, amount: int) -> int:
    """Return what a coupon takes off an amount, in minor units, never more than all."""
    if coupon["amount_off"] is not None:
        return min(amount, int(coupon["amount_off"]))
    share = Decimal(str(coupon["percent_off"])) * amount / _WHOLE_PERCENT
    return min(amount, int(share.quantize(Decimal(1), ROUND_HALF_UP)))


def shared_out(whole: int, among: list[int]) -> list[int]:
    """Share a sum out in proportion to amounts, to the penny: what division leaves goes to the largest remainders."""
    total = sum(among)
    if total <= 0:
        return [0] * len(among)
    shares = [whole * each // total for each in among]
    order = sorted(range(len(among)), key=lambda at: (-(whole * among[at] % total), at))
    for at in order[: whole - sum(shares)]:
        shares[at] += 1
    return shares


def redeem(book: Book, code: Json | None, coupon: Json, *, customer: str | None, subscription: str | None) -> Json:
    """Keep a discount made of a coupon, and count the use."""
    for thing in (coupon, code):
        if thing is not None:
            thing["times_redeemed"] += 1
            if thing["max_redemptions"] is not None and thing["times_redeemed"] >= thing["max_redemptions"]:
                thing["valid" if thing["object"] == "coupon" else "active"] = False
            book.put(thing)
    discount = {
        "id": book.new_id("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": customer,
        "end": None,
        "promotion_code": None if code is None else code["id"],
        "source": {"type": "coupon", "coupon": coupon["id"]},
        "start": book.now,
        "subscription": subscription,
    }
    book.put(discount)
    book.emit("customer.discount.created", discount)
    return discount
