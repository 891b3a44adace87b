"""Organisations."""

from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.errors import Conflict, NotFound, WrongUse
from service.models import Organisation

KNOWN_ZONE = text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :name)")


def add(session: Session, organisation_id: str, *, timezone: str) -> None:
    """Add an organisation. Raises Conflict if it is there, WrongUse for a time zone that is none."""
    _check_zone(session, timezone)
    made = {"id": organisation_id, "name": organisation_id, "timezone": timezone}
    query = insert(Organisation).values(made).on_conflict_do_nothing().returning(col(Organisation.id))
    if session.execute(query).one_or_none() is None:
        raise Conflict(f"There is an organisation {organisation_id} already.")


def list_organisations(session: Session) -> list[Organisation]:
    """Return every organisation by its id."""
    return list(session.exec(select(Organisation).order_by(col(Organisation.id).collate("C"))))


def require(session: Session, organisation_id: str) -> None:
    """Raise NotFound where there is no such organisation."""
    if session.get(Organisation, organisation_id) is None:
        raise NotFound(
            f"KOE_ORGANISATION={organisation_id}: there is no such organisation. Make it with "
            f"`koe organisation add {organisation_id}`."
        )


def get(session: Session, organisation_id: str) -> Organisation:
    """Return an organisation. Raises NotFound."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"There is no organisation {organisation_id}.")
    return organisation


def zone_of(session: Session, organisation_id: str) -> ZoneInfo:
    """Return the time zone in which an organisation's days and weeks begin. Raises NotFound."""
    return ZoneInfo(get(session, organisation_id).timezone)


def lock(session: Session, organisation_id: str) -> None:
    """Wait until nobody else works on the organisation's persons. Raises NotFound.

    Whoever stores something of the organisation's, a long file say, is not waited for. Of a person and their
    organisation the person is locked first.
    """
    if session.get(Organisation, organisation_id, with_for_update={"key_share": True}) is None:
        raise NotFound(f"There is no organisation {organisation_id}.")


def set_zone(session: Session, organisation_id: str, timezone: str) -> None:
    """Let an organisation's days and weeks begin as in `timezone` from now on. Raises WrongUse for none."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is not None and organisation.timezone != timezone:
        _check_zone(session, timezone)
        organisation.timezone = timezone


def is_zone(session: Session, name: str) -> bool:
    """Say whether a text names a time zone, to the database as well: `localtime` is not one everywhere."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return bool(session.execute(KNOWN_ZONE, {"name": name}).scalar_one())


def _check_zone(session: Session, name: str) -> None:
    if not is_zone(session, name):
        raise WrongUse(f"{name} is no time zone; write it like Asia/Tokyo.")
