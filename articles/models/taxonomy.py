"""Where an article sits, and what it touches."""

from django.db import models
from django.urls import reverse


class Section(models.Model):
    """The one place an article sits, such as Diplomacy."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True, help_text="The last part of the section's address.")
    description = models.CharField(max_length=200, blank=True, help_text="One sentence under the section's name.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in the menu, lowest first.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return its address on the site."""
        return reverse("articles:section", args=[self.slug])


class Topic(models.Model):
    """A subject articles touch: a theme, country, region, person or series."""

    class Kind(models.TextChoices):
        THEME = "theme", "Theme"
        COUNTRY = "country", "Country"
        REGION = "region", "Region"
        PERSON = "person", "Person"
        SERIES = "series", "Series"

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True, help_text="The last part of the topic's address.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.THEME)
    introduction = models.TextField(blank=True, help_text="A few sentences at the head of the topic's page.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["theme", "country", "region", "person", "series"]),
                name="a_topic_is_of_a_known_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return its address on the site."""
        return reverse("articles:topic", args=[self.slug])
