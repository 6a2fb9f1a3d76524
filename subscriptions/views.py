"""The plans page, the way to Stripe and back, and the door to the portal."""

import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kjreport.accounts.models import User
from kjreport.payments.checkout_attempts import AlreadyCompleted, Replaced
from kjreport.payments.limits import TooManyAttempts, take_attempt
from kjreport.payments.looking import LOOK_AGAIN, MOST_LOOKS, read_look
from kjreport.payments.models import CheckoutAttempt
from kjreport.payments.outages import kind_without_database
from kjreport.payments.return_paths import clean_return_path
from kjreport.payments.stripe_gateway import GatewayError, GatewayRefused
from subscriptions.checkout import AlreadySubscribed, NotForSale, Outcome, find_attempt, finish_checkout, start_checkout
from subscriptions.entitlements import find_standing, forget_standing
from subscriptions.forms import PortalForm, StartForm
from subscriptions.offer import find_offer
from subscriptions.portal import NothingToManage, come_back, keep_subscription, open_portal, resume_subscription

logger = logging.getLogger(__name__)

NOT_NOW = "We could not reach our payment service just now. Nothing was charged. Please try again in a few minutes."
TOO_MANY = "That was a good many attempts to pay. Please wait an hour, then try again. Nothing was charged."
OTHER_TAB = "You began to subscribe in another tab or window. Please go on there, or press the button here once more."
HAVE_ONE = "You have a subscription already, so there is no need for a second one. You can manage it here."
NOT_YET_SOLD = "This subscription cannot be bought yet. Please come back a little later."
NOT_SO = "Our payment service could not do that. Nothing was changed. Please look at your card, then try once more."


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """What we sell; a visitor's buttons lead through sign-up and back with the choice intact."""
    offer = find_offer()
    return_to = clean_return_path(request.GET.get("return_to", ""))
    is_signed_in = request.user.is_authenticated
    standing = find_standing(request.user)
    context = {
        "offer": offer,
        "chosen": offer.find(request.GET.get("price", "")),
        "return_to": return_to,
        "key": uuid.uuid4() if is_signed_in else None,
        "standing": standing,
        "has_one": not standing.verdict.may_begin,
        "ways": [(price, _plans_path(price.pk, return_to)) for price in offer.prices],
    }
    return render(request, "subscriptions/plans.html", context)


@never_cache
@require_POST
@kind_without_database
def start(request: HttpRequest) -> HttpResponse:
    """Take the choice and go to Stripe's page."""
    form = StartForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please choose one of the subscriptions below.")
        return redirect("subscriptions:plans")
    price, return_to = form.cleaned_data["price"], form.cleaned_data["return_to"]
    back = _plans_path(price.pk, return_to)
    if not isinstance(request.user, User):
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': back})}")
    try:
        take_attempt(request)
        return redirect(start_checkout(request.user, price, form_key=form.cleaned_data["key"], return_to=return_to))
    except AlreadySubscribed:
        messages.info(request, HAVE_ONE)
        return redirect("account")
    except AlreadyCompleted as done:
        return redirect(_return_path(done.attempt))
    except TooManyAttempts:
        messages.error(request, TOO_MANY)
    except Replaced:
        messages.info(request, OTHER_TAB)
    except NotForSale:
        messages.error(request, NOT_YET_SOLD)
    except GatewayError:
        logger.warning("A checkout could not be opened", exc_info=True)
        messages.error(request, NOT_NOW)
    return redirect(back)


@never_cache
@require_safe
@kind_without_database
def come_back_from_checkout(request: HttpRequest) -> HttpResponse:
    """Look whether it is so, say “confirming” until it is, then go back to the piece that was being read."""
    attempt = find_attempt(request.GET.get("session_id", "")[:255])
    try:
        outcome = finish_checkout(attempt) if attempt is not None else Outcome.UNPAID
    except GatewayError:
        logger.warning("A return from checkout could not be looked at", exc_info=True)
        outcome = Outcome.PENDING
    if attempt is None or outcome is Outcome.UNPAID:
        messages.info(request, "That payment was not finished, and nothing was charged. You can begin again here.")
        return redirect(_plans_path(None, attempt.return_to if attempt else ""))
    forget_standing(request.user)
    if find_standing(request.user).opens_the_text:
        messages.success(request, "Thank you, and welcome. Every analysis is open to you now.")
        return redirect(attempt.return_to or "account")
    if outcome is Outcome.CONFIRMED:
        messages.success(request, "Thank you. Your subscription has begun. Please sign in to read.")
        return redirect("account_login")
    return _confirming(request, attempt)


def _confirming(request: HttpRequest, attempt: CheckoutAttempt) -> HttpResponse:
    """Ask the browser to look again in a moment, a limited number of times; needs no script."""
    look = read_look(request)
    response = render(request, "subscriptions/confirming.html", {"is_last": look >= MOST_LOOKS})
    if look < MOST_LOOKS:
        response["Refresh"] = f"{LOOK_AGAIN}; url={_return_path(attempt)}&look={look + 1}"
    return response


@never_cache
@kind_without_database
@login_required
def portal(request: HttpRequest) -> HttpResponse:
    """Go to Stripe's portal (POST), or come back from it (GET)."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required, for the type checker
    try:
        if request.method != "POST":
            come_back(request.user)
            return redirect("account")
        form = PortalForm(request.POST)
        said: dict[str, Any] = form.cleaned_data if form.is_valid() else {"wish": "manage", "subscription": None}
        wish, chosen = said["wish"], said["subscription"]
        if wish in _OURS:
            deed, thanks = _OURS[wish]
            if deed(request.user, chosen=chosen):
                messages.success(request, thanks)
            return redirect("account")
        return redirect(open_portal(request.user, wish, chosen=chosen))
    except NothingToManage:
        messages.info(request, "There is no subscription to manage yet.")
        return redirect("subscriptions:plans")
    except GatewayRefused:
        logger.warning("Stripe refused what a reader wished of their subscription", exc_info=True)
        messages.error(request, NOT_SO)
    except GatewayError:
        logger.warning("The portal could not be opened", exc_info=True)
        messages.error(request, "We could not reach our payment service just now. Please try again in a few minutes.")
    return redirect("account")


_OURS: dict[str, tuple[Callable[..., bool], str]] = {
    "keep": (keep_subscription, "Your subscription goes on as before. Thank you for staying."),
    "resume": (resume_subscription, "Your subscription goes on. Thank you, and welcome back."),
}


def _plans_path(price: int | None, return_to: str) -> str:
    query = urlencode(({"price": price} if price else {}) | ({"return_to": return_to} if return_to else {}))
    return reverse("subscriptions:plans") + (f"?{query}" if query else "")


def _return_path(attempt: CheckoutAttempt) -> str:
    return f"{reverse('subscriptions:return')}?{urlencode({'session_id': attempt.stripe_session_id or ''})}"
