"""What Stripe's letters mean for gifts. A letter says where to look; `giving` looks."""

from donations import giving
from donations.models import Campaign, Pledge
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.alerts import tell_staff
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Payment


def sync_customer(stripe_id: str) -> None:
    """Look again at every monthly gift of a customer."""
    for pledge in Pledge.objects.filter(customer__stripe_id=stripe_id):
        giving.sync_pledge(pledge.stripe_id)


def hear_customer(letter: Letter) -> None:
    """A monthly gift began, changed, was paid or ended."""
    if not letter.subscription_id or giving.sync_pledge(letter.subscription_id) is None:
        raise NotOurs("It is no monthly gift of ours.")


def hear_product(letter: Letter) -> bool:
    """A product changed at Stripe; return whether gifts are for it. One that is archived there takes none here."""
    campaign = Campaign.objects.filter(stripe_product_id=letter.object_id).first()
    if campaign is None:
        return False
    if campaign.is_open and not gateway.is_on_sale(product_id=letter.object_id):
        Campaign.objects.filter(pk=campaign.pk).update(is_open=False)
        news = f"“{campaign}” was archived at Stripe, so it takes no gifts here any more."
        tell_staff("A campaign is closed", news, about=campaign)
    return True


def hear_checkout(letter: Letter) -> None:
    """A gift's Checkout was completed, paid later, failed or expired."""
    giving.sync_session(letter.object_id)


def hear_early(attempt_key: object) -> None:
    """Enter a gift whose refund or dispute we hear of before the gift itself."""
    attempt = giving.find_attempt(attempt_key)
    if attempt is not None and attempt.stripe_session_id:
        giving.sync_session(attempt.stripe_session_id)


def hear_lost_dispute(payment: Payment) -> None:
    """A giver's bank took the money back for good; a monthly gift they did not want must not be taken again."""
    for pledge in Pledge.objects.filter(donations__payment=payment):
        giving.stop_pledge(pledge)
