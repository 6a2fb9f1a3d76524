"""Accounts in the newsroom: owners look after them, nobody sees secrets."""

import re
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from kjreport.accounts.addresses import confirm_address
from kjreport.accounts.models import User
from tests.cast import an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, a_publisher: User) -> Client:
    client.force_login(a_publisher)
    return client


def test_a_new_colleague_signs_in_with_a_code(owner: Client) -> None:
    answer = owner.post("/admin/accounts/user/add/", {"email": "Jonas@Example.com", "name": "Jonas", "is_staff": "on"})
    assert answer.status_code == HTTPStatus.FOUND
    jonas = User.objects.get(email="jonas@example.com")
    assert not jonas.has_usable_password()
    client = Client()
    jonas.is_active = True
    jonas.save()
    client.post("/account/login/", {"login": "jonas@example.com"})
    found = re.search(r"\d{4}-\d{4}", str(mail.outbox[-1].body))
    assert found
    client.post("/account/login/code/confirm/", {"code": found.group()})
    assert client.session["_auth_user_id"] == str(jonas.pk)


def test_a_changed_address_is_proven_anew_and_ends_old_sessions(owner: Client) -> None:
    rosa = an_account("Rosa Reader")
    confirm_address(rosa)
    hers = Client()
    hers.force_login(rosa)
    owner.post(f"/admin/accounts/user/{rosa.pk}/change/", {"email": "new@example.com", "is_active": "on"})
    rosa.refresh_from_db()
    assert rosa.email == "new@example.com"
    assert not EmailAddress.objects.filter(user=rosa).exists()
    assert hers.get("/account/").status_code == HTTPStatus.FOUND


def test_the_right_to_change_accounts_makes_nobody_an_owner(client: Client) -> None:
    clerk = an_account("Clara Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(clerk)
    path = f"/admin/accounts/user/{clerk.pk}/change/"
    assert client.get(path).status_code == HTTPStatus.OK
    answer = client.post(path, {"email": clerk.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    clerk.refresh_from_db()
    assert not clerk.is_superuser


def test_nobody_is_deleted_and_no_secret_is_shown_in_the_newsroom(owner: Client) -> None:
    rosa = an_account("Rosa Reader")
    assert owner.post(f"/admin/accounts/user/{rosa.pk}/delete/", {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert not admin.site.is_registered(EmailAddress)
    assert not admin.site.is_registered(Authenticator)
    page = owner.get(f"/admin/accounts/user/{rosa.pk}/change/").content.decode()
    assert rosa.password not in page
    assert rosa.session_nonce not in page
