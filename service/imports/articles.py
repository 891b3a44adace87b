"""Articles: into their table; one whose words changed loses its passages, to be cut anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from connectors import ports
from connectors.own import unmarked
from connectors.ports import Row
from nlp.html import plain
from service.imports import values
from service.imports.reading import Reading, Tally, tally
from service.models import Article, Source
from service.models.columns import digest
from service.repositories import articles
from service.repositories.upserts import Upserted, upsert

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
        title = _title(cell(row, "title"))
        lang = values.language(cell(row, "lang")) or self._reading.options.lang
        url = values.link(cell(row, "url"))
        external_id = values.identifier(cell(row, "external_id")) or url or self._derived(title, lang)
        return _record(
            self._reading.organisation_id,
            self._reading.source_id,
            self._reading.source,
            external_id,
            title=title,
            body=plain(values.words(cell(row, "body")) or "").strip(),
            url=url,
            lang=lang,
            audience=_audience(cell(row, "audience")),
            section=values.short(cell(row, "section")),
            status=values.short(cell(row, "status")),
            updated_at=self._reading.instant(row, "updated_at"),
            views=values.number(cell(row, "views")),
            helpful=values.number(cell(row, "helpful")),
            unhelpful=values.number(cell(row, "unhelpful")),
        )

    def store(self, session: Session, records: Sequence[Mapping[str, Any]]) -> Tally:
        """Write a batch."""
        return tally(store(session, self._reading.organisation_id, records))

    def notes(self) -> Sequence[str]:
        """Nothing is assumed."""
        return ()

    def _derived(self, title: str, lang: str | None) -> str:
        """Return an id for an article that brings none: its title may not change, its body may."""
        named = digest(title, lang or "")
        self._equal[named] += 1
        return digest(named, str(self._equal[named]))


def told(source: Source, article: ports.Article) -> Mapping[str, Any]:
    """Return an article as a source tells it. Raises ValueError for one without a title."""
    return _record(
        source.organisation_id,
        source.id,
        source.name,
        article.external_id,
        title=_title(article.title),
        body=unmarked(plain(article.text)).strip(),
        url=values.link(article.url),
        lang=values.language(article.lang),
        audience=article.audience,
        section=values.short(article.section),
        status=article.status,
        updated_at=article.updated_at,
        views=values.number(article.views),
        helpful=values.number(article.helpful),
        unhelpful=values.number(article.unhelpful),
    )


def store(session: Session, organisation_id: str, records: Sequence[Mapping[str, Any]]) -> Upserted:
    """Write articles, and forget the passages of those whose words changed."""
    ids = {record["id"] for record in records}
    before = articles.versions(session, organisation_id, ids)
    done = upsert(session, Article, records, newest_by="updated_at")
    after = articles.versions(session, organisation_id, ids)
    reworded = [article_id for article_id, version in before.items() if after[article_id] != version]
    if reworded:
        articles.forget_passages(session, organisation_id, reworded)
    return done


def _record(
    organisation_id: str, source_id: str, source: str, external_id: str, **fields: Any
) -> Mapping[str, Any]:
    return {
        "id": digest(organisation_id, "article", source, external_id),
        "organisation_id": organisation_id,
        "source_id": source_id,
        "external_id": external_id,
        **fields,
        "version": digest(fields["title"], fields["body"], fields["lang"] or ""),
    }


def _title(value: object) -> str:
    title = " ".join(plain(values.words(value) or "").split())
    if not title:
        raise ValueError("no title")
    return title


def _audience(value: object) -> str:
    return "internal" if (values.text(value) or "").casefold() in INTERNAL else "public"
