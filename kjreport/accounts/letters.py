"""Dresses a plain letter in HTML: the words are written once, in the text.

A paragraph that is nothing but the letter's code is set large; one that reads “Label:” and, on the next line, an
address of ours becomes a button. The rest are paragraphs.
"""

from dataclasses import dataclass
from typing import Literal

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

Kind = Literal["words", "code", "button"]
_LINES_OF_A_BUTTON = 2


@dataclass(frozen=True)
class Paragraph:
    """A piece of a letter, and how it is set."""

    kind: Kind
    text: str
    address: str = ""


def read_paragraphs(text: str, *, code: str = "") -> list[Paragraph]:
    """Tell the paragraphs of a plain letter apart."""
    pieces = [piece.strip() for piece in text.replace("\r\n", "\n").split("\n\n")]
    return [_read_paragraph(piece, code) for piece in pieces if piece]


def _read_paragraph(piece: str, code: str) -> Paragraph:
    if code and piece == code:
        return Paragraph("code", piece)
    lines = piece.splitlines()
    if len(lines) == _LINES_OF_A_BUTTON and lines[0].endswith(":") and _is_ours(lines[1]):
        return Paragraph("button", lines[0].removesuffix(":"), lines[1])
    return Paragraph("words", piece)


def _is_ours(address: str) -> bool:
    return address.startswith(f"{settings.SITE_URL}/")


def compose(subject: str, text: str, *, to: str, code: str = "") -> EmailMultiAlternatives:
    """Make a letter of two equal parts from its plain text; it is not sent yet."""
    letter = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    context = {
        "subject": subject,
        "paragraphs": read_paragraphs(text, code=code),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    letter.attach_alternative(css_inline.inline(render_to_string("account/email/letter.html", context)), "text/html")
    return letter
