"""Asks for a job soon after something came, however much comes at once."""

import logging
import threading

from service.errors import Unavailable
from service.jobs.lanes import Job
from service.jobs.queue import Queue

TOGETHER = 0.1
"""Seconds in which all that comes is asked for once."""

log = logging.getLogger(__name__)


class Bell:
    """Rung for every call that was committed; asks from a thread of its own, so nobody waits for it.

    What is rung for and not asked, because the process or the database ended, the sweep finds.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._rung: set[tuple[Job, str]] = set()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)

    def __enter__(self) -> "Bell":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._wake.set()
        self._thread.join()

    def ring(self, job: Job, organisation_id: str) -> None:
        """Let the job be asked for in a moment."""
        with self._guard:
            self._rung.add((job, organisation_id))
        self._wake.set()

    def _listen(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._guard:
                rung, self._rung = self._rung, set()
            for job, organisation_id in sorted(rung):
                self._ask(job, organisation_id)
            if self._closed.wait(TOGETHER):
                return

    def _ask(self, job: Job, organisation_id: str) -> None:
        try:
            self._queue.ask(job, organisation_id)
        except Unavailable as error:
            log.warning("A job could not be asked for: %s", error)
