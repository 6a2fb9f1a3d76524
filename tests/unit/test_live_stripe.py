"""The journeys in a real Stripe account: never by accident, never with real money, and what they would notice."""

import pytest

from tests.live_stripe.sandbox import read_environment
from tests.live_stripe.test_shapes import differences

LIVE = "sk_" + "live_1"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_SANDBOX_KEY", raising=False)
    monkeypatch.delenv("STRIPE_SANDBOX_REHEARSAL", raising=False)


@pytest.mark.parametrize("key", [LIVE, LIVE.replace("sk", "rk"), "pk_test_1", "something"])
def test_a_key_to_real_money_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SANDBOX_KEY", key)
    with pytest.raises(ValueError, match="no test key"):
        read_environment()


def test_without_a_key_it_says_what_to_set() -> None:
    with pytest.raises(ValueError, match="STRIPE_SANDBOX_KEY"):
        read_environment()


@pytest.mark.parametrize("key", ["sk_test_1", "rk_test_1"])
def test_a_test_key_is_taken(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SANDBOX_KEY", key)
    assert read_environment() == (key, False)


def test_a_rehearsal_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SANDBOX_REHEARSAL", "1")
    assert read_environment() == ("", True)


def test_what_differs_is_named() -> None:
    at_stripe = {"id": "1", "amount": 1, "lines": {"data": [{"new": True}]}, "metadata": {"a": "b"}, "maybe": None}
    practised = {"id": "1", "amount": "1", "lines": {"data": [{"old": True}]}, "metadata": {}, "maybe": 1}
    assert list(differences(at_stripe, practised, "invoice")) == [
        "invoice.amount: int at Stripe, str at the stand-in",
        "invoice.lines.data[].new: Stripe has it, the stand-in has not",
        "invoice.lines.data[].old: the stand-in has it, Stripe has not",
    ]
    assert list(differences(at_stripe, at_stripe, "invoice")) == []
