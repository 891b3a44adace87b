"""Tells targets what happened: frozen as it is now, in the transaction in which it happens."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from connectors.outgoing import News
from connectors.registry import TARGETS
from nlp.redact import redact
from service.models import Alarm, Delivery, Effect, Intervention, Source, Suggestion, Target, Theme
from service.pipeline.outgoing import link_of
from service.repositories import deliveries, outbox, targets

MOST_ITEMS = 50
"""Items that are named in one piece of news; the alarm itself has them all."""


def tell(session: Session, organisation_id: str, *happened: News, but: str | None = None) -> None:
    """Let news wait for every target that chose to hear of such events (`but` one), once each.

    What a target was told of a subject once, it is never told again.
    """
    if not happened:
        return
    now = outbox.clock(session)
    for target in targets.list_targets(session, organisation_id):
        kind = TARGETS.get(target.kind) if target.id != but else None
        chosen = kind.hears & kind.chosen(target.settings) if kind else frozenset[str]()
        for news in happened:
            if news.event in chosen:
                deliveries.put_news(session, news, target, at=now)


def is_heard(session: Session, organisation_id: str, event: str) -> bool:
    """Say whether any target chose to hear of an event."""
    for target in targets.list_targets(session, organisation_id):
        kind = TARGETS.get(target.kind)
        if kind is not None and event in kind.hears & kind.chosen(target.settings):
            return True
    return False


def of_refusal(target: Target, *, reason: str, waiting: int, public_url: str | None) -> News:
    """Return the news that a target lets Koe do nothing any more since `refuses_since`."""
    since = _since(target)
    told = {"reason": redact(reason).text, "waiting": waiting}
    return _of_standing("target.paused", target, at=since, told=told, public_url=public_url)


def of_return(target: Target, *, at: datetime, public_url: str | None) -> News:
    """Return the news that a target takes again what comes, which it had refused since `refuses_since`."""
    return _of_standing("target.resumed", target, at=at, told={}, public_url=public_url)


def of_silence(source: Source, *, reason: str, public_url: str | None) -> News:
    """Return the news that a source lets Koe read nothing any more since `refuses_since`."""
    told = {"reason": redact(reason).text}
    return _of_standing("source.paused", source, at=_since(source), told=told, public_url=public_url)


def of_return_of_source(source: Source, *, at: datetime, public_url: str | None) -> News:
    """Return the news that a source lets Koe read again, which it had refused since `refuses_since`."""
    return _of_standing("source.resumed", source, at=at, told={}, public_url=public_url)


def _since(connection: Target | Source) -> datetime:
    if connection.refuses_since is None:
        raise ValueError(f"{connection.id} does not refuse")
    return connection.refuses_since.astimezone(UTC)


def _of_standing(
    event: str,
    connection: Target | Source,
    *,
    at: datetime,
    told: Mapping[str, object],
    public_url: str | None,
) -> News:
    """Return the news of how a connection stands; of each time that it refuses they are told once."""
    noun, since = event.partition(".")[0], _since(connection)
    return News(
        event=event,
        subject_id=f"{connection.id}-{since:%Y%m%dT%H%M%S%f}",
        at=at,
        data={
            f"{noun}_id": connection.id,
            noun: connection.name,
            "kind": connection.kind,
            "since": since.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "link": link_of(f"/{noun}s/{connection.id}", public_url),
            **told,
        },
    )


def of_theme(theme: Theme, *, origin: str) -> News:
    """Return the news that there is a theme; the origin is `model`, or `person` where somebody made it."""
    return News(
        event="theme.created", subject_id=theme.id, at=datetime.now(UTC), data=_described(theme, origin)
    )


def of_update(theme: Theme, *, changed: Sequence[str], origin: str, at: datetime) -> News:
    """Return the news that a theme is not what it was; the origin is `model`, or `person`."""
    return News(
        event="theme.updated",
        subject_id=f"{theme.id}-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}",
        at=at,
        data={
            **_described(theme, origin),
            "changed": list(changed),
            "parent_id": theme.parent_id,
            "successor_id": theme.successor_id,
            "retired": theme.retired,
            "pinned": theme.pinned,
            "ignored": theme.ignored,
        },
    )


def _described(theme: Theme, origin: str) -> dict[str, object]:
    return {
        "theme_id": theme.id,
        "theme_title": theme.title,
        "titles": dict(theme.titles),
        "lang": theme.lang,
        "kind": theme.kind,
        "keywords": list(theme.keywords),
        "origin": origin,
    }


def of_effect(effect: Effect, opened: Intervention, theme: Theme, *, before: str | None) -> News:
    """Return the news of what something that was done did to a theme's contacts: a new verdict."""
    at = effect.told_at or datetime.now(UTC)
    return News(
        event="effect.measured",
        subject_id=f"{opened.id}-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}",
        at=at,
        data={
            "intervention_id": opened.intervention_id,
            "theme_id": theme.id,
            "theme_title": theme.title,
            "kind": opened.kind,
            "occurred_at": opened.occurred_at.astimezone(UTC).isoformat(timespec="seconds"),
            "segment": opened.segment,
            "verdict": effect.verdict,
            "before": before,
            "relative_effect": effect.relative_effect,
            "low": effect.low,
            "high": effect.high,
            "observed": effect.observed,
            "expected": effect.expected,
            "weeks_needed": effect.weeks_needed,
        },
    )


def of_suggestion(suggestion: Suggestion, theme: Theme) -> News:
    """Return the news that there is a suggestion, which nobody has decided about yet."""
    return News(
        event="suggestion.created",
        subject_id=suggestion.id,
        at=datetime.now(UTC),
        data={
            "suggestion_id": suggestion.id,
            "theme_id": theme.id,
            "theme_title": theme.title,
            "action": suggestion.action,
            "audience": suggestion.audience,
            "lang": suggestion.lang,
            "confidence": suggestion.confidence,
            "title": (suggestion.draft or {}).get("title"),
        },
    )


def of_delivery(delivery: Delivery, suggestion: Suggestion, target: Target) -> News:
    """Return the news that a suggestion arrived at a target."""
    return News(
        event="delivery.delivered",
        subject_id=delivery.id,
        at=delivery.updated_at,
        data={
            "delivery_id": delivery.id,
            "suggestion_id": suggestion.id,
            "theme_id": suggestion.theme_id,
            "action": suggestion.action,
            "target": target.name,
            "reference": delivery.reference,
            "url": delivery.url,
        },
    )


def of_alarm(alarm: Alarm, theme: Theme | None, *, zone: ZoneInfo, public_url: str | None) -> News:
    """Return the news that an alarm was raised; times are in `zone`, so that their dates are the reader's."""
    return News(
        event="alarm.raised",
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
            "link": link_of(f"/alarms/{alarm.id}", public_url),
        },
    )
