"""Knows a reader by the token their own program sends."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from kjreport.accounts.models import ReaderToken, User

_REFUSAL = "This token opens nothing. Make a new one on your account page."


class ReaderTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. A wrong token is refused, not ignored, so that its owner learns of it."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the token's reader, or None when no token was sent.

        Raises:
            AuthenticationFailed: the token is malformed, unknown or revoked, or its reader's account is closed.
        """
        keyword, _, raw = get_authorization_header(request).strip().partition(b" ")
        if keyword.lower() != self.keyword.lower().encode():
            return None
        try:
            reader = ReaderToken.objects.find_reader(raw.decode("ascii").strip())
        except UnicodeDecodeError:
            reader = None
        if reader is None or not reader.is_active:
            raise AuthenticationFailed(_REFUSAL)
        return reader, self.keyword

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - upstream's signature
        """Say with a 401 how to be known."""
        return f'{self.keyword} realm="api"'
