"""A stand-in with a frozen clock and held letters, the real library before it, and an ear for the letters."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.server import StandIn

START = 1_735_689_600  # 1 January 2025, midnight
SECRET = "whsec_contract"


@dataclass
class Ear:
    """Hears letters, and answers each with the next of `answers`, or 200."""

    url: str = ""
    heard: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Listen for letters on loopback."""
    listening = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listening.heard.append((body, self.headers["Stripe-Signature"]))
            self.send_response(listening.answers.pop(0) if listening.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.url = f"http://127.0.0.1:{server.server_address[1]}/stripe/webhook/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield listening
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def standin(ear: Ear) -> Iterator[StandIn]:
    """A stand-in whose clock stands still and whose letters wait."""
    with StandIn(webhook_url=ear.url, secret=SECRET, deliver="hold", start_at=START, seed=7) as running:
        yield running


@pytest.fixture
def client(standin: StandIn) -> stripe.StripeClient:
    """The library, as the site sets it up."""
    return client_of(standin)


def client_of(standin: StandIn, key: str = "sk_test_contract") -> stripe.StripeClient:
    """Return the library before a stand-in."""
    return stripe.StripeClient(
        key,
        stripe_version="2026-10-28.endive",
        base_addresses={"api": standin.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(3.05, 15)),
    )


@dataclass
class Shop:
    """A catalogue and a customer, and the quickest way to a subscription."""

    client: stripe.StripeClient
    standin: StandIn
    product: str
    monthly: str
    yearly: str
    customer: str

    def session(self, **changes: Any) -> Any:
        """Open a checkout session for a subscription, or with whatever is changed."""
        params: dict[str, Any] = {
            "mode": "subscription",
            "customer": self.customer,
            "client_reference_id": "reader-1",
            "line_items": [{"price": self.monthly, "quantity": 1}],
            "subscription_data": {"metadata": {"kind": "subscription"}},
            "metadata": {"attempt": "1", "site": "kjreport"},
            "success_url": "http://127.0.0.1:9/return/?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:9/subscribe/",
            "adaptive_pricing": {"enabled": False},
            "locale": "en-GB",
        }
        params |= changes
        given: Any = {name: value for name, value in params.items() if value is not None}
        return self.client.v1.checkout.sessions.create(given)

    def gift(self, amount: int = 2_500, **changes: Any) -> Any:
        """Open a checkout session for a gift made once."""
        line = {"price_data": {"currency": "gbp", "unit_amount": amount, "product": self.product}, "quantity": 1}
        return self.session(
            **{"mode": "payment", "subscription_data": None, "line_items": [line], "submit_type": "donate"} | changes
        )

    def subscribe(self, card: str = "4242424242424242", **changes: Any) -> Any:
        """Subscribe with a card; return the subscription as the library gives it."""
        session = self.session(**changes)
        self.standin.pay(session.id, card=card)
        done = self.client.v1.checkout.sessions.retrieve(session.id)
        return self.client.v1.subscriptions.retrieve(str(done.subscription))


@pytest.fixture
def shop(client: stripe.StripeClient, standin: StandIn) -> Shop:
    """A product with a monthly and a yearly price, and a customer."""
    product = client.v1.products.create({"name": "KJ Report"})
    monthly, yearly = (
        client.v1.prices.create(
            {
                "product": product.id,
                "currency": "gbp",
                "unit_amount": amount,
                "recurring": {"interval": interval},
                "lookup_key": interval,
                "tax_behavior": "inclusive",
            }
        )
        for interval, amount in (("month", 1_000), ("year", 10_000))
    )
    customer = client.v1.customers.create(
        {"email": "reader@example.org", "name": "A. Reader", "metadata": {"user_id": "1", "site": "kjreport"}},
        {"idempotency_key": "customer-1"},
    )
    return Shop(client, standin, product.id, monthly.id, yearly.id, customer.id)
