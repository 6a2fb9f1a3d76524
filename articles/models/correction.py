"""What we got wrong and put right, in public."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class Correction(models.Model):
    """A note to readers under an article."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    text = models.TextField(help_text="What was wrong and what is right, in plain words.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return self.text[:80]
