"""The person as readers know them."""

from django.conf import settings
from django.db import models
from django.urls import reverse


class Author(models.Model):
    """Somebody who signs articles; they need not have an account."""

    name = models.CharField(max_length=120, help_text="As it stands in bylines.")
    slug = models.SlugField(max_length=120, unique=True, help_text="The last part of the author's address.")
    role = models.CharField(max_length=120, blank=True, help_text="For example “Middle East editor”.")
    beat = models.CharField(max_length=160, blank=True, help_text="What they cover, in a few words.")
    biography = models.TextField(blank=True, help_text="Plain text; an empty line begins a paragraph.")
    portrait = models.ForeignKey(
        "articles.Photo",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="portrait_of",
        help_text="Square is best.",
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        help_text="Lets this person find and edit their own pieces.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return its address on the site."""
        return reverse("articles:author", args=[self.slug])
