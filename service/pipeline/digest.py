"""The weekly digest: each week is told once to channels, and once to each person who asked for it by e-mail.

That a week is told, and all that goes out of it, is noted in one transaction; channels are told by the
outbox. A mail server cannot be asked what it has. So a letter is noted before its text is handed over:
whoever is killed before that leaves it to be tried again, and whoever is killed after it leaves a letter of
which nobody knows whether it arrived. That one is not sent again; the person is told on their page, where it
can be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlmodel import Session

from connectors.errors import ConnectorError, Uncertain
from connectors.outgoing import News
from connectors.smtp import AddressRefused, Letter, MailServer
from connectors.target_port import WEEKLY
from nlp.redact import redact
from service.db import Database
from service.models.columns import digest
from service.pipeline import news
from service.pipeline.report import Progress, Report, silent
from service.repositories import digests, organisations, outbox
from service.repositories.digests import Due
from service.rules.digests import TRIED_FOR, Rhythm, Week, is_in_time, newest, pause_after

STAGE = "digest"
LEASE = timedelta(minutes=5)
"""For which a letter is kept from others by whoever sends it."""
CUT_OFF = "Koe was cut off while this was sent"
MOST_AT_ONCE = 10_000
"""Letters of one job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The digest of a week in one language."""

    total: int
    """How many things changed."""
    told: Mapping[str, Any]
    """As channels get it."""
    subject: str
    text: str
    html: str


Write = Callable[[Session, str, str, Week, str], Written]
"""Writes the digest of an organisation in a language, of a week, with the address at which one leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What digests go out by."""

    write: Write
    leave: Callable[[str, str], str]
    """Gives the address at which a person of an organisation leaves."""
    server: MailServer | None
    """None where no mail is sent."""
    rhythm: Rhythm
    public_url: str | None


class GivenUpError(Exception):
    """The person gave the digest up, or somebody else sends this letter."""


def run(db: Database, organisation_id: str, post: Post, *, progress: Progress = silent) -> Report:
    """Tell the week whose hour has come, unless it was told, and send the letters that are due."""
    with db.begin() as session:
        zone, now = organisations.zone_of(session, organisation_id), outbox.clock(session)
        week = newest(now, zone, post.rhythm)
        if is_in_time(week, now):
            begin(session, organisation_id, post, week, now=now)
        digests.note_cut_off(session, organisation_id, now=now, reason=CUT_OFF)
    done, failures = 0, list[str]()
    while post.server is not None and done + len(failures) < MOST_AT_ONCE:
        came = _send_next(db, organisation_id, post, post.server, zone)
        if came is None:
            break
        done += not came
        failures += [came] if came else []
        progress(STAGE, done, done + len(failures))
    return Report(stage=STAGE, done=done, failed=len(failures), notes=tuple(dict.fromkeys(failures)))


def is_due(session: Session, organisation_id: str, rhythm: Rhythm) -> bool:
    """Say whether a week is to be told now."""
    now = outbox.clock(session)
    week = newest(now, organisations.zone_of(session, organisation_id), rhythm)
    return is_in_time(week, now) and not digests.is_told(session, organisation_id, week)


def begin(session: Session, organisation_id: str, post: Post, week: Week, *, now: datetime) -> bool:
    """Put everything on its way that tells of a week; False where that was done before."""
    if not digests.begin(session, organisation_id, week, now=now):
        return False
    if news.is_heard(session, organisation_id, WEEKLY):
        each = {lang: post.write(session, organisation_id, lang, week, "") for lang in ("en", "ja")}
        if each["en"].total:  # a channel of many people is not told that nothing happened
            news.tell(session, organisation_id, _news(week, each))
    if post.server is not None:
        digests.write_letters(session, organisation_id, week, now=now)
    return True


def _news(week: Week, each: Mapping[str, Written]) -> News:
    return News(
        event=WEEKLY,
        subject_id=week.name,
        at=week.until,
        data={
            "week": week.name,
            "since": week.since.isoformat(timespec="seconds"),
            "until": week.until.isoformat(timespec="seconds"),
            "changes": each["en"].total,
            "told": {lang: dict(written.told) for lang, written in each.items()},
        },
    )


def _send_next(
    db: Database, organisation_id: str, post: Post, server: MailServer, zone: ZoneInfo
) -> str | None:
    """Send the letter that has been due longest; return why it failed, empty where it did not.

    None where there is none. Every step is committed by itself.
    """
    with db.begin() as session:
        due = digests.take(session, organisation_id, now=outbox.clock(session), lease=LEASE)
    if due is None:
        return None
    with db.begin() as session:
        letter = _letter(session, due, post, zone)

    def hand_over() -> None:
        with db.begin() as session:
            if not digests.hand_over(session, due, now=outbox.clock(session), lease=LEASE):
                raise GivenUpError

    try:
        server.send(letter, before=hand_over)
    except GivenUpError:
        return ""
    except ConnectorError as error:
        with db.begin() as session:
            _note_failure(session, due, error)
        return str(error)
    with db.begin() as session:
        digests.note(session, due, "sent", now=outbox.clock(session))
    return ""


def _letter(session: Session, due: Due, post: Post, zone: ZoneInfo) -> Letter:
    letter, person = due.letter, due.person
    week = Week(since=letter.since.astimezone(zone), until=letter.until.astimezone(zone))
    leave = post.leave(letter.organisation_id, person.id)
    written = post.write(session, letter.organisation_id, due.lang, week, leave)
    host = urlsplit(post.public_url or "").hostname or "koe.invalid"
    return Letter(
        to=str(person.email),
        name=person.name,
        subject=written.subject,
        text=written.text,
        html=written.html,
        lang=due.lang,
        at=week.until,
        message_id=f"{digest(person.id, 'digest', letter.week)}@{host}",
        leave=leave,
    )


def _note_failure(session: Session, due: Due, error: ConnectorError) -> None:
    now, reason = outbox.clock(session), redact(str(error)).text
    if isinstance(error, AddressRefused):
        digests.note(session, due, "refused", now=now, reason=reason)
        digests.note_refused(session, due, reason=reason)
    elif isinstance(error, Uncertain):
        digests.note(session, due, "unsure", now=now, reason=reason)
    elif now - due.letter.until > TRIED_FOR:
        digests.note(session, due, "given_up", now=now, reason=reason)
    else:
        wait = pause_after(due.letter.attempts)
        digests.note(session, due, "waiting", now=now, reason=reason, next_at=now + wait)
