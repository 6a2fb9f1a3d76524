"""Bad weather between the site and Stripe: answers that are errors, that never come, or are lost on the way."""

import json
from typing import TYPE_CHECKING, Any

import stripe  # noqa: TID251 - put before the real library, as the wire is

from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.direct import DirectClient

if TYPE_CHECKING:
    from collections.abc import Mapping

FATES = ("well", "500", "429", "500 after", "lost", "lost after", "nonsense")


class Weather:
    """What the next calls come to, one after another; then all is well."""

    def __init__(self) -> None:
        """Begin fair."""
        self.coming: list[str] = []

    def clear(self) -> None:
        """Let all be well."""
        self.coming = []

    def next(self) -> str:
        """Return what the present call comes to."""
        return self.coming.pop(0) if self.coming else "well"


def _answer(fate: str) -> "tuple[str, int, Mapping[str, str]]":
    if fate == "nonsense":
        return "<html>Bad gateway</html>", 200, {}
    status = 429 if fate == "429" else 500
    kind = "rate_limit_error" if fate == "429" else "api_error"
    return json.dumps({"error": {"type": kind, "message": "The weather is bad."}}), status, {}


def _in_weather(client: Any, weather: Weather) -> Any:
    """Return a client class as this one, out in the weather; it waits for nothing between two tries."""

    class Outside(client):  # type: ignore[misc]
        def request(self, *arguments: Any, **named: Any) -> Any:
            fate = weather.next()
            if fate != "well" and "after" not in fate:
                return _come_to(fate)
            answer = super().request(*arguments, **named)
            return answer if fate == "well" else _come_to(fate)

        def _sleep_time_seconds(self, *_arguments: Any, **_named: Any) -> float:
            return 0.0

    return Outside


def _come_to(fate: str) -> Any:
    if fate.startswith("lost"):
        error = stripe.APIConnectionError("Nobody answered.", should_retry=True)  # type: ignore[no-untyped-call]
        raise error
    return _answer(fate)


def straight_client(base: str, engine: Any, weather: Weather) -> stripe.StripeClient:
    """Return the library's client that calls the stand-in in this process, in the weather."""
    return _client(base, _in_weather(DirectClient, weather)(engine))


def wired_client_class(weather: Weather) -> Any:
    """Return the gateway's own wire, in the weather."""
    return _in_weather(gateway._PunctualClient, weather)


def dashboard(base: str, engine: Any) -> stripe.StripeClient:
    """Return a client for what people do at Stripe itself, where the weather does not reach."""
    return _client(base, DirectClient(engine))


def _client(base: str, http: Any) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_tests",
        stripe_version=gateway.API_VERSION,
        base_addresses={"api": base},
        max_network_retries=2,
        http_client=http,
    )
