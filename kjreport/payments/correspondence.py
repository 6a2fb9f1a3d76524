"""Letters to people who pay, all dressed alike: words written once, facts in a table, and the one thing to do."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)  # the dark colours are an at-rule


class NotSent(Exception):  # noqa: N818 - read aloud: “the letter was not sent”
    """A mail server did not take a letter. It names no address: this is logged, and kept with the task."""


@dataclass(frozen=True)
class Deed:
    """The one thing to do, and where."""

    label: str
    address: str


def compose(
    subject: str,
    words: str,
    context: Mapping[str, object],
    *,
    to: str,
    deed: Deed | None = None,
    facts: Sequence[tuple[str, str]] = (),
) -> EmailMultiAlternatives:
    """Make a letter of two equal parts, text and HTML; `words` names the template of its words. It is not sent yet."""
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **context}
    dressed = {
        **context,
        "subject": subject,
        "words": render_to_string(words, context).strip(),
        "deed": deed,
        "facts": [(label.ljust(max(len(name) for name, _ in facts)), label, value) for label, value in facts],
    }
    letter = EmailMultiAlternatives(
        subject=subject, body=render_to_string("payments/letters/letter.txt", dressed), to=[to]
    )
    letter.attach_alternative(_INLINER.inline(render_to_string("payments/letters/letter.html", dressed)), "text/html")
    return letter


def post(letter: EmailMultiAlternatives, *, occasion: str) -> None:
    """Hand a letter to the mail server, under a name that its occasion alone decides.

    A sender killed after the server took the letter and before we noted it cannot know, and owes it to the reader to
    send it again. The copy then has the same Message-ID, by which mail systems know it for one.

    Raises:
        NotSent: it was not taken; what the server said of it, but not to whom.
    """
    letter.extra_headers["Message-ID"] = name_letter(occasion)
    try:
        letter.send()
    except Exception as error:  # noqa: BLE001 - whatever a mail backend raises
        code = getattr(error, "smtp_code", "")
        raise NotSent(f"{type(error).__name__} {code}".strip()) from None


def name_letter(occasion: str) -> str:
    """Return the Message-ID of the letter for an occasion: the same each time, and telling a stranger nothing."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{settings.SITE_URL}/{occasion}').hex}@{domain}>"
