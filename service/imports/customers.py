"""Customers: by which names each is known, and whether they want to be told of what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from connectors.ports import Row
from service.imports import values
from service.imports.reading import Reading, Tally
from service.repositories import consents, locks
from service.repositories.customers import CUSTOMERS
from service.repositories.joining import joined
from service.rules.customers import Name, names_of

ANSWERS: Mapping[str, str] = {
    **dict.fromkeys(("yes", "y", "true", "1", "opt-in", "opted in", "granted", "subscribed"), "yes"),
    **dict.fromkeys(("はい", "同意", "同意する", "希望", "希望する", "可", "○", "◯", "許可"), "yes"),
    **dict.fromkeys(("no", "n", "false", "0", "opt-out", "opted out", "withdrawn", "unsubscribed"), "no"),
    **dict.fromkeys(("いいえ", "同意しない", "希望しない", "不可", "不要", "拒否", "×", "配信停止"), "no"),
    **dict.fromkeys(("unknown", "不明", "未確認"), "unknown"),
}
"""What files write for a yes, for a no, and for neither any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row: who it is, and what they said, None where they said nothing."""

    names: Sequence[Name]
    answer: str | None


class CustomerImporter:
    """Reads customers."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._kept = 0
        """Rows that would have replaced a no that a person or a program entered."""

    def read(self, row: Row) -> Told:
        """Return what a row says. Raises ValueError for one that names nobody, or an answer that is none."""
        cell = self._reading.cell
        customer_id, email = values.identifier(cell(row, "customer_id")), values.text(cell(row, "email"))
        names = names_of(customer_id=customer_id, email=email)
        if not names:
            raise ValueError("no customer_id, and no email of one person")
        given = values.text(cell(row, "consent"))
        answer = None if given is None else ANSWERS.get(given.strip().casefold())
        if given is not None and answer is None:
            raise ValueError(f"consent: “{given[:40]}” is none of yes, no, unknown")
        return Told(names=names, answer=answer)

    def store(self, session: Session, records: Sequence[Told]) -> Tally:
        """Remember by which names customers are known, and what they said; an empty cell changes nothing."""
        organisation_id = self._reading.organisation_id
        locks.hold(session, "inbox", organisation_id)
        who = joined(session, organisation_id, CUSTOMERS, [one.names for one in records]).customers
        told: dict[str, str] = {}
        for customer, one in zip(who, records, strict=True):
            if customer is not None and one.answer is not None and told.get(customer) != "no":
                told[customer] = one.answer
        source = self._reading.source
        firm = consents.refused_by_others(session, organisation_id, told.keys(), but=source)
        kept = {one for one in firm if told[one] != "no"}
        self._kept += len(kept)
        told = {one: answer for one, answer in told.items() if one not in kept}
        before = consents.answers(session, organisation_id, told.keys())
        changed = consents.keep(session, organisation_id, told, by=source, at=datetime.now(UTC))
        updated = len(changed.keys() & before.keys())
        stored = len(changed) - updated
        return Tally(stored=stored, duplicates=len(records) - stored, updated=updated)

    def notes(self) -> Sequence[str]:
        """Say how many said no elsewhere, which a file does not replace."""
        if not self._kept:
            return ()
        return (f"{self._kept:,} customers said no to somebody else; that holds, whatever this file says.",)
