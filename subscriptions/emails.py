"""Letters to readers about their subscription, in plain text and in HTML, each with the one thing to do."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from kjreport.payments.correspondence import Deed, compose, post
from kjreport.payments.models import Payment
from subscriptions.models import Notice, NoticeKind, Subscription

_SUBJECTS = {
    NoticeKind.WELCOME: "Welcome to {site}",
    NoticeKind.RECEIPT: "Your receipt from {site}",
    NoticeKind.RENEWAL: "Your subscription to {site} renews soon",
    NoticeKind.TRIAL_ENDING: "Your trial of {site} ends soon",
    NoticeKind.BANK_ASKS: "Your bank asks you to confirm your payment for {site}",
    NoticeKind.CARD_EXPIRING: "The card for your subscription to {site} expires",
    NoticeKind.ON_HOLD: "Your reading of {site} is on hold",
    NoticeKind.PAYMENT_FAILED: "We could not take your payment for {site}",
    NoticeKind.ENDING: "Your subscription to {site} will end",
    NoticeKind.KEPT: "Your subscription to {site} goes on",
    NoticeKind.ENDED: "Your subscription to {site} has ended",
}
_DEEDS = {
    NoticeKind.WELCOME: ("Start reading", "front_page"),
    NoticeKind.RECEIPT: ("See my payments", "account"),
    NoticeKind.RENEWAL: ("Look at my subscription", "account"),
    NoticeKind.TRIAL_ENDING: ("Look at my subscription", "account"),
    NoticeKind.BANK_ASKS: ("Confirm the payment", "account"),
    NoticeKind.CARD_EXPIRING: ("Change my card", "account"),
    NoticeKind.ON_HOLD: ("Open it again", "account"),
    NoticeKind.PAYMENT_FAILED: ("Update my card", "account"),
    NoticeKind.ENDING: ("Keep my subscription", "account"),
    NoticeKind.KEPT: ("See my account", "account"),
    NoticeKind.ENDED: ("Subscribe again", "subscriptions:plans"),
}


def send(notice: Notice, receipt: Notice | None = None) -> None:
    """Write a notice to its reader, and what `receipt` is for. One who has no address any more gets none.

    Raises:
        NotSent: the mail server did not take it.
    """
    subscription = notice.subscription
    reader = subscription.customer.user
    address = reader.email if reader is not None else subscription.customer.email
    if not address:
        return
    kind = NoticeKind(notice.kind)
    label, page = _DEEDS[kind]
    payment = Payment.objects.settling().filter(stripe_id=receipt.occasion).first() if receipt else None
    card = subscription.card
    context = {
        "name": reader.name if reader is not None else "",
        "subscription": subscription,
        "payment": payment,
        "card": card,
        "card_has_expired": card is not None and card.expiry_date < timezone.localdate(),
    }
    post(
        compose(
            _SUBJECTS[kind].format(site=settings.SITE_NAME),
            f"subscriptions/letters/{kind}.txt",
            context,
            to=address,
            deed=Deed(label, settings.SITE_URL + reverse(page)),
            facts=_list_facts(subscription, payment),
        ),
        occasion=f"notice/{subscription.stripe_id}/{kind}/{notice.occasion}",
    )


def _list_facts(subscription: Subscription, payment: Payment | None) -> list[tuple[str, str]]:
    """Return what a receipt must say; nothing for a letter that is none."""
    if payment is None:
        return []
    facts = [
        ("Amount", payment.money.display),
        ("For", f"{settings.SITE_NAME}, {subscription.money.display} a {subscription.interval}"),
        ("Received", _day(timezone.localtime(payment.occurred_at))),
        ("Receipt", payment.stripe_id),
    ]
    if subscription.period_end is not None and subscription.is_running:
        facts.append(("Next payment", _day(timezone.localtime(subscription.period_end))))
    return facts


def _day(moment: datetime) -> str:
    return date_format(moment, "j F Y")
