"""What a person who is paying is told when our own database fails: it is full, locked or gone."""

import logging
from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError
from django.http import HttpResponse
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

LOOK_AGAIN = 60  # seconds


def kind_without_database[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Have a page of paying answer 503 with a kind sentence where it would answer with our common failure.

    The page asks the database for nothing, and keeps nothing in the session, which is kept there too.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except DatabaseError:
            logger.exception("A page of paying could not reach or write our own database")
            page = render_to_string("payments/not_now.html")
            return HttpResponse(page, status=503, headers={"Retry-After": str(LOOK_AGAIN), "Cache-Control": "no-store"})

    return guarded
