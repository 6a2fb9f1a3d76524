"""What an account holds of its reader, in a form they can take away."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from kjreport.accounts.models import User


def export(user: User) -> dict[str, Any]:
    """Return everything the account itself holds; secrets are named, never shown. Reads every session once."""
    return {
        "email": user.email,
        "name": user.name,
        "joined_at": user.date_joined,
        "last_signed_in_at": user.last_login,
        "works_here": user.is_staff,
        "letters": {
            "new_analyses": user.wants_new_analyses,
            "news_of_the_paper": user.wants_news_of_the_paper,
        },
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "has_password": user.has_usable_password(),
        "ways_to_sign_in": [
            {"kind": way.type, "added_at": way.created_at, "last_used_at": way.last_used_at}
            for way in Authenticator.objects.filter(user=user)
        ],
        "tokens": list(user.reader_tokens.values("name", "created_at", "last_used_at", "revoked_at")),
        "open_sessions": count_sessions(user),
    }


def count_sessions(user: User) -> int:
    """Count the browsers signed in to the account."""
    wanted = str(user.pk)
    nonce_hash = user.get_session_auth_hash()
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    return sum(
        1
        for session in open_ones
        if (data := session.get_decoded()).get(SESSION_KEY) == wanted and data.get("_auth_user_hash") == nonce_hash
    )
