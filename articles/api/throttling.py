"""How often one may ask: counted in the cache, and not at all while the cache is down."""

import logging
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class _CountedInTheCache(SimpleRateThrottle):
    """Counts while the cache answers."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the question; readers must not be turned away because our cache is."""
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.exception("The cache does not answer; questions to the API are not counted.")
            return True


class StrangerThrottle(_CountedInTheCache, AnonRateThrottle):
    """So many questions from one address."""


class ReaderThrottle(_CountedInTheCache, UserRateThrottle):
    """So many questions from one reader."""
