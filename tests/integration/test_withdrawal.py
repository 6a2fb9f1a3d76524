"""A withdrawn piece is on no surface, and its own address says that it was withdrawn."""

import pytest
from django.test import Client

from articles import publishing
from articles.models import Article, Edition, Lead, Photo, Withdrawal
from articles.related.models import RelatedArticle
from articles.sharing import card_address
from kjreport.accounts.models import User
from tests.cast import LINE, a_section, an_article, published
from tests.integration.newsroom import address_of, at_the_desk
from tests.pages import read, within
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

WORD = "quokkagone"  # in its headline, its address, its standfirst and its text
ADDRESS = f"/articles/{WORD}/"
REASON = "A source asked us to."
SURFACES = [
    *("/", "/articles/", "/sections/diplomacy/", "/topics/armenia/", "/authors/ada-byron/", f"/search/?q={WORD}"),
    *("/feed/", "/feed/atom/", "/news-sitemap.xml", "/sitemap-articles.xml"),
    *("/api/v1/articles/", "/articles/the-one-that-stays/"),
]


@pytest.fixture
def a_picture() -> Photo:
    """Stands in the piece alone."""
    return a_photo(alt=f"What {WORD} shows")


@pytest.fixture
def a_piece(an_editor: User, a_picture: Photo) -> Article:
    """A piece at the head of the front page, beside another that names it as related."""
    source = f'<p>{WORD} above.</p><figure data-photo="{a_picture.pk}"></figure>{LINE}<p>{WORD} below.</p>'
    article = published(f"{WORD}", standfirst=f"On {WORD}.", source=source, hero=a_picture).article
    stays = an_article("The one that stays")
    RelatedArticle.objects.create(article=stays, related=article)
    publishing.publish(stays, by=an_editor)
    Lead.objects.create(article=article, chosen_by=an_editor)
    return article


def withdraw(article: Article, by: User, **given: str) -> None:
    at_the_desk(by).post(address_of(article, "steps"), {"_step": "withdraw", "withdraw_words": "For us.", **given})


@pytest.mark.parametrize("surface", SURFACES)
def test_it_is_gone_from_every_surface(client: Client, an_editor: User, a_piece: Article, surface: str) -> None:
    before = client.get(surface)
    assert before.status_code == 200
    withdraw(a_piece, an_editor)
    after = client.get(surface)
    assert after.status_code == 200
    said = after.content.decode().replace(f"q={WORD}", "").replace(f'value="{WORD}"', "").replace(f"“{WORD}”", "")
    assert WORD not in said
    assert WORD in before.content.decode(), "it was not there before, so this proves nothing"


def test_its_own_address_says_so_with_the_day_the_reason_and_the_way_to_its_section(
    client: Client, an_editor: User, a_piece: Article
) -> None:
    withdraw(a_piece, an_editor, withdraw_reason=REASON)
    page = within(read(client, ADDRESS, 410))
    withdrawal = Withdrawal.objects.get()
    assert f'<time datetime="{withdrawal.made_at:%Y-%m-%dT%H:%M}' in page.replace("+00:00", "")
    assert REASON in page
    assert f'href="{a_section().get_absolute_url()}"' in page
    assert WORD not in page
    assert "For us." not in page
    event = a_piece.workflow_events.first()
    assert event is not None
    assert event.note == "For us."


def test_without_a_public_reason_only_the_day_is_told(client: Client, an_editor: User, a_piece: Article) -> None:
    withdraw(a_piece, an_editor)
    assert "We withdrew it on" in within(read(client, ADDRESS, 410))


def test_what_expired_was_not_withdrawn(client: Client, a_piece: Article) -> None:
    live = a_piece.live_edition
    assert live is not None
    Edition.objects.filter(pk=live.pk).update(
        published_at="2020-01-01T00:00Z",
        first_published_at="2020-01-01T00:00Z",
        live_until="2020-01-02T00:00Z",
        expires_at="2020-01-02T00:00Z",
    )
    page = within(read(client, ADDRESS, 410))
    assert "withdrew" not in page
    assert "limited time" in page


def test_its_correction_keeps_its_words_and_loses_its_link(client: Client, an_editor: User, a_piece: Article) -> None:
    publishing.correct(a_piece, by=an_editor, text="It was Tuesday.")
    assert f'href="{ADDRESS}' in read(client, "/corrections/")
    withdraw(a_piece, an_editor)
    page = read(client, "/corrections/")
    assert "It was Tuesday." in page
    assert ADDRESS not in page


def test_its_card_and_its_picture_are_gone(client: Client, an_editor: User, a_piece: Article, a_picture: Photo) -> None:
    edition = Edition.objects.live().for_page().get(article=a_piece)
    addresses = [card_address(edition), a_picture.address(48, "webp"), a_picture.social_src]
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]
    withdraw(a_piece, an_editor)
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_a_picture_that_stands_elsewhere_too_stays(
    client: Client, an_editor: User, a_piece: Article, a_picture: Photo
) -> None:
    published("Another with that picture", hero=a_picture)
    withdraw(a_piece, an_editor)
    assert client.get(a_picture.address(48, "webp")).status_code == 200


def test_for_machines_it_is_as_if_it_never_was(client: Client, an_editor: User, a_piece: Article) -> None:
    read(client, f"/api/v1{ADDRESS}")
    withdraw(a_piece, an_editor)
    read(client, f"/api/v1{ADDRESS}", 404)


def test_a_piece_that_comes_back_is_a_piece_again(client: Client, an_editor: User, a_piece: Article) -> None:
    withdraw(a_piece, an_editor, withdraw_reason=REASON)
    publishing.publish(a_piece, by=an_editor)
    assert REASON not in read(client, ADDRESS)
