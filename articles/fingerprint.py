"""Tells one text from another: the fingerprint of everything readers would get of a working copy."""

import hashlib
import json

from articles.models import Article
from articles.related.models import RelatedArticle

# Words of the article's own. Those for searches and social cards may come later than this module.
WORDS = ("headline", "standfirst", "source", "slug", "access")
FOR_MACHINES = ("search_title", "search_description", "social_title")


def fingerprint(article: Article) -> str:
    """Return 64 hexadecimal characters that change whenever readers would get something else. Three queries."""
    related = RelatedArticle.objects.filter(article=article).order_by("position", "pk")
    told = {
        **{name: getattr(article, name) for name in WORDS},
        **{name: value for name in FOR_MACHINES if (value := getattr(article, name, ""))},
        "section": article.section_id,
        "hero": article.hero_id,
        "topics": sorted(article.topics.values_list("pk", flat=True)),
        "bylines": list(article.bylines.order_by("position", "pk").values_list("author_id", flat=True)),
        "related": list(related.values_list("related_id", flat=True)),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
