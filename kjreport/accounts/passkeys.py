"""Adding a passkey as one more way in, without the spare codes that only a second step needs."""

from allauth.account.adapter import get_adapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponse
from django.shortcuts import redirect


class AddPasskey(AddWebAuthnView):  # type: ignore[misc] # allauth ships no types
    """Keeps the passkey that a device has just made, and writes to its owner."""

    def form_valid(self, form: AddWebAuthnForm) -> HttpResponse:
        """Add it as allauth does at sign-up, where it makes no spare codes."""
        user = self.request.user
        flows.signup_authenticator(
            self.request, user, name=form.cleaned_data["name"], credential=form.cleaned_data["credential"]
        )
        get_adapter().send_notification_mail("mfa/email/webauthn_added", user)
        return redirect("mfa_list_webauthn")
