"""What a reader's account page shows of their gifts, and what is kept or erased."""

from dataclasses import dataclass
from typing import Any

from donations.models import Donation, Pledge
from kjreport.accounts.models import User


@dataclass(frozen=True)
class Giving:
    """A reader's gifts."""

    donations: list[Donation]
    pledges: list[Pledge]


def describe(user: User) -> Giving:
    """Return a reader's gifts, the newest first, and the monthly ones that go on. Two queries."""
    donations = Donation.objects.filter(user=user).select_related("payment", "campaign")
    pledges = Pledge.objects.filter(customer__user=user, ended_at=None).select_related("campaign")
    return Giving(donations=list(donations), pledges=[pledge for pledge in pledges if not pledge.is_over])


def export(user: User) -> dict[str, Any]:
    """Return everything we hold of a reader's gifts, as JSON."""
    return {
        "donations": [
            {
                "amount": donation.payment.amount,
                "currency": donation.payment.currency,
                "received_at": donation.payment.occurred_at.isoformat(),
                "campaign": donation.campaign.name,
                "name": donation.name,
                "is_anonymous": donation.is_anonymous,
                "note": donation.note,
                "receipt_sent_to": donation.email,
            }
            for donation in Donation.objects.filter(user=user).select_related("payment", "campaign")
        ],
        "monthly_gifts": [
            {
                "amount": pledge.amount,
                "currency": pledge.currency,
                "status": pledge.status,
                "started_at": pledge.started_at.isoformat(),
                "ended_at": pledge.ended_at.isoformat() if pledge.ended_at else None,
                "name": pledge.name,
                "note": pledge.note,
            }
            for pledge in Pledge.objects.filter(customer__user=user)
        ],
    }


def has_running_pledge(user: User) -> bool:
    """Whether money is still promised each month, so that the account must not vanish under it. One query."""
    return any(not pledge.is_over for pledge in Pledge.objects.filter(customer__user=user))


def erase(user: User) -> None:
    """Take the person out of their gifts; the amounts stay, for the books."""
    nobody = {"name": "", "note": "", "is_anonymous": True}
    Donation.objects.filter(user=user).update(**nobody, email="", user=None)
    Pledge.objects.filter(customer__user=user).update(**nobody)
