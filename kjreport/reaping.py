"""Takes back the tasks that a worker had when it died, so that another does them: the queue itself never does."""

import logging
from datetime import timedelta

from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

# Longer than any task of ours takes: Stripe is asked for a minute at most, a mail server for a few.
LEFT_TO_ITS_WORKER = timedelta(minutes=15)
MOST_CLAIMS = 3  # a task that has killed so many workers is not given to another


def reap_tasks() -> int:
    """Put back every task that has run for too long to be running still; return how many.

    All our tasks are safe to do again: they look at a row that says whether there is anything left to do.
    """
    now = timezone.now()
    taken_back = 0
    for task in DBTaskResult.objects.running().filter(started_at__lt=now - LEFT_TO_ITS_WORKER):
        # As it was read: one that finishes after all, or was taken back by another sweeper, is left alone.
        still_so = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
        if len(task.worker_ids) < MOST_CLAIMS:
            taken_back += still_so.update(status=TaskResultStatus.READY, started_at=None)
        elif still_so.update(status=TaskResultStatus.FAILED, finished_at=now, traceback="Its workers died of it."):
            logger.error("Task %s (%s) was given up: %s workers died of it", task.pk, task.task_path, MOST_CLAIMS)
    if taken_back:
        logger.warning("%s tasks of dead workers were taken back", taken_back)
    return taken_back
