"""A question over the wire is over by its deadline, whatever the other side does."""

import socket
import threading
import time
from typing import Any

import pytest

from kjreport.payments import deadlines
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from tests.integration.money.wire import BROKEN, SLOW, a_rude_server


def ask(seconds: float) -> float:
    """Ask in vain; return how long it took."""
    began = time.monotonic()
    with pytest.raises(gateway.GatewayUnavailable), gateway.within(seconds):
        gateway.find_customer("cus_1")
    return time.monotonic() - began


@pytest.mark.parametrize("manner", SLOW)
def test_an_answer_that_never_ends_is_cut_off_at_the_deadline(settings: Any, manner: str) -> None:
    with a_rude_server(manner) as settings.STRIPE_API_BASE:
        assert 0.3 < ask(0.4) < 2


@pytest.mark.parametrize("manner", BROKEN)
def test_an_answer_that_breaks_off_is_none(settings: Any, manner: str) -> None:
    with a_rude_server(manner) as settings.STRIPE_API_BASE:
        assert ask(0.9) < 3


def test_without_a_deadline_one_answer_still_has_an_end(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "WHOLE", 0.2)
    monkeypatch.setattr("stripe.HTTPClient.MAX_DELAY", 0)
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0)
    with a_rude_server("dribble_the_body") as settings.STRIPE_API_BASE:
        assert ask(float("inf")) < 3


def test_a_slow_answer_within_the_time_is_taken(settings: Any) -> None:
    with StandIn(deliver="hold") as standin:
        settings.STRIPE_API_BASE = standin.url
        made = gateway.create_customer(key="1", email="reader@example.org", user_id="1")
        standin.fail_next(1, status="trickle", seconds=0.5)
        with gateway.within(5):
            found = gateway.find_customer(made)
        assert found is not None
        assert found.id == made
        with gateway.within(5):  # the same connection, kept open
            assert gateway.find_customer(made) == found


def test_a_name_that_is_not_found_in_time_is_not_waited_for(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [is_over.wait(20)][1:])
    settings.STRIPE_API_BASE = "http://localhost:9"
    try:
        assert 0.2 < ask(0.3) < 2
    finally:
        is_over.set()


def test_all_addresses_of_a_name_share_the_time_for_connecting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def unreachable(address: tuple[str, int], timeout: float, *_: object) -> None:
        tried.append(address[0])
        time.sleep(min(timeout, 0.3))
        raise TimeoutError

    monkeypatch.setattr(deadlines, "create_connection", unreachable)
    many = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number}", 9)) for number in range(1, 60)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: many)
    settings.STRIPE_API_BASE = "http://localhost:9"
    assert ask(0.7) < 2
    assert len(set(tried)) == len(tried) <= 3


def test_an_inner_deadline_never_outlasts_an_outer_one() -> None:
    with gateway.within(1), gateway.within(60):
        assert deadlines.time_left() <= 1
    assert deadlines.time_left() == float("inf")
