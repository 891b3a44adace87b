"""Organisations."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.errors import NotFound
from service.models import Organisation


def zone_of(session: Session, organisation_id: str) -> ZoneInfo:
    """Return the time zone in which an organisation's days and weeks begin. Raises NotFound."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"There is no organisation {organisation_id}.")
    return ZoneInfo(organisation.timezone)


def lock(session: Session, organisation_id: str) -> None:
    """Wait until nobody else works on the organisation's persons. Raises NotFound."""
    if session.get(Organisation, organisation_id, with_for_update=True) is None:
        raise NotFound(f"There is no organisation {organisation_id}.")


def set_zone(session: Session, organisation_id: str, timezone: str) -> None:
    """Let an organisation's days and weeks begin as in `timezone` from now on."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is not None and organisation.timezone != timezone:
        organisation.timezone = timezone
