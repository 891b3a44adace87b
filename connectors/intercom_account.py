"""What proves Koe at an Intercom workspace, and the lists of its help centre."""

from collections.abc import Iterator, Mapping

from connectors.asking import Api, base_of
from connectors.loose import Loose
from connectors.ports import Setting

VERSION = "2.15"
REGIONS = {
    "https://api.intercom.io": "https://app.intercom.com",
    "https://api.eu.intercom.io": "https://app.eu.intercom.com",
    "https://api.au.intercom.io": "https://app.au.intercom.com",
}
"""Where people open what lies behind each address of the API."""
USUAL = "https://api.intercom.io"
ADDRESS = Setting(
    name="address",
    label={"en": "Address of the API in your region", "ja": "リージョンの API アドレス"},
    example="https://api.eu.intercom.io",
    choices=tuple(REGIONS),
    default=USUAL,
)
TOKEN = Setting(
    name="token",
    label={"en": "Access token", "ja": "アクセストークン"},
    secret=True,
    needed="to_fetch",
)
MOST = 150
"""Of a page of a list."""
PAGES = 40


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the API. Raises Refused where it is none."""
    return base_of(settings, "address", usual=USUAL)


def headers_of(token: str) -> Mapping[str, str]:
    """Return what a request proves itself by."""
    return {"authorization": f"Bearer {token.strip()}", "intercom-version": VERSION}


def advice_on(what: str) -> Mapping[int, str]:
    """Return what people can do about a refusal, where the app must be allowed to do so much."""
    return {
        401: "copy the access token anew from Configure › Authentication of your app, and see that the "
        "address is that of your region",
        403: f"let the app {what} (Configure › Authentication › Edit), and see that your plan has the API",
    }


def listed(api: Api, path: str) -> Iterator[Loose]:
    """Yield what a list holds, page by page; of articles those that changed last come first."""
    for number in range(1, PAGES + 1):
        found = api.get(path, {"page": number, "per_page": MOST})
        yield from found["data"].rows
        if not has_more(found, number):
            return


def has_more(found: Loose, number: int) -> bool:
    """Say whether a page follows this one of a list."""
    return any(found["data"]) and (found["pages"]["total_pages"].number or 0) > number
