"""The whole in one process: the site, the stand-in, the post, the worker, the mail and the one clock they go by."""

import contextlib
import json
import logging
import random
from dataclasses import dataclass, replace
from typing import Any, Self
from unittest import mock

from django.core.cache import cache
from django.core.mail.backends import locmem as mail_backend
from django.db import connection
from django.http import HttpResponse
from django.tasks.backends import immediate
from django.test import override_settings

from donations import giving
from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from subscriptions import catalogue
from tests.soak import weather as bad_weather
from tests.soak.moments import Clock, datetime_by
from tests.soak.post import Mailbox, Post, Worker
from tests.soak.site import DirectSite, Site, WiredSite

BEGINNING = 1_767_225_600  # 1 January 2026, midnight
STAFF = "desk@example.com"
CODES = ("WHOLE", "HALF", "THREE")
# What a history writes; children before their parents.
_WRITTEN = (
    "django_admin_log",
    "django_session",
    "subscriptions_notice",
    "subscriptions_grant",
    "subscriptions_subscription",
    "donations_donation",
    "donations_pledge",
    "payments_refundorder",
    "payments_checkoutattempt",
    "payments_payment",
    "payments_customer",
    "payments_stripeevent",
    "payments_watermark",
)
_LEAVES_FIRST = "DELETE FROM payments_payment WHERE of_id IS NOT NULL"

type Json = dict[str, Any]


@dataclass(frozen=True)
class _Base:
    """How the stand-in's state is when a history begins."""

    things: list[tuple[Any, ...]]
    settings: list[tuple[Any, ...]]


class World:
    """Made once, begun anew for each history. `wired` puts sockets between reader, site and stand-in."""

    def __init__(self, *, wired: bool = False) -> None:
        """Prepare; `__enter__` opens it. The database must be there, empty but for what migrations put in."""
        self.wired = wired
        self.clock = Clock(BEGINNING)
        self.mailbox, self.worker, self.post = Mailbox(), Worker(), Post()
        self.weather = bad_weather.Weather()
        self._stack = contextlib.ExitStack()
        self.till: StandIn
        self.site: Site
        self.owner: User
        self._base: _Base

    def __enter__(self) -> Self:
        """Open the stand-in, the site and the catalogue."""
        put = self._stack.enter_context
        put(mock.patch("django.utils.timezone.datetime", datetime_by(self.clock)))
        put(mock.patch("django.core.cache.backends.locmem.time", self.clock))
        put(mock.patch("django.core.cache.backends.base.time", self.clock))
        put(mock.patch.object(mail_backend.EmailBackend, "send_messages", lambda _, mails: self.mailbox.take(mails)))
        put(mock.patch.object(immediate.ImmediateBackend, "enqueue", lambda _, *task: self.worker.enqueue(*task)))
        self.till = StandIn(deliver="hold", start_at=BEGINNING, seed=0)
        self._stack.callback(self.till.stop)
        if self.wired:
            self._open_wires()
        else:
            self._open_straight()
        put(override_settings(STRIPE_API_BASE=self.till.url, SITE_URL=self.site.url, ADMINS=[STAFF]))
        put(_silence())
        cache.clear()
        self._furnish()
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything, and leave the database as it was found."""
        self.begin(0)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_user")
            for table in ("subscriptions_price", "subscriptions_plan", "donations_campaign"):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
        self._stack.close()
        gateway._client_for.cache_clear() if self.wired else None
        cache.clear()

    def _open_wires(self) -> None:
        self._stack.enter_context(
            mock.patch.object(gateway, "_PunctualClient", bad_weather.wired_client_class(self.weather))
        )
        gateway._client_for.cache_clear()
        self.till.start()
        self.site = WiredSite(self.clock)
        self._stack.callback(self.site.close)

    def _open_straight(self) -> None:
        client = bad_weather.straight_client(self.till.url, self.till.engine, self.weather)
        self._stack.enter_context(mock.patch.object(gateway, "_client_for", return_value=client))
        for wing in ("subscriptions", "donations"):
            self._stack.enter_context(mock.patch(f"{wing}.views.render", _render_nothing))
        self.site = DirectSite()

    def _furnish(self) -> None:
        """Put the catalogue, a campaign, promotion codes and an owner where every history finds them."""
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        giving.ensure_campaign()
        giving.publish_campaigns()
        self.dashboard: Any = bad_weather.dashboard(self.till.url, self.till.engine).v1
        kinds: list[Any] = [
            {"percent_off": 100, "duration": "once"},
            {"percent_off": 50, "duration": "forever"},
            {"amount_off": 300, "currency": "gbp", "duration": "repeating", "duration_in_months": 2},
        ]
        for code, kind in zip(CODES, kinds, strict=True):
            coupon = self.dashboard.coupons.create(kind | {"id": f"coupon-{code}"})
            self.dashboard.promotion_codes.create({"code": code, "promotion": {"type": "coupon", "coupon": coupon.id}})
        self.owner = User.objects.create_superuser("owner@example.com", None, name="Olga Owner")
        with self.till.engine.store.transaction() as book:
            self._base = _Base(
                [tuple(row) for row in book.execute("SELECT seq, id, kind, made, body FROM thing")],
                [tuple(row) for row in book.execute("SELECT name, value FROM setting")],
            )

    def begin(self, seed: int, *, moment: int = BEGINNING) -> None:
        """Forget the last history: every row, every object at Stripe, all the post; the clock is at `moment`."""
        with self.till.engine.store.transaction() as book:
            for table in ("thing", "setting", "due", "outcome", "letter"):
                book.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
            book.executemany("INSERT INTO thing (seq, id, kind, made, body) VALUES (?, ?, ?, ?, ?)", self._base.things)
            book.executemany("INSERT INTO setting (name, value) VALUES (?, ?)", self._base.settings)
        engine = self.till.engine
        engine.log.clear()
        engine._chance = random.Random(seed)  # noqa: S311 - a seeded history, not a secret
        engine.setup = replace(engine.setup, start_at=moment)
        self.clock.moment = moment
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES_FIRST)
            for table in _WRITTEN:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
            cursor.execute("DELETE FROM accounts_user WHERE id <> %s", [self.owner.pk])
        cache.clear()
        self.weather.clear()
        self.mailbox.sent.clear()
        self.mailbox.failing, self.mailbox.meanwhile = 0, None
        self.worker.waiting.clear()
        self.post.waiting.clear()
        self.post.taken_from = len(self._base.things) and max(row[0] for row in self._base.things)
        self.site.forget()

    # -- the clock and the post ------------------------------------------------------------------------------------

    def pass_time(self, seconds: int) -> None:
        """Move the one clock; Stripe does what falls due on the way."""
        self.clock.moment = self.till.advance(seconds=seconds)

    def collect_letters(self) -> None:
        """Take what Stripe has written since the last time to the post."""
        from kjreport.events import HANDLERS  # noqa: PLC0415 - only once the site is set up

        with self.till.engine.store.transaction() as book:
            rows = book.execute(
                "SELECT seq, body FROM thing WHERE kind = 'event' AND seq > ? ORDER BY seq", (self.post.taken_from,)
            ).fetchall()
        for row in rows:
            self.post.taken_from = row["seq"]
            letter = json.loads(row["body"])
            if letter["type"] in HANDLERS:
                self.post.waiting.append(letter)

    def settle(self, how: int) -> None:
        """Deliver letters and do the worker's tasks: all in good order if `how` is nought, otherwise by its chance."""
        self.collect_letters()
        if how == 0:
            self.post.deliver_all(self.site.hand_over)
            self.worker.do_all()
            return
        chance = random.Random(how)  # noqa: S311 - a seeded history, not a secret
        self.post.deliver_some(chance, self.site.hand_over)
        self.worker.do_some(chance, self.mailbox)

    def dump(self) -> dict[str, list[Json]]:
        """Return everything Stripe has, by kind, oldest first."""
        with self.till.engine.store.transaction() as book:
            rows = book.execute("SELECT kind, body FROM thing ORDER BY seq").fetchall()
        things: dict[str, list[Json]] = {}
        for row in rows:
            things.setdefault(row["kind"], []).append(json.loads(row["body"]))
        return things

    def count_at_stripe(self, query: str, *values: object) -> int:
        """Count or sum something in the stand-in's own tables."""
        with self.till.engine.store.transaction() as book:
            return int(book.execute(query, values).fetchone()[0] or 0)


def _render_nothing(_request: object, template: str, *_: object, status: int = 200, **__: object) -> HttpResponse:
    return HttpResponse(template, status=status)


@contextlib.contextmanager
def _silence() -> Any:
    """Let the site say nothing of failures that are the weather's."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
