"""What the worker does when it is asked: the stages, on what is new."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from procrastinate import App

from service.db import Database
from service.jobs.lanes import LANE_OF, Lane
from service.jobs.queue import Queue
from service.jobs.sweep import ask_for_what_is_due, look_around, remind, sweep
from service.pipeline import (
    bring_in,
    deliver,
    digest,
    fetch,
    look,
    seek,
    steer,
    take_back,
    tally,
    track,
    value,
)
from service.pipeline.digest import Post
from service.pipeline.fetch import Listen
from service.pipeline.report import Progress, Stopped
from service.pipeline.run import Ports, run, take_live
from service.repositories import runs, tracking, waiting, walks

TICKING: Lane = "live"
"""The lane that watches the clock."""
EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "7 * * * *"
EVERY_FIVE_SECONDS = "* * * * * */5"
"""Procrastinate's sixth field is the seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What each job does, for one organisation."""

    db: Database
    queue: Queue
    ports: Ports
    listen: Listen
    """Builds the connector of a configured source."""
    post: Post
    """By which digests go out."""
    progress: Progress
    """Called at every step of what takes long; it may raise Stopped."""

    def fetch(self, organisation_id: str) -> None:
        """Ask sources for what is due, and for more soon where that is not all."""
        report = fetch.run(
            self.db,
            organisation_id,
            self.listen,
            public_url=self.ports.public_url,
            progress=self.progress,
        )
        if report.done:
            self.queue.ask("take_in", organisation_id)
        self._ask_for_what_is_told(organisation_id)

    def _ask_for_what_is_told(self, organisation_id: str) -> None:
        with self.db.begin() as session:
            due = walks.is_due(session, organisation_id)
        if due:
            self.queue.ask("fetch", organisation_id)

    def bring_in(self, organisation_id: str) -> None:
        """Import the files that people gave to the pages, or take back what they brought."""
        gone = take_back.run(self.db, organisation_id, progress=self.progress).done
        came = bring_in.run(self.db, organisation_id, progress=self.progress).done
        if gone or came:
            self.queue.ask("take_in", organisation_id)

    def take_in(self, organisation_id: str) -> None:
        """Take what was received into its themes, and ask for a search, or a run, where enough is new."""
        take_live(self.db, organisation_id, self.ports.embedders)
        self._ask_for_what_is_told(organisation_id)
        self.queue.ask("look", organisation_id)
        ask_for_what_is_due(self.db, self.queue, organisation_id)

    def seek(self, organisation_id: str) -> None:
        """Look among what came since the last run for what is said for the first time."""
        if seek.run(self.db, organisation_id, self.ports.labeler).done:
            self.queue.ask("look", organisation_id)

    def look(self, organisation_id: str) -> None:
        """Look whether a theme is new or rises."""
        look.run(
            self.db,
            organisation_id,
            allowed=self.ports.false_alarms,
            public_url=self.ports.public_url,
            progress=self.progress,
        )
        remind(self.db, self.queue)

    def discover(self, organisation_id: str) -> None:
        """Run all stages on all there is. A preview that waits stays what it is, beside the new run."""
        began = monotonic()
        with self.db.begin() as session:
            seen = waiting.freshness(session, organisation_id).spans
        run(self.db, organisation_id, self.ports, progress=self.progress)
        with self.db.begin() as session:
            runs.note_discovery(
                session, organisation_id, seen=seen, at=datetime.now(UTC), seconds=monotonic() - began
            )

    def deliver(self, organisation_id: str) -> None:
        """Hand over what is due."""
        deliver.run(
            self.db,
            organisation_id,
            self.ports.connect,
            public_url=self.ports.public_url,
            progress=self.progress,
        )

    def track(self, organisation_id: str) -> None:
        """Look how things stand that were delivered, and ask for more soon where that is not all."""
        track.run(
            self.db,
            organisation_id,
            self.ports.connect,
            public_url=self.ports.public_url,
            progress=self.progress,
        )
        with self.db.begin() as session:
            more = tracking.count_due(session, organisation_id)
        if more:
            self.queue.ask("track", organisation_id)
        remind(self.db, self.queue)

    def weigh(self, organisation_id: str) -> None:
        """Count and weigh the themes by what was heard and corrected since, and reckon the measures."""
        tally.run(self.db, organisation_id, progress=self.progress)
        value.run(self.db, organisation_id, progress=self.progress)
        steer.run(self.db, organisation_id, progress=self.progress)

    def digest(self, organisation_id: str) -> None:
        """Tell the week that is over, once, and send the letters that are due."""
        digest.run(self.db, organisation_id, self.post, progress=self.progress)
        remind(self.db, self.queue)

    def sweep(self, timestamp: int) -> None:  # noqa: ARG002  Procrastinate tells the time it meant
        """Ask for whatever waits."""
        sweep(self.db, self.queue, rhythm=self.post.rhythm)

    def look_around(self, timestamp: int) -> None:  # noqa: ARG002
        """Ask for a look at all themes, and for what they are worth."""
        look_around(self.db, self.queue)

    def remind(self, timestamp: int) -> None:  # noqa: ARG002
        """Ask for the deliveries that are due."""
        remind(self.db, self.queue)


def register(app: App, lane: Lane, duties: Duties) -> None:
    """Say what each job of a lane does.

    Each lane has an app of its own: two workers that watch the clock in one would disturb each other.
    """
    for job, does in (
        ("fetch", duties.fetch),
        ("bring_in", duties.bring_in),
        ("take_in", duties.take_in),
        ("seek", duties.seek),
        ("look", duties.look),
        ("discover", duties.discover),
        ("deliver", duties.deliver),
        ("track", duties.track),
        ("weigh", duties.weigh),
        ("digest", duties.digest),
    ):
        if LANE_OF[job] == lane:
            app.task(name=job, queue=lane)(_until_stopped(does))
    if lane == TICKING:
        for tick, cron in (
            (duties.sweep, EVERY_MINUTE),
            (duties.look_around, EVERY_HOUR),
            (duties.remind, EVERY_FIVE_SECONDS),
        ):
            name = tick.__name__
            app.periodic(cron=cron)(app.task(name=name, queue=lane, queueing_lock=name)(tick))


def _until_stopped(does: Callable[[str], None]) -> Callable[[str], None]:
    def job(organisation_id: str) -> None:
        with suppress(Stopped):
            does(organisation_id)

    return job
