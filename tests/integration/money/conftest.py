"""A practice till, known to the site, with the catalogue in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from kjreport.standin.server import StandIn
from subscriptions import catalogue


@pytest.fixture
def till(settings: Any, transactional_db: None) -> Iterator[StandIn]:
    """A practice till; its letters wait until a test reads them."""
    with StandIn(deliver="hold") as standin:
        settings.STRIPE_API_BASE = standin.url
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        yield standin
