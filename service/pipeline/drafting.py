"""From what is known of a theme to the draft that a suggestion keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from nlp.draft import (
    Citation,
    Draft,
    Material,
    Passage,
    article_draft,
    backlog_draft,
    contradiction_draft,
    edit_draft,
    find_draft,
)
from service.models import Article
from service.models.columns import digest
from service.pipeline.facts import Known
from service.pipeline.library import Library
from service.repositories import themes
from service.repositories.figures import ThemeFigures
from service.repositories.glossary import glossary
from service.rules.routing import ON_ARTICLES

MOST_VOICES = 150
"""Spans that a draft is chosen from, those that surely belong to the theme first."""
MOST_REPLIES = 60
ANSWERS = 0.5
"""Probability from which on an article's words may stand in a new article."""
SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}

DRAFTERS: Mapping[str, Callable[[Material], Draft]] = {
    "fix_product": backlog_draft,
    "write_article": article_draft,
    "edit_article": edit_draft,
    "make_findable": find_draft,
    "resolve_contradiction": contradiction_draft,
}
"""What drafts an action; a decision not to act has nothing to draft."""


def draft_of(
    session: Session, figures: ThemeFigures, known: Known, action: str, articles: Library
) -> dict[str, Any] | None:
    """Return the draft of an action as a suggestion keeps it, with the figures it was made with."""
    if action not in DRAFTERS:
        return None
    draft = DRAFTERS[action](_material(session, figures, known, _articles(known, action, articles)))
    cited = [citation for sentence in draft.sentences for citation in sentence.citations]
    return {
        "title": draft.title,
        "body": draft.body,
        "answered": draft.answered,
        "sentences": [
            {
                "text": one.text,
                "held": digest(one.text),
                "citations": [asdict(citation) for citation in one.citations],
            }
            for one in draft.sentences
        ],
        "citations": _once([*draft.title_citations, *cited]),
        "facts": _facts(figures),
    }


def _articles(known: Known, action: str, articles: Library) -> list[tuple[Article, str]]:
    """Return the articles whose words may stand in the draft, with the names of their sources."""
    facts = known.facts
    if action not in ON_ARTICLES and facts.article_probability < ANSWERS:
        return []
    ids = (facts.article_id, facts.other_article_id if action == "resolve_contradiction" else None)
    found = [articles.articles[article_id] for article_id in ids if article_id]
    return [(article, articles.sources[article.source_id]) for article in found]


def _material(
    session: Session, figures: ThemeFigures, known: Known, written: Sequence[tuple[Article, str]]
) -> Material:
    theme = figures.theme
    obeyed = glossary(session, theme.organisation_id)
    voices = themes.evidence(session, theme.organisation_id, theme.id, limit=MOST_VOICES)
    spoken = [voice for voice in voices if voice.span.lang in (theme.lang, None)] or voices
    return Material(
        title=obeyed.obeyed(theme.title),
        lang=theme.lang,
        glossary=obeyed,
        customers=[
            Passage(
                text=voice.span.text,
                source=voice.source,
                external_id=voice.item.external_id,
                start=voice.span.start,
            )
            for voice in spoken
        ],
        agents=_agents(known, theme.lang),
        article_title=written[0][0].title if written else "",
        article=[_article_passage(article, source) for article, source in written],
        keywords=[
            obeyed.obeyed(keyword) for keyword in theme.keywords if obeyed.allows(obeyed.obeyed(keyword))
        ],
        sought=known.sought,
        figures=_lines(figures),
        weekly=figures.weekly,
    )


def _agents(known: Known, lang: str) -> list[Passage]:
    said = [
        (known.items[reply.item_id], reply)
        for reply in known.replies
        if known.items[reply.item_id].lang in (lang, None)
    ]
    return [
        Passage(text=reply.text, source=item.source, external_id=item.external_id, start=reply.start)
        for item, reply in said[:MOST_REPLIES]
    ]


def _article_passage(article: Article, source: str) -> Passage:
    """Return an article's body; offsets count in title, blank line, body."""
    return Passage(
        text=article.body,
        source=source,
        external_id=article.external_id,
        start=len(article.title) + 2,
    )


def _lines(figures: ThemeFigures) -> list[tuple[str, str]]:
    counted = [
        ("customers", figures.customers),
        ("accounts", figures.accounts),
        ("contacts", figures.contacts),
    ]
    if figures.people != figures.customers:
        counted[:1] = [("people", figures.people)]
    lines = [(name, f"{count:,}") for name, count in counted]
    return lines + [("revenue", _money(amount, currency)) for currency, amount in figures.revenue.items()]


def _money(amount: Decimal, currency: str) -> str:
    sign = SIGNS.get(currency)
    return f"{sign}{amount:,.0f}" if sign else f"{amount:,.0f} {currency}".strip()


def _facts(figures: ThemeFigures) -> dict[str, Any]:
    """Return the figures that go with the draft; sums in several currencies cannot be one number."""
    revenue = list(figures.revenue.items())
    currency, amount = revenue[0] if len(revenue) == 1 else (None, None)
    return {
        "contacts": figures.contacts,
        "customers": figures.customers,
        "people": figures.people,
        "accounts": figures.accounts,
        "revenue": None if amount is None else float(amount),
        "currency": currency or None,
        "last_seen": figures.last_seen.isoformat() if figures.last_seen else None,
    }


def _once(cited: Sequence[Citation]) -> list[dict[str, Any]]:
    return [asdict(citation) for citation in dict.fromkeys(cited)]
