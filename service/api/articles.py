"""`/articles`: the pages of the knowledge bases, as they were synced in."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, stamp
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.repositories import followed
from service.repositories.followed import Kept

router = APIRouter(prefix="/articles", tags=["articles"])


class Article(BaseModel):
    """A page of a knowledge base, in the fields of an import."""

    article_id: str
    source: str
    external_id: str = Field(description="As the knowledge base calls it.")
    title: str
    body: str = Field(description="Plain text.")
    url: str | None
    lang: str | None
    audience: str
    section: str | None
    status: str | None
    source_updated_at: str | None = Field(description="When the knowledge base says that it changed.")
    views: int | None
    helpful: int | None
    unhelpful: int | None
    updated_at: UpdatedAt

    @classmethod
    def of(cls, kept: Kept) -> "Article":
        """Return an article as the API tells it."""
        article = kept.article
        return cls(
            article_id=article.id,
            source=kept.source,
            external_id=article.external_id,
            title=article.title,
            body=article.body,
            url=article.url,
            lang=article.lang,
            audience=article.audience,
            section=article.section,
            status=article.status,
            source_updated_at=moment(article.updated_at),
            views=article.views,
            helpful=article.helpful,
            unhelpful=article.unhelpful,
            updated_at=stamp(changed(article)),
        )


class ArticleQuery(ListQuery):
    """Which articles."""

    article_id: Text = None
    source: Text = Field(default=None, examples=["help-centre"])
    external_id: Text = None
    title: Text = None
    url: Text = None
    lang: Text = Field(default=None, examples=["ja"])
    audience: Text = Field(default=None, examples=["public"])
    section: Text = Field(default=None, examples=["null"])
    status: Text = None
    source_updated_at: Instant = None
    views: Number = None
    helpful: Number = None
    unhelpful: Number = None


@router.get("", summary="List articles")
def list_articles(
    caller: ReaderDep, session: SessionDep, query: Annotated[ArticleQuery, Query()]
) -> Page[Article]:
    """The articles that Koe compares questions with, in full."""
    fetch = partial(followed.articles, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda kept: (changed(kept.article), kept.article.id))
    return found.page([Article.of(kept) for kept in found.rows])


@router.get("/{article_id}", summary="Get an article", response_model=Article, responses=single())
def get_article(request: Request, caller: ReaderDep, session: SessionDep, article_id: Id) -> Response:
    """One article in full."""
    fetch = partial(followed.articles, session, caller.organisation_id)
    return tagged(request, Article.of(find_one(fetch, article_id=article_id)))
