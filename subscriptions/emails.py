"""Letters to readers about their subscription, in plain text and in HTML, each with the one thing to do."""

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from kjreport.payments.models import Payment
from subscriptions.models import Notice, NoticeKind

_SUBJECTS = {
    NoticeKind.WELCOME: "Welcome to {site}",
    NoticeKind.RECEIPT: "Your receipt from {site}",
    NoticeKind.RENEWAL: "Your subscription to {site} renews soon",
    NoticeKind.TRIAL_ENDING: "Your trial of {site} ends soon",
    NoticeKind.BANK_ASKS: "Your bank asks you to confirm your payment for {site}",
    NoticeKind.ON_HOLD: "Your reading of {site} is on hold",
    NoticeKind.PAYMENT_FAILED: "We could not take your payment for {site}",
    NoticeKind.ENDING: "Your subscription to {site} will end",
    NoticeKind.KEPT: "Your subscription to {site} goes on",
    NoticeKind.ENDED: "Your subscription to {site} has ended",
}
_ACTIONS = {
    NoticeKind.WELCOME: ("Start reading", "front_page"),
    NoticeKind.RECEIPT: ("See my payments", "account"),
    NoticeKind.RENEWAL: ("Look at my subscription", "account"),
    NoticeKind.TRIAL_ENDING: ("Look at my subscription", "account"),
    NoticeKind.BANK_ASKS: ("Confirm the payment", "account"),
    NoticeKind.ON_HOLD: ("Open it again", "account"),
    NoticeKind.PAYMENT_FAILED: ("Update your card", "account"),
    NoticeKind.ENDING: ("Keep my subscription", "account"),
    NoticeKind.KEPT: ("See my account", "account"),
    NoticeKind.ENDED: ("Subscribe again", "subscriptions:plans"),
}


def send(notice: Notice) -> None:
    """Write a notice to its reader. One who has no address any more gets none."""
    subscription = notice.subscription
    reader = subscription.customer.user
    address = reader.email if reader is not None else subscription.customer.email
    if not address:
        return
    kind = NoticeKind(notice.kind)
    label, page = _ACTIONS[kind]
    context: dict[str, object] = {
        "site_name": settings.SITE_NAME,
        "name": reader.name if reader is not None else "",
        "subscription": subscription,
        "payment": _find_payment(notice),
        "action_label": label,
        "action_url": settings.SITE_URL + reverse(page),
        "account_url": settings.SITE_URL + reverse("account"),
    }
    context["words"] = render_to_string(f"subscriptions/letters/{kind}.txt", context).strip()
    message = EmailMultiAlternatives(
        subject=_SUBJECTS[kind].format(site=settings.SITE_NAME),
        body=render_to_string("subscriptions/letters/letter.txt", context),
        to=[address],
    )
    html = render_to_string("subscriptions/letters/letter.html", context)
    message.attach_alternative(css_inline.inline(html), "text/html")
    message.send()


def _find_payment(notice: Notice) -> Payment | None:
    """Return the ledger's entry that a letter is the receipt for: its own, or of a welcome, the first."""
    received = Payment.objects.received()
    if notice.kind == NoticeKind.RECEIPT:
        return received.filter(stripe_id=notice.occasion).first()
    if notice.kind == NoticeKind.WELCOME and notice.subscription.invoice_id:
        return received.filter(invoice_id=notice.subscription.invoice_id).first()
    return None
