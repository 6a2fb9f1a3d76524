"""Pictures, with who made them and what they show."""

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


def make_photo_key() -> str:
    """Return an unguessable name for addresses; the file's own name tells too much."""
    return secrets.token_hex(10)


class Photo(models.Model):
    """A picture in the library. Files are made by `articles.images.keep_photo`, never saved as uploaded."""

    key = models.CharField(max_length=20, unique=True, default=make_photo_key, editable=False)
    original = models.FileField(upload_to="photos/", editable=False, help_text="Re-encoded, upright, without position data.")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(
        "what it shows", max_length=300, help_text="For readers who cannot see it. One sentence, without “picture of”."
    )
    caption = models.CharField(max_length=400, blank=True, help_text="Stands under the picture.")
    credit = models.CharField(max_length=160, help_text="Who made it, or whose it is.")
    focal_x = models.FloatField(
        default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)], help_text="0 is the left edge, 1 the right."
    )
    focal_y = models.FloatField(
        default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)], help_text="0 is the top, 1 the bottom."
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="the_focal_point_is_in_the_picture"
            ),
            models.CheckConstraint(condition=models.Q(width__gt=0, height__gt=0), name="a_photo_has_a_size"),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt
