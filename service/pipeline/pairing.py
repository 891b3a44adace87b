"""Which themes of two languages may be one: proposed here, decided by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlmodel import Session

from nlp.pairs import Group, Mark, Pair, pairs
from service.models import Theme, ThemePair
from service.pipeline import correct
from service.pipeline.undo import undo
from service.repositories import corrections, places
from service.repositories import pairs as pair_repository
from service.repositories.themes import themes_by_id
from service.rules.corrections import Wanted

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
    apart = corrections.kept_apart(session, organisation_id)
    proposed = []
    for pair in found:
        row = _row(organisation_id, pair)
        decided = known.get(row.id)
        if (decided is None or decided.status == "open") and frozenset((pair.left, pair.right)) not in apart:
            session.merge(row)
            proposed.append(row.id)
    session.flush()
    pair_repository.forget_open(session, organisation_id, keep=proposed)
    return len(proposed)


def keep_apart(session: Session, organisation_id: str, pair_id: str, *, by: str) -> None:
    """Correct it that two themes are not one: no run makes them one, and they are not proposed again.

    Said again, nothing changes. Raises NotFound, and Conflict where they are one already.
    """
    places.lock_places(session, organisation_id)
    pair = pair_repository.get_pair(session, organisation_id, pair_id, lock=True)
    if pair.status != "apart":
        wanted = Wanted(op="cannot_link", theme_ids=(pair.theme_id, pair.other_id))
        correct.make(session, organisation_id, wanted, by=by)


def reopen(session: Session, organisation_id: str, pair_id: str, *, by: str) -> None:
    """Take every correction back that keeps two themes apart, so that they may be one. Raises NotFound."""
    places.lock_places(session, organisation_id)
    pair = pair_repository.get_pair(session, organisation_id, pair_id, lock=True)
    for each in corrections.corrections_of_theme(session, organisation_id, pair.theme_id):
        if each.op == "cannot_link" and pair.other_id in each.theme_ids:
            undo(session, organisation_id, each.id, by=by)
    if pair.status == "apart":  # decided before such decisions were corrections: none stands for it
        pair_repository.decide(pair, "open", by=None, at=None)


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
