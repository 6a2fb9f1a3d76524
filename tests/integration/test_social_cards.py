"""Each piece has a card for social networks: of what anyone may see, and made anew when that changes."""

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image, ImageFont

from articles.models import Article
from articles.publishing import publish, withdraw
from articles.social_cards import SIZE, SocialCard, break_lines
from kjreport.accounts.models import User
from tests.cast import an_article, published
from tests.integration.newsroom import at_the_desk
from tests.pictures import a_photo


def card_in(page: str) -> str:
    found = re.search(r'property="og:image" content="https?://[^/]+([^"]+)"', page)
    assert found
    return found[1]


def page_of(client: Client, article: Article) -> str:
    return client.get(article.get_absolute_url()).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("has_hero", [True, False])
def test_a_live_piece_has_a_card_in_its_page(client: Client, has_hero: bool) -> None:  # noqa: FBT001 - pytest's
    article = an_article("A piece", hero=a_photo() if has_hero else None)
    publish(article, by=User.objects.create_superuser("o@example.com", "x", name="O"))
    answer = client.get(card_in(page_of(client, article)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.getvalue())) as card:
        assert card.size == SIZE


@pytest.mark.django_db
def test_another_headline_is_another_card_and_the_old_address_leads_there(client: Client, an_editor: User) -> None:
    article = an_article("The first headline")
    publish(article, by=an_editor)
    first = card_in(page_of(client, article))
    drawn = client.get(first).getvalue()
    article.headline = "The second headline"
    article.save()
    assert card_in(page_of(client, article)) == first  # nothing changes before it is published
    publish(article, by=an_editor)
    second = card_in(page_of(client, article))
    assert second != first
    assert client.get(second).getvalue() != drawn
    answer = client.get(first)
    assert (answer.status_code, answer.headers["Location"]) == (302, second)


@pytest.mark.django_db
def test_only_what_is_live_has_a_card(client: Client, an_editor: User) -> None:
    draft, gone = an_article("A draft"), an_article("Gone")
    publish(gone, by=an_editor)
    address = card_in(page_of(client, gone))
    withdraw(gone, by=an_editor)
    assert client.get(address).status_code == 404
    assert client.get(f"/articles/{draft.slug}/card-{'0' * 16}.jpg").status_code == 404


@pytest.mark.django_db
def test_the_card_is_drawn_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    published("A piece")
    address = card_in(client.get("/articles/a-piece/").content.decode())
    client.get(address)
    monkeypatch.setattr(SocialCard, "draw", lambda *_: pytest.fail("drawn twice"))
    assert client.get(address).status_code == 200
    assert default_storage.exists(f"cards/{address[-20:-4]}.jpg")


@pytest.mark.django_db
def test_the_form_shows_the_card_of_what_is_typed(an_editor: User) -> None:
    article = an_article("Not out yet")
    page = at_the_desk(an_editor).get(f"/admin/articles/article/{article.pk}/trial/", {"at": "card"}).content.decode()
    assert 'src="data:image/jpeg;base64,/9j/' in page


@pytest.mark.parametrize(
    "headline",
    [
        "",
        "Short",
        "word " * 32,
        "Donaudampfschifffahrtsgesellschaftskapitän" * 4,
        "Łódź, Tallinn, Երևան, Київ",
        "W" * 160,
    ],
)
def test_any_headline_stays_on_the_card(headline: str) -> None:
    names = ("Ada Byron", "A Very Long Name Indeed " * 6)
    drawn = SocialCard("KJ Report", headline, "Section " * 12, names, "x").draw(Image.new("RGB", (40, 900), "teal"))
    with Image.open(io.BytesIO(drawn)) as card:
        assert card.size == SIZE
        edge = card.convert("L").crop((SIZE[0] - 420 - 40, 20, SIZE[0] - 420 - 8, SIZE[1])).getextrema()
    assert isinstance(edge[0], int | float)  # one band, one pair
    assert edge[0] > 200  # nothing is written between the text and the picture


def test_lines_break_at_words_and_lose_nothing() -> None:
    font = ImageFont.load_default(40)
    lines = break_lines("The corridor nobody drew, and who would pay for it " + "x" * 60, font, 400)
    assert all(font.getlength(line) <= 400 for line in lines)
    assert "".join(lines).replace(" ", "") == "Thecorridornobodydrew,andwhowouldpayforit" + "x" * 60
