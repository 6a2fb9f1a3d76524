"""Test clocks: customers whose time stands until it is moved by call."""

from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.server import StandIn
from tests.contract.conftest import START, Shop

DAY = 86_400
THEN = START + 400 * DAY


@pytest.fixture
def clock(shop: Shop) -> Any:
    """A clock that stands more than a year ahead."""
    return shop.client.v1.test_helpers.test_clocks.create({"frozen_time": THEN, "name": "Ahead"})


@pytest.fixture
def customer(shop: Shop, clock: Any) -> str:
    """A customer who lives by it."""
    return shop.client.v1.customers.create({"email": "ahead@example.org", "test_clock": clock.id}).id


def test_a_clocks_customer_lives_by_it_and_nobody_else_does(shop: Shop, clock: Any, customer: str) -> None:
    clocks, subscriptions = shop.client.v1.test_helpers.test_clocks, shop.client.v1.subscriptions
    theirs, ours = shop.subscribe(customer=customer), shop.subscribe()
    assert (theirs.created, theirs.test_clock) == (THEN, clock.id)
    assert theirs["items"].data[0].current_period_start == THEN
    moving = clocks.advance(clock.id, {"frozen_time": THEN + 32 * DAY})
    assert (moving.status, moving.status_details.advancing.target_frozen_time) == (  # type: ignore[union-attr]
        "advancing",
        THEN + 32 * DAY,
    )
    ready = clocks.retrieve(clock.id)
    assert (ready.status, ready.frozen_time) == ("ready", THEN + 32 * DAY)
    assert len(shop.client.v1.invoices.list({"subscription": theirs.id}).data) == 2
    assert len(shop.client.v1.invoices.list({"subscription": ours.id}).data) == 1
    assert shop.standin.now() == START
    shop.standin.advance(days=1)
    assert subscriptions.retrieve(theirs.id)["items"].data[0].current_period_start < THEN + 32 * DAY
    types = [event["type"] for event in shop.standin.events() if "test_clock" in event["type"]]
    assert types == [f"test_helpers.test_clock.{what}" for what in ("created", "advancing", "ready")]


def test_a_clock_moves_forward_only_and_two_periods_at_most(shop: Shop, clock: Any, customer: str) -> None:
    clocks = shop.client.v1.test_helpers.test_clocks
    shop.subscribe(customer=customer)
    for moment in (THEN, THEN - 1, THEN + 70 * DAY):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            clocks.advance(clock.id, {"frozen_time": moment})
        assert caught.value.param == "frozen_time"
    clocks.advance(clock.id, {"frozen_time": THEN + 55 * DAY})


def test_what_belongs_to_a_clock_is_listed_with_it_only(shop: Shop, clock: Any, customer: str) -> None:
    shop.subscribe(customer=customer)
    v1 = shop.client.v1
    assert [each.id for each in v1.customers.list().data] == [shop.customer]
    assert [each.id for each in v1.customers.list({"test_clock": clock.id}).data] == [customer]
    assert v1.subscriptions.list({"status": "all"}).data == []
    assert len(v1.subscriptions.list({"status": "all", "test_clock": clock.id}).data) == 1
    assert len(v1.subscriptions.list({"customer": customer}).data) == 1


def test_deleting_a_clock_deletes_its_customers(shop: Shop, clock: Any, customer: str) -> None:
    subscription = shop.subscribe(customer=customer)
    assert shop.client.v1.test_helpers.test_clocks.delete(clock.id).deleted
    assert shop.client.v1.customers.retrieve(customer).deleted
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert shop.client.v1.test_helpers.test_clocks.list().data == []


def test_a_state_from_before_there_were_clocks_is_brought_up_to_date(tmp_path: Any) -> None:
    state = str(tmp_path / "old.sqlite3")
    with StandIn(state=state, deliver="hold") as standin, standin.engine.store.transaction() as connection:
        connection.execute("ALTER TABLE due DROP COLUMN clock")
        connection.execute("INSERT INTO due (id, task, at) VALUES ('cs_none', 'none', 99999999999)")
    with StandIn(state=state, deliver="hold") as again, again.engine.store.transaction() as connection:
        assert connection.execute("SELECT clock FROM due").fetchone()["clock"] == ""
