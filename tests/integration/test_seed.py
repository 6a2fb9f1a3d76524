"""The demo issue: complete, safe to set twice, and never on a real site."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from articles import paywall
from articles.models import Access, Article, Edition, EditionPhoto, Lead, Photo, Topic
from donations.models import Donation
from kjreport.accounts.models import User
from kjreport.demo import issue
from kjreport.demo.drawing.palette import PAPER
from kjreport.demo.manuscripts import read_manuscripts
from kjreport.demo.people import PASSWORD, PEOPLE
from kjreport.standin.server import StandIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def laptop(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A laptop with its practice till; pictures are small, for speed."""
    monkeypatch.setattr(issue, "draw", lambda _key: Image.new("RGB", (48, 32), PAPER))
    with StandIn(deliver="hold") as standin:
        settings.DEBUG = True
        settings.STRIPE_API_BASE = standin.url
        yield standin


def seed() -> str:
    said = StringIO()
    call_command("seed", stdout=said)
    return said.getvalue()


def test_the_demo_issue_is_complete_and_set_once(laptop: StandIn) -> None:
    said = seed()
    assert f"Seeded {len(read_manuscripts())} articles and 3 payments." in said
    assert all(person.email in said for person in PEOPLE)
    assert Article.objects.count() == len(read_manuscripts()) >= 20
    assert Edition.objects.scheduled().count() == 2
    assert Lead.objects.get().article.live_edition is not None
    assert Topic.objects.filter(kind=Topic.Kind.COUNTRY).count() >= 5
    assert EditionPhoto.objects.filter(is_below_the_wall=True).exists()
    assert {edition.access for edition in Edition.objects.live()} == {Access.OPEN, Access.SUBSCRIBERS}
    corrected = Article.objects.get(corrections__isnull=False)
    assert corrected.live_edition is not None
    assert corrected.live_edition.is_updated
    counts = [model.objects.count() for model in (Article, Edition, Photo, User, Donation)]
    assert "Seeded" not in seed()
    assert [model.objects.count() for model in (Article, Edition, Photo, User, Donation)] == counts


def test_the_demo_people_are_what_they_are_said_to_be(laptop: StandIn) -> None:
    seed()
    people = {person.address: User.objects.get(email=person.email) for person in PEOPLE}
    assert all(user.check_password(PASSWORD) for user in people.values())
    may_read = {name for name, user in people.items() if paywall.may_read_analyses(user)}
    assert may_read == {"subscriber", "editor", "publisher"}
    assert people["editor"].has_perm("articles.publish_article")
    assert not people["journalist"].has_perm("articles.publish_article")
    assert people["journalist"].has_perm("articles.submit_article")
    assert Donation.objects.get().user == people["donor"]


def test_what_the_newsroom_deleted_stays_deleted(laptop: StandIn) -> None:
    seed()
    Edition.objects.filter(article__slug="who-gets-to-name-the-arctic").delete()
    Article.objects.get(slug="who-gets-to-name-the-arctic").delete()
    seed()
    assert not Article.objects.filter(slug="who-gets-to-name-the-arctic").exists()


def test_a_seed_that_was_interrupted_goes_on(laptop: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(issue, "_publish", fail)
    with pytest.raises(KeyboardInterrupt):
        seed()
    assert not Article.objects.exists()
    drawn = Photo.objects.count()
    monkeypatch.undo()
    monkeypatch.setattr(issue, "draw", fail)  # nothing is drawn twice
    laptop_settings_hold = seed()
    assert "Seeded" in laptop_settings_hold
    assert Photo.objects.count() == drawn


def test_it_refuses_where_people_are_real(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="known password"):
        seed()
    settings.DEBUG = True
    settings.STRIPE_API_BASE = "https://api.stripe.com"
    with pytest.raises(CommandError, match="stand-in"):
        seed()
    assert not User.objects.exists()


def test_it_says_so_when_the_stand_in_is_away(laptop: StandIn) -> None:
    laptop.stop()
    with pytest.raises(CommandError, match="does not answer"):
        seed()
