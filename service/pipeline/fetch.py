"""The stage that asks sources for what they hold: all of it once, then whatever calls told of or lost.

A walk goes page by page. Each page is stored in one transaction with the cursor of the next one, so that a
walk which is cut off goes on there, and nothing is lost or doubled. An hour after a walk another one asks for
all that changed since, with some overlap: what it finds and no call had told of is a gap that was repaired.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError

from connectors.errors import ConnectorError, Refused, RetryLater, Unreadable
from connectors.ports import BadRow, File, Page
from connectors.ports import Source as SourcePort
from nlp.redact import redact
from service.db import Database
from service.errors import KoeError, WrongUse
from service.imports import Options, feedback, heard, import_file
from service.imports.heard import Told
from service.models import Source, Walk
from service.pipeline import silence
from service.pipeline.report import Progress, Report, silent, stumbled
from service.pipeline.told import keep
from service.repositories import locks, organisations, walks
from service.repositories.walks import Asked
from service.rules import asking

STAGE = "fetch"
SECONDS = 20.0
"""For which one job asks; then others have their turn."""
MOST_ITEMS = 10**12
MOST_REASONS = 20
"""Of what fits nothing that are told."""
AT_ONCE = 25
"""Items that are fetched one by one between two looks at the clock."""
OVERLAPS = 1
"""So many pages in a row may tell the same as the one before: a source that goes on by times begins a page a
little before the end of the last, and after a change of many items at once that is all of it."""
ENDLESS = "it gives the same page again and again, so that no walk comes to its end; is the address right?"

Listen = Callable[[Source], SourcePort]


class _Stumbled(Refused):
    """A fault of our own: a person must act, as where a source refuses, but the source said nothing of it."""


def run(
    db: Database,
    organisation_id: str,
    listen: Listen,
    *,
    only: str | None = None,
    seconds: float = SECONDS,
    public_url: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Ask the sources of an organisation, or the `only` one of this name, for what is due.

    Every page and every item is committed by itself; any number of processes may do so at once. It ends when
    nothing is due any more, or after so many seconds.
    """
    with db.begin() as session:
        found = walks.sources_that_can(session, organisation_id)
    waiting = deque(
        _Asking(db=db, source=source, listen=listen, public_url=public_url, progress=progress)
        for source in found
        if only in (None, source.name)
    )
    until, done, failures = monotonic() + seconds, 0, list[str]()
    while waiting and monotonic() < until:
        asked = waiting.popleft()
        try:
            came = asked.step()
        except ConnectorError as error:
            failures.append(f"{asked.source.name}: {error}")
            continue
        if came is not None:
            done += came
            waiting.append(asked)  # one step each: a long history must not hold up what others say today
    return Report(stage=STAGE, done=done, failed=len(failures), notes=tuple(failures))


@dataclass(kw_only=True)
class _Asking:
    """One source while it is asked."""

    db: Database
    source: Source
    listen: Listen
    public_url: str | None
    progress: Progress
    opened: SourcePort | None = None
    before: Sequence[str] = ()
    """What the page before told, by the keys of its records."""
    told_again: int = 0
    """How many pages in a row told the same as the one before."""

    def step(self) -> int | None:
        """Ask for what calls told of, or else for a page, and return how many items came.

        None where nothing is due. Raises ConnectorError.
        """
        came = self._fetch_told()
        return came if came is not None else self._take_page()

    def _fetch_told(self) -> int | None:
        """Fetch items that calls told of; None if none are due."""
        with self.db.begin() as session:
            due = walks.told(session, self.source.id, most=AT_ONCE)
        for place, asked in enumerate(due):
            try:
                with _as_connector_error():
                    event = self._port().fetch(asked.external_id)
                    told = heard.read([event], received_at=datetime.now(UTC))
                    with self.db.begin() as session:
                        keep(session, self.source, told)
                        walks.forget(session, self.source.id, asked)
            except RetryLater as error:
                self._postpone(due[place:], error)
                self._rest(error)
                raise
            except ConnectorError as error:  # it says nothing of the others
                self._postpone([asked], error)
        return len(due) or None

    def _postpone(self, items: Sequence[Asked], error: ConnectorError) -> None:
        tries = items[0].tries
        named = [asked.external_id for asked in items]
        wait = asking.after_failure(tries, refused=isinstance(error, Refused), asked=_pause(error))
        with self.db.begin() as session:
            walks.postpone(session, self.source.id, named, wait=wait, reason=str(error))

    def _take_page(self) -> int | None:
        """Take the next page of the walk, if one is due."""
        with self.db.begin() as session:
            walk = walks.next_step(session, self.source.id)
        if walk is None:
            return None
        try:
            with _as_connector_error():
                page = self._port().page(walk.since, walk.cursor)
                told = heard.read(page.events, received_at=datetime.now(UTC))
                return self._keep_page(walk, page, told)
        except ConnectorError as error:
            self._note_failure(walk, error)
            self._rest(error)
            raise

    def _keep_page(self, walk: Walk, page: Page, told: Told) -> int:
        """Store a page with the place of the next one. Raises Refused where these pages have no end."""
        from_files = sum(self._import(file, told) for file in told.files)
        with self.db.begin() as session:
            locks.hold_source(session, self.source.id)
            now = walks.lock_walk(session, self.source.id)
            if now is None or (now.began_at, now.cursor) != (walk.began_at, walk.cursor):
                return 0  # another process took this page, or a new walk was begun meanwhile
            if now.through is not None and self.source.proof is not None:
                now.repaired += len(feedback.unheard(session, self.source.id, told.records))
            keep(session, self.source, told)
            now.misfits += len(told.mistakes)
            reasons = [redact(mistake.reason).text for mistake in told.mistakes]
            now.reasons = [*now.reasons, *reasons][-MOST_REASONS:]
            came = len(told.items) + from_files
            _step(now, page, came, calls=self.source.proof is not None)
            silence.end(session, self.source.id, public_url=self.public_url)
            items, total = now.items, now.total
        self.progress(STAGE, items, max(items, total or 0))
        keys = [record.delivery_key for record in told.records]
        self.told_again = self.told_again + 1 if keys and keys == self.before else 0
        self.before = keys
        if page.cursor is not None and (page.cursor == walk.cursor or self.told_again > OVERLAPS):
            raise Refused(ENDLESS)
        return came

    def _import(self, file: File, told: Told) -> int:
        """Store the rows of a file, and return how many are new; what cannot be read is noted."""
        options = Options(
            encoding=file.encoding,
            own=tuple(file.own),
            interviewers=tuple(file.interviewers),
            timezone=str(self._zone()),
        )
        try:
            report = import_file(
                self.db,
                self.source.organisation_id,
                "feedback",
                file.path,
                source=self.source.name,
                options=options,
                name=file.name,
            )
        except (Unreadable, WrongUse) as error:
            told.mistakes.append(BadRow(line=0, reason=f"{file.name}: {error}"))
            return 0
        for line, reason in report.rejects:
            told.mistakes.append(BadRow(line=line, reason=f"{file.name}, line {line}: {reason}"))
        return report.stored + report.updated

    def _zone(self) -> ZoneInfo:
        with self.db.begin() as session:
            return organisations.zone_of(session, self.source.organisation_id)

    def _note_failure(self, walk: Walk, error: ConnectorError) -> None:
        wait = asking.after_failure(walk.tries, refused=isinstance(error, Refused), asked=_pause(error))
        with self.db.begin() as session:
            now = walks.lock_walk(session, self.source.id)
            if now is None:
                return
            now.tries, now.reason, now.next_at = now.tries + 1, str(error), datetime.now(UTC) + wait
            if isinstance(error, Refused) and not isinstance(error, _Stumbled):
                now.refusals += 1
                silence.begin(session, now, reason=str(error), public_url=self.public_url)

    def _rest(self, error: ConnectorError) -> None:
        """Leave the source alone for as long as it asked, whatever else is due."""
        if pause := _pause(error):
            with self.db.begin() as session:
                walks.rest(session, self.source.id, pause)

    def _port(self) -> SourcePort:
        """Return the connector, opened when it is first needed."""
        if self.opened is None:
            self.opened = self.listen(self.source)
        return self.opened


def _step(walk: Walk, page: Page, items: int, *, calls: bool) -> None:
    """Note that a page was taken, and when the next one is due."""
    now = datetime.now(UTC)
    walk.items, walk.total, walk.tries, walk.reason = walk.items + items, _sane(page.total), 0, None
    walk.refusals = 0
    walk.cursor, walk.next_at = page.cursor, now
    if page.cursor is None:
        walk.through, walk.began_at = walk.began_at, None
        walk.next_at = now + asking.until_next_walk(calls=calls)


def _sane(total: int | None) -> int | None:
    """Return how many items a source says it has, unless nobody could have as many."""
    return total if total is not None and 0 <= total <= MOST_ITEMS else None


def _pause(error: ConnectorError) -> timedelta | None:
    return error.after if isinstance(error, RetryLater) else None


@contextmanager
def _as_connector_error() -> Iterator[None]:
    """Let a fault of our own be told where the source is shown, as a refusal is, and hold up no other.

    What is none of the source's, such as a database that is away, stays what it is.
    """
    try:
        yield
    except (ConnectorError, KoeError, OperationalError):
        raise
    except Exception as error:
        raise _Stumbled(stumbled(error)) from error
