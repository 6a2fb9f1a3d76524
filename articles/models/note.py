"""What colleagues say to each other about a draft, in threads; readers never see a word of it."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes in the newsroom's words."""

    def threads(self) -> Self:
        """First notes of their threads, the oldest first."""
        return self.filter(thread=None).order_by("written_at", "pk")

    def unresolved(self) -> Self:
        """Threads that somebody has still to settle."""
        return self.threads().filter(resolved_at=None)


class Note(models.Model):
    """One remark: on the whole piece, on a paragraph, or in answer to another."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="notes")
    thread = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    text = models.TextField()
    block = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The paragraph it was written on, counted from 0; none means the whole piece.",
    )
    quote = models.CharField(max_length=300, blank=True, help_text="The words it was written on, to find them again.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="a_note_says_something"),
            models.CheckConstraint(
                condition=models.Q(thread=None) | models.Q(block=None, quote="", resolved_at=None, resolved_by=None),
                name="only_a_thread_is_anchored_and_resolved",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=False) | models.Q(resolved_by=None),
                name="who_resolves_a_note_does_so_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Mention(models.Model):
    """A colleague named in a note, and the letter that tells them: one for each note and person."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When a worker began to send the letter.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was sent, or found to be owed no more.")

    objects: ClassVar = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "person"], name="a_note_mentions_somebody_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in a note"
