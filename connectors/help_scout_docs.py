"""The Docs of Help Scout: articles in collections, which customers or one's own people alone read.

Lists hold an article's name, slug and state, neither its text nor its keywords.

Source: developer.helpscout.com, Docs API: "List Articles", "ArticleRef Object", "Collection Object".
"""

from collections.abc import Iterator, Mapping

from connectors.asking import Api, Params, api_address, base_of, basic, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Setting

HOME = "https://docsapi.helpscout.net/v1"
PAGES = 200
"""Of a list, a hundred each."""
NEW_KEY = "copy the Docs API key anew (Your profile › Authentication › API Keys)"
ADDRESS = api_address(HOME)
KEY = Setting(name="key", label={"en": "Docs API key", "ja": "Docs の API キー"}, secret=True)


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the API. Raises Refused where it is none."""
    return base_of(settings, "address", usual=HOME)


def headers_of(key: str) -> Mapping[str, str]:
    """Return what a request proves itself by."""
    return {"authorization": basic(key.strip(), "X")}


class Docs:
    """All collections and what is in them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def collections(self) -> Iterator[Loose]:
        """Yield all collections, private ones among them."""
        return self._rows("collections", "collections", {"visibility": "all"})

    def categories(self, collection: Loose) -> Iterator[Loose]:
        """Yield the categories of a collection."""
        return self._rows(f"{_place(collection)}/categories", "categories", {})

    def articles(self, collection: Loose) -> Iterator[Loose]:
        """Yield the articles of a collection, those that changed last first."""
        asked: Params = {"status": "all", "sort": "updatedAt", "order": "desc"}
        return self._rows(f"{_place(collection)}/articles", "articles", asked)

    def numbered(self, collection: Loose) -> Iterator[Loose]:
        """Yield parts of the list of a collection's articles in the order in which they were made."""
        asked: Params = {"status": "all", "sort": "number", "order": "asc"}
        return self._parts(f"{_place(collection)}/articles", "articles", asked)

    def _rows(self, place: str, name: str, asked: Params) -> Iterator[Loose]:
        for found in self._parts(place, name, asked):
            yield from found["items"].rows

    def _parts(self, place: str, name: str, asked: Params) -> Iterator[Loose]:
        for number in range(1, PAGES + 1):
            found = self._api.get(place, {**asked, "page": number, "pageSize": 100})[name]
            yield found
            if (found["pages"].number or 0) <= number:
                return
        raise Refused("a list of Help Scout goes on without an end; is the address right?")


def _place(collection: Loose) -> str:
    return f"collections/{part(collection['id'].text or '')}"
