"""Which names the server answers to (`Host`): a foreign page must not reach it under a name of its own.

Against such pages (DNS rebinding) it helps to know one's names. An address cannot be rebound, so a server
that listens on every address answers to each of them, and to no name but that of KOE_PUBLIC_URL.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.config import Settings
from service.errors import WrongUse

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The names of one server."""

    names: frozenset[str]
    any_address: bool = False
    """True where it listens on every address of its machine."""

    @classmethod
    def of(cls, settings: Settings, *, demo: bool) -> "Hosts":
        """Return the names that the settings give. Raises WrongUse for a KOE_PUBLIC_URL that is none."""
        if demo:
            return cls(names=LOOPBACK)
        names = {*LOOPBACK, public_host(settings)} - {None}
        everywhere = _is_unspecified(settings.host)
        if not everywhere:
            names.add(settings.host.lower())
        return cls(names=frozenset(str(name) for name in names), any_address=everywhere)

    def include(self, host: str) -> bool:
        """Say whether the value of a `Host` header names this server; the port does not matter."""
        if HOST.fullmatch(host) is None:
            return False
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or (self.any_address and _is_address(name))


def public_host(settings: Settings) -> str | None:
    """Return the host of KOE_PUBLIC_URL, None if it is unset. Raises WrongUse."""
    if settings.public_url is None:
        return None
    try:
        parts = urlsplit(settings.public_url)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise WrongUse("KOE_PUBLIC_URL is no address; write it like https://koe.example.com.")
    return host


def local_address(settings: Settings, port: int) -> str:
    """Return the address that the server has on its own machine."""
    host = "127.0.0.1" if _is_unspecified(settings.host) else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def address_of(settings: Settings, port: int | None = None) -> str:
    """Return the address that links begin with: KOE_PUBLIC_URL, else where the server listens."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    return local_address(settings, settings.port if port is None else port)


def is_https(settings: Settings) -> bool:
    """Say whether browsers reach the server by https only: KOE_PUBLIC_URL says so."""
    return (settings.public_url or "").lower().startswith("https://")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_unspecified(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        return not ip_address(name).is_unspecified
    except ValueError:
        return False
