"""The door to a mail server: one letter at a time, and what came of it in words of what to do next."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

from connectors.errors import Refused, RetryLater, Uncertain

SECONDS = 20.0
"""That the server has for each answer."""
LONGEST_ANSWER = 200
"""Characters that are told of what it said."""
Tls = Literal["from_the_start", "on_demand", "if_offered", "never"]
POLICY = b"5.7."
"""How an answer begins that is about who may send, and not about who is to receive (RFC 3463)."""


class AddressRefused(Refused):
    """There is nobody at this address, or it takes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one person."""

    to: str
    name: str
    """What the person is called; it may hold anything."""
    subject: str
    text: str
    html: str
    lang: str
    at: datetime
    message_id: str
    """The same for every try, such as `abc@koe.example.com`."""
    leave: str
    """The address at which it is given up, by a click, without signing in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server that takes letters from one sender."""

    host: str
    port: int
    tls: Tls
    sender: Address
    user: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """Whose certificates are believed; None for those that this machine believes."""

    @classmethod
    def at(cls, url: str, sender: str) -> "MailServer":
        """Return the server at `smtps://USER:PASSWORD@HOST:465` or `smtp://…@HOST:587`, which must offer TLS.

        `?tls=never` leaves TLS away where there are no credentials to be read; on this machine it is taken if
        it is offered. Raises ValueError, which repeats nothing of the address.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError("it is no address") from error
        if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/"):
            raise ValueError("write it like smtp://USER:PASSWORD@mail.example.com:587 or smtps://…:465")
        if parts.query not in ("", "tls=never") or parts.fragment:
            raise ValueError("after the host there may be ?tls=never and nothing else")
        tls: Tls = "from_the_start" if parts.scheme == "smtps" else "on_demand"
        if tls == "on_demand" and _is_this_machine(host):
            tls = "if_offered"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.query:
            if tls == "from_the_start" or user:
                raise ValueError("with ?tls=never everybody on the way could read the credentials")
            tls = "never"
        usual = 465 if tls == "from_the_start" else 587
        return cls(
            host=host,
            port=port or usual,
            tls=tls,
            sender=address_of(sender),
            user=user,
            password=password,
        )

    def check(self) -> str:
        """Say in a sentence that letters can be handed over. Raises RetryLater and Refused."""
        with self._connected():
            return f"{self.host}:{self.port} takes letters."

    def send(self, letter: Letter, *, before: Callable[[], None] = lambda: None) -> None:
        """Hand a letter over; `before` is called when all is agreed and only its text is still to be sent.

        Raises RetryLater and Refused where it has surely not arrived, AddressRefused where there is nobody at
        its address, and Uncertain where nobody knows.
        """
        needs_utf8 = not letter.to.isascii()
        content = message(letter, self.sender).as_bytes(policy=SMTPUTF8 if needs_utf8 else SMTP)
        with self._connected() as server:
            options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8 else []
            if needs_utf8 and not server.has_extn("smtputf8"):
                raise AddressRefused(f"{self.host} takes no address with such letters")
            _expect(server.mail(self.sender.addr_spec, options), about=f"{self.host} takes nothing from Koe")
            code, told = server.rcpt(letter.to)
            if 500 <= code < 600 and not told.startswith(POLICY):
                raise AddressRefused(f"{self.host}: {_said(code, told)}")
            _expect((code, told), about=f"{self.host} takes nothing for this address")
            before()
            try:
                answer = server.data(content)
            except smtplib.SMTPDataError as error:  # it did not want to hear the text at all
                answer = (error.smtp_code, _bytes(error.smtp_error))
            except (OSError, smtplib.SMTPException) as error:
                raise Uncertain(f"{self.host} was cut off while it took the letter") from error
            _expect(answer, about=f"{self.host} takes no such letter")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a connection on which letters may be handed over."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise RetryLater(f"{self.host}:{self.port} does not answer ({type(error).__name__})") from error
        try:
            try:
                self._introduce(server)
                yield server
            except smtplib.SMTPAuthenticationError as error:
                raise Refused(f"{self.host} refuses the credentials ({error.smtp_code})") from error
            except smtplib.SMTPNotSupportedError as error:
                raise Refused(f"{self.host} offers no TLS, or takes no credentials") from error
            except ssl.SSLError as error:
                raise Refused(f"{self.host} does not prove who it is ({error.reason})") from error
            except (OSError, smtplib.SMTPException) as error:
                raise RetryLater(f"{self.host} broke off ({type(error).__name__})") from error
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _open(self) -> smtplib.SMTP:
        if self.tls == "from_the_start":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=self._trust())
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        offered = server.has_extn("starttls")
        if self.tls == "on_demand" or (self.tls == "if_offered" and offered):
            server.starttls(context=self._trust())
            server.ehlo()
        if self.user:
            server.login(self.user, self.password)

    def _trust(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()


def address_of(sender: str) -> Address:
    """Return a sender written as `koe@example.com` or `Koe <koe@example.com>`. Raises ValueError."""
    name, address = parseaddr(sender)
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or not sender.isprintable() or not address.isascii():
        raise ValueError("write it like koe@example.com or Koe <koe@example.com>")
    return Address(display_name=name or "Koe", username=local, domain=domain)


def message(letter: Letter, sender: Address) -> EmailMessage:
    """Return a letter as mails are written: text and HTML that say the same. No name adds a header."""
    mail = EmailMessage(policy=SMTPUTF8)
    mail["From"] = sender
    local, _, domain = letter.to.rpartition("@")
    mail["To"] = Address(display_name=one_line(letter.name), username=local, domain=domain)
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = letter.at
    mail["Message-ID"] = f"<{letter.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # nobody's absence answers it (RFC 3834)
    mail["List-Unsubscribe"] = f"<{letter.leave}>"
    if letter.leave.startswith("https://"):  # RFC 8058 wants nothing less
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    mail["Content-Language"] = letter.lang  # last, for what is added before goes along with the text
    return mail


def one_line(text: str) -> str:
    """Return a text as one line that holds nothing but what can be read."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.encode("utf-8", "replace").decode().split())


def _expect(answer: tuple[int, bytes], *, about: str) -> None:
    """Raise RetryLater or Refused where an answer is no yes."""
    code, told = answer
    if 200 <= code < 300:
        return
    reason = f"{about}: {_said(code, told)}"
    raise RetryLater(reason) if code < 500 else Refused(reason, status=code)


def _said(code: int, told: bytes) -> str:
    return one_line(f"{code} {told.decode('utf-8', 'replace')}")[:LONGEST_ANSWER]


def _bytes(told: bytes | str) -> bytes:
    return told if isinstance(told, bytes) else told.encode()


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
