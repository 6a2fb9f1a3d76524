"""Related articles in an article's form, and which articles a journalist may choose from."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Exists, ForeignKey, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest

from articles.models import Article, Edition
from articles.related.models import RelatedArticle
from kjreport.accounts.models import User


def choosable_by(user: User, *, beside: int | None = None) -> "QuerySet[Article]":
    """Return the articles this person may know of.

    Those they may open, what every reader can see, and those already chosen for the article `beside` which they stand.
    """
    mine = Article.objects.editable_by(user).order_by()
    live = Edition.objects.live()
    known = Q(pk__in=mine.values("pk")) | Q(pk__in=live.values("article"))
    if beside is not None:
        known |= Q(pk__in=RelatedArticle.objects.filter(article_id=beside).values("related"))
    return (
        Article.objects.filter(known)
        .annotate(is_mine=Exists(mine.filter(pk=OuterRef("pk"))))
        .prefetch_related(Prefetch("editions", live, to_attr="live_editions"))
    )


def search_choosable(user: User, words: str) -> "QuerySet[Article]":
    """Find articles by the headline this person may see: a draft's is its author's and the editors' alone."""
    mine = Article.objects.editable_by(user).filter(headline__icontains=words).order_by()
    live = Edition.objects.live().filter(headline__icontains=words)
    return choosable_by(user).filter(Q(pk__in=mine.values("pk")) | Q(pk__in=live.values("article")))


def label_choice(article: Article) -> str:
    """Name an article of `choosable_by`: the headline readers see, or the working one of a piece of one's own."""
    live: list[Edition] = getattr(article, "live_editions", [])
    if live:
        return live[0].headline
    return f"{article.headline} (not published)" if getattr(article, "is_mine", False) else "A piece not published yet"


class RelatedArticleInline(admin.TabularInline[RelatedArticle, Article]):
    """What to read next, chosen by hand."""

    model = RelatedArticle
    fk_name = "article"
    template = "admin/articles/ordered_inline.html"
    fields = ("related", "position")
    autocomplete_fields = ("related",)
    extra = 0
    verbose_name = "related post"
    verbose_name_plural = "related posts"

    def formfield_for_foreignkey(
        self,
        db_field: "ForeignKey[Any, Any]",
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401 - Django's
    ) -> forms.ModelChoiceField[Any] | None:
        """Offer only what this person may know of, by the headline they may see."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "related":
            number = str(request.resolver_match.kwargs.get("object_id", "")) if request.resolver_match else ""
            beside = int(number) if number.isdecimal() else None
            field.queryset = choosable_by(cast("User", request.user), beside=beside)
            field.label_from_instance = label_choice  # type: ignore[method-assign,assignment] # as Django says
        return field
