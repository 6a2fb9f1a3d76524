"""What the house adds around allauth's own pages."""

from collections.abc import Callable

from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from kjreport.accounts.proof import ask_for_proof, was_proven_lately

# Pages that change who can sign in. Allauth lets a session of any age use them while its reader has neither a password
# nor a passkey, because it knows no other proof; we do: a code by e-mail.
NEED_PROOF = frozenset(
    {
        "account_email",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)


class DoorMiddleware:
    """Asks for a fresh proof where it matters, and lets base.html keep its own `site`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass everything on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view_and_its_arguments: object) -> HttpResponseBase | None:
        """Send a signed-in reader whose last proof is old to give a new one."""
        match = request.resolver_match
        if match is None or match.url_name not in NEED_PROOF or not request.user.is_authenticated:
            return None
        return None if was_proven_lately(request) else ask_for_proof(request)

    def process_template_response(self, _request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Take away allauth's `site`, which is only the host's name and would hide the paper's."""
        context = response.context_data
        if context and isinstance(context.get("site"), RequestSite):
            del context["site"]
        return response
