"""Every system check is seen to fail, and production as .env.example describes it to pass."""

import inspect
from typing import Any

import pytest
from django.conf import UserSettingsHolder, settings
from django.core.checks import CheckMessage

from kjreport import checks

SAFE: dict[str, Any] = {
    "DEBUG": False,
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://paper.test",
    "ALLOWED_HOSTS": ["paper.test"],
    "STRIPE_SECRET_KEY": "rk_live_x",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_x"],
    "STRIPE_API_BASE": checks.STRIPE,
    "MAILERS": {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}},
    "DEFAULT_FROM_EMAIL": "Paper <post@paper.test>",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}},
}
LAPTOP: dict[str, Any] = {"DEBUG": True, "SITE_URL": "http://127.0.0.1:8000", "STRIPE_SECRET_KEY": "sk_test_x"}
ALL = (
    checks.check_entitlements_come_first,
    checks.check_stripe_events,
    checks.check_stripe_address,
    checks.check_debug_stays_on_laptops,
    checks.check_the_door,
    checks.check_stripe_is_configured,
    checks.check_letters_arrive,
    checks.check_what_is_kept,
)
HANDLERS_WITHOUT_A_CALLABLE = {"invoice.paid": "later"}
NO_HANDLERS: dict[str, object] = {}

FAULTS = [
    ("E001", SAFE, {"AUTHENTICATION_BACKENDS": []}),
    ("E001", SAFE, {"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend", checks.ENTITLEMENTS]}),
    ("E001", SAFE, {"AUTHENTICATION_BACKENDS": [checks.ENTITLEMENTS, "kjreport.nowhere.Backend"]}),
    ("E002", SAFE, {"STRIPE_EVENTS": "kjreport.nowhere.HANDLERS"}),
    ("E002", SAFE, {"STRIPE_EVENTS": f"{__name__}.NO_HANDLERS"}),
    ("E002", SAFE, {"STRIPE_EVENTS": f"{__name__}.HANDLERS_WITHOUT_A_CALLABLE"}),
    ("E003", LAPTOP, {"STRIPE_API_BASE": "https://api.stripe.com.example.net"}),
    ("E003", LAPTOP, {"STRIPE_API_BASE": "http://192.168.1.5:12111"}),
    ("E003", LAPTOP, {"STRIPE_API_BASE": "http://127.0.0.1:12111", "STRIPE_SECRET_KEY": "sk_live_x"}),
    ("E004", LAPTOP, {"SITE_URL": "https://paper.test"}),
    ("E005", LAPTOP, {"STRIPE_SECRET_KEY": "sk_live_x"}),
    ("E010", SAFE, {"SECRET_KEY": "short"}),
    ("E010", SAFE, {"SECRET_KEY": "insecure-only-for-a-laptop" + "x" * 40}),
    ("E011", SAFE, {"SITE_URL": "http://paper.test"}),
    ("E012", SAFE, {"ALLOWED_HOSTS": []}),
    ("E012", SAFE, {"ALLOWED_HOSTS": ["*"]}),
    ("E013", SAFE, {"STRIPE_SECRET_KEY": ""}),
    ("E013", SAFE, {"STRIPE_SECRET_KEY": "pk_live_x"}),
    ("E014", SAFE, {"STRIPE_WEBHOOK_SECRETS": []}),
    ("E014", SAFE, {"STRIPE_WEBHOOK_SECRETS": ["whsec_x", "sk_live_x"]}),
    ("E015", SAFE, {"STRIPE_API_BASE": "http://127.0.0.1:12111", "STRIPE_SECRET_KEY": "sk_test_x"}),
    ("E016", SAFE, {"MAILERS": {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}}),
    ("E016", SAFE, {"MAILERS": {"default": {"BACKEND": "kjreport.mailroom.LaptopMailer"}}}),
    ("W001", SAFE, {"STRIPE_SECRET_KEY": "sk_test_x"}),
    ("W002", SAFE, {"DEFAULT_FROM_EMAIL": "KJ Report <post@kjreport.example>"}),
    ("W003", SAFE, {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}),
    ("W004", SAFE, {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
]


def found() -> list[CheckMessage]:
    return [message for check in ALL for message in check(None)]


@pytest.mark.parametrize(("number", "place", "fault"), FAULTS)
def test_each_fault_is_named_and_comes_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, number: str, place: dict[str, Any], fault: dict[str, Any]
) -> None:
    _set(monkeypatch, place | fault)
    named = {message.id: message for message in found()}
    assert f"kjreport.{number}" in named
    assert named[f"kjreport.{number}"].hint


def test_every_number_is_seen_to_fail() -> None:
    text = inspect.getsource(checks)
    used = {part.split('"')[0] for part in text.split('id="kjreport.')[1:]}
    assert used == {number for number, _, _ in FAULTS}


def test_a_well_configured_production_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SAFE)
    assert found() == []


def test_the_stand_in_is_welcome_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, LAPTOP | {"STRIPE_API_BASE": "http://127.0.0.1:12111"})
    everywhere = (*checks.check_stripe_address(None), *checks.check_debug_stays_on_laptops(None))
    assert everywhere == ()


def _set(monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]) -> None:
    """Show the checks other settings; the site under test keeps its own."""
    shown = UserSettingsHolder(settings)
    for name, value in values.items():
        setattr(shown, name, value)
    monkeypatch.setattr(checks, "settings", shown)
