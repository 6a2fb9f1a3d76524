"""What stands between a first proof and a session, where allauth's own rule does not suit readers."""

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest


class SecondStep(AuthenticateStage):  # type: ignore[misc] # allauth ships no types
    """Asks for a second proof from those who chose an authenticator app.

    To allauth a passkey is a second factor too. To a reader it is one more way in: asking it of her on another
    computer, after the code from her own letter box, would lock her out.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is None or not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return False
        return bool(super()._should_handle(request))
