"""The seeded paper, planted once for each file of tests, and who comes to read it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from kjreport.accounts.models import User
from tests.cast import a_subscription, an_account
from tests.leaks.personas import signed_in
from tests.leaks.planting import Planted, plant_paper


@pytest.fixture(scope="module")
def _planted(django_db_setup: None, django_db_blocker: Any) -> Iterator[Planted]:
    """Plant it in a transaction that the file's tests nest theirs in, and take it out again after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield plant_paper()
        transaction.set_rollback(True)


@pytest.fixture
def paper(_planted: Planted, db: None) -> Planted:
    """The seeded paper; what a test changes in it is undone after the test."""
    return _planted


@pytest.fixture
def paying_reader(paper: Planted) -> User:
    """Somebody who pays every month."""
    reader = an_account("Sunniva Subscriber")
    a_subscription(reader)
    return reader


@pytest.fixture
def subscriber(paying_reader: User) -> Client:
    """Their browser, signed in."""
    return signed_in(paying_reader)
