"""Keeps the card of each piece for social networks: drawn once for what stands on it, from what anyone may see."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from articles.images import open_original
from articles.models import Article, Edition, Photo
from articles.social_cards import SocialCard

if TYPE_CHECKING:
    from PIL import Image


def card_of(edition: Edition) -> SocialCard:
    """Return what stands on an edition's card. No query for one that was fetched for its page."""
    names = [byline.author.name for byline in edition.bylines.all()]
    return _compose(edition, edition.section.name, names)


def card_address(edition: Edition) -> str:
    """Return where its card is; another headline is another address."""
    return reverse("articles:social_card", args=[edition.article.slug, card_of(edition).digest])


def open_card(edition: Edition) -> File[bytes]:
    """Open its card, drawn now if it never was."""
    card = card_of(edition)
    path = f"cards/{card.digest}.jpg"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(_draw(card, edition.hero)))
    return default_storage.open(path)


def show_card(article: Article, names: Sequence[str]) -> str:
    """Return the card of a working copy as it would be, to stand in a page itself: nobody else can ask for it."""
    card = _compose(article, article.section.name if article.section else "", names)
    return f"data:image/jpeg;base64,{base64.b64encode(_draw(card, article.hero)).decode()}"


def _compose(piece: Article | Edition, section: str, names: Sequence[str]) -> SocialCard:
    hero = piece.hero
    picture = f"{hero.key}-{hero.focal_x}-{hero.focal_y}" if hero else ""
    return SocialCard(settings.SITE_NAME, piece.social_title or piece.headline, section, tuple(names), picture)


def _draw(card: SocialCard, hero: Photo | None) -> bytes:
    picture: Image.Image | None = None
    if hero is not None:
        try:
            picture = open_original(hero.key)
        except OSError:  # a card without its picture is better than none
            picture = None
    return card.draw(picture, (hero.focal_x, hero.focal_y) if hero else (50, 50))
