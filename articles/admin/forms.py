"""The article's form: a headline is enough to save."""

from typing import Any

from django import forms
from django.utils.text import slugify

from articles.models import Article

LONGEST_SOURCE = 1_000_000
LONGEST_SLUG = 110  # of 120, so that a number finds room behind it


def make_slug(headline: str, *, article: Article) -> str:
    """Return a free address for a headline. One query for each address that is taken."""
    stem = slugify(headline)[:LONGEST_SLUG].strip("-") or "article"
    others = Article.objects.exclude(pk=article.pk)
    made, count = stem, 2
    while others.filter(slug=made).exists():
        made, count = f"{stem}-{count}", count + 1
    return made


class ArticleForm(forms.ModelForm[Article]):
    """What a journalist fills in."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = (
            *("headline", "standfirst", "source", "section", "topics", "access", "hero", "slug"),
            *("embargo_until", "expires_at", "search_title", "search_description", "social_title"),
        )
        labels = {"slug": "Address", "hero": "Picture", "source": "Text", "embargo_until": "Embargo until"}
        labels |= {"search_title": "Title in searches", "search_description": "Words in searches"}
        labels |= {"social_title": "Headline when shared"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("revision", self.instance.revision)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        if "headline" in self.fields:
            self.fields["headline"].error_messages["required"] = "Give it a headline; a working one will do."

    def clean_headline(self) -> str:
        """Keep it on one line."""
        return " ".join(self.cleaned_data["headline"].split())

    def clean_standfirst(self) -> str:
        """Likewise."""
        return " ".join(self.cleaned_data["standfirst"].split())

    def clean_source(self) -> str:
        """Refuse what no page could show."""
        source = str(self.cleaned_data["source"])
        if len(source) > LONGEST_SOURCE:
            raise forms.ValidationError(
                f"The text is {len(source):,} characters long; a million is the most. Divide it into two pieces."
            )
        return source

    def clean(self) -> dict[str, Any]:
        """Choose an address. That nobody is overwritten, `articles.admin.conflicts` has seen to before."""
        cleaned = super().clean() or self.cleaned_data
        if "slug" in self.fields and "slug" not in self.errors:
            cleaned["slug"] = self._choose_slug(cleaned)
        return cleaned

    def _choose_slug(self, cleaned: dict[str, Any]) -> str:
        headline = cleaned.get("headline") or ""
        typed = cleaned.get("slug") or ""
        earlier = slugify(self.initial.get("headline") or "")
        follows_headline = (
            "slug" not in self.changed_data and "headline" in self.changed_data and typed[:100] == earlier[:100]
        )
        return make_slug(headline if follows_headline or not typed else typed, article=self.instance)
