"""Says of every address of the site what kind it is, and names real addresses of each.

An address that is missing here fails the build: whoever adds one says who may learn what there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from reversion.models import Version

from articles.authors.models import Author
from articles.images import SOCIAL_WIDTH, widths_of
from articles.models import Article, Edition, Photo, Section, Topic
from articles.sharing import card_address
from articles.sitemaps import PARTS

NOBODYS = "0123456789abcdef0123"  # a picture's key that no picture has
MOST_ROWS = 60  # of each of the newsroom's tables; the newest ones


class Kind(StrEnum):
    """Who may learn what at an address."""

    PUBLIC = "public"  # the same words for everybody, and nothing of any text
    TEASER = "teaser"  # headlines and standfirsts of what is live; never a word from below the line, for anybody
    GATED = "gated"  # the wall decides for each reader
    MACHINE = "machine"  # for programs; as much as a visitor gets, whoever asks
    ACCOUNT = "account"  # a reader's own; nothing of any text, and no shared cache keeps it
    PAYMENT = "payment"  # paying; likewise
    STAFF = "staff"  # the newsroom


_OWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.PUBLIC: ("about",),
    Kind.TEASER: (
        "front_page",
        "articles:archive",
        "articles:section",
        "articles:topic",
        "articles:author",
        "articles:corrections",
        "articles:social_card",
    ),
    Kind.GATED: ("articles:article", "articles:search", "articles:picture", "articles:crop", "api:article"),
    Kind.MACHINE: (
        *("feed", "feed_atom", "health", "news_sitemap", "robots", "sitemap", "sitemap_part"),
        *("api:start", "api:articles", "api:authors", "api:author", "api:sections", "api:section"),
        *("api:topics", "api:topic", "api:schema"),
    ),
    Kind.ACCOUNT: (
        *("account", "account_data", "account_delete", "account_prove_by_code", "account_preferences"),
        *("account_sign_out_everywhere", "account_tokens", "account_revoke_token"),
        *("mailroom", "mailroom_letter"),  # there only where DEBUG is true
    ),
    Kind.PAYMENT: (
        *("subscriptions:plans", "subscriptions:start", "subscriptions:return", "subscriptions:portal"),
        *("donations:donate", "donations:return", "donations:stop", "donations:stop_mine", "stripe_webhook"),
    ),
    Kind.STAFF: ("admin/login/",),
}
_ALLAUTHS = (
    *("account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate"),
    *("account_email", "account_email_verification_sent", "account_change_password", "account_set_password"),
    *("account_reset_password", "account_confirm_login_code", "account_confirm_password_reset_code"),
    *("account_complete_password_reset", "account_password_reset_completed", "account_request_login_code"),
    *("mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn"),
    *("mfa_edit_webauthn", "mfa_login_webauthn"),
)
CLASSIFIED: Mapping[str, Kind] = {key: kind for kind, keys in _OWN.items() for key in keys} | dict.fromkeys(
    _ALLAUTHS, Kind.ACCOUNT
)


class NotClassifiedError(LookupError):
    """An address was added without saying who may learn what there. The message says what to do."""


@dataclass(frozen=True)
class Pattern:
    """One pattern of the resolver. `key` is its full name or, for want of a name, its route."""

    key: str
    route: str

    @property
    def kind(self) -> Kind:
        """What it is; all of the newsroom is one kind, and each of its pages is walked by itself.

        Raises:
            NotClassifiedError: nobody has said.
        """
        if self.route.startswith("admin/"):
            return Kind.STAFF
        if self.key not in CLASSIFIED:
            raise NotClassifiedError(
                f"The address “{self.route}” ({self.key}) is not classified. Add it to kjreport/leaks/addresses.py "
                "under the kind that says who may learn what there; if it takes arguments, name real ones in _FILLED."
            )
        return CLASSIFIED[self.key]

    def fill(self) -> list[str]:
        """Return real addresses of this pattern: of everything there is, also of what readers may not know of.

        Raises:
            NotClassifiedError: it takes arguments that nobody has named.
        """
        if self.key in _FILLED:
            return list(_FILLED[self.key]())
        if row := re.fullmatch(r"admin/(\w+)/(\w+)/<path:object_id>/(\w+/)?", self.route):
            return [f"/admin/{row[1]}/{row[2]}/{pk}/{row[3] or ''}" for pk in _newest(row[1], row[2])]
        if set("<(^") & set(self.route):
            raise NotClassifiedError(
                f"The address “{self.route}” ({self.key}) takes arguments. Name real ones in _FILLED of "
                "kjreport/leaks/addresses.py, so that it is tried."
            )
        return [f"/{self.route}"]


@dataclass(frozen=True)
class Address:
    """A real address, and its kind."""

    path: str
    kind: Kind


def list_patterns() -> list[Pattern]:
    """Return every pattern of the resolver."""
    return list(_walk(get_resolver(), "", ()))


def list_addresses(*kinds: Kind) -> list[Address]:
    """Return real addresses of these kinds, or of all."""
    wanted = kinds or tuple(Kind)
    patterns = [pattern for pattern in list_patterns() if pattern.kind in wanted]
    found = {path: Address(path, pattern.kind) for pattern in patterns for path in pattern.fill()}
    return list(found.values())


def _walk(resolver: URLResolver, prefix: str, spaces: tuple[str, ...]) -> Iterator[Pattern]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield Pattern(":".join((*spaces, one.name)) if one.name else route, route)
        else:
            yield from _walk(one, route, (*spaces, *([one.namespace] if one.namespace else [])))


def _slugs(name: str, model: type[Article | Author | Section | Topic]) -> Callable[[], Iterable[str]]:
    return lambda: [reverse(name, args=[slug]) for slug in model._default_manager.values_list("slug", flat=True)]  # noqa: SLF001 - Django's public name for the manager a model has


def _pictures() -> Iterator[str]:
    for photo in Photo.objects.all():
        for width in widths_of(photo.width):
            yield from (photo.address(width, extension) for extension in ("avif", "webp"))
        yield photo.social_src
        yield f"/pictures/{photo.key}/{photo.width}.jpg"  # no such rendition; the original is one
        yield f"/pictures/{photo.key}/{SOCIAL_WIDTH}.webp"
    yield f"/pictures/{NOBODYS}/320.webp"


def _crops() -> Iterator[str]:
    for photo in Photo.objects.all():
        for crop in photo.crops:
            for width in crop.widths:
                yield from (crop.address(width, extension) for extension in ("avif", "webp"))
        yield f"/pictures/{photo.key}/3x2-1-99/320.webp"  # of a focal point that it never had
    yield f"/pictures/{NOBODYS}/3x2-50-50/320.webp"


def _social_cards() -> Iterator[str]:
    for edition in Edition.objects.live().for_page():
        yield card_address(edition)
    for article in Article.objects.exclude(pk__in=Edition.objects.live().values("article"))[:2]:  # have none
        yield reverse("articles:social_card", args=[article.slug, "0" * 16])


def _newest(label: str, model: str) -> list[str]:
    rows = apps.get_model(label, model)._default_manager.order_by("-pk").values_list("pk", flat=True)  # noqa: SLF001 - likewise
    return [str(pk) for pk in rows[:MOST_ROWS]]


def _articles_pages(*tails: str) -> Callable[[], Iterable[str]]:
    return lambda: [f"/admin/articles/article/{pk}/{tail}" for pk in _newest("articles", "article") for tail in tails]


def _versions() -> Iterator[tuple[str, int]]:
    kept = Version.objects.get_for_model(Article).order_by("-pk")[:MOST_ROWS]
    yield from ((version.object_id, version.pk) for version in kept)


def _on_site() -> Iterator[str]:
    for model in (Article, Author, Section, Topic, apps.get_model("articles", "edition")):
        number = ContentType.objects.get_for_model(model).pk
        yield from (f"/admin/r/{number}/{pk}/" for pk in _newest(model._meta.app_label, str(model._meta.model_name)))  # noqa: SLF001 - Django's public name


def _choosers() -> Iterator[str]:
    fields = (
        *(("related", "relatedarticle", "related"), ("articles", "lead", "article"), ("articles", "byline", "author")),
        *(("articles", "article", "topics"), ("authors", "author", "portrait")),
    )
    for label, model, name in fields:
        yield f"/admin/autocomplete/?app_label={label}&model_name={model}&field_name={name}&term="


_FILLED: Mapping[str, Callable[[], Iterable[str]]] = {
    "articles:article": _slugs("articles:article", Article),
    "articles:section": _slugs("articles:section", Section),
    "articles:topic": _slugs("articles:topic", Topic),
    "articles:author": _slugs("articles:author", Author),
    "articles:picture": _pictures,
    "articles:social_card": _social_cards,
    "articles:crop": _crops,
    "api:article": _slugs("api:article", Article),
    "api:author": _slugs("api:author", Author),
    "api:section": _slugs("api:section", Section),
    "api:topic": _slugs("api:topic", Topic),
    "sitemap_part": lambda: [reverse("sitemap_part", args=[part]) for part in PARTS],
    "account_revoke_token": lambda: ["/account/tokens/1/revoke/"],
    "mfa_remove_webauthn": lambda: ["/account/2fa/webauthn/keys/1/remove/"],
    "mfa_edit_webauthn": lambda: ["/account/2fa/webauthn/keys/1/edit/"],
    "donations:stop": lambda: ["/donate/stop/nothing/"],
    "donations:stop_mine": lambda: ["/donate/stop-mine/1/"],
    "mailroom_letter": lambda: ["/mail/20260101-000000-000000-000.eml/"],
    "stripe_webhook": lambda: ["/stripe/webhook/", "/stripe/webhook"],
    "admin:articles_article_preview": _articles_pages("preview/visitor/", "preview/subscriber/", "preview/other/"),
    "admin:articles_article_trial": _articles_pages("trial/"),
    "admin:articles_article_trial_page": _articles_pages("trial/visitor/", "trial/subscriber/"),
    "admin:articles_article_new_trial_page": lambda: ["/admin/articles/article/trial/visitor/"],
    "admin:articles_article_presence": _articles_pages("presence/"),
    "admin:articles_article_publish": _articles_pages("publish/"),
    "admin:articles_article_steps": _articles_pages("steps/"),
    "admin:articles_article_notes": _articles_pages("notes/"),
    "admin:articles_article_compare": _articles_pages("compare/"),
    "admin:articles_article_version": lambda: [f"/admin/articles/article/{a}/history/{v}/" for a, v in _versions()],
    "admin:articles_article_restore": lambda: [
        f"/admin/articles/article/{a}/history/{v}/restore/" for a, v in _versions()
    ],
    "admin:articles_link_search": lambda: [
        *(f"/admin/articles/article/links/?q={word}" for word in ("", "e", "piece")),
        *(
            f"/admin/articles/article/links/?address={reverse('articles:article', args=[article.slug])}"
            for article in Article.objects.all()
        ),
    ],
    "admin:articles_photo_words": lambda: [f"/admin/articles/photo/{pk}/words/" for pk in _newest("articles", "photo")],
    "admin:autocomplete": _choosers,
    "admin:view_on_site": _on_site,
    "admin:app_list": lambda: [f"/admin/{label}/" for label in {m._meta.app_label for m in admin.site._registry}],  # noqa: SLF001 - the admin's own list
    "admin/(?P<url>.*)$": lambda: ["/admin/nothing/"],
}
