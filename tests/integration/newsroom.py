"""What tests of the newsroom send: an article's form as the browser fills it."""

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponseBase
from django.test import Client

from articles.models import Article
from kjreport.accounts.models import User

ADD = "/admin/articles/article/add/"


def address_of(article: Article, *rest: str) -> str:
    """Return the address of an article's form, or of a page beside it."""
    return "/".join(["/admin/articles/article", str(article.pk), *(rest or ("change",)), ""])


def at_the_desk(user: User) -> Client:
    """Open the newsroom for somebody."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filled_in(article: Article | None = None, **changes: Any) -> dict[str, Any]:
    """Fill in the form as it opens, with changes."""
    form: dict[str, Any] = {"headline": "", "standfirst": "", "source": "", "section": "", "access": "subscribers"}
    form |= {"hero": "", "slug": "", "_continue": "1"}
    if article is not None:
        article.refresh_from_db()
        form |= {name: getattr(article, name) for name in ("headline", "standfirst", "source", "access", "slug")}
        form |= {"section": article.section_id or "", "hero": article.hero_id or "", "revision": article.revision}
        form["topics"] = [topic.pk for topic in article.topics.all()]
    return form | _rows("bylines", article, "author_id") | _rows("chosen_related", article, "related_id") | changes


def _rows(prefix: str, article: Article | None, name: str) -> dict[str, Any]:
    rows = list(getattr(article, prefix).all()) if article else []
    form: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": len(rows)}
    for place, row in enumerate(rows):
        form[f"{prefix}-{place}-id"] = row.pk
        form[f"{prefix}-{place}-article"] = row.article_id
        form[f"{prefix}-{place}-{name.removesuffix('_id')}"] = getattr(row, name)
        form[f"{prefix}-{place}-position"] = row.position
    return form


def said(response: HttpResponseBase) -> list[str]:
    """Return the sentences that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]
