"""Misconfiguration is a system check with an id and a hint.

`kjreport.E001` to `E005` hold everywhere. The others are deployment checks: `manage.py check --deploy` shows them, and
`kjreport.wsgi` refuses to serve readers while one of them is an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.utils.module_loading import import_string

ENTITLEMENTS = "subscriptions.entitlements.EntitlementBackend"
STRIPE = "https://api.stripe.com"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TEST_KEYS = ("sk_test_", "rk_test_")
LIVE_KEYS = ("sk_live_", "rk_live_")
SHORTEST_SECRET = 50
MAIL_TO_NOWHERE = (
    "kjreport.mailroom.",
    "django.core.mail.backends.console.",
    "django.core.mail.backends.dummy.",
    "django.core.mail.backends.filebased.",
    "django.core.mail.backends.locmem.",
)

type Messages = list[CheckMessage]
type Configs = Sequence[AppConfig] | None


# Names carried upward: import linters cannot see strings --------------------------------------------------------------


@register(Tags.security)
def check_entitlements_come_first(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E001: the wall asks `has_perm`, so the entitlements must be there to answer."""
    backends = settings.AUTHENTICATION_BACKENDS
    if not backends or backends[0] != ENTITLEMENTS:
        return [
            Error(
                "Subscribers would meet the wall: AUTHENTICATION_BACKENDS does not begin with the entitlements.",
                hint=f"Put {ENTITLEMENTS!r} first.",
                id="kjreport.E001",
            )
        ]
    return [
        Error(
            f"AUTHENTICATION_BACKENDS names {path!r}, which cannot be imported: {reason}",
            hint="Mend the name, or take it out.",
            id="kjreport.E001",
        )
        for path, reason in _unimportable(backends)
    ]


@register(Tags.security)
def check_stripe_events(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E002: the inbox finds its handlers by the name in STRIPE_EVENTS."""
    hint = "STRIPE_EVENTS names a mapping of Stripe's event types to callables, such as kjreport.events.HANDLERS."
    for _path, reason in _unimportable([settings.STRIPE_EVENTS]):
        return [Error(f"STRIPE_EVENTS cannot be imported: {reason}", hint=hint, id="kjreport.E002")]
    handlers = import_string(settings.STRIPE_EVENTS)
    if not isinstance(handlers, Mapping) or not handlers:
        return [Error("STRIPE_EVENTS names no mapping, or an empty one.", hint=hint, id="kjreport.E002")]
    return [
        Error(f"STRIPE_EVENTS: the handler of {kind!r} cannot be called.", hint=hint, id="kjreport.E002")
        for kind, handler in handlers.items()
        if not callable(handler)
    ]


@register(Tags.security)
def check_stripe_address(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E003: payments go to Stripe itself, or to the stand-in on this machine with a test key."""
    base, key = settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY
    if base == STRIPE:
        return []
    if urlsplit(base).hostname in LOOPBACK and key.startswith(TEST_KEYS):
        return []
    return [
        Error(
            "STRIPE_API_BASE is neither Stripe nor the stand-in on this machine with a test key.",
            hint=f"Leave STRIPE_API_BASE out to use {STRIPE}, or name a loopback address and an sk_test_ key.",
            id="kjreport.E003",
        )
    ]


@register(Tags.security)
def check_debug_stays_on_laptops(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E004, E005: DEBUG shows settings and everybody's mail, so it belongs where only its owner can look."""
    if not settings.DEBUG:
        return []
    messages: Messages = []
    if urlsplit(settings.SITE_URL).hostname not in LOOPBACK:
        hint = "Set DEBUG=false, or SITE_URL to http://127.0.0.1:8000."
        messages.append(Error("DEBUG is on at a public address.", hint=hint, id="kjreport.E004"))
    if settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS):
        hint = "Use an sk_test_ key, or set DEBUG=false."
        messages.append(Error("DEBUG is on with a key that moves real money.", hint=hint, id="kjreport.E005"))
    return messages


def _unimportable(paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Give each name that cannot be imported, with the reason."""
    for path in paths:
        try:
            import_string(path)
        except ImportError as error:
            yield path, str(error)


# What production must not do ------------------------------------------------------------------------------------------


@register(Tags.security, deploy=True)
def check_the_door(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E010 to E012: a secret of its own, an encrypted address, named hosts."""
    messages: Messages = []
    secret = settings.SECRET_KEY
    if len(secret) < SHORTEST_SECRET or secret.startswith("insecure"):
        hint = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(60))'"
        messages.append(Error("SECRET_KEY is missing, short or the laptop's.", hint=hint, id="kjreport.E010"))
    if not settings.SITE_URL.startswith("https://"):
        hint = "Set SITE_URL to the site's public https:// address; cookies, HSTS and links follow it."
        messages.append(Error("SITE_URL is not encrypted.", hint=hint, id="kjreport.E011"))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts this site answers to, such as ALLOWED_HOSTS=www.example.org,example.org."
        messages.append(Error("ALLOWED_HOSTS is empty or lets anybody in.", hint=hint, id="kjreport.E012"))
    return messages


@register(Tags.security, deploy=True)
def check_stripe_is_configured(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E013 to E015, W001: readers' money needs a key, signed letters and Stripe itself."""
    messages: Messages = []
    key, secrets = settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS
    if not key.startswith(TEST_KEYS + LIVE_KEYS):
        hint = "Copy a restricted or secret key from Stripe's dashboard: rk_live_… or sk_live_…"
        messages.append(Error("STRIPE_SECRET_KEY is missing or no secret key.", hint=hint, id="kjreport.E013"))
    if not secrets or not all(secret.startswith("whsec_") for secret in secrets):
        hint = "Register /stripe/webhook/ with Stripe and copy its signing secret: whsec_…"
        messages.append(Error("STRIPE_WEBHOOK_SECRETS is missing or malformed.", hint=hint, id="kjreport.E014"))
    if settings.STRIPE_API_BASE != STRIPE:
        hint = "Leave STRIPE_API_BASE out."
        messages.append(Error("The stand-in takes Stripe's place in production.", hint=hint, id="kjreport.E015"))
    if key.startswith(TEST_KEYS):
        hint = "Right for a trial of the site; readers need a live key."
        messages.append(Warning("STRIPE_SECRET_KEY is a test key: no money moves.", hint=hint, id="kjreport.W001"))
    return messages


@register(Tags.security, deploy=True)
def check_letters_arrive(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """E016, W002: sign-in codes and receipts must reach people, from an address that exists."""
    messages: Messages = []
    backend = settings.MAILERS["default"]["BACKEND"]
    if backend.startswith(MAIL_TO_NOWHERE):
        hint = "Set EMAIL_BACKEND and EMAIL_OPTIONS to a server that delivers; nobody can sign in without codes."
        messages.append(Error(f"E-mail goes nowhere ({backend}).", hint=hint, id="kjreport.E016"))
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith(".example"):
        hint = "Set DEFAULT_FROM_EMAIL to an address of yours."
        messages.append(Warning("E-mail comes from an address nobody has.", hint=hint, id="kjreport.W002"))
    return messages


@register(Tags.security, deploy=True)
def check_what_is_kept(app_configs: Configs, **_: Any) -> Messages:  # noqa: ANN401, ARG001 - Django's signature
    """W003, W004: what holds for one small server and no further."""
    messages: Messages = []
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        hint = "One machine with a good backup may stay with it; otherwise set DATABASE_URL to PostgreSQL."
        messages.append(Warning("The data live in an SQLite file.", hint=hint, id="kjreport.W003"))
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        hint = "With more than one process, limits are counted and pages dropped in each apart: set REDIS_URL."
        messages.append(Warning("Each process has a cache of its own.", hint=hint, id="kjreport.W004"))
    return messages
