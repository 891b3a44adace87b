"""Where a Zammad stands, and what proves Koe there."""

from collections.abc import Mapping

from connectors.asking import base_of, own_address

ADDRESS = own_address("Zammad", example="https://support.example.com")
API = "/api/v1"
NEW_TOKEN = (
    "make a new token (your avatar › Profile › Token Access), and see that Settings › System › API allows "
    "access by token"
)
NO_ZAMMAD = "see whether this is the address of your Zammad"


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the server. Raises Refused where it is missing or none."""
    return base_of(settings, "address").removesuffix(API)


def headers_of(token: str) -> Mapping[str, str]:
    """Return what a request proves itself by."""
    return {"authorization": f"Token token={token.strip()}"}
