"""Proven e-mail addresses: allauth's record of them kept in step with the account."""

from allauth.account.models import EmailAddress

from kjreport.accounts.models import User


def confirm_address(user: User) -> None:
    """Record that the account's address was proven to be theirs, and is its only one. At most three queries."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
