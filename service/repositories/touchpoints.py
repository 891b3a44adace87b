"""Where voices were heard: as the voice itself says, else its source, else its channel."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import Session, col, select

from service.models import Item, Source
from service.models.touchpoint import UNKNOWN, USUAL, Touchpoint
from service.repositories.among import among


def _told(name: str) -> str:
    """Return the SQL for one half of where a voice was heard, in a query of `item` and its `source`."""
    usual = " ".join(
        f"WHEN '{channel}' THEN '{value}'"
        for channel, touchpoint in USUAL.items()
        if (value := touchpoint._asdict()[name])
    )
    return f"nullif(coalesce(item.{name}, source.{name}, CASE item.channel {usual} END), '{UNKNOWN}')"


LAYER, MOMENT = _told("layer"), _told("moment")
"""SQL: null where nobody knows."""


def layer() -> ColumnElement[str | None]:
    """Return the layer at which an item was heard, for a query of items with their sources."""
    return literal_column(LAYER)


def moment() -> ColumnElement[str | None]:
    """Return the moment of truth in which an item was heard, for a query of items with their sources."""
    return literal_column(MOMENT)


def heard_at(*, layer_is: str, moment_is: str) -> list[ColumnElement[bool]]:
    """Return the conditions on items with their sources; what is empty asks for nothing."""
    return [
        half.is_(None) if wanted == UNKNOWN else half == wanted
        for half, wanted in ((layer(), layer_is), (moment(), moment_is))
        if wanted
    ]


def tell(session: Session, source: Source, told: Touchpoint) -> None:
    """Say where the voices of a source are heard; None leaves it to the channel of each."""
    source.layer, source.moment = told
    session.add(source)


def of_items(session: Session, organisation_id: str, item_ids: Collection[str]) -> dict[str, Touchpoint]:
    """Return where each of these items was heard."""
    query = (
        select(Item.id, layer(), moment())
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, among(col(Item.id), item_ids))
    )
    return {item_id: Touchpoint(*told) for item_id, *told in session.exec(query)}
