"""Webhook calls → inbox → items and messages: the newest version of each, as plain text."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session

from connectors.replying import words_of
from nlp.html import plain
from service.db import Database
from service.imports import heard
from service.models import Source
from service.models.columns import digest
from service.pipeline.join import accounts_of, customers_of
from service.pipeline.report import Progress, Report, silent, stumbled
from service.pipeline.unfold import unfold
from service.repositories import calls, inbox, items, notices, sources
from service.repositories.inbox import Belonging, Stored
from service.rules.records import FeedbackRecord
from service.rules.versions import Arrival, folded, said_at, taken_back

STAGE = "ingest"
BATCH = 500
"""Records a transaction."""
BATCH_BYTES = 16 << 20


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Put what webhook calls bring into the inbox, and make items of all records that wait there.

    All records of an item are read again, so that the newest version counts in whatever order they came.
    An item that is already as its records say stays untouched; any other is given its new messages and
    waits for redaction. What cannot be read is set aside as dead.
    """
    unfolded = unfold(db, organisation_id)
    with db.begin() as session:
        total = inbox.count_waiting(session, organisation_id)
    done = failed = 0
    progress(STAGE, done, total)
    while True:
        with db.begin() as session:
            batch = _take(session, organisation_id)
        if batch is None:
            break
        done += batch.done
        failed += batch.failed
        progress(STAGE, min(done + failed, total), total)
    failed += unfolded.dead
    notes = (f"{failed:,} could not be read; koe dead-letters list says why.",) if failed else ()
    return Report(stage=STAGE, done=done, failed=failed, notes=notes)


@dataclass(frozen=True, slots=True)
class _Batch:
    done: int
    failed: int


def _take(session: Session, organisation_id: str) -> _Batch | None:
    """Deal with the next waiting records, and with all others of the same items; None if none wait."""
    belongings = inbox.waiting(session, organisation_id, most=BATCH, most_bytes=BATCH_BYTES)
    if not belongings:
        return None
    # Read only now: another process may have stored the first records of a new source just before.
    known = {source.id: source for source in sources.list_sources(session, organisation_id)}
    entries = inbox.of_items(session, belongings)
    arrivals: dict[Belonging, list[Arrival]] = {}
    dead: dict[int, str] = {}
    for entry in entries:
        try:
            arrival = _read(entry)
        except ValueError as error:
            dead[entry.sequence] = _why(error)
        else:
            arrivals.setdefault(entry.belongs_to, []).append(arrival)
    records: dict[Belonging, FeedbackRecord] = {}
    for belonging, of_item in arrivals.items():
        if all(arrival.record.unsaid for arrival in of_item):
            continue  # a message was taken back that was never heard, or stands in another item
        try:
            records[belonging] = _plain(folded(of_item))
        except Exception as error:  # noqa: BLE001  an item that Koe stumbles over holds up no other
            dead |= {arrival.sequence: stumbled(error) for arrival in of_item}
    _write(session, organisation_id, known, records)
    waited = [entry.sequence for entry in entries if entry.waits]
    _forget_what_was_taken_back(session, arrivals, records, waited)
    inbox.mark_dead(session, dead)
    inbox.mark_done(session, [sequence for sequence in waited if sequence not in dead])
    return _Batch(done=len(waited) - len(dead), failed=len(dead))


def _forget_what_was_taken_back(
    session: Session,
    arrivals: Mapping[Belonging, list[Arrival]],
    records: Mapping[Belonging, FeedbackRecord],
    waited: Collection[int],
) -> None:
    """Remove records, and the bytes of calls, of items and messages that their source has deleted."""
    for belonging, record in records.items():
        if record.withdrawn:
            kept = [one.sequence for one in arrivals[belonging] if one.record.withdrawn]
            inbox.drop_others(session, belonging, kept)
        inbox.drop(session, taken_back(arrivals[belonging]))
    fresh, gone = set(waited), defaultdict[str, set[str]](set)
    for belonging, of_item in arrivals.items():
        if any(one.sequence in fresh for one in of_item):  # what was taken back may come late, too
            gone[belonging.source_id] |= {
                one.record.external_id.removeprefix(heard.MESSAGE)
                for one in of_item
                if one.record.withdrawn or one.record.unsaid
            }
    for source_id, names in sorted(gone.items()):
        calls.forget_said(session, source_id, sorted(names))


def _read(entry: Stored) -> Arrival:
    """Return what a record says. Raises ValueError for one that does not say it in a way that fits."""
    record = FeedbackRecord.model_validate_json(entry.body)
    if said_at(record) is None:
        raise ValueError("it says no day")
    return Arrival(entry.sequence, record)


def _why(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"


def _write(
    session: Session,
    organisation_id: str,
    known: Mapping[str, Source],
    records: Mapping[Belonging, FeedbackRecord],
) -> None:
    ids = {
        belonging: digest(organisation_id, known[belonging.source_id].name, belonging.external_id)
        for belonging in records
    }
    records = _without_own(session, organisation_id, ids, records)
    found = items.versions(session, organisation_id, ids.values())
    changed = {
        belonging: (record, version)
        for belonging, record in records.items()
        if found.get(ids[belonging]) != (version := _version(record))
    }
    replaced = [ids[belonging] for belonging in changed if ids[belonging] in found]
    if replaced:
        items.forget_contents(session, organisation_id, replaced)
    told = {belonging: record for belonging, (record, _) in changed.items()}
    whose = customers_of(session, organisation_id, known, told)
    behind = accounts_of(session, organisation_id, known, told)
    items.store(
        session,
        [
            _item(
                organisation_id,
                ids[belonging],
                belonging,
                record,
                version,
                whose[belonging],
                behind[belonging],
            )
            for belonging, (record, version) in changed.items()
        ],
        [
            message
            for belonging, (record, _) in changed.items()
            for message in _messages(organisation_id, ids[belonging], record)
        ],
    )


def _without_own(
    session: Session,
    organisation_id: str,
    ids: Mapping[Belonging, str],
    records: Mapping[Belonging, FeedbackRecord],
) -> Mapping[Belonging, FeedbackRecord]:
    """Return the records with what Koe itself replied as a bot's words: no draft is to quote them."""
    own = notices.own_words(session, organisation_id, ids.values())
    if not own:
        return records
    return {
        belonging: _as_bots(record, own[ids[belonging]]) if ids[belonging] in own else record
        for belonging, record in records.items()
    }


def _as_bots(record: FeedbackRecord, own: Collection[str]) -> FeedbackRecord:
    said = [
        message.model_copy(update={"author_role": "bot"})
        if digest(words_of(message.text)) in own
        else message
        for message in record.messages
    ]
    return record.model_copy(update={"messages": said})


def _version(record: FeedbackRecord) -> str:
    return digest(record.as_bytes().decode())


def _plain(record: FeedbackRecord) -> FeedbackRecord:
    """Return the item with its words as plain text; which pages an agent links to must not get lost."""
    title = " ".join(plain(record.title or "").split())
    said = [
        message.model_copy(update={"text": plain(message.text, links=message.author_role == "agent").strip()})
        for message in record.messages
    ]
    return record.model_copy(
        update={"title": title or None, "messages": [message for message in said if message.text]}
    )


def _item(
    organisation_id: str,
    item_id: str,
    belonging: Belonging,
    record: FeedbackRecord,
    version: str,
    customer_id: str | None,
    account_id: str | None,
) -> dict[str, object]:
    created_at: datetime | None = said_at(record)
    return {
        "id": item_id,
        "organisation_id": organisation_id,
        "source_id": belonging.source_id,
        "external_id": belonging.external_id,
        "channel": record.channel,
        "lang": record.lang,
        "lang_given": record.lang is not None,
        "created_at": created_at,
        "updated_at": record.updated_at,
        "replied_at": record.replied_at,
        "resolved_at": record.resolved_at,
        "status": record.status,
        "customer_id": customer_id,
        "account_id": account_id,
        "rating": record.rating,
        "url": record.url,
        "tags": record.tags,
        "product_area": record.product_area,
        "team": record.team,
        "segment": record.segment,
        "layer": record.layer,
        "moment": record.moment,
        "raw_title": record.title,
        "text": None,
        "title_end": 0,
        "set_aside": None,
        "version": version,
    }


def _messages(organisation_id: str, item_id: str, record: FeedbackRecord) -> list[dict[str, object]]:
    return [
        {
            "id": digest(item_id, "message", str(position)),
            "organisation_id": organisation_id,
            "item_id": item_id,
            "position": position,
            "external_id": message.external_id,
            "author_role": message.author_role,
            "created_at": message.created_at,
            "raw": message.text,
            "start": 0,
            "end": 0,
            "reopens": False,
        }
        for position, message in enumerate(record.messages)
    ]
