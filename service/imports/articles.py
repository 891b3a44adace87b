"""Articles: into their table; one whose words changed loses its passages, to be cut anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors.ports import Row
from nlp.html import plain
from service.imports import values
from service.imports.reading import Reading, Tally, tally
from service.models import Article
from service.models.columns import digest
from service.repositories import articles
from service.repositories.upserts import upsert

INTERNAL = frozenset(
    ("internal", "private", "agents", "agent", "staff", "restricted", "社内", "内部", "非公開", "社員")
)


class ArticleImporter:
    """Reads articles of a knowledge base."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._equal: Counter[str] = Counter()

    def read(self, row: Row) -> Mapping[str, Any]:
        """Return the row as an article. Raises ValueError for one without a title."""
        cell = self._reading.cell
        title = " ".join(plain(values.words(cell(row, "title")) or "").split())
        if not title:
            raise ValueError("no title")
        body = plain(values.words(cell(row, "body")) or "").strip()
        lang = values.language(cell(row, "lang")) or self._reading.options.lang
        url = values.link(cell(row, "url"))
        external_id = values.identifier(cell(row, "external_id")) or url or self._derived(title, lang)
        return {
            "id": digest(self._reading.organisation_id, "article", self._reading.source, external_id),
            "organisation_id": self._reading.organisation_id,
            "source_id": self._reading.source_id,
            "external_id": external_id,
            "title": title,
            "body": body,
            "url": url,
            "lang": lang,
            "audience": _audience(cell(row, "audience")),
            "section": values.short(cell(row, "section")),
            "status": values.short(cell(row, "status")),
            "updated_at": self._reading.instant(row, "updated_at"),
            "views": values.number(cell(row, "views")),
            "helpful": values.number(cell(row, "helpful")),
            "unhelpful": values.number(cell(row, "unhelpful")),
            "version": digest(title, body, lang or ""),
        }

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch."""
        ids = {record["id"] for record in records}
        before = articles.versions(session, self._reading.organisation_id, ids)
        done = upsert(session, Article, records, newest_by="updated_at")
        after = articles.versions(session, self._reading.organisation_id, ids)
        reworded = [article_id for article_id, version in before.items() if after[article_id] != version]
        if reworded:
            articles.forget_passages(session, self._reading.organisation_id, reworded)
        return tally(done)

    def notes(self) -> Sequence[str]:
        """Nothing is assumed."""
        return ()

    def _derived(self, title: str, lang: str | None) -> str:
        """Return an id for an article that brings none: its title may not change, its body may."""
        named = digest(title, lang or "")
        self._equal[named] += 1
        return digest(named, str(self._equal[named]))


def _audience(value: object) -> str:
    return "internal" if (values.text(value) or "").casefold() in INTERNAL else "public"
