"""Signing up, in and out: the ways in, what they leave behind, and what a stranger cannot learn."""

import re
from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.models import User
from tests.cast import PASSWORD, an_account

pytestmark = pytest.mark.django_db
SIGN_IN, SIGN_UP, CODE = "/account/login/", "/account/signup/", "/account/login/code/confirm/"
CONFIRM = "/account/confirm-email/"


def read_code(letter: Any | None = None) -> str:
    found = re.search(r"\d{4}-\d{4}", str((letter or mail.outbox[-1]).body))
    assert found
    return found.group()


@pytest.fixture
def rosa() -> User:
    rosa = an_account("Rosa Reader")
    confirm_address(rosa)
    return rosa


def sign_in_by_code(client: Client, email: str, **query: str) -> Any:
    client.post(SIGN_IN, {"login": email, **query})
    return client.post(CODE, {"code": read_code(), **query})


# The ways in ----------------------------------------------------------------------------------------------------------


def test_an_address_and_a_code_make_an_account_without_a_password(client: Client) -> None:
    answer = client.post(SIGN_UP, {"email": "New.Reader@Example.com"})
    assert answer["Location"] == CONFIRM
    assert "_auth_user_id" not in client.session
    answer = client.post(CONFIRM, {"code": read_code()})
    assert answer["Location"] == reverse("account")
    reader = User.objects.get()
    assert client.session["_auth_user_id"] == str(reader.pk)
    assert (reader.email, reader.has_usable_password()) == ("new.reader@example.com", False)
    assert not reader.wants_new_analyses
    assert not reader.wants_news_of_the_paper


def test_signing_in_takes_one_code_however_the_address_was_typed(client: Client, rosa: User) -> None:
    answer = sign_in_by_code(client, "ROSA-Reader@Example.COM")
    assert answer["Location"] == reverse("account")
    assert len(mail.outbox) == 1
    assert client.session["_auth_user_id"] == str(rosa.pk)


def test_a_colleague_made_by_hand_needs_one_code_only(client: Client) -> None:
    person = an_account("Jonas Journalist", is_staff=True)
    answer = sign_in_by_code(client, person.email)
    assert answer["Location"] == reverse("account")
    assert len(mail.outbox) == 1
    assert EmailAddress.objects.get(user=person).verified


def test_a_password_signs_in_without_a_code(client: Client, rosa: User) -> None:
    answer = client.post(SIGN_IN, {"login": rosa.email.upper(), "password": PASSWORD})
    assert answer["Location"] == reverse("account")
    assert mail.outbox == []


def test_a_wrong_password_is_told_so_kindly(client: Client, rosa: User) -> None:
    answer = client.post(SIGN_IN, {"login": rosa.email, "password": "not-the-password"})
    assert "do not belong together" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_code_works_once_and_only_where_it_was_asked_for(client: Client, rosa: User) -> None:
    client.post(SIGN_IN, {"login": rosa.email})
    elsewhere = Client()
    elsewhere.post(SIGN_IN, {"login": rosa.email})
    first, second = (read_code(letter) for letter in mail.outbox)
    assert "_auth_user_id" not in elsewhere.session
    elsewhere.post(CODE, {"code": first})
    assert "_auth_user_id" not in elsewhere.session
    client.post(CODE, {"code": first})
    assert client.session["_auth_user_id"] == str(rosa.pk)
    client.post("/account/logout/")
    client.post(CODE, {"code": second})
    assert "_auth_user_id" not in client.session


def test_three_wrong_codes_end_the_attempt(client: Client, rosa: User) -> None:
    client.post(SIGN_IN, {"login": rosa.email})
    for _ in range(3):
        client.post(CODE, {"code": "0000-0000"})
    client.post(CODE, {"code": read_code()})
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_replaced_with_a_code(client: Client, rosa: User) -> None:
    client.post("/account/password/reset/", {"email": rosa.email})
    client.post("/account/password/reset/confirm/", {"code": read_code()})
    answer = client.post(
        "/account/password/reset/complete/", {"password1": "four words of mine", "password2": "four words of mine"}
    )
    assert answer.status_code == HTTPStatus.FOUND
    rosa.refresh_from_db()
    assert rosa.check_password("four words of mine")
    assert client.session["_auth_user_id"] == str(rosa.pk)


def test_colleagues_sign_in_where_readers_do_and_come_back_to_the_desk(client: Client) -> None:
    editor = an_account("Edith Editor", is_staff=True)
    confirm_address(editor)
    answer = client.get("/admin/login/", {"next": "/admin/articles/"})
    assert answer["Location"] == f"{SIGN_IN}?next=%2Fadmin%2Farticles%2F"
    answer = client.post(SIGN_IN, {"login": editor.email, "password": PASSWORD, "next": "/admin/articles/"})
    assert answer["Location"] == "/admin/articles/"
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_a_reader_at_the_newsrooms_door_is_refused_rather_than_sent_in_circles(client: Client, rosa: User) -> None:
    client.force_login(rosa)
    assert client.get("/admin/login/", {"next": "/admin/"}).status_code == HTTPStatus.FORBIDDEN


# Where they were going ------------------------------------------------------------------------------------------------


def test_the_way_is_not_lost_through_sign_up_and_code(client: Client) -> None:
    page = client.get(SIGN_IN, {"next": "/articles/a-piece/?from=wall"}).content.decode()
    assert "/account/signup/?next=%2Farticles%2Fa-piece%2F%3Ffrom%3Dwall" in page
    client.post(SIGN_UP, {"email": "new@example.com", "next": "/articles/a-piece/?from=wall"})
    assert client.post(CONFIRM, {"code": read_code()})["Location"] == "/articles/a-piece/?from=wall"


def test_the_way_is_not_lost_through_a_sign_in_by_code(client: Client, rosa: User) -> None:
    answer = client.post(SIGN_IN, {"login": rosa.email, "next": "/articles/a-piece/"})
    assert answer["Location"] == f"{CODE}?next=%2Farticles%2Fa-piece%2F"
    page = client.get(answer["Location"]).content.decode()
    assert 'name="next" value="/articles/a-piece/"' in page
    answer = client.post(CODE, {"code": read_code(), "next": "/articles/a-piece/"})
    assert answer["Location"] == "/articles/a-piece/"


def test_letters_to_those_who_took_the_wrong_door_know_the_way_too(client: Client, rosa: User) -> None:
    client.post(SIGN_IN, {"login": "nobody@example.com", "next": "/articles/a-piece/"})
    assert "/account/signup/?next=%2Farticles%2Fa-piece%2F&email=nobody%40example.com" in mail.outbox[-1].body
    Client().post(SIGN_UP, {"email": rosa.email, "next": "/articles/a-piece/"})
    assert "/account/login/?next=%2Farticles%2Fa-piece%2F" in mail.outbox[-1].body


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://testserver.evil.example/",
        "http://127.0.0.1/",
        "https:evil.example",
        " //evil.example",
    ],
)
def test_the_way_leads_to_ourselves_only(client: Client, rosa: User, elsewhere: str) -> None:
    answer = client.post(SIGN_IN, {"login": rosa.email, "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == reverse("account")
    client.post("/account/logout/")
    assert sign_in_by_code(client, rosa.email, next=elsewhere)["Location"] == reverse("account")


# What a stranger cannot learn -----------------------------------------------------------------------------------------


def strip(page: bytes, *addresses: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())
    for address in addresses:
        text = text.replace(address, "ADDRESS")
    return text


def test_signing_in_looks_the_same_with_and_without_an_account(rosa: User) -> None:
    seen = []
    for address in (rosa.email, "nobody@example.com"):
        mail.outbox.clear()
        client = Client()
        asked = client.post(SIGN_IN, {"login": address})
        page = client.get(asked["Location"])
        wrong = client.post(CODE, {"code": "0000-0000"})
        again = client.post(CODE, {"action": "resend"})
        seen.append(
            (
                asked.status_code,
                asked["Location"],
                strip(page.content, address),
                strip(wrong.content, address),
                again.status_code,
                sorted(asked.cookies),
            )
        )
    assert seen[0] == seen[1]


def test_each_gets_exactly_one_letter_and_only_its_owner_can_tell_which(rosa: User) -> None:
    for address in (rosa.email, "nobody@example.com"):
        mail.outbox.clear()
        Client().post(SIGN_IN, {"login": address})
        assert [letter.to for letter in mail.outbox] == [[address]]


def test_signing_up_looks_the_same_with_and_without_an_account(rosa: User) -> None:
    seen = []
    for address in (rosa.email.upper(), "nobody@example.com"):
        mail.outbox.clear()
        client = Client()
        asked = client.post(SIGN_UP, {"email": address})
        page = client.get(asked["Location"])
        wrong = client.post(CONFIRM, {"code": "0000-0000"})
        seen.append(
            (
                asked.status_code,
                asked["Location"],
                strip(page.content, address.lower()),
                strip(wrong.content, address.lower()),
                len(mail.outbox),
            )
        )
    assert seen[0] == seen[1]
    assert User.objects.filter(email__iexact=rosa.email).count() == 1


def test_forgetting_a_password_looks_the_same_with_and_without_an_account(rosa: User) -> None:
    seen = []
    for address in (rosa.email, "nobody@example.com"):
        mail.outbox.clear()
        client = Client()
        asked = client.post("/account/password/reset/", {"email": address})
        page = client.get(asked["Location"])
        seen.append((asked.status_code, asked["Location"], strip(page.content, address), len(mail.outbox)))
    assert seen[0] == seen[1]


def test_a_wrong_password_says_the_same_with_and_without_an_account(rosa: User) -> None:
    seen: list[str] = []
    for address in (rosa.email, "nobody@example.com"):
        client = Client(REMOTE_ADDR=f"10.0.0.{len(seen) + 1}")
        answer = client.post(SIGN_IN, {"login": address, "password": "not-the-password"})
        seen.append(strip(answer.content, address))
    assert seen[0] == seen[1]


def test_a_closed_account_gets_no_code_and_does_not_say_so(rosa: User) -> None:
    rosa.is_active = False
    rosa.save()
    client = Client()
    assert client.post(SIGN_IN, {"login": rosa.email})["Location"] == CODE
    assert re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body)) is None


# Limits ---------------------------------------------------------------------------------------------------------------


def test_nobodys_letter_box_is_filled_by_others(rosa: User) -> None:
    for number in range(5):
        Client(REMOTE_ADDR=f"10.0.1.{number}").post(SIGN_IN, {"login": rosa.email})
    assert len(mail.outbox) == 3


def test_guessing_passwords_is_stopped_even_from_many_addresses(rosa: User) -> None:
    for number in range(5):
        Client(REMOTE_ADDR=f"10.0.2.{number}").post(SIGN_IN, {"login": rosa.email, "password": "wrong-guess"})
    answer = Client(REMOTE_ADDR="10.0.2.99").post(SIGN_IN, {"login": rosa.email, "password": PASSWORD})
    assert "tried too often" in answer.content.decode()


def test_too_many_tries_get_the_houses_page() -> None:
    client = Client()
    answers = [client.post(SIGN_UP, {"email": f"reader{number}@example.com"}) for number in range(21)]
    assert answers[19].status_code == HTTPStatus.FOUND
    assert answers[20].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "429.html" in [template.name for template in answers[20].templates]


def count_sign_ups(**headers: str) -> int:
    return sum(
        Client(headers={"x-forwarded-for": headers["forwarded"].format(number)})
        .post(SIGN_UP, {"email": f"reader{number}@example.com"})
        .status_code
        == HTTPStatus.FOUND
        for number in range(22)
    )


def test_a_made_up_forwarded_address_does_not_escape_the_limit() -> None:
    assert count_sign_ups(forwarded="10.0.3.{}") == 20


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_our_proxy_readers_are_told_apart_by_what_it_saw() -> None:
    assert count_sign_ups(forwarded="10.0.4.{}") == 22


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_our_proxy_a_made_up_address_in_front_counts_for_nothing() -> None:
    assert count_sign_ups(forwarded="10.9.9.{}, 10.0.5.1") == 20


# Sessions -------------------------------------------------------------------------------------------------------------


def test_looking_at_the_door_begins_no_session(client: Client) -> None:
    for path in (SIGN_IN, SIGN_UP, "/account/password/reset/", "/account/login/code/"):
        assert settings.SESSION_COOKIE_NAME not in client.get(path).cookies


def test_the_session_is_renewed_at_sign_in(client: Client, rosa: User) -> None:
    client.post(SIGN_IN, {"login": rosa.email})
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(CODE, {"code": read_code()})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_signing_out_takes_a_press_of_a_button(client: Client, rosa: User) -> None:
    client.force_login(rosa)
    client.get("/account/logout/")
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_farewell_is_said_once_and_kept_by_no_cache(client: Client, rosa: User) -> None:
    client.force_login(rosa)
    client.post("/account/logout/")
    farewell = client.get("/")
    assert "You are signed out." in farewell.content.decode()
    assert farewell["Cache-Control"] == "private, no-store"
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
    del client.cookies[settings.SESSION_COOKIE_NAME]  # as a browser does
    later = client.get("/")
    assert "You are signed out." not in later.content.decode()
    assert later["Cache-Control"].startswith("public")


def test_another_site_cannot_sign_a_reader_in_or_out(rosa: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rosa)
    assert strict.post("/account/logout/").status_code == HTTPStatus.FORBIDDEN
    assert strict.post("/account/sign-out-everywhere/").status_code == HTTPStatus.FORBIDDEN
    assert Client(enforce_csrf_checks=True).post(SIGN_IN, {"login": rosa.email}).status_code == HTTPStatus.FORBIDDEN


def test_a_changed_password_keeps_this_session_and_ends_the_others(client: Client, rosa: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(rosa)
    client.force_login(rosa)
    fresh = "a quite different phrase"
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
    assert client.get("/account/").status_code == HTTPStatus.OK
    assert elsewhere.get("/account/").status_code == HTTPStatus.FOUND
    assert mail.outbox[-1].subject == "Your password was changed"


def test_signing_out_everywhere_ends_every_session(client: Client, rosa: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(rosa)
    client.force_login(rosa)
    client.post("/account/sign-out-everywhere/")
    assert client.get("/account/").status_code == HTTPStatus.FOUND
    assert elsewhere.get("/account/").status_code == HTTPStatus.FOUND
