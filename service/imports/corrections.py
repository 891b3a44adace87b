"""Corrections: what people changed about themes, from a file into their table, to be carried out after it."""

from collections.abc import Sequence

from sqlmodel import Session

from connectors.ports import Row
from service.errors import WrongUse
from service.imports import values
from service.imports.reading import Reading, Tally
from service.models import Correction
from service.models.columns import digest
from service.repositories import corrections
from service.rules.corrections import Wanted, checked


class CorrectionImporter:
    """Reads corrections."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self, row: Row) -> Correction:
        """Return the row as a correction. Raises ValueError where it lacks what its sort needs."""
        cell, organisation_id = self._reading.cell, self._reading.organisation_id
        at = self._reading.instant(row, "at")
        try:
            wanted = checked(
                Wanted(
                    op=(values.text(cell(row, "op")) or "").casefold(),
                    theme_ids=tuple(values.tags(cell(row, "theme_ids"))),
                    span_ids=tuple(sorted(values.tags(cell(row, "span_ids")))),
                    title=values.text(cell(row, "title")),
                )
            )
        except WrongUse as error:
            raise ValueError(str(error)) from error
        said = (*wanted.theme_ids, "", *wanted.span_ids, "", wanted.title or "")
        return Correction(
            id=digest(organisation_id, wanted.op, *said, at.isoformat() if at else ""),
            organisation_id=organisation_id,
            op=wanted.op,
            theme_ids=list(wanted.theme_ids),
            title=wanted.title,
            chosen=list(wanted.span_ids),
            by=values.short(cell(row, "by")) or self._reading.source,
            at=at or self._reading.assumed_at,
        )

    def store(self, session: Session, records: Sequence[Correction]) -> Tally:
        """Write a batch; one that is there already stays as it is, taken back or not."""
        new = {record.id: record for record in records}
        for known in corrections.known(session, self._reading.organisation_id, new):
            del new[known]
        session.add_all(new.values())
        return Tally(stored=len(new), duplicates=len(records) - len(new))

    def notes(self) -> Sequence[str]:
        """Say where to see what became of them."""
        return ("They are carried out at once; koe corrections list says which do not hold, and why.",)
