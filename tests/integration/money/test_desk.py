"""What colleagues see of money, and what they may do: look, give access, have letters opened again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import reconciling
from kjreport.payments.models import Customer, Payment, RefundOrder, StripeEvent, Watermark
from subscriptions import catalogue
from subscriptions.models import Grant, Price, Subscription
from tests.cast import a_payment, an_account

pytestmark = pytest.mark.django_db

PAGES = [
    "payments/customer",
    "payments/payment",
    "payments/checkoutattempt",
    "payments/stripeevent",
    "subscriptions/subscription",
    "subscriptions/plan",
    "subscriptions/grant",
]


def allowed(name: str, *permissions: str) -> User:
    colleague = an_account(name, is_staff=True)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        colleague.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return colleague


def a_kept_letter(**fields: Any) -> StripeEvent:
    defaults = {
        "stripe_id": f"evt_{StripeEvent.objects.count()}",
        "type": "galaxy.collapsed",
        "livemode": False,
        "payload": {"data": {"object": {"id": "x_1"}}},
        "occurred_at": timezone.now(),
    }
    return StripeEvent.objects.create(**defaults | fields)


@pytest.mark.parametrize("page", PAGES)
def test_a_colleague_without_the_right_sees_no_money(client: Client, page: str) -> None:
    client.force_login(allowed("Nora Newsroom", "articles.change_article"))
    assert client.get(f"/admin/{page}/").status_code == 403
    assert page not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_is_not_let_in(client: Client, a_subscriber: User, page: str) -> None:
    client.force_login(a_subscriber)
    assert client.get(f"/admin/{page}/").status_code in {302, 403}


@pytest.mark.parametrize("page", PAGES[:5])
def test_even_the_owner_only_looks_where_stripe_is_the_truth(
    client: Client, a_publisher: User, a_subscriber: User, page: str
) -> None:
    a_payment(a_subscriber)
    a_kept_letter()
    client.force_login(a_publisher)
    listing = client.get(f"/admin/{page}/")
    assert listing.status_code == 200
    assert client.get(f"/admin/{page}/add/").status_code == 403
    for row in re.findall(rf'href="(/admin/{page}/\d+/change/)', listing.content.decode()):
        shown = client.get(row)
        assert shown.status_code == 200
        assert 'name="_save"' not in shown.content.decode()
        assert client.post(row, {}).status_code == 403
        assert client.post(row.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert Payment.objects.exists()
    assert Customer.objects.exists()


def test_a_listing_costs_the_same_for_one_row_and_for_many(
    client: Client, a_publisher: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        a_payment(an_account(f"Reader {number}"))
    client.force_login(a_publisher)
    with django_assert_max_num_queries(12):
        client.get("/admin/payments/payment/")


def test_letters_are_processed_again_by_those_who_may(client: Client) -> None:
    letter = a_kept_letter(last_error="It was raining.", attempts=12)
    press = {"action": "process_again", "_selected_action": [str(letter.pk)]}
    client.force_login(allowed("Vera Viewer", "payments.view_stripeevent"))
    page = client.get("/admin/payments/stripeevent/").content.decode()
    assert "It was raining." in page
    assert "process_again" not in page
    client.post("/admin/payments/stripeevent/", press)
    assert not StripeEvent.objects.filter(next_attempt_at__isnull=False).exists()
    client.force_login(allowed("Petra Process", "payments.view_stripeevent", "payments.process_stripeevent"))
    assert "process_again" in client.get("/admin/payments/stripeevent/").content.decode()
    client.post("/admin/payments/stripeevent/", press)
    assert StripeEvent.objects.get(next_attempt_at__isnull=False).attempts == 0


PILES: dict[str, dict[str, Any]] = {
    "waiting": {"next_attempt_at": timezone.now()},
    "damaged": {},
    "processed": {"processed_at": timezone.now()},
    "ignored": {"ignored_at": timezone.now()},
}


@pytest.mark.parametrize("pile", PILES)
def test_letters_lie_on_piles(client: Client, a_publisher: User, pile: str) -> None:
    for name, fields in PILES.items():
        a_kept_letter(type=f"kind.{name}", **fields)
    client.force_login(a_publisher)
    response = client.get("/admin/payments/stripeevent/", {"state": pile})
    assert [letter.type for letter in response.context["cl"].queryset] == [f"kind.{pile}"]


def test_a_light_on_the_first_page_tells_of_drift_to_those_who_may_know(
    client: Client, a_bookkeeper: User, an_editor: User
) -> None:
    client.force_login(a_bookkeeper)
    assert "tep with Stripe" not in client.get("/admin/").content.decode()
    reconciling.note_scan(3)
    assert "light--late" in (page := client.get("/admin/").content.decode())
    assert re.search(r"Out of step with Stripe when last compared, [^:]+:\d\d: 3\.", page)
    reconciling.note_scan(0)
    assert "In step with Stripe" in client.get("/admin/").content.decode()
    client.force_login(an_editor)
    assert "tep with Stripe" not in client.get("/admin/").content.decode()


def test_a_letter_says_what_became_of_it_and_shows_its_contents_to_those_who_may(client: Client) -> None:
    letter = a_kept_letter(
        last_error="It was raining.", attempts=12, payload={"data": {"object": {"email": "a@b.example"}}}
    )
    page = f"/admin/payments/stripeevent/{letter.pk}/change/"
    client.force_login(allowed("Vera Viewer", "payments.view_stripeevent"))
    shown = client.get(page).content.decode()
    assert "Given up on after 12 attempts: It was raining. Once that is mended" in shown
    assert "a@b.example" not in shown
    assert "Process again" not in shown.replace("press “Process again”", "")
    client.force_login(allowed("Petra Process", "payments.view_stripeevent", "payments.process_stripeevent"))
    shown = client.get(page).content.decode()
    assert "&quot;email&quot;: &quot;a@b.example&quot;" in shown
    StripeEvent.objects.update(payload=None)
    assert "Removed for its age" in client.get(page).content.decode()


def test_one_letter_is_opened_again_at_once_by_those_who_may(client: Client) -> None:
    letter = a_kept_letter(last_error="It was raining.", attempts=12)
    address = f"/admin/payments/stripeevent/{letter.pk}/process/"
    client.force_login(allowed("Vera Viewer", "payments.view_stripeevent"))
    assert client.post(address).status_code == 403
    client.force_login(allowed("Petra Process", "payments.view_stripeevent", "payments.process_stripeevent"))
    assert client.get(address).status_code == 403
    assert StripeEvent.objects.get().ignored_at is None
    said = client.post(address, follow=True).content.decode()
    assert "Nobody here hears letters of this type." in said
    assert StripeEvent.objects.get().ignored_at is not None
    assert client.post("/admin/payments/stripeevent/999/process/").status_code == 404


def test_one_letter_that_fails_again_says_why(client: Client, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    letter = a_kept_letter(
        type="charge.dispute.created", payload={"data": {"object": {"id": "dp_1", "payment_intent": "pi_1"}}}
    )
    client.force_login(allowed("Petra Process", "payments.view_stripeevent", "payments.process_stripeevent"))
    said = client.post(f"/admin/payments/stripeevent/{letter.pk}/process/", follow=True).content.decode()
    assert "It failed, and is opened again on" in said
    StripeEvent.objects.update(payload=None)
    said = client.post(f"/admin/payments/stripeevent/{letter.pk}/process/", follow=True).content.decode()
    assert "Its contents are gone, and Stripe did not give them again" in said


def test_letters_without_contents_are_left_to_be_opened_one_by_one(client: Client) -> None:
    letters = [a_kept_letter(processed_at=timezone.now(), payload={"data": {}} if full else None) for full in (0, 1)]
    client.force_login(allowed("Petra Process", "payments.view_stripeevent", "payments.process_stripeevent"))
    press = {"action": "process_again", "_selected_action": [str(letter.pk) for letter in letters]}
    said = client.post("/admin/payments/stripeevent/", press, follow=True).content.decode()
    assert "1 put back on the pile" in said
    assert "1 left as they are" in said


def test_rows_of_money_lead_to_one_another_and_show_it_as_people_write_it(
    client: Client, a_publisher: User, a_subscriber: User
) -> None:
    row = Subscription.objects.get()
    paid = a_payment(a_subscriber, amount=550)
    paid.invoice_id = row.invoice_id = "in_1"
    paid.save()
    row.save()
    letter = a_kept_letter(object_id="in_1", customer_id=str(row.customer.stripe_id), type="invoice.paid")
    client.force_login(a_publisher)
    pages = {
        "customer": f"/admin/payments/customer/{row.customer.pk}/change/",
        "payment": f"/admin/payments/payment/{paid.pk}/change/",
        "subscription": f"/admin/subscriptions/subscription/{row.pk}/change/",
        "letter": f"/admin/payments/stripeevent/{letter.pk}/change/",
    }
    seen = {name: client.get(address).content.decode() for name, address in pages.items()}
    ways = {
        ("customer", "payment"),
        ("customer", "subscription"),
        ("customer", "letter"),
        ("payment", "customer"),
        ("payment", "letter"),
        ("subscription", "customer"),
        ("subscription", "payment"),
        ("subscription", "letter"),
        ("letter", "customer"),
    }
    assert [way for way in ways if f'href="{pages[way[1]]}"' not in seen[way[0]]] == []
    assert "£5.50" in seen["payment"]
    assert "£10 a month" in seen["subscription"]
    assert "Everything is open" in seen["subscription"]
    assert ">550<" not in seen["payment"]


def test_what_lies_beside_is_shown_only_to_those_who_may_see_it(client: Client, a_subscriber: User) -> None:
    paid = a_payment(a_subscriber)
    client.force_login(allowed("Carla Customers", "payments.view_customer"))
    page = client.get(f"/admin/payments/customer/{paid.customer_id}/change/").content.decode()
    assert "/admin/payments/payment/" not in page
    assert "/admin/subscriptions/subscription/" not in page


LIGHTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "processed": ({"processed_at": timezone.now()}, "", "Every letter from Stripe has been processed."),
    "fresh": ({"next_attempt_at": timezone.now()}, "", "A letter from Stripe waits to be processed."),
    "damaged": ({}, " light--bad", "A letter from Stripe was given up on."),
}


@pytest.mark.parametrize("state", LIGHTS)
def test_a_light_on_the_first_page_tells_of_letters(client: Client, a_bookkeeper: User, state: str) -> None:
    fields, colour, words = LIGHTS[state]
    a_kept_letter(**fields)
    client.force_login(a_bookkeeper)
    page = client.get("/admin/").content.decode()
    assert words in page
    assert f'class="light{colour}"' in page


def test_a_light_tells_how_long_letters_wait_and_of_nights_without_a_look(client: Client, a_bookkeeper: User) -> None:
    a_kept_letter(next_attempt_at=timezone.now())
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(days=3))
    client.force_login(a_bookkeeper)
    page = client.get("/admin/").content.decode()
    assert "A letter from Stripe waits, the oldest for 3\xa0days. Is a worker running?" in page
    assert "Not yet compared with Stripe as a whole." in page
    reconciling.note_scan(0)
    Watermark.objects.update(read_until=timezone.now() - timedelta(days=2))
    assert "Does it still run each night?" in client.get("/admin/").content.decode()


def test_a_light_tells_of_a_refund_that_waits(client: Client, a_bookkeeper: User, a_subscriber: User) -> None:
    RefundOrder.objects.create(payment=a_payment(a_subscriber), ordered_by=a_bookkeeper)
    client.force_login(a_bookkeeper)
    assert "A refund waits" not in client.get("/admin/").content.decode()
    RefundOrder.objects.update(ordered_at=timezone.now() - timedelta(hours=1))
    assert "A refund waits for Stripe to answer." in client.get("/admin/").content.decode()


def test_access_is_given_with_a_name_under_it(client: Client, a_reader: User) -> None:
    giver = allowed("Greta Grants", "subscriptions.add_grant", "subscriptions.view_grant")
    client.force_login(giver)
    response = client.post(
        "/admin/subscriptions/grant/add/",
        {
            "user": a_reader.pk,
            "reason": "Review copy",
            "begins_at_0": "2026-01-01",
            "begins_at_1": "00:00",
            "until_0": "",
            "until_1": "",
        },
    )
    assert response.status_code == 302
    assert Grant.objects.get().granted_by == giver


def test_a_price_that_is_sold_is_not_changed_but_taken_off_the_offer() -> None:
    catalogue.ensure_plans()
    price = Price.objects.get(interval="month")
    price.amount = 1100
    price.clean()
    Price.objects.filter(pk=price.pk).update(stripe_price_id="price_1")
    with pytest.raises(ValidationError, match="sold already"):
        price.clean()
    price.amount = 1000
    price.is_offered = False
    price.clean()


def test_a_plan_is_never_deleted(client: Client, a_publisher: User) -> None:
    plan = catalogue.ensure_plans()
    client.force_login(a_publisher)
    assert client.get(f"/admin/subscriptions/plan/{plan.pk}/change/").status_code == 200
    assert client.post(f"/admin/subscriptions/plan/{plan.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Subscription.objects.count() == 0
