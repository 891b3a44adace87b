"""An outbox for tests: suggestions that were accepted, targets, and time that passes when it is told to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import col, select

from connectors.target_port import Target as TargetPort
from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.models import MAIN, Delivery, DeliveryAttempt, Suggestion, Target, Theme
from service.pipeline import deliver
from service.pipeline.report import Report
from service.repositories import targets
from service.rules.retrying import RETRYING, Retrying

MONDAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
MOMENTS = {
    "delivery": ("created_at", "next_at", "updated_at", "settles_at", "look_at", "looked_at"),
    "delivery_attempt": ("began_at", "ended_at"),
    "target": ("held_until",),
}
"""What lies in time, by table."""


def accept_suggestions(db: Database, count: int, *, first: int = 0) -> list[str]:
    """Write suggestions that somebody accepted, each of a theme of its own, and return their ids in order."""
    names = [f"fix-{number:04}" for number in range(first, first + count)]
    themes = [{"id": name, "title": f"Theme {name}"} for name in names]
    accepted = [
        {
            "id": name,
            "theme_id": name,
            "draft": {"title": f"Draft {name}", "body": "It fails.", "sentences": [], "citations": []},
            "decided_at": MONDAY + timedelta(seconds=first + place),
        }
        for place, name in enumerate(names)
    ]
    shared = {"organisation_id": MAIN, "lang": "en"}
    theme: dict[str, Any] = {**shared, "kind": "pain_point", "keywords": []}
    suggestion: dict[str, Any] = {
        **shared,
        "action": "fix_product",
        "audience": "public",
        "confidence": 0.9,
        "reasons": [],
        "status": "accepted",
        "decided_by": "Aki",
    }
    with db.begin() as session:
        session.execute(insert(Theme), [{**theme, **one} for one in themes])
        session.execute(insert(Suggestion), [{**suggestion, **one} for one in accepted])
    return names


@dataclass(kw_only=True)
class Outbox:
    """Targets that keep what they get in memory, and the deliveries to them."""

    db: Database
    ports: dict[str, TargetPort] = field(default_factory=dict)
    """By the target's name."""
    retrying: Retrying = RETRYING

    def target(
        self, name: str = "backlog", port: TargetPort | None = None, *, kind: str = "backlog-file"
    ) -> MemoryTarget:
        """Add a target, which keeps what it gets in memory unless another is given."""
        memory = MemoryTarget()
        self.ports[name] = port or memory
        with self.db.begin() as session:
            targets.add_target(session, MAIN, name, kind, {"path": f"/nowhere/{name}"})
        return memory

    def connect(self, target: Target) -> TargetPort:
        """Return the connector of a target."""
        return self.ports[target.name]

    def run(self, *, threads: int = 1, draw: Callable[[], float] = lambda: 1.0) -> Report:
        """Hand over what is due; waits are as long as they can be."""
        return deliver.run(
            self.db,
            MAIN,
            self.connect,
            threads=threads,
            draw=draw,
            retrying=self.retrying,
            public_url="https://koe.example.com/",
        )

    def later(self, **passed: float) -> None:
        """Let time pass: everything lies that much further in the past."""
        with self.db.begin() as session:
            for table, columns in MOMENTS.items():
                moved = ", ".join(f"{column} = {column} - :passed" for column in columns)
                session.execute(text(f"UPDATE {table} SET {moved}"), {"passed": timedelta(**passed)})

    def deliveries(self) -> list[Delivery]:
        """Return the deliveries in the order of their suggestions."""
        with self.db.begin() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.suggestion_id))))

    def states(self) -> list[str]:
        """Return the states of the deliveries in the order of their suggestions."""
        return [one.state for one in self.deliveries()]

    def attempts(self) -> Sequence[DeliveryAttempt]:
        """Return the attempts in the order in which they began."""
        with self.db.begin() as session:
            return list(session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.began_at))))

    def told(self) -> list[tuple[str, str | None]]:
        """Return what came of each attempt, and the reason."""
        return [(one.outcome, one.reason) for one in self.attempts()]

    def wait(self, until: datetime | None = None) -> timedelta:
        """Return how long Koe waits after its last attempt until then (until the only delivery is tried)."""
        ended = self.attempts()[-1].ended_at
        assert ended is not None
        return (until or self.deliveries()[0].next_at) - ended

    def left(self, until: datetime | None) -> timedelta:
        """Return how long it is from now until then, to the second."""
        assert until is not None
        with self.db.begin() as session:
            now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return timedelta(seconds=round((until - now).total_seconds()))

    def only_target(self) -> Target:
        """Return the only target as it is now."""
        with self.db.begin() as session:
            return session.exec(select(Target)).one()
