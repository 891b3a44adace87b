"""Corrections: what people said belongs together or apart, into their table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from service.imports import values
from service.imports.reading import Reading, Tally, tally
from service.models import Correction
from service.models.columns import digest
from service.repositories.upserts import upsert

OPS = ("must_link", "cannot_link")
"""What a file may say. All else is done on the pages, where one sees what it does to the live themes."""
MOST_SPANS = 1_000


class CorrectionImporter:
    """Reads corrections."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self, row: Row) -> Mapping[str, Any]:
        """Return the row as a correction. Raises ValueError for one that says nothing about two spans."""
        cell = self._reading.cell
        op = (values.text(cell(row, "op")) or "").casefold()
        if op not in OPS:
            raise ValueError(f"op: “{op[:40]}” is none of {', '.join(OPS)}")
        spans = sorted(values.tags(cell(row, "span_ids")))
        if not 2 <= len(spans) <= MOST_SPANS:
            raise ValueError(f"span_ids: {len(spans)} spans; from 2 to {MOST_SPANS:,} are needed")
        by = values.short(cell(row, "by")) or self._reading.source
        organisation_id = self._reading.organisation_id
        return {
            "id": digest(organisation_id, op, *spans),
            "organisation_id": organisation_id,
            "op": op,
            "theme_ids": [],
            "spans": {span: [span] for span in spans},
            "by": by,
            "at": self._reading.instant(row, "at") or self._reading.assumed_at,
        }

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch."""
        return tally(upsert(session, Correction, records))

    def notes(self) -> Sequence[str]:
        """Say what becomes of them."""
        return ("koe eval --gold holds themes against these; runs do not obey them yet.",)
