"""The stage that reckons the measures by which a company steers ([measures](../../docs/measures.md))."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from service.db import Database
from service.models.columns import digest
from service.pipeline.report import Progress, Report, silent
from service.pipeline.steering_facts import Facts, gather
from service.repositories import locks, steering
from service.rules.stage import ENOUGH_ITEMS, ENOUGH_PEOPLE
from service.rules.steering.answering import first_answer, solution
from service.rules.steering.catalogue import QUARTER
from service.rules.steering.contacting import (
    Followed,
    Made,
    Problem,
    contact_rate,
    customer_effort,
    followed,
    problems,
    repeat_rate,
)
from service.rules.steering.deals import Deals, deals
from service.rules.steering.deciding import Asked, answered_themes, due_themes, work
from service.rules.steering.frame import Frame
from service.rules.steering.helping import self_service
from service.rules.steering.keeping import Keeping, keeping
from service.rules.steering.reading import Reading, Series

STAGE = "steer"
DIGITS = 6
"""After the point, of what is kept."""
NO_NUMBER: Mapping[str, object] = {"waiting": 0, "left_out": 0}
"""What a reading says only where it is something else."""
Row = Mapping[str, Any]


def run(
    db: Database, organisation_id: str, *, today: date | None = None, progress: Progress = silent
) -> Report:
    """Reckon every measure anew, in one transaction: all of it, or nothing.

    Nothing counts that is dated after `today`, which is that of the clock where it is not given.
    """
    with db.begin() as session:
        done = refresh(session, organisation_id, today=today)
    progress(STAGE, done, done)
    return Report(stage=STAGE, done=done)


def refresh(session: Session, organisation_id: str, *, today: date | None = None) -> int:
    """Reckon every measure in the caller's transaction; return how many there are."""
    locks.hold(session, STAGE, organisation_id)
    facts = gather(session, organisation_id, today=today)
    if facts is None:
        steering.replace_all(session, organisation_id, [], [])
        return 0
    asked = due_themes(facts.spoken, facts.answers, people=ENOUGH_PEOPLE, items=ENOUGH_ITEMS)
    kept = keeping(facts.lives, facts.voices, facts.around)
    won = deals(facts.lives, facts.voices, facts.around)
    again = followed(facts.made, days=facts.repeat_days, until=facts.around.until)
    had = problems(facts.made, days=facts.repeat_days, until=facts.around.until)
    measured = {
        **_measured(facts, asked, kept, won),
        "repeat_rate": repeat_rate(again, facts.around),
        "customer_effort": customer_effort(had, facts.around),
    }
    cases = [
        *_repeats(again, facts.around),
        *_efforts(had, facts.around),
        *_accounts(kept),
        *_decisions(won),
        *_themes(asked, facts),
    ]
    steering.replace_all(
        session,
        organisation_id,
        list(_series(organisation_id, measured, facts)),
        [
            {"id": digest(organisation_id, "case", str(number)), "organisation_id": organisation_id, **case}
            for number, case in enumerate(cases)
        ],
    )
    return len(measured)


def _measured(facts: Facts, asked: Iterable[Asked], kept: Keeping, won: Deals) -> dict[str, Series]:
    """Return every measure by its name."""
    around = facts.around
    measured: dict[str, Series] = {
        "contact_rate": contact_rate(facts.made, facts.active, around, base=facts.base),
        "self_service": self_service(facts.looks, facts.made, around),
        "first_answer": first_answer(facts.tickets, around, end=facts.end),
        "solution": solution(facts.tickets, around, end=facts.end),
        "work": work(facts.answers, facts.efforts, around),
        "answered_themes": answered_themes(asked, around, days=QUARTER),
    }
    for name, series in (*kept.series.items(), *won.series.items()):
        measured[name] = series
    return measured


def _series(organisation_id: str, measured: Mapping[str, Series], facts: Facts) -> Iterable[Row]:
    for measure, series in measured.items():
        for (name, every), readings in series.items():
            yield {
                "organisation_id": organisation_id,
                "slice": name,
                "measure": measure,
                "every": every,
                "first": facts.around.first.isoformat(),
                "until": facts.around.until.isoformat(),
                "later": facts.later,
                "readings": [told(each) for each in readings],
            }


def told(reading: Reading) -> dict[str, Any]:
    """Return a reading as it is kept: without what says nothing."""
    found = {
        name: _rounded(getattr(reading, name))
        for name in ("value", "low", "high", "numerator", "denominator", "reason", "waiting", "left_out")
        if getattr(reading, name) not in (None, NO_NUMBER.get(name))
    }
    return {**found, "facts": dict(reading.facts)} if reading.facts else found


def _rounded(value: object) -> object:
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value


def _repeats(again: Iterable[Followed], around: Frame) -> Iterable[Row]:
    """Return the contacts after which somebody came back."""
    for each in again:
        if each.again is not None and each.is_over:
            yield from _contact("repeat", each.one, around, {"again": each.again.isoformat()})


def _efforts(had: Iterable[Problem], around: Frame) -> Iterable[Row]:
    """Return the solved problems that took more than one contact: of the others there are very many."""
    for each in had:
        if each.contacts > 1 and each.is_over and each.last.is_solved:
            yield from _contact("effort", each.last, around, {"contacts": each.contacts})


def _contact(kind: str, one: Made, around: Frame, facts: Mapping[str, object]) -> Iterable[Row]:
    contact = one.contact
    if around.place("month", contact.day) is not None:
        yield {
            "kind": kind,
            "day": contact.day.isoformat(),
            "key": contact.item_id,
            "slices": list(one.slices),
            "facts": {"theme": contact.theme_id, "customer": contact.customer_id, **facts},
        }


def _accounts(kept: Keeping) -> Iterable[Row]:
    for start, cases in kept.cases.items():
        for case in cases:
            yield {
                "kind": "account",
                "day": start.isoformat(),
                "key": case.account_id,
                "slices": list(case.slices),
                "facts": {
                    "themes": list(case.themes),
                    "retention": case.stayed,
                    "usage_kept": _rounded(case.usage),
                    "revenue_kept": _rounded(case.revenue),
                    "money": None if case.money is None else float(case.money),
                    "currency": case.currency,
                },
            }


def _decisions(won: Deals) -> Iterable[Row]:
    for one in won.cases:
        yield {
            "kind": one.deal,
            "day": one.day.isoformat(),
            "key": one.account_id,
            "slices": list(one.slices),
            "facts": {
                "solved": [[each.theme_id, each.day.isoformat(), each.severity] for each in one.solved],
                "is_kept": one.is_kept,
                "money": None if one.money is None else str(one.money),
                "currency": one.currency,
            },
        }


def _themes(asked: Iterable[Asked], facts: Facts) -> Iterable[Row]:
    for one in asked:
        yield {
            "kind": "theme",
            "day": one.day.isoformat(),
            "key": one.theme_id,
            "slices": list(one.slices),
            "facts": {
                "answered": one.answer.day.isoformat() if one.answer else None,
                "by": one.answer.kind if one.answer else None,
            },
        }
    for each in sorted(set(facts.answers)):
        if each.kind != "decision":
            yield {
                "kind": "work",
                "day": each.day.isoformat(),
                "key": each.theme_id,
                "slices": [],
                "facts": {"by": each.kind, "days": facts.efforts.get(each.theme_id)},
            }
