"""Fresh proof that it is still the reader who sits at the screen."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


def was_proven_lately(request: HttpRequest) -> bool:
    """Tell whether they signed in, or proved who they are, within the last quarter of an hour. No query."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for record in records)


def ask_for_proof(request: HttpRequest) -> HttpResponseRedirect:
    """Send them to prove it, and back here afterwards."""
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


def proof_required[**P, R: HttpResponseBase](
    view: Callable[..., R],
) -> Callable[..., R | HttpResponseBase]:
    """Let only somebody signed in, with a fresh proof, use a page."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> R | HttpResponseBase:  # noqa: ANN401 - as the view takes them
        if was_proven_lately(request):
            return view(request, *args, **kwargs)
        return ask_for_proof(request)

    return guarded
