"""What a person does about an alarm: says that it was seen, and puts its theme on the quiet list."""

from datetime import UTC, date, datetime

from sqlmodel import Session

from service.errors import Conflict
from service.models import Alarm
from service.repositories import alarms, themes


def acknowledge(session: Session, organisation_id: str, alarm_id: str, *, by: str) -> Alarm:
    """Note who has seen it; the first stays. Raises NotFound."""
    alarm = alarms.lock(session, organisation_id, alarm_id)
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = datetime.now(UTC), by
    return alarm


def mute(session: Session, organisation_id: str, alarm_id: str, *, until: date | None, by: str) -> Alarm:
    """Let the alarm's theme raise no other up to a day, or for ever; it is seen by that.

    Raises NotFound, and Conflict where the alarm is about no theme.
    """
    alarm = acknowledge(session, organisation_id, alarm_id, by=by)
    if alarm.theme_id is None:
        raise Conflict("This alarm is about no theme, so there is none to be quiet.")
    theme = themes.current_theme(session, organisation_id, alarm.theme_id)
    alarms.mute(session, organisation_id, theme.id, until=until, by=by)
    return alarm


def unmute(session: Session, organisation_id: str, alarm_id: str) -> Alarm:
    """Let the alarm's theme raise alarms again. Raises NotFound."""
    alarm = alarms.lock(session, organisation_id, alarm_id)
    if alarm.theme_id is not None:
        unmute_theme(session, organisation_id, alarm.theme_id)
    return alarm


def unmute_theme(session: Session, organisation_id: str, theme_id: str) -> None:
    """Take a theme off the quiet list. Raises NotFound."""
    theme = themes.current_theme(session, organisation_id, theme_id)
    alarms.unmute(session, organisation_id, theme.id)
