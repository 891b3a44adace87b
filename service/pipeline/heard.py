"""What was heard up to today, day by day and theme by theme, as alarms need it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.models.item import CONTACT_CHANNELS
from service.repositories import alarms as alarm_repository
from service.repositories import organisations
from service.repositories.alarms import Said
from service.repositories.heard import returns
from service.repositories.runs import live_run
from service.rules.alarms import Series
from service.rules.contacts import Inquiry, contacts, plausible

PAST = timedelta(days=400)
"""What was heard longer ago says nothing about what is usual."""
ASIDE = ""
"""Stands for a theme where what is counted was set aside as spam and is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything that was heard up to today: what happened on which day."""

    run_id: str
    """The run that was live, by whose themes it is told."""
    zone: ZoneInfo
    first: date
    last: date
    series: Mapping[str, Series]
    """By what is counted: `contacts`, `voices` and `set_aside`."""
    items: Mapping[str, Mapping[str, Sequence[Said]]]
    """What is behind them: items by what is counted and by theme, in the order of time."""
    newest: Mapping[date, datetime]
    """When the last item of each day came."""


def heard_until(session: Session, organisation_id: str, now: datetime) -> Heard | None:
    """Return what was heard up to `now`; None before there are themes, or where no day can be right."""
    live = live_run(session, organisation_id)
    if live is None:
        return None
    zone = organisations.zone_of(session, organisation_id)
    limits = {"until": now, "since": now - PAST}
    everything = alarm_repository.heard(session, organisation_id, **limits)
    bounds = plausible(_per_day(everything, zone))
    if bounds is None:
        return None
    first, last = max(bounds[0], (now - PAST).astimezone(zone).date()), bounds[1]
    spam = alarm_repository.spam(session, organisation_id, **limits)
    about = alarm_repository.said(session, organisation_id, live.id, **limits)
    reached_out = [each for each in about if each.channel in CONTACT_CHANNELS]
    items = {
        "contacts": _by_theme(reached_out),
        "voices": _by_theme(about),
        "set_aside": {ASIDE: spam} if spam else {},
    }
    again = returns(session, organisation_id)
    days = _Days(first=first, last=last, zone=zone)
    volume = [each for each in everything if each.channel in CONTACT_CHANNELS]
    active = alarm_repository.active_customers(
        session,
        organisation_id,
        days=[first + timedelta(days=step) for step in range((last - first).days + 1)],
        zone=zone.key,
    )

    def series(volume: Sequence[int], themes: Mapping[str, Sequence[int]]) -> Series:
        return Series(first=first, volume=volume, themes=themes, zone=zone.key, active=active)

    voices = days.counted(each.created_at for each in everything)
    return Heard(
        run_id=live.id,
        zone=zone,
        first=first,
        last=last,
        series={
            "contacts": series(
                days.contacts(volume, again, now),
                {theme: days.contacts(rows, again, now) for theme, rows in items["contacts"].items()},
            ),
            "voices": series(voices, _moments(days, items["voices"])),
            "set_aside": series(voices, _moments(days, items["set_aside"])),
        },
        items=items,
        newest={each.created_at.astimezone(zone).date(): each.created_at for each in everything},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Counts by day, from the first to the last."""

    first: date
    last: date
    zone: ZoneInfo

    def contacts(
        self, rows: Iterable[Said], again: Mapping[str, Sequence[datetime]], now: datetime
    ) -> list[int]:
        """Return on each day how many customers reached out, also in an item that was resolved."""
        inquiries = [
            Inquiry("", each.item_id, each.customer_id, moment)
            for each in rows
            for moment in (
                each.created_at,
                *(again.get(each.item_id, ()) if each.customer_id is not None else ()),
            )
            if moment <= now
        ]
        found = contacts(inquiries, zone=self.zone).get("", [])
        return self._counts(each.day for each in found)

    def counted(self, moments: Iterable[datetime]) -> list[int]:
        """Return how many moments are on each day."""
        return self._counts(moment.astimezone(self.zone).date() for moment in moments)

    def _counts(self, days: Iterable[date]) -> list[int]:
        counts = [0] * ((self.last - self.first).days + 1)
        for day in days:
            if self.first <= day <= self.last:
                counts[(day - self.first).days] += 1
        return counts


def _moments(days: _Days, by_theme: Mapping[str, Sequence[Said]]) -> dict[str, list[int]]:
    return {theme: days.counted(each.created_at for each in rows) for theme, rows in by_theme.items()}


def _by_theme(rows: Iterable[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = defaultdict(list)
    for each in rows:
        found[each.theme_id or ASIDE].append(each)
    return dict(sorted(found.items()))


def _per_day(rows: Collection[Said], zone: ZoneInfo) -> dict[date, int]:
    counts: dict[date, int] = defaultdict(int)
    for each in rows:
        counts[each.created_at.astimezone(zone).date()] += 1
    return counts
