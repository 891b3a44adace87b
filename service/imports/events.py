"""Events: into their table; a churn with words is a voice too, and goes to the inbox."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from service.imports import feedback, values
from service.imports.feedback import Received, received
from service.imports.reading import Reading, Tally, tally
from service.models import Event
from service.models.account import EVENT_KINDS
from service.models.columns import digest
from service.repositories.upserts import upsert
from service.rules.records import FeedbackRecord

JAPANESE_KINDS = {
    "利用": "usage",
    "契約": "signup",
    "申込": "signup",
    "更新": "renewal",
    "増額": "expansion",
    "減額": "contraction",
    "解約": "churn",
    "リリース": "release",
    "障害": "outage",
    "記事閲覧": "article_view",
}
VOICED_KINDS = frozenset({"churn"})
"""The kinds whose words are a customer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event, and the voice that came with it."""

    event: Mapping[str, Any]
    voice: Received | None


class EventImporter:
    """Reads events."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._equal: Counter[str] = Counter()

    def read(self, row: Row) -> Happened:
        """Return the row as an event. Raises ValueError for one without a day or of an unknown kind."""
        cell = self._reading.cell
        occurred_at = self._reading.instant(row, "occurred_at")
        if occurred_at is None:
            raise ValueError("no occurred_at")
        amount, _ = values.money(cell(row, "amount"))
        kind = _kind(cell(row, "kind"))
        # A release note is the company speaking; a reason to leave is a customer.
        words = values.words(cell(row, "text"))
        said = words if kind in VOICED_KINDS else None
        event = {
            "occurred_at": occurred_at,
            "kind": kind,
            "account_id": values.identifier(cell(row, "account_id")),
            "customer_id": values.identifier(cell(row, "customer_id")),
            "article": values.short(cell(row, "article")),
            "amount": amount,
            "has_text": said is not None,
        }
        content = digest(self._reading.source, *map(str, event.values()), words or "")
        self._equal[content] += 1
        event_id = digest(self._reading.organisation_id, "event", content, str(self._equal[content]))
        whose = {"organisation_id": self._reading.organisation_id, "source_id": self._reading.source_id}
        return Happened(
            event={"id": event_id, **whose, **event},
            voice=None if said is None else self._voice(event_id, event, said),
        )

    def _voice(self, event_id: str, event: Mapping[str, Any], said: str) -> Received:
        record = FeedbackRecord(
            external_id=f"event-{event_id}",
            text=said,
            channel="survey",
            lang=self._reading.options.lang,
            created_at=event["occurred_at"],
            customer_id=event["customer_id"],
            account_id=event["account_id"],
        )
        return received(record)

    def store(self, session: Session, records: Sequence[Happened]) -> Tally:
        """Write a batch."""
        done = upsert(session, Event, [record.event for record in records])
        voices = [record.voice for record in records if record.voice is not None]
        feedback.store(session, self._reading.organisation_id, self._reading.source_id, voices)
        return tally(done)

    def notes(self) -> Sequence[str]:
        """Nothing is assumed."""
        return ()


def kind_named(value: object) -> str | None:
    """Return the kind that a cell names; None where it names none."""
    named = _normal(value)
    kind = JAPANESE_KINDS.get(named, named)
    return kind if kind in EVENT_KINDS else None


def _kind(value: object) -> str:
    kind = kind_named(value)
    if kind is None:
        raise ValueError(f"kind: “{_normal(value)[:40]}” is none of {', '.join(EVENT_KINDS)}")
    return kind


def _normal(value: object) -> str:
    return (values.text(value) or "").casefold().replace(" ", "_").replace("-", "_")
