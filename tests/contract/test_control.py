"""The control interface, the faults it makes, and the stand-in as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in

from kjreport.standin.server import StandIn
from tests.contract.conftest import START, Ear, Shop, client_of

ROOT = Path(__file__).parents[2]


def _control(url: str, action: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_standin/{action}", data=data)  # noqa: S310  our own address
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310  as above
        return json.loads(response.read())


def _refused(url: str, action: str, body: Any) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _control(url, action, body)
    with caught.value as error:
        return error.code, json.loads(error.read())["error"]["message"]


def test_its_health_needs_no_key(standin: StandIn) -> None:
    assert _control(standin.url, "health") == {"ok": True, "now": START, "api_version": "2026-10-28.endive"}


def test_the_clock_moves_by_or_to_but_never_back(standin: StandIn) -> None:
    assert _control(standin.url, "clock", {"advance": 60}) == {"now": START + 60}
    assert _control(standin.url, "clock", {"to": START + 120}) == {"now": START + 120}
    assert _refused(standin.url, "clock", {"to": START})[0] == 400
    assert _refused(standin.url, "clock", {"advance": 1, "to": 2})[0] == 400
    assert _refused(standin.url, "clock", {"advance": "soon"}) == (400, "`advance` must be a whole number.")
    assert standin.now() == START + 120


def test_letters_are_held_and_flushed_over_the_wire(shop: Shop, ear: Ear) -> None:
    url = shop.standin.url
    assert _control(url, "letters", {"mode": "hold"}) == {"mode": "hold"}
    counted = _control(url, "letters/flush", {"order": "shuffle", "seed": 3, "duplicate": 2, "drop": ["price.created"]})
    assert counted == {"sent": 4, "accepted": 4, "refused": 0, "dropped": 2}
    assert len(ear.heard) == 4
    assert _refused(url, "letters/flush", {"order": "sideways"})[0] == 400
    assert _refused(url, "letters", {"mode": "burn"})[0] == 400


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, stripe.RateLimitError), (500, stripe.APIError), (503, stripe.APIError)],
)
def test_the_next_calls_fail_as_asked_and_change_nothing(shop: Shop, status: int, kind: type[Exception]) -> None:
    _control(shop.standin.url, "fail", {"calls": 2, "status": status, "path": "/v1/customers"})
    before = shop.standin.dump()
    shop.client.v1.products.list()
    for _ in range(2):
        with pytest.raises(kind):
            shop.client.v1.customers.create({"email": "a@example.org"})
    assert shop.standin.dump() == before
    shop.client.v1.customers.create({"email": "a@example.org"})


def test_a_call_can_be_done_and_its_answer_lost(shop: Shop) -> None:
    shop.standin.fail_next(1, status=500, after=True)
    retrying = stripe.StripeClient("sk_test_1", base_addresses={"api": shop.standin.url}, max_network_retries=2)
    customer = retrying.v1.customers.create({"email": "once@example.org"})
    assert [each.id for each in shop.client.v1.customers.list({"email": "once@example.org"}).data] == [customer.id]


def test_a_hanging_call_ends_in_a_time_out(shop: Shop) -> None:
    _control(shop.standin.url, "fail", {"calls": 1, "status": "hang", "seconds": 1.5})
    hasty = stripe.StripeClient(
        "sk_test_1",
        base_addresses={"api": shop.standin.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(1, 0.2)),
    )
    with pytest.raises(stripe.APIConnectionError):
        hasty.v1.customers.list()
    assert shop.client.v1.customers.list().data


@pytest.mark.parametrize("body", ["html", "truncated", "empty", "not_utf8"])
def test_nonsense_comes_in_place_of_an_answer(shop: Shop, body: str) -> None:
    before = shop.standin.dump()
    asked = _control(shop.standin.url, "fail", {"status": "nonsense", "body": body})
    assert (asked["status"], asked["body"], asked["after"]) == ("nonsense", body, False)
    direct = stripe.StripeClient("sk_test_1", http_client=shop.standin.direct(), max_network_retries=0)
    raised = UnicodeDecodeError if body == "not_utf8" else stripe.APIError  # the library lets the former through
    with pytest.raises(raised):
        shop.client.v1.customers.create({"email": "a@example.org"})
    shop.standin.fail_next(status="nonsense", body=body)
    with pytest.raises(raised):
        direct.v1.customers.create({"email": "a@example.org"})
    assert shop.standin.dump() == before


def test_an_object_of_another_kind_comes_in_place_of_an_answer(shop: Shop) -> None:
    shop.standin.fail_next(status="nonsense", body="wrong_object", after=True)
    answer: Any = shop.client.v1.customers.create({"email": "a@example.org"})
    assert answer.object == "bank_account"
    assert shop.client.v1.customers.list({"email": "a@example.org"}).data
    shop.standin.fail_next(status="nonsense", body="no_fields")
    assert shop.client.v1.customers.retrieve(shop.customer).to_dict() == {}
    for body, comes in (("null", None), ("list", [])):  # the library lets both through
        shop.standin.fail_next(status="nonsense", body=body)
        assert shop.client.v1.customers.retrieve(shop.customer) == comes


def test_a_trickled_answer_is_true_and_outlasts_a_time_out_between_bytes(shop: Shop) -> None:
    _control(shop.standin.url, "fail", {"status": "trickle", "seconds": 0.6})
    patient = stripe.StripeClient(
        "sk_test_1",
        base_addresses={"api": shop.standin.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(1, 0.2)),
    )
    begun = time.monotonic()
    assert patient.v1.customers.retrieve(shop.customer).id == shop.customer
    assert time.monotonic() - begun >= 0.5
    assert patient.v1.customers.retrieve(shop.customer).id == shop.customer


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"status": 200}, "`status` must be"),
        ({"status": True}, "`status` must be"),
        ({"status": "slow"}, "`status` must be"),
        ({"status": "nonsense", "body": "poem"}, "`body` must be"),
        ({"seconds": -1}, "`seconds` must be"),
        ({"seconds": "1"}, "`seconds` must be"),
        ({"when": "later"}, "`when` must be"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(standin: StandIn, asked: Any, words: str) -> None:
    status, message = _refused(standin.url, "fail", asked)
    assert status == 400
    assert words in message
    assert standin.engine.faults == []


def test_a_key_that_was_forgotten_does_the_request_again(shop: Shop) -> None:
    options: Any = {"idempotency_key": "old"}
    first = shop.client.v1.customers.create({"email": "a@example.org"}, options)
    assert shop.client.v1.customers.create({"email": "a@example.org"}, options).id == first.id
    assert _control(shop.standin.url, "keys/forget", {})["forgotten"] >= 1
    assert shop.client.v1.customers.create({"email": "a@example.org"}, options).id != first.id


def test_more_of_stripes_own_deeds_over_the_wire(shop: Shop) -> None:
    url, subscription = shop.standin.url, shop.subscribe()
    assert _control(url, "pause", {"subscription": subscription.id, "cause": "system"})["status"] == "paused"
    assert _refused(url, "pause", {"subscription": subscription.id, "cause": "system"})[0] == 400
    assert _refused(url, "pause", {"subscription": subscription.id, "cause": "boredom"})[0] == 400
    assert _control(url, "dunning", {"then": "unpaid"}) == {"then": "unpaid"}
    assert _refused(url, "dunning", {"then": "shrug"})[0] == 400
    assert _control(url, "finalising", {"customer": shop.customer, "works": False}) == {"works": False}
    assert _refused(url, "finalising", {"customer": shop.customer, "works": "no"})[0] == 400
    intent = shop.client.v1.payment_intents.list().data[0].id
    asked = _control(url, "dispute", {"payment_intent": intent, "amount": 10, "inquiry": True})
    assert (asked["amount"], asked["status"]) == (10, "warning_needs_response")
    assert _refused(url, "dispute", {"payment_intent": intent, "inquiry": "yes"})[0] == 400
    assert _refused(url, "letters/flush", {"delay": "all"})[0] == 400
    assert _control(url, "letters/flush", {"most": 1})["sent"] == 1


def test_cards_disputes_and_warnings_over_the_wire(shop: Shop) -> None:
    url = shop.standin.url
    subscription = shop.subscribe()
    assert _control(url, "cards", {"customer": shop.customer, "behaviour": "fail"})["behaviour"] == "fail"
    _control(url, "clock", {"advance": 32 * 86_400})
    assert shop.client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    intent = shop.client.v1.payment_intents.list().data[-1].id
    dispute = _control(url, "dispute", {"payment_intent": intent})
    assert _control(url, "dispute/close", {"dispute": dispute["id"], "status": "lost"})["status"] == "lost"
    assert _control(url, "early_fraud_warning", {"payment_intent": intent})["payment_intent"] == intent
    assert _refused(url, "dispute", {"payment_intent": "pi_none"})[0] == 404
    assert _refused(url, "cards", {"customer": shop.customer, "behaviour": "sing"})[0] == 400
    assert _refused(url, "dispute", {})[0] == 400
    assert _refused(url, "dance", {})[0] == 404


def test_dump_shows_everything_but_secrets_and_reset_forgets_it(shop: Shop) -> None:
    shop.subscribe()
    whole = _control(shop.standin.url, "dump")
    assert whole["things"]["subscription"]
    assert whole["letters"]
    assert "whsec_" not in json.dumps(whole)
    assert "_standin" not in json.dumps(whole["things"])
    assert _control(shop.standin.url, "reset", {}) == {"reset": True}
    assert _control(shop.standin.url, "dump") == {"things": {}, "letters": []}


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _started(port: int, state: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kjreport.standin", "--port", str(port), "--state", str(state)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _control(f"http://127.0.0.1:{port}", "health")
        except OSError:
            time.sleep(0.05)
        else:
            break
    return process


def test_it_runs_as_a_process_and_keeps_its_state_through_a_kill(tmp_path: Path) -> None:
    port, state = _free_port(), tmp_path / "till.sqlite3"
    url = f"http://127.0.0.1:{port}"
    process = _started(port, state)
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": url})
    customer = client.v1.customers.create({"email": "a@example.org"})
    now = _control(url, "clock", {"advance": 86_400})["now"]
    process.kill()
    process.communicate()
    process = _started(port, state)
    assert client.v1.customers.retrieve(customer.id).email == "a@example.org"
    assert _control(url, "health")["now"] >= now
    process.send_signal(signal.SIGTERM)
    out, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")
    assert "no money moves" in out


def test_a_taken_port_gets_one_clear_sentence(standin: StandIn, tmp_path: Path) -> None:
    port = int(standin.url.rpartition(":")[2])
    done = subprocess.run(
        [sys.executable, "-m", "kjreport.standin", "--port", str(port), "--state", str(tmp_path / "s")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr == f"The stand-in cannot listen on 127.0.0.1:{port}: Address already in use.\n"


def test_it_imports_nothing_of_the_house() -> None:
    code = """
import sys
import kjreport.standin.__main__
house = ("kjreport.", "articles", "subscriptions", "donations")
print([name for name in sys.modules if name.startswith(house) and not name.startswith("kjreport.standin")])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_stand_ins_do_not_share_anything() -> None:
    with StandIn() as one, StandIn() as other:
        client_of(one).v1.customers.create({})
        assert client_of(other).v1.customers.list().data == []
