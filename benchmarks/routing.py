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

**Hiding.** Each of the most linked articles is taken out of the knowledge base in turn, and the route stage
runs anew. Its themes are all for which the router had named it. What an article is about is told by the words
of its name, and by the words that set the answers with a link to it apart from all answers, taken from
tickets that are not in the theme: of 30 such words with their weights, how much does the draft hold, and how
much the agent's answer in the theme that is most similar to them (cosine)? Addresses count for neither.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from benchmarks import drafts, forum
from benchmarks.home import Home, empty_home
from benchmarks.retrieval import calibration_error, hint3, scored
from nlp.embedders import open_embedders
from nlp.html import plain
from nlp.tokens import normal_forms
from service.db import Database
from service.models import MAIN, Article, Suggestion
from service.pipeline import route as stage
from service.pipeline.facts import Evidence, counted, evidence_of
from service.pipeline.library import Library, library
from service.repositories import organisations, replies, suggestions, themes
from service.repositories.figures import ThemeFigures
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes:
    """The themes of the forum with all that is known of them."""

    evidence: Sequence[tuple[ThemeFigures, Evidence]]
    articles: Library

    def items_of(self, theme_id: str) -> frozenset[str]:
        """Return the names of a theme's tickets."""
        held = next(evidence for figures, evidence in self.evidence if figures.theme.id == theme_id)
        return frozenset(one.external_id for one in held.items.values())


def read(db: Database) -> Themes:
    """Return the live themes."""
    with db.begin() as session:
        session.expire_on_commit = False
        live = themes.live_run(session, MAIN)
        assert live is not None
        items = replies.items_by_theme(session, MAIN, live.id)
        zone = organisations.zone_of(session, MAIN)
        found = themes.list_themes(session, MAIN, zone=zone)
        evidence = [(each, evidence_of(session, MAIN, items[each.theme.id])) for each in found]
        articles = library(session, MAIN)
        session.expunge_all()
    return Themes(evidence=evidence, articles=articles)


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


def best_rule(of: Sequence[Judged]) -> tuple[float, str]:
    """Return the macro-F1 of the single rule that fits best, and what it reads."""
    gold = [one.gold for one in of]
    return max(
        (macro_f1(gold, [above if read(one.facts) >= bound else below for one in of]), name)
        for name, read in RULES.items()
        for bound in sorted({round(read(one.facts), 2) for one in of})
        for above in forum.CLASSES
        for below in forum.CLASSES
    )


class Hidden(NamedTuple):
    """What became of a theme whose article was hidden."""

    theme_id: str
    carried: bool
    """True where at least half of the answers with a link had linked to this article."""
    solved: int
    turned: bool
    answered: bool
    """True where the draft holds an answer."""
    draft_holds: float
    answer_holds: float


def hide_each(
    home: Home, known: Themes, answered: Sequence[forum.Ticket], *, most: int
) -> tuple[list[Hidden], int]:
    """Hide the most linked articles in turn, routing anew each time; at the end, show them all again.

    Returns what became of their themes, and how many of these are as they were in the end.
    """
    before = _suggested(home.db)
    ids = {one.external_id: article_id for article_id, one in known.articles.articles.items()}
    told = _Told(answered)
    found: list[Hidden] = []
    for name in forum.most_linked(answered, most):
        theirs = [
            theme for theme, one in before.items() if one.article_id and one.article_id == ids.get(name)
        ]
        if theirs:
            _set_status(home.db, ids[name], "archived")
            stage.run(home.db, MAIN, home.ports.embedders)
            _set_status(home.db, ids[name], None)
            after = _suggested(home.db)
            found += [_hidden(name, theme, after.get(theme), known, told) for theme in theirs]
    stage.run(home.db, MAIN, home.ports.embedders)
    last = _suggested(home.db)
    back = sum(
        each.theme_id in last
        and (last[each.theme_id].action, last[each.theme_id].article_id)
        == (before[each.theme_id].action, before[each.theme_id].article_id)
        for each in found
    )
    return found, back


def _suggested(db: Database) -> dict[str, Suggestion]:
    with db.begin() as session:
        session.expire_on_commit = False
        return {one.theme_id: one for one in suggestions.list_suggestions(session, MAIN)}


def _set_status(db: Database, article_id: str, status: str | None) -> None:
    with db.begin() as session:
        session.get_one(Article, article_id).status = status


def _hidden(name: str, theme_id: str, after: Suggestion | None, known: Themes, told: "_Told") -> Hidden:
    tickets = [told.tickets[one] for one in known.items_of(theme_id)]
    linking = [one for one in tickets if one.linked]
    draft = (after and after.draft) or {"title": "", "body": "", "answered": False}
    subject = told.subject(name, without={one.id for one in tickets})
    said = [words_in(reply) for one in tickets for reply in one.replies]
    nearest = max(said, key=lambda words: _cosine(subject, words), default=frozenset())
    return Hidden(
        theme_id=theme_id,
        carried=2 * sum(name in one.linked for one in linking) >= len(linking),
        solved=sum(one.solved for one in tickets),
        turned=after is not None and after.action == "write_article",
        answered=bool(draft["answered"]),
        draft_holds=_held(subject, words_in(f"{draft['title']}\n{draft['body']}")),
        answer_holds=_held(subject, nearest),
    )


def words_in(text: str) -> frozenset[str]:
    """Return the normal forms of a text without its addresses."""
    return frozenset(normal_forms(_ADDRESS.sub(" ", plain(text, links=False))))


class _Told:
    """What tickets were answered, and which words set an article's answers apart."""

    def __init__(self, answered: Sequence[forum.Ticket]) -> None:
        self.tickets = {one.id: one for one in answered}
        self._words = {one.id: words_in("\n".join(one.replies)) for one in answered}
        self._counts = Counter(word for words in self._words.values() for word in words)

    def subject(self, name: str, *, without: Iterable[str]) -> dict[str, float]:
        """Return the words of an article with their weights, as told by tickets but these."""
        others = [
            one.id for one in self.tickets.values() if name in one.linked and one.id not in set(without)
        ]
        counts = Counter(word for one in others for word in self._words[one])
        weights = {
            word: n / len(others) * self._rarity(word)
            for word, n in counts.items()
            if n >= 2 or len(others) == 1
        }
        named = {word: self._rarity(word) for word in normal_forms(forum.words_of(name))}
        most = sorted(weights, key=lambda word: (-weights[word], word))[:WORDS]
        return {word: weights[word] for word in most} | named

    def _rarity(self, word: str) -> float:
        return math.log(len(self.tickets) / (1 + self._counts[word]))


def _held(subject: Mapping[str, float], words: frozenset[str]) -> float:
    """Return the share of a subject's weight that words hold."""
    return sum(weight for word, weight in subject.items() if word in words) / (sum(subject.values()) or 1)


def _cosine(subject: Mapping[str, float], words: frozenset[str]) -> float:
    shared = sum(weight for word, weight in subject.items() if word in words)
    return shared / math.sqrt(len(words)) if words else 0.0


def _routes(of: Sequence[Judged], name: str) -> list[str]:
    """Return the rows on what the router says of some themes."""
    decided = [one for one in of if one.decided]
    gold = [one.gold for one in decided]
    by_class = f1_by_class(gold, [one.said for one in decided])
    rule, reads = best_rule(decided)
    sure_only = macro_f1([one.gold for one in of], [one.said if one.decided else None for one in of])
    counts = Counter(one.gold for one in of)
    return [
        f"| {name}: judgements (article, known bug, neither) | "
        f"{len(of)} ({', '.join(str(counts[each]) for each in forum.CLASSES)}) |",
        f"| {name}: decided | {len(decided) / len(of):.2f} |",
        f"| {name}: macro-F1 of the router where it decided | "
        f"{sum(by_class.values()) / len(by_class):.3f} "
        f"({', '.join(f'{each} {by_class[each]:.2f}' for each in forum.CLASSES)}) |",
        f"| {name}: macro-F1 of the best single rule there | {rule:.3f} ({reads}) |",
        f"| {name}: macro-F1 over all, undecided ones wrong; best rule over all | {sure_only:.3f}; "
        f"{best_rule(of)[0]:.3f} |",
    ]


def _hiding(found: Sequence[Hidden], back: int) -> list[str]:
    """Return the rows on hidden articles."""
    carried = [one for one in found if one.carried]
    turned = [one for one in found if one.turned]
    wanting = [one for one in turned if one.solved >= SOLVED]
    more = sum(one.draft_holds > one.answer_holds for one in turned)
    return [
        f"| themes of a hidden article that turn to `write_article` | {_of(len(turned), len(found))} |",
        f"| of those whose links went to it mostly | "
        f"{_of(sum(one.turned for one in carried), len(carried))} |",
        f"| as before when it is back | {_of(back, len(found))} |",
        f"| `write_article` with {SOLVED} or more solved tickets: drafts with an answer | "
        f"{_of(sum(one.answered for one in wanting), len(wanting))} |",
        f"| the draft holds more of the subject than the most similar answer | {_of(more, len(turned))} "
        f"(means {_mean(one.draft_holds for one in turned):.2f} and "
        f"{_mean(one.answer_holds for one in turned):.2f}) |",
    ]


def _of(some: int, every: int) -> str:
    return f"{some} of {every} ({some / max(1, every):.2f})"


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / max(1, len(known))


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
        known = read(home.db)
        found = judged(known, {one.id: one for one in answered})
        for name, of in (("all", found), *((f"set {each}", _part(found, each)) for each in "AB")):
            typer.echo("\n".join(_routes(of, name)))
        typer.echo("\n".join(_hiding(*hide_each(home, known, answered, most=MOST_HIDDEN))))
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
