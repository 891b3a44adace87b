"""Ways to the provider and back: each is gone once, by the browser that set out, and soon."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from service.access.provider import Trip
from service.access.secret import fingerprint, new_secret
from service.access.turned_away import TurnedAway
from service.models import Departure
from service.repositories import departures

LASTS = timedelta(minutes=10)
MOST = 1000
"""Ways that are open at once; of more, the oldest are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a browser sets out with."""

    state: str = field(repr=False)
    """For the provider, which gives it back."""
    held: str = field(repr=False)
    """For the browser's cookie."""


def set_out(
    session: Session, organisation_id: str, trip: Trip, *, leads_to: str, typed: str, now: datetime
) -> Ticket:
    """Note where a browser goes and what it had filled in, and return what it is known by when it is back."""
    departures.delete_ended(session, now=now)
    departures.keep_newest(session, MOST - 1)
    ticket = Ticket(state=new_secret(), held=new_secret())
    session.add(
        Departure(
            id=fingerprint(ticket.state),
            organisation_id=organisation_id,
            browser=fingerprint(ticket.held),
            nonce=trip.nonce,
            verifier=trip.verifier,
            leads_to=leads_to,
            typed=typed,
            created_at=now,
            ends_at=now + LASTS,
        )
    )
    return ticket


def come_back(session: Session, state: str, held: str, *, now: datetime) -> Departure:
    """Use a way up, and return it. Raises TurnedAway for one that is none, is over, or is another browser's.

    Another browser does not use it up: whoever set out can still come back.
    """
    departure = departures.lock(session, fingerprint(state))
    if departure is None or departure.ends_at <= now:
        raise TurnedAway("stale", "state")
    if not hmac.compare_digest(departure.browser, fingerprint(held)):
        raise TurnedAway("stale", "browser")
    session.delete(departure)
    return departure
