"""Does anybody get what they may not see, at any address there is?"""

import pytest
from django.test import Client

from kjreport.leaks.addresses import Kind, list_addresses
from kjreport.leaks.hunting import Leak
from tests.leaks.crawling import NOT_STAFF, ask, everywhere, hunt, questions, said
from tests.leaks.personas import PERSONAS, signed_in
from tests.leaks.planting import Planted

pytest_plugins = ("tests.leaks.fixtures",)
# The others go where the wall decides; that nothing else depends on who asks is a test of its own.
GO_EVERYWHERE = {"a visitor", "one who only gives", "a subscriber"}


def elsewhere(leaks: set[Leak], paper: Planted) -> list[str]:
    """Return what was found, but for what the page of corrections says of a withdrawn piece."""
    return sorted(str(leak) for leak in leaks if leak.asked != "/corrections/" or leak.what not in paper.told_of)


@pytest.mark.parametrize("who", PERSONAS)
def test_nobody_gets_more_than_theirs(paper: Planted, who: str) -> None:
    persona = PERSONAS[who]
    client = signed_in(persona.make())
    allowed = paper.public | (paper.below if persona.reads_analyses else set())
    kinds = NOT_STAFF if who in GO_EVERYWHERE else (Kind.GATED,)
    found = hunt(client, [*everywhere(*kinds), *questions("bridge", "paragraph", "piece")], paper.quarry())
    assert elsewhere({leak for leak in found if leak.what not in allowed}, paper) == []
    assert allowed - said(found) == set(), "what they may read was not there: the hunt sees too little"


def test_the_newsroom_is_closed_to_readers(paper: Planted, subscriber: Client) -> None:
    """Each of its addresses leads to the door, and says nothing on the way."""
    quarry = paper.quarry()
    for client in (Client(), subscriber):
        for address in list_addresses(Kind.STAFF):
            answer = ask(client, address.path)
            assert answer.status in ({302, 403} if address.path == "/admin/login/" else {301, 302, 405}), address
            assert quarry.look_through(answer) == set()


def test_only_gated_addresses_give_the_paid_text_even_to_subscribers(paper: Planted, subscriber: Client) -> None:
    """Pages, feeds and lists are the same for everybody, so no cache can mix them up."""
    others = everywhere(*(kind for kind in Kind if kind not in {Kind.GATED, Kind.STAFF}))
    quarry = paper.quarry(but=paper.public)
    assert elsewhere(hunt(subscriber, others, quarry), paper) == []


def test_corrections_name_a_withdrawn_piece_and_say_nothing_else_of_it(paper: Planted, subscriber: Client) -> None:
    found = said(hunt(subscriber, ["/corrections/"], paper.quarry(but=paper.public)))
    assert found == paper.told_of


def test_pages_of_ones_own_and_of_paying_hold_nothing_of_any_text(paper: Planted, subscriber: Client) -> None:
    assert hunt(subscriber, everywhere(Kind.ACCOUNT, Kind.PAYMENT, Kind.PUBLIC), paper.quarry()) == set()
