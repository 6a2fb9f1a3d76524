"""A plain letter becomes paragraphs, a code set large, and buttons that lead to ourselves."""

import pytest
from django.test import override_settings

from kjreport.accounts.letters import Paragraph, compose, read_paragraphs

CODE = "1234-5678"


def test_paragraphs_are_told_apart_by_empty_lines() -> None:
    assert read_paragraphs("One\ntwo\n\n\nThree\r\n\r\nFour") == [
        Paragraph("words", "One\ntwo"),
        Paragraph("words", "Three"),
        Paragraph("words", "Four"),
    ]


def test_a_code_alone_is_set_large_and_a_code_in_a_sentence_is_not() -> None:
    kinds = [paragraph.kind for paragraph in read_paragraphs(f"{CODE}\n\nIt is {CODE}.\n\n8765-4321", code=CODE)]
    assert kinds == ["code", "words", "words"]


def test_without_a_code_nothing_is_set_large() -> None:
    assert read_paragraphs(CODE) == [Paragraph("words", CODE)]


@override_settings(SITE_URL="https://paper.example")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sign in:\nhttps://paper.example/account/", "button"),
        ("Sign in:\nhttps://paper.example.evil.example/", "words"),
        ("Sign in:\nhttps://evil.example/", "words"),
        ("Sign in:\njavascript:alert(1)", "words"),
        ("Sign in\nhttps://paper.example/account/", "words"),
        ("Sign in:\nhttps://paper.example/account/\nand more", "words"),
    ],
)
def test_only_a_label_over_an_address_of_ours_is_a_button(text: str, kind: str) -> None:
    assert [paragraph.kind for paragraph in read_paragraphs(text)] == [kind]


def test_both_parts_of_a_letter_say_the_same() -> None:
    letter = compose("Your code", f"Here it is:\n\n{CODE}\n\n<Not> markup.", to="rosa@example.com", code=CODE)
    html = str(letter.alternatives[0][0])
    assert letter.to == ["rosa@example.com"]
    for words in ("Here it is:", CODE, "&lt;Not&gt; markup."):
        assert words in html
    assert "<Not> markup." in str(letter.body)
