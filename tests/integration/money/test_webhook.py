"""The door where letters come in: what is kept, what is refused, and what becomes of it."""

import json
import time
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from kjreport.payments import inbox
from kjreport.payments.letters import NotOurs
from kjreport.payments.models import StripeEvent
from tests.integration.money.till import a_letter, post_letter, sign

pytestmark = pytest.mark.django_db(transaction=True)

HEARD: list[str] = []


def _note(letter: Any) -> None:
    HEARD.append(letter.object_id)


def _fail(letter: Any) -> None:
    HEARD.append(letter.object_id)
    raise RuntimeError("The printer is on fire.")


def _write_and_fail(letter: Any) -> None:
    StripeEvent.objects.filter(object_id=letter.object_id).update(api_version="half done")
    raise RuntimeError("Half done.")


def _not_ours(letter: Any) -> None:
    StripeEvent.objects.filter(object_id=letter.object_id).update(api_version="half done")
    raise NotOurs("A neighbour's.")


EARS = {
    "customer.created": _note,
    "customer.fails": _fail,
    "customer.halves": _write_and_fail,
    "customer.strange": _not_ours,
}


@pytest.fixture(autouse=True)
def _ears(settings: Any) -> None:
    HEARD.clear()
    settings.STRIPE_EVENTS = "tests.integration.money.test_webhook.EARS"


def test_a_letter_is_kept_and_opened(client: Client) -> None:
    letter = a_letter()
    assert post_letter(client, letter).status_code == 200
    kept = StripeEvent.objects.get()
    assert (kept.stripe_id, kept.type, kept.object_id) == (letter["id"], "customer.created", "cus_1")
    assert kept.processed_at is not None
    assert kept.next_attempt_at is None
    assert HEARD == ["cus_1"]


def test_the_same_letter_twice_is_kept_and_opened_once(client: Client) -> None:
    letter = a_letter()
    assert [post_letter(client, letter).status_code for _ in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1
    assert HEARD == ["cus_1"]


def test_either_of_two_secrets_will_do(client: Client) -> None:
    body = json.dumps(a_letter()).encode()
    assert post_letter(client, body, sign(body, secret="whsec_tests_older")).status_code == 200
    assert StripeEvent.objects.count() == 1


def _mutated(body: bytes) -> tuple[bytes, str]:
    return body.replace(b"cus_1", b"cus_2"), sign(body)


def _serialised_again(body: bytes) -> tuple[bytes, str]:
    return json.dumps(json.loads(body), indent=1).encode(), sign(body)


FORGERIES: dict[str, Any] = {
    "no signature": lambda body: (body, ""),
    "another's secret": lambda body: (body, sign(body, secret="whsec_of_a_stranger")),
    "an empty secret": lambda body: (body, sign(body, secret="")),
    "nonsense": lambda body: (body, "t=now,v1=deadbeef"),
    "no time": lambda body: (body, sign(body).partition(",")[2]),
    "an old letter": lambda body: (body, sign(body, at=int(time.time()) - 301)),
    "a changed letter": _mutated,
    "a letter serialised again": _serialised_again,
    "nothing": lambda _: (b"", sign(b"")),
    "no JSON": lambda _: (b"{", sign(b"{")),
    "a list": lambda _: (b"[]", sign(b"[]")),
    "a number": lambda _: (b"1", sign(b"1")),
    "no words": lambda _: (b"\xff\xfe", sign(b"\xff\xfe")),
    "an empty object": lambda _: (b"{}", sign(b"{}")),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_old_or_unreadable_letter_is_refused_and_not_kept(client: Client, forge: Any) -> None:
    body, signature = forge(json.dumps(a_letter()).encode())
    assert post_letter(client, body, signature).status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_thin_letter_is_refused(client: Client) -> None:
    assert post_letter(client, a_letter() | {"object": "v2.core.event"}).status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_letter_of_the_wrong_mode_is_kept_and_ignored(client: Client) -> None:
    assert post_letter(client, a_letter(livemode=True)).status_code == 200
    kept = StripeEvent.objects.get()
    assert kept.ignored_at is not None
    assert "live letter" in kept.ignored_reason
    assert not HEARD


def test_an_unknown_type_is_kept_and_ignored(client: Client) -> None:
    assert post_letter(client, a_letter("galaxy.collapsed")).status_code == 200
    assert StripeEvent.objects.get().ignored_at is not None


def test_somebody_elses_object_is_kept_and_ignored_and_nothing_of_it_is_written(client: Client) -> None:
    assert post_letter(client, a_letter("customer.strange")).status_code == 200
    kept = StripeEvent.objects.get()
    assert kept.ignored_reason == "A neighbour's."
    assert kept.api_version == "2026-10-28.endive"


def test_a_letter_too_long_is_not_read(client: Client) -> None:
    assert post_letter(client, b"x" * (1024 * 1024 + 1)).status_code == 413


def test_only_a_post_is_taken_and_no_cookie_or_token_is_asked_or_given(client: Client) -> None:
    assert client.get("/stripe/webhook/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    response = post_letter(strict, a_letter())
    assert response.status_code == 200
    assert not response.cookies


def test_a_missing_slash_is_no_redirect(client: Client) -> None:
    body = json.dumps(a_letter()).encode()
    signed = {"Stripe-Signature": sign(body)}
    response = client.post("/stripe/webhook", body, content_type="application/json", headers=signed)
    assert response.status_code == 200


def test_a_database_that_fails_is_not_answered_2xx(client: Client) -> None:
    client.raise_request_exception = False
    with mock.patch.object(StripeEvent.objects, "get_or_create", side_effect=DatabaseError("gone")):
        assert post_letter(client, a_letter()).status_code == 500
    assert not StripeEvent.objects.exists()
    assert post_letter(client, a_letter()).status_code == 200


def test_a_queue_that_is_down_loses_nothing(client: Client) -> None:
    with mock.patch.object(type(inbox.process_soon), "enqueue", side_effect=DatabaseError("gone")):
        assert post_letter(client, a_letter()).status_code == 200
    assert not HEARD
    assert inbox.sweep() == (1, 0)
    assert HEARD == ["cus_1"]


def test_a_failure_leaves_the_letter_with_its_error_and_next_attempt(client: Client) -> None:
    assert post_letter(client, a_letter("customer.fails")).status_code == 200
    kept = StripeEvent.objects.get()
    assert not kept.is_finished
    assert kept.last_error == "RuntimeError: The printer is on fire."
    assert kept.attempts == 1
    assert kept.next_attempt_at is not None
    assert kept.next_attempt_at > timezone.now()


def test_a_failure_undoes_what_was_half_written(client: Client) -> None:
    post_letter(client, a_letter("customer.halves"))
    assert StripeEvent.objects.get().api_version == "2026-10-28.endive"


def test_the_sweep_tries_again_when_it_is_time_and_waits_longer_each_time(client: Client) -> None:
    post_letter(client, a_letter("customer.fails"))
    assert inbox.sweep() == (0, 0)
    waits = []
    for _ in range(inbox.MOST_ATTEMPTS - 1):
        StripeEvent.objects.update(next_attempt_at=timezone.now())
        assert inbox.sweep() == (0, 1)
        following = StripeEvent.objects.get().next_attempt_at
        if following is not None:
            waits.append(round((following - timezone.now()).total_seconds() / 60))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    kept = StripeEvent.objects.get()
    assert kept.attempts == inbox.MOST_ATTEMPTS
    assert list(StripeEvent.objects.damaged()) == [kept]
    assert inbox.sweep() == (0, 0)


def test_a_letter_given_up_on_can_be_processed_again(client: Client, settings: Any, capsys: Any) -> None:
    post_letter(client, a_letter("customer.fails"))
    StripeEvent.objects.update(next_attempt_at=None)
    settings.STRIPE_EVENTS = "tests.integration.money.test_webhook.MENDED"
    call_command("process_stripe_events", "--damaged")
    assert StripeEvent.objects.get().processed_at is not None
    assert "0 waiting" in capsys.readouterr().out


MENDED = {"customer.fails": _note}


def test_contents_of_old_finished_letters_are_removed_and_others_kept(client: Client) -> None:
    post_letter(client, a_letter())
    post_letter(client, a_letter("customer.fails"))
    assert inbox.purge_payloads() == 0
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(days=91))
    assert inbox.purge_payloads() == 1
    assert StripeEvent.objects.get(type="customer.created").payload is None
    assert StripeEvent.objects.get(type="customer.fails").payload is not None
    inbox.process_again(StripeEvent.objects.get(type="customer.created"))
    assert HEARD.count("cus_1") == 3


def test_a_letter_is_refused_kindly_where_payments_are_not_set_up(client: Client, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert post_letter(client, a_letter()).status_code == 503
