"""A home in which themes are heard day after day, written straight into the tables, and looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlmodel import col, delete, select

from service.db import Database
from service.models import MAIN, Alarm, Assignment, Item, Run, Source, Span, Theme, Watch
from service.pipeline import look

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = date(2026, 5, 11)
"""A Monday after the long break, so that no holiday lies in the weeks before a wave."""
WEEKS = 8
OTHERS = tuple(f"other-{number}" for number in range(5))
QUIET_VOICES = 3 * len(OTHERS) * 7 * WEEKS
"""How many voices there are after the quiet weeks; the next one has this number."""


@dataclass(kw_only=True)
class Daily:
    """Themes, and what is heard of them on which day."""

    db: Database
    numbers: "count[int]" = field(default_factory=count)

    @property
    def last(self) -> date:
        """The last of the quiet days."""
        return FIRST + timedelta(days=7 * WEEKS - 1)

    def begin(self) -> None:
        """Hear three voices of each of five themes a day for eight weeks."""
        with self.db.begin() as session:
            session.add(
                Source(id="desk", organisation_id=MAIN, name="desk", kind="file", created_at=_at(FIRST))
            )
            session.add(
                Run(
                    id="run",
                    organisation_id=MAIN,
                    ordinal=1,
                    state="live",
                    input_digest="",
                    embedder="hashing",
                    clusterer="exact",
                    created_at=_at(FIRST),
                )
            )
        self.have(*OTHERS)
        self.hear_others(FIRST - timedelta(days=1), 7 * WEEKS)

    def have(self, *themes: str) -> None:
        """Have themes of which nothing was heard yet."""
        with self.db.begin() as session:
            session.add_all(
                Theme(id=name, organisation_id=MAIN, title=f"Theme {name}", lang="en") for name in themes
            )

    def hear_others(self, after: date, days: int) -> None:
        """Hear three voices of each of the other themes on each of some days."""
        for day in range(1, days + 1):
            for theme in OTHERS:
                self.hear(theme, after + timedelta(days=day), 3)

    def hear(
        self,
        theme: str | None,
        day: date,
        voices: int = 1,
        *,
        customer: str | None = "",
        text: str = "",
        channel: str = "ticket",
        set_aside: str | None = None,
    ) -> list[str]:
        """Hear voices of a theme on a day, each of a customer of its own unless one is named."""
        items, spans, put = [], [], []
        for _ in range(voices):
            number = next(self.numbers)
            name, said = f"v{number:06}", text or f"It fails, number {number}"
            items.append(
                Item(
                    id=name,
                    organisation_id=MAIN,
                    source_id="desk",
                    external_id=name,
                    channel=channel,
                    created_at=_at(day) + timedelta(seconds=number % 3600),
                    customer_id=f"c{number}" if customer == "" else customer,
                    text=said,
                    set_aside=set_aside,
                    version="1",
                )
            )
            if theme is not None:
                spans.append(
                    Span(
                        id=name,
                        organisation_id=MAIN,
                        item_id=name,
                        start=0,
                        end=len(said),
                        text=said,
                        content_hash=name,
                    )
                )
                put.append(Assignment(run_id="run", span_id=name, organisation_id=MAIN, theme_id=theme))
        with self.db.begin() as session:
            for rows in (items, spans, put):
                session.add_all(rows)
                session.flush()
        return [item.id for item in items]

    def run_again(self, became: Mapping[str, str]) -> None:
        """Let another run go live in which some themes are others."""
        with self.db.begin() as session:
            old = session.get_one(Run, "run")
            put = session.exec(select(Assignment).where(Assignment.run_id == old.id)).all()
            new = Run(**{**old.model_dump(exclude={"changed_at"}), "id": "again", "ordinal": 2})
            old.state = "superseded"
            session.flush()
            session.add(new)
            session.flush()
            session.add_all(
                Assignment(
                    run_id=new.id,
                    span_id=each.span_id,
                    organisation_id=MAIN,
                    theme_id=became.get(str(each.theme_id), each.theme_id),
                )
                for each in put
            )

    def look(self, *, as_of: date | None = None) -> list[Alarm]:
        """Look, and return the alarms."""
        look.run(self.db, MAIN, as_of=None if as_of is None else _at(as_of) + timedelta(hours=11))
        return self.alarms()

    def alarms(self) -> list[Alarm]:
        """Return all alarms, the earliest first."""
        with self.db.begin() as session:
            return list(session.exec(select(Alarm).order_by(col(Alarm.raised_at), col(Alarm.id))))

    def forget(self) -> None:
        """Forget every alarm and look."""
        with self.db.begin() as session:
            session.exec(delete(Alarm))
            session.exec(delete(Watch))


def days_after(day: date, *voices: int) -> Sequence[tuple[date, int]]:
    """Return days after one, each with how many voices are heard."""
    return [(day + timedelta(days=after), many) for after, many in enumerate(voices, start=1)]


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TOKYO).astimezone(UTC)
