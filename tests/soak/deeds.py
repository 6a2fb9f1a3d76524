"""What can happen: each deed is done by a reader, by us, by somebody at Stripe, by a bank, or by time."""

import contextlib
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import stripe  # noqa: TID251 - its errors, as people at Stripe meet them
from django.core.exceptions import PermissionDenied
from django.core.signing import dumps

from donations.models import Pledge
from kjreport.accounts.models import User
from kjreport.management.commands.sweep import Command as Sweep
from kjreport.payments import refunding
from kjreport.payments.models import Customer, EntryKind, Payment
from kjreport.payments.stripe_gateway import GatewayError
from kjreport.standin import subscriptions as standins
from kjreport.standin.book import DAY, HOUR
from kjreport.standin.errors import Refusal
from kjreport.views import erase, find_obstacles
from subscriptions.models import Grant, Price, Subscription
from subscriptions.refunding import NotOfThisSubscription, refund_and_cancel
from tests.soak.dice import Dice
from tests.soak.weather import FATES
from tests.soak.world import CODES, Json, World

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
BANK_ASKS = "4000 0025 0000 3155"
BANK_ASKS_ALWAYS = "4000 0027 6000 3184"
FAILS_LATER = "4000 0000 0000 0341"
COMES_LATER = "4000 0000 0000 7106"
FAILS_AFTER_DAYS = "4000 0000 0000 7205"
_RUNNING = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")
_SWEPT_EVERY = 20 * DAY  # Stripe keeps its letters for thirty days, and the reconciler reads them well before


@dataclass
class Reader:
    """Somebody with an account, and the pages of Stripe's they have open."""

    user: User
    email: str
    tabs: list[str] = field(default_factory=list)
    is_erased: bool = False
    was_granted: bool = False
    had_deleted: bool = False


@dataclass
class Life:
    """One history as it goes on."""

    world: World
    chance: random.Random
    readers: list[Reader] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    swept_at: int = 0
    told: list[str] = field(default_factory=list)  # what happened, for whoever looks into a failure

    def reader(self, number: int) -> Reader:
        """Return a reader, making them if they are new."""
        if number >= len(self.readers):
            email = f"reader-{len(self.readers)}@example.com"
            self.readers.append(Reader(User.objects.create_user(email, None, name="Rosa Reader"), email))
        return self.readers[min(number, len(self.readers) - 1)]

    def key(self) -> str:
        """Return a form's key."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def say(self, what: str) -> None:
        """Note what happened."""
        self.told.append(what)


type Deed = Callable[[Life, Reader, Dice], None]
DEEDS: dict[str, Deed] = {}
WEIGHTS: dict[str, int] = {}


def deed(weight: int) -> Callable[[Deed], Deed]:
    """Let this happen, so often."""

    def enter(function: Deed) -> Deed:
        name = function.__name__
        DEEDS[name], WEIGHTS[name] = function, weight
        return function

    return enter


# Readers --------------------------------------------------------------------------------------------------------------


@deed(18)
def subscribe(life: Life, reader: Reader, dice: Dice) -> None:
    """Press “Subscribe”, once, twice or in two tabs; pay or not; come back or not."""
    form = {"key": life.key(), "price": str(_price(dice.pick(["month", "year"])).pk), "return_to": ""}
    presses = [form] * dice.pick([1, 1, 1, 2])
    if dice.pick([False, False, False, True]):
        presses = [*presses, form | {"key": life.key()}]
    leads_to = [life.world.site.ask(reader.user, "POST", "/subscribe/start/", each).leads_to for each in presses]
    _go_and_pay(life, reader, leads_to[-1] if dice.pick([True, True, True, False]) else leads_to[0], dice, _ways(dice))


@deed(3)
def go_back_to_a_tab(life: Life, reader: Reader, dice: Dice) -> None:
    """Pay on a page of Stripe's that was left open."""
    if reader.tabs:
        _pay(life, reader, dice.pick(reader.tabs), dice, [(GOOD, True)])


def _price(interval: str) -> Price:
    return Price.objects.on_offer().get(interval=interval)


def _ways(dice: Dice) -> list[tuple[str, bool]]:
    """Choose the cards a payer tries, one after another, each with their answer to the bank."""
    return dice.pick(
        [
            [(GOOD, True)],
            [(GOOD, True)],
            [(FAILS_LATER, True)],
            [],
            [(DECLINED, True)],
            [(DECLINED, True), (GOOD, True)],
            [(BANK_ASKS, True)],
            [(BANK_ASKS, False)],
            [(BANK_ASKS, False), (GOOD, True)],
            [(BANK_ASKS_ALWAYS, True)],
        ]
    )


def _go_and_pay(life: Life, reader: Reader | None, address: str, dice: Dice, ways: list[tuple[str, bool]]) -> None:
    if not address.startswith(f"{life.world.till.url}/c/pay/"):
        life.say(f"  led to {address or 'nowhere'}")
        if reader is not None and "/return/" in address:
            life.world.site.ask(reader.user, "GET", _path(life, address))
        return
    session = urlsplit(address).path.rsplit("/", 1)[-1]
    if reader is not None and session not in reader.tabs:
        reader.tabs.append(session)
    _pay(life, reader, session, dice, ways)


def _pay(life: Life, reader: Reader | None, session: str, dice: Dice, ways: list[tuple[str, bool]]) -> None:
    code = dice.pick(["", "", "", "", "", *CODES])
    back, looks = "", dice.pick([1, 1, 0, 2])
    for card, confirms in ways:
        with contextlib.suppress(ValueError):
            fields = {"email": life.guests[-1]} if reader is None else {}
            back = life.world.till.pay(
                session, card=card, confirm=confirms, **fields, **({"code": code} if code else {})
            )
            life.say(f"  {session[:12]} paid with {card[-4:]} {code}")
            break
    for _ in range(looks if back.startswith(life.world.site.url) else 0):
        life.world.site.ask(None if reader is None else reader.user, "GET", _path(life, back))


def _path(life: Life, address: str) -> str:
    return address.removeprefix(life.world.site.url)


def _open_portal(life: Life, reader: Reader, wish: str) -> str:
    """Press a button of ours; return the portal's address, or nothing if it led elsewhere."""
    address = life.world.site.ask(reader.user, "POST", "/subscribe/manage/", {"wish": wish}).leads_to
    return address if address.startswith(f"{life.world.till.url}/p/session/") else ""


def _in_portal(life: Life, reader: Reader, address: str, dice: Dice, **form: str) -> None:
    """Send a form in the portal, and come back to us, or not."""
    with contextlib.suppress(ValueError):
        life.world.till.press(address, **form)
    if dice.pick([True, True, False]):
        life.world.site.ask(reader.user, "GET", "/subscribe/manage/")


def _subscriptions_of(life: Life, reader: Reader) -> list[Json]:
    ids = list(Customer.objects.filter(user=reader.user).values_list("stripe_id", flat=True))
    with life.world.till.engine.book() as book:
        return [each for stripe_id in ids if stripe_id for each in book.every("subscription", customer=stripe_id)]


def _running(life: Life, reader: Reader) -> list[Json]:
    return [each for each in _subscriptions_of(life, reader) if each["status"] in _RUNNING]


@deed(6)
def cancel_in_portal(life: Life, reader: Reader, dice: Dice) -> None:
    """Cancel by our button and the portal's question."""
    running, root = _running(life, reader), _open_portal(life, reader, "cancel")
    if root and running:
        _in_portal(life, reader, f"{root}/cancel/{dice.pick(running)['id']}", dice)


@deed(5)
def keep(life: Life, reader: Reader, dice: Dice) -> None:
    """Take a cancellation back, with us or in the portal."""
    if dice.pick([True, False]):
        life.world.site.ask(reader.user, "POST", "/subscribe/manage/", {"wish": "keep"})
        return
    running, root = _running(life, reader), _open_portal(life, reader, "manage")
    if root and running:
        _in_portal(life, reader, f"{root}/keep/{dice.pick(running)['id']}", dice)


@deed(4)
def change_card(life: Life, reader: Reader, dice: Dice) -> None:
    """Give another card in the portal."""
    root = _open_portal(life, reader, "card")
    if root:
        card = dice.pick([GOOD, FAILS_LATER, BANK_ASKS_ALWAYS, DECLINED])
        form = {"number": card, "expiry": "12/40", "cvc": "123", "name": "Rosa Reader", "country": "GB"}
        _in_portal(life, reader, f"{root}/card", dice, **form)


@deed(4)
def switch_price(life: Life, reader: Reader, dice: Dice) -> None:
    """Switch between month and year in the portal."""
    running, root = _running(life, reader), _open_portal(life, reader, "manage")
    if root and running:
        chosen = dice.pick(running)
        now = chosen["items"]["data"][0]["price"]["id"]
        others = [each for each in Price.objects.on_offer() if each.stripe_price_id != now]
        form = {"price": others[0].stripe_price_id or "", "action": "confirm"}
        _in_portal(life, reader, f"{root}/switch/{chosen['id']}", dice, **form)


@deed(2)
def change_billing_address(life: Life, reader: Reader, dice: Dice) -> None:
    """Give another e-mail address in the portal."""
    root = _open_portal(life, reader, "manage")
    if root:
        _in_portal(life, reader, f"{root}/details", dice, email=f"accounts-of-{reader.email}")


@deed(7)
def pay_open_invoice(life: Life, reader: Reader, dice: Dice) -> None:
    """Mend a failed payment on the invoice's own page."""
    for each in _subscriptions_of(life, reader):
        with life.world.till.engine.book() as book:
            invoice = book.get("invoice", each["latest_invoice"])
        if invoice["status"] == "open":
            card, confirms = dice.pick([(GOOD, True), (BANK_ASKS, True), (BANK_ASKS, False), (DECLINED, True)])
            with contextlib.suppress(ValueError):
                life.world.till.pay_invoice(invoice["id"], card=card, confirm=confirms)
                life.say(f"  {invoice['id'][:12]} paid with {card[-4:]}")


@deed(2)
def read(_life: Life, reader: Reader, _dice: Dice) -> None:
    """Open a piece: who is shut out by an old mirror is looked up once more."""
    User.objects.get(pk=reader.user.pk).has_perm("articles.read_analyses")


@deed(6)
def give_once(life: Life, reader: Reader, dice: Dice) -> None:
    """Give, with an account or without."""
    cards = [[(GOOD, True)], [(BANK_ASKS, True)], [(DECLINED, True)], [], [(COMES_LATER, True)]]
    _give(life, reader, dice, "once", dice.pick([*cards, [(FAILS_AFTER_DAYS, True)], [(DECLINED, True), (GOOD, True)]]))


@deed(4)
def give_monthly(life: Life, reader: Reader, dice: Dice) -> None:
    """Promise to give every month, with an account or without."""
    _give(life, reader, dice, "monthly", dice.pick([[(GOOD, True)], [(FAILS_LATER, True)], [(DECLINED, True)]]))


def _give(life: Life, reader: Reader, dice: Dice, rhythm: str, ways: list[tuple[str, bool]]) -> None:
    giver = dice.pick([reader, reader, None])
    form = {"key": life.key(), "rhythm": rhythm, "own_amount": dice.pick(["5", "25", "12.34"]), "name": "", "note": ""}
    if giver is None:
        life.guests.append(f"guest-{len(life.guests)}@example.com")
    presses = dice.pick([1, 1, 2])
    leads_to = [
        life.world.site.ask(None if giver is None else giver.user, "POST", "/donate/", form).leads_to
        for _ in range(presses)
    ]
    _go_and_pay(life, giver, leads_to[-1], dice, ways)


@deed(3)
def stop_giving(life: Life, reader: Reader, dice: Dice) -> None:
    """Stop a monthly gift, on the account's page or by the link in a receipt."""
    pledges = list(Pledge.objects.order_by("stripe_id"))
    if not pledges:
        return
    pledge = dice.pick(pledges)
    if dice.pick([True, False]):
        life.world.site.ask(reader.user, "POST", f"/donate/stop-mine/{pledge.pk}/")
    else:
        life.world.site.ask(None, "POST", f"/donate/stop/{dumps(pledge.pk, salt='donations.stop-pledge')}/")


@deed(2)
def erase_account(life: Life, reader: Reader, _dice: Dice) -> None:
    """Close an account for good, where nothing stands against it."""
    user = User.objects.get(pk=reader.user.pk)
    if not reader.is_erased and not find_obstacles(user):
        erase(user)
        reader.is_erased = True
        life.say("  erased")


# Colleagues -----------------------------------------------------------------------------------------------------------


def _received(reader: Reader) -> list[Payment]:
    return list(Payment.objects.filter(kind=EntryKind.PAYMENT, customer__user=reader.user).order_by("stripe_id"))


@deed(4)
def refund(life: Life, reader: Reader, dice: Dice) -> None:
    """Give a payment back from our desk, pressed once or twice."""
    payments = _received(reader)
    if payments:
        payment = dice.pick(payments)
        for _ in range(dice.pick([1, 2])):
            with contextlib.suppress(refunding.NothingLeft, GatewayError):
                refunding.refund(payment, by=life.world.owner)


@deed(4)
def refund_and_end(life: Life, reader: Reader, dice: Dice) -> None:
    """Give a payment back from our desk, and end the subscription."""
    rows = list(Subscription.objects.filter(customer__user=reader.user).order_by("stripe_id"))
    payments = _received(reader)
    if rows and payments:
        row, payment = dice.pick(rows), dice.pick(payments)
        for _ in range(dice.pick([1, 2])):
            with contextlib.suppress(refunding.NothingLeft, GatewayError, NotOfThisSubscription, PermissionDenied):
                refund_and_cancel(row, payment, by=life.world.owner)


@deed(1)
def grant(life: Life, reader: Reader, dice: Dice) -> None:
    """Give access, for some days or for good."""
    if not reader.is_erased:
        now = life.world.clock.now()
        until = dice.pick([now + timedelta(days=30), now + timedelta(days=3), None])
        Grant.objects.create(user=reader.user, granted_by=life.world.owner, reason="Prize", begins_at=now, until=until)
        reader.was_granted = True


# Somebody at Stripe ---------------------------------------------------------------------------------------------------


def _charges(life: Life) -> list[Json]:
    with life.world.till.engine.book() as book:
        return [each for each in book.every("charge") if each["paid"]]


@deed(5)
def refund_at_stripe(life: Life, _reader: Reader, dice: Dice) -> None:
    """Give a payment back, whole or in part, in Stripe's dashboard."""
    charges = _charges(life)
    if charges:
        charge = dice.pick(charges)
        asked = {"charge": charge["id"]} | dice.pick([{}, {"amount": 1}, {"amount": charge["amount"] // 2 or 1}])
        with contextlib.suppress(stripe.StripeError):
            life.world.dashboard.refunds.create(asked)


@deed(2)
def refund_fails(life: Life, _reader: Reader, dice: Dice) -> None:
    """A refund comes back: the card's account is closed."""
    with life.world.till.engine.book() as book:
        made = [each for each in book.every("refund") if each["status"] == "succeeded"]
    if made:
        life.world.till.fail_refund(dice.pick(made)["id"])


@deed(3)
def end_at_stripe(life: Life, reader: Reader, dice: Dice) -> None:
    """End a subscription or a monthly gift in Stripe's dashboard, now or later."""
    running = _running(life, reader)
    if running:
        chosen = dice.pick(running)["id"]
        later = life.world.clock.moment + dice.pick([3 * DAY, 10 * DAY, 40 * DAY])
        with contextlib.suppress(stripe.StripeError):
            match dice.pick(["period", "date", "now"]):
                case "now":
                    life.world.dashboard.subscriptions.cancel(chosen)
                case "date":
                    life.world.dashboard.subscriptions.update(chosen, {"cancel_at": later})
                case _:
                    life.world.dashboard.subscriptions.update(chosen, {"cancel_at_period_end": True})


@deed(3)
def pause_or_resume(life: Life, reader: Reader, dice: Dice) -> None:
    """Pause a running subscription, or resume a paused one."""
    running = _running(life, reader)
    if running:
        chosen = dice.pick(running)
        with contextlib.suppress(stripe.StripeError):
            if chosen["status"] == "paused":
                life.world.dashboard.subscriptions.resume(chosen["id"])
            else:
                life.world.dashboard.subscriptions.pause(chosen["id"], {"type": "subscription"})


@deed(1)
def begin_a_trial_by_hand(life: Life, reader: Reader, dice: Dice) -> None:
    """Somebody gives a customer a trial in Stripe's dashboard."""
    customer = Customer.objects.filter(user=reader.user, stripe_id__isnull=False, deleted_at=None).first()
    if customer is None or _running(life, reader):
        return
    days = dice.pick([7, 30, 2])
    with contextlib.suppress(Refusal), life.world.till.engine.book() as book:
        known = book.get("customer", customer.stripe_id or "")
        if not known.get("deleted"):
            price = book.get("price", _price(dice.pick(["month", "year"])).stripe_price_id or "")
            method = (known["invoice_settings"] or {}).get("default_payment_method")
            order = standins.Order(
                customer=known["id"], items=[(price, 1)], metadata={}, trial_end=book.now + days * DAY
            )
            standins.begin(book, order, None if method is None else book.find(method))


@deed(1)
def delete_customer(life: Life, reader: Reader, _dice: Dice) -> None:
    """Somebody deletes a customer in Stripe's dashboard."""
    customer = Customer.objects.filter(user=reader.user, stripe_id__isnull=False).first()
    if customer is not None:
        with contextlib.suppress(stripe.StripeError):
            life.world.dashboard.customers.delete(customer.stripe_id)
            reader.had_deleted = True


# Banks ----------------------------------------------------------------------------------------------------------------


@deed(3)
def dispute(life: Life, _reader: Reader, dice: Dice) -> None:
    """A bank takes a payment back."""
    charges = [each for each in _charges(life) if not each["disputed"]]
    if charges:
        with contextlib.suppress(Refusal):
            life.world.till.open_dispute(dice.pick(charges)["payment_intent"])


@deed(3)
def decide_dispute(life: Life, _reader: Reader, dice: Dice) -> None:
    """A bank decides."""
    with life.world.till.engine.book() as book:
        pending = [each for each in book.every("dispute") if each["status"] == "needs_response"]
    if pending:
        life.world.till.close_dispute(dice.pick(pending)["id"], status=dice.pick(["won", "lost"]))


@deed(1)
def warn_of_fraud(life: Life, _reader: Reader, dice: Dice) -> None:
    """A bank suspects something."""
    charges = _charges(life)
    if charges:
        life.world.till.warn_of_fraud(dice.pick(charges)["payment_intent"])


@deed(4)
def card_changes(life: Life, reader: Reader, dice: Dice) -> None:
    """From now on a reader's card fails, or pays."""
    customer = Customer.objects.filter(user=reader.user, stripe_id__isnull=False, deleted_at=None).first()
    if customer is not None:
        life.world.till.set_card(customer.stripe_id or "", works=dice.pick([False, True]))


# Time and chance ------------------------------------------------------------------------------------------------------


@deed(14)
def time_passes(life: Life, _reader: Reader, dice: Dice) -> None:
    """Hours, days or months go by; the sweeper runs now and then."""
    seconds = dice.pick([HOUR, 2 * HOUR, 6 * 60, DAY, 3 * DAY, 8 * DAY, 15 * DAY, 32 * DAY, 32 * DAY, 62 * DAY])
    _pass(life, seconds, dice.below(1000))


@deed(1)
def a_year_passes(life: Life, _reader: Reader, dice: Dice) -> None:
    """A year goes by."""
    _pass(life, 366 * DAY, dice.below(1000))


def _pass(life: Life, seconds: int, how: int) -> None:
    world, until = life.world, life.world.clock.moment + seconds
    while world.clock.moment < until:
        due = max(life.swept_at + _SWEPT_EVERY, world.clock.moment + 1)
        world.pass_time(min(until, due) - world.clock.moment)
        if world.clock.moment >= due:
            world.settle(how and how + world.clock.moment)
            world.weather.clear()  # no weather lasts for weeks
            sweep(life)


@deed(3)
def somebody_sweeps(life: Life, _reader: Reader, _dice: Dice) -> None:
    """The sweeper runs."""
    sweep(life)


def sweep(life: Life) -> None:
    """Do what `manage.py sweep` does."""
    Sweep().sweep()
    if not life.world.weather.coming:
        life.swept_at = life.world.clock.moment


@deed(6)
def bad_weather(life: Life, _reader: Reader, dice: Dice) -> None:
    """The next calls to Stripe come to no good, some of them."""
    life.world.weather.coming = [dice.pick(FATES) for _ in range(1 + dice.below(9))]
