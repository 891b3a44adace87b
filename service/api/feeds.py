"""`/feeds/suggestions.atom`: new and changed suggestions for feed readers (RFC 4287)."""

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from service.access.caching import versioned
from service.api.deps import ReaderDep, SessionDep
from service.api.documents import html_of, title_of
from service.api.fields import NONE, Text, changed, one_of, stamp
from service.api.problems import ALWAYS, Responses, single
from service.api.suggestions import AUDIENCES
from service.models import Suggestion
from service.models.suggestion import ACTIONS, STATUSES
from service.repositories import followed
from service.repositories.changes import Wanted

router = APIRouter(prefix="/feeds", tags=["feeds"], responses=ALWAYS)

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
LENGTH = 100
"""Entries, the newest first."""
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed last changed that holds nothing."""


class FeedQuery(BaseModel):
    """Which suggestions."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[Text, *one_of(ACTIONS)] = Field(default=None, examples=["write_article"])
    lang: Text = Field(default=None, examples=["ja"])
    audience: Annotated[Text, *one_of(AUDIENCES)] = Field(default=None, examples=["public"])
    status: Annotated[Text, *one_of(STATUSES)] = Field(default=None, examples=["open"])


RESPONSES: Responses = {
    304: single()[304],
    200: {
        **single()[200],
        "description": "The feed.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    },
}


@router.get(
    "/suggestions.atom",
    summary="Read suggestions as a feed",
    response_class=Response,
    responses=RESPONSES,
    openapi_extra={"security": [{"token": []}, {"password": []}]},
)
def read_feed(
    request: Request, caller: ReaderDep, session: SessionDep, query: Annotated[FeedQuery, Query()]
) -> Response:
    """The hundred that changed last. A feed reader sends a read token as the password of HTTP Basic, with any
    user name."""
    given = query.model_dump(exclude_none=True)
    filters = {name: None if value == NONE else value for name, value in given.items()}
    wanted = Wanted(limit=LENGTH, filters=filters, newest_first=True)
    suggestions = followed.suggestions(session, caller.organisation_id, wanted)
    site = (request.app.state.settings.public_url or str(request.base_url)).rstrip("/")
    self_link = f"{site}/feeds/suggestions.atom" + (f"?{request.url.query}" if request.url.query else "")
    content = feed(session, suggestions, site=site, self_link=self_link, name=caller.organisation_id)
    return versioned(request, content, media_type=f"{MEDIA_TYPE}; charset=utf-8")


def feed(session: Session, suggestions: list[Suggestion], *, site: str, self_link: str, name: str) -> bytes:
    """Return a feed of suggestions; its id and theirs stay what they are, wherever Koe is reached."""
    root = Element("feed", {"xmlns": ATOM})
    _add(root, "id", _id("feed", name, self_link.partition("?")[2]))
    _add(root, "title", "Koe")
    _add(root, "updated", stamp(max(map(changed, suggestions), default=BEGINNING)))
    _add(root, "link", rel="self", href=self_link, type=MEDIA_TYPE)
    _add(root, "link", rel="alternate", href=f"{site}/suggestions", type="text/html")
    _add(_add(root, "author"), "name", "Koe")
    for suggestion in suggestions:
        _add_entry(root, session, suggestion, site)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(root: Element, session: Session, suggestion: Suggestion, site: str) -> None:
    entry = _add(root, "entry")
    entry.set("xml:lang", suggestion.lang)
    page = f"{site}/suggestions/{quote(suggestion.id, safe='')}"
    _add(entry, "id", _id("suggestion", suggestion.organisation_id, suggestion.id))
    _add(entry, "title", title_of(session, suggestion))
    _add(entry, "updated", stamp(changed(suggestion)))
    _add(entry, "link", rel="alternate", href=page, type="text/html")
    for term in (suggestion.action, suggestion.status):
        _add(entry, "category", term=term)
    _add(entry, "content", html_of(suggestion), type="html")


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add an element; what no XML may hold becomes the character that stands for what cannot be shown."""
    shown = {key: NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
    added = SubElement(parent, name, shown)
    added.text = NOT_XML.sub("\ufffd", text) or None
    return added


def _id(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, " ".join(("koe", *parts))).urn
