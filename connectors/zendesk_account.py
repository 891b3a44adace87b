"""What proves Koe at a Zendesk account, an agent's API token, and the lists of its help centre."""

from collections.abc import Iterator, Mapping

from connectors.asking import Api, base_of, basic, needed, own_address
from connectors.loose import Loose
from connectors.ports import Setting

ADDRESS = own_address("Zendesk", example="https://example.zendesk.com")
EMAIL = Setting(
    name="email",
    label={"en": "E-mail of the agent whose token it is", "ja": "API トークンを使う担当者のメール"},
    needed="to_fetch",
    example="agent@example.com",
)
TOKEN = Setting(name="token", label={"en": "API token", "ja": "API トークン"}, secret=True, needed="to_fetch")


CENTRE = "/api/v2/help_center"
PAGES = 20
"""Of a list, a hundred each."""


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the account. Raises Refused where it is missing or none."""
    return base_of(settings, "address")


def headers_of(settings: Mapping[str, str], token: str) -> Mapping[str, str]:
    """Return what a request proves itself by. Raises Refused where the e-mail is missing."""
    return {"authorization": basic(f"{needed(settings, 'email')}/token", token.strip())}


def listed(api: Api, path: str, name: str, asked: Mapping[str, str | int] | None = None) -> Iterator[Loose]:
    """Yield what a list of the help centre holds under a name, page by page."""
    after: str | None = None
    for _ in range(PAGES):
        place: Mapping[str, str | int] = {"page[after]": after} if after else {}
        found = api.get(path, {"page[size]": 100, **(asked or {}), **place})
        yield from found[name]
        after = found["meta"]["after_cursor"].text
        if after is None or not found["meta"]["has_more"].flag:
            return
