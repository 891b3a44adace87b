"""The names under which customers and accounts are known."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Handle(SQLModel, table=True):
    """One name of a customer: an id of the organisation's own, a source's id, or an e-mail address."""

    __table_args__ = (Index("handle_by_customer", "organisation_id", "customer_id"),)

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    handle: str = Field(primary_key=True)
    """A digest: no address is kept."""
    customer_id: str
    """Whose it is, as items tell it."""


class AccountHandle(SQLModel, table=True):
    """One name of an account: an id of the organisation's own, a source's id, or a domain of e-mail."""

    __tablename__ = "account_handle"
    __table_args__ = (Index("account_handle_by_account", "organisation_id", "account_id"),)

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    handle: str = Field(primary_key=True)
    """A digest."""
    account_id: str
    """Which it is, as items and accounts tell it."""
