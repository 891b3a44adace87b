"""Who speaks of a theme: what was heard of it last, and the accounts behind it, gathered at once."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, select

from service.models import Account, Theme
from service.repositories import themes
from service.repositories.among import among
from service.repositories.runs import live_run
from service.repositories.themes import Voice

_GATHER = """
    WITH said AS MATERIALIZED (
        SELECT assignment.span_id, span.item_id, item.account_id, item.created_at
        FROM assignment JOIN span ON span.id = assignment.span_id JOIN item ON item.id = span.item_id
        WHERE assignment.run_id = :run_id AND assignment.{level} = :theme_id
    ), newest AS (
        SELECT span_id, row_number() OVER (ORDER BY created_at DESC, span_id COLLATE "C") AS place
        FROM said ORDER BY place LIMIT :voices
    ), behind AS (
        SELECT said.account_id, count(DISTINCT said.item_id) AS items
        FROM said WHERE said.account_id IS NOT NULL GROUP BY said.account_id
    ), largest AS (
        SELECT behind.account_id, behind.items, row_number() OVER (
            ORDER BY account.revenue DESC NULLS LAST, behind.items DESC, behind.account_id COLLATE "C"
        ) AS place
        FROM behind LEFT JOIN account
            ON account.organisation_id = :organisation_id AND account.account_id = behind.account_id
        ORDER BY place LIMIT :accounts
    )
    SELECT 'voice', span_id, 0, place FROM newest
    UNION ALL SELECT 'account', account_id, items, place FROM largest
    ORDER BY 1, place
"""
_LEVELS = {
    is_upper: text(_GATHER.format(level="theme_id" if is_upper else "subtheme_id"))
    for is_upper in (True, False)
}


class AccountBehind(NamedTuple):
    """An account whose customers spoke of a theme."""

    account_id: str
    account: Account | None
    """None where nothing is known of it but its id."""
    items: int


class Speakers(NamedTuple):
    """What was heard of a theme last, and of whom it was heard."""

    newest: Sequence[Voice]
    """The latest first."""
    accounts: Sequence[AccountBehind]
    """Those with most revenue first."""


def of_theme(session: Session, theme: Theme, *, voices: int, accounts: int | None = None) -> Speakers:
    """Return so many voices and accounts, or all of them, of a theme or sub-theme in the live run."""
    organisation_id = theme.organisation_id
    run = live_run(session, organisation_id)
    asked = {
        "organisation_id": organisation_id,
        "run_id": run.id if run else "",
        "theme_id": theme.id,
        "voices": voices,
        "accounts": accounts,
    }
    found = session.execute(_LEVELS[theme.parent_id is None], asked).all()
    latest = [name for what, name, *_ in found if what == "voice"]
    behind = {name: items for what, name, items, _ in found if what == "account"}
    query = select(Account).where(
        Account.organisation_id == organisation_id, among(col(Account.account_id), behind)
    )
    known = {account.account_id: account for account in session.exec(query)}
    return Speakers(
        newest=themes.voices(session, organisation_id, latest),
        accounts=[AccountBehind(name, known.get(name), items) for name, items in behind.items()],
    )
