"""Which themes of two languages may be one: proposed here, decided by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlmodel import Session

from nlp.pairs import Group, Mark, Pair, pairs
from service.models import Theme, ThemePair
from service.repositories import pairs as pair_repository
from service.repositories.themes import themes_by_id

ANSWERED = 0.5
"""Probability from which on an article counts as the answer to an item."""


def propose(session: Session, organisation_id: str) -> int:
    """Bring the open pairs up to date with the live run; return how many there are.

    What a person decided stays decided. Where all themes are of one language there is nothing to do.
    """
    living = {
        theme.id: theme
        for theme in themes_by_id(session, organisation_id).values()
        if theme.parent_id is None and not (theme.retired or theme.ignored)
    }
    found = _found(session, organisation_id, living) if _languages(living) > 1 else []
    known = {pair.id: pair for pair in pair_repository.list_pairs(session, organisation_id)}
    proposed = []
    for pair in found:
        row = _row(organisation_id, pair)
        decided = known.get(row.id)
        if decided is None or decided.status == "open":
            session.merge(row)
            proposed.append(row.id)
    session.flush()
    pair_repository.forget_open(session, organisation_id, keep=proposed)
    return len(proposed)


def _languages(themes: Mapping[str, Theme]) -> int:
    return len({theme.lang for theme in themes.values()})


def _found(session: Session, organisation_id: str, living: Mapping[str, Theme]) -> Sequence[Pair]:
    said = pair_repository.said_by_theme(session, organisation_id)
    answers = pair_repository.answers_by_theme(session, organisation_id, least=ANSWERED)
    groups = [
        Group(
            key=theme.id,
            lang=theme.lang,
            texts=said[theme.id],
            known=_articles(answers.get(theme.id, {})),
        )
        for theme in sorted(living.values(), key=lambda theme: theme.id)
        if theme.id in said
    ]
    return pairs(groups)


def _articles(shares: Mapping[str, float]) -> dict[Mark, float]:
    return {("article", article): share for article, share in shares.items()}


def _row(organisation_id: str, pair: Pair) -> ThemePair:
    return ThemePair(
        id=pair_repository.pair_id(organisation_id, pair.left, pair.right),
        organisation_id=organisation_id,
        theme_id=pair.left,
        other_id=pair.right,
        likeness=pair.likeness,
        shared=[asdict(each) for each in pair.shared],
    )
