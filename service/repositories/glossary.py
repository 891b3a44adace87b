"""The glossary: its entries, and the one value that every part obeys."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from nlp.glossary import Entry, Glossary, glossary_of
from service.errors import Conflict, NotFound
from service.models import GlossaryEntry
from service.models.columns import digest
from service.repositories import locks
from service.rules.glossary import Wording, checked

LOCK = "glossary"
"""Whoever writes entries holds it: of two who add a term the second is told."""


def entries(session: Session, organisation_id: str) -> list[GlossaryEntry]:
    """Return the entries that count, by what they stand for: a term, then what stands for it."""
    query = select(GlossaryEntry).where(
        GlossaryEntry.organisation_id == organisation_id, col(GlossaryEntry.removed_at).is_(None)
    )
    found = session.exec(query)
    return sorted(
        found, key=lambda one: ((one.stands_for or one.term).casefold(), bool(one.stands_for), one.key)
    )


def glossary(session: Session, organisation_id: str) -> Glossary:
    """Return the glossary of an organisation."""
    return glossary_of(
        Entry(term=one.term, kind=one.kind, stands_for=one.stands_for)
        for one in entries(session, organisation_id)
    )


def get(session: Session, organisation_id: str, entry_id: str) -> GlossaryEntry:
    """Return an entry, also one that was removed. Raises NotFound."""
    found = session.get(GlossaryEntry, entry_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("There is no such entry in the glossary.")
    return found


def add(session: Session, organisation_id: str, wording: Wording) -> GlossaryEntry:
    """Add an entry, or take back one that was removed. Raises Conflict where its term has an entry."""
    wanted = checked(wording)
    locks.hold(session, LOCK, organisation_id)
    _free(session, organisation_id, wanted.key, but="")
    entry_id = digest(organisation_id, "glossary", wanted.key)
    while (known := session.get(GlossaryEntry, entry_id)) is not None and known.key != wanted.key:
        # It was given another term since.
        entry_id = digest(organisation_id, "glossary", wanted.key, known.id)
    entry = known or GlossaryEntry(
        id=entry_id, organisation_id=organisation_id, key=wanted.key, term=wanted.term
    )
    return _written(session, entry, wanted)


def change(session: Session, organisation_id: str, entry_id: str, wording: Wording) -> GlossaryEntry:
    """Write an entry anew; one that was removed counts again. Raises NotFound and Conflict."""
    wanted = checked(wording)
    locks.hold(session, LOCK, organisation_id)
    entry = get(session, organisation_id, entry_id)
    _free(session, organisation_id, wanted.key, but=entry_id)
    return _written(session, entry, wanted)


def remove(session: Session, organisation_id: str, entry_id: str) -> GlossaryEntry:
    """Let an entry count no more; a second time changes nothing. Raises NotFound."""
    entry = get(session, organisation_id, entry_id)
    entry.removed_at = entry.removed_at or datetime.now(UTC)
    session.add(entry)
    session.flush()
    return entry


def restore(session: Session, organisation_id: str, entry_id: str) -> GlossaryEntry:
    """Let an entry count that was removed. Raises NotFound, and Conflict where its term has another one."""
    locks.hold(session, LOCK, organisation_id)
    entry = get(session, organisation_id, entry_id)
    _free(session, organisation_id, entry.key, but=entry_id)
    entry.removed_at = None
    session.add(entry)
    session.flush()
    return entry


def take_in(session: Session, organisation_id: str, wordings: Iterable[Wording]) -> tuple[int, int]:
    """Add what is new and write anew what is known; return how many of each. Raises WrongUse."""
    locks.hold(session, LOCK, organisation_id)
    added = changed = 0
    for wording in wordings:
        wanted = checked(wording)
        known = _of_key(session, organisation_id, wanted.key)
        if known is None:
            add(session, organisation_id, wanted)
            added += 1
        elif wording_of(known) != wanted:
            _written(session, known, wanted)
            changed += 1
    return added, changed


def wording_of(entry: GlossaryEntry) -> Wording:
    """Return an entry as somebody wrote it."""
    return Wording(
        term=entry.term,
        lang=entry.lang,
        kind=entry.kind,
        stands_for=entry.stands_for,
        note=entry.note,
        customer_visible=entry.customer_visible,
    )


def _free(session: Session, organisation_id: str, key: str, *, but: str) -> None:
    known = _of_key(session, organisation_id, key)
    if known is not None and known.id != but:
        raise Conflict(f"The glossary has “{known.term}” already; change that entry.")


def _of_key(session: Session, organisation_id: str, key: str) -> GlossaryEntry | None:
    query = select(GlossaryEntry).where(
        GlossaryEntry.organisation_id == organisation_id,
        GlossaryEntry.key == key,
        col(GlossaryEntry.removed_at).is_(None),
    )
    return session.exec(query).one_or_none()


def _written(session: Session, entry: GlossaryEntry, wanted: Wording) -> GlossaryEntry:
    entry.key, entry.term, entry.lang = wanted.key, wanted.term, wanted.lang
    entry.kind, entry.stands_for, entry.note = wanted.kind, wanted.stands_for, wanted.note
    entry.customer_visible, entry.removed_at = wanted.customer_visible, None
    session.add(entry)
    session.flush()
    return entry
