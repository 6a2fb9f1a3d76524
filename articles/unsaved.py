"""Forgets unsaved work in time, hands it to its writer, and takes it away with an account."""

from typing import Any

from articles.models import Presence, UnsavedWork
from kjreport.accounts.models import User


def forget_old_work() -> int:
    """Remove what nobody came back to for ninety days, and windows long closed; return how much work went."""
    Presence.objects.exclude(pk__in=Presence.objects.current().values("pk")).delete()
    return int(UnsavedWork.objects.forgotten().delete()[0])


def export(user: User) -> list[dict[str, Any]]:
    """Return what somebody typed and did not save. One query."""
    works = UnsavedWork.objects.filter(person=user).select_related("article")
    return [
        {"article": work.article.headline if work.article else "", "form": work.form, "saved_at": work.saved_at}
        for work in works
    ]


def erase(user: User) -> None:
    """Take away what somebody typed and did not save, and close their windows."""
    UnsavedWork.objects.filter(person=user).delete()
    Presence.objects.filter(person=user).delete()
