"""A server with no manners at all, for what a stand-in that speaks HTTP cannot do: it resets, hangs, and dribbles."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator

_OPENING = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_RESET = struct.pack("ii", 1, 0)  # close with a reset rather than a farewell

type Manner = Callable[[socket.socket, threading.Event], None]


def dribble_the_head(line: socket.socket, is_over: threading.Event) -> None:
    """Send one header after the other, for ever."""
    line.sendall(_OPENING)
    number = 0
    while not is_over.wait(0.05):
        number += 1
        line.sendall(b"X")
        if number % 50 == 0:
            line.sendall(b": y\r\n")


def dribble_the_body(line: socket.socket, is_over: threading.Event) -> None:
    """Send a byte of an endless body now and then."""
    line.sendall(_OPENING + b"Content-Length: 1000000\r\n\r\n")
    while not is_over.wait(0.05):
        line.sendall(b" ")


def dribble_chunks(line: socket.socket, is_over: threading.Event) -> None:
    """Send an endless body in chunks of a byte."""
    line.sendall(_OPENING + b"Transfer-Encoding: chunked\r\n\r\n")
    while not is_over.wait(0.05):
        line.sendall(b"1\r\n \r\n")


def say_nothing(_: socket.socket, is_over: threading.Event) -> None:
    """Take the question and never answer."""
    is_over.wait(60)


def reset_midway(line: socket.socket, _: threading.Event) -> None:
    """Break off in the middle of an answer."""
    line.sendall(_OPENING + b'Content-Length: 1000\r\n\r\n{"id": "cus_1", "obj')
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def hang_up_midway(line: socket.socket, _: threading.Event) -> None:
    """End the answer before its stated length, politely."""
    line.sendall(_OPENING + b'Content-Length: 1000\r\n\r\n{"id": "cus_1", "obj')


def hang_up_at_once(_line: socket.socket, _: threading.Event) -> None:
    """Close without a word."""


def talk_rubbish(line: socket.socket, _: threading.Event) -> None:
    """Answer in no protocol at all."""
    line.sendall(b"\x15\x03\x01\x00\x02\x02\x50 what?\r\n\r\n")


SLOW: dict[str, Manner] = {
    each.__name__: each for each in (dribble_the_head, dribble_the_body, dribble_chunks, say_nothing)
}
BROKEN: dict[str, Manner] = {
    each.__name__: each for each in (reset_midway, hang_up_midway, hang_up_at_once, talk_rubbish)
}
MANNERS = SLOW | BROKEN


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    manner: Manner
    is_over: threading.Event


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the other side has had enough
            if self.request.recv(65_536):
                self.server.manner(self.request, self.server.is_over)


@contextlib.contextmanager
def a_rude_server(manner: str) -> Iterator[str]:
    """Serve with one of the `MANNERS`; give the address."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.manner, server.is_over = MANNERS[manner], threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.is_over.set()
            server.shutdown()
            thread.join()
