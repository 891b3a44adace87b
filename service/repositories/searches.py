"""Searches of the help centre that found nothing, and the themes they are nearest to."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from service.repositories.places import WaitingSpan

DISTINCT = """
    SELECT DISTINCT ON (content_hash) content_hash, query, lang FROM search
    WHERE organisation_id = :organisation_id AND results = 0
    ORDER BY content_hash, id
"""
PUT = """
    UPDATE search SET theme_id = new.theme_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (content_hash text, theme_id text)
    WHERE search.organisation_id = :organisation_id AND search.results = 0
        AND search.content_hash = new.content_hash AND search.theme_id IS DISTINCT FROM new.theme_id
"""
OF_THEME = """
    SELECT searched_at, query FROM search
    WHERE organisation_id = :organisation_id AND theme_id = :theme_id AND results = 0
        AND searched_at > (SELECT max(searched_at) FROM search WHERE organisation_id = :organisation_id)
            - interval '180 days'
    ORDER BY searched_at, id
"""


class Vain(NamedTuple):
    """A search that found nothing."""

    at: datetime
    query: str


def in_vain(session: Session, organisation_id: str) -> list[WaitingSpan]:
    """Return what was searched for and not found, each text once; its id is the digest of the text."""
    rows = session.execute(text(DISTINCT), {"organisation_id": organisation_id})
    return [WaitingSpan(id=hash_, content_hash=hash_, text=query, lang=lang) for hash_, query, lang in rows]


def put(session: Session, organisation_id: str, themes: Mapping[str, str | None]) -> None:
    """Write the theme of each text that was searched for in vain; None is no theme."""
    rows = [{"content_hash": hash_, "theme_id": theme_id} for hash_, theme_id in themes.items()]
    session.execute(text(PUT), {"organisation_id": organisation_id, "rows": json.dumps(rows)})


def of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Vain]:
    """Return the searches in vain of a theme, oldest first: those of the log's last half year."""
    given = {"organisation_id": organisation_id, "theme_id": theme_id}
    return [Vain(*row) for row in session.execute(text(OF_THEME), given)]
