"""`/suggestions`: what to do about themes, with reasons, evidence and drafts."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.caching import tagged, versioned
from service.api.deps import ReaderDep, SessionDep
from service.api.documents import as_html, as_markdown
from service.api.fields import Id, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.forms import chosen
from service.api.interventions import Intervention
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import documented, single
from service.exports.shapes import moment, suggestion_row
from service.models import Suggestion as SuggestionTable
from service.models.suggestion import ACTIONS, STATUSES
from service.repositories import archive, citations, followed, interventions, organisations
from service.repositories import deliveries as delivery_repository

router = APIRouter(prefix="/suggestions", tags=["suggestions"])

AUDIENCES = ("public", "internal")
FORMS = ("application/json", "text/markdown", "text/html")
"""In which one suggestion can be had; the first where nothing else is asked for."""


class Citation(BaseModel):
    """What a sentence rests on: a stretch of an item or an article, in code points, half-open."""

    source: str
    external_id: str
    start: int
    end: int


class Draft(BaseModel):
    """A text for an article or a backlog."""

    title: str
    body: str = Field(description="Markdown.")
    citations: list[Citation]


class ArticleName(BaseModel):
    """How an article is called: its source, and the id that it has there."""

    source: str
    external_id: str


class Suggestion(BaseModel):
    """What to do about a theme, as in the export `suggestions`, with what was decided."""

    suggestion_id: str
    theme_id: str
    action: Annotated[str, word(ACTIONS)]
    audience: str
    lang: str
    confidence: float
    reasons: list[dict[str, Any]] = Field(description="A `code`, and the figures that go with it.")
    article: ArticleName | None = Field(description="The article that it is about.")
    draft: Draft | None
    stale: bool = Field(
        description="True where the draft cites something that was deleted, or says other words by now."
    )
    status: Annotated[str, word(STATUSES)]
    decided_by: str | None
    decided_at: str | None
    decision_reason: str | None
    published_url: str | None
    updated_at: UpdatedAt


class OwnDelivery(BaseModel):
    """Where a suggestion is on its way to."""

    delivery_id: str
    state: str
    url: str | None


class SuggestionInFull(Suggestion):
    """A suggestion with what came of it."""

    intervention: Intervention | None = Field(description="Since customers have it; null before.")
    deliveries: list[OwnDelivery]


class SuggestionQuery(ListQuery):
    """Which suggestions."""

    suggestion_id: Text = None
    theme_id: Text = None
    action: Annotated[Text, *one_of(ACTIONS)] = Field(default=None, examples=["write_article"])
    audience: Annotated[Text, *one_of(AUDIENCES)] = Field(default=None, examples=["public"])
    lang: Text = Field(default=None, examples=["ja"])
    confidence: Number = None
    status: Annotated[Text, *one_of(STATUSES)] = Field(default=None, examples=["open"])
    decided_by: Text = Field(default=None, examples=["null"])
    published_url: Text = Field(default=None, examples=["null"])


@router.get("", summary="List suggestions")
def list_suggestions(
    caller: ReaderDep, session: SessionDep, query: Annotated[SuggestionQuery, Query()]
) -> Page[Suggestion]:
    """What to do next, with the drafts. One that changes, also by a decision, comes again."""
    fetch = partial(followed.suggestions, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda suggestion: (changed(suggestion), suggestion.id))
    rows = rows_of(session, caller.organisation_id, *found.rows)
    return found.page([Suggestion.model_validate(row) for row in rows])


OTHER_FORMS = {
    "text/markdown": {"schema": {"type": "string"}},
    "text/html": {"schema": {"type": "string"}},
}


@router.get(
    "/{suggestion_id}",
    summary="Get a suggestion as JSON, Markdown or HTML",
    response_model=SuggestionInFull,
    responses={**single(), 200: {**single()[200], "content": OTHER_FORMS}, **documented(406)},
)
def get_suggestion(request: Request, caller: ReaderDep, session: SessionDep, suggestion_id: Id) -> Response:
    """With `Accept: text/markdown` the draft as it is pasted into a help centre: what its sentences rest on
    stands in a comment at the end, which no reader sees. With `Accept: text/html` a page of its own."""
    form = chosen(request.headers.getlist("accept"), FORMS)
    fetch = partial(followed.suggestions, session, caller.organisation_id)
    suggestion = find_one(fetch, suggestion_id=suggestion_id)
    if form == "application/json":
        answer = tagged(request, in_full(session, suggestion))
    else:
        write = as_markdown if form == "text/markdown" else as_html
        answer = versioned(
            request,
            write(session, suggestion).encode(),
            media_type=form,
            headers={"Content-Language": suggestion.lang},
        )
    answer.headers["Vary"] = "Accept"
    return answer


def rows_of(session: Session, organisation_id: str, *suggestions: SuggestionTable) -> list[dict[str, Any]]:
    """Return suggestions as the API tells them."""
    ids = [each.article_id for each in suggestions if each.article_id is not None]
    articles = archive.article_names(session, organisation_id, ids)
    stale = citations.stale(session, organisation_id, suggestions)
    return [
        {
            **suggestion_row(suggestion, articles),
            "lang": suggestion.lang,
            "stale": suggestion.id in stale,
            "decided_by": suggestion.decided_by,
            "decided_at": moment(suggestion.decided_at),
            "decision_reason": suggestion.decision_reason,
            "published_url": suggestion.published_url,
            "updated_at": stamp(changed(suggestion)),
        }
        for suggestion in suggestions
    ]


def in_full(session: Session, suggestion: SuggestionTable) -> SuggestionInFull:
    """Return a suggestion with what came of it."""
    organisation_id = suggestion.organisation_id
    opened = interventions.of_suggestion(session, organisation_id, suggestion.id)
    zone = organisations.zone_of(session, organisation_id)
    sent = delivery_repository.list_deliveries(session, organisation_id, suggestion_id=suggestion.id)
    return SuggestionInFull(
        **rows_of(session, organisation_id, suggestion)[0],
        intervention=Intervention.of(opened, zone) if opened else None,
        deliveries=[OwnDelivery(delivery_id=one.id, state=one.state, url=one.url) for one in sent],
    )
