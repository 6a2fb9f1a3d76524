"""What somebody has typed and not saved, and who has which article open: beside the working copy, never in it."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article

if TYPE_CHECKING:
    from kjreport.accounts.models import User

KEPT_FOR = timedelta(days=90)
PRESENT_FOR = timedelta(seconds=60)  # a window that has been silent for longer is closed, or has lost the network


class UnsavedWorkQuerySet(models.QuerySet["UnsavedWork"]):
    """Unsaved work in the newsroom's words. It is its writer's alone: begin with `of`."""

    def of(self, person: "User", article: Article | None = None, *, key: str = "") -> Self:
        """One person's work on one article, or in one form of a new one."""
        return self.filter(person=person, article=article, key="" if article else key)

    def forgotten(self) -> Self:
        """What nobody came back to for too long."""
        return self.filter(saved_at__lt=timezone.now() - KEPT_FOR)


class UnsavedWork(models.Model):
    """The fields of one person's form as they stood at the last keystroke but a few."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsaved_work")
    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="unsaved_work")
    key = models.CharField(max_length=36, blank=True, help_text="Of a form for a new article, which has no number yet.")
    form = models.JSONField(help_text="Each field's name and its values, as the browser would send them.")
    base_revision = models.PositiveIntegerField(default=0, help_text="Of the working copy it was typed over.")
    saved_at = models.DateTimeField(db_index=True, default=timezone.now)

    objects: ClassVar = UnsavedWorkQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "unsaved work"
        constraints = [
            models.UniqueConstraint(fields=["person", "article"], name="a_person_has_one_unsaved_state_of_an_article"),
            models.UniqueConstraint(
                fields=["person", "key"],
                condition=models.Q(article=None),
                name="a_person_has_one_unsaved_state_of_a_new_form",
            ),
            models.CheckConstraint(
                condition=(models.Q(article=None) & ~models.Q(key="")) | (models.Q(article__isnull=False, key="")),
                name="unsaved_work_is_of_an_article_or_of_a_new_form",
            ),
        ]

    def __str__(self) -> str:
        return f"Unsaved work of {self.person}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    """Open windows."""

    def current(self) -> Self:
        """Those heard from within the last minute."""
        return self.filter(seen_at__gte=timezone.now() - PRESENT_FOR)

    def of_colleagues(self, person: "User") -> Self:
        """Current ones of everybody else, with their names, the longest first."""
        return self.current().exclude(person=person).select_related("person").order_by("since")


class Presence(models.Model):
    """One window in which somebody has an article open to write in."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    window = models.CharField(max_length=36)
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(db_index=True, default=timezone.now)

    objects: ClassVar = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "person", "window"], name="a_window_is_present_once"),
            models.CheckConstraint(
                condition=models.Q(seen_at__gte=models.F("since")), name="a_window_is_seen_after_it_opened"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at “{self.article}”"
