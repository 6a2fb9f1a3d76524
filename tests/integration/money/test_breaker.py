"""While Stripe is away, pages are told at once; letters and commands go on trying."""

from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from donations.giving import ensure_campaign, publish_campaigns
from kjreport.accounts.models import User
from kjreport.payments import breaker
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from tests.integration.money.till import may_read, press_subscribe, session_in, subscribe
from tests.integration.test_donations import fill_in

pytestmark = pytest.mark.django_db(transaction=True)
BROKEN = ConnectionError("no cache")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits between two tries; these tests do not."""
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0)
    monkeypatch.setattr("stripe.HTTPClient.MAX_DELAY", 0)


def ask() -> bool:
    """Ask Stripe as a page does; return whether it answered."""
    try:
        with gateway.for_a_page(5):
            gateway.find_portal()
    except gateway.GatewayUnavailable:
        return False
    return True


@pytest.fixture
def gone(till: StandIn, settings: Any) -> StandIn:
    """Pages have just found out that Stripe is away; the till itself is back already."""
    back, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    assert not any(ask() for _ in range(breaker.TRIPS_AFTER))
    settings.STRIPE_API_BASE = back
    till.engine.log.clear()
    return till


def test_after_some_failures_in_a_row_stripe_is_not_asked(gone: StandIn) -> None:
    assert not ask()
    assert gone.calls == []


def test_fewer_failures_or_an_answer_in_between_cut_nobody_off(till: StandIn, settings: Any) -> None:
    back = settings.STRIPE_API_BASE
    for _ in range(2):
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        assert not any(ask() for _ in range(breaker.TRIPS_AFTER - 1))
        settings.STRIPE_API_BASE = back
        assert ask()


@pytest.mark.parametrize("body", ["html", "wrong_object", "null"])
def test_nonsense_is_no_answer(till: StandIn, body: str) -> None:
    till.fail_next(breaker.TRIPS_AFTER, status="nonsense", body=body)
    for _ in range(breaker.TRIPS_AFTER):
        with pytest.raises(gateway.GatewayUnavailable), gateway.for_a_page(5):
            gateway.get_invoice("in_any")
    till.engine.faults.clear()
    assert not ask()


def test_a_no_is_an_answer(till: StandIn) -> None:
    for _ in range(breaker.TRIPS_AFTER + 1):
        with pytest.raises(gateway.NotFound), gateway.for_a_page(5):
            gateway.get_invoice("in_unknown")
    assert ask()


def test_once_the_time_is_over_one_more_failure_is_enough(gone: StandIn, settings: Any) -> None:
    cache.delete("stripe-breaker-open")
    back, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    assert not ask()
    settings.STRIPE_API_BASE = back
    assert not ask()
    cache.delete("stripe-breaker-open")
    assert ask()
    assert breaker.is_open() is False


def test_readers_and_givers_get_a_kind_sentence_at_once(client: Client, gone: StandIn, a_reader: User) -> None:
    ensure_campaign()
    publish_campaigns()
    gone.engine.log.clear()
    client.force_login(a_reader)
    answer = press_subscribe(client)
    assert "could not reach our payment service" in client.get(answer["Location"]).content.decode()
    assert fill_in(Client()).status_code == 503
    assert gone.calls == []


def test_letters_and_commands_are_not_cut_off(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    for _ in range(breaker.TRIPS_AFTER):
        breaker.note_failure()
    assert breaker.is_open()
    call_command("reconcile_stripe")
    assert may_read(a_reader)


def test_without_a_cache_nobody_is_cut_off_and_nothing_fails(client: Client, till: StandIn, a_reader: User) -> None:
    names = ("get", "set", "add", "incr", "delete")
    broken = {name: mock.Mock(side_effect=BROKEN) for name in names}
    with mock.patch.multiple(cache, **broken):
        till.fail_next(50)
        assert not any(ask() for _ in range(breaker.TRIPS_AFTER + 1))
        till.engine.faults.clear()
        assert ask()
    client.force_login(a_reader)
    subscribe(client, till)
    assert may_read(a_reader)
