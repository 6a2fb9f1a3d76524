"""A reader at the door, in a real browser: the code, the passkey, and pages that keep calm."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import Page, expect

from kjreport.accounts.adapter import AccountAdapter
from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.models import User
from tests.cast import PASSWORD, an_account

pytestmark = pytest.mark.browser
ABOUT = re.compile(r":\d+/about/$")

A_PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def read_code() -> str:
    found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
    assert found
    return found.group()


def hold(page: Page, device: dict[str, Any]) -> None:
    """Put a device that makes passkeys into the reader's hand."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def sign_up(page: Page, address: str) -> None:
    page.goto("/account/login/?next=/about/")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Code")).to_be_visible()
    page.get_by_label("Code").fill(read_code())
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(ABOUT)


def sign_out(page: Page) -> None:
    page.goto("/account/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


@pytest.fixture
def secure(settings: Any) -> None:
    """Let passkeys work on the test server's plain address, as they do on a laptop."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def test_a_reader_signs_up_by_code_and_comes_back_to_where_she_was(page: Page) -> None:
    sign_up(page, "new@example.com")
    page.goto("/account/")
    expect(page.get_by_text("Signed in as new@example.com")).to_be_visible()


def test_a_double_click_makes_one_account_and_one_letter(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    render = AccountAdapter.render_mail

    def take_time(*args: Any, **kwargs: Any) -> Any:
        time.sleep(1)
        return render(*args, **kwargs)

    monkeypatch.setattr(AccountAdapter, "render_mail", take_time)
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill("new@example.com")
    page.evaluate(
        "() => { const go = document.querySelector('main button'); go.click(); setTimeout(() => go.click(), 250) }"
    )
    expect(page.get_by_label("Code")).to_be_visible()
    assert len(mail.outbox) == 1
    page.get_by_label("Code").fill(read_code())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(page: Page, secure: None) -> None:
    hold(page, A_PHONE)
    sign_up(page, "new@example.com")
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Telephone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    expect(page.get_by_text("Telephone")).to_be_visible()
    assert mail.outbox[-1].subject == "A passkey was added to your account"
    assert [way.type for way in Authenticator.objects.all()] == [Authenticator.Type.WEBAUTHN]
    sign_out(page)
    page.goto("/account/login/?next=/about/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(ABOUT)
    page.goto("/account/")
    expect(page.get_by_text("Signed in as new@example.com")).to_be_visible()


def test_a_device_without_a_passkey_is_told_so_in_words(page: Page, secure: None) -> None:
    hold(page, {**A_PHONE, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was chosen")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_enabled()


def test_a_passkey_proves_that_it_is_still_her(page: Page, secure: None, settings: Any) -> None:
    hold(page, A_PHONE)
    sign_up(page, "new@example.com")
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    page.goto("/account/delete/")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Delete my account")).to_be_visible()


def test_without_javascript_a_password_still_signs_in(new_page: Callable[..., Page]) -> None:
    reader = an_account("Rosa Reader")
    confirm_address(reader)
    page = new_page(java_script_enabled=False)
    page.goto("/account/login/?next=/about/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.get_by_label("E-mail address").fill(reader.email)
    page.get_by_text("I have a password").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(ABOUT)


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_account_is_wider_than_its_window(
    new_page: Callable[..., Page], sign_in: Callable[[Page, User], None], width: int, scheme: str
) -> None:
    reader = an_account("Rosa Reader", email="a-rather-long-address-of-rosa-reader@a-rather-long-domain.example.com")
    confirm_address(reader)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in ("login/", "signup/", "password/reset/"):
        page.goto(f"/account/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    sign_in(page, reader)
    for path in ("", "2fa/", "2fa/webauthn/", "email/", "password/change/", "logout/"):
        page.goto(f"/account/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
