"""The door to Procrastinate: how a job is asked for."""

from contextlib import suppress

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from service.db import Database
from service.jobs.lanes import LANE_OF, Job


def open_lane(db: Database) -> App:
    """Return what works through a lane's jobs, with connections of its own. A worker opens it."""
    return App(connector=PsycopgConnector(conninfo=db.libpq_url, min_size=1, max_size=8))


class Queue:
    """The jobs that wait in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # Never opened: it writes by the connection it is handed, inside a transaction of ours.
        self._asking = App(connector=SyncPsycopgConnector())

    def ask(self, job: Job, organisation_id: str) -> bool:
        """Let a job wait; False where one like it does already. Raises Unavailable."""
        with suppress(AlreadyEnqueued), self._db.begin() as session:
            self._asking.configure_task(
                job,
                queue=LANE_OF[job],
                queueing_lock=f"{job} {organisation_id}",
                connection=session.connection().connection.driver_connection,
            ).defer(organisation_id=organisation_id)
            return True
        return False
