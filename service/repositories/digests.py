"""The weekly digest: who asked for it, which weeks were told, and the letters on their way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from service.models import DigestLetter, DigestWeek, DigestWish, Person
from service.rules.digests import Week

UNDER_WAY = ("waiting", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a person gets the digest, and what became of the last one."""

    wish: DigestWish | None
    last: DigestLetter | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A letter that is to be sent now, and to whom."""

    letter: DigestLetter
    person: Person
    lang: str


def standing(session: Session, organisation_id: str, person_id: str) -> Standing:
    """Return whether a person gets the digest, and what became of the last one."""
    newest = (
        select(DigestLetter)
        .where(DigestLetter.organisation_id == organisation_id, DigestLetter.person_id == person_id)
        .order_by(col(DigestLetter.week).desc())
        .limit(1)
    )
    return Standing(wish=wish_of(session, organisation_id, person_id), last=session.exec(newest).first())


def wish_of(session: Session, organisation_id: str, person_id: str) -> DigestWish | None:
    """Return the wish of a person for the digest, None where there is none."""
    query = select(DigestWish).where(
        DigestWish.organisation_id == organisation_id, DigestWish.person_id == person_id
    )
    return session.exec(query).one_or_none()


def ask(session: Session, organisation_id: str, person_id: str, *, lang: str, at: datetime) -> None:
    """Let a person get the digest in a language from the next one on; what was refused is tried again."""
    told = {"lang": lang, "refused": None, "refused_reason": None}
    made = insert(DigestWish).values(
        person_id=person_id, organisation_id=organisation_id, asked_at=at, **told
    )
    session.execute(made.on_conflict_do_update(index_elements=["person_id"], set_=told))


def leave(session: Session, organisation_id: str, person_id: str) -> bool:
    """Let a person get no digest any more, and none that still waits; say whether they got any."""
    of_person = and_(
        col(DigestWish.organisation_id) == organisation_id, col(DigestWish.person_id) == person_id
    )
    gone = session.execute(delete(DigestWish).where(of_person).returning(col(DigestWish.person_id))).first()
    session.execute(
        delete(DigestLetter).where(
            col(DigestLetter.organisation_id) == organisation_id,
            col(DigestLetter.person_id) == person_id,
            col(DigestLetter.state) == "waiting",
        )
    )
    return gone is not None


def is_told(session: Session, organisation_id: str, week: Week) -> bool:
    """Say whether a week was told."""
    return session.get(DigestWeek, (organisation_id, week.name)) is not None


def begin(session: Session, organisation_id: str, week: Week, *, now: datetime) -> bool:
    """Note that a week is told in this transaction; False where it was told before."""
    made = insert(DigestWeek).values(
        organisation_id=organisation_id, week=week.name, since=week.since, until=week.until, told_at=now
    )
    noted = made.on_conflict_do_nothing().returning(col(DigestWeek.week))
    return session.execute(noted).first() is not None


def write_letters(session: Session, organisation_id: str, week: Week, *, now: datetime) -> int:
    """Let a letter wait for everybody who had asked for one by then; return how many there are."""
    wanting = session.exec(
        select(DigestWish.person_id)
        .join(Person, col(Person.id) == col(DigestWish.person_id))
        .where(DigestWish.organisation_id == organisation_id, col(DigestWish.asked_at) <= week.until)
        .where(*_reachable())
        .order_by(col(DigestWish.person_id))
    ).all()
    rows = [
        {
            "person_id": person_id,
            "week": week.name,
            "organisation_id": organisation_id,
            "since": week.since,
            "until": week.until,
            "state": "waiting",
            "attempts": 0,
            "next_at": now,
            "updated_at": now,
        }
        for person_id in wanting
    ]
    if rows:
        session.execute(insert(DigestLetter).values(rows).on_conflict_do_nothing())
    return len(rows)


def take(session: Session, organisation_id: str, *, now: datetime, lease: timedelta) -> Due | None:
    """Take the letter that has been due longest and nobody else holds; it is due again after the lease."""
    query = (
        select(DigestLetter, Person, DigestWish.lang)
        .join(Person, col(Person.id) == col(DigestLetter.person_id))
        .join(DigestWish, col(DigestWish.person_id) == col(DigestLetter.person_id))
        .where(DigestLetter.organisation_id == organisation_id, DigestLetter.state == "waiting")
        .where(col(DigestLetter.next_at) <= now, *_reachable())
        .order_by(col(DigestLetter.next_at), col(DigestLetter.person_id))
        .limit(1)
        .with_for_update(of=DigestLetter, skip_locked=True)
    )
    found = session.exec(query).first()
    if found is None:
        return None
    letter, person, lang = found
    letter.attempts += 1
    letter.next_at, letter.updated_at = now + lease, now
    return Due(letter=letter, person=person, lang=lang)


def hand_over(session: Session, due: Due, *, now: datetime, lease: timedelta) -> bool:
    """Note that a letter's text is sent now; False where it was given up, or somebody else has it."""
    letter = due.letter
    mine = (
        update(DigestLetter)
        .where(
            col(DigestLetter.person_id) == letter.person_id,
            col(DigestLetter.week) == letter.week,
            col(DigestLetter.state) == "waiting",
            col(DigestLetter.attempts) == letter.attempts,
        )
        .values(state="sending", next_at=now + lease, updated_at=now)
        .returning(col(DigestLetter.week))
    )
    return session.execute(mine).first() is not None


def note(session: Session, due: Due, state: str, *, now: datetime, **more: object) -> None:
    """Note what became of a letter, unless somebody else has taken it since."""
    letter = due.letter
    session.execute(
        update(DigestLetter)
        .where(
            col(DigestLetter.person_id) == letter.person_id,
            col(DigestLetter.week) == letter.week,
            col(DigestLetter.state).in_(UNDER_WAY),
            col(DigestLetter.attempts) == letter.attempts,
        )
        .values(state=state, updated_at=now, **{"reason": None, **more})
    )


def note_refused(session: Session, due: Due, *, reason: str) -> None:
    """Note that the mail server refused a person's address: nothing more goes there."""
    session.execute(
        update(DigestWish)
        .where(col(DigestWish.person_id) == due.person.id)
        .values(refused=due.person.email, refused_reason=reason)
    )


def note_cut_off(session: Session, organisation_id: str, *, now: datetime, reason: str) -> None:
    """Note of letters whose sender ended while their text was sent that nobody knows what became of them."""
    session.execute(
        update(DigestLetter)
        .where(col(DigestLetter.organisation_id) == organisation_id, col(DigestLetter.state) == "sending")
        .where(col(DigestLetter.next_at) <= now)
        .values(state="unsure", reason=reason, updated_at=now)
    )


def organisations_with_letters(session: Session) -> list[str]:
    """Return the organisations of which a letter is due."""
    query = (
        select(DigestLetter.organisation_id)
        .where(col(DigestLetter.state).in_(UNDER_WAY), col(DigestLetter.next_at) <= func.clock_timestamp())
        .distinct()
        .order_by(col(DigestLetter.organisation_id))
    )
    return list(session.exec(query))


def count_wishes(session: Session, organisation_id: str) -> int:
    """Return how many people get the digest."""
    query = select(func.count()).select_from(DigestWish).join(Person, col(Person.id) == DigestWish.person_id)
    return session.exec(query.where(DigestWish.organisation_id == organisation_id, *_reachable())).one()


def states(session: Session, organisation_id: str, week: str) -> Mapping[str, int]:
    """Return how many letters of a week there are in each state."""
    query = (
        select(DigestLetter.state, func.count())
        .where(DigestLetter.organisation_id == organisation_id, DigestLetter.week == week)
        .group_by(col(DigestLetter.state))
    )
    return dict(session.exec(query).all())


def _reachable() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for people whom letters reach."""
    return (
        col(Person.disabled_at).is_(None),
        col(Person.email).is_not(None),
        or_(col(DigestWish.refused).is_(None), col(DigestWish.refused) != col(Person.email)),
    )
