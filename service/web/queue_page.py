"""What the writers' queue shows: one suggestion with its draft, where it stands, and what was done before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from nlp.redact import redact
from nlp.revision import revised
from service.access.caller import Caller
from service.access.visit import NOBODY
from service.errors import NotFound
from service.models import Article, Suggestion, Theme
from service.pipeline import decide, rewrite
from service.pipeline.rewrite import Text
from service.repositories import citations, owners, queue, tallies
from service.repositories import suggestions as suggestion_repository
from service.repositories import themes as theme_repository
from service.repositories.queue import MINE, WRITTEN, Wanted
from service.rules.differences import Difference, difference
from service.web.deps import SessionDep
from service.web.draft import Block, drafted, sources_of
from service.web.forms import Dismissal
from service.web.items import Name
from service.web.language import LANGUAGES
from service.web.page import CallerDep, Pages, PagesDep
from service.web.reasons import kind_behind, told

DONE = ("accepted", "dismissed", "later", "back", "saved", "unsaved", "decided", "merged", "sent")
"""What the page may say that was done."""
LATER_COOKIE = "koe_later"
SHORT = 16
"""Letters by which the cookie knows a suggestion."""
MOST_REDACTED = 20_000
"""Characters of a person's own that are looked through for what is personal while a page is shown."""
FILTERS = ("action", "lang", "base", "whose")
ON_ARTICLES = ("edit_article", "make_findable", "resolve_contradiction")


class QueueQuery(BaseModel):
    """The filters of the queue, as they stand in its address, and what was just done."""

    action: Name = ""
    lang: Name = ""
    base: Name = ""
    whose: Name = ""
    done: Name = ""
    """The suggestion that something was done to …"""
    did: Name = ""
    """… and what: one of `DONE`."""
    edit: Name = ""
    """Not empty while somebody writes: `draft`, or `article` to begin from the article as it stands."""

    @property
    def filters(self) -> dict[str, str]:
        """Return the filters that are set."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody works through the queue: who, with which filters, and by what they are answered."""

    request: Request
    pages: Pages
    session: Session
    caller: Caller
    query: QueueQuery

    @property
    def organisation_id(self) -> str:
        """Whose queue it is."""
        return self.caller.organisation_id

    def take(self, suggestion_id: str) -> Suggestion | None:
        """Return a suggestion that nobody else changes until the transaction ends; None if it is gone."""
        try:
            return suggestion_repository.lock_suggestion(self.session, self.organisation_id, suggestion_id)
        except NotFound:
            return None


def desk_of(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: Annotated[QueueQuery, Query()],
) -> Desk:
    """Return the desk that a request comes from."""
    return Desk(request=request, pages=pages, session=session, caller=caller, query=query)


DeskDep = Annotated[Desk, Depends(desk_of)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for somebody, in its order."""

    ids: Sequence[str]
    later: Sequence[str]
    """What this person has put off until tomorrow; it is not among the others."""
    is_person: bool
    """True where themes can be the caller's."""

    def after(self, suggestion_id: str, wish: str = "") -> str | None:
        """Return what comes after a suggestion, or `wish` where that waits still; None where nothing does."""
        others = [one for one in self.ids if one != suggestion_id]
        if wish in others:
            return wish
        if suggestion_id in self.ids and (place := self.ids.index(suggestion_id)) < len(others):
            return others[place]
        return others[0] if others else None

    def before(self, suggestion_id: str) -> str | None:
        """Return what comes before a suggestion; None before the first."""
        place = self.ids.index(suggestion_id) if suggestion_id in self.ids else 0
        return self.ids[place - 1] if place else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A draft that somebody is writing on."""

    text: Text
    seen: str
    """The mark of the draft that it began from."""
    error: str = ""
    """The key of what is wrong."""
    theirs: Difference | None = None
    """What somebody else has written meanwhile, and what differs here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page is to show beyond what is stored."""

    suggestion_id: str | None
    status: int = 200
    dismissal: Dismissal = field(default_factory=Dismissal)
    writing: Writing | None = None
    gone: bool = False


def queue_of(desk: Desk) -> Queue:
    """Return what waits for whoever asks."""
    caller, query = desk.caller, desk.query
    people = {person.id for person in owners.may_own(desk.session, desk.organisation_id)}
    is_person = caller.id in people
    wanted = Wanted(
        action=query.action,
        lang=query.lang,
        base=query.base,
        person_id=caller.id if is_person and query.whose in ("", MINE) else "",
    )
    put_off = later_of(desk.request)
    found = queue.waiting(desk.session, desk.organisation_id, wanted)
    return Queue(
        ids=[one for one in found if one[:SHORT] not in put_off],
        later=[one for one in found if one[:SHORT] in put_off],
        is_person=is_person,
    )


def later_of(request: Request) -> list[str]:
    """Return what this browser's cookie says was put off, by the beginnings of the ids."""
    return [one for one in request.cookies.get(LATER_COOKIE, "").split(".") if one.isalnum()]


def show(desk: Desk, shown: Shown) -> Response:
    """Return the page of the queue."""
    session, organisation_id, query = desk.session, desk.organisation_id, desk.query
    t, waits = desk.pages.language(desk.request), queue_of(desk)
    asked = shown.suggestion_id
    current = asked or (None if shown.gone else next(iter(waits.ids), None))
    values: dict[str, object] = {
        "waits": waits,
        "query": query,
        "gone": shown.gone,
        "told": _done(session, organisation_id, query),
        "actions": [(name, t(f"action.{name}")) for name in WRITTEN],
        "languages": [(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        "bases": [(one.id, one.name) for one in queue.bases(session, organisation_id)],
        "any": bool(suggestion_repository.find(session, organisation_id, limit=1)[1]),
    }
    if current is not None:
        suggestion = suggestion_repository.get_suggestion(session, organisation_id, current)
        values |= _one(desk, suggestion, shown.writing)
        values |= {
            "place": waits.ids.index(current) + 1 if current in waits.ids else None,
            "next": waits.after(current),
            "previous": waits.before(current),
            "reasons": [(told(t, reason), kind_behind(reason)) for reason in suggestion.reasons],
        }
    return desk.pages.show(
        desk.request, "queue.html", status=shown.status, dismissal=shown.dismissal, one=current, **values
    )


def _one(desk: Desk, suggestion: Suggestion, writing: Writing | None) -> dict[str, object]:
    session, organisation_id, draft = desk.session, desk.organisation_id, suggestion.draft or {}
    theme = suggestion_repository.theme_of(session, suggestion)
    article = suggestion_repository.article_of(session, suggestion)
    sources = sources_of(session, organisation_id, suggestion.draft)
    article_text = article.body if article and draft.get("whole") else ""
    blocks = drafted(suggestion.draft, sources, article=article_text)
    written_by = draft.get("written", {}).get("by")
    is_open = suggestion.status in decide.UNDECIDED and not (theme.retired or theme.ignored)
    if writing is None and desk.query.edit and is_open and draft:
        writing = _begun(suggestion, article, desk.query.edit)
    return {
        "suggestion": suggestion,
        "theme": theme,
        "now_theme": theme_repository.current_theme(session, organisation_id, theme.id),
        "figures": tallies.stored(session, organisation_id, [theme], zone=desk.pages.zone(desk.request))[0],
        "weighed": queue.weighed(session, organisation_id),
        "is_open": is_open,
        "article": article,
        "synced_at": article and queue.synced_at(session, article),
        "moved_on": article is not None and draft.get("article_version", article.version) != article.version,
        "is_whole": bool(draft.get("whole")),
        "takers": list(decide.takers(session, suggestion)),
        "stale": bool(citations.stale(session, organisation_id, [suggestion])),
        "is_written": rewrite.is_written(suggestion),
        "written_by": written_by if written_by not in NOBODY else "",
        "written_at": datetime.fromisoformat(draft["written"]["at"]) if "written" in draft else None,
        "blocks": blocks,
        "is_personal": _is_personal(draft, blocks),
        "sources": list(sources.values()),
        "writing": writing,
        "changes": None if writing else _changes(suggestion, article),
        "on_article": suggestion.action in ON_ARTICLES,
    }


def _is_personal(draft: Mapping[str, Any], blocks: Sequence[Block]) -> bool:
    """Say whether what a person wrote holds what looks personal: it would go to whoever reads the article."""
    title = draft.get("title", "") if draft.get("made", draft).get("title") != draft.get("title") else ""
    pieces = (piece for block in blocks for line in block.lines for piece in line.pieces)
    own = "\n".join([title, *(piece.text for piece in pieces if piece.own)])
    return bool(redact(own[:MOST_REDACTED], recognizers={}).found)


def _begun(suggestion: Suggestion, article: Article | None, edit: str) -> Writing:
    """Return what somebody begins to write with."""
    draft: Mapping[str, Any] = suggestion.draft or {}
    version = article.version if article else ""
    text = Text(
        title=draft["title"],
        body=draft["body"],
        whole=bool(draft.get("whole")),
        based=draft.get("article_version", version),
    )
    if edit == "article" and article is not None:
        text = Text(title=article.title, body=_revised(article, suggestion), whole=True, based=version)
    return Writing(text=text, seen=rewrite.mark(draft))


def _changes(suggestion: Suggestion, article: Article | None) -> Difference | None:
    """Return what the draft would change about the article; None where that cannot be told."""
    draft = suggestion.draft
    if draft is None or article is None or suggestion.action not in ON_ARTICLES:
        return None
    if draft.get("whole"):
        return difference(article.body, draft["body"])
    return difference(article.body, _revised(article, suggestion))


def _revised(article: Article, suggestion: Suggestion) -> str:
    draft = suggestion.draft or {}
    brief = draft["made"] if draft.get("whole") else draft
    return revised(article.body, brief["body"], lang=suggestion.lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was done just now."""

    did: str
    suggestion: Suggestion
    theme: Theme
    now_theme: Theme
    """What the theme is part of by now, or the theme itself."""
    targets: Sequence[str]
    """Where it is sent, if it was accepted."""


def _done(session: Session, organisation_id: str, query: QueueQuery) -> Told | None:
    """Return what the address says was done; None where it says nothing that can be."""
    if query.did not in DONE or not query.done:
        return None
    try:
        suggestion = suggestion_repository.get_suggestion(session, organisation_id, query.done)
    except NotFound:
        return None
    theme = suggestion_repository.theme_of(session, suggestion)
    return Told(
        did=query.did,
        suggestion=suggestion,
        theme=theme,
        now_theme=theme_repository.current_theme(session, organisation_id, theme.id),
        targets=list(decide.sent_to(session, suggestion)) if query.did == "accepted" else (),
    )
