"""Many corrections of every sort, and then another seed and another embedder: each holds or is told."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlmodel import Session, select

from nlp.embedders import Embedders, HashingEmbedder
from service.db import Database
from service.errors import Conflict, KoeError
from service.models import MAIN, Assignment, Correction, Theme
from service.pipeline import correct
from service.pipeline.run import run
from service.pipeline.undo import undo
from service.repositories import corrections
from service.repositories.runs import live_run
from service.rules.corrections import OPS, Wanted, in_words
from tests.demo import demo_ports

MANY = 100

Places = dict[str, str | None]
"""The theme of every span of the live run."""


def places(session: Session) -> Places:
    live = live_run(session, MAIN)
    assert live is not None
    rows = session.exec(select(Assignment).where(Assignment.run_id == live.id)).all()
    return {row.span_id: row.theme_id for row in sorted(rows, key=lambda row: row.span_id)}


def anything(session: Session, chance: random.Random, number: int) -> Wanted:
    """Return a correction of any sort, about whatever there is."""
    where = places(session)
    themes = sorted({theme for theme in where.values() if theme is not None})
    op = OPS[number % len(OPS)]
    theme, other = chance.sample(themes, 2)
    inside = [span for span, home in where.items() if home == theme]
    some = tuple(chance.sample(sorted(where), 3))
    by_op: dict[str, Callable[[], tuple[Sequence[str], Sequence[str], str | None]]] = {
        "create": lambda: ((), some, f"Made by hand {number}"),
        "rename": lambda: ((theme,), (), f"Called {number}"),
        "merge": lambda: ((theme, other), (), None),
        "split": lambda: ((theme,), inside[: max(1, len(inside) // 3)], None),
        "move": lambda: ((theme,) if chance.random() < 0.7 else (), some, None),
        "must_link": lambda: ((), some, None),
        "cannot_link": lambda: ((theme, other), (), None) if chance.random() < 0.5 else ((), some, None),
        "ignore": lambda: ((theme,), (), None) if chance.random() < 0.2 else ((), some, None),
        "pin": lambda: ((theme,), (), None),
    }
    ids, spans, title = by_op[op]()
    return Wanted(op=op, theme_ids=tuple(ids), span_ids=tuple(spans), title=title)


def correct_much(db: Database, chance: random.Random, count: int) -> list[Correction]:
    """Make so many corrections, and take some back; what is refused is said, and counts as none."""
    made: list[Correction] = []
    number = 0
    while len(made) < count:
        number += 1
        try:
            with db.begin() as session:
                wanted = anything(session, chance, number)
                made.append(correct.make(session, MAIN, wanted, by="Aki").correction)
        except KoeError:
            continue
    for each in chance.sample(made, count // 10):
        try:
            with db.begin() as session:
                undo(session, MAIN, each.id, by="Bo")
        except Conflict:
            continue
    return made


def today(theme: str, themes: dict[str, Theme]) -> str:
    """Return the theme that an id leads to."""
    while (successor := themes[theme].successor_id) is not None and themes[theme].retired:
        theme = successor
    return theme


def holds(correction: Correction, where: Places, themes: dict[str, Theme]) -> bool:
    """Say, from what can be seen from outside alone, whether a correction holds."""
    ids, chosen = correction.theme_ids, correction.chosen
    homes = [where.get(span) for span in chosen]
    living = [not themes[theme].retired for theme in ids]
    sides = [
        Counter(where[span] for span in spans if where.get(span) is not None)
        for spans in correction.spans.values()
    ]
    if correction.op in ("create", "split"):
        return set(homes) == {ids[-1]}
    if correction.op == "rename":
        return all(living)
    if correction.op == "merge":
        return len({today(theme, themes) for theme in ids}) == 1
    if correction.op == "move":
        return len(set(homes)) == 1 and (homes[0] is None) == (not ids)
    if correction.op == "must_link":
        return len(set(homes)) == 1
    if correction.op == "cannot_link" and chosen:
        themed = [home for home in homes if home is not None]
        return len(themed) == len(set(themed))
    if correction.op == "cannot_link":
        tops = [side.most_common(1)[0][0] for side in sides if side]
        return len(set(tops)) == len(tops)
    if correction.op == "ignore" and chosen:
        return set(homes) == {None}
    return all(living) and all(themes[theme].pinned or themes[theme].ignored for theme in ids)


def broken(db: Database) -> list[str]:
    """Return the corrections that neither hold nor are told."""
    with db.begin() as session:
        where = places(session)
        themes = {theme.id: theme for theme in session.exec(select(Theme))}
        found = corrections.list_corrections(session, MAIN)
    for each in found:
        if each.conflict:
            assert in_words(each.conflict)
    return [
        f"{each.op} {each.theme_ids} {each.chosen}"
        for each in found
        if not each.conflict and not holds(each, where, themes)
    ]


def test_each_of_many_corrections_holds_or_is_told_after_another_seed_and_another_embedder(
    demo_db: Database, seed: int
) -> None:
    made = correct_much(demo_db, random.Random(seed), MANY)
    assert {each.op for each in made} == set(OPS)
    ports = demo_ports()
    other = Embedders(default=HashingEmbedder(dimensions=256), by_language={})
    for another, parts in ((1, ports), (2, replace(ports, embedders=other)), (0, ports)):
        run(demo_db, MAIN, parts, seed=another)
        assert broken(demo_db) == []
    with demo_db.begin() as session:
        told = [each for each in corrections.list_corrections(session, MAIN) if each.conflict]
    assert len(told) < MANY / 3
