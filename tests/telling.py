"""A desk whose customers are told of what was done: voices, an intervention, and conversations in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlmodel import col, select

from connectors.errors import ConnectorError, Unknowable
from connectors.outgoing import Receipt, Reply
from connectors.ports import Channel, Heard, Means, Said
from connectors.replying import Replier, Replies
from connectors.target_port import Target as TargetPort
from service.db import Database
from service.models import (
    MAIN,
    Delivery,
    DeliveryAttempt,
    Intervention,
    Item,
    Recipient,
    Source,
    Suggestion,
    Target,
)
from service.pipeline import deliver, notices
from service.pipeline.notice_overview import Overview, overview
from service.pipeline.report import Report
from service.rules.retrying import RETRYING, Retrying
from tests.acting import MONDAY, World
from tests.outbox import Outbox

SHIPPED = MONDAY + timedelta(days=10)


@dataclass(kw_only=True)
class Conversations(Replier):
    """Keeps what is said in memory, and fails as a test says."""

    slug = "conversations"
    title = "Conversations"
    replies_in = frozenset[Channel]({"ticket"})
    said: dict[str, list[str]] = field(default_factory=dict)
    before: list[ConnectorError] = field(default_factory=list)
    """Raised, one a reply, without anything being said."""
    after: list[BaseException] = field(default_factory=list)
    """Raised, one a reply, once it is said: the answer that never arrived."""
    works: bool = True
    looked: int = 0
    forgets: bool = False
    """Whether nobody can find out any more what was said."""

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:  # noqa: ARG003
        return cls()

    def may_reply(self) -> str:
        if not self.works and self.before:
            raise self.before[0]
        return "One may always reply."

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        if self.before:
            raise self.before.pop(0)
        self.said.setdefault(conversation, []).append(reply.text)
        if self.after:
            raise self.after.pop(0)
        return Receipt(reference=f"{conversation}#{len(self.said[conversation])}")

    def replied(self, conversation: str, reply: Reply) -> Receipt | None:
        if self.forgets:
            raise Unknowable("Nobody knows any more.")
        return super().replied(conversation, reply)

    def fetch(self, external_id: str) -> Heard:
        self.looked += 1
        said = [
            Said(
                external_id=str(place),
                text=f"<p>{words}</p>",
                author_role="agent",
                created_at=datetime.now(UTC),
            )
            for place, words in enumerate(self.said.get(external_id, ()))
        ]
        return Heard(external_id=external_id, said=said)


@dataclass(kw_only=True)
class TellingDesk:
    """The world of `tests.acting`, whose tickets come from a desk that Koe may reply in."""

    db: Database
    world: World
    conversations: Conversations = field(default_factory=Conversations)
    retrying: Retrying = RETRYING
    notice_id: str = "crash-fixed"

    @classmethod
    def over(cls, db: Database, *, replies: bool = True, kind: str = "zendesk") -> Self:
        """Make the world, and let the theme “crash” be mended after all voices in it."""
        desk = cls(db=db, world=World(db))
        with db.begin() as session:
            source = session.get_one(Source, "desk")
            source.kind, source.settings = kind, {"replies": "yes"} if replies else {}
            source.sealed_credentials = b"closed"
        desk.ship("crash")
        return desk

    def ship(self, theme: str, *, kind: str = "fix", named: str = "", suggestion: str | None = None) -> str:
        """Let something have been done about a theme; return the notice's id."""
        named = named or f"{theme}-fixed"
        with self.db.begin() as session:
            opened = Intervention(
                id=named,
                organisation_id=MAIN,
                intervention_id=named,
                theme=theme,
                theme_id=theme,
                occurred_at=SHIPPED,
                kind=kind,
                suggestion_id=suggestion,
            )
            session.add(opened)
        return named

    def suggestion(self, theme: str, **given: Any) -> str:
        """Write down a suggestion that was published."""
        usual: dict[str, Any] = {
            "action": "write_article",
            "lang": "ja",
            "confidence": 0.9,
            "status": "done",
        }
        made = usual | given
        with self.db.begin() as session:
            session.add(Suggestion(id=f"{theme}-s", organisation_id=MAIN, theme_id=theme, **made))
        return f"{theme}-s"

    def change(self, item_id: str, **given: Any) -> None:
        """Let a voice be otherwise."""
        with self.db.begin() as session:
            item = session.get_one(Item, item_id)
            for name, value in given.items():
                setattr(item, name, value)

    def overview(self) -> Overview:
        with self.db.begin() as session:
            seen = overview(session, MAIN, self.notice_id)
            session.expunge_all()
        return seen

    def agree(self, *, by: str = "Aki") -> None:
        """Agree to what is there."""
        offer = self.overview().offer
        with self.db.begin() as session:
            notices.agree(session, MAIN, self.notice_id, by=by, offer=offer)

    def say(self, customer_id: str, answer: str) -> None:
        with self.db.begin() as session:
            notices.say(session, MAIN, customer_id, answer, by="Aki")

    def stop(self) -> notices.Stopped:
        with self.db.begin() as session:
            return notices.stop(session, MAIN, self.notice_id, by="Ben")

    def connect(self, _: Target) -> TargetPort:
        return Replies(self.conversations)

    def send(self, *, threads: int = 1, draw: Callable[[], float] = lambda: 1.0) -> Report:
        """Send what is due."""
        return deliver.run(self.db, MAIN, self.connect, threads=threads, draw=draw, retrying=self.retrying)

    def later(self, **passed: float) -> None:
        """Let time pass for the outbox: ten minutes unless said."""
        Outbox(db=self.db).later(**(passed or {"minutes": 11}))

    def sent(self) -> dict[str, tuple[str, str | None]]:
        """Return how each reply stands and why, by conversation."""
        with self.db.begin() as session:
            found = session.exec(select(Delivery).order_by(col(Delivery.link_to)))
            return {str(one.link_to): (one.state, one.reason) for one in found}

    def outcomes(self) -> Sequence[str]:
        """Return what came of each attempt."""
        with self.db.begin() as session:
            query = select(DeliveryAttempt.outcome).order_by(col(DeliveryAttempt.began_at))
            return list(session.exec(query))

    def recipients(self) -> list[Recipient]:
        with self.db.begin() as session:
            return list(session.exec(select(Recipient).order_by(col(Recipient.customer_id))))
