"""An article's identity and its working copy, which only the newsroom sees."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from articles.authors.models import Author
from articles.models.photo import Photo
from articles.models.taxonomy import Section, Topic

if TYPE_CHECKING:
    from articles.models.edition import Edition


class Access(models.TextChoices):
    """Who may read the whole text."""

    OPEN = "open", "Open to everybody"
    SUBSCRIBERS = "subscribers", "For subscribers, below the paywall line"


class ArticleQuerySet(models.QuerySet["Article"]):
    """Articles in the newsroom's words."""

    def published(self) -> Self:
        """Articles that readers can see now."""
        now = timezone.now()
        return self.filter(
            models.Q(editions__published_at__lte=now)
            & (models.Q(editions__live_until__isnull=True) | models.Q(editions__live_until__gt=now))
        ).distinct()

    def editable_by(self, user: "settings.AUTH_USER_MODEL") -> Self:  # type: ignore[name-defined]
        """Articles this person may open in the newsroom.

        Editors open all; journalists what they began or sign; contributors only what they began.
        """
        if user.has_perm("articles.publish_article"):
            return self
        if not user.has_perm("articles.follow_article"):
            return self.filter(created_by=user)
        return self.filter(models.Q(created_by=user) | models.Q(bylines__author__account=user)).distinct()


class Article(models.Model):
    """A piece: its address, and the text being worked on. Readers get its `Edition`s."""

    headline = models.CharField(
        max_length=160, help_text="What is new or at stake. Up to about 90 characters reads best."
    )
    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text="The last part of the address. It cannot change once the piece is published.",
    )
    standfirst = models.CharField(max_length=320, blank=True, help_text="The sentence or two under the headline.")
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="articles")
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="articles", help_text="Two to five. Start to type a name."
    )
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    access = models.CharField(
        max_length=12,
        choices=Access,
        default=Access.SUBSCRIBERS,
        help_text="A piece for subscribers needs a paywall line in its text; what stands above it is free.",
    )
    source = models.TextField("text", blank=True, help_text="The working copy. Readers see it once it is published.")
    hero = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, related_name="leads", help_text="The picture over the article."
    )
    embargo_until = models.DateTimeField(
        null=True, blank=True, help_text="It cannot come out before this moment, London time."
    )
    expires_at = models.DateTimeField(
        "take down at", null=True, blank=True, help_text="When readers lose it again, London time. Mostly empty."
    )
    search_title = models.CharField(
        max_length=110, blank=True, help_text="What search engines show as its title. Empty: the headline."
    )
    search_description = models.CharField(
        max_length=240, blank=True, help_text="The lines under it in a search. Empty: the standfirst."
    )
    social_title = models.CharField(
        max_length=110, blank=True, help_text="The headline where the piece is shared. Empty: the headline."
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised by each save of the working copy, so that none is overwritten."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="articles_begun"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField("last saved", auto_now=True)

    objects: ClassVar = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        permissions = [
            ("read_analyses", "Can read the whole text of pieces for subscribers"),
            ("publish_article", "Can publish, schedule and withdraw articles"),
            ("submit_article", "Can submit an article for review"),
            ("preview_article", "Can see unpublished articles as readers would"),
            ("follow_article", "Can open what they sign, and go on with it once it is handed on"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(access__in=["open", "subscribers"]), name="access_is_open_or_subscribers"
            ),
            models.CheckConstraint(
                condition=models.Q(embargo_until=None)
                | models.Q(expires_at=None)
                | models.Q(expires_at__gt=models.F("embargo_until")),
                name="an_article_is_taken_down_after_its_embargo",
                violation_error_message="It would be taken down before its embargo is over. Choose a later moment.",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        """Return its address on the site."""
        return reverse("articles:article", args=[self.slug])

    @property
    def live_edition(self) -> "Edition | None":
        """What readers see now, or None. One query."""
        return self.editions.live().first()

    @property
    def scheduled_edition(self) -> "Edition | None":
        """What readers will see, or None. One query."""
        return self.editions.scheduled().first()

    @property
    def has_been_published(self) -> bool:
        """Whether readers have ever been given this address. One query."""
        return self.editions.been_live().exists()


class Byline(models.Model):
    """An ordered credit on one article."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0, help_text="First is 0.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "author"], name="an_author_signs_an_article_once"),
        ]

    def __str__(self) -> str:
        return f"{self.author} on “{self.article}”"
