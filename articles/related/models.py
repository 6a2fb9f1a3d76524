"""Related articles chosen by hand."""

from django.db import models

from articles.models import Article


class RelatedArticle(models.Model):
    """A journalist's choice of what to read next, in order; it reaches readers with the next edition."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="chosen_related")
    related = models.ForeignKey(Article, models.CASCADE, related_name="chosen_for")
    position = models.PositiveSmallIntegerField(default=0, help_text="First is 0.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "related"], name="an_article_is_related_once"),
            models.CheckConstraint(
                condition=~models.Q(article=models.F("related")), name="an_article_is_not_related_to_itself"
            ),
        ]

    def __str__(self) -> str:
        # Without headlines: the newsroom lists these where their reader may know neither piece.
        return f"Related post {self.position + 1}"
