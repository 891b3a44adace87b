"""The stage that says what came of each intervention ([method](../../docs/method.md))."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.db import Database
from service.models import Effect, Intervention, Theme
from service.models.account import HAPPENINGS
from service.models.item import CONTACT_CHANNELS
from service.pipeline import asking, loop, news
from service.pipeline.report import Progress, Report, silent
from service.repositories import alarms, effects, interventions, organisations, themes
from service.repositories.heard import heard_between
from service.repositories.runs import live_run
from service.rules.contacts import Bounds, Contact

if TYPE_CHECKING:
    from service.rules.effects.cases import Wishes

# service.rules.effects is imported where it is used: what it reckons with takes a moment to load.

STAGE = "measure"
ELSEWHERE = " elsewhere"
"""Marks the same theme among everybody for whom nothing was done."""
LAST_DAY = timedelta(days=6)
"""From the first day of a week to its last."""
Contacts = Mapping[str, Sequence[Contact]]


def run(
    db: Database, organisation_id: str, *, public_url: str | None = None, progress: Progress = silent
) -> Report:
    """Find the theme that each intervention means today, and say what it did to the contacts about it.

    What is done and still asked about asks to be opened again.
    """
    with db.begin() as session:
        zone = organisations.zone_of(session, organisation_id)
        opened = interventions.list_interventions(session, organisation_id)
        within = heard_between(session, organisation_id, zone=zone, channels=CONTACT_CHANNELS)
        meant, names = _meant(session, opened, heard=within is not None)
        if meant and within is not None:
            _measure(session, organisation_id, meant, within, zone, public_url)
            progress(STAGE, len(opened), len(opened))
        session.flush()
        loop.refresh(session, organisation_id)
    notes = (f"These interventions mean no theme yet: {', '.join(names)}.",) if names else ()
    return Report(stage=STAGE, done=len(opened) - len(names), notes=notes)


def _meant(
    session: Session, opened: Sequence[Intervention], *, heard: bool
) -> tuple[list[Intervention], list[str]]:
    """Return the interventions that mean a theme, if anything was `heard`, and the names of the others."""
    meant, names = [], []
    for each in opened:
        each.theme_id = interventions.meant_theme(session, each)
        if heard and each.theme_id is not None:
            meant.append(each)
        else:
            names.append(each.intervention_id)
            effects.forget(session, each.organisation_id, each.id)
    return meant, names


def _measure(
    session: Session,
    organisation_id: str,
    meant: Sequence[Intervention],
    within: Bounds,
    zone: ZoneInfo,
    public_url: str | None,
) -> None:
    """Write what came of each; those for one segment of customers are measured in that segment."""
    alive = [theme.id for theme in themes.living(session, organisation_id)]
    everywhere = themes.contacts_of(session, organisation_id, alive, zone=zone)
    active = _active(session, organisation_id, within, zone)
    wishes = _wishes(session, organisation_id, zone)
    told = [each for each in meant if each.segment is None]
    found = _effects(told, everywhere, within, active, wishes)
    for (theme_id, segment), some in _by_segment(meant).items():
        here = themes.contacts_of(session, organisation_id, [theme_id], zone=zone, segment=segment)
        compared = _in_one_segment(theme_id, here.get(theme_id, []), everywhere)
        told += some
        found += _effects(some, compared, within, None, wishes)
    for each, effect in zip(told, found, strict=True):
        _keep(session, each, effect)
        asking.ask(session, each, _asks(effect), public_url=public_url)


def _keep(session: Session, opened: Intervention, effect: Effect) -> None:
    """Write down what came of something that was done, and tell of a verdict that is new."""
    kept, theme = effects.keep(session, effect), session.get(Theme, effect.theme_id)
    live = live_run(session, effect.organisation_id)
    shows_today = live is None or live.as_of is None
    if kept.is_new and shows_today and theme is not None:
        told = news.of_effect(effect, opened, theme, before=kept.before)
        news.tell(session, effect.organisation_id, told)


def _by_segment(meant: Sequence[Intervention]) -> Mapping[tuple[str, str], list[Intervention]]:
    """Return the interventions that were for one segment only, by theme and segment."""
    found: dict[tuple[str, str], list[Intervention]] = {}
    for each in meant:
        if each.segment is not None and each.theme_id is not None:
            found.setdefault((each.theme_id, each.segment), []).append(each)
    return found


def _in_one_segment(theme_id: str, here: Sequence[Contact], everywhere: Contacts) -> Contacts:
    """Return a theme's contacts in a segment beside what they are compared with.

    The same theme among those for whom nothing changed is the best comparison; where it is hardly heard of
    there, all other themes are.
    """
    from service.rules.effects.controls import LEAST_TOTAL
    from service.rules.effects.weeks import elsewhere, weekly_mean

    there = elsewhere(everywhere.get(theme_id, []), here)
    if weekly_mean(there) >= LEAST_TOTAL:
        return {theme_id: here, f"{theme_id}{ELSEWHERE}": there}
    return {**everywhere, theme_id: here}


def _effects(
    some: Sequence[Intervention],
    compared: Contacts,
    within: Bounds,
    active: Mapping[date, int] | None,
    wishes: "Wishes",
) -> list[Effect]:
    """Return what came of interventions, of which each theme's contacts are compared with all others."""
    from service.rules.effects.before_after import before_and_after, still_asked
    from service.rules.effects.cases import Intervention as Done
    from service.rules.effects.foresight import foresee
    from service.rules.effects.series import all_series
    from service.rules.effects.verdict import measure
    from service.rules.effects.weeks import weeks_of

    contacts = {**dict.fromkeys((each.theme_id or "" for each in some), ()), **compared}
    zone = ZoneInfo(wishes.zone)
    days = [each.occurred_at.astimezone(zone).date() for each in some]
    fit, unfit = all_series(weeks_of(contacts, within=within, active=active))
    done = [
        Done(name=each.id, theme=each.theme_id or "", day=day) for each, day in zip(some, days, strict=True)
    ]
    names = {each.id: each.intervention_id for each in some}
    rows: list[Effect] = []
    for each, effect in zip(some, measure(fit, unfit, done, wishes), strict=True):
        day = days[len(rows)]
        if each.foreseen is None and effect.theme_id in fit:
            foreseen = foresee(fit[effect.theme_id], day, wishes)
            each.foreseen = None if foreseen is None else dict(foreseen)
        plain = before_and_after(contacts[effect.theme_id], on=day, first_day=within[0], last_day=within[1])
        asks = still_asked(effect, weeks=sum(week + LAST_DAY >= day for week in fit[effect.theme_id].periods))
        rows.append(
            Effect(
                intervention_id=each.id,
                organisation_id=each.organisation_id,
                theme_id=effect.theme_id,
                verdict=effect.verdict,
                relative_effect=effect.relative_effect,
                low=effect.low,
                high=effect.high,
                naive=effect.naive,
                observed=effect.observed,
                expected=effect.expected,
                weeks_needed=effect.weeks_needed,
                reasons=[
                    _as_written(reason, names, alone=f"{effect.theme_id}{ELSEWHERE}" in compared)
                    for reason in (*effect.reasons, each.foreseen, plain, asks)
                    if reason is not None
                ],
                course=[step.written() for step in effect.course],
            )
        )
    return rows


def _as_written(reason: Mapping[str, object], names: Mapping[str, str], *, alone: bool) -> dict[str, object]:
    """Return a reason as it is kept: interventions by their own names, and what it was compared with.

    With `alone` that is the same theme among everybody else.
    """
    written = dict(reason)
    if "intervention" in written:
        written["intervention"] = names.get(str(written["intervention"]), written["intervention"])
    if alone and written["code"] == "controls":
        written = {"code": "controls_elsewhere"}
    return written


def _wishes(session: Session, organisation_id: str, zone: ZoneInfo) -> "Wishes":
    """Return how effects are measured: in the organisation's zone, with its releases and outages."""
    from service.rules.effects.cases import Wishes

    return Wishes(zone=zone.key, happened=effects.happened(session, organisation_id, HAPPENINGS, zone=zone))


def _active(
    session: Session, organisation_id: str, within: Bounds, zone: ZoneInfo
) -> Mapping[date, int] | None:
    """Return how many customers used the product in the week up to each Sunday; None where nobody knows."""
    first, last = within
    sundays = [
        first + timedelta(days=number)
        for number in range((last - first).days + 1)
        if (first + timedelta(days=number)).weekday() == 6
    ]
    counts = alarms.active_customers(session, organisation_id, days=sundays, zone=zone.key)
    return None if counts is None else dict(zip(sundays, counts, strict=True))


def _asks(effect: Effect) -> Mapping[str, object] | None:
    return next((reason for reason in effect.reasons if reason["code"] == "still_asked"), None)
