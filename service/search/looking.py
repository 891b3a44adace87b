"""Looks for voices, themes and articles: each by words and by meaning, in one order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlmodel import Session

from nlp.asked import Asked, Part, asked
from nlp.tokens import normal_forms
from service.repositories import articles as article_repository
from service.repositories import finding, nearness, places, voices
from service.repositories import passages as passage_repository
from service.repositories import themes as theme_repository
from service.repositories.finding import MOST_COUNTED, Narrowed, Ranked
from service.repositories.glossary import glossary
from service.repositories.themes import Named
from service.search.meaning import Reader, Reading
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

NEAR = 0.3
"""The cosine from which on something means something alike; what is below that is mostly chance."""
MOST_NEAR = 50
"""Of what means something alike."""
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
    reading: Reading
    """What it means."""
    by_words: bool
    """False where only what means something alike is wanted."""
    voices: Ranked
    """The spans that hold its words."""
    near: tuple[list[str], ...]
    """The spans that mean something alike, space by space."""


def search_for(
    session: Session,
    organisation_id: str,
    query: str,
    narrowed: Narrowed,
    *,
    reader: Reader | None = None,
    by_words: bool = True,
) -> Search:
    """Return a search that is ready to be shown; the voices have been looked for.

    Without a `reader` only words are looked for, and with `by_words` false only what they mean.
    """
    meant = asked(query, glossary(session, organisation_id))
    held = Ranked([], 0)
    if by_words:
        held = finding.voices(session, organisation_id, meant.parts, narrowed, limit=MOST)
    reading = reader.read(query) if reader else Reading(state="off")
    known = nearness.known_spaces(session, organisation_id, [one.embedder for one in reading.meant])
    reading = replace(reading, meant=tuple(one for one in reading.meant if one.embedder in known))
    near = tuple(
        nearness.voices(session, organisation_id, one, narrowed, least=NEAR, limit=MOST_NEAR)
        for one in reading.meant
    )
    return Search(
        session=session,
        organisation_id=organisation_id,
        asked=meant,
        narrowed=narrowed,
        reading=reading,
        by_words=by_words,
        voices=held,
        near=near,
    )


def found_voices(search: Search, part: Slice) -> FoundVoices:
    """Return voices: what holds the words, and what means something alike."""
    how = _how(search.voices)
    order = fused(search.voices.ids, *search.near)[:MOST]
    shown = order[part.start : part.start + part.size]
    said = voices.said(search.session, search.organisation_id, shown)
    hits = [Hit(row=said[one], how=how.get(one, "meaning")) for one in shown if one in said]
    return _found(hits, order, _whole(order, search.voices))


def found_articles(search: Search, part: Slice) -> FoundArticles:
    """Return articles, each by the passage of it that fits best."""
    session, organisation_id = search.session, search.organisation_id
    ranked = Ranked([], 0)
    if search.by_words:
        parts = search.asked.parts
        ranked = finding.passages(session, organisation_id, parts, search.narrowed, limit=MOST)
    near = [
        nearness.passages(session, organisation_id, one, search.narrowed, least=NEAR, limit=MOST_NEAR)
        for one in search.reading.meant
    ]
    how = _how(ranked)
    ids = fused(ranked.ids, *near)
    passages = passage_repository.by_id(session, organisation_id, ids)
    best: dict[str, str] = {}
    for passage_id in ids:
        if passage_id in passages:
            best.setdefault(passages[passage_id].article_id, passage_id)
    order = list(best)[:MOST]
    shown = order[part.start : part.start + part.size]
    articles = article_repository.by_id(session, organisation_id, shown)
    hits = [
        Hit(
            row=FoundArticle(article=articles[one], passage=passages[best[one]]),
            how=how.get(best[one], "meaning"),
        )
        for one in shown
        if one in articles
    ]
    whole = sum(how.get(best[one]) == "all" for one in order)
    return _found(hits, order, Ranked(order, whole))


def found_themes(search: Search, part: Slice) -> FoundThemes:
    """Return themes: by their titles and keywords, by what they mean, and by the voices in them that fit."""
    session, organisation_id, narrowed = search.session, search.organisation_id, search.narrowed
    known = {
        theme.id: theme
        for theme in theme_repository.named_themes(session, organisation_id)
        if narrowed.kind in ("", theme.kind) and is_in(theme.lang, narrowed.lang)
    }
    titled = _titled(search.asked.parts, list(known.values())) if search.by_words else Ranked([], 0)
    near = [
        [name for name in nearest if name in known]
        for one in search.reading.meant
        for nearest in (nearness.themes(session, organisation_id, one, least=NEAR, limit=MOST_NEAR),)
    ]
    spoken = _spoken(search, known)
    order = fused(titled.ids, list(spoken), *near)[:MOST]
    shown = order[part.start : part.start + part.size]
    themes = theme_repository.named(session, organisation_id, shown)
    said = voices.said(session, organisation_id, [spoken[one] for one in shown if one in spoken])
    of_titles, of_voices = _how(titled), _how(search.voices)
    how = {one: _better(of_titles.get(one), of_voices.get(spoken.get(one, ""))) for one in order}
    hits = [
        Hit(row=FoundTheme(theme=themes[one], said=said.get(spoken.get(one, ""))), how=how[one])
        for one in shown
        if one in themes
    ]
    return _found(hits, order, Ranked(order, sum(one == "all" for one in how.values())))


def _spoken(search: Search, known: Collection[str]) -> dict[str, str]:
    """Return the known themes of the voices that were found, best first, and of each its best voice."""
    order = fused(search.voices.ids, *search.near)[:MOST]
    homes = places.themes_of(search.session, search.organisation_id, order)
    spoken: dict[str, str] = {}
    for span_id in order:
        home = homes.get(span_id)
        if home is not None and home in known:
            spoken.setdefault(home, span_id)
    return spoken


def _whole(order: Sequence[str], ranked: Ranked) -> Ranked:
    """Return an order with how many in it hold all words, or more where not all of these stand in it."""
    held = len(set(order) & set(ranked.ids[: ranked.total]))
    return Ranked(list(order), max(held, ranked.total))


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


def is_in(lang: str, wanted: str) -> bool:
    """Say whether a language is the wanted one: `other` is none of the pages', and nothing is any."""
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
