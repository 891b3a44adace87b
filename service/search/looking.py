"""Looks for voices, themes and articles: each by words and by meaning, in one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session

from nlp.asked import Asked, Part, asked
from nlp.tokens import normal_forms
from service.repositories import articles as article_repository
from service.repositories import finding, places, voices
from service.repositories import passages as passage_repository
from service.repositories import themes as theme_repository
from service.repositories.finding import MOST_COUNTED, Narrowed, Ranked
from service.repositories.glossary import glossary
from service.repositories.themes import Named
from service.search.ranking import fused
from service.search.results import (
    Found,
    FoundArticle,
    FoundArticles,
    FoundTheme,
    FoundThemes,
    FoundVoices,
    Hit,
    How,
    Row,
)

MOST = 200
"""Voices, themes or articles that can be gone through; a search that needs more wants other words."""
TITLES = 8_192
"""Titles and keywords whose words are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of what was found is shown."""

    size: int
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search in one organisation."""

    session: Session
    organisation_id: str
    asked: Asked
    narrowed: Narrowed
    voices: Ranked
    """The spans that hold its words."""


def search_for(session: Session, organisation_id: str, query: str, narrowed: Narrowed) -> Search:
    """Return a search that is ready to be shown; the words that voices hold have been looked for."""
    meant = asked(query, glossary(session, organisation_id))
    held = finding.voices(session, organisation_id, meant.parts, narrowed, limit=MOST)
    return Search(
        session=session, organisation_id=organisation_id, asked=meant, narrowed=narrowed, voices=held
    )


def found_voices(search: Search, part: Slice) -> FoundVoices:
    """Return voices, those that hold all words before those that hold some."""
    how = _how(search.voices)
    order = search.voices.ids[:MOST]
    shown = order[part.start : part.start + part.size]
    said = voices.said(search.session, search.organisation_id, shown)
    hits = [Hit(row=said[span_id], how=how[span_id]) for span_id in shown if span_id in said]
    return _found(hits, order, search.voices)


def found_articles(search: Search, part: Slice) -> FoundArticles:
    """Return articles, each by the passage of it that fits best."""
    ranked = finding.passages(
        search.session, search.organisation_id, search.asked.parts, search.narrowed, limit=MOST
    )
    how = _how(ranked)
    passages = passage_repository.by_id(search.session, search.organisation_id, ranked.ids)
    best: dict[str, str] = {}
    for passage_id in ranked.ids:
        if passage_id in passages:
            best.setdefault(passages[passage_id].article_id, passage_id)
    order = list(best)
    shown = order[part.start : part.start + part.size]
    articles = article_repository.by_id(search.session, search.organisation_id, shown)
    hits = [
        Hit(
            row=FoundArticle(article=articles[one], passage=passages[best[one]]),
            how=how[best[one]],
        )
        for one in shown
        if one in articles
    ]
    whole = sum(how[passage_id] == "all" for passage_id in best.values())
    return _found(hits, order, Ranked(order, whole))


def found_themes(search: Search, part: Slice) -> FoundThemes:
    """Return themes: by their titles and keywords, and by the voices in them that fit."""
    narrowed = search.narrowed
    known = {
        theme.id: theme
        for theme in theme_repository.named_themes(search.session, search.organisation_id)
        if narrowed.kind in ("", theme.kind) and _is_in(theme.lang, narrowed.lang)
    }
    titled = _titled(search.asked.parts, list(known.values()))
    homes = places.themes_of(search.session, search.organisation_id, search.voices.ids[:MOST])
    spoken: dict[str, str] = {}
    for span_id in search.voices.ids[:MOST]:
        if (home := homes.get(span_id)) in known:
            spoken.setdefault(home, span_id)
    order = fused(titled.ids, list(spoken))[:MOST]
    shown = order[part.start : part.start + part.size]
    themes = theme_repository.named(search.session, search.organisation_id, shown)
    said = voices.said(
        search.session, search.organisation_id, [spoken[one] for one in shown if one in spoken]
    )
    of_titles, of_voices = _how(titled), _how(search.voices)
    hits = [
        Hit(
            row=FoundTheme(theme=themes[one], said=said.get(spoken.get(one, ""))),
            how=_better(of_titles.get(one), of_voices.get(spoken.get(one, ""))),
        )
        for one in shown
        if one in themes
    ]
    whole = sum("all" in (of_titles.get(one), of_voices.get(spoken.get(one, ""))) for one in order)
    return _found(hits, order, Ranked(order, whole))


def _found(hits: Sequence[Hit[Row]], order: Sequence[str], ranked: Ranked) -> Found[Row]:
    """Return a page of what stands in an order, of which `ranked` are those that hold all words."""
    others = len(order) - min(ranked.total, len(order))
    return Found(
        hits=list(hits),
        listed=len(order),
        whole=min(ranked.total, MOST_COUNTED),
        total=min(ranked.total, MOST_COUNTED) + others,
        is_more=ranked.total > MOST_COUNTED,
    )


def _how(ranked: Ranked) -> dict[str, How]:
    return {name: "all" if place < ranked.total else "some" for place, name in enumerate(ranked.ids)}


def _better(*how: How | None) -> How:
    return next((one for one in ("all", "some") if one in how), "meaning")


def _is_in(lang: str, wanted: str) -> bool:
    if wanted == finding.OTHER:
        return lang not in finding.PAGE_LANGUAGES
    return wanted in ("", lang)


def _titled(parts: Sequence[Part], themes: Sequence[Named]) -> Ranked:
    """Return the themes whose titles and keywords hold words of the search, those that hold most first."""
    held = {theme.id: _held(parts, _words_of(theme)) for theme in themes}
    found = sorted((name for name, count in held.items() if count), key=lambda name: (-held[name], name))
    return Ranked(found, sum(held[name] == len(parts) for name in found))


def _held(parts: Sequence[Part], words: frozenset[str]) -> int:
    return sum(any(_is_held(one, words, begins=part.begins) for one in part.alternatives) for part in parts)


def _is_held(wanted: tuple[str, ...], words: frozenset[str], *, begins: bool) -> bool:
    if begins and any(word.startswith(wanted[-1]) for word in words):
        return True
    return words.issuperset(wanted)


def _words_of(theme: Named) -> frozenset[str]:
    texts = (theme.title, *filter(None, theme.titles.values()), " ".join(theme.keywords))
    return frozenset().union(*map(_words, texts))


@lru_cache(maxsize=TITLES)
def _words(text: str) -> frozenset[str]:
    return frozenset(normal_forms(text))
