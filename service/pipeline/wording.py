"""The words by which voices and articles are found: what an older version of Koe left without any gets some.

A new voice gets its words when it is redacted, in the same transaction; nothing waits for this.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlmodel import Session

from nlp.tokens import normal_forms
from service.db import Database
from service.repositories import passages, spans

BATCH = 1000
"""Texts committed together."""


class _Wordless(Protocol):
    """What has a text whose words were not read yet."""

    @property
    def id(self) -> str: ...

    @property
    def text(self) -> str: ...


def catch_up_with_voices(db: Database, organisation_id: str) -> int:
    """Read the words of all spans that have none; return how many. Safe to repeat, and to be cut off."""
    return _catch_up(db, organisation_id, spans.wordless, spans.keep_words)


def catch_up_with_articles(db: Database, organisation_id: str) -> int:
    """Read the words of all passages that have none; return how many. Safe to repeat, and to be cut off."""
    return _catch_up(db, organisation_id, passages.wordless, passages.keep_words)


def _catch_up(
    db: Database,
    organisation_id: str,
    wordless: Callable[..., Sequence[_Wordless]],
    keep: Callable[[Session, str, dict[str, list[str]]], None],
) -> int:
    after, done = "", 0
    while True:
        with db.begin() as session:
            batch = wordless(session, organisation_id, after=after, limit=BATCH)
            keep(session, organisation_id, {one.id: normal_forms(one.text) for one in batch})
        done += len(batch)
        if len(batch) < BATCH:
            return done
        after = batch[-1].id
