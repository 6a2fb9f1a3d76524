"""How long a question over the wire may take in all: looking up, connecting, waiting, and reading every byte."""

import contextlib
import io
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

CONNECT, READ = 3.05, 15.0  # seconds for all of connecting; for each wait for bytes
WHOLE = 60.0  # seconds for one answer, where nobody set a deadline: one that trickles is no answer either

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give every question inside, together, at most this long, and never longer than an outer `within` has left."""
    token = _deadline.set(time.monotonic() + min(seconds, time_left()))
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float:
    """Return how many seconds are left; infinity where nobody set a deadline."""
    deadline = _deadline.get()
    return float("inf") if deadline is None else deadline - time.monotonic()


class PunctualSession(requests.Session):
    """A session whose every question is over by the deadline, even if the other side sends a byte now and then."""

    def __init__(self) -> None:
        """Mount connections that watch the clock."""
        super().__init__()
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def request(self, method: Any, url: Any, **options: Any) -> requests.Response:  # type: ignore[override] # noqa: ANN401 - as upstream
        """Ask, unless the time is over already."""
        left = time_left()
        if left <= 0:
            raise requests.exceptions.ReadTimeout("No time was left to ask.")
        options["timeout"] = (min(CONNECT, left), min(READ, left))
        return super().request(method, url, **options)


class _Until:
    """A moment after which nothing is waited for."""

    def __init__(self, seconds: float) -> None:
        self._moment = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds until then.

        Raises:
            TimeoutError: it has passed.
        """
        left = self._moment - time.monotonic()
        if left <= 0:
            raise TimeoutError("The whole answer took too long.")
        return left


class _Raw(io.RawIOBase):
    """A socket's bytes, waited for until a moment however slowly they come."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._bytes: Any = sock.makefile("rb", buffering=0)
        self._until = _Until(min(WHOLE, time_left()))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any buffer, as upstream
        self._sock.settimeout(min(READ, self._until.left()))
        return self._bytes.readinto(buffer)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _Ear:
    """What `HTTPResponse` takes for a socket: it only asks it for a file."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._sock))


class _Answer(HTTPResponse):
    """An answer, its head included, read until the deadline and no longer."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as upstream
        super().__init__(_Ear(sock), *arguments, **named)  # type: ignore[arg-type]


class _Connection(HTTPConnection):
    """Looks up and tries all addresses of a name within the time for connecting."""

    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        until = _Until(min(CONNECT, time_left()))
        try:
            return self._connect(until)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connecting to {self.host} took too long.") from error
        except OSError as error:
            raise NewConnectionError(self, f"No connection to {self.host}: {error}") from error

    def _connect(self, until: _Until) -> socket.socket:
        trouble = OSError("It has no address.")
        for address in _look_up(self._dns_host, self.port, until):
            try:
                return create_connection(
                    (address, self.port), until.left(), self.source_address, self.socket_options or None
                )
            except OSError as error:
                trouble = error
        raise trouble


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """Makes such connections, also to a proxy."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as upstream
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:  # noqa: ANN401 - as upstream
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


def _look_up(host: str, port: int, until: _Until) -> list[str]:
    """Return a name's addresses. The system's resolver takes no time-out, so it is left behind when it hangs."""
    found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except UnicodeError as error:
            found.put(OSError(str(error)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever asked
            found.put(error)

    threading.Thread(target=ask, name="looking-up", daemon=True).start()
    try:
        answer = found.get(timeout=until.left())
    except queue.Empty:
        raise TimeoutError("The name was not found in time.") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
