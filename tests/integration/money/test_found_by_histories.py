"""What random histories found, each told as the story it was."""

from typing import Any

import pytest
from django.test import Client

from kjreport.accounts.models import User
from kjreport.payments import stripe_gateway as gateway
from kjreport.standin.server import StandIn
from tests.integration.money.till import customer_of, may_read, path_of, press_subscribe, read_letters, session_in

pytestmark = pytest.mark.django_db(transaction=True)


def pay(client: Client, till: StandIn) -> tuple[str, Any]:
    """Subscribe without coming back; return the way back and the session."""
    session = session_in(press_subscribe(client))
    return path_of(till.pay(session)), session


def test_an_old_return_page_is_a_page_though_its_customer_was_deleted_and_made_anew(
    client: Client, till: StandIn, a_reader: User
) -> None:
    client.force_login(a_reader)
    old, _ = pay(client, till)
    read_letters(till)
    gateway._v1().customers.delete(customer_of(a_reader))
    read_letters(till)
    new, _ = pay(client, till)
    assert client.get(new)["Location"] == "/account/"
    assert client.get(old)["Location"] == "/account/"
    assert may_read(a_reader)


def test_a_page_of_stripes_says_so_when_its_customer_was_deleted(client: Client, till: StandIn, a_reader: User) -> None:
    client.force_login(a_reader)
    session = session_in(press_subscribe(client))
    gateway._v1().customers.delete(customer_of(a_reader))
    with pytest.raises(ValueError, match="No such customer"):
        till.pay(session)
    assert "subscription" not in till.dump()
