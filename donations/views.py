"""The pages for giving."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from donations import giving
from donations.forms import GiftForm
from donations.models import Pledge
from donations.receipts import read_stop_token
from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.checkout_attempts import AlreadyCompleted, Replaced
from kjreport.payments.customers import for_a_page
from kjreport.payments.limits import TooManyAttempts, take_attempt
from kjreport.payments.looking import LOOK_AGAIN, MOST_LOOKS, read_look
from kjreport.payments.money import Money
from kjreport.payments.outages import kind_without_database

PATIENCE = 9.0  # seconds a giver waits for Stripe at most
SORRY = "We could not reach our payment service just now. Nothing was taken. Please try again in a minute."
TOO_OFTEN = "There have been many attempts from here in a short time. Please try again in an hour."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@kind_without_database
def donate(request: HttpRequest) -> HttpResponse:
    """Choose an amount, and go to Stripe to give it."""
    campaign = giving.find_open_campaign()
    if campaign is None:
        return render(request, "donations/closed.html", status=200 if request.method != "POST" else 409)
    if request.method == "POST":
        form = GiftForm(request.POST, campaign=campaign)
        if form.is_valid():
            return _go_to_checkout(request, form)
    else:
        asked, rhythm = request.GET.get("amount", ""), request.GET.get("rhythm", "")
        name = request.user.name if request.user.is_authenticated else ""
        form = GiftForm.blank(campaign=campaign, asked=asked, rhythm=rhythm, name=name)
    return _show_form(request, form)


def _show_form(request: HttpRequest, form: GiftForm, *, trouble: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "campaign": form.campaign, "trouble": trouble}
    return render(request, "donations/donate.html", context, status=422 if form.errors else status)


def _go_to_checkout(request: HttpRequest, form: GiftForm) -> HttpResponse:
    giver = request.user if isinstance(request.user, User) else None
    try:
        take_attempt(request)
        with for_a_page(PATIENCE):
            session = giving.start_gift(
                form.gift, form_key=form.cleaned_data["key"], giver=giver, site_url=settings.SITE_URL
            )
    except TooManyAttempts:
        return _show_form(request, form, trouble=TOO_OFTEN, status=429)
    except AlreadyCompleted as error:
        return redirect(f"{reverse('donations:return')}?session_id={error.attempt.stripe_session_id}")
    except Replaced:
        return _show_form(request, form, trouble="You began this in another tab. Go on there, or press once more here.")
    except gateway.GatewayError:
        return _show_form(request, form, trouble=SORRY, status=503)
    return HttpResponseRedirect(session.url, status=303)


@never_cache
@require_safe
@kind_without_database
def thank(request: HttpRequest) -> HttpResponse:
    """Thank the giver once the money has come; until then say that it is being confirmed."""
    session_id = request.GET.get("session_id", "")
    if not giving.is_known(session_id):  # a stranger's guess costs Stripe nothing
        return redirect("donations:donate")
    try:
        with for_a_page(PATIENCE):
            session = giving.sync_session(session_id)
    except gateway.NotFound:
        raise Http404 from None
    except gateway.GatewayError:
        return _confirm(request, session_id)
    if session.is_paid:
        money = Money(session.amount_total, session.currency)
        return render(request, "donations/thanks.html", {"session": session, "money": money})
    if session.is_complete:
        return _confirm(request, session_id)
    return redirect("donations:donate")


def _confirm(request: HttpRequest, session_id: str) -> HttpResponse:
    """Ask the browser to look again in a moment, a limited number of times; needs no script."""
    look = read_look(request)
    response = render(request, "donations/confirming.html", {"is_last": look >= MOST_LOOKS})
    if look < MOST_LOOKS:
        again = urlencode({"session_id": session_id, "look": look + 1})
        response["Refresh"] = f"{LOOK_AGAIN}; url={reverse('donations:return')}?{again}"
    return response


@require_POST
@kind_without_database
@login_required
def stop_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a monthly gift from one's account page."""
    pledge = get_object_or_404(Pledge, pk=pk, customer__user=request.user)
    return _stop(request, pledge, back=reverse("account"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@kind_without_database
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a monthly gift by the link in its receipt."""
    pledge = get_object_or_404(Pledge, pk=read_stop_token(token))
    if request.method == "POST":
        return _stop(request, pledge, back=request.path)
    return render(request, "donations/stop.html", {"pledge": pledge})


def _stop(request: HttpRequest, pledge: Pledge, *, back: str) -> HttpResponse:
    try:
        with for_a_page(PATIENCE):
            giving.stop_pledge(pledge)
    except gateway.GatewayError:
        messages.error(request, "We could not reach our payment service just now. Please try again in a minute.")
    else:
        messages.success(request, "Your monthly gift has stopped. Nothing more will be taken. Thank you for giving.")
    return redirect(back)
