"""To which slice an item belongs, as measures tell it: a segment, a plan, a product area or a team."""

from sqlalchemy import ColumnElement, false, func
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from service.models import Account, Item


def in_slice(name: str) -> ColumnElement[bool]:
    """Say that an item belongs to a slice like `plan:Standard`; nothing belongs to one of no known kind.

    Its segment is that which came with it, else that of the account it names; so is its plan.
    """
    trait, _, value = name.partition(":")
    if trait == "segment":
        return func.coalesce(col(Item.segment), _of_account(col(Account.segment))) == value
    if trait == "plan":
        return _of_account(col(Account.plan)) == value
    if trait == "area":
        return col(Item.product_area) == value
    return col(Item.team) == value if trait == "team" else false()


def _of_account(trait: Mapped[str | None]) -> ColumnElement[str | None]:
    found: ColumnElement[str | None] = (
        select(trait)
        .where(col(Account.organisation_id) == col(Item.organisation_id))
        .where(col(Account.account_id) == col(Item.account_id))
        .scalar_subquery()
    )
    return found
