"""A mail server for tests, on this machine: it keeps what it takes, and answers as a test says."""

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

Answer = Callable[[str], str | None]
"""Gives what is answered to a line instead of the usual; `` hangs up."""


def usual(line: str) -> str | None:  # noqa: ARG001
    """Answer as every server does."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as it was handed over."""

    sender: str
    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Return it as a mail program reads it."""
        read = message_from_bytes(self.raw, policy=SMTPUTF8)
        assert isinstance(read, EmailMessage)
        return read

    def part(self, subtype: str) -> str:
        """Return its plain or its HTML text."""
        found = self.message.get_body((subtype,))
        assert found is not None
        return str(found.get_content()).replace("\r\n", "\n")


@dataclass(kw_only=True)
class Postbox:
    """What came, and how it is answered."""

    port: int
    answer: Answer = usual
    """To each line, and to `.`, the end of a text; that text counts as taken before it is asked."""
    offers: tuple[str, ...] = ("8BITMIME", "SMTPUTF8")
    tls: ssl.SSLContext | None = None
    login: str | None = None
    """`user:password` that it asks for."""
    mails: list[Mail] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def postbox(**how: object) -> Iterator[Postbox]:
    """Open a mail server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        box = Postbox(port=listener.getsockname()[1], **how)  # type: ignore[arg-type]
        closed = threading.Event()
        thread = threading.Thread(target=_listen, args=(listener, box, closed))
        thread.start()
        try:
            yield box
        finally:
            closed.set()
            with suppress(OSError), socket.create_connection(("127.0.0.1", box.port), timeout=5):
                pass
            thread.join()


def _listen(listener: socket.socket, box: Postbox, closed: threading.Event) -> None:
    while True:
        caller, _ = listener.accept()
        if closed.is_set():
            caller.close()
            return
        with suppress(OSError, EOFError):
            _Talk(caller, box).hold()


class _Talk:
    """One conversation."""

    def __init__(self, caller: socket.socket, box: Postbox) -> None:
        caller.settimeout(10)
        self._caller, self._box = caller, box
        self._file = caller.makefile("rb")
        self._sender = self._to = ""
        self._is_proven = box.login is None

    def hold(self) -> None:
        try:
            self._say("220 postbox")
            while (line := self._hear()) != "QUIT":
                told = self._box.answer(line)
                if told == "":
                    return
                if told is None:
                    self._obey(line)
                else:
                    self._say(told)
            self._say("221 bye")
        finally:
            self._file.close()
            self._caller.close()

    def _obey(self, line: str) -> None:
        verb = line.split(":")[0].split()[0].upper() if line.split() else ""
        if verb == "EHLO":
            self._greet()
        elif verb == "STARTTLS" and self._box.tls:
            self._say("220 go on")
            self._caller = self._box.tls.wrap_socket(self._caller, server_side=True)
            self._file = self._caller.makefile("rb")
        elif verb == "AUTH":
            given = base64.b64decode(line.split()[2]).decode().split("\0")
            self._is_proven = ":".join(given[1:]) == self._box.login
            self._say("235 welcome" if self._is_proven else "535 5.7.8 wrong")
        elif not self._is_proven:
            self._say("530 5.7.0 prove who you are")
        elif verb == "MAIL":
            self._sender = _between(line)
            self._say("250 ok")
        elif verb == "RCPT":
            self._to = _between(line)
            self._say("250 ok")
        elif verb == "DATA":
            self._take()
        else:
            self._say("250 ok")

    def _greet(self) -> None:
        offers = [*self._box.offers]
        if self._box.tls and not isinstance(self._caller, ssl.SSLSocket):
            offers.append("STARTTLS")
        if self._box.login:
            offers.append("AUTH PLAIN")
        for offer in offers:
            self._say(f"250-{offer}")
        self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        text = b""
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise EOFError
            text += line[1:] if line.startswith(b".") else line
        told = self._box.answer(".")
        if told is None or told.startswith("2") or told == "":
            self._box.mails.append(Mail(sender=self._sender, to=self._to, raw=text))
        if told == "":
            raise EOFError
        self._say(told or "250 taken")

    def _hear(self) -> str:
        line = self._file.readline()
        if not line:
            raise EOFError
        verb, space, rest = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
        told = f"{verb.upper()}{space}{rest}"
        self._box.lines.append(told)
        return told

    def _say(self, line: str) -> None:
        self._caller.sendall(f"{line}\r\n".encode())


def _between(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
