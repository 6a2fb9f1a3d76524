"""What we say in public of our own pieces: what we got wrong and put right, and why we took one down."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections in the readers' words."""

    def public(self) -> Self:
        """Those whose time has come; one that goes with an edition comes out with it, or never if that is cancelled."""
        now = timezone.now()
        has_come_out = models.Q(edition__published_at__lte=now) & (
            models.Q(edition__live_until=None) | models.Q(edition__live_until__gt=models.F("edition__published_at"))
        )
        return self.filter(models.Q(edition=None) | has_come_out, made_at__lte=now)


class Correction(models.Model):
    """A note to readers under an article."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"
        CLARIFICATION = "clarification", "Clarification"
        UPDATE = "update", "Update"

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    kind = models.CharField(
        max_length=13,
        choices=Kind,
        default=Kind.CORRECTION,
        help_text="A correction mends what was wrong, a clarification what was unclear; an update tells what is new.",
    )
    text = models.TextField(help_text="What was wrong and what is right, in plain words.")
    edition = models.ForeignKey(
        "articles.Edition", models.CASCADE, null=True, blank=True, editable=False, related_name="notes_to_readers"
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    objects: ClassVar = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["correction", "clarification", "update"]),
                name="a_correction_is_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def told_as(self) -> str:
        """One word for what was done to the piece."""
        return {"clarification": "Clarified", "update": "Updated"}.get(self.kind, "Corrected")


class Withdrawal(models.Model):
    """That a piece was taken from readers, when, and what they are told of it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="withdrawals")
    reason = models.TextField(blank=True, help_text="What readers are told. Empty: only that it was withdrawn.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"“{self.article}” withdrawn on {timezone.localtime(self.made_at):%d %B %Y}"
