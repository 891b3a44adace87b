"""What the router does with themes, against what people did; drafts, and what they are made of.

    python -m benchmarks.routing DATA CACHE

**Routes.** The tickets of the Thunderbird forum that others answered go through Koe, which makes the themes
from what customers wrote alone. The tickets are then parted in two, ten times over: the router sees the
answers of one half, and what the theme is called by people comes from the answers of the other half
(`benchmarks.forum` tells when an answer is one with an article, with a known bug, or neither):

- `known_bug` where two of the held-back answers and a tenth of them name a bug
- `article` where more than half of them link to the knowledge base, and `neither` else

`fix_product` says known bug, `make_findable`, `edit_article` and `resolve_contradiction` say article, and
`write_article` says neither. Both halves have three answers at least. A single rule is one figure of the
same seen half with one bound, and one class on either side of it; the bound and the classes are those that
fit the judged themes best, which the router's weights are not. Sets A and B are a fixed half of the themes
each: the weights were looked at on A and B together, so both are shown.

How articles are hidden, `benchmarks.hiding` tells.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from benchmarks import drafts, forum, hiding
from benchmarks.home import Themes, empty_home, themes_of
from benchmarks.retrieval import calibration_error, hint3, scored
from nlp.embedders import open_embedders
from service.pipeline.facts import counted
from service.rules.routing import ON_ARTICLES, SURE, Facts, Route, route

SPLITS = 10
FEWEST = 3
"""Answered tickets of a theme in each half."""
MOST_HIDDEN = 30
WORDS = 30
SOLVED = 5
"""Solved tickets from which on a theme without an article wants a draft."""
SAYS = {
    "fix_product": forum.BUG,
    "write_article": forum.NEITHER,
    **dict.fromkeys((*ON_ARTICLES, "resolve_contradiction"), forum.ARTICLE),
}
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A theme as the router sees it by half of the answers, and what the other half says of it."""

    theme_id: str
    facts: Facts
    gold: str
    taken: Route | None

    @property
    def decided(self) -> bool:
        """True where the router is sure."""
        return self.taken is not None and self.taken.confidence >= SURE

    @property
    def said(self) -> str | None:
        """What the router says, in the words of the gold."""
        return SAYS.get(self.taken.action) if self.taken else None


def judged(known: Themes, answered: Mapping[str, forum.Ticket], *, splits: int = SPLITS) -> list[Judged]:
    """Return every theme with enough answers, twice for each split."""
    found = []
    for number in range(2 * splits):
        for figures, evidence in known.evidence:
            held = {item_id for item_id, item in evidence.items.items() if _half(item.external_id, number)}
            seen = replace(evidence, replies=[one for one in evidence.replies if one.item_id not in held])
            facts = counted(figures, seen, known.articles).facts
            if facts.replied >= FEWEST and len(held) >= FEWEST:
                gold = gold_of([answered[evidence.items[one].external_id].answered for one in held])
                found.append(Judged(theme_id=figures.theme.id, facts=facts, gold=gold, taken=route(facts)))
    return found


def gold_of(answers: Sequence[str]) -> str:
    """Return what people say of a theme by their answers."""
    counts = Counter(answers)
    if counts[forum.BUG] >= max(2, len(answers) / 10):
        return forum.BUG
    return forum.ARTICLE if counts[forum.ARTICLE] > len(answers) / 2 else forum.NEITHER


def _half(name: str, number: int) -> bool:
    """Say whether a ticket's answers are held back; two numbers in a row are one split from either side."""
    return _drawn(f"{number // 2} {name}") == number % 2


def _drawn(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % 2


def macro_f1(gold: Sequence[str], said: Sequence[str | None]) -> float:
    """Return the mean of the classes' F1."""
    return sum(f1_by_class(gold, said).values()) / len(forum.CLASSES)


def f1_by_class(gold: Sequence[str], said: Sequence[str | None]) -> dict[str, float]:
    """Return the F1 of each class; an answer that is None is wrong for every class."""
    pairs = list(zip(gold, said, strict=True))
    return {
        name: 2
        * sum(a == b == name for a, b in pairs)
        / max(1, sum((a == name) + (b == name) for a, b in pairs))
        for name in forum.CLASSES
    }


RULES: Mapping[str, Callable[[Facts], float]] = {
    "share of answers that link to an article": lambda facts: facts.linked / facts.replied,
    "share of answers that link to the best article": lambda facts: facts.linked_here / facts.replied,
    "share of answers in own words": lambda facts: facts.explained / facts.replied,
    "share of answers that say known bug": lambda facts: facts.known_bug / facts.replied,
    "probability of the best article": lambda facts: facts.article_probability,
    "share of problems": lambda facts: facts.kinds.get("pain_point", 0) / max(1, sum(facts.kinds.values())),
}
"""The figures of a theme that a single rule may read."""


class Rule(NamedTuple):
    """What a single figure says."""

    fit: float
    """Its macro-F1 on what it was fitted to."""
    reads: str
    bound: float
    high: str
    low: str

    def says(self, of: Sequence[Judged]) -> list[str]:
        """Return what it says of each theme."""
        return [self.high if RULES[self.reads](one.facts) >= self.bound else self.low for one in of]


def best_rule(of: Sequence[Judged]) -> Rule:
    """Return the single rule that fits best."""
    every = Counter(one.gold for one in of)
    rules = []
    for name, reads in RULES.items():
        figures = [reads(one.facts) for one in of]
        for bound in sorted({round(figure, 2) for figure in figures}):
            above = Counter(one.gold for one, figure in zip(of, figures, strict=True) if figure >= bound)
            for high, low in product(forum.CLASSES, repeat=2):
                rules.append(Rule(_of_rule(every, above, high, low), name, bound, high, low))
    return max(rules)


def _of_rule(every: Counter[str], above: Counter[str], high: str, low: str) -> float:
    """Return the macro-F1 of a rule that says `high` of those above its bound, and `low` of all others."""
    said = Counter(dict.fromkeys(forum.CLASSES, 0))
    said[high] += above.total()
    said[low] += every.total() - above.total()
    hit = {
        name: above[name] * (name == high) + (every[name] - above[name]) * (name == low)
        for name in forum.CLASSES
    }
    scores = (2 * hit[name] / max(1, every[name] + said[name]) for name in forum.CLASSES)
    return sum(scores) / len(forum.CLASSES)


def _routes(of: Sequence[Judged], name: str) -> list[str]:
    """Return the rows on what the router says of some themes."""
    decided = [one for one in of if one.decided]
    gold = [one.gold for one in decided]
    by_class = f1_by_class(gold, [one.said for one in decided])
    rule = best_rule(decided)
    sure_only = macro_f1([one.gold for one in of], [one.said if one.decided else None for one in of])
    counts = Counter(one.gold for one in of)
    return [
        f"| {name}: judgements (article, known bug, neither) | "
        f"{len(of)} ({', '.join(str(counts[each]) for each in forum.CLASSES)}) |",
        f"| {name}: decided | {len(decided) / len(of):.2f} |",
        f"| {name}: macro-F1 of the router where it decided | "
        f"{sum(by_class.values()) / len(by_class):.3f} "
        f"({', '.join(f'{each} {by_class[each]:.2f}' for each in forum.CLASSES)}) |",
        f"| {name}: macro-F1 of the best single rule there | {rule.fit:.3f} ({rule.reads}) |",
        f"| {name}: macro-F1 over all, undecided ones wrong; best rule over all | {sure_only:.3f}; "
        f"{best_rule(of).fit:.3f} |",
    ]


def _of_other_set(found: Sequence[Judged]) -> str:
    """Return the row on the rules that each set's best fit gives for the other set."""
    decided = [one for one in found if one.decided]
    one, other = _part(decided, "A"), _part(decided, "B")
    said = [*best_rule(other).says(one), *best_rule(one).says(other)]
    score = macro_f1([each.gold for each in (*one, *other)], said)
    return f"| all: macro-F1 of the single rule that fits the other set best | {score:.3f} |"


def calibration(data: Path) -> list[str]:
    """Return the rows on how far "answered" can be trusted, on hint3."""
    rows = []
    for whole in (True, False):
        asked = hint3(data, whole=whole)
        found = scored(asked, open_embedders().for_language(asked.lang))["Koe"].max(axis=1)
        error = calibration_error(found.tolist(), [bool(answers) for answers in asked.answers])
        rows.append(f"| expected calibration error of “answered”, {asked.name} | {error:.3f} |")
    return rows


def main(data: Path, cache: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Measure routes, drafts and calibration."""
    del cache  # every measurement of docs/quality.md is given one
    typer.echo("| measured | figure |")
    typer.echo("|---|---|")
    answered = forum.tickets(data)
    with empty_home() as home:
        home.take(drafts.forum_files(data, home.folder))
        known = themes_of(home.db)
        found = judged(known, {one.id: one for one in answered})
        for name, of in (("all", found), *((f"set {each}", _part(found, each)) for each in "AB")):
            typer.echo("\n".join(_routes(of, name)))
        typer.echo(_of_other_set(found))
        typer.echo("\n".join(hiding.rows(*hiding.hide_each(home, known, answered, most=MOST_HIDDEN))))
        wrong = drafts.checked(home.db)
    for name in drafts.SETS:
        if name != "thunderbird":
            wrong.update(drafts.of_set(name, data))
    typer.echo(
        f"| uncited sentences; not where cited, of {wrong['sentences']:,} sentences of {wrong['drafts']:,} "
        f"drafts of {len(drafts.SETS)} sets | {wrong['uncited']}; {wrong['misplaced']} |"
    )
    typer.echo("\n".join(calibration(data)))


def _part(found: Iterable[Judged], name: str) -> list[Judged]:
    return [one for one in found if "AB"[_drawn(one.theme_id)] == name]


if __name__ == "__main__":
    typer.run(main)
