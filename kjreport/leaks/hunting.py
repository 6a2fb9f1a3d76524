"""Finds in an answer, body and headers, what its reader may not see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from kjreport.leaks.decoding import read_in_every_way, words_of

OK = 200


@dataclass(frozen=True)
class Answer:
    """What the site said, and to which question."""

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value; empty if it is not there."""
        return next((value for key, value in self.headers if key.casefold() == name.casefold()), "")


@dataclass(frozen=True)
class Leak:
    """Something found where it should not be."""

    asked: str
    what: str

    def __str__(self) -> str:
        return f"{self.asked}: {self.what}"


@dataclass
class Quarry:
    """What is hunted: `phrases` of words, each with what it is called, and pictures by their keys.

    A phrase of one word is found even inside other words; a longer one word by word, in one pass, so that a hundred
    thousand phrases cost no more than one.
    """

    phrases: Mapping[str, str]
    pictures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._single: dict[str, str] = {}
        self._spans: dict[int, dict[tuple[str, ...], str]] = {}
        for phrase, what in self.phrases.items():
            words = tuple(words_of(phrase))
            if len(words) == 1:
                self._single[words[0]] = what
            elif words:
                self._spans.setdefault(len(words), {})[words] = what
        self._seen: dict[bytes, frozenset[str]] = {}

    def look_through(self, answer: Answer) -> set[Leak]:
        """Return what an answer gives away; what its asker said first, in the address, is no news to them."""
        found = set(self.find_in(answer.body, encoding=answer.header("Content-Encoding")))
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        found |= self.find_in(head.encode("utf-8", "replace"))
        found -= self.find_in(answer.asked.encode())
        if answer.status == OK and answer.header("Content-Type").startswith("image/"):
            found |= {what for key, what in self.pictures.items() if key in answer.asked}
        return {Leak(answer.asked, what) for what in found}

    def find_in(self, payload: bytes, *, encoding: str = "") -> frozenset[str]:
        """Return what a payload holds, however it is wrapped."""
        digest = sha256(encoding.encode() + b"\0" + payload).digest()
        if digest not in self._seen:
            readings = read_in_every_way(payload, encoding=encoding)
            self._seen[digest] = frozenset(what for text in readings for what in self._find(words_of(text)))
        return self._seen[digest]

    def _find(self, words: list[str]) -> Iterable[str]:
        run = "".join(words)
        yield from (what for word, what in self._single.items() if word in run)
        for length, spans in self._spans.items():
            for window in zip(*(words[start:] for start in range(length)), strict=False):
                if window in spans:
                    yield spans[window]
