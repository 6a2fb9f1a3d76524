"""What leads the front page."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class LeadQuerySet(models.QuerySet["Lead"]):
    """Choices of the front page's lead."""

    def newest_first(self) -> Self:
        """The latest choice first."""
        return self.filter(chosen_at__lte=timezone.now()).order_by("-chosen_at", "-pk")


class Lead(models.Model):
    """An editor's choice of the article that leads. The newest one that is live counts."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="leadings")
    chosen_at = models.DateTimeField(default=timezone.now)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects: ClassVar = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-chosen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.article} leads since {self.chosen_at:%d %B %Y, %H:%M}"
