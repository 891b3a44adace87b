"""The writers' queue: suggestions for the knowledge base that wait, in the order in which they are worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, or_
from sqlmodel import Session, col, select

from service.models import Article, Owner, Source, Suggestion, Value
from service.repositories import sources, walks
from service.repositories.suggestions import about_living, order, written_in

WRITTEN = ("write_article", "edit_article", "make_findable", "resolve_contradiction")
"""What writers do about a theme."""
WAITING = ("open", "snoozed")
MINE, EVERYBODYS = "mine", "all"
WHOSE = (MINE, EVERYBODYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which suggestions of the queue are meant; empty is all."""

    action: str = ""
    lang: str = ""
    """`en`, `ja`, or `other` for all else."""
    base: str = ""
    """The id of a knowledge base: what its articles need, and the articles that are to be written."""
    person_id: str = ""
    """Whose: themes that are this person's or nobody's."""


def waiting(session: Session, organisation_id: str, wanted: Wanted) -> list[str]:
    """Return the ids of what waits for a writer: by worth, and where that is unknown by contacts."""
    query = about_living(organisation_id).where(
        col(Suggestion.action).in_(WRITTEN), col(Suggestion.status).in_(WAITING)
    )
    if wanted.action:
        query = query.where(col(Suggestion.action) == wanted.action)
    if wanted.lang:
        query = query.where(written_in(wanted.lang))
    if wanted.base:
        is_there = exists().where(
            and_(col(Article.id) == col(Suggestion.article_id), col(Article.source_id) == wanted.base)
        )
        query = query.where(or_(col(Suggestion.article_id).is_(None), is_there))
    if wanted.person_id:
        of_others = exists().where(
            and_(col(Owner.theme_id) == col(Suggestion.theme_id), col(Owner.person_id) != wanted.person_id)
        )
        query = query.where(~of_others)
    ordered = query.with_only_columns(col(Suggestion.id)).order_by(*order("worth"))
    return list(session.execute(ordered).scalars())


def bases(session: Session, organisation_id: str) -> Sequence[Source]:
    """Return the sources that articles come from, by name."""
    holds = exists().where(col(Article.source_id) == col(Source.id))
    query = select(Source).where(Source.organisation_id == organisation_id, holds)
    return session.exec(query.order_by(col(Source.name))).all()


def weighed(session: Session, organisation_id: str) -> int:
    """Return of how many themes the worth is known."""
    query = select(func.count()).select_from(Value).where(Value.organisation_id == organisation_id)
    return session.exec(query).one()


def synced_at(session: Session, article: Article) -> datetime | None:
    """Return when an article was last seen as it is: the last sync of its source, or its last import."""
    of, source_id = article.organisation_id, article.source_id
    walk = walks.walks_of(session, of, source_id=source_id).get(source_id)
    if walk is not None and walk.through is not None:
        return walk.through
    return sources.last_heard(session, of, source_id=source_id).get(source_id) or article.changed_at
