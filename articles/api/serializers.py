"""The API's answers, field by field: what is not named here does not leave."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from articles.addresses import absolute, with_whole_addresses
from articles.authors.models import Author
from articles.models import Access, Correction, Edition, Photo, Section, Topic
from articles.paywall import Extent, Reading
from articles.prose import without_drawings

Answer = serializers.Serializer[Any]  # its rows are read, never written


def api_address(name: str, slug: str) -> str:
    """Return the whole address of one thing in the API."""
    return absolute(reverse(f"api:{name}", args=[slug]))


class NamedSerializer(serializers.Serializer[Any]):
    """What has a name and a page: enough to show and to ask further."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Its page on the site.")

    def get_url(self, one: Author | Section | Topic) -> str:
        """Return its page."""
        return absolute(one.get_absolute_url())


class SectionSerializer(NamedSerializer):
    """A section."""

    description = serializers.CharField()


class TopicSerializer(NamedSerializer):
    """A topic."""

    kind = serializers.ChoiceField(choices=Topic.Kind.choices)
    introduction = serializers.CharField()


class PictureSerializer(serializers.Serializer[Photo]):
    """A picture, as a JPEG about 1,200 pixels wide."""

    url = serializers.SerializerMethodField()
    alt = serializers.CharField()
    caption = serializers.CharField()
    credit = serializers.CharField()

    def get_url(self, photo: Photo) -> str:
        """Return the picture's address."""
        return absolute(photo.social_src)


class AuthorSerializer(NamedSerializer):
    """An author."""

    role = serializers.CharField()
    beat = serializers.CharField()
    biography = serializers.CharField()
    portrait = PictureSerializer(allow_null=True)


class CorrectionSerializer(serializers.Serializer[Correction]):
    """What was wrong, and is put right."""

    made_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Correction.Kind.choices)
    text = serializers.CharField()


class ArticleSerializer(serializers.Serializer[Edition]):
    """A piece in a list: the same for every reader."""

    slug = serializers.SlugField(source="article.slug")
    headline = serializers.CharField()
    standfirst = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Its page on the site.")
    api_url = serializers.SerializerMethodField(help_text="Where the API gives its text.")
    section = NamedSerializer()
    topics = serializers.SerializerMethodField()
    authors = serializers.SerializerMethodField(help_text="In the order of the byline.")
    access = serializers.ChoiceField(choices=Access.choices)
    picture = PictureSerializer(source="hero", allow_null=True)
    published_at = serializers.DateTimeField(source="first_published_at")
    updated_at = serializers.DateTimeField(source="published_at")
    word_count = serializers.IntegerField(help_text="Of the whole text.")
    reading_minutes = serializers.IntegerField(help_text="Of the whole text.")

    def get_url(self, edition: Edition) -> str:
        """Return its page."""
        return absolute(edition.get_absolute_url())

    def get_api_url(self, edition: Edition) -> str:
        """Return where its text is."""
        return api_address("article", edition.article.slug)

    @extend_schema_field(NamedSerializer(many=True))
    def get_topics(self, edition: Edition) -> list[Any]:
        """Return its topics as they were fetched."""
        return list(NamedSerializer(edition.topics.all(), many=True).data)

    @extend_schema_field(NamedSerializer(many=True))
    def get_authors(self, edition: Edition) -> list[Any]:
        """Return those who signed it."""
        return list(NamedSerializer([byline.author for byline in edition.bylines.all()], many=True).data)


class ReadingSerializer(serializers.Serializer[Reading]):
    """A piece as the reader who asks may read it."""

    article = ArticleSerializer(source="edition")
    extent = serializers.ChoiceField(choices=[(one.value, one.name.title()) for one in Extent])
    text = serializers.SerializerMethodField(
        help_text="Safe HTML: all of it, or the part before the wall. Charts come as tables."
    )
    notes = serializers.SerializerMethodField(help_text="Safe HTML of the footnotes marked in `text`, in order.")
    words_left = serializers.IntegerField(help_text="Behind the wall for this reader; 0 when `extent` is `full`.")
    minutes_left = serializers.IntegerField(help_text="To read those.")
    read_on_url = serializers.SerializerMethodField(help_text="Where the rest is, and the way to subscribe.")
    corrections = CorrectionSerializer(source="edition.corrections", many=True)

    def get_text(self, reading: Reading) -> str:
        """Return what this reader may read, with whole addresses."""
        return with_whole_addresses(without_drawings(reading.text), page=self.get_read_on_url(reading))

    def get_notes(self, reading: Reading) -> list[str]:
        """Return the notes of that."""
        return [with_whole_addresses(note, page=self.get_read_on_url(reading)) for note in reading.notes]

    def get_read_on_url(self, reading: Reading) -> str:
        """Return the article's page."""
        return absolute(reading.edition.get_absolute_url())


class ArticleQuestionSerializer(serializers.Serializer[Any]):
    """What a list of articles may be narrowed by. A parameter that is not here is refused."""

    section = serializers.SlugField(required=False, help_text="A section's slug.")
    topic = serializers.SlugField(required=False, help_text="A topic's slug.")
    author = serializers.SlugField(required=False, help_text="An author's slug.")
    since = serializers.DateTimeField(required=False, help_text="First published at or after this moment.")


class TurningSerializer(serializers.Serializer[Any]):
    """How a list is turned over. The schema has these from the pagination."""

    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100)
