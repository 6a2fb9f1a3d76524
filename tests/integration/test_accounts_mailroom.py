"""A laptop's letters: kept as files, announced on the console, shown on a page; in production none of it exists."""

from http import HTTPStatus
from importlib import reload
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, mailers
from django.http import Http404
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, reverse

from kjreport import mailroom, urls


@pytest.fixture
def a_laptop(settings: Any, tmp_path: Path) -> Any:
    """The site as it runs on a laptop."""
    settings.DEBUG = True
    settings.MAIL_DIR = tmp_path / "mail"
    settings.MAILERS = {"default": {"BACKEND": "kjreport.mailroom.LaptopMailer"}}
    reload(urls)
    clear_url_caches()
    yield settings
    settings.DEBUG = False
    reload(urls)
    clear_url_caches()


def write(subject: str, text: str, html: str = "") -> None:
    letter = EmailMultiAlternatives(subject, text, "post@kjreport.example", ["rosa@example.com"])
    if html:
        letter.attach_alternative(html, "text/html")
    assert mailers["default"].send_messages([letter]) == 1


@pytest.mark.django_db
def test_a_newcomer_finds_her_code_on_the_page_and_on_the_console(a_laptop: Any, capsys: Any) -> None:
    client = Client()
    client.post("/account/signup/", {"email": "new@example.com"})
    said = capsys.readouterr().out
    found = mailroom.list_letters()[0].code
    assert f"code {found}" in said
    assert "Letter to new@example.com" in said
    assert said.count("\n") == 1
    page = client.get("/mail/").content.decode()
    assert f'<p class="letter__code">{found}</p>' in page
    client.post("/account/confirm-email/", {"code": found})
    assert "_auth_user_id" in client.session


@pytest.mark.django_db
def test_the_sign_in_page_says_where_the_letter_is(a_laptop: Any) -> None:
    page = Client().post("/account/signup/", {"email": "new@example.com"}, follow=True).content.decode()
    assert 'href="/mail/"' in page


@pytest.mark.django_db
def test_letters_stand_newest_first(a_laptop: Any) -> None:
    write("First", "One")
    write("Second", "Two")
    assert [letter.subject for letter in mailroom.list_letters()] == ["Second", "First"]


@pytest.mark.django_db
def test_a_letters_html_is_shown_with_everything_but_its_looks_switched_off(a_laptop: Any) -> None:
    write("Hello", "Hello", "<p style='color:red'>Hello</p><script>alert(1)</script>")
    answer = Client().get(reverse("mailroom_letter", args=[mailroom.list_letters()[0].name]))
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<p style=" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["..%2f..%2fkjreport.sqlite3", "nothing.eml", "20260101-000000-000000-000.eml"])
def test_only_letters_are_shown(a_laptop: Any, name: str) -> None:
    assert Client().get(f"/mail/{name}/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.django_db
def test_what_lies_beside_the_letters_is_not_shown(a_laptop: Any) -> None:
    write("Hello", "Hello")
    (a_laptop.MAIL_DIR / "secrets.txt").write_text("Subject: secret\n\nsecret")
    assert Client().get("/mail/secrets.txt/").status_code == HTTPStatus.NOT_FOUND
    assert len(mailroom.list_letters()) == 1


@pytest.mark.django_db
def test_in_production_there_is_no_such_address(client: Client, rf: Any) -> None:
    assert client.get("/mail/").status_code == HTTPStatus.NOT_FOUND
    with pytest.raises(NoReverseMatch):
        reverse("mailroom")
    with pytest.raises(Http404):
        mailroom.mailroom(rf.get("/mail/"))
    assert "Letters written on this machine" not in client.get("/account/login/").content.decode()
