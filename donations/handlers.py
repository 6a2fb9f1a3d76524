"""What Stripe's letters mean for gifts. A letter says where to look; `giving` looks."""

from donations import giving
from kjreport.payments.letters import Letter, NotOurs
from kjreport.payments.models import Kind


def hear_checkout(letter: Letter) -> None:
    """A gift's Checkout was completed, paid later, failed or expired."""
    _require(letter, giving.KINDS)
    giving.sync_session(letter.object_id)


def hear_pledge(letter: Letter) -> None:
    """A monthly gift began, changed, was paid or ended."""
    _require(letter, {Kind.PLEDGE})
    if not letter.subscription_id:
        raise NotOurs("It names no subscription.")
    if giving.sync_pledge(letter.subscription_id) is None:
        raise NotOurs("It is no monthly gift of ours.")


def _require(letter: Letter, kinds: "set[Kind] | frozenset[Kind]") -> None:
    if letter.kind not in kinds:
        raise NotOurs("It is not about a gift.")
