"""The people and pieces that tests tell their stories with."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone

from articles import publishing
from articles.authors.models import Author
from articles.models import Access, Article, Byline, Edition, Section, Topic
from donations.models import Campaign, Donation
from kjreport.accounts.models import User
from kjreport.payments.models import Customer, EntryKind, Payment, Purpose
from subscriptions.models import Plan, Price, Subscription

PASSWORD = "a-long-enough-password"

ABOVE = "<p>Above the line, for everybody to read.</p>"
LINE = '<hr data-paywall-line="">'
BELOW = "<p>Below the line, for subscribers only.</p>"


# Pieces ---------------------------------------------------------------------------------------------------------------


def a_section(name: str = "Diplomacy") -> Section:
    """Give the section of that name, made if it is missing."""
    return Section.objects.get_or_create(slug=_slug(name), defaults={"name": name})[0]


def a_topic(name: str = "Armenia", kind: str = Topic.Kind.COUNTRY) -> Topic:
    """Give the topic of that name, made if it is missing."""
    return Topic.objects.get_or_create(slug=_slug(name), defaults={"name": name, "kind": kind})[0]


def an_author(name: str = "Ada Byron", **fields: Any) -> Author:
    """Give the author of that name, made if they are missing."""
    return Author.objects.get_or_create(slug=_slug(name), defaults={"name": name, **fields})[0]


def an_article(headline: str = "The corridor nobody drew", **fields: Any) -> Article:
    """Make the working copy of a piece for subscribers that is ready to be published.

    `topics` and `authors` are names; every other field is the model's.
    """
    topics, authors = fields.pop("topics", ["Armenia"]), fields.pop("authors", ["Ada Byron"])
    fields.setdefault("section", None)
    fields["section"] = fields["section"] or a_section()
    fields.setdefault("slug", _slug(headline))
    fields.setdefault("standfirst", "What it is about, in a sentence.")
    fields.setdefault("access", Access.SUBSCRIBERS)
    fields.setdefault("source", ABOVE + LINE + BELOW if fields["access"] == Access.SUBSCRIBERS else ABOVE + BELOW)
    article = Article.objects.create(headline=headline, **fields)
    article.topics.set([a_topic(name) for name in topics])
    for position, name in enumerate(authors):
        Byline.objects.create(article=article, author=an_author(name), position=position)
    return article


def published(headline: str = "The corridor nobody drew", *, at: datetime | None = None, **fields: Any) -> Edition:
    """Publish a piece as an editor does, now or at a time to come; `fields` are those of `an_article`."""
    editor = User.objects.filter(groups__name="Editors").first() or a_colleague("Edith Editor", "Editors")
    return publishing.publish(an_article(headline, **fields), by=editor, at=at)


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


# People ---------------------------------------------------------------------------------------------------------------


def an_account(name: str, **fields: Any) -> User:
    """Make the account of somebody; they can sign in with `PASSWORD`."""
    email = fields.pop("email", f"{_slug(name)}@example.com")
    return User.objects.create_user(email, PASSWORD, name=name, **fields)


def a_colleague(name: str, group: str) -> User:
    """Make somebody who works here, in one of the groups that the migrations made."""
    person = an_account(name, is_staff=True)
    person.groups.add(Group.objects.get(name=group))
    return person


def a_customer(user: User) -> Customer:
    """Give the customer that Stripe knows this reader as, made if it is missing."""
    return Customer.objects.get_or_create(user=user, defaults={"stripe_id": f"cus_{user.pk}", "email": user.email})[0]


def a_price(interval: str = "month", amount: int = 1000) -> Price:
    """Give the price of the one plan, made if it is missing."""
    plan, _ = Plan.objects.get_or_create(
        slug="reader", defaults={"name": "Reader", "stripe_product_id": "prod_reader", "benefits": ["Every analysis"]}
    )
    return Price.objects.get_or_create(
        plan=plan, interval=interval, defaults={"amount": amount, "stripe_price_id": f"price_{interval}"}
    )[0]


def a_subscription(user: User, status: str = "active", **fields: Any) -> Subscription:
    """Make the mirror of a subscription as Stripe tells of it; `fields` are the model's."""
    price, now = a_price(), timezone.now()
    mirrored = {
        "customer": a_customer(user),
        "plan": price.plan,
        "price": price,
        "stripe_id": f"sub_{user.pk}_{Subscription.objects.count()}",
        "amount": price.amount,
        "interval": price.interval,
        "started_at": now - timedelta(days=40),
        "period_end": now + timedelta(days=20),
        "invoice_status": "paid",
        "synced_at": now,
    }
    return Subscription.objects.create(status=status, **mirrored | fields)


def a_payment(user: User, amount: int = 1000, purpose: str = Purpose.SUBSCRIPTION) -> Payment:
    """Enter money received into the ledger."""
    number = Payment.objects.count()
    return Payment.objects.create(
        stripe_id=f"py_{number}",
        payment_intent_id=f"pi_{number}",
        kind=EntryKind.PAYMENT,
        purpose=purpose,
        amount=amount,
        currency="gbp",
        customer=a_customer(user),
        occurred_at=timezone.now(),
    )


@pytest.fixture
def a_visitor() -> AnonymousUser:
    """Somebody who has not signed in."""
    return AnonymousUser()


@pytest.fixture
def a_reader(db: None) -> User:
    """Somebody with an account who has never paid."""
    return an_account("Rosa Reader")


@pytest.fixture
def a_subscriber(db: None) -> User:
    """Somebody who pays every month."""
    reader = an_account("Sunniva Subscriber")
    a_subscription(reader)
    return reader


@pytest.fixture
def a_subscriber_in_grace(db: None) -> User:
    """Somebody whose renewal failed a week ago and whose card is tried again."""
    return _with_a_failed_renewal("Gregor Grace", days_ago=7)


@pytest.fixture
def a_subscriber_past_grace(db: None) -> User:
    """Somebody whose renewal failed fifteen days ago; Stripe still tries."""
    return _with_a_failed_renewal("Lotte Late", days_ago=15)


def _with_a_failed_renewal(name: str, days_ago: int) -> User:
    reader, now = an_account(name), timezone.now()
    failed = {"invoice_status": "open", "invoice_finalized_at": now - timedelta(days=days_ago)}
    a_subscription(reader, "past_due", payment_retry_at=now + timedelta(days=2), **failed)
    return reader


@pytest.fixture
def a_lapsed_subscriber(db: None) -> User:
    """Somebody who subscribed once."""
    reader, ended_at = an_account("Lionel Lapsed"), timezone.now() - timedelta(days=3)
    a_subscription(reader, "canceled", ended_at=ended_at, canceled_at=ended_at, end_reason="cancellation_requested")
    return reader


@pytest.fixture
def a_donor(db: None) -> User:
    """Somebody who gave £25 once and subscribes to nothing."""
    giver = an_account("Dana Donor")
    campaign, _ = Campaign.objects.get_or_create(
        slug="reporting", defaults={"name": "Reporting", "suggested_amounts": [500, 1000, 2500]}
    )
    payment = a_payment(giver, 2500, Purpose.DONATION)
    Donation.objects.create(payment=payment, campaign=campaign, user=giver, name=giver.name, email=giver.email)
    return giver


@pytest.fixture
def a_journalist(db: None) -> User:
    """Somebody who writes, and submits what they wrote."""
    return a_colleague("Jonas Journalist", "Journalists")


@pytest.fixture
def an_editor(db: None) -> User:
    """Somebody who publishes."""
    return a_colleague("Edith Editor", "Editors")


@pytest.fixture
def a_bookkeeper(db: None) -> User:
    """Somebody of the finance desk, who sees payments and writes nothing."""
    return a_colleague("Fiona Finance", "Finance")


@pytest.fixture
def a_publisher(db: None) -> User:
    """The owner, who may do everything."""
    return User.objects.create_superuser("paula-publisher@example.com", PASSWORD, name="Paula Publisher")
