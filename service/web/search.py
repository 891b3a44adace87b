"""The page of searching: themes, voices and articles that hold what somebody types."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.files.encodings import clean
from service.models.span import KINDS
from service.repositories.finding import Narrowed
from service.repositories.sources import list_sources
from service.search.looking import (
    MOST,
    Search,
    Slice,
    found_articles,
    found_themes,
    found_voices,
    search_for,
)
from service.search.meaning import Reader
from service.search.results import FoundArticles, FoundThemes, FoundVoices
from service.web.deps import SessionDep
from service.web.items import Day, Name
from service.web.language import LANGUAGES
from service.web.page import OrganisationDep, PagesDep

router = APIRouter()

NOUNS = ("themes", "voices", "articles")
FILTERS = {
    "": ("lang",),
    "themes": ("lang", "kind"),
    "voices": ("lang", "kind", "source", "since", "until"),
    "articles": ("lang", "source", "since", "until"),
}
"""By what each list can be narrowed."""
WAYS = ("words", "meaning")
PAGE = 20
FEW = 5
"""What the page of everything shows of each."""
EXCERPT = 220
BEFORE = 60
"""Code points of an excerpt, and of these how many stand before the first match at most."""


class SearchQuery(BaseModel):
    """A search as it stands in the address."""

    model_config = ConfigDict(populate_by_name=True)

    q: str = ""
    noun: Literal["", "themes", "voices", "articles"] = Field(default="", alias="in")
    by: Literal["", "words", "meaning"] = ""
    lang: Literal["", "en", "ja", "other"] = ""
    kind: Literal["", "pain_point", "question", "request", "praise", "other"] = ""
    source: Name = ""
    since: Day = None
    until: Day = None
    """The last day that is meant."""
    page: int = Field(default=1, ge=1, le=MOST // PAGE)

    @field_validator("q", "source")
    @classmethod
    def _storable(cls, given: str) -> str:
        return clean(given)

    @property
    def chosen(self) -> dict[str, object]:
        """The filters that are set, of those that this list has."""
        return {name: value for name in (*FILTERS[self.noun], "by") if (value := getattr(self, name))}

    def narrowed(self, zone: ZoneInfo) -> Narrowed:
        """Return what the search is narrowed to."""
        asked = {name: str(self.chosen[name]) for name in ("lang", "kind", "source") if name in self.chosen}
        since = datetime.combine(self.since, time(), zone) if self.since and "since" in self.chosen else None
        until = (
            datetime.combine(self.until + timedelta(days=1), time(), zone)
            if self.until and "until" in self.chosen
            else None
        )
        return Narrowed(**asked, since=since, until=until)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text that is shown; `lit` where the search says it."""

    text: str
    lit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What was found of each noun; None of those that the page does not show."""

    themes: FoundThemes | None
    voices: FoundVoices | None
    articles: FoundArticles | None

    def of(self, noun: str) -> "FoundThemes | FoundVoices | FoundArticles | None":
        """Return what was found of a noun."""
        found: FoundThemes | FoundVoices | FoundArticles | None = getattr(self, noun)
        return found

    @property
    def any(self) -> bool:
        """Say whether anything was found."""
        return any(found and found.total for found in (self.themes, self.voices, self.articles))


def reader_of(request: Request) -> Reader:
    """Return what reads searches for their meaning."""
    reader: Reader = request.app.state.reader
    return reader


ReaderOfMeaningDep = Annotated[Reader, Depends(reader_of)]


@router.get("/search")
def show_search(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    reader: ReaderOfMeaningDep,
    query: Annotated[SearchQuery, Query()],
) -> Response:
    """Show what was found."""
    t = pages.language(request)
    search = search_for(
        session,
        organisation_id,
        query.q,
        query.narrowed(pages.zone(request)),
        reader=None if query.by == "words" else reader,
        by_words=query.by != "meaning",
    )
    found = look(search, query)
    return pages.show(
        request,
        "search.html",
        searched=query.q,
        query=query,
        found=found,
        nouns=NOUNS,
        lit=lambda text: lit(text, search.asked.places_in(text)),
        excerpt=lambda text: excerpt(text, search.asked.places_in(text)),
        has_words=bool(search.asked.parts),
        meaning="" if query.by == "words" else search.reading.state,
        ways=[(name, t(f"search.by_{name}")) for name in WAYS],
        filters=FILTERS[query.noun],
        page_count=-(-(shown.listed if (shown := found.of(query.noun or "voices")) else 0) // PAGE),
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        sources=[(one.name, one.name) for one in list_sources(session, organisation_id)],
    )


def look(search: Search, query: SearchQuery) -> Everything:
    """Return what the page shows: a page of one noun, or a few of each."""
    part = Slice(size=PAGE, start=(query.page - 1) * PAGE)
    few = Slice(size=FEW)
    wanted = {noun: part if query.noun else few for noun in NOUNS if query.noun in ("", noun)}
    return Everything(
        themes=found_themes(search, wanted["themes"]) if "themes" in wanted else None,
        voices=found_voices(search, wanted["voices"]) if "voices" in wanted else None,
        articles=found_articles(search, wanted["articles"]) if "articles" in wanted else None,
    )


def lit(text: str, places: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a text cut where matches begin and end; only space between two of them is lit too."""
    pieces: list[Piece] = []
    at = 0
    for start, end in places:
        between = text[at:start]
        if pieces and pieces[-1].lit and not between.strip():
            pieces[-1] = Piece(pieces[-1].text + text[at:end], lit=True)
        else:
            pieces += [Piece(between)] if between else []
            pieces.append(Piece(text[start:end], lit=True))
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def excerpt(text: str, places: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return the stretch of a text around its first match, or its beginning, in one line."""
    first = places[0][0] if places else 0
    start = max(0, first - BEFORE) if len(text) > EXCERPT else 0
    end = min(len(text), start + EXCERPT)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in places if a < end and b > start]
    pieces = [Piece(" ".join(one.text.split("\n")), lit=one.lit) for one in lit(text[start:end], inside)]
    before = [Piece("…")] if start else []
    return [*before, *pieces, *([Piece("…")] if end < len(text) else [])]
