"""The door where Stripe's letters come in."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kjreport.payments import inbox
from kjreport.payments import stripe_gateway as gateway

logger = logging.getLogger(__name__)

LARGEST_LETTER = 1024 * 1024  # bytes; Stripe's are far smaller


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Check, keep, and answer at once. Anything that keeps us from keeping it must not be answered 2xx."""
    if not _has_a_fair_length(request):
        return HttpResponse("A letter of this length is not taken in.", status=413, content_type="text/plain")
    try:
        notification = gateway.read_notification(request.body, request.headers.get("Stripe-Signature", ""))
    except gateway.BadLetter as error:
        logger.warning("A letter was refused: %s", error)
        return HttpResponse("This letter cannot be accepted.", status=400, content_type="text/plain")
    except ImproperlyConfigured as error:
        logger.error("A letter came before payments were configured: %s", error)  # noqa: TRY400 - no traceback helps
        return HttpResponse("Payments are not configured.", status=503, content_type="text/plain")
    inbox.receive(notification)
    return HttpResponse(status=200)


def _has_a_fair_length(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isascii() and length.isdigit() and int(length) <= LARGEST_LETTER
