"""Where an article stands between pitch and print, apart from its text."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class State(models.TextChoices):
    """What a working copy is waiting for."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Action(models.TextChoices):
    """What can be done to an article."""

    SUBMIT = "submit", "submitted it for review"
    RETURN = "return", "returned it to its author"
    PUBLISH = "publish", "published it"
    SCHEDULE = "schedule", "scheduled it"
    UNSCHEDULE = "unschedule", "took it off the schedule"
    WITHDRAW = "withdraw", "withdrew it"
    CORRECT = "correct", "made a correction"


class WorkflowStateManager(models.Manager["WorkflowState"]):
    """Finds the state of an article."""

    def of(self, article: Article) -> "WorkflowState":
        """Return an article's state; one that was never touched is a draft."""
        return self.get_or_create(article=article)[0]


class WorkflowState(models.Model):
    """The state of one article. A restored version of the text leaves it alone."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="workflow")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    changed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[WorkflowStateManager] = WorkflowStateManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "in_review", "published", "withdrawn"]),
                name="an_article_is_in_a_known_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.article}: {self.get_state_display()}"


class WorkflowEvent(models.Model):
    """Who did what, when and why. Only ever added to."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="workflow_events")
    action = models.CharField(max_length=12, choices=Action)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    edition = models.ForeignKey("articles.Edition", models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar = models.Manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.by or 'Somebody'} {self.get_action_display()}"
