from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from articles import publishing
from articles.models import Lead, Topic
from kjreport.accounts.models import User
from tests.cast import a_section, a_topic, an_author, published
from tests.pages import headlines, read, within

pytestmark = pytest.mark.django_db


def test_the_chosen_lead_leads_and_no_piece_stands_twice(client: Client) -> None:
    sections = [a_section(name) for name in ("Diplomacy", "Economy", "Climate")]
    for number in range(18):
        edition = published(
            f"Piece {number}", section=sections[number % 3], at=timezone.now() - timedelta(hours=number)
        )
    Lead.objects.create(article=edition.article)
    shown = headlines(read(client, "/"))
    assert shown[0] == "Piece 17"
    assert len(shown) == len(set(shown))
    assert {"Piece 0", "Piece 1", "Piece 2"} <= set(shown)


def test_the_newest_piece_leads_when_nobody_chose_or_the_chosen_one_was_withdrawn(
    client: Client, an_editor: User
) -> None:
    published("An older piece", at=timezone.now() - timedelta(days=2))
    newest = published("The newest piece", at=timezone.now() - timedelta(days=1))
    assert headlines(read(client, "/"))[0] == "The newest piece"
    chosen = published("The chosen piece", at=timezone.now() - timedelta(days=3))
    Lead.objects.create(article=chosen.article)
    assert headlines(read(client, "/"))[0] == "The chosen piece"
    publishing.withdraw(chosen.article, by=an_editor)
    assert headlines(read(client, "/"))[0] == newest.headline


def test_the_pieces_beside_the_lead_come_from_different_sections(client: Client) -> None:
    for number in range(4):
        published(f"Of war {number}", section=a_section("War"), at=timezone.now() - timedelta(minutes=number))
    for name in ("Trade", "Water", "Ideas"):
        published(f"Of {name}", section=a_section(name), at=timezone.now() - timedelta(days=1))
    assert set(headlines(read(client, "/"))[1:4]) == {"Of Trade", "Of Water", "Of Ideas"}


def test_an_empty_paper_still_has_a_front_page(client: Client) -> None:
    assert "being written" in read(client, "/")


def test_sections_topics_and_authors_list_their_own_pieces_newest_first(client: Client) -> None:
    water = a_topic("Water", kind=Topic.Kind.THEME)
    Topic.objects.filter(pk=water.pk).update(introduction="Rivers ignore frontiers.")
    an_author("Mary Wells", beat="Rivers", biography="She flies.")
    for number, name in enumerate(("First", "Second", "Third")):
        published(name, topics=["Water"], authors=["Mary Wells"], at=timezone.now() - timedelta(days=number))
    published("Elsewhere", section=a_section("Economy"))
    for address in ("/sections/diplomacy/", "/topics/water/", "/authors/mary-wells/"):
        assert headlines(read(client, address)) == ["First", "Second", "Third"]
    assert "Rivers ignore frontiers." in read(client, "/topics/water/")
    assert "She flies." in read(client, "/authors/mary-wells/")


@override_settings(ARTICLES_PER_PAGE=2, SITE_URL="https://paper.example")
def test_a_long_list_is_turned_over(client: Client) -> None:
    for number in range(3):
        published(f"Piece {number}", at=timezone.now() - timedelta(days=number))
    first, second = read(client, "/sections/diplomacy/"), read(client, "/sections/diplomacy/?page=2")
    assert headlines(first) == ["Piece 0", "Piece 1"]
    assert headlines(second) == ["Piece 2"]
    assert 'rel="next" href="?page=2"' in first
    assert 'rel="prev" href="?page=1"' in second
    assert '<link rel="canonical" href="https://paper.example/sections/diplomacy/?page=2">' in second


def test_the_archive_goes_by_months(client: Client) -> None:
    published("Of today")
    published("Of long ago", at=timezone.now().replace(year=2024, month=2, day=29))
    assert "Of long ago" not in read(client, "/articles/")
    page = read(client, "/articles/?month=2024-02")
    assert "Of long ago" in page
    assert "Of today" not in page
    assert "February 2024" in page


def test_search_shows_what_was_asked_for_as_it_was_asked(client: Client) -> None:
    published()
    page = read(client, '/search/?q="nobody drew"<script>')
    assert "<script>" not in within(page)
    assert headlines(read(client, "/search/?q=corridor")) == ["The corridor nobody drew"]
    assert "Nothing found" in read(client, "/search/?q=zebra")
