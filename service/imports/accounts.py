"""Accounts: into their table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from service.imports import values
from service.imports.columns import normal
from service.imports.reading import Reading, Tally, tally
from service.models import Account
from service.models.columns import digest
from service.repositories import customers, locks
from service.repositories.customers import ACCOUNTS
from service.repositories.joining import joined
from service.repositories.upserts import upsert
from service.rules.customers import account_names

MONTHLY = ("mrr", "monthlyrevenue", "月額")
"""Columns of money a month; Koe keeps money a year."""
IDS = ("id", "organisation_id", "account_id")


class AccountImporter:
    """Reads accounts."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._months = 12 if normal(reading.taken.columns.get("revenue", "")) in MONTHLY else 1

    def read(self, row: Row) -> Mapping[str, Any]:
        """Return the row as an account. Raises ValueError for one without an id or with a wrong date."""
        cell, instant = self._reading.cell, self._reading.instant
        account_id = values.identifier(cell(row, "account_id"))
        if account_id is None:
            raise ValueError("no account_id")
        revenue, currency = values.money(cell(row, "revenue"))
        return {
            "id": digest(self._reading.organisation_id, "account", account_id),
            "organisation_id": self._reading.organisation_id,
            "account_id": account_id,
            "name": values.short(cell(row, "name")),
            "plan": values.short(cell(row, "plan")),
            "revenue": None if revenue is None else revenue * self._months,
            "currency": values.short(cell(row, "currency")) or currency,
            "segment": values.short(cell(row, "segment")),
            "started_at": instant(row, "started_at"),
            "renews_at": instant(row, "renews_at"),
            "ended_at": instant(row, "ended_at"),
            "domains": values.tags(cell(row, "domains")),
        }

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch, and remember by which domains of e-mail each account is known.

        What a connected system knows by such a domain is that account from now on. Whose a domain is of two
        that the organisation tells apart, the last file says.
        """
        organisation_id = self._reading.organisation_id
        locks.hold(session, "inbox", organisation_id)
        done = tally(upsert(session, Account, [self._row(record) for record in records]))
        names = [
            account_names(account_id=record["account_id"], domains=record["domains"]) for record in records
        ]
        joined(session, organisation_id, ACCOUNTS, names)
        whose = {
            name: str(record["account_id"])
            for record, known_by in zip(records, names, strict=True)
            for name in known_by
        }
        customers.keep(session, organisation_id, ACCOUNTS, whose)
        return done

    def _row(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is stored of an account: what the file has no column for stays as it was told."""
        told = {*self._reading.taken.columns, *IDS}
        if "revenue" in told:
            told.add("currency")
        return {name: value for name, value in record.items() if name in told and name != "domains"}

    def notes(self) -> Sequence[str]:
        """Say that money a month was made money a year."""
        if self._months == 1:
            return ()
        return (f"“{self._reading.taken.columns['revenue']}” was taken as money a month, times twelve.",)
