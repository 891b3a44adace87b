"""The stage that looks how things stand that were delivered, until customers have them.

What is done there (a fix shipped, a draft published) opens an intervention by itself. What was deleted there
is let go and never made anew. As long as it is open, a note tells now and then that more people speak of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlmodel import Session

from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.files.encodings import clean
from connectors.outgoing import News, Remote
from connectors.target_port import GROWN
from service.db import Database
from service.models import Delivery, Suggestion, Target
from service.pipeline import decide, refusing
from service.pipeline.doors import Connect, Doors
from service.pipeline.outgoing import link_of
from service.pipeline.report import Progress, Report, silent
from service.repositories import deliveries, organisations, suggestions, themes, tracking
from service.repositories.figures import ThemeFigures
from service.repositories.tracking import Tracked
from service.rules import tracking as rules
from service.rules.web_addresses import is_web_address

STAGE = "track"
SECONDS = 20.0
"""For which one job looks; then others have their turn."""
HOLD = timedelta(minutes=5)
"""For which a look keeps others away: whoever is cut off is tracked after it."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "grown": "{people} people have spoken of this by now; {told} had when Koe last wrote here. "
        "Contacts: {contacts}. Accounts: {accounts}.",
    },
    "ja": {
        "grown": "現在、{people} 人がこの件を伝えています（Koe が前回ここに書いたときは {told} 人）。"
        "問い合わせ {contacts} 件、契約先 {accounts} 件。",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What a look found, or why it found nothing."""

    remote: Remote | None = None
    failure: ConnectorError | None = None
    broken: ConnectorError | None = None
    """Why nothing of this target can be looked at now; None where this one thing alone fails, if any."""
    takes_again: bool = False
    """Whether it was asked, and said that it takes what comes."""


def run(
    db: Database,
    organisation_id: str,
    connect: Connect,
    *,
    public_url: str | None = None,
    seconds: float = SECONDS,
    progress: Progress = silent,
) -> Report:
    """Look at all that is due, each by itself; any number of processes may do so at the same time."""
    doors = Doors(connect=connect)
    with db.begin() as session:
        total = tracking.count_due(session, organisation_id)
    until, done, failures = monotonic() + seconds, 0, list[str]()
    while monotonic() < until:
        with db.begin() as session:
            tracked = tracking.take_due(session, organisation_id, hold=HOLD)
        if tracked is None:
            break
        looked = _look(doors, tracked)
        if looked.failure is not None:
            failures.append(f"{tracked.target.name}: {looked.failure}")
        with db.begin() as session:
            _write(session, organisation_id, tracked, looked, public_url=public_url)
        done += 1
        progress(STAGE, done, max(done, total))
    return Report(
        stage=STAGE, done=done - len(failures), failed=len(failures), notes=tuple(dict.fromkeys(failures))
    )


def _look(doors: Doors, tracked: Tracked) -> _Looked:
    try:
        remote = doors.to(tracked.target).look(tracked.reference)
    except ConnectorError as error:
        return _Looked(failure=error, broken=_broken(doors, tracked.target))
    refused = tracked.target.refuses_since is not None
    return _Looked(remote=remote, takes_again=refused and _broken(doors, tracked.target) is None)


def _broken(doors: Doors, target: Target) -> ConnectorError | None:
    """Return why the target itself fails, and not this one thing in it; None where it does not."""
    try:
        doors.to(target).check()
    except ConnectorError as error:
        return error
    return None


def _write(
    session: Session,
    organisation_id: str,
    tracked: Tracked,
    looked: _Looked,
    *,
    public_url: str | None,
) -> None:
    """Write down how it stands, and do what follows from that."""
    # The suggestion before its delivery: whoever decides locks them in this order.
    suggestion = suggestions.lock_suggestion(session, organisation_id, tracked.suggestion_id)
    delivery = deliveries.lock_delivery(session, organisation_id, tracked.delivery_id)
    if delivery is None or delivery.reference != tracked.reference:
        return
    now, told = tracking.clock(session), delivery.look_at
    if looked.remote is None:
        after = looked.failure.after if isinstance(looked.failure, RetryLater) else None
        delivery.look_at = now + max(rules.AFTER_FAILURE, after or timedelta())
        if looked.broken is not None:
            tracking.leave_alone(session, tracked.target, until=delivery.look_at)
        if isinstance(looked.broken, Refused):
            refusing.begin(session, tracked.target, reason=str(looked.broken), public_url=public_url)
        return
    if looked.takes_again:
        refusing.believe(session, tracked.target, public_url=public_url)
    remote, before = looked.remote, delivery.remote_state
    delivery.look_at = rules.next_look(remote.state, now=now)
    if delivery.look_at and told and told < tracked.held_until:
        delivery.look_at = told  # what was found may be older than what was told of
    delivery.reference, delivery.url = clean(remote.reference), remote.url and clean(remote.url)
    if (before, delivery.remote_status) != (remote.state, remote.status):
        delivery.remote_state, delivery.remote_status = remote.state, clean(remote.status)
        delivery.remote_at = remote.at or now
        delivery.updated_at = now
    if remote.state == "done" and before != "done":
        decide.published(
            session,
            organisation_id,
            suggestion.id,
            url=delivery.url if delivery.url and is_web_address(delivery.url) else None,
            at=min(remote.at or now, now),
            by=tracked.target.name,
        )
    elif remote.state == "open":
        _tell_of_growth(session, suggestion, delivery, tracked, now=now, public_url=public_url)


def _tell_of_growth(
    session: Session,
    suggestion: Suggestion,
    delivery: Delivery,
    tracked: Tracked,
    *,
    now: datetime,
    public_url: str | None,
) -> None:
    """Let a note wait for the target where many more speak of it than the target was told of."""
    theme = suggestions.theme_of(session, suggestion)
    zone = organisations.zone_of(session, suggestion.organisation_id)
    figures = themes.theme_figures(session, suggestion.organisation_id, theme.id, zone=zone)
    last = tracking.last_note(session, delivery)
    told = last.payload["data"]["people"] if last and last.payload else _people_told(suggestion)
    since = now - (last.created_at if last else delivery.created_at)
    if rules.has_grown(told=told, people=figures.people, since=since):
        told_of = _grown(suggestion, delivery, figures, told=told, public_url=public_url)
        deliveries.put_news(session, told_of, tracked.target, at=now, link_to=delivery.reference)


def _people_told(suggestion: Suggestion) -> int:
    facts = (suggestion.draft or {}).get("facts", {})
    return int(facts.get("people") or max(facts.get("customers", 0), facts.get("contacts", 0)))


def _grown(
    suggestion: Suggestion, delivery: Delivery, figures: ThemeFigures, *, told: int, public_url: str | None
) -> News:
    words = WORDS["ja" if suggestion.lang == "ja" else "en"]["grown"]
    return News(
        event=GROWN,
        subject_id=f"{suggestion.id}-{figures.people}",
        at=datetime.now(UTC),
        data={
            "delivery_id": delivery.id,
            "theme_id": figures.theme.id,
            "people": figures.people,
            "text": words.format(
                people=f"{figures.people:,}",
                told=f"{told:,}",
                contacts=f"{figures.contacts:,}",
                accounts=f"{figures.accounts:,}",
            ),
            "link": link_of(f"/suggestions/{suggestion.id}", public_url),
        },
    )
