"""What proves Koe at a Zendesk account: its address, and the API token of one who works there."""

from collections.abc import Mapping

from connectors.asking import base_of, basic, needed, own_address
from connectors.ports import Setting

ADDRESS = own_address("Zendesk", example="https://example.zendesk.com")
EMAIL = Setting(
    name="email",
    label={"en": "E-mail of the agent whose token it is", "ja": "API トークンを使う担当者のメール"},
    needed="to_fetch",
    example="agent@example.com",
)
TOKEN = Setting(name="token", label={"en": "API token", "ja": "API トークン"}, secret=True, needed="to_fetch")


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the account. Raises Refused where it is missing or none."""
    return base_of(settings, "address")


def headers_of(settings: Mapping[str, str], token: str) -> Mapping[str, str]:
    """Return what a request proves itself by. Raises Refused where the e-mail is missing."""
    return {"authorization": basic(f"{needed(settings, 'email')}/token", token.strip())}
