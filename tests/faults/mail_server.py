"""A mail server on loopback that keeps all it accepts, and takes as long to accept it as a careful one does."""

import socketserver
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Self


@dataclass(frozen=True)
class Mail:
    """One copy of a letter that the server has accepted."""

    to: str
    subject: str
    message_id: str
    text: str


class MailServer:
    """Speaks as much SMTP as Django does. A letter is accepted before the client is told so, as everywhere."""

    def __init__(self, *, pause: float = 0.03) -> None:
        """Wait `pause` seconds between accepting a letter and saying so: the moment in which a sender may die."""
        self.pause = pause
        self.accepted: list[Mail] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk)
        self._server.daemon_threads = True
        self._server.office = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def accept(self, raw: bytes) -> None:
        """Keep a letter."""
        message = message_from_bytes(raw, policy=policy.default)
        body = message.get_body(("plain",))
        mail = Mail(
            to=str(message["To"]),
            subject=str(message["Subject"]),
            message_id=str(message["Message-ID"]),
            text=str(body.get_content()) if body else "",
        )
        self.accepted.append(mail)
        time.sleep(self.pause)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


class _Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    timeout = 20

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:
            return  # the sender died

    def _talk(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                raw = self._read_letter()
                if raw is None:
                    return
                self.server.office.accept(raw)  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")
            if verb == b"QUIT":
                return

    def _read_letter(self) -> bytes | None:
        """Read up to the lone full stop; a letter that breaks off before it was never accepted."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)
