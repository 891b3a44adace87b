"""The pages of articles: what the help centre answers, and one article."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.repositories import answers, overview
from service.repositories import articles as article_repository
from service.web.deps import SessionDep
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep

router = APIRouter(prefix="/articles")


@router.get("")
def show_articles(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what the help centre answers: the most asked first."""
    rows = answers.list_answers(session, organisation_id)
    return pages.show(
        request,
        "articles.html",
        rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total_articles=len(rows),
        answered=sum(row.items for row in rows),
        total=overview.share(session, organisation_id).with_content,
        page=page,
        page_count=-(-len(rows) // PAGE_SIZE),
    )


@router.get("/{article_id}")
def show_article(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, article_id: str
) -> Response:
    """Show one article and the themes that find their answer in it."""
    return pages.show(
        request,
        "article.html",
        article=article_repository.get(session, organisation_id, article_id),
        themes=answers.themes_answered(session, organisation_id, article_id),
    )
