"""Every answer of every call, and every letter, held against the library's object types, field by field."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kjreport.standin import door
from kjreport.standin.api import Request
from kjreport.standin.kinds import KINDS
from kjreport.standin.routes import ROUTES, Route
from kjreport.standin.server import StandIn
from tests.contract.conftest import START
from tests.contract.life import Json, lived
from tests.contract.shapes import faults_in

type Life = tuple[StandIn, list[tuple[str, Json]]]


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    """One life, lived once."""
    standin = StandIn(deliver="hold", start_at=START, seed=11)
    yield standin, lived(standin)
    standin.stop()


def _with_ids(answer: Any) -> Any:
    """Give the invoices that do not exist yet, of which `invoice.upcoming` tells, the id that they lack."""
    for event in answer["data"] if answer["object"] == "list" else [answer]:
        if event.get("type") == "invoice.upcoming":
            assert "id" not in event["data"]["object"]
            event["data"]["object"]["id"] = "in_none"
    return answer


def test_every_call_was_made_with_success(life: Life) -> None:
    assert {route.name for route in ROUTES} - {name for name, _ in life[1]} == set()


def test_every_letter_was_written(life: Life) -> None:
    assert KINDS - {event["type"] for event in life[0].events()} == frozenset()


def test_every_answer_has_the_shape_that_the_library_declares(life: Life) -> None:
    faults = {f"{name}: {fault}" for name, answer in life[1] for fault in faults_in(_with_ids(answer))}
    assert not faults, "\n".join(sorted(faults)[:40])


def test_every_letter_has_the_shape_that_the_library_declares(life: Life) -> None:
    faults = {f"{event['type']}: {fault}" for event in life[0].events() for fault in faults_in(_with_ids(event))}
    assert not faults, "\n".join(sorted(faults)[:40])


def test_everything_kept_has_the_shape_that_the_library_declares(life: Life) -> None:
    faults = {
        fault
        for kind, things in life[0].dump().items()
        if not kind.startswith("standin.") and kind != "event"
        for thing in things
        for fault in faults_in(thing)
    }
    assert not faults, "\n".join(sorted(faults)[:40])


def test_a_letter_that_is_not_on_the_list_cannot_be_written() -> None:
    standin = StandIn(deliver="hold")
    with standin.engine.book() as book, pytest.raises(LookupError, match="payout"):
        book.emit("payout.paid", {"id": "po_1", "object": "payout"})
    standin.stop()


def test_every_kind_of_balance_adds_up(life: Life) -> None:
    """What moved for each charge is what was taken, less what went back: to the penny."""
    things = life[0].dump()
    moved: dict[str, int] = {}
    for each in things["balance_transaction"]:
        moved[each["source"]] = moved.get(each["source"], 0) + each["amount"]
    for charge in things["charge"]:
        assert moved.get(charge["id"], 0) == (charge["amount"] if charge["paid"] else 0)
    for refund in things["refund"]:
        assert moved[refund["id"]] == (0 if refund["status"] == "failed" else -refund["amount"])
    for dispute in things["dispute"]:
        gone = dispute["status"] in ("lost", "needs_response", "under_review")
        assert moved.get(dispute["id"], 0) == (-dispute["amount"] if gone else 0)
    for customer in things["customer"]:
        kept = [each for each in things["customer_balance_transaction"] if each["customer"] == customer["id"]]
        if not customer.get("deleted"):
            assert customer["balance"] == sum(each["amount"] for each in kept)


def _page(standin: StandIn, path: str, query: str) -> Json:
    request = Request("GET", path, query, {"authorization": "Bearer sk_test_1"})
    answer = door.answer(standin.engine, request)
    assert answer.status == 200, answer.body
    page: Json = json.loads(answer.body)
    return page


LISTS = [route for route in ROUTES if "starting_after" in route.does and "(" not in route.pattern.pattern]


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
def test_every_list_goes_by_page_both_ways(life: Life, route: Route) -> None:
    standin, path = life[0], route.pattern.pattern.strip("^$")
    more = {"subscriptions": "&status=all", "payment_methods": f"&customer={_slow(standin)}"}.get(path[4:], "")
    whole = [each["id"] for each in _page(standin, path, f"limit=100{more}")["data"]]
    assert len(set(whole)) == len(whole)
    for at in range(min(len(whole) - 1, 3)):
        after = _page(standin, path, f"limit=1&starting_after={whole[at]}{more}")
        assert [each["id"] for each in after["data"]] == [whole[at + 1]]
        assert after["has_more"] or at + 2 == len(whole)
        before = _page(standin, path, f"limit=1&ending_before={whole[at + 1]}{more}")
        assert [each["id"] for each in before["data"]] == [whole[at]]
        assert before["has_more"] == (at > 0)


def _slow(standin: StandIn) -> str:
    return next(str(each["id"]) for each in standin.dump()["customer"] if each.get("email") == "slow@example.org")
