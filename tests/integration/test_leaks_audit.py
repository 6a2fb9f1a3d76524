"""Does `manage.py audit_paywall` find a leak on a running site, and nothing where there is none?"""

from io import StringIO
from typing import Any, cast

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from articles import feeds, paywall, search, views
from articles.models import EditionBody
from kjreport.leaks.hunting import Answer
from kjreport.leaks.paid_text import choose_guesses, hunt_for_paid_text
from kjreport.management.commands import audit_paywall
from tests.cast import LINE, published
from tests.leaks.crawling import ask

TEXT = (
    "<p>The dam above the town was never meant to hold this much water for so long.</p>"
    f"{LINE}<p>What the engineers wrote in their unpublished memorandum was that the spillway gates "
    "had jammed twice.</p>"
    "<h2>Why it was kept quiet</h2><p>The ministry preferred <a href='https://example.com/said-in-the-open/'>silence</a>.</p>"
)
PAID = "the paid text of “A dam and its memorandum”"


@pytest.fixture
def a_piece(db: None) -> Any:
    return published("A dam and its memorandum", source=TEXT)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, a_piece: Any) -> None:
    """Let the command ask the site in this process."""

    def ask_here(url: str, *, session: str = "") -> audit_paywall.Ask:
        client = Client(raise_request_exception=False)
        return lambda path, headers: ask(client, path, headers=headers)

    monkeypatch.setattr(audit_paywall, "ask_over_http", ask_here)


def audit() -> str:
    said = StringIO()
    try:
        call_command("audit_paywall", url="http://testserver", stdout=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


@pytest.mark.usefixtures("in_process")
def test_a_sound_site_passes_and_the_command_says_how_much_it_looked_at() -> None:
    said = audit()
    assert "Nothing comes out that must not." in said
    assert "LEAK" not in said
    assert "Looked for 0 phrases" not in said


@pytest.mark.usefixtures("in_process")
def test_the_text_in_a_feed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(edition: Any, reader: Any) -> paywall.Reading:
        return paywall._full(edition, paywall.Ground.OPEN, EditionBody.objects.get(pk=edition.pk))

    monkeypatch.setattr(feeds, "open_article", careless)
    said = audit()
    assert f"LEAK /feed/: {PAID}" in said
    assert said.endswith("leaks.")


@pytest.mark.usefixtures("in_process")
def test_a_few_words_of_it_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    real = cast("Any", views).render

    def careless(*args: Any, **more: Any) -> Any:
        response = real(*args, **more)
        response.headers["X-Summary"] = "the spillway gates had jammed twice"
        return response

    monkeypatch.setattr(views, "render", careless)
    assert f"LEAK /articles/a-dam-and-its-memorandum/: {PAID}" in audit()


@pytest.mark.usefixtures("in_process")
def test_a_search_that_answers_guesses_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_PUBLIC", search._WHOLE)
    assert "finds “a-dam-and-its-memorandum” by a word of its paid text" in audit()


@pytest.mark.usefixtures("in_process")
def test_another_site_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zero from a site that shows other articles would prove nothing."""

    def silent(path: str, _headers: dict[str, str]) -> Answer:
        return Answer(path, 200, (), b"")

    monkeypatch.setattr(audit_paywall, "ask_over_http", lambda *_url, **_session: silent)
    assert "does not show its headline" in audit()


def test_what_is_public_elsewhere_is_not_hunted(a_piece: Any) -> None:
    published("Said in the open", access="open", source="<p>It is said that the spillway gates had jammed twice.</p>")
    phrases = set(hunt_for_paid_text().phrases)
    assert "the spillway gates had jammed twice" not in phrases
    assert "what the engineers wrote in their" in phrases
    assert not any(phrase.startswith("articles said in the open") for phrase in phrases)  # the link's address is public
    assert "why it was kept quiet" in phrases
    assert "spillway" not in choose_guesses(most=50)
    assert "memorandum" not in choose_guesses(most=50)  # it stands in the headline
    assert {"engineers", "unpublished", "ministry"} <= set(choose_guesses(most=50))


@pytest.mark.django_db
def test_a_site_without_paid_text_proves_nothing() -> None:
    assert "nothing to look for" in audit()


@pytest.mark.django_db(transaction=True)
def test_a_running_site_is_asked_over_http(live_server: Any) -> None:
    published("A dam and its memorandum", source=TEXT)
    said = StringIO()
    call_command("audit_paywall", url=live_server.url, stdout=said)
    assert "Nothing comes out that must not." in said.getvalue()


def test_what_is_no_web_address_is_refused() -> None:
    with pytest.raises(CommandError, match="no web address"):
        audit_paywall.ask_over_http("file:///etc/passwd")


def test_a_site_that_is_down_is_said_to_be_down() -> None:
    with pytest.raises(CommandError, match="does not answer"):
        audit_paywall.ask_over_http("http://127.0.0.1:9")("/", {})
