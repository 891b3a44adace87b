"""Voices as the pages show them: items by what is wanted of them, and one item in full."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, or_, true
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from nlp.glossary import Glossary
from service.errors import NotFound
from service.models import Assignment, Coverage, Item, Message, Source, Span, Theme
from service.models.item import CONTACT_CHANNELS
from service.repositories import touchpoints
from service.repositories.among import among
from service.repositories.answers import finds_answer_in
from service.repositories.assignments import in_theme, item_themes
from service.repositories.glossary import glossary
from service.repositories.runs import live_run
from service.repositories.slices import in_slice
from service.repositories.tones import Severity, Tone
from service.repositories.tones import wanted as told_as

Only = Literal["", "themed", "unthemed", "ignored", "counted", "aside", "empty", "spam", "bot"]
"""In a theme or in none; of no interest, as a person said; neither that nor set aside, as measures count; set
aside for any reason, or for this one."""
Met = Literal["", "low", "high"]
ASIDE = ("empty", "spam", "bot")
MOST = 100_000
"""So many are counted of those that are wanted; of more it is only said that they are more."""
REACHED_OUT = "contact"
"""In the place of a channel: all those by which a customer reaches out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which voices are meant: those that pass every filter given."""

    words: str = ""
    """Each, or what the glossary says means it, is in the text; or the whole is the item's external id."""
    source: str = ""
    """The source's name."""
    channel: str = ""
    """A channel, or `contact` for every one by which customers reach out."""
    only: Only = ""
    theme_id: str = ""
    """A theme or sub-theme in which the live run put a span of the item."""
    kind: str = ""
    """The kind of a span of the item; with a theme, of one that is in it."""
    severity: Severity = ""
    tone: Tone = ""
    """How bad it is what that span says, and how it sounds."""
    article_id: str = ""
    """The article in which the item most probably finds its answer."""
    customer_id: str = ""
    account_id: str = ""
    layer: str = ""
    """Where it was heard, or `unknown`."""
    moment: str = ""
    """In which moment of truth, or `unknown`."""
    met: Met = ""
    """Of an account that was heard at this layer in the same days, too."""
    slice: str = ""
    """A slice like `plan:Standard`."""
    since: datetime | None = None
    until: datetime | None = None
    """Items that came, or in which the customer wrote again, from `since` on and before `until`."""
    began: bool = False
    """Only those that came then."""


class VoiceRow(NamedTuple):
    """An item in a list."""

    item: Item
    source: str
    theme: Theme | None
    """What most of it is about."""
    said: list[Span]
    """What its customer says: its spans, only those in the theme where one was asked for."""


class Said(NamedTuple):
    """A span with where it was heard, and what it is about."""

    span: Span
    item: Item
    source: str
    theme: Theme | None


class FullVoice(NamedTuple):
    """An item with everything that is known of it."""

    item: Item
    source: str
    messages: list[Message]
    spans: list[tuple[Span, Theme | None]]
    coverage: Coverage | None


def search(
    session: Session, organisation_id: str, wanted: Wanted, *, limit: int, offset: int = 0
) -> tuple[list[VoiceRow], int]:
    """Return the items that are wanted, newest first, and how many there are, up to `MOST` and one."""
    run = live_run(session, organisation_id)
    obeyed = glossary(session, organisation_id) if wanted.words.strip() else Glossary()
    conditions = _conditions(organisation_id, wanted, obeyed, run_id=run.id if run else "")
    query = select(Item, Source.name).join(Source, col(Source.id) == col(Item.source_id)).where(*conditions)
    ordered = query.order_by(col(Item.created_at).desc(), col(Item.id).collate("C"))
    found = list(session.exec(ordered.limit(limit).offset(offset)))
    some = select(Item.id).where(*conditions)
    if wanted.source or wanted.layer or wanted.moment:
        some = some.join(Source, col(Source.id) == col(Item.source_id))
    total = session.exec(select(func.count()).select_from(some.limit(MOST + 1).subquery())).one()
    ids = [item.id for item, _ in found]
    about = item_themes(session, organisation_id, ids)
    themes = {theme.id: theme for theme in session.exec(_themes(organisation_id, set(about.values())))}
    said = _said(session, organisation_id, wanted.theme_id, ids, run_id=run.id if run else "")
    return [
        VoiceRow(item, source, themes.get(about.get(item.id, "")), said[item.id]) for item, source in found
    ], total


def said(session: Session, organisation_id: str, span_ids: Collection[str]) -> dict[str, Said]:
    """Return those of these spans that are there, each with its item and its theme, by id."""
    run = live_run(session, organisation_id)
    put = and_(col(Assignment.span_id) == col(Span.id), col(Assignment.run_id) == (run.id if run else ""))
    query = (
        select(Span, Item, Source.name, Theme)
        .select_from(Span)
        .join(Item, col(Item.id) == col(Span.item_id))
        .join(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(Assignment, put)
        .outerjoin(Theme, col(Theme.id) == col(Assignment.theme_id))
        .where(Span.organisation_id == organisation_id, col(Item.set_aside).is_(None))
        .where(among(col(Span.id), span_ids))
    )
    return {row[0].id: Said(*row) for row in session.exec(query)}


def get(session: Session, organisation_id: str, item_id: str) -> FullVoice:
    """Return one item in full. Raises NotFound where this organisation has none of this id."""
    query = (
        select(Item, Source.name)
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, Item.id == item_id)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no voice {item_id}.")
    messages = select(Message).where(Message.item_id == item_id).order_by(col(Message.position))
    run = live_run(session, organisation_id)
    put = and_(col(Assignment.span_id) == col(Span.id), col(Assignment.run_id) == (run.id if run else ""))
    spans = (
        select(Span, Theme)
        .select_from(Span)
        .outerjoin(Assignment, put)
        .outerjoin(Theme, col(Theme.id) == col(Assignment.theme_id))
        .where(Span.item_id == item_id)
        .order_by(col(Span.start), col(Span.id).collate("C"))
    )
    return FullVoice(
        *found,
        messages=list(session.exec(messages)),
        spans=[(span, theme) for span, theme in session.exec(spans)],
        coverage=session.get(Coverage, item_id),
    )


def is_customer(session: Session, organisation_id: str, customer_id: str) -> bool:
    """Say whether there is a voice of a customer."""
    query = select(Item.id).where(Item.organisation_id == organisation_id, Item.customer_id == customer_id)
    return session.exec(query.limit(1)).first() is not None


def sources(session: Session, organisation_id: str) -> list[str]:
    """Return the names of the sources that voices came from."""
    first = select(Item.id).where(Item.source_id == Source.id).limit(1)  # all of them are not looked at
    query = (
        select(Source.name)
        .where(Source.organisation_id == organisation_id)
        .where(first.scalar_subquery().is_not(None))
    )
    return list(session.exec(query.order_by(col(Source.name).collate("C"))))


def _conditions(
    organisation_id: str, wanted: Wanted, obeyed: Glossary, *, run_id: str
) -> list[ColumnElement[bool]]:
    conditions = [col(Item.organisation_id) == organisation_id, *_said_with(wanted.words, obeyed)]
    for column, value in (
        (Source.name, wanted.source),
        (Item.customer_id, wanted.customer_id),
        (Item.account_id, wanted.account_id),
    ):
        if value:
            conditions.append(col(column) == value)
    if wanted.channel == REACHED_OUT:
        conditions.append(col(Item.channel).in_(CONTACT_CHANNELS))
    elif wanted.channel:
        conditions.append(col(Item.channel) == wanted.channel)
    if wanted.began:
        conditions.append(_then(Item.created_at, wanted))
    elif wanted.since is not None or wanted.until is not None:
        wrote = exists().where(
            col(Message.item_id) == Item.id,
            col(Message.author_role) == "customer",
            _then(Message.created_at, wanted),
        )
        conditions.append(or_(_then(Item.created_at, wanted), wrote))
    conditions += touchpoints.heard_at(layer_is=wanted.layer, moment_is=wanted.moment)
    if wanted.met:
        conditions.append(col(Item.account_id).in_(_met(organisation_id, wanted)))
    if wanted.slice:
        conditions.append(in_slice(wanted.slice))
    if wanted.article_id:
        conditions.append(finds_answer_in(wanted.article_id))
    return conditions + _of_spans(wanted, run_id=run_id)


def _met(organisation_id: str, wanted: Wanted) -> Select[Any]:
    """Return the query for the accounts that were heard at a layer."""
    return (
        sa_select(col(Item.account_id))
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(col(Item.organisation_id) == organisation_id, col(Item.account_id).is_not(None))
        .where(col(Item.set_aside).is_(None), _then(Item.created_at, wanted))
        .where(*touchpoints.heard_at(layer_is=wanted.met, moment_is=""))
        .correlate(None)
    )


def _then(column: datetime | None, wanted: Wanted) -> ColumnElement[bool]:
    after = true() if wanted.since is None else col(column) >= wanted.since
    return after if wanted.until is None else and_(after, col(column) < wanted.until)


def _said_with(words: str, obeyed: Glossary) -> list[ColumnElement[bool]]:
    """Say that the item holds every part of a search, or another word that means the same."""
    if not words.strip():
        return []
    held = _held(func.lower(Item.text), words, obeyed)
    return [or_(and_(*held), col(Item.external_id) == words.strip())]


def _held(said: ColumnElement[str], words: str, obeyed: Glossary) -> list[ColumnElement[bool]]:
    parts = obeyed.alternatives(words)[:10] if obeyed.entries else [(word,) for word in words.split()[:10]]
    return [or_(*(func.strpos(said, word.lower()) > 0 for word in part)) for part in parts]


def _of_spans(wanted: Wanted, *, run_id: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    told = told_as(kind=wanted.kind, severity=wanted.severity, tone=wanted.tone)
    if wanted.theme_id:
        conditions.append(_put_in(wanted.theme_id, told, run_id=run_id))
    elif told:
        conditions.append(exists().where(col(Span.item_id) == Item.id, *told))
    if wanted.only == "aside":
        conditions.append(col(Item.set_aside).is_not(None))
    elif wanted.only in ASIDE:
        conditions.append(col(Item.set_aside) == wanted.only)
    elif wanted.only:
        interesting = col(Assignment.theme_id).not_in(_ignored_themes())
        themed = _put(interesting, run_id=run_id)
        ignored = _put(
            or_(col(Assignment.ignored), col(Assignment.theme_id).in_(_ignored_themes())), run_id=run_id
        )
        conditions.append(col(Item.set_aside).is_(None))
        parts: dict[str, list[ColumnElement[bool]]] = {
            "themed": [themed],
            "ignored": [~themed, ignored],
            "counted": [or_(themed, ~ignored)],
        }
        conditions += parts.get(wanted.only, [~themed, ~ignored])
    return conditions


def _put(where: ColumnElement[bool], *, run_id: str) -> Exists:
    """Say that the live run put a span of the item where `where` says."""
    return exists().where(
        col(Span.item_id) == Item.id,
        col(Assignment.span_id) == col(Span.id),
        col(Assignment.run_id) == run_id,
        where,
    )


def _ignored_themes() -> SelectOfScalar[str]:
    return select(Theme.id).where(col(Theme.ignored))


def _put_in(theme_id: str, told: Sequence[ColumnElement[bool]], *, run_id: str) -> ColumnElement[bool]:
    """Say that the live run put a span of the item into a theme or sub-theme.

    The theme's items are gathered first, once (so says the offset): PostgreSQL would else walk through all
    items from the newest on, as if each theme were spoken of every day.
    """
    spoken = (
        select(Span.item_id)
        .distinct()
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .where(in_theme(theme_id, run_id=run_id), *told)
        .offset(0)
    )
    return col(Item.id).in_(spoken)


def _themes(organisation_id: str, theme_ids: set[str]) -> SelectOfScalar[Theme]:
    return select(Theme).where(Theme.organisation_id == organisation_id, among(col(Theme.id), theme_ids))


def _said(
    session: Session, organisation_id: str, theme_id: str, item_ids: Sequence[str], *, run_id: str
) -> defaultdict[str, list[Span]]:
    said: defaultdict[str, list[Span]] = defaultdict(list)
    query = select(Span).where(Span.organisation_id == organisation_id, among(col(Span.item_id), item_ids))
    if theme_id:
        query = query.join(Assignment, col(Assignment.span_id) == col(Span.id))
        query = query.where(in_theme(theme_id, run_id=run_id))
    for span in session.exec(query.order_by(col(Span.start), col(Span.id).collate("C"))):
        said[span.item_id].append(span)
    return said
