"""The stage that looks whether a theme is new or rises beyond what is usual, and raises an alarm once.

Every day since the last look is looked at in its order, as it was on its evening; the newest one again and
again, as voices come in. Today is the newest day that can be right and is not ahead of the clock: an item
dated in the future waits for its day, one from 1970 counts nowhere, and a clock that was set back changes
nothing that was told already.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from nlp.tokens import normal_forms
from service.db import Database
from service.models import Alarm, Theme
from service.models.columns import digest
from service.pipeline import news
from service.pipeline.heard import ASIDE, Heard, heard_until
from service.pipeline.report import Progress, Report, silent
from service.repositories import alarms as alarm_repository
from service.repositories import locks
from service.repositories.alarms import Said
from service.repositories.runs import live_run
from service.rules.alarms import (
    ALLOWED,
    Known,
    Limits,
    Rise,
    Voice,
    course,
    endings,
    is_spam,
    led_on,
    rises,
    told_before,
)

STAGE = "alarms"
CATCH_UP = timedelta(days=182)
"""Days that are looked at, at most, where nobody has looked for long."""
MOST_ITEMS = 500
"""Items of an alarm that are kept, the newest."""
READ = 60
"""Voices of a wave that are compared with each other."""


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

    Targets are told of alarms that are still open, and of none while an earlier day is shown (`as_of`). A
    look during which a run goes live begins anew: it would hold one run's voices against another's themes.
    """
    while True:
        try:
            with db.begin() as session:
                return _look(
                    session,
                    organisation_id,
                    allowed=allowed,
                    as_of=as_of,
                    public_url=public_url,
                    progress=progress,
                )
        except _Overtaken:
            continue


class _Overtaken(Exception):
    """A run went live during a look."""


def _look(
    session: Session,
    organisation_id: str,
    *,
    allowed: float,
    as_of: datetime | None,
    public_url: str | None,
    progress: Progress,
) -> Report:
    locks.hold(session, "alarms", organisation_id)
    heard = heard_until(session, organisation_id, as_of or datetime.now(UTC))
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
    live = live_run(session, organisation_id)
    if live is None or live.id != heard.run_id:
        raise _Overtaken
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
        self._quiet = alarm_repository.quiet_by_id(session, organisation_id)
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
        mute = self._quiet.get(theme)
        return mute is not None and (mute.until is None or day <= mute.until)

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
