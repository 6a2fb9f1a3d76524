"""A world for the histories of a test."""

from collections.abc import Iterator

import pytest

from tests.soak.world import World


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """Everything in one process, without a socket; what the site commits is committed."""
    with World() as opened:
        yield opened
