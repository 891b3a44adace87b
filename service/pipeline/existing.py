"""What targets hold already that may say what a suggestion says: to be linked, before anything is made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from connectors.errors import ConnectorError
from connectors.outgoing import Existing
from nlp.retrieval import ArticleIndex, IndexedArticle
from service.db import Database
from service.models import Suggestion, Target
from service.pipeline.decide import takers
from service.pipeline.doors import Connect, Doors
from service.repositories import suggestions

MOST = 5
"""Things that are shown of each target."""
LIKE = 0.3
"""How likely it must be that something says the same before a person is asked."""
LONGEST = 2_000
"""Code points of each text that are compared."""
WORDS_ALONE = "words"
"""The name of the space that holds no vectors: titles and texts are compared by their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Something at a target that may say it already."""

    target: str
    existing: Existing
    likeness: float
    """0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found, the likeliest first, and where it could not be looked."""

    alike: Sequence[Alike]
    asked: Sequence[str]
    """The targets that were asked, by name."""
    failures: Sequence[tuple[str, str]]
    """A target's name, and why it could not be asked."""


def search(db: Database, organisation_id: str, suggestion_id: str, connect: Connect) -> Search:
    """Ask every target that a suggestion would go to what it holds. It may take a minute.

    Raises NotFound.
    """
    with db.begin() as session:
        suggestion = suggestions.get_suggestion(session, organisation_id, suggestion_id)
        taking = takers(session, suggestion)
        asked = [target for target, kind in taking.values() if kind.follows]
        question = _question(session, suggestion)
    doors, alike, failures = Doors(connect=connect), list[Alike](), list[tuple[str, str]]()
    for target in asked:
        try:
            alike += _alike(target, doors.to(target).existing(question), question)
        except ConnectorError as error:
            failures.append((target.name, str(error)))
    alike.sort(key=lambda one: (-one.likeness, one.target, one.existing.reference))
    return Search(alike=alike, asked=[target.name for target in asked], failures=failures)


def _question(session: Session, suggestion: Suggestion) -> str:
    theme = suggestions.theme_of(session, suggestion)
    title = (suggestion.draft or {}).get("title") or theme.title
    return " ".join(dict.fromkeys([title, theme.title, *theme.keywords[:5]]))


def _alike(target: Target, held: Sequence[Existing], question: str) -> list[Alike]:
    by_reference = {one.reference: one for one in held}
    nothing = np.zeros((1, 1), dtype=np.float32)
    index = ArticleIndex(
        [
            IndexedArticle(
                id=reference,
                passages=[f"{one.title}\n{one.text}"[:LONGEST]],
                space=WORDS_ALONE,
                vectors=nothing,
            )
            for reference, one in by_reference.items()
        ]
    )
    [hits] = index.search([question], "", nothing, limit=MOST)
    return [
        Alike(target=target.name, existing=by_reference[hit.article_id], likeness=hit.score)
        for hit in hits
        if hit.score >= LIKE
    ]
