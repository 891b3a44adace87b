"""The lists that programs follow, one function a noun: rows that changed, and what filters may name."""

from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from service.models import (
    Account,
    Alarm,
    Article,
    Correction,
    Delivery,
    Effect,
    Intervention,
    Item,
    Run,
    Source,
    Suggestion,
    Tally,
    Target,
    Theme,
)
from service.models.touchpoint import UNKNOWN
from service.repositories import touchpoints
from service.repositories.archive import Heard
from service.repositories.assignments import item_themes, theme_by_item
from service.repositories.changes import Wanted, columns_of, following
from service.repositories.tones import gravest


class Kept(NamedTuple):
    """An article with its source's name."""

    source: str
    article: Article


class Sent(NamedTuple):
    """A delivery with its target's name."""

    target: str
    delivery: Delivery


class Measured(NamedTuple):
    """An effect with the name of its intervention."""

    intervention_id: str
    effect: Effect


def themes(session: Session, organisation_id: str, wanted: Wanted) -> list[Theme]:
    """Return themes of both levels, also those that retired."""
    columns = columns_of(
        Theme,
        "parent_id",
        "successor_id",
        "title",
        "lang",
        "kind",
        "stage",
        "retired",
        "pinned",
        "ignored",
        theme_id="id",
    )
    query = select(Theme).where(Theme.organisation_id == organisation_id)
    filters = dict(wanted.filters)
    for name in ("layer", "moment"):
        if name in filters:
            heard = col(Tally.facets)[name].has_key(filters.pop(name) or UNKNOWN)
            query = query.where(col(Theme.id).in_(select(Tally.theme_id).where(heard)))
    return list(session.exec(following(query, replace(wanted, filters=filters), Theme, columns)))


def suggestions(session: Session, organisation_id: str, wanted: Wanted) -> list[Suggestion]:
    """Return suggestions."""
    names = ("theme_id", "action", "audience", "lang", "confidence", "status", "decided_by", "published_url")
    columns = columns_of(Suggestion, *names, suggestion_id="id")
    query = select(Suggestion).where(Suggestion.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Suggestion, columns)))


def articles(session: Session, organisation_id: str, wanted: Wanted) -> list[Kept]:
    """Return articles."""
    names = ("external_id", "title", "url", "lang", "audience", "section", "status")
    columns = columns_of(Article, *names, "views", "helpful", "unhelpful", article_id="id")
    columns |= columns_of(Source, source="name") | columns_of(Article, source_updated_at="updated_at")
    query = select(Source.name, Article).join(Article, col(Article.source_id) == col(Source.id))
    query = query.where(Article.organisation_id == organisation_id)
    return [Kept(*row) for row in session.exec(following(query, wanted, Article, columns))]


def items(session: Session, organisation_id: str, wanted: Wanted) -> list[Heard]:
    """Return items, each with the theme that it is about."""
    names = ("external_id", "channel", "lang", "created_at", "customer_id", "account_id", "set_aside")
    columns = columns_of(Item, *names, item_id="id") | columns_of(Source, source="name")
    columns |= {"severity": gravest(), "layer": touchpoints.layer(), "moment": touchpoints.moment()}
    query = select(Source.name, Item).join(Item, col(Item.source_id) == col(Source.id))
    query = query.where(Item.organisation_id == organisation_id)
    if "theme_id" in wanted.filters:
        about = theme_by_item(organisation_id)
        query = query.outerjoin(about, about.c.item_id == col(Item.id))
        columns |= {"theme_id": about.c.theme_id}
    found = list(session.exec(following(query, wanted, Item, columns)))
    about_of = item_themes(session, organisation_id, [item.id for _, item in found])
    return [Heard(source, item, about_of.get(item.id)) for source, item in found]


def accounts(session: Session, organisation_id: str, wanted: Wanted) -> list[Account]:
    """Return accounts."""
    names = ("account_id", "name", "plan", "revenue", "currency", "segment")
    columns = columns_of(Account, *names, "started_at", "renews_at", "ended_at")
    query = select(Account).where(Account.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Account, columns)))


def effects(session: Session, organisation_id: str, wanted: Wanted) -> list[Measured]:
    """Return what came of interventions."""
    names = ("theme_id", "verdict", "relative_effect", "low", "high", "naive", "observed", "expected")
    columns = columns_of(Effect, *names, "weeks_needed") | columns_of(Intervention, "intervention_id")
    query = select(Intervention.intervention_id, Effect).join(
        Effect, col(Effect.intervention_id) == col(Intervention.id)
    )
    query = query.where(Effect.organisation_id == organisation_id)
    paged = following(query, wanted, Effect, columns, key="intervention_id")
    return [Measured(*row) for row in session.exec(paged)]


def alarms(session: Session, organisation_id: str, wanted: Wanted) -> list[Alarm]:
    """Return alarms."""
    columns = columns_of(
        Alarm, "theme_id", "kind", "onset", "raised_at", "contacts", "expected", alarm_id="id"
    ) | columns_of(Alarm, "ended_at", "acknowledged_by")
    query = select(Alarm).where(Alarm.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Alarm, columns)))


def sources(session: Session, organisation_id: str, wanted: Wanted) -> list[Source]:
    """Return sources."""
    columns = columns_of(
        Source,
        *("kind", "proof", "layer", "moment", "created_at", "paused_at", "refuses_since"),
        source_id="id",
        source="name",
    )
    query = select(Source).where(Source.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Source, columns)))


def targets(session: Session, organisation_id: str, wanted: Wanted) -> list[Target]:
    """Return targets."""
    columns = columns_of(
        Target,
        *("kind", "automatic", "held_until", "held_reason", "refuses_since", "paused_at", "removed_at"),
        target_id="id",
        target="name",
    )
    query = select(Target).where(Target.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Target, columns)))


def deliveries(session: Session, organisation_id: str, wanted: Wanted) -> list[Sent]:
    """Return deliveries."""
    names = (
        "event",
        "subject_id",
        "suggestion_id",
        "target_id",
        "state",
        "attempts",
        "reason",
        "reference",
        "url",
        "link_to",
        "remote_state",
        "remote_status",
    )
    columns = columns_of(Delivery, *names, "remote_at", "created_at", "next_at", delivery_id="id")
    columns |= columns_of(Target, target="name")
    query = select(Target.name, Delivery).join(Delivery, col(Delivery.target_id) == col(Target.id))
    query = query.where(Delivery.organisation_id == organisation_id)
    return [Sent(*row) for row in session.exec(following(query, wanted, Delivery, columns))]


def runs(session: Session, organisation_id: str, wanted: Wanted) -> list[Run]:
    """Return runs."""
    names = ("ordinal", "state", "seed", "embedder", "clusterer", "created_at")
    query = select(Run).where(Run.organisation_id == organisation_id)
    return list(session.exec(following(query, wanted, Run, columns_of(Run, *names, run_id="id"))))


def corrections(session: Session, organisation_id: str, wanted: Wanted) -> list[Correction]:
    """Return corrections."""
    query = select(Correction).where(Correction.organisation_id == organisation_id)
    columns = columns_of(Correction, "op", "by", "at", "undone_by", correction_id="id")
    return list(session.exec(following(query, wanted, Correction, columns)))
