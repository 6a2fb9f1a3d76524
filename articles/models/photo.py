"""Pictures, with who made them and what they show."""

import logging
import secrets
from typing import IO, TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import DatabaseError, models, transaction

from articles import images
from articles.prose import PictureInText

if TYPE_CHECKING:
    from kjreport.accounts.models import User

logger = logging.getLogger(__name__)

NO_ROOM = (
    "This picture could not be kept: the server has no room for it, or could not write. Nothing was changed. "
    "Tell whoever looks after the server, then upload it again."
)


def make_photo_key() -> str:
    """Return an unguessable name for addresses; the file's own name tells too much."""
    return secrets.token_hex(10)


class PhotoManager(models.Manager["Photo"]):
    """Takes pictures into the library."""

    def keep(self, file: IO[bytes], *, alt: str, credit: str, caption: str = "", by: "User | None" = None) -> "Photo":
        """Check, re-encode and keep an uploaded picture with all its renditions. About a second.

        Raises:
            ValidationError: the file is not a picture we can use, alt text or credit is missing, or there is no room.
        """
        picture = images.read_picture(file)
        photo = Photo(alt=alt, caption=caption, credit=credit, uploaded_by=by)
        photo.width, photo.height = picture.size
        photo.full_clean(exclude=["original"])
        try:
            photo.original.name = images.write_original(photo.key, picture)
            images.write_renditions(photo.key, picture)
            with transaction.atomic():
                photo.save(force_insert=True)
        except (OSError, DatabaseError) as error:
            logger.exception("A picture could not be kept")
            images.forget(photo.key, photo.width)
            raise ValidationError(NO_ROOM) from error
        return photo


class Photo(models.Model):
    """A picture in the library. Files are made by `Photo.objects.keep`, never saved as uploaded."""

    key = models.CharField(max_length=20, unique=True, default=make_photo_key, editable=False)
    original = models.FileField(
        upload_to="photos/", editable=False, help_text="Re-encoded, upright, without position data."
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(
        "what it shows", max_length=300, help_text="For readers who cannot see it. One sentence, without “picture of”."
    )
    caption = models.CharField(max_length=400, blank=True, help_text="Stands under the picture.")
    credit = models.CharField(max_length=160, help_text="Who made it, or whose it is.")
    focal_x = models.FloatField(
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="0 is the left edge, 1 the right.",
    )
    focal_y = models.FloatField(
        default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)], help_text="0 is the top, 1 the bottom."
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PhotoManager] = PhotoManager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__range=(0, 1), focal_y__range=(0, 1)),
                name="the_focal_point_is_in_the_picture",
            ),
            models.CheckConstraint(condition=models.Q(width__gt=0, height__gt=0), name="a_photo_has_a_size"),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt

    @property
    def in_text(self) -> PictureInText:
        """What prose needs to know of it."""
        return PictureInText(self.key, self.width, self.height, self.alt, self.caption, self.credit)

    def address(self, width: int, extension: str = "webp") -> str:
        """Return the address of the rendition nearest above this width, or the largest."""
        offered = images.widths_of(self.width)
        return images.address(self.key, next((one for one in offered if one >= width), offered[-1]), extension)

    @property
    def avif_srcset(self) -> str:
        """All widths as AVIF."""
        return images.srcset(self.key, self.width, "avif")

    @property
    def webp_srcset(self) -> str:
        """All widths as WebP."""
        return images.srcset(self.key, self.width, "webp")

    @property
    def default_src(self) -> str:
        """For an `img` without `srcset`: WebP, about 960 pixels wide."""
        return self.address(960)

    @property
    def small_src(self) -> str:
        """For portraits and thumbnails: WebP, 320 pixels wide or less."""
        return self.address(320)

    @property
    def social_src(self) -> str:
        """A JPEG for cards of social networks."""
        return images.address(self.key, images.SOCIAL_WIDTH, "jpg")
