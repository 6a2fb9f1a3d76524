"""A real Stripe test account, or the stand-in to rehearse on. Collected only when asked for by `-m live_stripe`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from donations import giving
from subscriptions import catalogue
from tests.live_stripe.sandbox import Live, Rehearsal, Sandbox, read_environment

MARK = "live_stripe"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these tests out of every other run."""
    is_asked_for = config.getoption("markexpr") == MARK
    return None if is_asked_for or collection_path.name == "conftest.py" else True


@pytest.fixture(scope="session")
def account() -> Iterator[Sandbox]:
    """The account for the whole run; what was made in it is put away afterwards."""
    try:
        key, is_rehearsal = read_environment()
    except ValueError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    with Rehearsal() if is_rehearsal else Live(key) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(account: Sandbox, settings: Any, transactional_db: None) -> Sandbox:
    """The account, known to the site, with its catalogue published."""
    settings.STRIPE_SECRET_KEY = account.key
    settings.STRIPE_API_BASE = account.base
    settings.STRIPE_SITE = account.site
    catalogue.ensure_plans()
    catalogue.publish_catalogue()
    giving.ensure_campaign()
    giving.publish_campaigns()
    return account
