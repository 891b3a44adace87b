"""Which addresses may be reached from here: public ones, and the private ones that were opened on purpose."""

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from connectors.errors import Refused, RetryLater
from connectors.url import HOST

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host; raises OSError where there are none."""

# `ipaddress.is_global` lets through loopback in the clothes of NAT64 and 6to4, multicast, and metadata of a
# cloud, so both lists are written out.
CLOSED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT; one cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # another cloud's metadata
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; one cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays from 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
        "2001::/23",  # protocol assignments; Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # a test network that was given back
        "3fff::/20",  # documentation
    )
)
OPEN_IPV6 = IPv6Network("2000::/3")
"""All that is given out for use in public; NAT64, mapped, site-local and unique local lie outside of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The private hosts that connectors may reach."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Opened":
        """Read host names, addresses and networks (`10.0.0.0/8`).

        Raises ValueError for an entry that is none of them.
        """
        names, networks = set[str](), list[Network]()
        for entry in filter(None, (one.strip() for one in entries)):
            try:
                networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                names.add(_name(entry))
        return cls(names=frozenset(names), networks=tuple(networks))

    def hold(self, host: str, address: Address) -> bool:
        """Say whether an address of a host was opened: by the host's name, or by the address itself."""
        return host in self.names or any(address in network for network in self.networks)


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host, in the order in which it would try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the public internet, and leads nowhere else in disguise."""
    if isinstance(address, IPv6Address) and address not in OPEN_IPV6:
        return False
    return not any(address in network for network in CLOSED)


def addresses_of(host: str, port: int, *, opened: Opened, ask: Resolve, encrypted: bool) -> list[Address]:
    """Return the addresses of a host, asked for once, every one of which may be reached.

    What is not encrypted goes to opened hosts only. Raises RetryLater where the host cannot be found now, and
    Refused where it, or one of its addresses, is forbidden.
    """
    try:
        found = [ip_address(text) for text in dict.fromkeys(ask(host, port))]
    except (OSError, UnicodeError) as error:
        raise RetryLater(f"the host {host} cannot be found") from error
    if not found:
        raise RetryLater(f"the host {host} has no address")
    closed = [address for address in found if not opened.hold(host, address)]
    if not all(map(is_public, closed)):
        raise Refused(f"{host} has an address that is not public; KOE_PRIVATE_HOSTS opens the hosts it names")
    if closed and not encrypted:
        raise Refused(f"{host} would be reached without encryption; its address must start with https://")
    return found


def _name(entry: str) -> str:
    name = entry.lower().removesuffix(".")
    if not HOST.fullmatch(name):
        raise ValueError(f"{entry!r} is no host name, no address and no network such as 10.0.0.0/8")
    return name
