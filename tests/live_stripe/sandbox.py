"""What a journey does in a test account that no reader of ours can do by API: pay, let time pass, break a card."""

import os
import time
import uuid
from types import TracebackType
from typing import Any, Protocol, Self

import stripe  # noqa: TID251 - these tests stand on Stripe's side of the counter

from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn

STRIPES_OWN = "https://api.stripe.com"
GOOD, FAILS_LATER = "good", "fails later"
_CARDS = {GOOD: "pm_card_visa", FAILS_LATER: "pm_card_chargeCustomerFail"}
_CLOCK_TAKES = 180.0  # seconds that Stripe may take to let months pass
MONTH = 32 * 86_400


def read_environment() -> tuple[str, bool]:
    """Return the key and whether this is a rehearsal on the stand-in.

    Raises:
        ValueError: nothing to run against, or a key that opens real money.
    """
    if os.environ.get("STRIPE_SANDBOX_REHEARSAL") == "1":
        return "", True
    key = os.environ.get("STRIPE_SANDBOX_KEY", "")
    if not key:
        raise ValueError("Set STRIPE_SANDBOX_KEY to the secret test key of an account, or STRIPE_SANDBOX_REHEARSAL=1.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ValueError("STRIPE_SANDBOX_KEY is no test key. These journeys never run with real money.")
    return key, False


class Sandbox(Protocol):
    """An account, and what Stripe's side can do in it."""

    key: str
    base: str
    site: str
    api: stripe.StripeClient

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Put away what was made."""

    def a_customer(self, *, user_id: str) -> tuple[str, str]:
        """Make a customer with a clock of their own; return both ids."""

    def subscribe(self, customer: str, price: str, metadata: dict[str, str]) -> str:
        """Have a customer with a good card subscribe; return the subscription's id."""

    def break_card(self, customer: str) -> None:
        """Have every later charge fail."""

    def pass_time(self, clock: str, seconds: int) -> None:
        """Let time pass for whoever lives by this clock, with all that falls due."""

    def pay(self, session: str) -> str:
        """Go through a Checkout page; return the session's status afterwards, or nothing if no one can here."""


class _Account:
    """What both have in common: a site of its own for each run, and clocks."""

    key = base = ""

    def __init__(self) -> None:
        """Name this run, so that runs do not meet in one account."""
        self.site = f"kj-live-{uuid.uuid4().hex[:10]}"
        self._clocks: list[str] = []
        self.api = stripe.StripeClient(
            self.key, stripe_version=gateway.API_VERSION, base_addresses={"api": self.base}, max_network_retries=3
        )

    def a_customer(self, *, user_id: str) -> tuple[str, str]:
        clock = self.api.v1.test_helpers.test_clocks.create({"frozen_time": int(time.time()), "name": self.site})
        self._clocks.append(clock.id)
        made = self.api.v1.customers.create(
            {
                "email": "reader@example.org",
                "test_clock": clock.id,
                "metadata": {"site": self.site, "user_id": user_id},
            }
        )
        return made.id, clock.id

    def pass_time(self, clock: str, seconds: int) -> None:
        clocks = self.api.v1.test_helpers.test_clocks
        clocks.advance(clock, {"frozen_time": clocks.retrieve(clock).frozen_time + seconds})
        until = time.monotonic() + _CLOCK_TAKES
        while (status := clocks.retrieve(clock).status) == "advancing":
            assert time.monotonic() < until, "The clock did not arrive."
            time.sleep(2 if self.base == STRIPES_OWN else 0)
        assert status == "ready", status


class Live(_Account):
    """Stripe itself, in test mode."""

    def __init__(self, key: str) -> None:
        """Take the key, which `read_environment` has looked at."""
        self.key, self.base = key, STRIPES_OWN
        super().__init__()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Delete clocks, and with them their customers; retire what cannot be deleted."""
        v1 = self.api.v1
        for clock in self._clocks:
            v1.test_helpers.test_clocks.delete(clock)
        for endpoint in v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter():
            if self.site in endpoint.url:
                v1.webhook_endpoints.delete(endpoint.id)
        for configuration in v1.billing_portal.configurations.list({"active": True, "limit": 100}).auto_paging_iter():
            if (configuration.to_dict(for_json=True)["metadata"] or {}).get("site") == self.site:
                v1.billing_portal.configurations.update(configuration.id, {"active": False})
        for product in v1.products.list({"active": True, "limit": 100}).auto_paging_iter():
            if product.id.startswith(self.site):
                v1.products.update(product.id, {"active": False})

    def subscribe(self, customer: str, price: str, metadata: dict[str, str]) -> str:
        self._give_card(customer, GOOD)
        made = self.api.v1.subscriptions.create(
            {"customer": customer, "items": [{"price": price}], "metadata": metadata}
        )
        return made.id

    def break_card(self, customer: str) -> None:
        self._give_card(customer, FAILS_LATER)

    def _give_card(self, customer: str, card: str) -> None:
        method = self.api.v1.payment_methods.attach(_CARDS[card], {"customer": customer})
        self.api.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})

    def pay(self, session: str) -> str:
        """Nobody can fill Stripe's page in by API."""
        assert session
        return ""


class Rehearsal(_Account):
    """The stand-in, so that these journeys themselves can be tried out. It proves nothing about Stripe."""

    def __init__(self) -> None:
        """Open a stand-in."""
        self._till = StandIn(deliver="hold")
        self.key, self.base = "sk_test_rehearsal", self._till.url
        super().__init__()

    def __enter__(self) -> Self:
        self._till.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._till.stop()

    def subscribe(self, customer: str, price: str, metadata: dict[str, str]) -> str:
        """The stand-in takes cards on its page only."""
        asked: Any = {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": price, "quantity": 1}],
            "subscription_data": {"metadata": metadata},
            "success_url": "http://127.0.0.1:9/",
        }
        session = self.api.v1.checkout.sessions.create(asked)
        self._till.pay(session.id)
        return str(self.api.v1.checkout.sessions.retrieve(session.id).subscription)

    def break_card(self, customer: str) -> None:
        self._till.set_card(customer, works=False)

    def pay(self, session: str) -> str:
        self._till.pay(session)
        return str(self.api.v1.checkout.sessions.retrieve(session).status)
