"""My account: preferences, proof, tokens, taking my data, and leaving."""

import json
import re
import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.models import ReaderToken, User
from kjreport.payments.models import Customer, EntryKind, Payment, Purpose
from subscriptions.models import Plan, Subscription
from tests.cast import PASSWORD, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa() -> User:
    rosa = an_account("Rosa Reader")
    confirm_address(rosa)
    return rosa


def sign_in(reader: User, *, minutes_ago: int = 0) -> Client:
    client = Client()
    client.post("/account/login/", {"login": reader.email, "password": PASSWORD})
    if minutes_ago:
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] = time.time() - minutes_ago * 60
        session.save()
    return client


def a_subscription(reader: User, **fields: Any) -> Subscription:
    customer, _ = Customer.objects.get_or_create(user=reader, defaults={"stripe_id": "cus_1", "email": reader.email})
    plan, _ = Plan.objects.get_or_create(slug="reader", defaults={"name": "Reader"})
    now = timezone.now()
    given = {"stripe_id": "sub_1", "status": "active", "amount": 1000, "interval": "month", "started_at": now}
    return Subscription.objects.create(customer=customer, plan=plan, synced_at=now, **(given | fields))


def a_payment(reader: User) -> Payment:
    return Payment.objects.create(
        stripe_id="ch_1",
        kind=EntryKind.PAYMENT,
        purpose=Purpose.SUBSCRIPTION,
        amount=1000,
        currency="gbp",
        customer=Customer.objects.get(user=reader),
        payment_intent_id="pi_1",
        occurred_at=timezone.now(),
    )


# The page and its preferences -----------------------------------------------------------------------------------------


def test_my_account_asks_visitors_to_sign_in_and_brings_them_back(client: Client) -> None:
    assert client.get("/account/")["Location"] == "/account/login/?next=/account/"


def test_my_account_shows_what_each_wing_knows(rosa: User) -> None:
    page = sign_in(rosa).get("/account/").content.decode()
    for words in ("My subscription", "My gifts", "My name and letters", "Signing in", "My data", rosa.email):
        assert words in page
    assert not re.search(r'type="checkbox"[^>]*checked', page)


def test_my_account_asks_the_database_little(rosa: User, django_assert_max_num_queries: Any) -> None:
    a_subscription(rosa)
    a_payment(rosa)
    client = sign_in(rosa)
    client.get("/account/")
    with django_assert_max_num_queries(12):
        client.get("/account/")


def test_letters_are_sent_to_those_who_ticked_them_only(rosa: User) -> None:
    client = sign_in(rosa)
    client.post("/account/preferences/", {"name": "Rosa R.", "wants_new_analyses": "on", "is_staff": "on"})
    rosa.refresh_from_db()
    assert (rosa.name, rosa.wants_new_analyses, rosa.wants_news_of_the_paper) == ("Rosa R.", True, False)
    assert not rosa.is_staff
    client.post("/account/preferences/", {"name": ""})
    rosa.refresh_from_db()
    assert (rosa.name, rosa.wants_new_analyses) == ("", False)


def test_a_new_address_counts_once_its_code_is_typed_in(rosa: User) -> None:
    client = sign_in(rosa)
    client.post("/account/email/", {"action_add": "1", "email": "Rosa.New@Example.com"})
    rosa.refresh_from_db()
    assert rosa.email == "rosa-reader@example.com"
    found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
    assert found
    assert mail.outbox[-1].to == ["rosa.new@example.com"]
    client.post("/account/confirm-email/", {"code": found.group()})
    rosa.refresh_from_db()
    assert rosa.email == "rosa.new@example.com"
    assert mail.outbox[-1].to == ["rosa-reader@example.com"]
    assert EmailAddress.objects.get(user=rosa).email == "rosa.new@example.com"


def test_an_address_of_somebody_else_is_not_given_away(rosa: User) -> None:
    other = an_account("Otto Other")
    confirm_address(other)
    client = sign_in(rosa)
    answers = [
        client.post("/account/email/", {"action_add": "1", "email": email})["Location"]
        for email in (other.email, "free@example.com")
    ]
    assert answers == ["/account/confirm-email/", "/account/confirm-email/"]
    rosa.refresh_from_db()
    assert rosa.email == "rosa-reader@example.com"


# Proof ----------------------------------------------------------------------------------------------------------------

GUARDED = [
    "/account/delete/",
    "/account/tokens/",
    "/account/email/",
    "/account/2fa/webauthn/add/",
    "/account/2fa/totp/activate/",
]


@pytest.mark.parametrize("path", GUARDED)
def test_an_old_session_must_prove_itself_where_it_matters(rosa: User, path: str) -> None:
    assert sign_in(rosa).get(path).status_code == HTTPStatus.OK
    answer = sign_in(rosa, minutes_ago=16).get(path)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer["Location"].startswith(("/account/reauthenticate/?next=", "/account/confirm/?next="))


@pytest.mark.parametrize("path", [*GUARDED, "/account/password/set/"])
def test_nor_does_lacking_a_password_let_an_old_session_through(rosa: User, path: str) -> None:
    client = sign_in(rosa, minutes_ago=16)
    session = client.session
    rosa.set_unusable_password()
    rosa.save()
    session["_auth_user_hash"] = rosa.get_session_auth_hash()
    session.save()
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/confirm/?next=")


def test_a_code_by_e_mail_proves_it_and_leads_back(rosa: User) -> None:
    client = sign_in(rosa, minutes_ago=16)
    client.post("/account/confirm/", {"action": "send", "next": "/account/delete/"})
    assert mail.outbox[-1].to == [rosa.email]
    found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
    assert found
    wrong = client.post("/account/confirm/", {"code": "0000-0000", "next": "/account/delete/"})
    assert "not the code we sent" in wrong.content.decode()
    answer = client.post("/account/confirm/", {"code": found.group(), "next": "/account/delete/"})
    assert answer["Location"] == "/account/delete/"
    assert client.get("/account/delete/").status_code == HTTPStatus.OK


def test_a_proof_code_is_good_for_three_tries_and_a_quarter_of_an_hour(rosa: User) -> None:
    client = sign_in(rosa, minutes_ago=16)

    def ask() -> str:
        client.post("/account/confirm/", {"action": "send"})
        found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
        assert found
        return found.group()

    code = ask()
    for _ in range(3):
        client.post("/account/confirm/", {"code": "0000-0000"})
    assert client.post("/account/confirm/", {"code": code}).status_code == HTTPStatus.OK
    code = ask()
    session = client.session
    session["proof_code"] = session["proof_code"] | {"at": time.time() - 901}
    session.save()
    assert client.post("/account/confirm/", {"code": code}).status_code == HTTPStatus.OK
    assert client.post("/account/confirm/", {"code": ""}).status_code == HTTPStatus.OK
    assert client.get("/account/delete/").status_code == HTTPStatus.FOUND


def test_proof_codes_are_sent_three_times_a_minute_at_most(rosa: User) -> None:
    client = sign_in(rosa)
    answers = [client.post("/account/confirm/", {"action": "send"}).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]


def test_a_code_by_e_mail_does_not_stand_in_for_an_authenticator_app(rosa: User) -> None:
    client = sign_in(rosa, minutes_ago=16)
    Authenticator.objects.create(user=rosa, type=Authenticator.Type.TOTP, data={"secret": "A" * 32})
    answer = client.get("/account/confirm/", {"next": "/account/delete/"})
    assert answer["Location"] == "/account/reauthenticate/?next=%2Faccount%2Fdelete%2F"
    client.post("/account/confirm/", {"action": "send"})
    assert mail.outbox == []
    assert "Send me a code" not in client.get("/account/reauthenticate/").content.decode()


# Tokens ---------------------------------------------------------------------------------------------------------------


def make_token(client: Client, name: str = "Reading app") -> str:
    page = client.post("/account/tokens/", {"name": name}).content.decode()
    found = re.search(r"kjr_[\w-]{43}", page)
    return found.group() if found else ""


def test_a_token_is_shown_once_and_only_its_digest_is_kept(rosa: User) -> None:
    client = sign_in(rosa)
    raw = make_token(client)
    assert raw
    assert raw not in client.get("/account/tokens/").content.decode()
    token = ReaderToken.objects.get()
    assert raw not in json.dumps(list(ReaderToken.objects.values()), default=str)
    assert ReaderToken.objects.find_reader(raw) == rosa
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_a_token_opens_nothing_once_revoked_or_mistyped(rosa: User) -> None:
    client = sign_in(rosa)
    raw = make_token(client)
    for wrong in ("", "kjr_", raw[:-1], raw.upper(), raw + "x", raw.removeprefix("kjr_")):
        assert ReaderToken.objects.find_reader(wrong) is None
    client.post(f"/account/tokens/{ReaderToken.objects.get().pk}/revoke/")
    assert ReaderToken.objects.find_reader(raw) is None


def test_a_closed_accounts_token_opens_nothing(rosa: User) -> None:
    raw = make_token(sign_in(rosa))
    rosa.is_active = False
    rosa.save()
    assert ReaderToken.objects.find_reader(raw) is None


def test_nobody_revokes_somebody_elses_token(rosa: User) -> None:
    token, raw = ReaderToken.objects.make(an_account("Otto Other"), name="His")
    assert sign_in(rosa).post(f"/account/tokens/{token.pk}/revoke/").status_code == HTTPStatus.NOT_FOUND
    assert ReaderToken.objects.find_reader(raw) is not None


def test_ten_tokens_are_the_most(rosa: User) -> None:
    client = sign_in(rosa)
    assert all(make_token(client, f"Token {number}") for number in range(10))
    assert make_token(client, "One more") == ""
    assert ReaderToken.objects.count() == 10


def test_asking_whose_token_it_is_writes_once_an_hour(
    rosa: User, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, raw = ReaderToken.objects.make(rosa, name="Reading app")
    ReaderToken.objects.find_reader(raw)
    with django_assert_num_queries(1):
        ReaderToken.objects.find_reader(raw)
    ReaderToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=61))
    with django_assert_num_queries(2):
        ReaderToken.objects.find_reader(raw)
    assert token.name == "Reading app"


# Taking my data -------------------------------------------------------------------------------------------------------


def test_one_file_holds_everything_of_mine_and_nothing_of_others(rosa: User) -> None:
    a_subscription(rosa)
    a_payment(rosa)
    other = an_account("Otto Other")
    client = sign_in(rosa)
    raw = make_token(client)
    sign_in(rosa)
    answer = client.get("/account/data/")
    assert answer["Content-Disposition"].startswith('attachment; filename="kj-report-')
    held = json.loads(answer.content)
    assert held["account"]["email"] == rosa.email
    assert held["account"]["letters"] == {"new_analyses": False, "news_of_the_paper": False}
    assert held["account"]["open_sessions"] == 2
    assert held["account"]["tokens"][0]["name"] == "Reading app"
    assert held["subscriptions"]["subscriptions"][0]["plan__name"] == "Reader"
    assert held["payments"][0]["amount"] == 1000
    assert held["gifts"] == {"donations": [], "monthly_gifts": []}
    text = answer.content.decode()
    assert other.email not in text
    for secret in (raw, rosa.password, rosa.session_nonce, ReaderToken.objects.get().digest):
        assert secret not in text


def test_taking_data_is_limited(rosa: User) -> None:
    client = sign_in(rosa)
    answers = [client.get("/account/data/").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


# Leaving --------------------------------------------------------------------------------------------------------------


def leave(client: Client) -> Any:
    return client.post("/account/delete/", {"understood": "on"})


def test_leaving_takes_the_person_and_leaves_the_books(rosa: User) -> None:
    a_subscription(rosa, status="canceled", ended_at=timezone.now())
    payment = a_payment(rosa)
    elsewhere, client = sign_in(rosa), sign_in(rosa)
    raw = make_token(client)
    assert leave(client)["Location"] == "/"
    rosa.refresh_from_db()
    assert rosa.email == f"erased-{rosa.pk}@erased.invalid"
    assert (rosa.name, rosa.is_active, rosa.has_usable_password()) == ("", False, False)
    assert not EmailAddress.objects.filter(user=rosa).exists()
    assert not Authenticator.objects.filter(user=rosa).exists()
    assert ReaderToken.objects.find_reader(raw) is None
    assert not ReaderToken.objects.filter(user=rosa).exists()
    assert elsewhere.get("/account/").status_code == HTTPStatus.FOUND
    payment.refresh_from_db()
    assert payment.amount == 1000
    assert payment.customer is not None
    assert (payment.customer.user, payment.customer.email) == (None, "")


def test_after_leaving_the_address_is_free_again(rosa: User) -> None:
    email = rosa.email
    leave(sign_in(rosa))
    client = Client()
    client.post("/account/signup/", {"email": email})
    found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
    assert found
    client.post("/account/confirm-email/", {"code": found.group()})
    assert client.session["_auth_user_id"] != str(rosa.pk)


def test_leaving_wants_the_tick(rosa: User) -> None:
    sign_in(rosa).post("/account/delete/", {})
    rosa.refresh_from_db()
    assert rosa.is_active


def test_leaving_is_refused_while_the_subscription_goes_on(rosa: User) -> None:
    subscription = a_subscription(rosa)
    client = sign_in(rosa)
    assert "Cancel it first" in leave(client).content.decode()
    rosa.refresh_from_db()
    assert rosa.is_active
    subscription.ends_at = timezone.now() + timedelta(days=10)
    subscription.save()
    leave(client)
    rosa.refresh_from_db()
    assert not rosa.is_active


def test_the_only_owner_cannot_leave(a_publisher: User) -> None:
    confirm_address(a_publisher)
    client = sign_in(a_publisher)
    assert "only owner" in leave(client).content.decode()
    User.objects.create_superuser("second@example.com")
    leave(client)
    a_publisher.refresh_from_db()
    assert not a_publisher.is_active
