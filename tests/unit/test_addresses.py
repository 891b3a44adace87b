"""Which addresses a call may go to: looked at where it matters, at the socket that would be connected."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from connectors.addresses import Opened, is_public
from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.http import Http

NAMES = {
    "example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "localhost": ["127.0.0.1", "::1"],
    "anything.localhost": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "loopback.example": ["127.0.0.1"],
    "private.example": ["10.1.2.3"],
    "one-of-two.example": ["93.184.215.14", "10.1.2.3"],
    "the-second-of-two.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "mapped.example": ["::ffff:10.1.2.3"],
    "zone.example": ["fe80::1%lo"],
    "xn--eckwd4c7c.example": ["192.168.0.1"],
    "nothing.example": [],
}
"""What the double of the name system answers."""

URLS = [
    line
    for line in (Path(__file__).parent / "forbidden_urls.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("# ")
]
INVISIBLE = ["http://exa\0mple.com/", "http://example.com/\r\nX: y", "http://example.com/\t", "http://\x85/"]


def look_up(host: str, port: int) -> Sequence[str]:
    """Answer from the table; what is an address in any form is read by the system, as in earnest."""
    if host in NAMES:
        return NAMES[host]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(address[0]) for *_, address in found]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that a socket was told to connect to; none is reached."""
    tried: list[tuple[str, int]] = []

    def refuse(_: socket.socket, address: tuple[str, int]) -> None:
        tried.append((address[0], address[1]))
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return tried


@pytest.mark.parametrize("url", [*URLS, *INVISIBLE], ids=ascii)
def test_no_socket_is_connected_to_what_is_not_public(url: str, connected: list[tuple[str, int]]) -> None:
    for address in (url, url.replace("http:", "https:")):
        with pytest.raises(Refused) as raised:
            Http(ask=look_up).send("GET", address)
        assert "encryption" not in str(raised.value)
    assert connected == []


@pytest.mark.parametrize(
    "text",
    [
        *("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
        *("128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
        *("172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255"),
        *("198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111"),
        *("2a00:1450:4001::1", "2003::1", "2c0f::1"),
    ],
)
def test_a_public_address_is_known_as_such(text: str) -> None:
    assert is_public(ip_address(text))


def test_a_host_is_looked_up_once_and_all_its_addresses_are_tried(connected: list[tuple[str, int]]) -> None:
    asked: list[str] = []

    def ask(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return look_up(host, port)

    with pytest.raises(RetryLater, match=r"^example\.com:8443 cannot be reached$"):
        Http(ask=ask).send("POST", "https://EXAMPLE.com:8443/hooks?key=secret")
    assert asked == ["example.com"]
    assert connected == [(address, 8443) for address in NAMES["example.com"]]


@pytest.mark.parametrize("answers", [(["93.184.215.14"], ["127.0.0.1"]), (["127.0.0.1"], ["93.184.215.14"])])
def test_a_name_that_changes_its_address_leads_nowhere_else(
    answers: tuple[list[str], list[str]], connected: list[tuple[str, int]]
) -> None:
    coming = iter(answers)
    with pytest.raises(ConnectorError):
        Http(ask=lambda *_: next(coming)).send("POST", "https://rebinding.example/")
    assert connected == [("93.184.215.14", 443)] * (answers[0] == ["93.184.215.14"])


def missing(host: str, _: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_NONAME, host)


def unheard(host: str, _: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_AGAIN, host)


@pytest.mark.parametrize("ask", [missing, unheard, look_up], ids=["missing", "unheard", "nothing"])
def test_a_host_that_is_not_found_is_asked_for_again_later(ask: Callable[[str, int], Sequence[str]]) -> None:
    with pytest.raises(RetryLater, match=r"nothing\.example"):
        Http(ask=ask).send("POST", "https://nothing.example/secret")


class TestOpened:
    @pytest.mark.parametrize(
        "entry",
        [
            *(
                "private.example",
                "PRIVATE.example.",
                " private.example ",
                "10.1.2.3",
                "10.0.0.0/8",
                "10.1.2.3/24",
            ),
            "0.0.0.0/0",
        ],
    )
    def test_a_private_host_is_reached_once_it_is_opened(
        self, entry: str, connected: list[tuple[str, int]]
    ) -> None:
        with pytest.raises(RetryLater):
            Http(private_hosts=("", entry), ask=look_up).send("GET", "http://private.example:8080/")
        assert connected == [("10.1.2.3", 8080)]

    @pytest.mark.parametrize("entry", ["::1", "[::1]", "::/64"])
    def test_an_address_of_version_6_can_be_opened(
        self, entry: str, connected: list[tuple[str, int]]
    ) -> None:
        with pytest.raises(RetryLater, match=r"^\[::1\]:8080 cannot"):
            Http(private_hosts=(entry,), ask=look_up).send("GET", "http://[::1]:8080/")
        assert connected == [("::1", 8080)]

    @pytest.mark.parametrize("entry", ["other.example", "example", "10.1.2.4", "11.0.0.0/8", "127.0.0.1"])
    def test_what_is_opened_opens_nothing_else(self, entry: str, connected: list[tuple[str, int]]) -> None:
        with pytest.raises(Refused, match=r"private\.example .* KOE_PRIVATE_HOSTS"):
            Http(private_hosts=(entry,), ask=look_up).send("GET", "https://private.example/")
        assert connected == []

    def test_a_disguise_is_not_opened_with_what_it_stands_for(self, connected: list[tuple[str, int]]) -> None:
        for url in ("http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/"):
            with pytest.raises(Refused):
                Http(private_hosts=("127.0.0.1",), ask=look_up).send("GET", url)
        assert connected == []

    def test_only_opened_hosts_are_reached_without_encryption(self, connected: list[tuple[str, int]]) -> None:
        with pytest.raises(Refused, match="https://"):
            Http(ask=look_up).send("GET", "http://example.com/")
        assert connected == []

    @pytest.mark.parametrize("entry", ["10.0.0.0/33", "a b", "http://x.example", "x:80", "*.example", "声"])
    def test_an_entry_that_is_no_host_is_named(self, entry: str) -> None:
        with pytest.raises(ValueError, match="no host name"):
            Opened.of([entry])
