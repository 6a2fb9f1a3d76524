"""Letters: signed, retried, held, doubled, dropped and out of order; never lost by themselves."""

import json
import time
from collections.abc import Callable

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin import letters
from kjreport.standin.server import StandIn
from tests.contract.conftest import SECRET, Ear, Shop, client_of


def _until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_the_library_accepts_a_letters_signature_and_no_other(shop: Shop, ear: Ear) -> None:
    shop.subscribe()
    counted = shop.standin.flush()
    assert counted == {"sent": len(ear.heard), "accepted": len(ear.heard), "refused": 0, "dropped": 0}
    for body, signature in ear.heard:
        event = shop.client.construct_event(body, signature, SECRET)
        assert event.api_version == "2026-10-28.endive"
        assert not event.livemode
    body, signature = ear.heard[0]
    for forged in (body + b" ", body.replace(b"evt_", b"evT_", 1)):
        with pytest.raises(stripe.SignatureVerificationError):
            shop.client.construct_event(forged, signature, SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        shop.client.construct_event(body, signature, "whsec_other")


def test_every_event_becomes_one_letter(shop: Shop, ear: Ear) -> None:
    shop.subscribe()
    shop.standin.flush()
    assert [json.loads(body)["id"] for body, _ in ear.heard] == [event["id"] for event in shop.standin.events()]
    assert shop.standin.flush()["sent"] == 0


def test_letters_come_reversed_or_shuffled_by_seed_or_doubled(shop: Shop, ear: Ear) -> None:
    shop.standin.flush()
    forward = [json.loads(body)["id"] for body, _ in ear.heard]
    orders = {}
    for order, seed in (("reverse", 0), ("shuffle", 1), ("shuffle", 2)):
        with shop.standin.engine.store.transaction() as connection:
            connection.execute("UPDATE letter SET state = 'waiting'")
        ear.heard.clear()
        shop.standin.flush(order=order, seed=seed)
        orders[order, seed] = [json.loads(body)["id"] for body, _ in ear.heard]
    assert orders["reverse", 0] == forward[::-1]
    assert sorted(orders["shuffle", 1]) == sorted(forward)
    assert orders["shuffle", 1] != orders["shuffle", 2]
    with shop.standin.engine.store.transaction() as connection:
        connection.execute("UPDATE letter SET state = 'waiting'")
    ear.heard.clear()
    shop.standin.flush(duplicate=2)
    assert len(ear.heard) == 2 * len(forward)


def test_dropped_letters_never_come_but_stay_listed_as_events(shop: Shop, ear: Ear) -> None:
    shop.standin.flush(drop=["customer.created"])
    shop.standin.flush()
    assert "customer.created" not in {json.loads(body)["type"] for body, _ in ear.heard}
    assert shop.client.v1.events.list({"type": "customer.created"}).data


def test_a_refused_letter_is_sent_again(ear: Ear) -> None:
    ear.answers = [302]
    with StandIn(webhook_url=ear.url, secret=SECRET) as standin:
        client_of(standin).v1.customers.create({"email": "a@example.org"})
        _until(lambda: len(ear.heard) == 2)
        _until(lambda: standin.letters()[0]["state"] == "delivered")
    assert len({body for body, _ in ear.heard}) == 1


def test_an_unheard_letter_waits_longer_each_time_and_then_is_given_up() -> None:
    with StandIn(webhook_url="http://127.0.0.1:9/", deliver="hold") as standin:
        client_of(standin).v1.customers.create({"email": "a@example.org"})
        for tried in range(1, len(letters.BACKOFF) + 2):
            assert standin.letters()[0]["state"] == "waiting"
            before = time.time()
            standin.flush()
            (letter,) = standin.letters()
            assert letter["attempts"] == tried
            if letter["state"] == "waiting":
                assert letter["try_at"] >= before + letters.BACKOFF[tried - 1]
        assert letter["state"] == "failed"
    assert list(letters.BACKOFF) == sorted(letters.BACKOFF)


def test_letters_deliver_themselves_unless_they_are_held(ear: Ear) -> None:
    with StandIn(webhook_url=ear.url, secret=SECRET) as standin:
        client = client_of(standin)
        client.v1.customers.create({"email": "a@example.org"})
        _until(lambda: len(ear.heard) == 1)
        standin.hold()
        client.v1.customers.create({"email": "b@example.org"})
        time.sleep(0.3)
        assert len(ear.heard) == 1
        standin.hold(held=False)
        _until(lambda: len(ear.heard) == 2)


def test_an_endpoint_hears_what_it_asked_for_under_its_own_secret(standin: StandIn, ear: Ear) -> None:
    client = client_of(standin)
    endpoint = client.v1.webhook_endpoints.create(
        {"url": ear.url + "other/", "enabled_events": ["product.created"], "api_version": "2026-10-28.endive"}
    )
    assert endpoint.secret is not None
    assert client.v1.webhook_endpoints.retrieve(endpoint.id).to_dict().get("secret") is None
    client.v1.products.create({"name": "KJ Report"})
    client.v1.customers.create({})
    standin.flush()
    verified = []
    for body, signature in ear.heard:
        try:
            verified.append(client.construct_event(body, signature, endpoint.secret).type)
        except stripe.SignatureVerificationError:
            continue
    assert verified == ["product.created"]
    client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    client.v1.products.create({"name": "Another"})
    standin.flush()
    assert len(ear.heard) == 4


def test_an_endpoint_at_the_standing_address_is_not_told_twice(standin: StandIn, ear: Ear) -> None:
    client = client_of(standin)
    endpoint = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"]})
    assert endpoint.secret == SECRET
    client.v1.customers.create({})
    standin.flush()
    assert len(ear.heard) == 1


def test_a_refused_call_sends_nothing(standin: StandIn, ear: Ear) -> None:
    client = client_of(standin)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.prices.create({"product": "prod_none", "currency": "gbp", "unit_amount": 1})
    standin.flush()
    assert ear.heard == []


def test_delayed_letters_and_those_beyond_the_first_few_wait_for_a_later_flush(shop: Shop, ear: Ear) -> None:
    written = len(shop.standin.letters())
    first = shop.standin.flush(delay=["price.created"], most=2)
    assert (first["sent"], len(ear.heard)) == (2, 2)
    assert shop.standin.flush(delay=["price.created"])["sent"] == written - 2 - 2
    types = [json.loads(body)["type"] for body, _ in ear.heard]
    assert "price.created" not in types
    assert shop.standin.flush()["sent"] == 2
