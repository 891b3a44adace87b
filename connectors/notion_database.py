"""One database of Notion: which it is, what properties it has, and the pages in it.

A database holds data sources, whose rows are pages. What was thrown away is in the trash and still answers;
what is not shared with the integration does not.

Sources: developers.notion.com, "Retrieve a database", "Query a data source", "Status codes"; the types of
notion-sdk-js.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from connectors.asking import Api, api_address, base_of, needed, part, untold
from connectors.errors import Refused, RetryLater
from connectors.http import Http
from connectors.loose import Loose
from connectors.ports import Pace, Setting, Words

HOME = "https://api.notion.com"
VERSION = "2025-09-03"
PACE = Pace(requests=150, seconds=60, burst=3)
"""Below the three requests a second that Notion allows."""
ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
CHOICES = ("status", "select")
NEW_SECRET = "copy the secret of the integration anew"
NOT_SHARED = "is the link right, and is the database shared with the integration (menu “…”, Connections)?"
ADDRESS = api_address(HOME)
TOKEN = Setting(name="token", label={"en": "Secret of the integration", "ja": "シークレット"}, secret=True)
DATABASE = Setting(
    name="project",
    label={"en": "Link to the database", "ja": "データベースのリンク"},
    example="https://www.notion.so/0123456789abcdef0123456789abcdef",
)
SOURCE = Setting(
    name="source",
    label={"en": "Data source, where the database has several", "ja": "データソース名（複数あるとき）"},
    needed="never",
)


def marker_setting(usual: str) -> Setting:
    """Return the setting `marker`: the property that tells pages of Koe's."""
    label: Words = {"en": "Text property for Koe's mark", "ja": "目印を入れるテキストのプロパティ"}
    return Setting(name="marker", label=label, needed="never", default=usual)


def status_setting(usual: str) -> Setting:
    """Return the setting `status`: the property that tells how a page stands."""
    label: Words = {"en": "Property of the status", "ja": "ステータスのプロパティ"}
    return Setting(name="status", label=label, needed="never", default=usual)


class Database:
    """A data source of the database in the setting `project`, as an integration sees it."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        token: str,
        http: Http,
        advice: Mapping[int, str],
        explain: Callable[[Loose], str] = untold,
    ) -> None:
        """Know the database, and what people can do about a refusal.

        Raises Refused, naming the setting, if one is wrong.
        """
        self.base = base_of(settings, "address", usual=HOME)
        self.headers = {"authorization": f"Bearer {token}", "notion-version": VERSION}
        self._database = _id_in(needed(settings, "project"))
        self._source_name = settings.get("source", "").strip()
        self.api = Api(http=http, base=self.base, headers=self.headers, advice=advice, explain=explain)

    @cached_property
    def source(self) -> str:
        """The id of the data source. Raises Refused where it must be named."""
        answered = self.api.get(f"v1/databases/{self._database}")
        there = {source["name"].text or "": source["id"].id for source in answered["data_sources"]}
        if not there:
            raise RetryLater("Notion told of no data source of the database")
        if self._source_name:
            fitting = [number for name, number in there.items() if name == self._source_name]
        else:
            fitting = [*there.values()] if len(there) == 1 else []
        if not fitting or fitting[0] is None:
            names = ", ".join(filter(None, there)) or "none with a name"
            raise Refused(f"the setting 'source' must name a data source of the database: {names}")
        return fitting[0]

    def described(self) -> Loose:
        """Return the data source with its properties."""
        source = self.api.get(f"v1/data_sources/{part(self.source)}")
        if not source["properties"].is_object:
            raise RetryLater("Notion told nothing of the database's properties")
        if source["in_trash"].flag:
            raise Refused("the database is in the trash there")
        return source

    def query(self, asked: Mapping[str, object]) -> Loose:
        """Return a part of the pages."""
        return self.api.post(f"v1/data_sources/{part(self.source)}/query", asked)


def plain_of(pieces: Loose) -> str:
    """Return what pieces of text say together."""
    return "".join(piece["plain_text"].text or "" for piece in pieces)


def names_in(properties: Loose) -> Sequence[str]:
    """Return what the properties of a database or a page are called."""
    return [str(name) for name in properties.value] if isinstance(properties.value, dict) else []


def title_in(properties: Loose) -> str:
    """Return what the property is called that holds titles. Raises Refused where there is none."""
    for name in names_in(properties):
        if properties[name]["type"].text == "title":
            return name
    raise Refused("the database has no title that Koe can see")


def options_of(held: Loose) -> Sequence[str]:
    """Return what can be chosen in a property."""
    kind = held["type"].text or ""
    return [name for option in held[kind]["options"] if (name := option["name"].text)]


def chosen_in(held: Loose) -> str:
    """Return what is chosen in a page's property; empty where nothing is."""
    return next((found for kind in CHOICES if (found := held[kind]["name"].text)), "")


def must_have_one(done: Sequence[str], options: Sequence[str], status: str) -> None:
    """Raise Refused where none of these statuses can be chosen."""
    if not set(done) & set(options):
        raise Refused(f"the setting 'done' names none of the statuses of {status!r}: {', '.join(options)}")


def by(timestamp: str, direction: str) -> Mapping[str, str]:
    """Return how pages are sorted."""
    return {"timestamp": timestamp, "direction": direction}


def _id_in(told: str) -> str:
    """Return the id in a link to a database, or the id itself."""
    found = ID.findall(told.partition("?")[0])
    if not found:
        raise Refused("the setting 'project' holds no link to a database of Notion")
    return str(found[-1]).replace("-", "")
