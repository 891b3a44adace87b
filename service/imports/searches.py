"""Searches in the help centre: into their table, without what is personal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from nlp.language import detect
from nlp.redact import redact
from service.imports import values
from service.imports.reading import Reading, Tally, tally
from service.models import Search
from service.models.columns import digest
from service.repositories.upserts import upsert

NO_CLICK = frozenset(("0", "false", "no", "いいえ", "なし"))


class SearchImporter:
    """Reads the log of a help centre's search."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._equal: Counter[str] = Counter()

    def read(self, row: Row) -> Mapping[str, Any]:
        """Return the row as a search. Raises ValueError for one without a day, words or a count."""
        cell = self._reading.cell
        searched_at = self._reading.instant(row, "searched_at")
        if searched_at is None:
            raise ValueError("no searched_at")
        query = _query(cell(row, "query"))
        results = values.number(cell(row, "results"))
        if results is None:
            raise ValueError("no results: how many pages were found, 0 for none")
        search = {
            "searched_at": searched_at,
            "query": query,
            "lang": values.language(cell(row, "lang")) or self._reading.options.lang or detect(query),
            "results": results,
            "clicked": _clicked(cell(row, "clicked")) if "clicked" in self._reading.taken.columns else None,
            "customer_id": values.identifier(cell(row, "customer_id")),
        }
        content = digest(self._reading.source, *map(str, search.values()))
        self._equal[content] += 1
        return {
            "id": digest(self._reading.organisation_id, "search", content, str(self._equal[content])),
            "organisation_id": self._reading.organisation_id,
            "source_id": self._reading.source_id,
            "content_hash": digest(query, length=32),
            **search,
        }

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch."""
        return tally(upsert(session, Search, records))

    def notes(self) -> Sequence[str]:
        """Nothing is assumed."""
        return ()


def _query(value: object) -> str:
    """Return what was typed as one line, redacted: it never stands anywhere else."""
    typed = " ".join((values.words(value) or "").split())[: values.LONGEST_ID]
    if not typed:
        raise ValueError("no query")
    return redact(typed).text


def _clicked(value: object) -> bool:
    """Say whether anything was opened; the log may hold a count, a yes or no, or the page itself."""
    said = values.text(value)
    return said is not None and said.casefold() not in NO_CLICK
