"""The one door for calls to other systems: checked addresses, a deadline, errors that say what to do next."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import httpcore
import httpx

from connectors.addresses import Opened, Resolve, addresses_of, resolve
from connectors.answers import COOKIES, Answer, Unsure, judge
from connectors.changes import must_be_in_time
from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain
from connectors.url import WebAddress, web_address
from connectors.wire import Deadline, Wire

CONNECT_SECONDS = 10.0
SECONDS = 15.0
"""For a whole exchange, from connecting to the last byte of the answer."""
MOST_BODY = 64 * 1024
"""Bytes of an answer that are kept; the rest is left on the wire."""
READING = frozenset({"GET", "HEAD"})


class Http:
    """Sends requests, each on its own connection, to public hosts and to the private ones that were opened.

    Nothing of the environment (proxies, netrc) has a say, but `SSL_CERT_FILE` for authorities of one's own.
    Looking a host up takes as long as the system lets it; all else ends with the deadline.
    """

    def __init__(
        self,
        *,
        private_hosts: Iterable[str] = (),
        ask: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        seconds: float = SECONDS,
        most_body: int = MOST_BODY,
        turn: Callable[[], None] | None = None,
    ) -> None:
        """Open the door to `private_hosts`: names, addresses and networks that may be reached though private.

        `turn` is called before each request: it waits until one may be sent, or raises RetryLater. Raises
        ValueError for a private host that is none of these.
        """
        self._opened = Opened.of(private_hosts)
        self._ask = ask
        self._trust = trust
        self._connect_seconds = connect_seconds
        self._seconds = seconds
        self._most_body = most_body
        self._turn = turn

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        asks: bool = False,
    ) -> Answer:
        """Send one request and return the answer, if it says that the request was taken (2xx).

        No redirect is followed. Raises RetryLater where nothing was done, Refused where a person must act,
        and Uncertain where it may have been done. GET and HEAD do nothing, nor does what only `asks`, by
        whatever method: for them it is RetryLater. A change does not begin when it is too late for one
        (`connectors.changes`).
        """
        address = web_address(url)
        if self._turn is not None:
            self._turn()
        changes = method not in READING and not asks
        if changes:
            must_be_in_time()
        wire = self._wire(address)
        unsure = Uncertain if changes else RetryLater
        with (
            _trouble(address.name, unsure),
            httpcore.ConnectionPool(ssl_context=self._authorities(address), network_backend=wire) as pool,
            pool.stream(
                method,
                _url(address),
                headers=_headers(address, headers or {}),
                content=content,
                extensions={"timeout": {"connect": self._connect_seconds}},
            ) as response,
        ):
            answered = _answered(response)
            try:
                judge(address.name, response.status, answered, unsure)
            except Refused as error:
                error.body = _reason(response)
                raise
            body = _read(response, self._most_body)
        return Answer(
            name=address.name,
            status=response.status,
            headers=answered,
            body=body[: self._most_body],
            whole=len(body) <= self._most_body,
        )

    def reach(self, url: str) -> str:
        """Connect to the host of an address, send nothing, and return what people call the host.

        Raises RetryLater where it cannot be reached now, and Refused where it is forbidden or has no valid
        certificate.
        """
        address = web_address(url)
        wire = self._wire(address)
        with _trouble(address.name, RetryLater):
            stream = wire.connect_tcp(address.host, address.port, self._connect_seconds)
            try:
                if context := self._authorities(address):
                    stream = stream.start_tls(context, address.host, self._connect_seconds)
            finally:
                stream.close()
        return address.name

    def _wire(self, address: WebAddress) -> Wire:
        """Look the host up, once, and return the wire to what was found."""
        found = addresses_of(
            address.host, address.port, opened=self._opened, ask=self._ask, encrypted=address.encrypted
        )
        return Wire(found, Deadline(self._seconds))

    def _authorities(self, address: WebAddress) -> ssl.SSLContext | None:
        """Return whose certificates are believed, where the address asks for any."""
        return (self._trust or _public_authorities()) if address.encrypted else None


@cache
def _public_authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@contextmanager
def _trouble(name: str, unsure: Unsure) -> Iterator[None]:
    """Turn what can happen to a connection into what to do next."""
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise _unconnected(name, error) from error
    except httpcore.LocalProtocolError as error:
        raise Refused(f"{name} was not asked: a header holds a character that no header may hold") from error
    except httpcore.TimeoutException as error:
        raise unsure(f"{name} did not answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise unsure(f"{name} broke off, or answered with something that is no HTTP") from error


def _unconnected(name: str, error: Exception) -> ConnectorError:
    cause = error.__context__  # httpcore's pool takes the __cause__ away
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(f"{name} has no valid certificate: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return Refused(f"{name} does not speak TLS as it should; is the port right?")
    return RetryLater(f"{name} cannot be reached")


def _answered(response: httpcore.Response) -> Mapping[str, str]:
    """Return the headers of an answer; of one that came several times the last, but of cookies all."""
    found: dict[str, str] = {}
    for key, value in response.headers:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}\n{text}" if name == COOKIES and name in found else text
    return found


def _read(response: httpcore.Response, most: int) -> bytes:
    """Return the body, or of a longer one a little more than is kept."""
    parts, size = list[bytes](), 0
    for part in response.iter_stream():
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return b"".join(parts)


def _reason(response: httpcore.Response) -> bytes:
    """Return what a refusal says, as far as it comes: it is a refusal without it as well."""
    try:
        return _read(response, MOST_BODY)[:MOST_BODY]
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return b""


def _url(address: WebAddress) -> httpcore.URL:
    return httpcore.URL(
        scheme=address.scheme.encode(), host=address.host.encode(), port=address.port, target=address.target
    )


def _headers(address: WebAddress, given: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    ours = {"host": address.name, "user-agent": "Koe", "accept-encoding": "identity"}
    merged = ours | {name.lower(): value for name, value in given.items()}
    return [(name.encode("ascii"), value.encode("utf-8", "replace")) for name, value in merged.items()]
