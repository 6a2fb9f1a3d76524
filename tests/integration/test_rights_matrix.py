"""Every address of the newsroom and every role: who is let in, who is refused. Whoever adds an address says so here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.utils import timezone

from articles.admin.versions import keeping_version, list_versions
from articles.models import Article, Lead
from donations.models import Campaign, Donation, Pledge
from kjreport.accounts.models import User
from kjreport.leaks.addresses import Pattern, list_patterns
from kjreport.payments import stripe_gateway
from kjreport.payments.models import CheckoutAttempt, RefundOrder, StripeEvent
from subscriptions.models import Grant, Notice, Plan
from tests.cast import (
    PASSWORD,
    a_colleague,
    a_customer,
    a_payment,
    a_section,
    a_subscription,
    a_topic,
    an_account,
    an_article,
    an_author,
)
from tests.integration.newsroom import at_the_desk
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

# The roles, a letter each, in the order of the columns below. A contributor and a journalist stand there twice: before
# a piece of their own (c, j), and before another's (x, y).
COLUMNS = "ARcxjyEPFO"
GROUPS = {"c": "Contributors", "j": "Journalists", "E": "Editors", "P": "Publisher", "F": "Finance"}
STAFF = "cxjyEPFO"
EDITORS, WRITERS, MONEY = "EPO", "cxjyEPO", "PFO"

# What an address may answer: l to the door, i let in, f refused, n “not there”, h home with “there is none”,
# m not by this method, b let in but told that what was sent is not enough, a what was sent is kept as a new text.

# Who may view, add, change and delete rows of each table at Django's own addresses.
TABLES: dict[str, tuple[str, str, str, str]] = {
    "articles/lead": (EDITORS, EDITORS, EDITORS, EDITORS),
    "articles/photo": ("jyEPO", "jyEPO", EDITORS, EDITORS),
    "articles/section": (WRITERS, EDITORS, EDITORS, EDITORS),
    "articles/topic": (WRITERS, EDITORS, EDITORS, EDITORS),
    "authors/author": (WRITERS, EDITORS, EDITORS, EDITORS),
    "payments/refundorder": (MONEY, "", "", ""),
    "payments/customer": (MONEY, "", "", ""),
    "payments/payment": (MONEY, "", "", ""),
    "payments/checkoutattempt": (MONEY, "", "", ""),
    "payments/stripeevent": (MONEY, "", "", ""),
    "subscriptions/plan": (MONEY, "O", "PO", ""),
    "subscriptions/subscription": (MONEY, "", "", ""),
    "subscriptions/notice": (MONEY, "", "", ""),
    "subscriptions/grant": (MONEY, "PO", "PO", "O"),
    "donations/campaign": (MONEY, "PO", "PO", "O"),
    "donations/donation": (MONEY, "", "", ""),
    "donations/pledge": (MONEY, "", "", ""),
    "accounts/user": ("O", "O", "O", ""),
    "auth/group": ("O", "O", "O", "O"),
    "django_tasks_database/dbtaskresult": ("O", "", "", ""),
}
EMPTY = {"django_tasks_database/dbtaskresult"}  # has no row here

# What a POST brings along, where nothing would not do.
SENT: dict[str, dict[str, str]] = {
    "admin:articles_article_steps": {"_step": "submit"},
    "admin:articles_article_notes": {"do": "write", "note_text": "Who says so?"},
}
# Addresses of our own making: what they answer to a GET and to a POST, by column.
#                                              ARcxjyEPFO   ARcxjyEPFO
OWN: dict[str, tuple[str, str]] = {
    "admin/login/": ("lfhhhhhhhh", "mmmmmmmmmm"),
    "admin:view_on_site": ("llininiini", "llininiini"),
    "admin:index": ("lliiiiiiii", "lliiiiiiii"),
    "admin:login": ("lfhhhhhhhh", "mmmmmmmmmm"),
    "admin:logout": ("hhmmmmmmmm", "hhiiiiiiii"),
    "admin:password_change": ("lliiiiiiii", "lliiiiiiii"),
    "admin:password_change_done": ("lliiiiiiii", "llmmmmmmmm"),
    "admin:autocomplete": ("lliiiiiifi", "llmmmmmmmm"),
    "admin:jsi18n": ("lliiiiiiii", "llmmmmmmmm"),
    "admin:articles_article_preview": ("llininiifi", "llininiifi"),
    "admin:articles_article_publish": ("llffffiifi", "llffffiifi"),
    "admin:articles_article_steps": ("llmmmmmmfm", "llininiifi"),
    "admin:articles_article_notes": ("llmmmmmmfm", "llininiifi"),
    "admin:articles_article_compare": ("llininiifi", "llininiifi"),
    "admin:articles_article_version": ("llininiifi", "llininiifi"),
    "admin:articles_article_restore": ("llmmmmmmfm", "llininiifi"),
    "admin:articles_link_search": ("lliiiiiifi", "llmmmmmmmm"),
    "admin:articles_chart_preview": ("llmmmmmmmm", "lliiiiiifi"),
    "admin:articles_article_unsaved": ("llmmmmmmmm", "llbbbbbbbb"),
    "admin:articles_article_discard": ("llmmmmmmmm", "lliiiiiifi"),
    "admin:articles_article_signed_in": ("lliiiiiiii", "llmmmmmmmm"),
    "admin:articles_article_new_trial": ("llnnnnnnfn", "lliiiiiifi"),
    "admin:articles_article_new_trial_page": ("llnnnnnnfn", "llnnnnnnfn"),
    "admin:articles_article_trial": ("llininiifi", "llininiifi"),
    "admin:articles_article_trial_page": ("llininiifi", "llininiifi"),
    "admin:articles_article_presence": ("llmmmmmmmm", "llififiifi"),
    "admin:articles_article_changelist": ("lliiiiiifi", "lliiiiiifi"),
    "admin:articles_article_add": ("lliiiiiifi", "lliiiiiifi"),
    "admin:articles_article_history": ("llininiifi", "llininiifi"),
    "admin:articles_article_delete": ("llififiifi", "llififiifi"),
    "admin:articles_article_change": ("llihihiifi", "lliaiaiifi"),
    "admin/articles/article/<path:object_id>/": ("lliiiiiiii", "lliiiiiiii"),
    "admin:articles_photo_library": ("llffiiiifi", "llffbbbbfb"),
    "admin:articles_photo_upload": ("llffiiiifi", "llffiiiifi"),
    "admin:articles_photo_words": ("llmmmmmmmm", "llffffiifi"),
    "admin:payments_payment_refund": ("llffffffii", "llffffffii"),
    "admin:payments_stripeevent_process": ("llffffffff", "llfffffiii"),
    "admin:subscriptions_subscription_refund": ("llffffffii", "llffffffii"),
    "admin:app_list": ("lliiiiiini", "lliiiiiini"),
    "admin/(?P<url>.*)$": ("llnnnnnnnn", "llnnnnnnnn"),
}


@dataclass(frozen=True)
class Paper:
    """One row of every table, and the pieces that are whose."""

    people: dict[str, User | None]
    rows: dict[str, Model]
    own: dict[str, Article]
    another: Article

    def article_for(self, column: str) -> Article:
        """Return the piece a column stands before."""
        return self.own.get(column, self.another)


def set_up() -> Paper:
    """Make everybody, and a row of every table."""
    people: dict[str, User | None] = {letter: a_colleague(f"Of {name}", name) for letter, name in GROUPS.items()}
    owner = User.objects.create_superuser("owner@example.com", PASSWORD, name="Olive Owner")
    reader = an_account("Rosa Reader")
    people |= {"A": None, "R": reader, "O": owner, "x": people["c"], "y": people["j"]}
    return Paper(
        people,
        rows=_make_rows(reader, owner),
        own={letter: _an_article(f"Of {letter}", people[letter]) for letter in "cj"},
        another=_an_article("Of another", owner),
    )


def _an_article(headline: str, by: User | None) -> Article:
    with keeping_version(by=by):  # type: ignore[arg-type] # somebody
        return an_article(headline, created_by=by)


def _make_rows(reader: User, owner: User) -> dict[str, Model]:
    subscription, payment, now = a_subscription(reader), a_payment(reader), timezone.now()
    campaign = Campaign.objects.create(slug="reporting", name="Reporting")
    gift = a_payment(reader, 2500, "donation")
    rows: list[Model] = [
        Lead.objects.create(article=an_article("Leads")),
        *(a_photo(), a_section(), a_topic(), an_author(), a_customer(reader), payment, subscription, campaign, reader),
        RefundOrder.objects.create(payment=payment),
        CheckoutAttempt.objects.create(key="6d6d4b9e-8f6e-4c39-9f3f-0d5f6f5f7a10", kind="subscription"),
        StripeEvent.objects.create(stripe_id="evt_1", type="test", livemode=False, occurred_at=now, ignored_at=now),
        Plan.objects.get(),
        Notice.objects.create(subscription=subscription, kind="welcome"),
        Grant.objects.create(user=reader, granted_by=owner, reason="A prize."),
        Donation.objects.create(payment=gift, campaign=campaign, user=reader, email=reader.email),
        Pledge.objects.create(
            campaign=campaign,
            customer=a_customer(reader),
            stripe_id="sub_pledge",
            status="active",
            amount=500,
            currency="gbp",
            started_at=now,
            synced_at=now,
        ),
        Group.objects.get(name="Finance"),
    ]
    return {f"{row._meta.app_label}/{row._meta.model_name}": row for row in rows}


def list_admin_patterns() -> list[Pattern]:
    """Return every pattern of the newsroom, each once."""
    found = {pattern.key: pattern for pattern in list_patterns() if pattern.route.startswith("admin/")}
    return list(found.values())


DJANGOS = re.compile(r"admin/(?P<table>\w+/\w+)/(?P<page>add/|<path:object_id>/(?:history/|delete/|change/)?)?$")


def expect_of_djangos(table: str, page: str, column: str) -> tuple[str, str]:
    """Return what one of Django's own addresses answers to a GET and to a POST."""
    if column not in STAFF:
        return ("l", "l")
    view, add, change, delete = (column in rights for rights in TABLES[table])
    is_empty = table in EMPTY
    there = "h" if is_empty else "i"
    answers = {
        "": ("i" if view else "f",) * 2,
        "add/": ("i" if add else "f",) * 2,
        "<path:object_id>/": ("i", "i"),  # leads on to the form, which decides
        "<path:object_id>/history/": ("h" if is_empty else "i" if view else "f",) * 2,
        "<path:object_id>/delete/": ("i" if delete else "f",) * 2,
        "<path:object_id>/change/": (there if view else "f", "h" if is_empty and view else "i" if change else "f"),
    }
    return answers[page]


def fill(pattern: Pattern, paper: Paper, column: str) -> str:
    """Return a real address of a pattern, of the piece that the column stands before."""
    article = paper.article_for(column)
    if pattern.key in SPELLED:
        return SPELLED[pattern.key]
    if pattern.key == "admin:view_on_site":
        return f"/admin/r/{ContentType.objects.get_for_model(Article).pk}/{article.pk}/"
    row = re.match(r"admin/(\w+/\w+)/", pattern.route)
    table = row[1] if row else ""
    number = article.pk if table == "articles/article" else getattr(paper.rows.get(table), "pk", 1)
    values = {
        "path:object_id": number,
        "int:pk": number,
        "int:version": list_versions(article)[0].pk,
        "str:audience": "visitor",
        "path:content_type_id": 1,
    }
    return "/" + re.sub(r"<([^>]+)>", lambda found: str(values[found[1]]), pattern.route)


SPELLED = {
    "admin:app_list": "/admin/articles/",
    "admin/(?P<url>.*)$": "/admin/nothing/",
    "admin:autocomplete": "/admin/autocomplete/?app_label=articles&model_name=byline&field_name=author&term=",
}


def read(answer: HttpResponseBase) -> str:
    """Return the letter for an answer."""
    to = answer.headers.get("Location", "")
    assert answer.status_code < 500
    if answer.status_code == 302 and ("/login/" in to or to == "/admin/"):
        return "l" if "/login/" in to else "h"
    if answer.status_code == 302 and to.startswith("/admin/articles/article/add/?work="):
        return "a"
    return {403: "f", 404: "n", 405: "m", 400: "b", 413: "b", 422: "b"}.get(answer.status_code, "i")


def ask(paper: Paper, column: str) -> Iterator[tuple[str, str, str]]:
    """Ask every address as one column; give each pattern's key and both answers. What a POST did is undone."""
    person = paper.people[column]
    desk = at_the_desk(person) if person else Client()
    for pattern in list_admin_patterns():
        address = fill(pattern, paper, column)
        if pattern.key == "admin:logout" and person:
            desk = at_the_desk(person)  # a session of its own, which ends
        with transaction.atomic():
            got = read(desk.get(address))
            posted = read(desk.post(address, SENT.get(pattern.key, {})))
            transaction.set_rollback(True)
        if pattern.key == "admin:logout" and person:
            desk = at_the_desk(person)
        yield pattern.key, got, posted


def test_every_address_is_classified() -> None:
    known = set(OWN)
    for pattern in list_admin_patterns():
        djangos = DJANGOS.match(pattern.route)
        is_known = pattern.key in OWN or (djangos is not None and djangos["table"] in TABLES)
        assert is_known, (
            f"The address “{pattern.route}” ({pattern.key}) is new. Say in OWN of this module what it answers to whom."
        )
        known.discard(pattern.key)
    assert known == set(), "these addresses are no more"


def be_away() -> None:
    """Answer for Stripe: who may ask it is our question here, not what it says."""
    raise stripe_gateway.GatewayUnavailable("Stripe is not asked here.")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_role_gets_what_it_should_at_every_address(column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")  # who is let in is decided before
    monkeypatch.setattr(stripe_gateway, "_v1", be_away)
    paper, place = set_up(), COLUMNS.index(column)
    patterns = {pattern.key: pattern for pattern in list_admin_patterns()}
    wrong = {}
    for key, got, posted in ask(paper, column):
        if key in OWN:
            expected = tuple(answers[place] for answers in OWN[key])
        else:
            djangos = DJANGOS.match(patterns[key].route)
            assert djangos is not None
            expected = expect_of_djangos(djangos["table"], djangos["page"] or "", column)
        if (got, posted) != expected:
            wrong[key] = f"GET {got} POST {posted}, not {expected}"
    assert wrong == {}
