"""Links to a short list of places become cards; nothing else does."""

import pytest

from articles.embeds import find_card, write_card


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("https://www.youtube.com/watch?v=abc&si=track&utm_source=x", "https://www.youtube.com/watch?v=abc"),
        ("https://youtu.be/abc?si=track&t=12", "https://www.youtube.com/watch?v=abc&t=12"),
        ("http://vimeo.com/12345", "https://vimeo.com/12345"),
        ("https://mobile.twitter.com/someone/status/1?s=20", "https://mobile.twitter.com/someone/status/1"),
        ("https://bsky.app/profile/a.b/post/c", "https://bsky.app/profile/a.b/post/c"),
    ],
)
def test_cards_lead_to_the_thing_and_carry_nothing_that_tracks(address: str, leads_to: str) -> None:
    card = find_card(address)
    assert card is not None
    assert card.address == leads_to


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/watch",
        "https://youtube.com.example.org/watch?v=a",
        "https://notyoutube.com/watch?v=a",
        "https://youtube.com@example.org/watch",
        "https://youtube.com:8443/watch",
        "https://youtube.com/",
        "javascript:alert(1)//youtube.com/x",
        "ftp://youtube.com/x",
        "//youtube.com/x",
        "https://youtube.com/a b",
        "https://[youtube.com/x",
        "https://youtube.com:x/x",
        "https://youtube.com/" + "x" * 500,
        "",
    ],
)
def test_other_addresses_become_no_card(address: str) -> None:
    assert find_card(address) is None


def test_a_card_says_what_it_is_and_loads_nothing() -> None:
    card = find_card("https://www.youtube.com/watch?v=abc")
    assert card is not None
    html = write_card(card, 'The <b>speech</b> & "after"')
    assert "Video on YouTube" in html
    assert "The &lt;b&gt;speech&lt;/b&gt; &amp; &quot;after&quot;" in html
    assert "src=" not in html
    assert "<iframe" not in html
