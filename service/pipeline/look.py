"""The stage that looks whether a theme is new or rises beyond what is usual, and raises an alarm once.

Every day since the last look is looked at in its order, as it was on its evening; the newest one again and
again, as voices come in. Today is the newest day that can be right and is not ahead of the clock: an item
dated in the future waits for its day, one from 1970 counts nowhere, and a clock that was set back changes
nothing that was told already.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from nlp.tokens import normal_forms
from service.db import Database
from service.models import Alarm, Theme
from service.models.columns import digest
from service.models.item import CONTACT_CHANNELS
from service.pipeline import news
from service.pipeline.report import Progress, Report, silent
from service.repositories import alarms as alarm_repository
from service.repositories import locks, organisations
from service.repositories.alarms import Said
from service.repositories.heard import returns
from service.repositories.runs import live_run
from service.rules.alarms import (
    ALLOWED,
    Known,
    Limits,
    Rise,
    Series,
    Voice,
    course,
    endings,
    is_spam,
    led_on,
    rises,
    told_before,
)
from service.rules.contacts import Inquiry, contacts, plausible

STAGE = "alarms"
PAST = timedelta(days=400)
"""What was heard longer ago says nothing about what is usual."""
CATCH_UP = timedelta(days=182)
"""Days that are looked at, at most, where nobody has looked for long."""
MOST_ITEMS = 500
"""Items of an alarm that are kept, the newest."""
READ = 60
"""Voices of a wave that are compared with each other."""
ASIDE = ""
"""Stands for a theme where what is counted was set aside as spam and is in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything that was heard up to today: what happened on which day."""

    zone: ZoneInfo
    first: date
    last: date
    series: Mapping[str, Series]
    """By what is counted: `contacts`, `voices` and `set_aside`."""
    items: Mapping[str, Mapping[str, Sequence[Said]]]
    """What is behind them: items by what is counted and by theme, in the order of time."""
    newest: Mapping[date, datetime]
    """When the last item of each day came."""


def run(
    db: Database,
    organisation_id: str,
    *,
    allowed: float = ALLOWED,
    as_of: datetime | None = None,
    public_url: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Look at every day that was not looked at, and at today. In one transaction: all of it, or nothing.

    Targets are told of alarms that are still open, and of none while an earlier day is shown (`as_of`).
    """
    with db.begin() as session:
        locks.hold(session, "alarms", organisation_id)
        now = as_of or datetime.now(UTC)
        heard = _heard(session, organisation_id, now)
        if heard is None:
            return Report(stage=STAGE, done=0, notes=("There are no themes to look at yet.",))
        looked = alarm_repository.looked_until(session, organisation_id)
        days = _days(heard, looked)
        look = Look(session=session, organisation_id=organisation_id, heard=heard, allowed=allowed)
        for number, day in enumerate(days, start=1):
            look.at(day)
            progress(STAGE, number, len(days))
        # An earlier evening changes nothing that came after it; what a clock that was ahead noted is void.
        if looked is None or not heard.last < looked <= datetime.now(heard.zone).date():
            look.keep_up(heard.last)
            alarm_repository.note_look(session, organisation_id, heard.last)
        raised = len(look.raised)
        for alarm in look.raised if as_of is None else ():
            if alarm.ended_at is None:
                theme = session.get(Theme, alarm.theme_id) if alarm.theme_id else None
                told = news.of_alarm(alarm, theme, zone=heard.zone, public_url=public_url)
                news.tell(session, organisation_id, told)
    return Report(stage=STAGE, done=raised, notes=(f"Alarms raised: {raised}.",) if raised else ())


def _days(heard: Heard, looked: date | None) -> list[date]:
    start = heard.last - CATCH_UP
    if looked is not None:
        # Looked at tomorrow already, the clock was wrong then: today is looked at all the same.
        start = max(start, min(looked, heard.last))
    start = max(start, heard.first)
    return [start + timedelta(days=step) for step in range((heard.last - start).days + 1)]


class Look:
    """One look: the alarms as they are while day after day is looked at."""

    def __init__(self, *, session: Session, organisation_id: str, heard: Heard, allowed: float) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._heard = heard
        self._limits = {counted: Limits(allowed=allowed) for counted in heard.series}
        self._quiet = {
            each.mute.theme_id: each.mute.until
            for each in alarm_repository.quiet_list(session, organisation_id)
        }
        self._alarms = {alarm.id: alarm for alarm in alarm_repository.all_alarms(session, organisation_id)}
        self.raised: list[Alarm] = []
        self._follow_lineage()

    def at(self, day: date) -> None:
        """Look at one day: end what is over, and raise what is unusual."""
        for counted in self._heard.series:
            series = self._heard.series[counted].up_to(day)
            known = self._known(counted)
            for alarm_id, ending in endings(series, known).items():
                self._end(self._alarms[alarm_id], day, ending)
            self._session.flush()
            for rise in rises(series, self._known(counted), self._limits[counted]):
                self._raise(counted, rise, day)

    def keep_up(self, day: date) -> None:
        """Give the open alarms what was heard since they were raised."""
        for alarm in self._alarms.values():
            if alarm.ended_at is None and not self._is_later(alarm):
                self._describe(alarm, day)

    def _known(self, counted: str) -> list[Known]:
        return [
            self._as_known(alarm)
            for alarm in self._alarms.values()
            if alarm.counted == counted and not self._is_later(alarm)
        ]

    def _is_later(self, alarm: Alarm) -> bool:
        """Say whether an alarm was raised after the evening that is looked at."""
        return self._day(alarm.raised_at) > self._heard.last

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._heard.zone).date()

    def _as_known(self, alarm: Alarm) -> Known:
        return Known(
            alarm_id=alarm.id,
            theme=alarm.theme_id or ASIDE,
            onset=self._day(alarm.onset),
            raised=self._day(alarm.raised_at),
            ended=alarm.ended_at and self._day(alarm.ended_at),
            ending=alarm.ending,  # type: ignore[arg-type]  # one of Ending: only `_end` writes it
            voices=frozenset(each["item_id"] for each in alarm.items),
        )

    def _follow_lineage(self) -> None:
        """Let each alarm be about what its theme is today; two open ones about one theme become one.

        One that ended on a day that has not come yet did so by a clock that was wrong, and is open again.
        """
        leads_on = alarm_repository.successors(self._session, self._organisation_id)
        themes = {alarm.id: led_on(alarm.theme_id, leads_on) for alarm in self._alarms.values()}
        today = datetime.now(self._heard.zone).date()
        opened: dict[str, list[Alarm]] = defaultdict(list)
        for alarm in self._alarms.values():
            if alarm.ended_at is None or self._day(alarm.ended_at) > today:
                opened[themes[alarm.id] or ASIDE].append(alarm)
        for group in opened.values():
            if any(self._heard.last < self._day(alarm.raised_at) <= today for alarm in group):
                # What became of them is for a look at today.
                for alarm in group:
                    del themes[alarm.id]
                group.clear()
            for surplus in group[1:]:
                surplus.ended_at, surplus.ending = self._moment(self._heard.last), "merged"
        # The database takes no second open alarm about a theme, not even for a moment.
        self._session.flush()
        for kept in (alarm for group in opened.values() for alarm in group[:1]):
            kept.ended_at = kept.ending = None
        for alarm_id, theme in themes.items():
            self._alarms[alarm_id].theme_id = theme
        self._session.flush()

    def _end(self, alarm: Alarm, day: date, ending: str) -> None:
        self._describe(alarm, day)
        alarm.ended_at, alarm.ending = self._moment(day), ending

    def _raise(self, counted: str, rise: Rise, day: date) -> None:
        items = self._since(counted, rise.theme, rise.onset, day)
        if not items or self._is_quiet(rise.theme, day) or self._has_open(rise.theme):
            return
        kind = self._kind(counted, rise, items)
        known = [self._as_known(alarm) for alarm in self._alarms.values()]
        if kind is None or told_before({each.item_id for each in items}, known) is not None:
            return
        onset = items[0].created_at
        alarm = Alarm(
            id=digest(self._organisation_id, "alarm", counted, rise.theme, onset.astimezone(UTC).isoformat()),
            organisation_id=self._organisation_id,
            theme_id=rise.theme or None,
            kind=kind,
            counted=counted,
            onset=onset,
            raised_at=self._moment(day),
            contacts=rise.contacts,
            expected=rise.expected,
        )
        if alarm.id in self._alarms:
            return
        self._alarms[alarm.id] = alarm
        self._describe(alarm, day)
        self._session.add(alarm)
        self._session.flush()
        self.raised.append(alarm)

    def _kind(self, counted: str, rise: Rise, items: Sequence[Said]) -> str | None:
        """Return the kind of an alarm; None where voices came too often that are no spam."""
        if counted == "set_aside":
            return "spam"
        read = {each.item_id for each in items[-READ:]}
        texts = alarm_repository.texts(self._session, self._organisation_id, read)
        if is_spam([Voice(sender=who, words=frozenset(normal_forms(text))) for who, text in texts]):
            return "spam"
        if counted == "voices":
            return None
        return "new" if rise.is_new else "rising"

    def _has_open(self, theme: str) -> bool:
        """Say whether a theme has an open alarm, whatever was counted."""
        return any(
            alarm.ended_at is None and (alarm.theme_id or ASIDE) == theme for alarm in self._alarms.values()
        )

    def _is_quiet(self, theme: str, day: date) -> bool:
        return theme in self._quiet and ((until := self._quiet[theme]) is None or day <= until)

    def _since(self, counted: str, theme: str, onset: date, day: date) -> list[Said]:
        return [
            each
            for each in self._heard.items[counted].get(theme, ())
            if onset <= self._day(each.created_at) <= day
        ]

    def _moment(self, day: date) -> datetime:
        """Return when the last voice of a day came, or its end where there was none."""
        end = datetime.combine(day + timedelta(days=1), time(), self._heard.zone)
        return self._heard.newest.get(day, end.astimezone(UTC))

    def _describe(self, alarm: Alarm, day: date) -> None:
        """Write down what was heard since the onset, and what was to be expected."""
        known = self._as_known(alarm)
        series = self._heard.series[alarm.counted].up_to(day)
        if known.theme not in series.themes:
            return
        went = course(series, self._known(alarm.counted), known)
        alarm.contacts = went.contacts
        alarm.expected = alarm.expected if went.expected is None else went.expected
        alarm.days = [
            {
                "day": each.day.isoformat(),
                "contacts": each.contacts,
                "expected": each.expected,
                "low": each.low,
                "high": each.high,
            }
            for each in went.days
        ]
        items = self._since(alarm.counted, known.theme, known.onset, day)[-MOST_ITEMS:]
        names = alarm_repository.item_names(
            self._session, self._organisation_id, [each.item_id for each in items]
        )
        if names:
            alarm.items = names


def _heard(session: Session, organisation_id: str, now: datetime) -> Heard | None:
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
