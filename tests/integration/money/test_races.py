"""At the same moment: clicks, tabs, return page and letters, colleagues, workers. On PostgreSQL, where such can be."""

import threading
from typing import Any

import pytest

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from subscriptions import checkout, mirror
from subscriptions.models import Subscription
from tests.integration.money import races
from tests.integration.money.races import Race, play
from tests.integration.money.racing import ROUNDS, Table
from tests.integration.money.till import customer_of, may_read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

RACES = (
    races.double_click,
    races.two_tabs,
    races.return_page_and_letters,
    races.workers_on_one_letter,
    races.one_letter_twice,
    races.cancel_and_renewal,
    races.workers_on_one_notice,
    races.workers_on_one_receipt,
    races.double_click_on_a_gift,
    races.gift_returning_and_letters,
)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_however_often_it_is_run_nothing_is_done_twice(table: Table, race: Race) -> None:
    assert play(race, ROUNDS, table) == []


def test_colleagues_refunding_at_once_give_back_and_log_once(
    table: Table, a_bookkeeper: User, a_publisher: User
) -> None:
    assert play(races.colleagues_refunding(a_bookkeeper, a_publisher), ROUNDS, table) == []


def test_no_period_that_rolls_forward_opens_the_text(table: Table) -> None:
    assert play(races.failed_renewal, 3, table) == []


def test_an_old_answer_does_not_overwrite_a_newer_one(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sync is slow after fetching; another starts later. Fetched under the lock, the later one writes last."""
    reader, attempt = races.a_payer(table, 1)
    checkout.finish_checkout(attempt)
    customer, subscription = customer_of(reader), Subscription.objects.get()
    fetch, has_fetched, may_write = gateway.list_subscriptions, threading.Event(), threading.Event()

    def slow_first(asked: str) -> Any:
        found = fetch(asked)
        if not has_fetched.is_set():
            has_fetched.set()
            may_write.wait(3)
        return found

    def cancel_and_sync() -> None:
        has_fetched.wait(10)
        gateway.cancel_subscription(subscription.stripe_id)
        threading.Timer(0.5, may_write.set).start()
        mirror.sync_customer(customer)

    monkeypatch.setattr(gateway, "list_subscriptions", slow_first)
    table.racers.at_once(lambda: mirror.sync_customer(customer), cancel_and_sync)
    subscription.refresh_from_db()
    assert subscription.status == "canceled"
    assert not may_read(reader)
