"""Asking another system's API: its address, what proves us, and its answers as JSON that is read loosely."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urljoin, urlsplit

from connectors.answers import Answer
from connectors.errors import Refused, RetryLater
from connectors.guards import url_setting
from connectors.http import Http
from connectors.loose import Loose
from connectors.ports import Changed, Event, Setting, Words
from connectors.url import WebAddress, web_address

Params = Mapping[str, str | int]
FORM = "application/x-www-form-urlencoded"
NEXT = re.compile(r'<([^<>]*)>\s*;[^<]*?\brel="?next\b')
"""The address of the next page in a header `Link` (RFC 8288)."""
GONE = frozenset({404, 410})
"""Statuses of what is not there."""
BY_ITSELF = GONE | {403, 413}
"""Statuses of a refusal that may be about one item alone."""


def untold(_: Loose) -> str:
    """Return what a refusal names of a system of which nothing is known."""
    return ""


def refusal(error: Refused, explain: Callable[[Loose], str], advice: Mapping[int, str]) -> Refused:
    """Return a refusal with what it names and what people can do about it; `explain` may raise RetryLater."""
    told = [explain(Loose.glimpse(error.body)), advice.get(error.status or 0, "")]
    return Refused("; ".join(filter(None, [str(error), *told])), status=error.status, body=error.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A part of a list."""

    rows: Sequence[Loose]
    next: str | None
    """The address of the next part, where the answer names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An API under one address."""

    http: Http
    base: str
    """Without a slash at its end."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    advice: Mapping[int, str] = field(default_factory=dict)
    """What people can do there about a refusal, by its status."""
    explain: Callable[[Loose], str] = untold
    """Returns what a refusal names, such as a field that is missing, and none of what was sent; empty where
    it names nothing. It may raise RetryLater where a refusal only means that too much was asked."""

    def get(self, path: str, params: Params | None = None) -> Loose:
        """Return what stands at a path, or at an address below ours that an answer named.

        Raises RetryLater and Refused; the latter where an address leads to another host, which must not
        learn what proves us.
        """
        return _content(self._send("GET", self._address(path, params or {}), b""))

    def find(self, path: str, params: Params | None = None, *, alive: Callable[[], object]) -> Loose | None:
        """Return what stands at a path, as `get` does; None where it was deleted.

        A proxy without its system, or a token that sees nothing any more, finds nothing either. So `alive`
        asks for what must be there, and raises Refused or RetryLater where it is not.
        """
        try:
            return self.get(path, params)
        except Refused as error:
            if error.status not in GONE:
                raise
        alive()
        return None

    def listed(self, path: str, params: Params | None = None) -> Listed:
        """Return a list that stands at a path, as `get` does, with what its header `Link` names as next.

        Raises Refused as well where it is no list.
        """
        answer = self._send("GET", self._address(path, params or {}), b"")
        content = _content(answer)
        if not isinstance(content.value, list):
            raise Refused(f"{answer.name} answered with something that is no list; is it the right address?")
        named = NEXT.search(answer.headers.get("link", ""))
        return Listed(rows=[*content], next=named[1] if named else None)

    def post(self, path: str, content: object, params: Params | None = None) -> Loose:
        """Ask a question that is too long for an address; nothing is changed by it, so it may be repeated."""
        return _content(self._send("POST", self._address(path, params or {}), json.dumps(content).encode()))

    def form(self, path: str, fields: Mapping[str, str]) -> Loose:
        """Ask as a form of a page does, which is how OAuth gives out tokens; it may be repeated, too."""
        return _content(self.answer(path, fields))

    def answer(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Ask as `form` does, and return the whole answer: signing in is answered by cookies."""
        return self._send("POST", self._address(path, {}), urlencode(fields).encode(), kind=FORM)

    def _send(self, method: str, address: str, content: bytes, *, kind: str = "application/json") -> Answer:
        typed = {"content-type": kind} if content else {}
        headers = {"accept": "application/json", **typed, **self.headers}
        try:
            answer = self.http.send(method, address, headers=headers, content=content, asks=True)
        except Refused as error:
            raise refusal(error, self.explain, self.advice) from error
        if not answer.whole:
            raise Refused(f"{answer.name} answered with more than Koe reads at once", status=413)
        if answer.is_page:
            raise Refused(f"{answer.name} answered with a page for people; is the address that of its API?")
        return answer

    def _address(self, path: str, params: Params) -> str:
        address = urljoin(f"{self.base}/", path.removeprefix("/")) if "://" not in path else path
        there, here = web_address(address, what="the address of a next page"), web_address(self.base)
        if _origin(there) != _origin(here):
            raise Refused(f"{here.name} names a next page at another address")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}" if params else address


def _origin(address: WebAddress) -> tuple[str, str, int]:
    return address.scheme, address.host, address.port


def _content(answer: Answer) -> Loose:
    """Return what an answer says. Raises RetryLater where it is no JSON."""
    try:
        return Loose.of(answer.body)
    except Exception as error:
        raise RetryLater(f"{answer.name} answered with something that is no JSON") from error


def basic(user: str, password: str) -> str:
    """Return the header `Authorization` of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def own_address(system: str, *, example: str, ja: str | None = None) -> Setting:
    """Return the setting `address` of a system of which organisations have one each, or an address each.

    Its Japanese name ends with a space where it is written in Latin letters.
    """
    label: Words = {"en": f"Address of your {system}", "ja": f"{ja or f'{system} '}のアドレス"}
    return Setting(name="address", label=label, example=example)


def api_address(usual: str) -> Setting:
    """Return the setting `address` of a system whose API stands at one address for all."""
    label: Words = {"en": "Address of the API", "ja": "API のアドレス"}
    return Setting(name="address", label=label, example=usual, default=usual)


def needed(settings: Mapping[str, str], name: str) -> str:
    """Return a setting. Raises Refused, naming it, where it is missing."""
    value = settings.get(name, "").strip()
    if not value:
        raise Refused(f"the setting {name!r} is missing")
    return value


def is_yes(settings: Mapping[str, str], name: str, *, usually: str) -> bool:
    """Return what a setting answers with yes or no. Raises Refused where it answers something else."""
    told = settings.get(name, "").strip().lower() or usually
    if told not in ("yes", "no"):
        raise Refused(f"the setting {name!r} must be yes or no")
    return told == "yes"


def base_of(settings: Mapping[str, str], name: str, *, usual: str = "") -> str:
    """Return the address that a setting holds, or the usual one, without a slash at its end.

    Raises Refused where it is none.
    """
    given = url_setting({name: settings.get(name, "").strip() or usual}, name)
    address = web_address(given)
    return f"{address.scheme}://{address.name}{urlsplit(given).path.rstrip('/')}"


def one_of_many(named: str, ask: Callable[[], Iterable[Event]]) -> Iterator[Event]:
    """Yield what asking for one item of a page tells; one that is refused by itself is left for later.

    So it holds up no other. Raises RetryLater, and Refused where all would be refused.
    """
    try:
        yield from ask()
    except Refused as error:
        if error.status not in BY_ITSELF:
            raise
        yield Changed(external_id=named)


def names_in(listed: str) -> frozenset[str]:
    """Return the names that a setting lists, in lower case, whether or not an @ stands before them."""
    return frozenset(name for name in re.split(r"[\s,、，@]+", listed.lower()) if name)


def part(value: str) -> str:
    """Return a value as one part of a path."""
    return quote(value, safe="")
