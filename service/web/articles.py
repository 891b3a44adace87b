"""The pages of articles: what the help centre answers, and one article."""

from fastapi import APIRouter, Request, Response

from service.repositories import answers, overview
from service.repositories import articles as article_repository
from service.web.deps import SessionDep
from service.web.page import OrganisationDep, PagesDep

router = APIRouter(prefix="/articles")


@router.get("")
def show_articles(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep
) -> Response:
    """Show what the help centre answers: the most asked first."""
    rows = answers.list_answers(session, organisation_id)
    return pages.show(
        request,
        "articles.html",
        rows=rows,
        answered=sum(row.items for row in rows),
        total=overview.share(session, organisation_id).with_content,
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
