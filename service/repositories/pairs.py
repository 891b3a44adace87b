"""Pairs of themes in two languages that may say the same, and what they are told by."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from service.errors import NotFound
from service.models import Theme, ThemePair
from service.models.columns import digest

SAID = """
    SELECT assignment.theme_id, span.text FROM assignment
    JOIN run ON run.id = assignment.run_id AND run.state = 'live'
    JOIN span ON span.id = assignment.span_id
    WHERE run.organisation_id = :organisation_id AND assignment.theme_id IS NOT NULL
    ORDER BY assignment.theme_id, span.id
"""
ANSWERS = """
    WITH held AS (
        SELECT DISTINCT assignment.theme_id, span.item_id FROM assignment
        JOIN run ON run.id = assignment.run_id AND run.state = 'live'
        JOIN span ON span.id = assignment.span_id
        WHERE run.organisation_id = :organisation_id AND assignment.theme_id IS NOT NULL
    ), best AS (
        SELECT item_id, articles -> 0 ->> 'article_id' AS article_id FROM coverage
        WHERE organisation_id = :organisation_id AND answered >= :least
    ), counted AS (
        SELECT theme_id, article_id, count(*) AS items,
            sum(count(*)) OVER (PARTITION BY theme_id) AS total
        FROM held LEFT JOIN best USING (item_id)
        GROUP BY theme_id, article_id
    )
    SELECT theme_id, article_id, items / total FROM counted
    WHERE article_id IS NOT NULL
    ORDER BY theme_id, article_id
"""


class Proposal(NamedTuple):
    """A pair with both its themes."""

    pair: ThemePair
    theme: Theme
    other: Theme


def said_by_theme(session: Session, organisation_id: str) -> dict[str, list[str]]:
    """Return the texts of all spans of each upper theme of the live run."""
    said: dict[str, list[str]] = {}
    for theme_id, words in session.execute(text(SAID), {"organisation_id": organisation_id}):
        said.setdefault(theme_id, []).append(words)
    return said


def answers_by_theme(session: Session, organisation_id: str, *, least: float) -> dict[str, dict[str, float]]:
    """Return for each upper theme which articles answer its items, with the share of items each answers.

    Only the best article of an item counts, and only where it answers with a probability of `least`.
    """
    shares: dict[str, dict[str, float]] = {}
    given = {"organisation_id": organisation_id, "least": least}
    for theme_id, article_id, share in session.execute(text(ANSWERS), given):
        shares.setdefault(theme_id, {})[article_id] = float(share)
    return shares


def list_pairs(session: Session, organisation_id: str) -> list[ThemePair]:
    """Return every pair that was ever proposed and still stands, by its id."""
    query = select(ThemePair).where(ThemePair.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(ThemePair.id).collate("C"))))


def proposals(
    session: Session, organisation_id: str, *, theme_id: str | None = None, status: str = "open"
) -> list[Proposal]:
    """Return the pairs of a status of which both themes live, the most alike first."""
    theme, other = aliased(Theme), aliased(Theme)
    query = (
        select(ThemePair, theme, other)
        .join(theme, col(theme.id) == col(ThemePair.theme_id))
        .join(other, col(other.id) == col(ThemePair.other_id))
        .where(ThemePair.organisation_id == organisation_id, ThemePair.status == status)
        .where(col(theme.retired).is_(False), col(other.retired).is_(False))
        .where(col(theme.ignored).is_(False), col(other.ignored).is_(False))
        .order_by(col(ThemePair.likeness).desc(), col(ThemePair.id).collate("C"))
    )
    if theme_id is not None:
        query = query.where((ThemePair.theme_id == theme_id) | (ThemePair.other_id == theme_id))
    return [Proposal(*row) for row in session.exec(query)]


def get_pair(session: Session, organisation_id: str, pair_id: str, *, lock: bool = False) -> ThemePair:
    """Return a pair; with `lock` one that nobody else changes until the transaction ends. Raises NotFound."""
    query = select(ThemePair).where(ThemePair.organisation_id == organisation_id, ThemePair.id == pair_id)
    found = session.exec(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"There is no pair {pair_id}.")
    return found


def pair_id(organisation_id: str, theme_id: str, other_id: str) -> str:
    """Return the id of the pair of two themes, whichever is named first."""
    return digest(organisation_id, "pair", *sorted((theme_id, other_id)))


def forget_open(session: Session, organisation_id: str, *, keep: Sequence[str]) -> None:
    """Drop the pairs that nobody has decided, but not those in `keep`."""
    session.exec(
        delete(ThemePair).where(
            col(ThemePair.organisation_id) == organisation_id,
            col(ThemePair.status) == "open",
            col(ThemePair.id).not_in(keep),
        )
    )


def decide(pair: ThemePair, status: str, *, by: str | None, at: datetime | None) -> None:
    """Write down what a person made of a pair."""
    pair.status, pair.decided_by, pair.decided_at = status, by, at
