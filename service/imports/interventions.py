"""Interventions: the days on which something changed for customers, into their table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from service.imports import values
from service.imports.reading import Reading, Tally, tally
from service.models import Intervention
from service.models.columns import digest
from service.models.effect import INTERVENTION_KINDS
from service.repositories.upserts import upsert


class InterventionImporter:
    """Reads interventions."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self, row: Row) -> Mapping[str, Any]:
        """Return the row as an intervention. Raises ValueError where theme or day is missing."""
        cell = self._reading.cell
        theme = values.short(cell(row, "theme"))
        if theme is None:
            raise ValueError("no theme")
        occurred_at = self._reading.instant(row, "occurred_at")
        if occurred_at is None:
            raise ValueError("no occurred_at")
        kind = (values.text(cell(row, "kind")) or "other").casefold()
        if kind not in INTERVENTION_KINDS:
            raise ValueError(f"kind: “{kind[:40]}” is none of {', '.join(INTERVENTION_KINDS)}")
        segment = values.short(cell(row, "segment"))
        derived = digest(theme, occurred_at.isoformat(), kind, segment or "")
        intervention_id = values.identifier(cell(row, "intervention_id")) or derived
        return {
            "id": digest(self._reading.organisation_id, "intervention", intervention_id),
            "organisation_id": self._reading.organisation_id,
            "intervention_id": intervention_id,
            "theme": theme,
            "occurred_at": occurred_at,
            "kind": kind,
            "segment": segment,
        }

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch."""
        return tally(upsert(session, Intervention, records))

    def notes(self) -> Sequence[str]:
        """Nothing is assumed."""
        return ()
