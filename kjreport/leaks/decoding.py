"""Reads an answer in every way that somebody curious could: unpacked, unescaped, unquoted, without its tags."""

import gzip
import re
import unicodedata
import zlib
from base64 import b64decode, urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote_plus

import brotli  # type: ignore[import-untyped] # it ships no types

_INLINE_TAG = re.compile(r"</?(?:em|strong|a|b|i|u|span|sub|sup|mark|wbr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtbf])|([\"\\/]))")
_RUNS = (
    (re.compile(r"[A-Za-z0-9+/]{16,}={0,2}"), b64decode),
    (re.compile(r"[A-Za-z0-9_-]{16,}={0,2}"), urlsafe_b64decode),
)
_INVISIBLE = {ord(one): None for one in "\u00ad\u200b\u200c\u200d\u2060\ufeff"}
_WORD = re.compile(r"[^\W_]+")
_DEEPEST = 3  # a parcel in a parcel in a parcel


def read_in_every_way(payload: bytes, *, encoding: str = "") -> Iterator[str]:
    """Give every text that a payload can be read as; `encoding` is its `Content-Encoding`."""
    yield from _read(_unpack(payload, encoding), _DEEPEST)


def words_of(text: str) -> list[str]:
    """Return a text's words, folded: no case, no soft hyphens, no compatibility forms."""
    return _WORD.findall(unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold())


def without_tags(html: str) -> str:
    """Return what stands between the tags; a word that an inline tag cuts stays whole."""
    return _TAG.sub(" ", _INLINE_TAG.sub("", html))


def _read(payload: bytes, depth: int) -> Iterator[str]:
    text = payload.decode("utf-8", "replace")
    plain = unescape(unescape(_unescape_json(unquote_plus(text))))
    forms = dict.fromkeys((text, unescape(text), plain, without_tags(plain)))
    yield from forms
    if depth:
        for parcel in _find_parcels(text):
            yield from _read(parcel, depth - 1)


def _unescape_json(text: str) -> str:
    if "\\" not in text:
        return text
    return _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[3] or " ", text)


def _find_parcels(text: str) -> Iterator[bytes]:
    """Give what runs of base64 hold, where that is text or something packed."""
    for run, decode in _RUNS:
        for found in run.findall(text):
            bare = found.rstrip("=")
            try:
                held = _unpack(decode(bare[: len(bare) - (len(bare) % 4 == 1)] + "=" * (-len(bare) % 4)), "")
            except (NotBase64, ValueError):
                continue
            if _is_text(held):
                yield held


def _unpack(payload: bytes, encoding: str) -> bytes:
    """Undo compression: what is declared, and what is evident from the first bytes."""
    try:
        if encoding == "br":
            return bytes(brotli.decompress(payload))
        if payload[:2] == b"\x1f\x8b":
            return gzip.decompress(payload)
        if encoding == "deflate" or (payload[:1] == b"\x78" and payload[1:2] in {b"\x01", b"\x9c", b"\xda"}):
            return zlib.decompress(payload)
    except (OSError, EOFError, zlib.error, brotli.error):
        pass
    return payload


def _is_text(payload: bytes) -> bool:
    try:
        return payload.decode().isprintable() or b"\n" in payload
    except UnicodeDecodeError:
        return False
