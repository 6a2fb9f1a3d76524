"""The publisher's commands: set Stripe up, sweep, reconcile. Each is safe to run twice."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import Payment, StripeEvent, Watermark
from kjreport.standin.server import StandIn
from subscriptions.models import Notice, Price, Subscription
from tests.integration.money.till import may_read, press_subscribe, session_in, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def counts(till: StandIn) -> dict[str, int]:
    wanted = ("product", "price", "billing_portal.configuration", "webhook_endpoint")
    return {kind: len(things) for kind, things in till.dump().items() if kind in wanted}


def test_setting_up_twice_makes_everything_once(till: StandIn, capsys: Any) -> None:
    url = "https://paper.example/stripe/webhook/"
    call_command("stripe_setup", "--webhook", url)
    first = capsys.readouterr().out
    made = counts(till)
    call_command("stripe_setup", "--webhook", url)
    second = capsys.readouterr().out
    assert counts(till) == made
    assert made["webhook_endpoint"] == 1
    assert "whsec_" in first
    assert "whsec_" not in second
    assert "as before" in second
    [endpoint] = till.dump()["webhook_endpoint"]
    assert endpoint["api_version"] == gateway.API_VERSION
    assert "invoice.paid" in endpoint["enabled_events"]


def test_a_new_amount_is_a_new_price_under_the_same_key(till: StandIn) -> None:
    old = Price.objects.get(interval="month")
    old.is_offered = False
    old.save()
    new = Price.objects.create(plan=old.plan, interval="month", amount=1200)
    call_command("stripe_setup")
    new.refresh_from_db()
    assert new.stripe_price_id not in {None, old.stripe_price_id}
    keyed = {price["id"]: price["lookup_key"] for price in till.dump()["price"]}
    assert keyed[str(new.stripe_price_id)] == new.lookup_key
    assert keyed[str(old.stripe_price_id)] is None


def test_setting_up_says_so_when_stripe_is_away(till: StandIn, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="Stripe did not do it"):
        call_command("stripe_setup")


def test_letters_that_never_came_are_found(client: Client, till: StandIn, a_reader: User, capsys: Any) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    assert not may_read(a_reader)
    call_command("reconcile_stripe")
    assert may_read(a_reader)
    assert Payment.objects.count() == 1
    kept = StripeEvent.objects.count()
    call_command("reconcile_stripe")
    assert StripeEvent.objects.count() == kept
    assert "0 had been missing" in capsys.readouterr().out
    assert Watermark.objects.get().read_until <= timezone.now()


def test_a_full_look_mends_a_mirror_that_drifted(client: Client, till: StandIn, a_reader: User, capsys: Any) -> None:
    client.force_login(a_reader)
    subscribe(client, till)
    call_command("reconcile_stripe")
    Subscription.objects.update(status="canceled")
    Payment.objects.all().delete()
    call_command("reconcile_stripe")
    assert not may_read(a_reader)
    call_command("reconcile_stripe", "--full")
    assert may_read(a_reader)
    assert Payment.objects.count() == 1
    said = capsys.readouterr().out
    assert "differs in status (canceled here, active at Stripe); mended" in said
    assert "2 out of step, 2 mended" in said or "1 out of step, 1 mended" in said


def test_the_watermark_stays_where_reading_failed(client: Client, till: StandIn) -> None:
    till.fail_next(20, path="/v1/events")
    with pytest.raises(CommandError, match="did not answer"):
        call_command("reconcile_stripe")
    assert not Watermark.objects.exists()


def test_sweeping_says_what_it_did(till: StandIn, capsys: Any) -> None:
    call_command("process_stripe_events")
    assert "0 finished, 0 failed, 0 waiting" in capsys.readouterr().out


def test_the_sweep_mends_what_was_lost_and_asks_stripe_once_an_hour(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    till.pay(session_in(press_subscribe(client)))
    call_command("sweep")
    assert may_read(a_reader)
    asked = till.calls.count("GET /v1/events")
    call_command("sweep")
    assert till.calls.count("GET /v1/events") == asked
    Watermark.objects.update(read_until=timezone.now() - timedelta(hours=2))
    call_command("sweep")
    assert till.calls.count("GET /v1/events") > asked


def test_one_deed_that_fails_keeps_no_other_back(
    client: Client, till: StandIn, a_subscriber: User, caplog: Any
) -> None:
    till.fail_next(20, path="/v1/events")
    notice = Notice.objects.create(subscription=Subscription.objects.get(), kind="welcome")
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1))
    call_command("sweep")
    assert "Sweeping stumbled over fetch_hourly" in caplog.text
    notice.refresh_from_db()
    assert notice.sent_at is not None


def test_the_sweep_goes_on_until_told_to_end(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"VAR_DIR": str(tmp_path), "DEBUG": "true"}
    command = [sys.executable, "manage.py", "sweep", "--every", "60", "--skip-checks"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Sweeping every 60 seconds.\n"
        assert process.poll() is None
        process.terminate()
        assert process.wait(30) == 0


def test_letters_that_were_given_up_on_are_tried_again_with_progress_and_a_summary(till: StandIn, capsys: Any) -> None:
    for number in range(120):
        StripeEvent.objects.create(
            stripe_id=f"evt_{number}", type="galaxy.collapsed", livemode=False, occurred_at=timezone.now(), payload={}
        )
    call_command("process_stripe_events")
    assert "0 finished, 0 failed, 0 waiting, 120 given up on, 0 emptied." in capsys.readouterr().out
    call_command("process_stripe_events", "--damaged", "--most", "110")
    heard = capsys.readouterr()
    assert "120 that were given up on are put back." in heard.out
    assert StripeEvent.objects.filter(ignored_at__isnull=False).count() == 120


def test_every_letter_that_is_due_is_opened_before_comparing(till: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        StripeEvent.objects.create(
            stripe_id=f"evt_{number}",
            type="galaxy.collapsed",
            livemode=False,
            occurred_at=timezone.now(),
            payload={},
            next_attempt_at=timezone.now(),
        )
    real = inbox.sweep
    monkeypatch.setattr(inbox, "sweep", lambda **named: real(**{**named, "most": 3}))
    told: list[bool] = []
    assert inbox.sweep_all(told=lambda: told.append(True)) == (7, 0)
    assert len(told) == 7
