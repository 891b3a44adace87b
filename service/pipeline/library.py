"""The articles of an organisation, by what an agent writes to point to one."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sqlmodel import Session

from service.models import Article
from service.repositories import articles as article_repository
from service.repositories.articles import View
from service.repositories.coverage import can_be_read
from service.repositories.sources import list_sources

ADDRESS = re.compile(r"https?://[^\s<>\"'()（）」』\]]+")
LANGUAGE = re.compile(
    r"/(?:[a-z]{2}[-_][a-zA-Z]{2,4}|ar|bg|ca|cs|da|de|el|en|es|et|fi|fr|he|hr|hu|id|it|ja|ko|lt|lv|ms|nl|no|pl"
    r"|pt|ro|ru|sk|sl|sr|sv|th|tr|uk|vi|zh)(?=/)"
)
"""A part of a path that names a language: whoever links to a page may leave it out, or read another one."""
NAMED = re.compile(r"(/(?:articles/\d+(?=-)|pages/\d+(?=/))).*$")
"""The number of an article in a path, and what follows: its title, which may have been another one."""
ENDING = ".,。、"
SHORTEST_TITLE = 6
"""Characters of a title that nobody writes by chance."""
FEWEST_OF_A_SHELF = 3
"""Articles in one folder of a site, from which on what is missing there was an article too."""


class Pointing(NamedTuple):
    """What a reply points to."""

    articles: frozenset[str]
    """The ids of articles."""
    gone: bool
    """True where it points to a page of the help centre that is no article, or none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The articles that somebody can read."""

    articles: Mapping[str, Article]
    sources: Mapping[str, str]
    """Names of sources by their ids."""
    addresses: Mapping[str, str]
    """Ids of articles by their addresses."""
    shelves: frozenset[str]
    """Where on which sites articles stand."""
    titles: Mapping[str, str]
    """Ids of articles by their titles."""
    views: Mapping[str, Sequence[View]]
    """Who looked at which article, by its id."""
    audience: str
    """Who the help centre is for: only its articles count, and new ones are for the same people."""

    def pointed_to(self, text: str) -> Pointing:
        """Return which articles a reply links to or names by their titles."""
        links = {address: self._article_at(address) for address in map(_address, ADDRESS.findall(text))}
        known = {article_id for article_id in links.values() if article_id}
        named = {article_id for title, article_id in self.titles.items() if title in text}
        gone = any(_shelf(address) in self.shelves for address, found in links.items() if not found)
        return Pointing(articles=frozenset(known | named), gone=gone)

    def _article_at(self, address: str) -> str | None:
        return self.addresses.get(address) or self.addresses.get(_bare(address))

    def still_there(self, session: Session, organisation_id: str) -> "Library":
        """Return it without what was withdrawn meanwhile; the rest stays until the transaction ends."""
        there = article_repository.ids(session, organisation_id)
        return replace(
            self,
            articles={one.id: one for one in self.articles.values() if one.id in there},
            addresses={address: one for address, one in self.addresses.items() if one in there},
            titles={title: one for title, one in self.titles.items() if one in there},
        )


def library(session: Session, organisation_id: str) -> Library:
    """Return the articles of an organisation that somebody can read."""
    sources = {one.id: one.name for one in list_sources(session, organisation_id)}
    everything = article_repository.list_articles(session, organisation_id)
    return library_of(everything, sources, article_repository.views(session, organisation_id))


def library_of(
    everything: Sequence[Article], sources: Mapping[str, str], views: Iterable[View] = ()
) -> Library:
    """Return those of these articles that somebody can read; `sources` are names by id."""
    articles = {one.id: one for one in everything if can_be_read(one.status)}
    audiences = {one.audience for one in articles.values()}
    return Library(
        articles=articles,
        sources=sources,
        addresses=_addresses(articles.values()),
        shelves=_shelves(one.url for one in everything if one.url),
        views=_views(articles.values(), views),
        titles={one.title: one.id for one in articles.values() if len(one.title) >= SHORTEST_TITLE},
        audience="internal" if audiences == {"internal"} else "public",
    )


def _addresses(articles: Iterable[Article]) -> dict[str, str]:
    """Return the ids of articles by their addresses, and by these without the language."""
    whole = {_address(one.url): one.id for one in articles if one.url}
    return {_bare(address): article_id for address, article_id in whole.items()} | whole


def _views(articles: Iterable[Article], views: Iterable[View]) -> dict[str, list[View]]:
    names: dict[str, str] = {}
    for one in articles:
        names |= dict.fromkeys((one.title, one.external_id, *([one.url] if one.url else [])), one.id)
    found: dict[str, list[View]] = defaultdict(list)
    for view in views:
        if view.article in names:
            found[names[view.article]].append(view)
    return found


def _shelves(urls: Iterable[str]) -> frozenset[str]:
    counts = Counter(_shelf(_address(url)) for url in urls)
    return frozenset(shelf for shelf, articles in counts.items() if articles >= FEWEST_OF_A_SHELF)


def _shelf(address: str) -> str:
    return _bare(address).rpartition("/")[0]


def _bare(address: str) -> str:
    return LANGUAGE.sub("", address)


def _address(url: str) -> str:
    """Return an address without what may differ between two links to one page.

    A place within a page is such a thing, and so is its title behind its number. A path after the sign of a
    place is not: there a program shows another page.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that belongs to no address
        return url
    path = f"{parts.path}#{parts.fragment}" if "/" in parts.fragment else parts.path
    bare = NAMED.sub(r"\1", unquote(path)).rstrip(ENDING).rstrip("/")
    return f"{parts.netloc.lower().removeprefix('www.')}{bare}"
