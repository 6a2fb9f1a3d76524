"""How django-allauth behaves in this house."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.letters import compose
from kjreport.accounts.models import User
from kjreport.accounts.proof import was_proven_lately

AUTHENTICATE_STAGE = "allauth.mfa.stages.AuthenticateStage"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """The door's manners."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "duplicate_email": "That is the address you have already.",
        "email_password_mismatch": "That e-mail address and password do not belong together.",
        "email_taken": "Another account has that address.",
        "enter_current_password": "That is not your present password.",
        "incorrect_code": "That is not the code we sent. Check the newest letter and try again.",
        "incorrect_password": "That is not your password.",
        "rate_limited": "You asked for that too often. Wait a few minutes, then try again.",
        "same_as_current": "That is the address you have already.",
        "too_many_login_attempts": "That was tried too often. Wait a few minutes, then try again.",
        "unverified_primary_email": "Please confirm your e-mail address first.",
    }

    def get_login_stages(self) -> list[str]:
        """Put our own second step in place of allauth's."""
        ours = "kjreport.accounts.stages.SecondStep"
        return [ours if stage == AUTHENTICATE_STAGE else stage for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:  # noqa: ANN401 - a user or nobody
        """Offer a code by e-mail beside password and passkey, but not instead of an authenticator app."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        words = {
            "reauthenticate": "Use my password",
            "mfa_reauthenticate": "Use my authenticator app",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        for method in methods:
            method["description"] = words[method["id"]]
        if user.is_authenticated and not has_authenticator_app(user):
            methods = [method for method in methods if method["id"] != "mfa_reauthenticate"]
            methods.append(
                {"id": "code", "description": "Send me a code by e-mail", "url": reverse("account_prove_by_code")}
            )
        return methods

    def is_safe_url(self, url: str) -> bool:
        """Allow ourselves only; allauth would also trust every other host we answer to."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:  # noqa: ANN401
        """Take a code that came back from the letter box as proof of the address, so that nobody gets two."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        records = get_authentication_records(request, user)
        last = records[-1] if records else {}
        if response is None and last.get("method") == "code" and last.get("email", "").lower() == user.email.lower():
            confirm_address(user)
        return response

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Count the code that ended a sign-up as the proof it is."""
        if kwargs["signup"]:
            record_authentication(request, user, method="code", email=user.email)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ANN401
        """Ask again only when the last proof is old, whatever it was; allauth would not count the sign-in itself."""
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return (required or app == "allauth.account") and not was_proven_lately(allauth_context.request)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: ANN401, FBT001, FBT002 - allauth's signature
        """Keep addresses in lower case, as `create_user` does."""
        form.cleaned_data["email"] = form.cleaned_data["email"].lower()
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,  # noqa: ARG002 - allauth's signature; it never gives any
    ) -> EmailMultiAlternatives:
        """Write the letter in our words and our dress, with addresses of ours that no request can bend."""
        context = context | {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **self._ways_on(email)}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        text = render_to_string(f"{template_prefix}_message.txt", context).strip() + "\n"
        to = email if isinstance(email, str) else email[0]
        return compose(subject, text, to=to, code=context.get("code", ""))

    def _ways_on(self, email: str | list[str]) -> dict[str, str]:
        """Return the addresses a letter may name, none of which forgets where its reader was going."""
        request = allauth_context.request
        where = get_next_redirect_url(request) if request else None
        known = {"next": where} if where else {}
        signup = known | {"email": email if isinstance(email, str) else email[0]}
        return {
            "account_url": settings.SITE_URL + reverse("account"),
            "sign_in_url": settings.SITE_URL + _with(reverse("account_login"), known),
            "signup_url": settings.SITE_URL + _with(reverse("account_signup"), signup),
        }


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """Passkeys and authenticator apps, in our words."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That did not match. Please try again.",
        "unverified_email": "Confirm your e-mail address first, then add another way to sign in.",
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, ANN401 - allauth's signature
        """Suggest a name that the reader will know again."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "My passkey" if count == 0 else f"My passkey {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the paper, not its host, where a device asks what the passkey is for."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.SITE_NAME}


def has_authenticator_app(user: User) -> bool:
    """Tell whether the account asks for a second step. One query."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def _with(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
