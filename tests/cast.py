"""The people and pieces that tests tell their stories with."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from articles.authors.models import Author
from articles.models.article import Access, Article, Byline
from articles.models.taxonomy import Section, Topic
from kjreport.accounts.models import User

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


@pytest.fixture
def a_visitor() -> AnonymousUser:
    """Somebody who has not signed in."""
    return AnonymousUser()


@pytest.fixture
def a_reader(db: None) -> User:
    """Somebody with an account who has never paid."""
    return an_account("Rosa Reader")


@pytest.fixture
def a_journalist(db: None) -> User:
    """Somebody who writes, and submits what they wrote."""
    return a_colleague("Jonas Journalist", "Journalists")


@pytest.fixture
def an_editor(db: None) -> User:
    """Somebody who publishes."""
    return a_colleague("Edith Editor", "Editors")


@pytest.fixture
def a_publisher(db: None) -> User:
    """The owner, who may do everything."""
    return User.objects.create_superuser("paula-publisher@example.com", PASSWORD, name="Paula Publisher")
