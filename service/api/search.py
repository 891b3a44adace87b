"""`/search`: themes, voices and articles by what somebody types."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from sqlmodel import Session

from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Moment, Name, one_of, storable, word
from service.exports.shapes import moment
from service.models.span import KINDS
from service.models.theme import STAGES
from service.repositories.finding import Narrowed
from service.repositories.voices import Said
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
from service.search.results import FoundArticle, FoundTheme

router = APIRouter(prefix="/search", tags=["search"])

HOW = ("all", "some", "meaning")
MEANING = ("ready", "warming", "off")
LONGEST = 10_000
Words = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(storable)]
Places = Annotated[
    list[tuple[int, int]],
    Field(description="Where words of the search stand in it: half-open, in code points."),
]
Kind = Annotated[str, word(KINDS)]


class VoiceHit(BaseModel):
    """A voice that was found."""

    span_id: str
    item_id: str
    source: str
    external_id: str = Field(description="Of the item.")
    text: str
    places: Places
    lang: str | None
    kind: Kind
    theme_id: str | None = Field(description="Null where it is in none.")
    created_at: str | None = Field(description="When the item came.")


class ThemeHit(BaseModel):
    """A theme or sub-theme that was found."""

    theme_id: str
    title: str
    places: Places
    lang: str
    kind: Kind
    stage: Annotated[str, word(STAGES)]
    voice: VoiceHit | None = Field(description="The voice in it that fits best, if any does.")


class ArticleHit(BaseModel):
    """An article that was found."""

    article_id: str
    title: str
    places: Places
    lang: str | None
    url: str | None
    audience: str
    passage: str = Field(description="The stretch of it that fits best, with its title.")


class SearchHit(BaseModel):
    """One thing that was found; of `theme`, `voice` and `article` one is there, as `in` said."""

    how: Annotated[str, word(HOW, "It holds all words, some, or none but means something alike.")]
    theme: ThemeHit | None = None
    voice: VoiceHit | None = None
    article: ArticleHit | None = None


class SearchAnswer(BaseModel):
    """What was found, the best first."""

    data: list[SearchHit]
    total: int = Field(description="How many were found; those behind `limit` are counted too.")
    more: bool = Field(description="True where there are more than `total`, which were not counted.")
    meaning: Annotated[
        str,
        word(
            MEANING,
            "Whether what means something alike was looked for: `warming` where the models are being "
            "loaded (ask again in some seconds), `off` where they cannot be, or only words were asked for.",
        ),
    ]


class SearchQuery(BaseModel):
    """A search, and what it is narrowed to."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    q: Words = Field(description="What to look for.", examples=["password"])
    noun: Literal["voices", "themes", "articles"] = Field(default="voices", alias="in")
    by: Literal["words", "meaning"] | SkipJsonSchema[None] = Field(
        default=None, description="Only by words, or only by meaning; both where it is not given."
    )
    lang: Literal["en", "ja", "other"] | SkipJsonSchema[None] = None
    kind: Annotated[Name | SkipJsonSchema[None], *one_of(KINDS)] = Field(
        default=None, description="Of voices and themes."
    )
    source: Name | SkipJsonSchema[None] = Field(default=None, description="Of voices and articles: its name.")
    since: Moment | SkipJsonSchema[None] = Field(
        default=None, description="Voices that came, or articles that changed, at this moment or after it."
    )
    until: Moment | SkipJsonSchema[None] = Field(default=None, description="… and before this one.")
    limit: int = Field(default=20, ge=1, le=MOST, description="The most hits of an answer.")

    def narrowed(self) -> Narrowed:
        """Return what the search is narrowed to."""
        return Narrowed(
            lang=self.lang or "",
            # An article is of no kind.
            kind="" if self.noun == "articles" else self.kind or "",
            source=self.source or "",
            since=self.since,
            until=self.until,
        )


@router.get("", summary="Search voices, themes or articles")
def search(
    request: Request, caller: ReaderDep, session: SessionDep, query: Annotated[SearchQuery, Query()]
) -> SearchAnswer:
    """By words (any inflection, width and spelling, with the glossary) and by meaning, in one order."""
    reader: Reader = request.app.state.reader
    return find(session, caller.organisation_id, query, reader)


def find(session: Session, organisation_id: str, query: SearchQuery, reader: Reader) -> SearchAnswer:
    """Return what is found in an organisation."""
    search = search_for(
        session,
        organisation_id,
        query.q,
        query.narrowed(),
        reader=None if query.by == "words" else reader,
        by_words=query.by != "meaning",
    )
    part = Slice(size=query.limit)
    if query.noun == "themes":
        themes = found_themes(search, part)
        hits = [SearchHit(how=one.how, theme=_theme(search, one.row)) for one in themes.hits]
        total, more = themes.total, themes.is_more
    elif query.noun == "articles":
        articles = found_articles(search, part)
        hits = [SearchHit(how=one.how, article=_article(search, one.row)) for one in articles.hits]
        total, more = articles.total, articles.is_more
    else:
        voices = found_voices(search, part)
        hits = [SearchHit(how=one.how, voice=_voice(search, one.row)) for one in voices.hits]
        total, more = voices.total, voices.is_more
    return SearchAnswer(data=hits, total=total, more=more, meaning=search.reading.state)


def _voice(search: Search, said: Said) -> VoiceHit:
    return VoiceHit(
        span_id=said.span.id,
        item_id=said.item.id,
        source=said.source,
        external_id=said.item.external_id,
        text=said.span.text,
        places=search.asked.places_in(said.span.text),
        lang=said.span.lang,
        kind=said.span.kind,
        theme_id=said.theme.id if said.theme else None,
        created_at=moment(said.item.created_at),
    )


def _theme(search: Search, found: FoundTheme) -> ThemeHit:
    return ThemeHit(
        theme_id=found.theme.id,
        title=found.theme.title,
        places=search.asked.places_in(found.theme.title),
        lang=found.theme.lang,
        kind=found.theme.kind,
        stage=found.theme.stage,
        voice=_voice(search, found.said) if found.said else None,
    )


def _article(search: Search, found: FoundArticle) -> ArticleHit:
    return ArticleHit(
        article_id=found.article.id,
        title=found.article.title,
        places=search.asked.places_in(found.article.title),
        lang=found.article.lang,
        url=found.article.url,
        audience=found.article.audience,
        passage=found.passage.text,
    )
