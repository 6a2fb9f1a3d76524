"""The receipt a giver gets: once for each donation, however often we hear of it."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from donations.models import Donation, Pledge
from kjreport.payments.correspondence import Deed, compose, post

LEFT_TO_THE_WORKER = timedelta(minutes=5)
_SALT = "donations.stop-pledge"


def send_when_written(donation: Donation) -> None:
    """Have the receipt sent in the background once the present transaction holds."""
    transaction.on_commit(partial(send_soon.enqueue, donation.pk), robust=True)


@task
def send_soon(donation_id: int) -> None:
    """Send a receipt in the background."""
    send_receipt(donation_id)


def send_receipt(donation_id: int) -> bool:
    """Send a donation's receipt unless it has been sent or another worker has it; return whether it was sent now.

    No lock is held while the mail goes out: a mail server that hangs must not keep the whole site from writing.
    """
    now = timezone.now()
    untaken = Q(receipt_taken_at=None) | Q(receipt_taken_at__lt=now - LEFT_TO_THE_WORKER)
    unsent = Donation.objects.filter(untaken, pk=donation_id, receipt_sent_at=None).exclude(email="")
    if not unsent.update(receipt_taken_at=now):
        return False
    donation = Donation.objects.select_related("payment", "campaign", "pledge").get(pk=donation_id)
    try:
        post(_compose(donation), occasion=f"receipt/{donation.payment.stripe_id}")
    except Exception:
        Donation.objects.filter(pk=donation_id).update(receipt_taken_at=None)
        raise
    Donation.objects.filter(pk=donation_id).update(receipt_sent_at=timezone.now())
    return True


def unsent() -> list[int]:
    """Return donations whose receipt is owed and was not just left to a worker, for the sweeper."""
    lately = timezone.now() - LEFT_TO_THE_WORKER
    owed = Donation.objects.filter(receipt_sent_at=None, payment__recorded_at__lt=lately).exclude(email="")
    return list(owed.values_list("pk", flat=True))


def stop_link(pledge: Pledge) -> str:
    """Return the address where the holder of a receipt can stop a monthly gift, account or not."""
    token = signing.dumps(pledge.pk, salt=_SALT)
    return f"{settings.SITE_URL}{reverse('donations:stop', args=[token])}"


def read_stop_token(token: str) -> int | None:
    """Return the pledge a stop link is for, or None if the link is not ours."""
    try:
        return int(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def _compose(donation: Donation) -> EmailMultiAlternatives:
    payment = donation.payment
    return compose(
        f"Your receipt: {payment.money.display} to {settings.SITE_NAME}",
        "donations/email/receipt.txt",
        {"donation": donation, "payment": payment},
        to=donation.email,
        deed=Deed("Stop the monthly gift", stop_link(donation.pledge)) if donation.pledge else None,
        facts=[
            ("Amount", payment.money.display),
            ("For", donation.campaign.name),
            ("Received", date_format(timezone.localtime(payment.occurred_at), "j F Y")),
            ("Receipt", payment.stripe_id),
        ],
    )
