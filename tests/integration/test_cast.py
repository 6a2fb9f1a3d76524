"""The cast is what its names say."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from articles.models import Edition
from donations.models import Donation
from kjreport.accounts.models import User
from tests.cast import published

READ = "articles.read_analyses"
PUBLISH = "articles.publish_article"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["a_subscriber", "a_subscriber_in_grace", "an_editor", "a_publisher"])
def test_these_may_read_all_of_it(request: pytest.FixtureRequest, name: str) -> None:
    assert request.getfixturevalue(name).has_perm(READ)


@pytest.mark.parametrize(
    "name",
    ["a_visitor", "a_reader", "a_lapsed_subscriber", "a_subscriber_past_grace", "a_donor", "a_bookkeeper"],
)
def test_these_may_not(request: pytest.FixtureRequest, name: str) -> None:
    assert not request.getfixturevalue(name).has_perm(READ)


def test_editors_publish_and_journalists_do_not(an_editor: User, a_journalist: User) -> None:
    assert an_editor.has_perm(PUBLISH)
    assert not a_journalist.has_perm(PUBLISH)


def test_a_donor_has_given(a_donor: User) -> None:
    assert Donation.objects.get(user=a_donor).payment.money.display == "£25"


def test_a_visitor_is_nobody(a_visitor: AnonymousUser) -> None:
    assert not a_visitor.is_authenticated


def test_a_published_piece_is_live_and_a_scheduled_one_is_not() -> None:
    live = published("Live already")
    scheduled = published("Not yet", at=timezone.now() + timedelta(hours=1))
    assert list(Edition.objects.live()) == [live]
    assert list(Edition.objects.scheduled()) == [scheduled]
