"""Pictures, with who made them and what they show."""

import logging
import secrets
from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, ClassVar, Self, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import DatabaseError, models, transaction
from django.db.models import Q
from django.utils import timezone

from articles import images
from articles.prose import PictureInText

if TYPE_CHECKING:
    from kjreport.accounts.models import User

logger = logging.getLogger(__name__)

NO_ROOM = (
    "This picture could not be kept: the server has no room for it, or could not write. Nothing was changed. "
    "Tell whoever looks after the server, then upload it again."
)


WARNED_BEFORE = timedelta(days=30)  # a licence that ends is told of so long before
ALIKE = 10  # of the 256 bits of a likeness; the same picture saved again differs in fewer
SAME_COLOUR = 6  # of 255, in each of red, green and blue


def make_photo_key() -> str:
    """Return an unguessable name for addresses; the file's own name tells too much."""
    return secrets.token_hex(10)


class Licence(models.TextChoices):
    """By what right we show a picture."""

    OWN = "own", "Our own work"
    COMMISSIONED = "commissioned", "Commissioned by us"
    AGENCY = "agency", "Agency or stock licence"
    PERMISSION = "permission", "Permission in writing"
    HANDOUT = "handout", "Handed out to the press"
    CC_BY = "cc-by", "Creative Commons BY"
    CC_BY_SA = "cc-by-sa", "Creative Commons BY-SA"
    PUBLIC_DOMAIN = "public-domain", "Public domain, or CC0"
    QUOTATION = "quotation", "Fair dealing: shown to review or report it"
    OTHER = "other", "Other: say which in the terms"


class TwinError(ValidationError):
    """The library has this picture already. `photo` is the one that is there."""

    def __init__(self, photo: "Photo") -> None:
        super().__init__(f"The library has this picture already: “{photo}”. Use that one, or keep both.")
        self.photo = photo


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Pictures, in the picture desk's words."""

    def matching(self, words: str) -> Self:
        """Those of which every word is said somewhere."""
        found = self
        for word in words.split():
            said = Q(alt__icontains=word) | Q(caption__icontains=word) | Q(credit__icontains=word)
            found = found.filter(said | Q(source__icontains=word) | Q(licence_terms__icontains=word))
        return found

    def lacking(self) -> Self:
        """Those that may not be published yet: no alt text, no credit or no licence."""
        return self.filter(Q(alt="") | Q(credit="") | Q(licence=""))

    def ending(self, today: date | None = None) -> Self:
        """Those whose licence ends soon."""
        today = today or timezone.localdate()
        return self.filter(licence_until__gte=today, licence_until__lte=today + WARNED_BEFORE)

    def over(self, today: date | None = None) -> Self:
        """Those whose licence is over."""
        return self.filter(licence_until__lt=today or timezone.localdate())


class PhotoManager(models.Manager.from_queryset(PhotoQuerySet)):  # type: ignore[misc] # django-stubs knows it only as Any
    """Takes pictures into the library."""

    def keep(  # noqa: PLR0913 - what a picture desk writes on the back of a print
        self,
        file: IO[bytes],
        *,
        alt: str = "",
        credit: str = "",
        caption: str = "",
        source: str = "",
        licence: str = "",
        licence_terms: str = "",
        licence_until: date | None = None,
        by: "User | None" = None,
        may_repeat: bool = True,
    ) -> "Photo":
        """Check, re-encode and keep an uploaded picture with all its renditions. About a second.

        Raises:
            ValidationError: the file is not a picture we can use, the words do not fit, or there is no room.
            TwinError: it is there already, and may not be there twice.
        """
        picture = images.read_picture(file)
        photo = Photo(alt=alt, caption=caption, credit=credit, source=source, licence=licence, uploaded_by=by)
        photo.licence_terms, photo.licence_until = licence_terms, licence_until
        photo.width, photo.height = picture.size
        photo.likeness, photo.colour = images.find_likeness(picture), images.find_colour(picture)
        photo.full_clean(exclude=["original"])
        if not may_repeat and (twin := self.find_twin(photo)):
            raise TwinError(twin)
        try:
            photo.original.name = images.write_original(photo.key, picture)
            images.write_renditions(photo.key, picture)
            for crop in photo.crops:
                crop.write(picture)
            with transaction.atomic():
                photo.save(force_insert=True)
        except (OSError, DatabaseError) as error:
            logger.exception("A picture could not be kept")
            images.forget(photo.key, photo.width, photo.crops)
            raise ValidationError(NO_ROOM) from error
        return photo

    def find_twin(self, photo: "Photo") -> "Photo | None":
        """Return the picture in the library that is this one, perhaps saved again or smaller. Two queries."""
        known = (
            self.exclude(likeness="").exclude(pk=photo.pk).values_list("pk", "likeness", "colour", "width", "height")
        )
        for pk, likeness, colour, width, height in known.iterator():
            in_shape = abs(photo.width / photo.height - width / height) < 0.02  # noqa: PLR2004 - a rounded pixel
            if in_shape and images.is_alike((photo.likeness, photo.colour), (likeness, colour), ALIKE, SAME_COLOUR):
                return cast("Photo", self.get(pk=pk))
        return None


class Photo(models.Model):
    """A picture in the library. Files are made by `Photo.objects.keep`, never saved as uploaded."""

    key = models.CharField(max_length=20, unique=True, default=make_photo_key, editable=False)
    original = models.FileField(
        upload_to="photos/", editable=False, help_text="Re-encoded, upright, without position data."
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    likeness = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Where it grows lighter and darker, to know it again."
    )
    colour = models.CharField(
        max_length=7, blank=True, editable=False, help_text="Its colour on the whole, as #rrggbb."
    )
    alt = models.CharField(
        "what it shows",
        max_length=300,
        blank=True,
        help_text="For readers who cannot see it. One sentence, without “picture of”.",
    )
    caption = models.CharField(max_length=400, blank=True, help_text="Stands under the picture.")
    credit = models.CharField(
        max_length=160, blank=True, help_text="Who made it, or whose it is. Readers see it beside the caption."
    )
    source = models.CharField(
        max_length=300, blank=True, help_text="Where it came from: an agency and its number, or an address. Not shown."
    )
    licence = models.CharField(
        max_length=20,
        blank=True,
        choices=[("", "Not stated"), *Licence.choices],
        help_text="By what right we show it. Without one it is not published.",
    )
    licence_terms = models.CharField(
        "terms",
        max_length=300,
        blank=True,
        help_text="What the licence asks: how often, where, in what words. Or the contract's number.",
    )
    licence_until = models.DateField(
        "last day", null=True, blank=True, help_text="The last day we may publish it. Empty: without end."
    )
    focal_x = models.PositiveSmallIntegerField(
        "from the left",
        default=50,
        validators=[MaxValueValidator(100)],
        help_text="In per cent: what crops keep in view.",
    )
    focal_y = models.PositiveSmallIntegerField(
        "from the top", default=50, validators=[MaxValueValidator(100)], help_text="In per cent."
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
                condition=Q(focal_x__range=(0, 100), focal_y__range=(0, 100)),
                name="the_focal_point_is_in_the_picture",
            ),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="a_photo_has_a_size"),
            models.CheckConstraint(
                condition=Q(licence__in=["", *Licence.values]), name="a_licence_is_one_of_those_we_know"
            ),
            models.CheckConstraint(
                condition=~Q(licence=Licence.OTHER) | ~Q(licence_terms=""),
                name="another_licence_says_which",
                violation_error_message="Say in the terms which licence it is.",
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt or f"Picture {self.pk}"

    @property
    def lacks(self) -> tuple[str, ...]:
        """What must be said of it before it is published."""
        wanted = {"what it shows": self.alt, "a credit": self.credit, "a licence": self.licence}
        return tuple(name for name, said in wanted.items() if not said.strip())

    def is_over(self, day: date | None = None) -> bool:
        """Whether we may not publish it on a day, by default today."""
        return self.licence_until is not None and self.licence_until < (day or timezone.localdate())

    def ends_soon(self, day: date | None = None) -> bool:
        """Whether the right to publish it ends within 30 days of a day."""
        day = day or timezone.localdate()
        return self.licence_until is not None and day <= self.licence_until <= day + WARNED_BEFORE

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

    def crop(self, shape: str) -> images.Crop:
        """Return one shape of it around its focal point."""
        return images.Crop(self.key, self.width, self.height, shape, (self.focal_x, self.focal_y))

    @property
    def crops(self) -> list[images.Crop]:
        """All shapes that the design crops to."""
        return [self.crop(shape) for shape in images.SHAPES]

    @property
    def wide(self) -> images.Crop:
        """For cards: three to two."""
        return self.crop("3x2")

    @property
    def square(self) -> images.Crop:
        """For portraits, and for rows on a phone."""
        return self.crop("1x1")

    def find_crop(self, name: str) -> images.Crop | None:
        """Return the crop an address asks for, if it is of the focal point as it stands now."""
        return next((crop for crop in self.crops if crop.name == name), None)

    def write_crops(self) -> None:
        """Cut it anew, after its focal point was moved; what is there stays. Less than a second."""
        picture = images.open_original(self.key)
        for crop in self.crops:
            crop.write(picture)

    @property
    def social_src(self) -> str:
        """A JPEG for cards of social networks."""
        return images.address(self.key, images.SOCIAL_WIDTH, "jpg")
