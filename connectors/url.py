"""A web address that may be called, taken apart once so that nobody reads it in two ways."""

import re
from dataclasses import dataclass

import httpx

from connectors.errors import Refused

PORTS = {"http": 80, "https": 443}
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """Where a call goes to."""

    scheme: str
    host: str
    """In lower case and ASCII; an IPv6 address without brackets."""
    port: int
    target: bytes
    """Path and query; they may hold a secret."""
    name: str
    """Host and port as people write them: what messages call the other side."""

    @property
    def encrypted(self) -> bool:
        return self.scheme == "https"


def web_address(text: str, *, what: str = "the address") -> WebAddress:
    """Read an address that starts with http:// or https://.

    Raises Refused, calling it `what` and not repeating it, for an address that may not be called.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Refused(f"{what} must be a web address such as https://example.com/koe") from error
    host = url.raw_host.decode("ascii").removesuffix(".")
    if url.scheme not in PORTS or not host:
        raise Refused(f"{what} must be a web address such as https://example.com/koe")
    if url.userinfo:
        raise Refused(f"{what} must hold no user name and no password")
    if not ("%" not in host if ":" in host else HOST.fullmatch(host)):
        raise Refused(f"{what} has a host that no host can be called")
    port = PORTS[url.scheme] if url.port is None else url.port
    if not 1 <= port <= 65535:
        raise Refused(f"{what} has a port that does not exist")
    name = url.netloc.decode("ascii")
    return WebAddress(scheme=url.scheme, host=host, port=port, target=url.raw_path, name=name)
