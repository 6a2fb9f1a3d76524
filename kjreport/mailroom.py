"""Where a laptop's letters go: into a folder, onto the console, and onto a page for whoever is trying the site."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

SHOWN_AT_MOST = 50
_NAME = re.compile(r"\d{8}-\d{6}-\d{6}-\d{3}\.eml")
_CODE = re.compile(r"^\d{4}-\d{4}$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Letter:
    """A letter in the folder, as the page shows it."""

    name: str
    written_at: datetime
    to: str
    subject: str
    text: str
    html: str
    code: str
    links: tuple[str, ...]


class LaptopMailer(BaseEmailBackend):
    """Keeps each letter as a file, and says on the console what a newcomer needs from it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the letters into `MAIL_DIR`; return how many."""
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(email_messages):
            raw = message.message().as_bytes()
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{number:03}.eml"
            (folder / name).write_bytes(raw)
            sys.stdout.write(announce(read_letter(name, raw)) + "\n")
        sys.stdout.flush()
        return len(email_messages)


def announce(letter: Letter) -> str:
    """Put a letter into one line: to whom, what about, its code and its first link."""
    parts = [f"Letter to {letter.to}: {letter.subject}"]
    if letter.code:
        parts.append(f"code {letter.code}")
    parts.extend(letter.links[:1])
    return " · ".join(parts)


def read_letter(name: str, raw: bytes) -> Letter:
    """Read what the mailer wrote."""
    message = message_from_bytes(raw, policy=policy.default)
    text = _read_part(message, "plain")
    code = _CODE.search(text)
    return Letter(
        name=name,
        written_at=datetime.strptime(name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=timezone.get_fixed_timezone(0)),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
        html=_read_part(message, "html"),
        code=code.group() if code else "",
        links=tuple(link for link in _LINK.findall(text) if link != settings.SITE_URL),
    )


def _read_part(message: ParsedMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).strip() if part else ""


def list_letters() -> list[Letter]:
    """Return the newest letters, newest first."""
    folder = Path(settings.MAIL_DIR)
    names = sorted((path.name for path in folder.glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
    return [read_letter(name, (folder / name).read_bytes()) for name in names[:SHOWN_AT_MOST]]


@require_GET
def mailroom(request: HttpRequest) -> HttpResponse:
    """Show the letters to whoever is trying the site on their own machine."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "mailroom/mailroom.html", {"letters": list_letters()})


@csp_override(
    {
        "default-src": [CSP.NONE],
        "style-src": [CSP.UNSAFE_INLINE],  # letters carry their style inline, and nothing else here may run or load
        "img-src": ["data:"],
        "frame-ancestors": [CSP.NONE],
        "sandbox": [""],  # no scripts, no forms, an origin of its own
    }
)
@require_GET
def mailroom_letter(_request: HttpRequest, name: str) -> HttpResponse:
    """Show a letter as its reader's mail program would, with everything but its looks switched off."""
    path = Path(settings.MAIL_DIR) / name
    if not settings.DEBUG or not _NAME.fullmatch(name) or not path.is_file():
        raise Http404
    return HttpResponse(read_letter(name, path.read_bytes()).html)
