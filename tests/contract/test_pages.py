"""The till's pages say what they are, escape what they show, and answer no other site."""

import re
from pathlib import Path

import pytest

from kjreport.standin import door
from kjreport.standin.api import Request, Response
from kjreport.standin.server import StandIn
from tests.contract.conftest import Shop


def _get(standin: StandIn, address: str, **headers: str) -> Response:
    path, _, query = address.removeprefix(standin.url).partition("?")
    return door.answer(standin.engine, Request("GET", path, query, headers))


def _pages(shop: Shop) -> list[Response]:
    session = shop.session(allow_promotion_codes=True, consent_collection={"terms_of_service": "required"})
    shop.subscribe()
    invoice = shop.client.v1.invoices.list({"customer": shop.customer}).data[0]
    shop.client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    portal = shop.client.v1.billing_portal.sessions.create({"customer": shop.customer})
    addresses = [session.url, invoice.hosted_invoice_url, portal.url, "/_standin/", "/nowhere"]
    return [_get(shop.standin, str(address)) for address in addresses]


def test_every_page_says_that_no_money_moves_and_runs_no_script(shop: Shop) -> None:
    for response in _pages(shop):
        page = response.body.decode()
        assert "This is a practice till." in page
        assert "No money moves." in page
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!127\.0\.0\.1)", page)
        assert "stripe" not in page.lower().replace("/stripe/webhook/", "")
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert response.headers["Cache-Control"] == "no-store"


def test_every_label_belongs_to_a_field(shop: Shop) -> None:
    page = _pages(shop)[0].body.decode()
    labels = dict(re.findall(r'<label for="(\w+)">([^<]*)</label>', page))
    assert {"E-mail", "Card number", "Expiry", "CVC", "Name on card", "Country", "Promotion code"} <= set(
        labels.values()
    )
    for name in labels:
        assert page.count(f'id="{name}"') == 1
    assert ">Subscribe</button>" in page
    assert ">Back</a>" in page


def test_a_gifts_button_says_how_much(shop: Shop) -> None:
    assert ">Pay £1,234.50</button>" in _get(shop.standin, str(shop.gift(123_450).url)).body.decode()


def test_what_people_wrote_is_escaped(shop: Shop) -> None:
    evil = '<img src=x onerror="alert(1)">'
    shop.client.v1.products.update(shop.product, {"name": evil})
    session = shop.session(custom_text={"submit": {"message": evil}})
    page = _get(shop.standin, str(session.url)).body.decode()
    assert evil not in page
    assert page.count("&lt;img src=x") >= 2


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "host": "127.0.0.1:12111"},
        {"sec-fetch-site": "cross-site", "host": "127.0.0.1:12111"},
        {"host": "evil.example:12111"},
    ],
)
def test_another_site_can_press_no_button(shop: Shop, headers: dict[str, str]) -> None:
    request = Request("POST", "/_standin/reset", headers=headers, body=b"{}")
    assert door.answer(shop.standin.engine, request).status == 403
    assert shop.standin.dump()["customer"]


def test_pages_of_things_that_are_not_there_say_so(standin: StandIn) -> None:
    for path in ("/c/pay/cs_test_none", "/i/in_none", "/p/session/live_none", "/c/bank/none", "/receipt/ch_none"):
        response = _get(standin, path)
        assert response.status == 404, path
        assert "practice till" in response.body.decode()


def test_no_source_of_the_till_bears_the_marks_of_another() -> None:
    folder = Path(door.__file__).parent / "pages"
    for source in [*folder.glob("*.html"), *folder.glob("*.css")]:
        assert "stripe" not in source.read_text().lower(), source.name
