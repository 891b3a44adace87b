"""The target that keeps what it gets in memory: the official double, which can also fail on request."""

from collections.abc import Mapping, Sequence
from typing import Self

from connectors.errors import ConnectorError
from connectors.guards import must_hear, must_take
from connectors.outgoing import Existing, News, Note, Outgoing, Receipt, Remote
from connectors.ports import Means
from connectors.target_port import STANDING, Target


class MemoryTarget(Target):
    """Keeps deliveries in a list; `before` and `after` hold the errors of the coming attempts."""

    slug = "memory"
    takes = frozenset(
        {"fix_product", "write_article", "edit_article", "make_findable", "resolve_contradiction"}
    )
    hears = frozenset(
        {"alarm.raised", "delivery.delivered", "effect.measured", "suggestion.created", "theme.created"}
        | {"theme.updated", *STANDING}
    )
    idempotent = True
    follows = True

    def __init__(self) -> None:
        self.kept: list[Outgoing] = []
        self.heard: list[News] = []
        self.stands: dict[str, Remote] = {}
        """How things stand that are not as they were made, by reference."""
        self.notes: dict[str, list[Note]] = {}
        """By reference."""
        self.held: list[Existing] = []
        """What people made."""
        self.before: list[ConnectorError] = []
        """Raised, one an attempt, without anything being kept."""
        self.after: list[BaseException] = []
        """Raised, one an attempt, once the thing is kept: the answer that never arrived."""

    @classmethod
    def open(cls, _: Mapping[str, object], __: Means) -> Self:
        return cls()

    def check(self) -> str:
        return "Memory can always be written to."

    def find(self, suggestion_id: str) -> Receipt | None:
        places = (place for place, kept in enumerate(self.kept) if kept.suggestion_id == suggestion_id)
        place = next(places, None)
        return None if place is None else Receipt(reference=str(place))

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if self.before:
            raise self.before.pop(0)
        known = self.find(outgoing.suggestion_id)
        if known is None:
            self.kept.append(outgoing)
        if self.after:
            raise self.after.pop(0)
        return known or Receipt(reference=str(len(self.kept) - 1))

    def tell(self, news: News) -> Receipt:
        must_hear(self, news)
        if self.before:
            raise self.before.pop(0)
        if news not in self.heard:
            self.heard.append(news)
        if self.after:
            raise self.after.pop(0)
        return Receipt(reference=f"{news.event} {news.subject_id}")

    def look(self, reference: str) -> Remote:
        if self.before:
            raise self.before.pop(0)
        return self.stands.get(reference, Remote(reference=reference, state="open", status="New"))

    def existing(self, words: str) -> Sequence[Existing]:  # noqa: ARG002
        if self.before:
            raise self.before.pop(0)
        return list(self.held)

    def note(self, reference: str, note: Note) -> Receipt:
        if self.before:
            raise self.before.pop(0)
        known = self.notes.setdefault(reference, [])
        if note.marker not in {one.marker for one in known}:
            known.append(note)
        if self.after:
            raise self.after.pop(0)
        return Receipt(reference=reference)
