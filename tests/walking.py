"""Sources as tests ask them: by their examples, or with pages that a test says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import col, select

from connectors.ports import Customer, Event, Heard, Means, Page, Said, Withdrawn
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES
from service.access import senders
from service.db import Database
from service.models import MAIN, Item, Message, Source
from service.repositories import sources, walks
from tests.calling import SEAL
from tests.contract.sources import example_of
from tests.sourcing import ELSEWHERE


def add(db: Database, slug: str, *, name: str = "source", can_ask: bool = True) -> Source:
    """Add a source as its example says."""
    kind = SOURCES[slug]
    secret = {setting.name for setting in kind.settings if setting.secret}
    told = {k: v.replace("{base}", ELSEWHERE) for k, v in example_of(slug).settings.items()}
    with db.begin() as session:
        return senders.add(
            session,
            SEAL,
            MAIN,
            name,
            kind=slug,
            proof=kind.proofs[0] if kind.proofs else None,
            settings={k: v for k, v in told.items() if k not in secret},
            secret=example_of(slug).secret,
            known={k: v for k, v in told.items() if k in secret} if can_ask else None,
            now=datetime.now(UTC),
        )


def voices(db: Database) -> dict[str, list[str]]:
    """Return what each item says, message by message."""
    with db.begin() as session:
        query = select(Item.external_id, Message.raw).join(Message, col(Message.item_id) == Item.id)
        found: dict[str, list[str]] = {}
        for item, said in session.exec(query.order_by(col(Item.external_id), col(Message.position))):
            found.setdefault(item, []).append(said or "")
        return found


@dataclass(kw_only=True)
class Scripted(SourcePort):
    """A source that holds what a test says."""

    slug = "scripted"
    title = "Scripted"
    pages: list[list[Event] | Exception]
    asked: list[tuple[datetime | None, str | None]]
    items: dict[str, Heard | Withdrawn | Exception]

    @classmethod
    def open(cls, settings: object, means: Means, /) -> "Scripted":  # noqa: ARG003
        return cls(pages=[], asked=[], items={})

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        self.asked.append((since, cursor))
        place = int(cursor or 0)
        found = self.pages[place]
        if isinstance(found, Exception):
            raise found
        last = place + 1 == len(self.pages)
        return Page(events=found, cursor=None if last else str(place + 1), total=3)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        found = self.items[external_id]
        if isinstance(found, Exception):
            raise found
        return found


def scripted(
    pages: Sequence[list[Event] | Exception], items: dict[str, Heard | Withdrawn | Exception] | None = None
) -> Scripted:
    return Scripted(pages=list(pages), asked=[], items=items or {})


def heard(number: int, words: str = "It is broken.") -> Heard:
    at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=number)
    return Heard(
        external_id=str(number),
        said=[Said(external_id="first", text=f"{words} {number}", created_at=at)],
        created_at=at,
        updated_at=at,
        customer=Customer(id=f"c{number}"),
    )


def begun(db: Database, *, name: str = "source", proof: bool = True) -> Source:
    """Add a source that is to be walked from ever."""
    source = add(db, "zendesk", name=name)
    with db.begin() as session:
        found = sources.get_source(session, MAIN, source.name)
        if not proof:
            found.proof = None
        walks.begin(session, found, since=None, now=datetime.now(UTC))
    return source


def due_now(db: Database) -> None:
    with db.begin() as session:
        for table in ("walk", "hint"):
            session.execute(text(f"UPDATE {table} SET next_at = clock_timestamp()"))
