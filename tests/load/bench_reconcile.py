"""Measures the memory that reconciling takes for ten thousand, a hundred thousand and a million readers.

Each size has a database of its own and is measured in a process of its own, so that its peak is its own. Stripe's
answers are made one by one as plain data where the gateway's lists would give them; everything from there on,
snapshots, comparing, queries and the report, is the site's, run as `manage.py reconcile_stripe --check`.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
SIZES = (10_000, 100_000, 1_000_000)
STARTED = 1_760_000_000
PRODUCT = "prod_bench"
DRIFTED_EVERY = 50_000  # so that the report is not empty and must be right
MOST_GROWTH = 64  # megabytes from the smallest to the largest: the database's own cache and a bit for each row


def a_subscription(number: int) -> dict[str, Any]:
    """Give what Stripe says of one reader's subscription, its latest invoice and its card with it."""
    end = STARTED + 30 * 86_400
    return {
        "id": f"sub_{number:08}",
        "object": "subscription",
        "customer": f"cus_{number:08}",
        "status": "active",
        "created": STARTED,
        "start_date": STARTED,
        "currency": "gbp",
        "items": {
            "data": [
                {
                    "id": f"si_{number}",
                    "current_period_start": STARTED,
                    "current_period_end": end,
                    "price": {
                        "id": "price_bench",
                        "product": PRODUCT,
                        "unit_amount": 1000,
                        "recurring": {"interval": "month"},
                    },
                }
            ]
        },
        "latest_invoice": {
            "id": f"in_{number:08}",
            "object": "invoice",
            "created": STARTED,
            "status": "paid",
            "status_transitions": {"finalized_at": STARTED, "paid_at": STARTED},
        },
        "default_payment_method": {
            "id": f"pm_{number}",
            "object": "payment_method",
            "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030},
        },
        "metadata": {"site": "kjreport", "kind": "subscription"},
    }


def an_invoice(number: int) -> dict[str, Any]:
    """Give what Stripe says of the one invoice that each has paid."""
    return {
        "id": f"in_{number:08}",
        "object": "invoice",
        "customer": f"cus_{number:08}",
        "created": STARTED,
        "status": "paid",
        "amount_due": 1000,
        "amount_paid": 1000,
        "currency": "gbp",
        "status_transitions": {"finalized_at": STARTED, "paid_at": STARTED},
        "parent": {"subscription_details": {"subscription": f"sub_{number:08}", "metadata": {}}},
    }


FILL = (
    "PRAGMA synchronous = OFF",
    (
        "CREATE TEMP TABLE n AS"
        " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {size})"
        " SELECT i, printf('%08d', i) AS name FROM n"
    ),
    (
        "INSERT INTO subscriptions_plan (id, slug, name, description, benefits, is_offered, position,"
        " stripe_product_id) VALUES (1, 'bench', 'Bench', '', '[]', 1, 0, '{product}')"
    ),
    (
        "INSERT INTO payments_customer (id, key, stripe_id, email, created_at)"
        " SELECT i + 1, printf('%032x', i), 'cus_' || name, '', '{at}' FROM n"
    ),
    (
        "INSERT INTO subscriptions_subscription (id, customer_id, plan_id, stripe_id, status, amount, currency,"
        " interval, started_at, period_end, ends_by_date, end_reason, pause_cause, invoice_id, invoice_status,"
        " invoice_finalized_at, awaits_bank, card_brand, card_last4, card_expiry_date, gave_access, synced_at)"
        " SELECT i + 1, i + 1, 1, 'sub_' || name, CASE i % {drifted} WHEN 1 THEN 'past_due' ELSE 'active' END, 1000,"
        " 'gbp', 'month', '{at}', '{end}', 0, '', '', 'in_' || name, 'paid', '{at}', 0, 'visa', '4242', '2030-12-31',"
        " 1, '{at}' FROM n"
    ),
    (
        "INSERT INTO payments_payment (id, stripe_id, kind, purpose, amount, currency, customer_id, payment_intent_id,"
        " invoice_id, description, occurred_at, recorded_at)"
        " SELECT i + 1, 'pi_' || name || ':in_' || name, 'payment', 'subscription', 1000, 'gbp', i + 1, 'pi_' || name,"
        " 'in_' || name, '', '{at}', '{at}' FROM n"
    ),
)


def fill(size: int) -> None:
    """Enter as many readers' subscriptions and payments as there are, a few of them otherwise than at Stripe."""
    from django.db import connection  # noqa: PLC0415 - once Django is set up

    at = datetime.fromtimestamp(STARTED, UTC)
    said = {
        "at": f"{at:%F %T}",
        "end": f"{at + timedelta(days=30):%F %T}",
        "product": PRODUCT,
        "drifted": DRIFTED_EVERY,
    }
    with connection.cursor() as cursor:
        for line in FILL:
            cursor.execute(line.format(size=size, **said).replace("%", "%%"), ())


def prepare(size: int) -> None:
    """Make a database of one size, in a process that ends with it."""
    import django  # noqa: PLC0415 - its settings are in this process's environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - once Django is set up

    call_command("migrate", verbosity=0)
    fill(size)


def measure(size: int) -> None:
    """Compare one size in this process and print its figures as JSON."""
    import django  # noqa: PLC0415 - its settings are in this process's environment

    django.setup()
    from django.core.management import CommandError, call_command  # noqa: PLC0415 - once Django is set up

    from kjreport.payments import stripe_gateway as gateway  # noqa: PLC0415 - likewise
    from kjreport.payments.snapshots import InvoiceSnapshot, SubscriptionSnapshot  # noqa: PLC0415 - likewise

    def subscriptions() -> Iterator[SubscriptionSnapshot]:
        return (SubscriptionSnapshot.read(a_subscription(number)) for number in range(size))

    def invoices() -> Iterator[InvoiceSnapshot]:
        return (InvoiceSnapshot.read(an_invoice(number)) for number in range(size))

    gateway.stream_subscriptions, gateway.stream_paid_invoices = subscriptions, invoices
    gateway.stream_finished_checkouts = lambda: iter(())
    gateway.stream_refunds = gateway.stream_disputes = lambda: iter(())
    gateway.list_notifications = lambda *_, **__: iter(())
    said, progress, began = io.StringIO(), io.StringIO(), time.monotonic()
    summary = "in step"
    try:
        call_command("reconcile_stripe", "--check", stdout=said, stderr=progress)
    except CommandError as error:
        summary = str(error)
    figures = {
        "size": size,
        "peak": peak(),
        "seconds": time.monotonic() - began,
        "summary": summary,
        "lines": len(said.getvalue().splitlines()),
        "progress": len(progress.getvalue().splitlines()),
    }
    print(json.dumps(figures))  # noqa: T201 - read by the process that started this one


def peak() -> float:
    """Return the most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure each size, print a table, and fail if memory grew with the number of readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--prepare", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare or asked.measure:
        prepare(asked.prepare) if asked.prepare else measure(asked.measure)
        return 0
    rows = []
    print(f"{'readers':>10} {'peak MB':>9} {'seconds':>9} {'a second':>9}  found")  # noqa: T201 - a report
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as place:
            row = _run(size, place)
        rows.append(row)
        rate = 2 * row["size"] / row["seconds"]  # each reader's subscription and invoice
        print(f"{size:>10,} {row['peak']:>9.1f} {row['seconds']:>9.1f} {rate:>9,.0f}  {row['summary']}")  # noqa: T201 - a report
        drifted = len(range(1, size, DRIFTED_EVERY))
        if not row["summary"].startswith(f"{drifted} out of step"):
            print(f"It should have found {drifted}.")  # noqa: T201 - a report
            return 1
    grown = rows[-1]["peak"] - rows[0]["peak"]
    print(f"From {asked.sizes[0]:,} to {asked.sizes[-1]:,} readers the peak grew by {grown:.1f} MB.")  # noqa: T201 - a report
    return 0 if grown <= MOST_GROWTH else 1


def _run(size: int, place: str) -> dict[str, Any]:
    settings = {
        "DJANGO_SETTINGS_MODULE": "kjreport.settings",
        "DEBUG": "false",
        "VAR_DIR": place,
        "SECRET_KEY": "for-a-bench-only-" + "x" * 50,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "SITE_URL": "http://127.0.0.1",
        "DATABASE_URL": f"sqlite:///{place}/bench.sqlite3",
    }
    environment = {**os.environ, **settings}
    _ask("--prepare", size, environment)
    found: dict[str, Any] = json.loads(_ask("--measure", size, environment).splitlines()[-1])
    return found


def _ask(what: str, size: int, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "tests.load.bench_reconcile", what, str(size)]
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
