"""What readers get: one published, immutable state of an article."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import FETCH_RAISE, Prefetch
from django.utils import timezone
from django.utils.functional import cached_property

from articles.authors.models import Author
from articles.models.article import Access, Article
from articles.models.correction import Correction
from articles.models.photo import Photo
from articles.models.taxonomy import Section, Topic


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions in the readers' words. Time decides here; no task publishes anything."""

    def live(self) -> Self:
        """Editions that anyone may see now: at most one for each article."""
        now = timezone.now()
        return self.filter(published_at__lte=now).filter(
            models.Q(live_until__isnull=True) | models.Q(live_until__gt=now)
        )

    def scheduled(self) -> Self:
        """Editions whose time has not come."""
        return self.filter(published_at__gt=timezone.now()).filter(
            models.Q(live_until__isnull=True) | models.Q(live_until__gt=models.F("published_at"))
        )

    def been_live(self) -> Self:
        """Editions that readers have seen, now or once."""
        return self.filter(published_at__lte=timezone.now()).filter(
            models.Q(live_until__isnull=True) | models.Q(live_until__gt=models.F("published_at"))
        )

    def newest_first(self) -> Self:
        """By the day the article first came out, so that an update does not jump the queue."""
        return self.order_by("-first_published_at", "-pk")

    def for_cards(self) -> Self:
        """With what a card shows: section, picture, bylines. Three queries; any further one is an error."""
        return (
            self.select_related("article", "section", "hero")
            .prefetch_related(
                Prefetch("bylines", EditionByline.objects.select_related("author").fetch_mode(FETCH_RAISE)),
            )
            .fetch_mode(FETCH_RAISE)
        )

    def for_links(self) -> Self:
        """With what a link shows: section and picture, no names. One query; any further one is an error."""
        return self.select_related("article", "section", "hero").fetch_mode(FETCH_RAISE)

    def for_page(self) -> Self:
        """With what the article's page shows but the paid text. Three queries; any further one is an error.

        Corrections are rare: `is_corrected` tells whether to ask for them, and `Edition.corrections` does.
        """
        return (
            self.select_related("article", "section", "hero")
            .prefetch_related(
                Prefetch("bylines", EditionByline.objects.select_related("author__portrait").fetch_mode(FETCH_RAISE)),
                Prefetch("topics", Topic.objects.all().fetch_mode(FETCH_RAISE)),
            )
            .annotate(
                is_corrected=models.Exists(Correction.objects.public().filter(article=models.OuterRef("article")))
            )
            .fetch_mode(FETCH_RAISE)
        )


class Edition(models.Model):
    """One published state of an article. Never changed but for the moment it ends."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(help_text="1 is the first edition of the article.")
    headline = models.CharField(max_length=160)
    standfirst = models.CharField(max_length=320)
    section = models.ForeignKey(Section, models.PROTECT, related_name="editions")
    topics = models.ManyToManyField(Topic, related_name="editions", blank=True)
    authors = models.ManyToManyField(Author, through="EditionByline", related_name="editions")
    access = models.CharField(max_length=12, choices=Access)
    hero = models.ForeignKey(Photo, models.PROTECT, null=True, blank=True, related_name="+")
    search_title = models.CharField(max_length=110, blank=True, help_text="Empty: the headline.")
    search_description = models.CharField(max_length=240, blank=True, help_text="Empty: the standfirst.")
    social_title = models.CharField(max_length=110, blank=True, help_text="Empty: the headline.")
    photos = models.ManyToManyField(Photo, through="EditionPhoto", related_name="editions")
    preview = models.TextField(help_text="Safe HTML above the paywall line; of an open piece, the whole text.")
    preview_notes = models.JSONField(
        default=list, blank=True, help_text="Safe HTML of the footnotes marked in the preview."
    )
    word_count = models.PositiveIntegerField(help_text="Of the whole text.")
    preview_word_count = models.PositiveIntegerField()
    reading_minutes = models.PositiveSmallIntegerField(help_text="Of the whole text, rounded up.")
    related_article_ids = models.JSONField(default=list, blank=True, help_text="Chosen by hand, in order.")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(db_index=True, help_text="When readers see it; in the future, it is scheduled.")
    first_published_at = models.DateTimeField(help_text="When readers first saw the article.")
    live_until = models.DateTimeField(
        null=True, blank=True, help_text="When the next edition takes its place, it expires, or it was withdrawn."
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was to be taken down, whatever came between."
    )
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the working copy that it was made from.")
    created_at = models.DateTimeField(auto_now_add=True)
    is_corrected = True  # until `for_page` says that it is not

    objects: ClassVar = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["-first_published_at", "-id"], name="edition_newest_first"),
            models.Index(fields=["section", "-first_published_at"], name="edition_of_section"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="editions_of_an_article_are_numbered"),
            models.UniqueConstraint(
                fields=["article"],
                condition=models.Q(live_until__isnull=True),
                name="an_article_has_one_open_ended_edition",
            ),
            models.CheckConstraint(
                condition=models.Q(live_until__isnull=True) | models.Q(live_until__gte=models.F("published_at")),
                name="an_edition_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True)
                | models.Q(
                    expires_at__gt=models.F("published_at"),
                    live_until__isnull=False,
                    live_until__lte=models.F("expires_at"),
                ),
                name="an_edition_that_expires_ends_by_then",
            ),
            models.CheckConstraint(
                condition=models.Q(first_published_at__lte=models.F("published_at")),
                name="an_edition_comes_after_the_first",
            ),
            models.CheckConstraint(
                condition=models.Q(preview_word_count__lte=models.F("word_count")),
                name="a_preview_is_part_of_the_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.headline} ({self.number})"

    def get_absolute_url(self) -> str:
        """Return its address on the site."""
        return self.article.get_absolute_url()

    @property
    def is_open(self) -> bool:
        """Whether everybody may read all of it."""
        return self.access == Access.OPEN

    @property
    def has_expired(self) -> bool:
        """Whether it ended because its time was over, not because another took its place or it was withdrawn."""
        return self.expires_at is not None and self.live_until == self.expires_at <= timezone.now()

    @cached_property
    def corrections(self) -> list[Correction]:
        """What was put right under the piece. No query for one that `for_page` knows never was, else one."""
        return list(self.article.corrections.public()) if self.is_corrected else []

    @property
    def changed_at(self) -> datetime:
        """When readers got something new: this edition, or a later correction under it."""
        return max([self.published_at, *(correction.made_at for correction in self.corrections)])

    @property
    def is_updated(self) -> bool:
        """Whether readers should be told of a later date than the first."""
        return self.changed_at > self.first_published_at

    @property
    def words_below_the_wall(self) -> int:
        """How many words the paid part holds."""
        return self.word_count - self.preview_word_count


class EditionBody(models.Model):
    """The paid text, a table of its own: a column that is not there cannot leak."""

    edition = models.OneToOneField(Edition, models.CASCADE, primary_key=True, related_name="body")
    text = models.TextField(help_text="Safe HTML below the paywall line.")
    notes = models.JSONField(default=list, blank=True, help_text="Safe HTML of the footnotes marked below the line.")

    class Meta:
        verbose_name_plural = "edition bodies"

    def __str__(self) -> str:
        return f"The paid text of edition {self.edition_id}"


class EditionByline(models.Model):
    """An ordered credit on one edition."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="edition_bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "author"], name="an_author_signs_an_edition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.author} on {self.edition}"


class EditionPhoto(models.Model):
    """A picture in an edition, and whether it stands below the paywall line."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="placed_photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="placings")
    is_below_the_wall = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "photo"], name="a_photo_is_placed_once_in_an_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.photo} in {self.edition}"
