"""Draws the card that social networks show of a piece: headline, section and names, in the paper's dress."""

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

SIZE = (1200, 630)
PICTURE_WIDTH = 420  # of the hero, at the right
DRESS = 1  # raised when the drawing changes, so that cards are made anew
_PAPER, _INK, _FAINT, _ACCENT = "#fbf8f2", "#1c1814", "#685f55", "#7d1d22"
_EDGE = 64
_SIZES = range(72, 35, -4)  # of the headline: the largest that fits
_LEADING = 1.14
_HEADLINE = (168, 500)  # from and to, in pixels from the top
# Debian's, by their file names, found wherever the system keeps its fonts; else the one that comes with Pillow.
_FACES = {
    "headline": ("DejaVuSerif-Bold.ttf", "LiberationSerif-Bold.ttf"),
    "words": ("DejaVuSans.ttf", "LiberationSans-Regular.ttf"),
}

type _Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class SocialCard:
    """What stands on a card. `picture` names the hero and its focal point; empty for none."""

    paper: str
    headline: str
    section: str
    names: tuple[str, ...]
    picture: str = ""

    @property
    def digest(self) -> str:
        """Change with whatever stands on it."""
        said = (str(DRESS), self.paper, self.headline, self.section, *self.names, self.picture)
        return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]

    def draw(self, hero: Image.Image | None = None, focal: tuple[int, int] = (50, 50)) -> bytes:
        """Return it as a JPEG. About a tenth of a second."""
        card = Image.new("RGB", SIZE, _PAPER)
        room = SIZE[0] - 2 * _EDGE
        if hero is not None:
            centre = (focal[0] / 100, focal[1] / 100)
            part = ImageOps.fit(hero, (PICTURE_WIDTH, SIZE[1]), Image.Resampling.LANCZOS, centering=centre)
            card.paste(part, (SIZE[0] - PICTURE_WIDTH, 0))
            room -= PICTURE_WIDTH
        pen = ImageDraw.Draw(card)
        pen.rectangle((0, 0, SIZE[0] if hero is None else SIZE[0] - PICTURE_WIDTH, 10), fill=_ACCENT)
        pen.text((_EDGE, 48), self.paper, font=_find_font("headline", 34), fill=_INK)
        pen.text((_EDGE, 112), _shorten(self.section.upper(), 24, room), font=_find_font("words", 24), fill=_ACCENT)
        self._write_headline(pen, room)
        names = _shorten(_join(self.names), 26, room)
        pen.text((_EDGE, 548), names, font=_find_font("words", 26), fill=_FAINT)
        out = io.BytesIO()
        card.save(out, "JPEG", quality=88, optimize=True, progressive=True)
        return out.getvalue()

    def _write_headline(self, pen: ImageDraw.ImageDraw, room: int) -> None:
        top, bottom = _HEADLINE
        for size in _SIZES:
            font, step = _find_font("headline", size), round(size * _LEADING)
            lines = break_lines(self.headline, font, room)
            if len(lines) * step <= bottom - top:
                break
        else:  # too long even so: the last line that fits says that it goes on
            most = (bottom - top) // step
            lines = [*lines[: most - 1], _shorten(" ".join(lines[most - 1 :]), size, room, face="headline")]
        for number, line in enumerate(lines):
            pen.text((_EDGE, top + number * step), line, font=font, fill=_INK)


def break_lines(text: str, font: _Font, room: int) -> list[str]:
    """Return a text in lines that fit; a word that is too long for one is broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
            continue
        rest = word
        while font.getlength(rest) > room and len(rest) > 1:
            fits = next((n for n in range(len(rest) - 1, 0, -1) if font.getlength(rest[:n]) <= room), 1)
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines


def _shorten(text: str, size: int, room: int, *, face: str = "words") -> str:
    font = _find_font(face, size)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text} …") > room:
        text = text[:-1].rstrip()
    return f"{text} …"


def _join(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


@lru_cache(maxsize=32)
def _find_font(face: str, size: int) -> _Font:
    for name in _FACES[face]:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
