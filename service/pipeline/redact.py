"""Items → redacted text and spans. From here on nothing knows what was taken out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from nlp.kinds import kind_of
from nlp.language import detect
from nlp.redact import redact
from nlp.segment import CUSTOMER, Turn, asks_again, segment
from nlp.sentiment import sentiment_of
from nlp.severity import severity_of
from nlp.tokens import normal_forms
from service.db import Database
from service.models import Item, Message
from service.models.columns import digest
from service.pipeline import wording
from service.pipeline.report import Progress, Report, silent, stumbled
from service.repositories import spans
from service.repositories.spans import Unread

STAGE = "redact"
BATCH = 500
"""Items a transaction."""
BATCH_CHARACTERS = 8_000_000
READING = 6
"""Counts up whenever items are cut into spans, or spans are told, in another way than before."""

_Row = dict[str, Any]


def run(
    db: Database, organisation_id: str, *, read_anew: bool = False, progress: Progress = silent
) -> Report:
    """Redact every item that waits, cut it into spans, and forget what it said before.

    An item's text, its spans and the loss of its raw words are committed together, so a run that was cut off
    goes on with the items that still wait. With `read_anew`, items that an earlier reading cut into spans are
    cut again from their redacted text; a span that is the same keeps its id and its theme. Spans whose words
    no search finds yet get theirs.
    """
    with db.begin() as session:
        total = spans.count_waiting(session, organisation_id)
        older = spans.count_older(session, organisation_id, reading=READING) if read_anew else 0
    counted = _Counted(total=total + older, progress=progress)
    progress(STAGE, 0, counted.total)
    _exhaust(db, organisation_id, _waiting, _read, counted)
    if older:
        _exhaust(db, organisation_id, _older, _read_anew, counted)
    if read_anew:
        wording.catch_up_with_voices(db, organisation_id)
    failed = counted.failed
    notes = [f"{failed:,} could not be read; koe dead-letters list says why."] if failed else []
    if older:
        notes.append(f"{older:,} that an older version of Koe had read were read anew.")
    return Report(stage=STAGE, done=counted.done, failed=failed, notes=tuple(notes))


@dataclass(slots=True)
class _Counted:
    """How far the stage is."""

    total: int
    progress: Progress
    done: int = 0
    failed: int = 0

    def add(self, done: int, failed: int) -> None:
        self.done += done
        self.failed += failed
        through = self.done + self.failed
        self.progress(STAGE, through, max(through, self.total))


@dataclass(slots=True)
class _Read:
    """What is written of one item."""

    item: _Row
    messages: list[_Row] = field(default_factory=list)
    spans: list[_Row] = field(default_factory=list)


def _waiting(session: Session, organisation_id: str) -> list[Unread]:
    return spans.waiting(session, organisation_id, most=BATCH, most_characters=BATCH_CHARACTERS)


def _older(session: Session, organisation_id: str) -> list[Unread]:
    return spans.older(
        session, organisation_id, reading=READING, most=BATCH, most_characters=BATCH_CHARACTERS
    )


def _exhaust(
    db: Database,
    organisation_id: str,
    take: Callable[[Session, str], list[Unread]],
    read_one: Callable[[Unread], _Read],
    counted: _Counted,
) -> None:
    """Read what `take` gives, batch by batch, until it gives nothing."""
    while True:
        with db.begin() as session:
            batch = take(session, organisation_id)
            read, dead = _read_all(batch, read_one)
            for item_id, reason in dead.items():
                spans.give_up(session, organisation_id, item_id, reason=reason)
            spans.store(
                session,
                organisation_id,
                [one.item for one in read],
                [message for one in read for message in one.messages],
                [span for one in read for span in one.spans],
                {span["id"]: normal_forms(span["text"]) for one in read for span in one.spans},
            )
        if not batch:
            return
        counted.add(len(read), len(dead))


def _read_all(
    batch: Sequence[Unread], read_one: Callable[[Unread], _Read]
) -> tuple[list[_Read], dict[str, str]]:
    """Return what is written of each item, and of those that Koe stumbles over, by id, why."""
    read, dead = [], {}
    for unread in batch:
        try:
            read.append(read_one(unread))
        except Exception as error:  # noqa: BLE001  an item that Koe stumbles over holds up no other
            dead[unread.item.id] = stumbled(error)
    return read, dead


def _read(unread: Unread) -> _Read:
    item = unread.item
    lang = item.lang if item.lang_given else _language(item.raw_title, unread.messages)
    title = redact(item.raw_title or "").text.strip()
    text, turns = _joined(title, unread.messages)
    return _cut(unread, text, turns, title_end=len(title), lang=lang)


def _read_anew(unread: Unread) -> _Read:
    item = unread.item
    turns = [Turn(message.start, message.end, message.author_role) for message in unread.messages]
    return _cut(unread, item.text or "", turns, title_end=item.title_end, lang=item.lang)


def _cut(unread: Unread, text: str, turns: Sequence[Turn], *, title_end: int, lang: str | None) -> _Read:
    """Cut the redacted text of an item into spans."""
    item = unread.item
    found = segment(text, turns, title_end=title_end, channel=item.channel, lang=lang)
    return _Read(
        {
            "id": item.id,
            "text": text,
            "title_end": title_end,
            "lang": lang,
            "set_aside": found.set_aside,
            "reading": READING,
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
    severity = severity_of(words, kind=kind.name, rating=item.rating, lang=lang)
    sentiment = sentiment_of(words, rating=item.rating, lang=lang)
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
        "severity": severity.level,
        "severity_reason": severity.reason or None,
        "sentiment": sentiment.score,
        "sentiment_reason": sentiment.reason or None,
        "content_hash": digest(words, length=32),
    }
