"""Freshdesk's solutions: articles in folders, which stand in categories and in other folders.

Articles are listed folder by folder, with tags and text; nothing lists them all. Who sees an article is said
by its folder.

Source: developers.freshdesk.com/api, "Solution Category", "Solution Folder", "Solution Article".
"""

from collections.abc import Iterator, Mapping

from connectors.asking import Api, base_of, basic, own_address, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Setting

SOLUTIONS = "api/v2/solutions"
DRAFT, PUBLISHED = 1, 2
AGENTS = 3
"""The visibility of a folder that agents alone see."""
PAGES = 100
"""Of a list, a hundred each."""
DEEPEST = 5
"""Folders in folders."""
NEW_KEY = "copy the API key anew from Profile settings"
NO_SOLUTIONS = "is the address that of your Freshdesk, and has it solutions?"
ADDRESS = own_address("Freshdesk", example="https://example.freshdesk.com")
KEY = Setting(name="key", label={"en": "API key", "ja": "API キー"}, secret=True)


def address_of(settings: Mapping[str, str]) -> str:
    """Return the address of the account. Raises Refused where it is missing or none."""
    return base_of(settings, "address").removesuffix("/api/v2")


def headers_of(key: str) -> Mapping[str, str]:
    """Return what a request proves itself by."""
    return {"authorization": basic(key.strip(), "X")}


class Solutions:
    """All folders and what is in them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def folders(self) -> Iterator[tuple[str, Loose]]:
        """Yield all folders, each with the name of its category."""
        for category in self._listed(f"{SOLUTIONS}/categories"):
            place = f"{SOLUTIONS}/categories/{part(category['id'].id or '')}/folders"
            for folder in self._listed(place):
                for one in self._with_those_in(folder, DEEPEST):
                    yield category["name"].text or "", one

    def articles(self, folder: Loose, language: str = "") -> Iterator[Loose]:
        """Yield the articles of a folder, in another language than the first one where it is named."""
        place = f"{SOLUTIONS}/folders/{part(folder['id'].id or '')}/articles"
        return self._listed(f"{place}/{part(language)}" if language else place)

    def _with_those_in(self, folder: Loose, depth: int) -> Iterator[Loose]:
        yield folder
        if depth and folder["sub_folders_count"].number:
            for one in self._listed(f"{SOLUTIONS}/folders/{part(folder['id'].id or '')}/subfolders"):
                yield from self._with_those_in(one, depth - 1)

    def _listed(self, place: str) -> Iterator[Loose]:
        for number in range(1, PAGES + 1):
            found = self._api.listed(place, {"page": number, "per_page": 100})
            yield from found.rows
            if found.next is None:
                return
        raise Refused("a list of Freshdesk goes on without an end; is the address right?")
