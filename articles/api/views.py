"""The read API: each view loads what is live, asks the wall once where there is text, and answers."""

from collections.abc import Mapping
from typing import Any

from django.db.models import FETCH_RAISE, Model, Prefetch, QuerySet
from django.utils.cache import patch_cache_control, patch_vary_headers
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from articles.addresses import absolute
from articles.api.pagination import ArticlePagination, NamePagination
from articles.api.serializers import (
    ArticleQuestionSerializer,
    ArticleSerializer,
    AuthorSerializer,
    ReadingSerializer,
    SectionSerializer,
    TopicSerializer,
    TurningSerializer,
)
from articles.authors.models import Author
from articles.models import Edition, EditionQuerySet, Section, Topic
from articles.paywall import Reading, open_article
from articles.sitemaps import with_live_pieces

KEPT_FOR = 60  # seconds a shared cache may answer strangers
NOBODY_KEEPS_IT = "private, no-store"


class KeptForStrangers(APIView):
    """Lets shared caches keep what a stranger gets, and nothing of what a known reader gets."""

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        """Say who may keep the answer. A refused token has no reader, but its answer is its own too."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(finished, ["Accept", "Authorization", "Cookie"])
        is_for_a_stranger = "Authorization" not in request.headers and not request.user.is_authenticated
        if finished.status_code == 200 and is_for_a_stranger:  # noqa: PLR2004 - HTTP's OK
            patch_cache_control(finished, public=True, max_age=0, s_maxage=KEPT_FOR)
        else:
            finished.headers["Cache-Control"] = NOBODY_KEEPS_IT
        return finished

    def read_question(self, *known: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the address's parameters, checked.

        Raises:
            ValidationError: one is unknown, given twice, or not what it should be.
        """
        asked = self.request.query_params
        parts = [make(data=asked.dict()) for make in known]
        names = {str(name) for part in parts for name in part.fields}
        odd = {name: ["There is no such parameter."] for name in asked if name not in names}
        odd |= {name: ["Give this once."] for name in asked if len(asked.getlist(name)) > 1}
        for part in parts:
            if not part.is_valid():
                odd |= part.errors
        if odd:
            raise ValidationError(odd)
        return {name: value for part in parts for name, value in part.validated_data.items()}


class Start(KeptForStrangers):
    """Where to begin."""

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        """Name the lists."""
        self.read_question()
        names = ("articles", "authors", "sections", "topics", "schema")
        return Response({name: absolute(reverse(f"api:{name}")) for name in names})


@extend_schema(parameters=[ArticleQuestionSerializer])
class ArticleList(KeptForStrangers, ListAPIView[Edition]):
    """Live articles, newest first. Five queries at most, however many a page holds."""

    serializer_class = ArticleSerializer
    pagination_class = ArticlePagination

    def get_queryset(self) -> QuerySet[Edition]:
        """Return what was asked for, of what anybody may see."""
        if getattr(self, "swagger_fake_view", False):  # the schema asks nothing
            return Edition.objects.none()
        asked = self.read_question(ArticleQuestionSerializer, TurningSerializer)
        return _with_topics(_narrow(Edition.objects.live(), asked).for_cards())


class ArticleDetail(KeptForStrangers):
    """One live article."""

    @extend_schema(responses=ReadingSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Give the article as its reader may read it: all of it, or the part before the wall."""
        self.read_question()
        edition = Edition.objects.live().filter(article__slug=slug).for_page().first()
        if edition is None:
            raise NotFound
        reading: Reading = open_article(edition, request.user)
        return Response(ReadingSerializer(reading).data)


class NamedList[M: Model](KeptForStrangers, ListAPIView[M]):
    """A list by name."""

    pagination_class = NamePagination

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - upstream's signature
        """Give a page of it."""
        self.read_question(TurningSerializer)
        return super().list(request, *args, **kwargs)


class NamedDetail[M: Model](KeptForStrangers, RetrieveAPIView[M]):
    """One thing by its slug."""

    lookup_field = "slug"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - upstream's signature
        """Give it."""
        self.read_question()
        return super().retrieve(request, *args, **kwargs)


class AuthorList(NamedList[Author]):
    """Authors of a live article, by name."""

    serializer_class = AuthorSerializer

    def get_queryset(self) -> QuerySet[Author]:
        """Return those: the name of another could tell what is being written."""
        return _authors()


class AuthorDetail(NamedDetail[Author]):
    """One author of a live article."""

    serializer_class = AuthorSerializer

    def get_queryset(self) -> QuerySet[Author]:
        """Return those one may ask for."""
        return _authors()


class SectionList(NamedList[Section]):
    """Sections, by name."""

    serializer_class = SectionSerializer
    queryset = Section.objects.all()


class SectionDetail(NamedDetail[Section]):
    """One section."""

    serializer_class = SectionSerializer
    queryset = Section.objects.all()


class TopicList(NamedList[Topic]):
    """Topics of a live article, by name."""

    serializer_class = TopicSerializer

    def get_queryset(self) -> QuerySet[Topic]:
        """Return those: the name of another could tell what is being written."""
        return with_live_pieces(Topic.objects.all(), "topics")


class TopicDetail(NamedDetail[Topic]):
    """One topic of a live article."""

    serializer_class = TopicSerializer

    def get_queryset(self) -> QuerySet[Topic]:
        """Return those one may ask for."""
        return with_live_pieces(Topic.objects.all(), "topics")


class Schema(KeptForStrangers, SpectacularAPIView):
    """The API's description, in OpenAPI's words."""


def _narrow(editions: EditionQuerySet, asked: Mapping[str, Any]) -> EditionQuerySet:
    """Keep what was asked for. Only columns that everybody sees can be asked about."""
    columns = {
        "section": "section__slug",
        "topic": "topics__slug",
        "author": "bylines__author__slug",
        "since": "first_published_at__gte",
    }
    return editions.filter(**{column: asked[name] for name, column in columns.items() if name in asked})


def _with_topics(editions: EditionQuerySet) -> EditionQuerySet:
    return editions.prefetch_related(Prefetch("topics", Topic.objects.all().fetch_mode(FETCH_RAISE)))


def _authors() -> QuerySet[Author]:
    return with_live_pieces(Author.objects.select_related("portrait"), "bylines__author")
