"""Pages of the account itself: proof by code, preferences, tokens, signing out everywhere, and the newsroom's door."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kjreport.accounts.adapter import has_authenticator_app
from kjreport.accounts.codes import forget_code, read_code, send_code, spend_try
from kjreport.accounts.forms import PreferencesForm, ProveByCodeForm, ReaderTokenForm
from kjreport.accounts.models import ReaderToken, User
from kjreport.accounts.proof import proof_required

TOKENS_AT_MOST = 10


@require_GET
def newsroom_door(request: HttpRequest) -> HttpResponseBase:
    """Let colleagues sign in where readers do, and back to where they were going."""
    going_to = get_next_redirect_url(request) or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': going_to})}")
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(going_to)


@login_required
@require_http_methods(["GET", "POST"])
def prove_by_code(request: HttpRequest) -> HttpResponseBase:
    """Prove who one is by a code from the letter box."""
    user = cast("User", request.user)
    if has_authenticator_app(user):
        return redirect(f"{reverse('account_reauthenticate')}?{request.GET.urlencode()}")
    if request.POST.get("action") == "send":
        return _send_proof_code(request, user)
    expected = read_code(request)
    form = ProveByCodeForm(request.POST or None, expected=expected)
    if request.method == "POST":
        if form.is_valid():
            forget_code(request)
            record_authentication(request, user, method="code", email=user.email, reauthenticated=True)
            return resume_request(request) or redirect("account")
        spend_try(request)
    context = {
        "form": form,
        "was_sent": bool(read_code(request)),
        "going_to": get_next_redirect_url(request) or "",
        "reauthentication_alternatives": [
            {**way, "url": f"{way['url']}?{request.GET.urlencode()}"}
            for way in get_adapter().get_reauthentication_methods(user)
            if way["id"] != "code"
        ],
    }
    return render(request, "account/prove_by_code.html", context)


def _send_proof_code(request: HttpRequest, user: User) -> HttpResponseBase:
    if (
        refusal := ratelimit.consume_or_429(request, app="allauth.account", action="prove_by_code", user=user)
    ) is not None:
        return cast("HttpResponse", refusal)
    send_code(request, user)
    going_to = get_next_redirect_url(request)
    query = f"?{urlencode({'next': going_to})}" if going_to else ""
    return redirect(reverse("account_prove_by_code") + query)


@login_required
@require_POST
def keep_preferences(request: HttpRequest) -> HttpResponseBase:
    """Keep a reader's name and the letters they want."""
    form = PreferencesForm(request.POST, instance=cast("User", request.user))
    if form.is_valid():
        form.save()
        messages.success(request, "Kept.")
    else:
        messages.error(request, "That could not be kept: the name is too long.")
    return redirect("account")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponseBase:
    """End every session of the reader's, on every device, this one too."""
    cast("User", request.user).sign_out_everywhere()
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("account_login")


@proof_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponseBase:
    """Show a reader's tokens, and make one; its secret is shown on the page that made it, and never again."""
    user = cast("User", request.user)
    active = ReaderToken.objects.active().filter(user=user)
    form, raw = ReaderTokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        if active.count() >= TOKENS_AT_MOST:
            form.add_error(None, "Ten tokens are the most. Revoke one you no longer use, then make another.")
        else:
            _, raw = ReaderToken.objects.make(user, name=form.cleaned_data["name"])
            form = ReaderTokenForm()
    return render(request, "account/tokens.html", {"tokens": active, "form": form, "raw": raw})


@proof_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a token open nothing from now on."""
    token = get_object_or_404(ReaderToken, pk=pk, user=request.user)
    token.revoke()
    messages.success(request, f"“{token.name}” opens nothing any more.")
    return redirect("account_tokens")
