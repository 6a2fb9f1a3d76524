"""Every page and letter of allauth's is replaced by one of ours."""

import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.urls import urlpatterns
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core import mail
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.letters import compose
from kjreport.accounts.models import User
from kjreport.accounts.urls import urlpatterns as our_urlpatterns
from tests.cast import PASSWORD, an_account

THEIRS = Path(allauth.__file__).parent / "templates"
OURS = Path(settings.BASE_DIR) / "templates"
# Pages allauth never shows here, because what they are for is not switched on.
SWITCHED_OFF = {
    "account/confirm_phone_verification_code.html": "no telephone numbers",
    "account/phone_change.html": "no telephone numbers",
    "account/base_manage_phone.html": "no telephone numbers",
    "account/messages/phone_verification_sent.txt": "no telephone numbers",
    "account/messages/phone_verified.txt": "no telephone numbers",
}


def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns)
        else:
            yield pattern


NAMES = sorted({pattern.name for pattern in walk(urlpatterns) if pattern.name})
# What a GET needs beside a signed-in reader, or where it leads instead of showing a page.
LEADS_ON = {
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_email_verification_sent",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
FOR_STRANGERS = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_password_reset_completed",
    "account_request_login_code",
}


@pytest.fixture
def rosa(db: None) -> User:
    rosa = an_account("Rosa Reader")
    confirm_address(rosa)
    return rosa


def sign_in(rosa: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": rosa.email, "password": PASSWORD})
    return client


def test_every_template_of_allauths_is_ours_or_switched_off() -> None:
    theirs = {
        str(path.relative_to(THEIRS))
        for folder in ("account", "mfa")
        for path in (THEIRS / folder).rglob("*")
        if path.is_file()
    }
    assert len(theirs) > 80
    assert {name for name in theirs if not (OURS / name).is_file()} == set(SWITCHED_OFF)
    assert "phone" not in app_settings.SIGNUP_FIELDS


def get_origin(name: str) -> Path:
    return Path(str(engines["django"].get_template(name).origin))  # type: ignore[attr-defined] # Django's engine has it


def a_passkey(user: User) -> Authenticator:
    """Give somebody a passkey as a device would have made it."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())  # type: ignore[no-untyped-call]
    credential = AttestedCredentialData.create(Aaguid.NONE, b"a-credential-id", key)
    held = AuthenticatorData.create(sha256(b"testserver"), AuthenticatorData.FLAG.AT, 0, credential)
    kept = {
        "id": websafe_encode(b"a-credential-id"),
        "rawId": websafe_encode(b"a-credential-id"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(
                b'{"type":"webauthn.create","challenge":"","origin":"https://testserver"}'
            ),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", held, {}))),
        },
    }
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "My passkey", "credential": kept}
    )


def come_as_needed(name: str, rosa: User) -> Client:
    """Bring the reader into the state in which a page has something to show."""
    client = Client()
    if name == "account_confirm_login_code":
        client.post("/account/login/", {"login": rosa.email})
        return client
    if name in FOR_STRANGERS | LEADS_ON:
        return client
    if name in {"mfa_deactivate_totp", "mfa_reauthenticate"}:
        TOTP.activate(rosa, generate_totp_secret())
    if "recovery" in name:
        Authenticator.objects.create(
            user=rosa, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "00" * 20, "used_mask": 0}
        )
    if name == "account_set_password":
        rosa.set_unusable_password()
        rosa.save()
    client.force_login(rosa)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(rosa.pk)
    session.save()
    return client


@pytest.mark.parametrize("name", NAMES)
def test_every_address_of_allauths_shows_a_page_of_ours(rosa: User, name: str) -> None:
    passkey = a_passkey(rosa)
    needs_key = name in {"mfa_edit_webauthn", "mfa_remove_webauthn"}
    answer = come_as_needed(name, rosa).get(reverse(name, kwargs={"pk": passkey.pk} if needs_key else {}))
    if name in LEADS_ON:
        assert answer.status_code == HTTPStatus.FOUND
        return
    assert answer.status_code == HTTPStatus.OK, answer.headers
    used = [template.name for template in answer.templates if template.name and not template.name.startswith("django/")]
    assert used
    assert all(get_origin(used_name).is_relative_to(OURS) for used_name in used), used
    if name != "mfa_download_recovery_codes":
        page = answer.content.decode()
        assert "base.html" in used
        assert f"· {settings.SITE_NAME}</title>" in page
        assert 'name="robots" content="noindex"' in page
        assert "style=" not in page
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page)


def test_what_a_signed_in_reader_sees_is_kept_by_nobody(rosa: User) -> None:
    client = sign_in(rosa)
    ours = [pattern.name for pattern in walk(our_urlpatterns) if pattern.name and pattern.name not in NAMES]
    for name in ["account", "account_data", "account_delete", "mfa_index", "account_email", *ours]:
        answer = client.get(reverse(name, kwargs={"pk": 1} if name == "account_revoke_token" else {}))
        assert answer["Cache-Control"] == "private, no-store", name


def test_the_second_step_is_asked_of_those_who_want_it_only(rosa: User) -> None:
    a_passkey(rosa)
    answer = Client().post("/account/login/", {"login": rosa.email, "password": PASSWORD})
    assert answer["Location"] == "/account/"
    secret = generate_totp_secret()
    TOTP.activate(rosa, secret)
    client = Client()
    answer = client.post("/account/login/", {"login": rosa.email, "password": PASSWORD, "next": "/about/"})
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == HTTPStatus.OK
    assert "_auth_user_id" not in client.session
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/about/"


# Letters --------------------------------------------------------------------------------------------------------------


def list_letters() -> list[str]:
    folders = [("account", OURS / "account/email"), ("mfa", OURS / "mfa/email")]
    return [
        f"{app}/email/{path.name.removesuffix('_subject.txt')}"
        for app, folder in folders
        for path in sorted(folder.glob("*_subject.txt"))
    ]


@pytest.mark.parametrize("prefix", list_letters())
def test_every_letter_is_ours_in_text_and_html(rosa: User, prefix: str, rf: RequestFactory) -> None:
    words = {
        "code": "1234-5678",
        "timestamp": timezone.now(),
        "ip": "192.0.2.1",
        "from_email": "old@example.com",
        "to_email": "new@example.com",
        "deleted_email": "old@example.com",
        "email": rosa.email,
    }
    with request_context(rf.get("/account/login/")):
        letter = get_adapter().render_mail(prefix, rosa.email, words)
    (html, kind), *others = letter.alternatives
    assert (kind, others) == ("text/html", [])
    assert letter.subject
    assert letter.subject == letter.subject.strip()
    assert "{" not in letter.subject + str(letter.body)
    assert "&#x27;" not in str(letter.body)
    assert letter.from_email == settings.DEFAULT_FROM_EMAIL
    assert settings.SITE_NAME in str(letter.body)
    assert "<style" not in str(html)
    assert "style=" in str(html)
    assert not re.search(r"<img|<script|<link|http://(?!testserver)|https://", str(html))
    if "1234-5678" in letter.subject:
        assert str(html).count("1234-5678") >= 2
        assert "\n1234-5678\n" in str(letter.body)


def test_letters_lead_to_ourselves_whatever_the_request_says(db: None) -> None:
    Client(headers={"host": "127.0.0.1"}).post("/account/login/", {"login": "nobody@example.com"})
    links = re.findall(r"https?://\S+", str(mail.outbox[-1].body))
    assert links
    assert all(link.startswith(settings.SITE_URL) for link in links)


def test_a_letter_cannot_smuggle_markup_or_headers() -> None:
    letter = compose("Hello", "<b>Bold</b>\n\nVisit:\nhttps://evil.example/", to="rosa@example.com")
    html = str(letter.alternatives[0][0])
    assert "<b>" not in html
    assert 'class="button"' not in html
