"""Tells targets what happened: frozen as it is now, in the transaction in which it happens."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from connectors.ports import News
from connectors.registry import TARGETS
from nlp.redact import redact
from service.models import Alarm, Theme
from service.repositories import deliveries, outbox, targets

ALARM_RAISED = "alarm.raised"
MOST_ITEMS = 50
"""Items that are named in one piece of news; the alarm itself has them all."""


def tell(session: Session, organisation_id: str, news: News) -> None:
    """Let news wait for every target that hears of such events, once each."""
    now = outbox.clock(session)
    for target in targets.list_targets(session, organisation_id):
        kind = TARGETS.get(target.kind)
        if kind is not None and news.event in kind.hears:
            deliveries.put_news(session, news, target, at=now)


def of_alarm(alarm: Alarm, theme: Theme | None, *, zone: ZoneInfo, public_url: str | None) -> News:
    """Return the news that an alarm was raised; times are in `zone`, so that their dates are the reader's."""
    return News(
        event=ALARM_RAISED,
        subject_id=alarm.id,
        at=alarm.raised_at,
        data={
            "alarm_id": alarm.id,
            "theme_id": alarm.theme_id,
            "theme_title": theme.title if theme else None,
            "kind": alarm.kind,
            "onset": alarm.onset.astimezone(zone).isoformat(timespec="seconds"),
            "raised_at": alarm.raised_at.astimezone(zone).isoformat(timespec="seconds"),
            "contacts": alarm.contacts,
            "expected": alarm.expected,
            "items": [
                # Some systems call an item by its customer's address.
                {"source": each["source"], "external_id": redact(each["external_id"]).text}
                for each in alarm.items[-MOST_ITEMS:]
            ],
            "link": f"{public_url.rstrip('/')}/alarms/{alarm.id}" if public_url else None,
        },
    )
