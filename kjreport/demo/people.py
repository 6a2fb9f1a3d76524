"""The people of the demo issue: those who make the paper and those who read it."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.models import User

PASSWORD = "read-the-world"  # noqa: S105 - printed for whoever tries the demo; seed refuses to run in production


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to the demo."""

    address: str
    name: str
    does: str
    group: str = ""

    @property
    def email(self) -> str:
        """Their e-mail address, in a domain that cannot exist."""
        return f"{self.address}@kjreport.example"


PEOPLE = (
    Person("editor", "Edith Lowell", "edits and publishes", "Editors"),
    Person("journalist", "Anahit Terzian", "writes and submits", "Journalists"),
    Person("contributor", "Tomas Riedl", "pitches, and writes drafts of his own", "Contributors"),
    Person("publisher", "Paula Winter", "owns the paper, and may do everything"),
    Person("reader", "Rafael Ortega", "has an account and no subscription"),
    Person("subscriber", "Sunniva Berg", "pays £10 a month"),
    Person("lapsed", "Lionel Grey", "subscribed once"),
    Person("donor", "Dana Ibekwe", "gave £25"),
)


def make_people() -> dict[str, User]:
    """Return everybody by the first part of their address, made where missing; nobody who exists is changed."""
    return {person.address: _make(person) for person in PEOPLE}


@transaction.atomic
def _make(person: Person) -> User:
    found = User.objects.filter(email=person.email).first()
    if found is not None:
        return found
    if person.address == "publisher":
        user = User.objects.create_superuser(person.email, PASSWORD, name=person.name)
    else:
        user = User.objects.create_user(person.email, PASSWORD, name=person.name, is_staff=bool(person.group))
    if person.group:
        user.groups.add(Group.objects.get(name=person.group))
    confirm_address(user)
    return user
