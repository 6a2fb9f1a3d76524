"""Tells colleagues of each other: who has an article open, since when, and what became of it meanwhile."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from articles.admin.steps import find_standing
from articles.admin.versions import find_last_saver
from articles.models import Article, Presence

if TYPE_CHECKING:
    from kjreport.accounts.models import User


def be_present(article: Article, person: "User", window: str) -> None:
    """Note that a window is open. Two queries."""
    now = timezone.now()
    own = Presence.objects.filter(article=article, person=person, window=window)
    with transaction.atomic():
        if not own.update(seen_at=now):
            Presence.objects.get_or_create(
                article=article, person=person, window=window, defaults={"since": now, "seen_at": now}
            )


def leave(article: Article, person: "User", window: str) -> None:
    """Note that a window was closed."""
    Presence.objects.filter(article=article, person=person, window=window).delete()


def list_colleagues(article: Article, person: "User") -> list[dict[str, str]]:
    """Return who else has it open, each once, with since when. One query."""
    found: dict[int, dict[str, str]] = {}
    for one in Presence.objects.of_colleagues(person).filter(article=article):
        found.setdefault(
            one.person_id, {"name": one.person.display_name, "since": f"{timezone.localtime(one.since):%H:%M}"}
        )
    return list(found.values())


def describe_meanwhile(article: Article, person: "User") -> dict[str, Any]:
    """Return what a form's script shows of its article and colleagues. About eight queries."""
    standing = find_standing(article)
    event = article.workflow_events.select_related("by").order_by("-pk").first()
    return {
        "colleagues": list_colleagues(article, person),
        "revision": article.revision,
        "saved_by": find_last_saver(article),
        "saved_at": f"{timezone.localtime(article.updated_at):%H:%M}",
        "standing": {"label": standing.label, "tone": standing.tone, "says": standing.says},
        "event": tell_event(event) if event is not None else None,
    }


def tell_event(event: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of the log
    """Say who did what, for those who were writing meanwhile."""
    return {
        "number": event.pk,
        "by": event.by_id,
        "says": f"{event.by.display_name if event.by else 'Somebody'} {event.get_action_display()} "
        f"at {timezone.localtime(event.at):%H:%M}.",
    }
