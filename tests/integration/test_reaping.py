"""A task whose worker was killed is done by another."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from donations.receipts import send_soon
from kjreport import reaping

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def a_task(settings: Any) -> Any:
    """Queue a task that does nothing, as production does."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # nobody answers, at once
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    send_soon.enqueue(0)
    return DBTaskResult.objects.get()


def die_with(task: Any, *, minutes_ago: int, times: int = 1) -> None:
    """Have so many workers begin it and die, the last of them so long ago."""
    DBTaskResult.objects.filter(pk=task.pk).update(
        status=TaskResultStatus.RUNNING,
        started_at=timezone.now() - timedelta(minutes=minutes_ago),
        worker_ids=[f"worker-{number}" for number in range(times)],
    )


def status_of(task: Any) -> str:
    return str(DBTaskResult.objects.get(pk=task.pk).status)


def test_the_sweeper_gives_the_task_of_a_dead_worker_to_the_next(a_task: Any) -> None:
    die_with(a_task, minutes_ago=16)
    call_command("sweep")
    assert status_of(a_task) == TaskResultStatus.READY
    call_command("db_worker", batch=True, interval=0, reload=False, startup_delay=False)
    assert status_of(a_task) == TaskResultStatus.SUCCESSFUL
    assert mail.outbox == []


def test_a_task_that_is_being_done_is_left_to_its_worker(a_task: Any) -> None:
    die_with(a_task, minutes_ago=14)
    assert reaping.reap_tasks() == 0
    assert status_of(a_task) == TaskResultStatus.RUNNING


def test_a_task_that_kills_every_worker_is_given_up_and_said_aloud(
    a_task: Any, caplog: pytest.LogCaptureFixture
) -> None:
    die_with(a_task, minutes_ago=16, times=3)
    assert reaping.reap_tasks() == 0
    assert status_of(a_task) == TaskResultStatus.FAILED
    assert "3 workers died of it" in caplog.text
