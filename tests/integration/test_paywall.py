"""May this reader read it?"""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import publishing
from articles.models import Access, Edition, EditionBody, EditionPhoto, Photo
from articles.paywall import Audience, Extent, find_audience, may_see_photo, open_article, preview_working_copy
from kjreport.accounts.models import User
from tests.cast import ABOVE, BELOW, an_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def an_entitled_reader(a_reader: User) -> User:
    a_reader.user_permissions.add(Permission.objects.get(codename="read_analyses"))
    return User.objects.get(pk=a_reader.pk)


def an_edition(an_editor: User, access: str = Access.SUBSCRIBERS) -> Edition:
    publishing.publish(an_article(access=access), by=an_editor)
    return Edition.objects.live().for_page().get()


def test_a_visitor_gets_the_preview_at_no_cost(an_editor: User) -> None:
    edition = an_edition(an_editor)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        reading = open_article(edition, AnonymousUser())
    assert (reading.extent, reading.text) == (Extent.PREVIEW, ABOVE)
    assert (reading.words_left, reading.minutes_left) == (6, 1)
    assert len(queries) == 0


def test_a_reader_without_a_subscription_gets_the_preview(an_editor: User, a_reader: User) -> None:
    reading = open_article(an_edition(an_editor), a_reader)
    assert not reading.is_full
    assert BELOW not in reading.text


def test_a_reader_with_the_permission_gets_it_all(an_editor: User, an_entitled_reader: User) -> None:
    reading = open_article(an_edition(an_editor), an_entitled_reader)
    assert reading.is_full
    assert reading.text == ABOVE + BELOW
    assert reading.words_left == 0


def test_everybody_gets_an_open_piece(an_editor: User) -> None:
    assert open_article(an_edition(an_editor, Access.OPEN), AnonymousUser()).text == ABOVE + BELOW


def test_an_account_that_was_closed_reads_no_more(an_editor: User, an_entitled_reader: User) -> None:
    an_entitled_reader.is_active = False
    assert not open_article(an_edition(an_editor), an_entitled_reader).is_full


def test_a_lost_paid_text_is_a_short_page_and_not_an_error(an_editor: User, an_entitled_reader: User) -> None:
    edition = an_edition(an_editor)
    EditionBody.objects.all().delete()
    assert open_article(edition, an_entitled_reader).text == ABOVE


def test_a_preview_of_the_working_copy_shows_what_publishing_would(an_editor: User) -> None:
    article = an_article(topics=["Armenia", "Water"])
    as_visitor = preview_working_copy(article, as_subscriber=False)
    as_subscriber = preview_working_copy(article, as_subscriber=True)
    published = publishing.publish(article, by=an_editor)
    assert as_visitor.text == published.preview
    assert as_subscriber.text == ABOVE + BELOW
    assert [topic.name for topic in as_visitor.edition.topics.all()] == ["Armenia", "Water"]
    assert [byline.author.name for byline in as_visitor.edition.bylines.all()] == ["Ada Byron"]
    assert Edition.objects.count() == 1


def a_photo(**fields: object) -> Photo:
    photo: Photo = Photo.objects.create(
        original="photos/x.webp", width=800, height=600, alt="A bridge", credit="Staff", **fields
    )
    return photo


def test_a_photo_below_the_line_is_for_those_who_may_read(
    an_editor: User, a_reader: User, an_entitled_reader: User
) -> None:
    edition, photo = an_edition(an_editor), a_photo()
    assert find_audience(photo) == Audience.NEWSROOM
    EditionPhoto.objects.create(edition=edition, photo=photo, is_below_the_wall=True)
    assert find_audience(photo) == Audience.READERS_OF_ANALYSES
    assert not may_see_photo(photo, AnonymousUser())
    assert may_see_photo(photo, an_entitled_reader)
    publishing.withdraw(edition.article, by=an_editor)
    assert not may_see_photo(photo, an_entitled_reader)
    assert may_see_photo(photo, an_editor)


def test_a_photo_above_the_line_and_a_portrait_are_for_everybody(an_editor: User) -> None:
    edition, photo, portrait = an_edition(an_editor), a_photo(), a_photo()
    EditionPhoto.objects.create(edition=edition, photo=photo, is_below_the_wall=False)
    author = edition.bylines.all()[0].author
    author.portrait = portrait
    author.save()
    assert may_see_photo(photo, AnonymousUser())
    assert may_see_photo(portrait, AnonymousUser())
