"""The code that proves who is at the screen: kept in the session, good for a quarter of an hour and three tries."""

import time

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from kjreport.accounts.models import User

_KEPT_AS = "proof_code"
_GOOD_FOR = 900  # seconds
_TRIES = 3


def send_code(request: HttpRequest, user: User) -> None:
    """Send a fresh code to the account's address; an earlier one counts no more."""
    adapter = get_adapter()
    code = adapter.generate_login_code()
    request.session[_KEPT_AS] = {"code": code, "at": time.time(), "tries": _TRIES, "user": user.pk}
    adapter.send_mail("account/email/proof_code", user.email, {"code": code})


def read_code(request: HttpRequest) -> str:
    """Return the code that is waited for; nothing if none was sent, it is too old or was guessed at too often."""
    kept = request.session.get(_KEPT_AS)
    if not kept or kept["user"] != request.user.pk or kept["tries"] < 1 or time.time() - kept["at"] > _GOOD_FOR:
        return ""
    return str(kept["code"])


def spend_try(request: HttpRequest) -> None:
    """Count a wrong answer."""
    if kept := request.session.get(_KEPT_AS):
        request.session[_KEPT_AS] = kept | {"tries": kept["tries"] - 1}


def forget_code(request: HttpRequest) -> None:
    """Let the code be used once."""
    request.session.pop(_KEPT_AS, None)
