"""`/accounts`: the companies and contracts behind customers."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Instant, Name, Number, Text, UpdatedAt, changed, stamp
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.models import Account as AccountTable
from service.repositories import followed

router = APIRouter(prefix="/accounts", tags=["accounts"])

OwnId = Annotated[Name, Path(examples=["A01"])]


class Account(BaseModel):
    """A company or a contract, in the fields of an import."""

    account_id: str = Field(description="As your own systems call it.")
    name: str | None
    plan: str | None
    revenue: float | None = Field(description="A year.")
    currency: str | None
    segment: str | None
    started_at: str | None
    renews_at: str | None
    ended_at: str | None
    updated_at: UpdatedAt

    @classmethod
    def of(cls, account: AccountTable) -> "Account":
        """Return an account as the API tells it."""
        return cls(
            account_id=account.account_id,
            name=account.name,
            plan=account.plan,
            revenue=None if account.revenue is None else float(account.revenue),
            currency=account.currency,
            segment=account.segment,
            started_at=moment(account.started_at),
            renews_at=moment(account.renews_at),
            ended_at=moment(account.ended_at),
            updated_at=stamp(changed(account)),
        )


class AccountQuery(ListQuery):
    """Which accounts."""

    account_id: Text = None
    name: Text = None
    plan: Text = Field(default=None, examples=["business"])
    revenue: Number = None
    currency: Text = Field(default=None, examples=["JPY"])
    segment: Text = None
    started_at: Instant = None
    renews_at: Instant = None
    ended_at: Instant = Field(default=None, examples=["null"])


@router.get("", summary="List accounts")
def list_accounts(
    caller: ReaderDep, session: SessionDep, query: Annotated[AccountQuery, Query()]
) -> Page[Account]:
    """The accounts that were imported."""
    fetch = partial(followed.accounts, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda account: (changed(account), account.id))
    return found.page([Account.of(account) for account in found.rows])


@router.get("/{account_id:path}", summary="Get an account", response_model=Account, responses=single())
def get_account(request: Request, caller: ReaderDep, session: SessionDep, account_id: OwnId) -> Response:
    """One account, by the id that your own systems have for it; it may hold slashes."""
    fetch = partial(followed.accounts, session, caller.organisation_id)
    return tagged(request, Account.of(find_one(fetch, account_id=account_id)))
