"""Who may read: by subscription, by grant, and by nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from articles.models.article import Article
from kjreport.accounts.models import User
from subscriptions.entitlements import EntitlementBackend, find_standing, forget_standing
from subscriptions.models import Grant, Subscription
from tests.cast import a_subscription, an_account, an_article
from tests.integration.money.till import may_read

pytestmark = pytest.mark.django_db
READ = "articles.read_analyses"


def test_a_subscriber_may_read_and_it_costs_one_query_once(a_subscriber: User, django_assert_num_queries: Any) -> None:
    backend = EntitlementBackend()
    with django_assert_num_queries(1):
        assert backend.has_perm(a_subscriber, READ)
        assert backend.has_perm(a_subscriber, READ)
        assert find_standing(a_subscriber).opens_the_text


def test_a_reader_without_anything_costs_two_queries_once(a_reader: User, django_assert_num_queries: Any) -> None:
    backend = EntitlementBackend()
    with django_assert_num_queries(2):
        assert not backend.has_perm(a_reader, READ)
        assert not backend.has_perm(a_reader, READ)


def test_a_visitor_costs_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert not AnonymousUser().has_perm(READ)


def test_the_requests_reader_is_asked_about_once(a_subscriber: User, rf: Any, django_assert_num_queries: Any) -> None:
    """The request's reader is a lazy wrapper; what is remembered must be found through it."""
    request = rf.get("/")
    request.user = SimpleLazyObject(lambda: a_subscriber)
    with django_assert_num_queries(1):
        assert EntitlementBackend().has_perm(a_subscriber, READ)
        assert find_standing(request.user).opens_the_text
        assert find_standing(request.user).opens_the_text


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("a_reader", False),
        ("a_subscriber", True),
        ("a_subscriber_in_grace", True),
        ("a_subscriber_past_grace", False),
        ("a_lapsed_subscriber", False),
        ("a_donor", False),
    ],
)
def test_the_cast_reads_as_it_should(request: pytest.FixtureRequest, who: str, reads: bool) -> None:  # noqa: FBT001 - a row
    assert may_read(request.getfixturevalue(who)) is reads


def test_somebody_shut_out_reads_nothing_whatever_they_paid(a_subscriber: User) -> None:
    a_subscriber.is_active = False
    a_subscriber.save()
    assert not may_read(a_subscriber)


def test_it_answers_no_question_about_objects_and_grants_nothing_else(a_subscriber: User) -> None:
    backend = EntitlementBackend()
    assert not backend.has_perm(a_subscriber, READ, an_article())
    assert not backend.has_perm(a_subscriber, "articles.publish_article")
    assert not backend.has_perm(a_subscriber, "articles.change_article")
    assert backend.authenticate(None, email=a_subscriber.email) is None
    assert backend.get_user(a_subscriber.pk) == a_subscriber
    User.objects.update(is_active=False)
    assert backend.get_user(a_subscriber.pk) is None


def test_a_subscription_to_something_else_opens_nothing(a_reader: User) -> None:
    a_subscription(a_reader, plan=None, price=None)
    assert not may_read(a_reader)


def test_the_best_of_several_opens(a_reader: User) -> None:
    a_subscription(a_reader, "unpaid")
    assert not may_read(a_reader)
    a_subscription(a_reader, "active")
    assert may_read(a_reader)


def test_a_grant_opens_from_its_beginning_until_its_end(a_reader: User, an_editor: User) -> None:
    now = timezone.now()
    grant = Grant.objects.create(
        user=a_reader, granted_by=an_editor, reason="Review copy", begins_at=now + timedelta(hours=1)
    )
    assert not may_read(a_reader)
    Grant.objects.update(begins_at=now - timedelta(hours=1))
    assert may_read(a_reader)
    Grant.objects.update(until=now + timedelta(hours=1))
    assert may_read(a_reader)
    Grant.objects.update(until=now - timedelta(seconds=1))
    assert not may_read(a_reader)
    assert str(grant)


def test_a_grant_without_reason_or_ending_before_it_begins_is_refused_by_the_database(a_reader: User) -> None:
    now = timezone.now()
    for wrong in ({"reason": ""}, {"reason": "x", "begins_at": now, "until": now}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(user=a_reader, **wrong)


def test_a_lapse_is_seen_at_the_next_request(a_subscriber: User) -> None:
    assert may_read(a_subscriber)
    Subscription.objects.update(ends_at=timezone.now())
    assert not may_read(a_subscriber)
    remembered = User.objects.get(pk=a_subscriber.pk)
    find_standing(remembered)
    Subscription.objects.update(ends_at=None)
    forget_standing(remembered)
    assert find_standing(remembered).opens_the_text


def test_every_person_knows_only_their_own(a_subscriber: User) -> None:
    assert not may_read(an_account("Otto Other"))


def test_the_permission_the_wall_asks_for_exists() -> None:
    assert ("read_analyses", "Can read the whole text of pieces for subscribers") in Article._meta.permissions
