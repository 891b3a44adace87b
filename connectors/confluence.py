"""A space of Confluence Cloud as one account sees it: its pages, where drafts stand, and who may view what.

- Lists of pages go on at an address that each part names; who may not view a page is not shown it.
- Who may not view a page may not view what is below it.
- Koe's drafts end in a mark of their own, for titles are unique in a space.

Sources: developer.atlassian.com, Confluence Cloud REST v2 "Page", "Space", "Folder", v1 "Content
restrictions".
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from connectors.asking import Api, Params, base_of, basic, needed, own_address, part
from connectors.errors import Refused, RetryLater
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.ports import Setting

V1 = "wiki/rest/api"
V2 = "wiki/api/v2"
PARTS = 400
"""Of a list that is read whole."""
NEW_TOKEN = "make a new API token, and see that the e-mail address is its account's"
NO_SPACE = "is the address that of your site, and may the account view the space?"
KEY = re.compile(r"~?\w{1,255}")
ENDING = re.compile(r" \(koe-[0-9a-f]{12}\)$")
"""The end of the title of a draft of Koe's, until people give it its own."""
SITE = own_address("site", ja="サイト", example="https://example.atlassian.net")
SPACE = Setting(name="project", label={"en": "Key of the space", "ja": "スペースのキー"}, example="KB")


def ending_of(suggestion_id: str) -> str:
    """Return the end of a title, by which one page alone can have it."""
    return f" (koe-{sha256(suggestion_id.encode()).hexdigest()[:12]})"


class Space:
    """The space with the key in the setting `project`."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        token: str,
        http: Http,
        advice: Mapping[int, str],
    ) -> None:
        """Know the site, the space and the account, and what people can do about a refusal.

        Raises Refused, naming the setting, if one is wrong.
        """
        self.base = base_of(settings, "address").removesuffix("/wiki")
        self.headers = {"authorization": basic(needed(settings, "email"), token)}
        self.key = needed(settings, "project")
        if not KEY.fullmatch(self.key):
            raise Refused("the setting 'project' is no key of a space, such as KB")
        self.api = Api(http=http, base=self.base, headers=self.headers, advice=advice)

    def found(self) -> Loose:
        """Return the space. Raises Refused where there is none that the account can view."""
        for space in self.api.get(f"{V2}/spaces", {"keys": self.key})["results"].rows:
            if space["id"].id:
                return space
        raise Refused(f"the setting 'project' names {self.key!r}, which is no space the account can view")

    def drafts(self, space: Loose, told: str) -> Loose:
        """Return the page of drafts that people told of, by its title or a link. Raises Refused."""
        number = re.search(r"/pages/(\d+)", told)
        if number or is_number(told):
            found = self.page(number[1] if number else told) or Loose()
        else:
            asked: Params = {"space-id": space["id"].id or "", "title": told, "status": "current"}
            found = self.api.get(f"{V2}/pages", asked)["results"][0]
        if found["id"].id is None or found["spaceId"].id != space["id"].id:
            raise Refused("the setting 'drafts' names no page of the space that the account can view")
        return found

    def page(self, reference: str) -> Loose | None:
        """Return a page without its text; None where it was deleted."""
        page = self.api.find(f"{V2}/pages/{part(reference)}", alive=self.found)
        if page is not None and page["id"].id != reference:
            raise RetryLater("Confluence answered with something else than was asked")
        return page

    def is_restricted(self, reference: str) -> bool:
        """Say whether some of those who may view the space may not view a page, by what is said of it."""
        answered = self.api.get(f"{V1}/content/{part(reference)}/restriction/byOperation/read")
        held = answered["restrictions"]
        return any(True for kind in ("user", "group") for _ in held[kind]["results"])

    def listed(self, path: str, asked: Params) -> Iterator[Loose]:
        """Yield what a list holds, part after part."""
        answered = self.api.get(path, asked)
        for _ in range(PARTS):
            yield from answered["results"].rows
            if not (further := answered["_links"]["next"].text):
                return
            answered = self.api.get(further)
        raise Refused("a list of Confluence goes on without an end; is the address that of your site?")

    def address_of(self, number: str) -> str:
        """Return where people open a page."""
        return f"{self.base}/wiki/pages/viewpage.action?pageId={number}"
