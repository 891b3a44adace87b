"""Items → redacted text and spans. From here on nothing knows what was taken out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.kinds import kind_of
from nlp.language import detect
from nlp.redact import redact
from nlp.segment import CUSTOMER, Turn, asks_again, segment
from service.db import Database
from service.models import Item, Message
from service.models.columns import digest
from service.pipeline.report import Progress, Report, silent, stumbled
from service.repositories import spans
from service.repositories.spans import Unread

STAGE = "redact"
BATCH = 500
"""Items a transaction."""
BATCH_CHARACTERS = 8_000_000

_Row = dict[str, object]


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Redact every item that waits, cut it into spans, and forget what it said before.

    An item's text, its spans and the loss of its raw words are committed together, so a run that was cut off
    goes on with the items that still wait.
    """
    with db.begin() as session:
        total = spans.count_waiting(session, organisation_id)
    done = failed = 0
    progress(STAGE, done, total)
    while True:
        with db.begin() as session:
            batch = spans.waiting(session, organisation_id, most=BATCH, most_characters=BATCH_CHARACTERS)
            read, dead = _read_all(batch)
            for item_id, reason in dead.items():
                spans.give_up(session, organisation_id, item_id, reason=reason)
            spans.store(
                session,
                organisation_id,
                [one.item for one in read],
                [message for one in read for message in one.messages],
                [span for one in read for span in one.spans],
            )
        if not batch:
            break
        done += len(read)
        failed += len(dead)
        progress(STAGE, done + failed, max(done + failed, total))
    notes = (f"{failed:,} could not be read; koe dead-letters list says why.",) if failed else ()
    return Report(stage=STAGE, done=done, failed=failed, notes=notes)


@dataclass(slots=True)
class _Read:
    """What is written of one item."""

    item: _Row
    messages: list[_Row] = field(default_factory=list)
    spans: list[_Row] = field(default_factory=list)


def _read_all(batch: Sequence[Unread]) -> tuple[list[_Read], dict[str, str]]:
    """Return what is written of each item, and of those that Koe stumbles over, by id, why."""
    read, dead = [], {}
    for unread in batch:
        try:
            read.append(_read(unread))
        except Exception as error:  # noqa: BLE001  an item that Koe stumbles over holds up no other
            dead[unread.item.id] = stumbled(error)
    return read, dead


def _read(unread: Unread) -> _Read:
    item = unread.item
    lang = item.lang if item.lang_given else _language(item.raw_title, unread.messages)
    title = redact(item.raw_title or "").text.strip()
    text, turns = _joined(title, unread.messages)
    found = segment(text, turns, title_end=len(title), channel=item.channel, lang=lang)
    return _Read(
        {
            "id": item.id,
            "text": text,
            "title_end": len(title),
            "lang": lang,
            "set_aside": found.set_aside,
        },
        [
            {
                "id": message.id,
                "start": turn.start,
                "end": turn.end,
                "reopens": _reopens(item, message) and asks_again(text, turn, lang=lang),
            }
            for message, turn in zip(unread.messages, turns, strict=True)
        ],
        [_span(unread, text, start, end, lang) for start, end in found.spans],
    )


def _reopens(item: Item, message: Message) -> bool:
    """Say whether a message was written after its item was resolved."""
    if item.resolved_at is None or message.created_at is None:
        return False
    return message.created_at > item.resolved_at


def _language(raw_title: str | None, messages: Sequence[Message]) -> str | None:
    """Return the customer's language: agents and bots may write another one."""
    said = [message.raw or "" for message in messages if message.author_role == CUSTOMER]
    return detect("\n".join([raw_title or "", *said]))


def _joined(title: str, messages: Sequence[Message]) -> tuple[str, list[Turn]]:
    """Join title and messages by one blank line; return the text, and where each message stands in it."""
    text, turns = title, []
    for message in messages:
        words = redact(message.raw or "").text.strip()
        text += "\n\n" if text and words else ""
        turns.append(Turn(len(text), len(text) + len(words), message.author_role))
        text += words
    return text, turns


def _span(unread: Unread, text: str, start: int, end: int, lang: str | None) -> _Row:
    item, words = unread.item, text[start:end]
    kind = kind_of(words, channel=item.channel, rating=item.rating, lang=lang)
    return {
        "id": digest(item.id, str(start), str(end), words),
        "organisation_id": item.organisation_id,
        "item_id": item.id,
        "start": start,
        "end": end,
        "text": words,
        "lang": lang,
        "kind": kind.name,
        "kind_confidence": kind.confidence,
        "kind_reason": kind.reason or None,
        "content_hash": digest(words, length=32),
    }
