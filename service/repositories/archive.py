"""Everything that exports walk through and nobody else asks for, in the order of the exports."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlmodel import Session, col, select

from service.models import Alarm, Article, Coverage, Effect, Intervention, Item, Source
from service.repositories.among import among
from service.repositories.assignments import theme_by_item

BATCH = 2000
"""Rows held in memory at once while all are read."""


class Heard(NamedTuple):
    """An item with its source's name and its theme."""

    source: str
    item: Item
    theme_id: str | None


class Covered(NamedTuple):
    """Which articles answer an item."""

    source: str
    external_id: str
    coverage: Coverage


def items(session: Session, organisation_id: str) -> Iterator[Heard]:
    """Yield every item, by source and external id."""
    themes = theme_by_item(organisation_id)
    query = (
        select(Source.name, Item, themes.c.theme_id)
        .join(Item, col(Item.source_id) == col(Source.id))
        .outerjoin(themes, themes.c.item_id == col(Item.id))
        .where(Item.organisation_id == organisation_id)
        .order_by(col(Source.name).collate("C"), col(Item.external_id).collate("C"))
        .execution_options(yield_per=BATCH)
    )
    for row in session.exec(query):
        yield Heard(*row)


def coverages(session: Session, organisation_id: str) -> Iterator[Covered]:
    """Yield the coverage of every item that was compared with articles, by source and external id."""
    query = (
        select(Source.name, Item.external_id, Coverage)
        .join(Item, col(Item.source_id) == col(Source.id))
        .join(Coverage, col(Coverage.item_id) == col(Item.id))
        .where(Item.organisation_id == organisation_id)
        .order_by(col(Source.name).collate("C"), col(Item.external_id).collate("C"))
        .execution_options(yield_per=BATCH)
    )
    for row in session.exec(query):
        yield Covered(*row)


def article_names(
    session: Session, organisation_id: str, article_ids: Collection[str] | None = None
) -> dict[str, tuple[str, str]]:
    """Return each article's source name and external id by its id, of `article_ids` or of all."""
    query = (
        select(Article.id, Source.name, Article.external_id)
        .join(Source, col(Source.id) == col(Article.source_id))
        .where(Article.organisation_id == organisation_id)
    )
    if article_ids is not None:
        query = query.where(among(col(Article.id), article_ids))
    return {article_id: (source, external_id) for article_id, source, external_id in session.exec(query)}


def alarms(session: Session, organisation_id: str) -> list[Alarm]:
    """Return every alarm, by id."""
    query = select(Alarm).where(Alarm.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(Alarm.id).collate("C"))))


def effects(session: Session, organisation_id: str) -> list[tuple[str, Effect]]:
    """Return every effect with the name of its intervention, by that name."""
    query = (
        select(Intervention.intervention_id, Effect)
        .join(Effect, col(Effect.intervention_id) == col(Intervention.id))
        .where(Effect.organisation_id == organisation_id)
    )
    return list(session.exec(query.order_by(col(Intervention.intervention_id).collate("C"))))
