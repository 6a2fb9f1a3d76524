"""Says of an article, an author and the paper what they are, in schema.org's words, for search engines.

Functions of what was fetched for the page: no query but a corrected piece's corrections, and nothing of the text, so
nothing that could leak.
"""

from typing import Any

from django.conf import settings
from django.templatetags.static import static

from articles.addresses import absolute
from articles.authors.models import Author
from articles.images import SOCIAL_WIDTH
from articles.models import Edition, Photo
from articles.paywall import Reading

PAID_PART = ".paid"  # the class that templates/articles give to what stands in for, or holds, the paid part
LANGUAGE = "en-GB"
Described = dict[str, Any]


def describe_article(reading: Reading) -> Described:
    """Describe a piece as a `NewsArticle`, with where it stands; the edition must be fetched for its page.

    Source: schema.org/NewsArticle, and Google's page on subscription and paywalled content.
    """
    edition = reading.edition
    page = absolute(edition.get_absolute_url())
    described: Described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"{page}#article",
        "mainEntityOfPage": {"@type": "WebPage", "@id": page},
        "url": page,
        "headline": edition.headline,
        "description": edition.search_description or edition.standfirst,
        "inLanguage": LANGUAGE,
        "datePublished": edition.first_published_at.isoformat(),
        "dateModified": edition.changed_at.isoformat(),
        "author": [_name_author(byline.author) for byline in edition.bylines.all()],
        "publisher": describe_publisher(),
        "articleSection": edition.section.name,
        "keywords": [topic.name for topic in edition.topics.all()],
        "wordCount": edition.word_count,
        "timeRequired": f"PT{edition.reading_minutes}M",
        "isAccessibleForFree": edition.is_open,
    }
    if edition.hero is not None:
        described["image"] = _describe_photo(edition.hero)
    if not edition.is_open:
        described["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": PAID_PART}
    if edition.search_title:
        described["alternativeHeadline"] = edition.search_title
    corrections = [
        {"@type": "CorrectionComment", "text": correction.text, "datePublished": correction.made_at.isoformat()}
        for correction in edition.corrections
    ]
    return described | ({"correction": corrections} if corrections else {})


def describe_trail(edition: Edition) -> Described:
    """Describe the way from the front page to a piece as a `BreadcrumbList`."""
    steps = [
        (settings.SITE_NAME, absolute("/")),
        (edition.section.name, absolute(edition.section.get_absolute_url())),
        (edition.headline, absolute(edition.get_absolute_url())),
    ]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, start=1)
        ],
    }


def describe_author(author: Author) -> Described:
    """Describe an author's page as a `ProfilePage`; their portrait must be fetched."""
    person = _name_author(author) | {"worksFor": {"@id": f"{absolute('/')}#publisher"}}
    if author.role:
        person["jobTitle"] = author.role
    if author.biography:
        person["description"] = author.biography
    if author.beat:
        person["knowsAbout"] = author.beat
    if author.portrait is not None:
        person["image"] = absolute(author.portrait.social_src)
    return {
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": absolute(author.get_absolute_url()),
        "mainEntity": person,
    }


def describe_site() -> Described:
    """Describe the paper's site as a `WebSite`."""
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "@id": f"{absolute('/')}#website",
        "url": absolute("/"),
        "name": settings.SITE_NAME,
        "inLanguage": LANGUAGE,
        "publisher": describe_publisher(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": absolute("/search/?q=") + "{search_term_string}"},
            "query-input": "required name=search_term_string",
        },
    }


def describe_publisher() -> Described:
    """Describe the paper as a `NewsMediaOrganization`."""
    return {
        "@type": "NewsMediaOrganization",
        "@id": f"{absolute('/')}#publisher",
        "name": settings.SITE_NAME,
        "url": absolute("/"),
        "logo": {"@type": "ImageObject", "url": absolute(static("kjreport/img/mark.svg"))},
    }


def _name_author(author: Author) -> Described:
    return {"@type": "Person", "name": author.name, "url": absolute(author.get_absolute_url())}


def _describe_photo(photo: Photo) -> Described:
    return {
        "@type": "ImageObject",
        "url": absolute(photo.social_src),
        "width": min(SOCIAL_WIDTH, photo.width),
        "height": max(1, round(photo.height * min(SOCIAL_WIDTH, photo.width) / photo.width)),
        "caption": photo.caption or photo.alt,
        "creditText": photo.credit,
    }
