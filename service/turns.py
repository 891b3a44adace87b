"""Turns of a credential at another system: as often as that allows, counted over all processes."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.errors import RetryLater
from connectors.ports import Pace
from service.db import Database
from service.repositories import walks

LONGEST = 20.0
"""Seconds that a turn is waited for; a job that would wait longer comes again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Waits until a credential may be used; is what `connectors.http.Http` calls before it sends."""

    db: Database
    organisation_id: str
    key: str = field(repr=False)
    pace: Pace

    def __call__(self) -> None:
        """Wait for the next turn. Raises RetryLater where that is too far away."""
        every = timedelta(seconds=self.pace.seconds / self.pace.requests)
        with self.db.begin() as session:
            wait = walks.reserve(session, self.organisation_id, self.key, every=every, burst=self.pace.burst)
            if wait > LONGEST:  # the turn is given back: nothing of it is committed
                raise RetryLater("it was asked as often as it allows", after=timedelta(seconds=wait))
        if wait > 0:
            time.sleep(wait)
