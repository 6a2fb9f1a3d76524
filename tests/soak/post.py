"""What lies between the parties: Stripe's letters on their way, the worker's tasks, and mails that went out."""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.mail import EmailMessage

LATER_AT_MOST = 3  # a mail server fails so often at most, before it takes a mail


@dataclass(frozen=True)
class Mail:
    """A mail that went out: to whom, about what, saying what."""

    to: str
    subject: str
    body: str

    def names(self, reference: str) -> bool:
        """Whether it speaks of a payment by its reference; one reference may begin as another does."""
        return re.search(re.escape(reference) + r"(?![\w:])", self.body) is not None


@dataclass
class Mailbox:
    """Every mail that went out; may be told to fail, or to have a second worker come in the midst of sending."""

    sent: list[Mail] = field(default_factory=list)
    failing: int = 0
    meanwhile: Callable[[], None] | None = None

    def take(self, messages: Sequence[EmailMessage]) -> int:
        """Take mails as a mail server does, whole or not at all.

        Raises:
            OSError: it was told to fail.
        """
        for message in messages:
            message.message()  # composed, as for the wire
            if self.meanwhile is not None:
                deed, self.meanwhile = self.meanwhile, None
                deed()
            if self.failing:
                self.failing -= 1
                raise OSError("The mail server is out of sorts.")
            self.sent.append(Mail(", ".join(message.to), str(message.subject), str(message.body)))
        return len(messages)


@dataclass
class Worker:
    """The tasks that were put into the queue and not done yet."""

    waiting: list[tuple[Callable[..., object], tuple[Any, ...]]] = field(default_factory=list)

    def enqueue(self, task: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        """Keep a task until it is done; its arguments must be JSON, as for the real queue."""
        json.dumps([list(args), kwargs])
        self.waiting.append((task.func, tuple(args)))

    def do_all(self) -> None:
        """Do everything, and what comes of it. A task that fails is over; the sweeper must make it good."""
        while self.waiting:
            self._do(self.waiting.pop(0))

    def do_some(self, chance: random.Random, mailbox: Mailbox) -> None:
        """Do a part of it in any order; some twice, some by two workers at once, and lose some."""
        batch, self.waiting = self.waiting, []
        chance.shuffle(batch)
        for each in batch:
            fate = chance.random()
            if fate < 0.15:
                self.waiting.append(each)
            elif fate < 0.25:
                continue
            else:
                if fate < 0.35:
                    mailbox.meanwhile = lambda each=each: self._do(each)
                elif fate < 0.42:
                    mailbox.failing = chance.randint(1, LATER_AT_MOST)
                self._do(each)
                if fate < 0.55:
                    self._do(each)
                mailbox.meanwhile, mailbox.failing = None, 0

    def _do(self, task: tuple[Callable[..., object], tuple[Any, ...]]) -> None:
        function, args = task
        try:
            function(*args)
        except Exception:  # noqa: BLE001 - as a worker: the task has failed, the worker goes on
            return


@dataclass
class Post:
    """Letters that Stripe has written and the site has not got yet."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    taken_from: int = 0

    def deliver_all(self, hand_over: Callable[[dict[str, Any]], None]) -> None:
        """Hand over everything, in the order it was written."""
        batch, self.waiting = self.waiting, []
        for letter in batch:
            hand_over(letter)

    def deliver_some(self, chance: random.Random, hand_over: Callable[[dict[str, Any]], None]) -> None:
        """Hand over a part of it in any order; some twice, some later, and lose some."""
        batch, self.waiting = self.waiting, []
        chance.shuffle(batch)
        for letter in batch:
            fate = chance.random()
            if fate < 0.2:
                self.waiting.append(letter)
            elif fate < 0.35:
                continue
            else:
                hand_over(letter)
                if fate < 0.5:
                    hand_over(letter)
                if fate < 0.4:
                    self.waiting.append(letter)
