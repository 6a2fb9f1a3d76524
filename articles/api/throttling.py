"""How often one may ask: counted in the cache, and not at all while the cache is down."""

import logging
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class StrangerThrottle(AnonRateThrottle):
    """So many questions from one address."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the question; readers must not be turned away because our cache is."""
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.exception("The cache does not answer; questions to the API are not counted.")
            return True


class ReaderThrottle(UserRateThrottle):
    """So many questions from one reader."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Likewise."""
        try:
            return super().allow_request(request, view)
        except Exception:
            logger.exception("The cache does not answer; questions to the API are not counted.")
            return True
