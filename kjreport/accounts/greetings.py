"""Messages kept in the session, which ends with the last of them where it holds nothing else."""

from typing import Any

from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponseBase


class Greetings(SessionStorage):
    """Leaves no empty session behind: whoever signed out is a visitor again, and visitors have no cookie."""

    def _store(self, messages: Any, response: HttpResponseBase, *args: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 - Django's signature
        left_over: list[Any] = super()._store(messages, response, *args, **kwargs)  # type: ignore[misc] # the stubs lack it
        session = self.request.session
        if not messages and not session.keys():
            session.flush()
        return left_over
