"""What /health/ tells a monitor."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.tasks.base import TaskResultStatus
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from kjreport.payments.models import StripeEvent

LONG_AGO = timedelta(hours=2)
WELL = {"status": "well", "database": "well", "cache": "well", "worker": "well", "letters": "well"}

pytestmark = pytest.mark.django_db


def a_task(**fields: Any) -> None:
    fields = {"status": TaskResultStatus.READY, "run_after": get_date_max()} | fields
    since = fields.pop("since")
    task = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path="kjreport.nothing",
        backend_name="default",
        exception_class_path="",
        traceback="",
        **fields,
    )
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=since)


def a_letter(**fields: Any) -> None:
    letter = StripeEvent.objects.create(
        stripe_id="evt_1", type="invoice.paid", livemode=False, occurred_at=timezone.now(), **fields
    )
    StripeEvent.objects.filter(pk=letter.pk).update(received_at=timezone.now() - LONG_AGO)


def test_a_well_site_says_so_and_no_more(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        response = client.get(reverse("health"))
    assert response.status_code == 200
    assert response.json() == WELL
    assert response["Cache-Control"] == "private, no-store"


def test_a_letter_left_lying_is_told(client: Client) -> None:
    a_letter()
    response = client.get(reverse("health"))
    assert response.status_code == 503
    assert response.json() == WELL | {"status": "unwell", "letters": "behind"}


def test_letters_that_were_opened_are_no_backlog(client: Client) -> None:
    a_letter(processed_at=timezone.now())
    assert client.get(reverse("health")).json() == WELL


def test_work_that_nobody_does_is_told(client: Client) -> None:
    a_task(since=timezone.now() - LONG_AGO)
    assert client.get(reverse("health")).json() == WELL | {"status": "unwell", "worker": "behind"}


def test_work_that_hangs_is_told(client: Client) -> None:
    begun = timezone.now() - LONG_AGO
    a_task(since=begun, status=TaskResultStatus.RUNNING, started_at=begun)
    assert client.get(reverse("health")).json()["worker"] == "behind"


def test_work_for_later_and_new_work_may_wait(client: Client) -> None:
    a_task(since=timezone.now() - LONG_AGO, run_after=timezone.now() + LONG_AGO)
    a_task(since=timezone.now())
    assert client.get(reverse("health")).json() == WELL


def test_a_cache_that_forgets_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(caches["default"]), "get", lambda *_, **__: None)
    assert client.get(reverse("health")).json()["cache"] == "down"


def test_a_database_that_is_gone_is_told_and_why_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        message = "password authentication failed for user paper"
        raise OperationalError(message)

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(reverse("health"))
    assert response.status_code == 503
    assert response.json() == {
        "status": "unwell",
        "database": "down",
        "cache": "well",
        "worker": "down",
        "letters": "down",
    }
