"""A practice till, known to the site, with the catalogue in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from donations import giving
from kjreport.standin.server import StandIn
from subscriptions import catalogue
from tests.integration.money.racing import Racers, Table, straight_to


@pytest.fixture
def till(settings: Any, transactional_db: None) -> Iterator[StandIn]:
    """A practice till; its letters wait until a test reads them."""
    with StandIn(deliver="hold") as standin:
        settings.STRIPE_API_BASE = standin.url
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        yield standin


@pytest.fixture
def table(transactional_db: None) -> Iterator[Table]:
    """A till in this very process with the catalogue in it, and racers who have taken their places."""
    till = StandIn(deliver="hold", seed=1)
    with straight_to(till), Racers(seed=1) as racers:
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        giving.ensure_campaign()
        giving.publish_campaigns()
        yield Table(till, racers)
    till.stop()
