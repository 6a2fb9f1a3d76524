"""A practice till and what a reader, Stripe and time do with it."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments.models import Customer
from kjreport.payments.snapshots import Notification
from kjreport.standin.server import StandIn
from subscriptions.models import Price

OUR_SECRET = "whsec_tests"
GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
BANK_ASKS_CARD = "4000 0025 0000 3155"
FAILS_LATER_CARD = "4000 0000 0000 0341"


def a_price(interval: str = "month") -> Price:
    """Give the price on offer for that interval."""
    return Price.objects.on_offer().get(interval=interval)


def press_subscribe(client: Client, *, interval: str = "month", return_to: str = "", key: str = "") -> Any:
    """Press “Subscribe”."""
    form = {"key": key or str(uuid.uuid4()), "price": str(a_price(interval).pk), "return_to": return_to}
    return client.post("/subscribe/start/", form)


def session_in(response: Any) -> str:
    """Find the session in the address of Stripe's page."""
    return str(urlsplit(response["Location"]).path.rsplit("/", 1)[-1])


def path_of(address: str) -> str:
    """Cut our own host off."""
    assert address.startswith("http://testserver/"), address
    return address.removeprefix("http://testserver")


def subscribe(client: Client, till: StandIn, *, card: str = GOOD_CARD, **fields: str) -> Any:
    """Go the whole way of a subscriber, and return what the return page answers."""
    session = session_in(press_subscribe(client, **fields))
    return client.get(path_of(till.pay(session, card=card)))


def cancel_in_portal(client: Client, till: StandIn) -> str:
    """Cancel as a reader does: our button, the portal's own question, and back; return our path."""
    response = client.post("/subscribe/manage/", {"wish": "cancel"})
    question = requests.get(response["Location"], timeout=10).url
    return path_of(till.press(question))


def read_letters(till: StandIn, *, reverse: bool = False, twice: bool = False) -> None:
    """Put every letter of the till through the inbox."""
    letters = till.events()
    for data in reversed(letters) if reverse else letters:
        for _ in range(2 if twice else 1):
            inbox.receive(Notification.read(data))
    inbox.sweep()


def customer_of(user: User) -> str:
    """Give Stripe's id of a reader."""
    return Customer.objects.get(user=user).stripe_id or ""


def may_read(user: User) -> bool:
    """Ask the wall's question, of a reader just fetched."""
    return User.objects.get(pk=user.pk).has_perm("articles.read_analyses")


def a_letter(kind: str = "customer.created", **fields: Any) -> dict[str, Any]:
    """Write a letter as Stripe would."""
    thing = fields.pop("thing", {"id": "cus_1", "object": "customer"})
    return {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "type": kind,
        "data": {"object": thing},
        **fields,
    }


def html_of(letter: Any) -> str:
    """Give the HTML part of a mail of ours."""
    [alternative] = letter.alternatives
    return str(alternative.content)


def sign(body: bytes, *, secret: str = OUR_SECRET, at: int | None = None) -> str:
    """Sign a letter as Stripe does."""
    moment = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={mac.hexdigest()}"


def post_letter(client: Client, letter: dict[str, Any] | bytes, signature: str | None = None, **headers: str) -> Any:
    """Send a letter to our door."""
    body = letter if isinstance(letter, bytes) else json.dumps(letter).encode()
    return client.post(
        "/stripe/webhook/",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": sign(body) if signature is None else signature, **headers},
    )
