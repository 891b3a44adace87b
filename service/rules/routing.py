"""What to do about a theme: evidence adds up for each action, and the most probable one is taken.

Every piece of evidence has a strength from 0 to 1 and speaks for some actions with some weight (`WEIGHTS`);
the weights are log-odds, so their sums become probabilities. The reasons given are the evidence that spoke
for the action that was taken, with its figures, strongest first:

- `problems`, `questions`, `requests`, `praise_or_chatter`: `share` of the spans of these kinds
- `known_bug`: `items` whose agents called it a bug or promised a fix, and their `share` of those answered
- `article_answers`, `no_article`: `probability` that the best article answers, as a mean over the items
- `article_outdated`: `items` whose agents said that the article is out of date
- `agents_link_gone`: `items` whose agents linked to a page of the help centre that is not there, and `share`
- `agents_link_article`, `agents_explain`, `agents_repeat_article` (in their own words what it says already),
  `agents_add` (what it does not say): `items` and `share` of those answered
- `unsolved`: `items` and `share` of those whose state is known
- `repeats`: `rate` of repeat inquiries
- `readers_come_back`: `items`, the customers who asked within a month after they had looked at the
  article, and their `share` of those who had looked
- `searched_in_vain`: `items`, the searches of the help centre for this that found nothing
- `articles_contradict`: `items` in which somebody says that the help centre contradicts itself
- `unsure`: the `probability` is below even; a person should look twice

`resolve_contradiction` is open only where somebody says so and two articles match: a wrong accusation would
cost more trust than a missed contradiction. One voice alone does not suffice against all other evidence.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from service.rules.stage import ENOUGH_ITEMS, ENOUGH_PEOPLE

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "praise_or_chatter": {"no_action": 4.0},
    "known_bug": {"fix_product": 4.0},
    "requests": {"fix_product": 2.0},
    "problems": {"fix_product": 1.0},
    "questions": {"write_article": 0.5, "make_findable": 0.5, "edit_article": 0.25},
    "no_article": {"write_article": 1.5, "fix_product": 0.5},
    "article_answers": {"make_findable": 2.0, "edit_article": 1.5},
    "article_outdated": {"edit_article": 2.5},
    "agents_link_article": {"make_findable": 3.0, "edit_article": 1.0},
    "agents_link_gone": {"write_article": 3.0},
    "agents_repeat_article": {"make_findable": 2.5},
    "agents_explain": {"write_article": 3.5},
    "agents_add": {"edit_article": 2.0},
    "unsolved": {"fix_product": 1.0},
    "repeats": {"edit_article": 1.0, "fix_product": 0.5},
    "readers_come_back": {"edit_article": 3.0},
    "searched_in_vain": {"write_article": 1.5, "make_findable": 2.5},
    "articles_contradict": {"resolve_contradiction": 7.0},
}
ACTIONS = (
    "fix_product",
    "write_article",
    "edit_article",
    "make_findable",
    "resolve_contradiction",
    "no_action",
)
"""In the order in which they are taken where nothing tells them apart."""
ON_ARTICLES = frozenset({"edit_article", "make_findable", "resolve_contradiction"})
"""Actions that need an article that matches."""
SOLVED = frozenset(
    {"solved", "closed", "resolved", "done", "completed", "解決", "解決済み", "完了", "対応済み", "クローズ"}
)
OF_AN_ARTICLE = frozenset(
    {"agents_repeat_article", "agents_add", "repeats", "readers_come_back", "searched_in_vain"}
)
"""Evidence that speaks for work on an article as far as there is one that answers."""
MATCHES = 0.3
"""Probability that an article answers, up to which it does not match at all."""
FEW = 3
"""Replies that a share is watered down by: two of two say less than twenty of twenty."""
SURE = 0.5
"""Below, a person should look twice: nothing of it goes anywhere unasked."""
WORTH_TELLING = 0.1
"""Strength from which on evidence is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a theme before anything is suggested."""

    people: int
    items: int
    kinds: Mapping[str, int]
    """Kind to spans."""
    repeat_rate: float | None = None
    article_id: str | None = None
    """The article that most probably answers the theme's items."""
    article_probability: float = 0.0
    """The probability that it does, as a mean over the items."""
    other_article_id: str | None = None
    """The next best article."""
    other_probability: float = 0.0
    contradicting: int = 0
    """Items in which somebody says that the help centre contradicts itself."""
    replied: int = 0
    """Items that an agent answered; the next five count among them."""
    explained: int = 0
    """In the agent's own words, with no link to an article and no bug."""
    repeated: int = 0
    """Of those explained, those in which the article says most of it already."""
    linked: int = 0
    """With links to articles that are all there, and no bug."""
    linked_here: int = 0
    """Of those, with a link to the article that is named here."""
    gone: int = 0
    """With a link to a page of the help centre that is not there, and no bug."""
    known_bug: int = 0
    outdated: int = 0
    with_status: int = 0
    """Items whose state is known."""
    solved: int = 0
    readers: int = 0
    """Customers who looked at the article."""
    came_back: int = 0
    """Those of them who asked about the theme within a month after."""
    searched: int = 0
    """Searches of the help centre for this that found nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What to do, how surely, and why."""

    action: str
    confidence: float
    reasons: tuple[Mapping[str, object], ...]
    article_id: str | None


class _Evidence(NamedTuple):
    code: str
    strength: float
    figures: Mapping[str, object]


def route(facts: Facts) -> Route | None:
    """Return what to do about a theme; None where too few people or items speak for any decision."""
    if facts.people < ENOUGH_PEOPLE and facts.items < ENOUGH_ITEMS:
        return None
    evidence = _evidence(facts)
    matching = _matching(facts)
    points = {action: _points(action, evidence, matching) for action in ACTIONS}
    if facts.article_id is None:
        points = {action: sum_ for action, sum_ in points.items() if action not in ON_ARTICLES}
    if not points.get("resolve_contradiction"):
        points.pop("resolve_contradiction", None)
    action = max(points, key=lambda one: (round(points[one], 6), -ACTIONS.index(one)))
    total = sum(math.exp(sum_) for sum_ in points.values())
    confidence = round(math.exp(points[action]) / total, 4)
    return Route(
        action=action,
        confidence=confidence,
        reasons=_reasons(action, confidence, evidence),
        article_id=facts.article_id if action in ON_ARTICLES else None,
    )


def is_solved(status: str | None, resolved_at: datetime | None) -> bool:
    """Say whether an item counts as solved, by its state or by the time of its solution."""
    return resolved_at is not None or (status or "").strip().lower() in SOLVED


def _matching(facts: Facts) -> float:
    """Return how far the article answers, by what it says or because agents answer with it.

    By what it says: 0 up to a probability of 0.3, 1 from 0.7 on.
    """
    said = _between(facts.article_probability, MATCHES, 0.7)
    linked = _between(_share(facts.linked_here, facts.replied), 0, 0.3)
    return 1 - (1 - said) * (1 - linked)


def _evidence(facts: Facts) -> list[_Evidence]:
    matching = _matching(facts)
    probability = {"probability": round(facts.article_probability, 4)}
    added = facts.explained - facts.repeated
    linking = _counted("agents_link_article", facts.linked, facts.replied, full=0.8)
    found = [
        *_of_kinds(facts.kinds, helped=_share(facts.linked + facts.explained, facts.replied)),
        _Evidence("article_answers", matching, probability),
        _Evidence("no_article", (1 - max(matching, linking.strength)) * _asking(facts.kinds), probability),
        _Evidence("article_outdated", _between(facts.outdated, 0, 2), {"items": facts.outdated}),
        _counted("known_bug", facts.known_bug, facts.replied, full=0.2),
        linking,
        _counted("agents_link_gone", facts.gone, facts.replied, full=0.3),
        _counted("agents_repeat_article", facts.repeated, facts.replied, full=0.5),
        _counted("agents_explain", facts.explained, facts.replied, full=0.4),
        _counted("agents_add", added, facts.replied, full=0.5),
        _counted("readers_come_back", facts.came_back, facts.readers, full=0.2),
        _Evidence(
            "searched_in_vain",
            _between(_share(facts.searched, facts.searched + facts.items), 0, 0.5),
            {"items": facts.searched},
        ),
        _Evidence(
            "articles_contradict",
            _between(facts.contradicting, 0, 3) * _between(facts.other_probability, 0.15, 0.4),
            {"items": facts.contradicting},
        ),
        _counted("unsolved", facts.with_status - facts.solved, facts.with_status, full=0.8),
    ]
    if facts.repeat_rate is not None:
        rate = round(facts.repeat_rate, 4)
        found.append(_Evidence("repeats", _between(rate, 0, 0.3), {"rate": rate}))
    return found


def _of_kinds(kinds: Mapping[str, int], *, helped: float) -> list[_Evidence]:
    """Return what the kinds say; a problem that agents help with is none that only a fix can end."""
    total = max(1, sum(kinds.values()))
    share = {kind: count / total for kind, count in kinds.items()}
    chatter = share.get("praise", 0.0) + share.get("other", 0.0)
    # What no rule recognised counts half: it may be anything.
    strength = _between(share.get("praise", 0.0) + share.get("other", 0.0) / 2, 0.3, 0.8)
    named = {"problems": "pain_point", "questions": "question", "requests": "request"}
    return [
        *(
            _Evidence(
                code,
                share.get(kind, 0.0) * (1 - helped if code == "problems" else 1),
                {"share": round(share.get(kind, 0.0), 4)},
            )
            for code, kind in named.items()
        ),
        _Evidence("praise_or_chatter", strength, {"share": round(chatter, 4)}),
    ]


def _asking(kinds: Mapping[str, int]) -> float:
    """Return how much of what was said wants an answer; what no rule recognised counts half."""
    total = max(1, sum(kinds.values()))
    return 1 - (kinds.get("praise", 0) + kinds.get("other", 0) / 2) / total


def _counted(code: str, items: int, of: int, *, full: float) -> _Evidence:
    """Return evidence that is as strong as its share, with full strength from a share of `full` on."""
    share = items / of if of else 0.0
    return _Evidence(code, _between(_share(items, of), 0, full), {"items": items, "share": round(share, 4)})


def _share(items: int, of: int) -> float:
    """Return a share of so few that it says less than one of many."""
    return items / (of + FEW)


def _points(action: str, evidence: list[_Evidence], matching: float) -> float:
    return sum(
        WEIGHTS[one.code].get(action, 0.0) * one.strength * _relevance(one.code, action, matching)
        for one in evidence
    )


def _relevance(code: str, action: str, matching: float) -> float:
    """Return how far evidence for a new article, or for work on one, counts where an article matches."""
    if code == "agents_explain" or (code, action) == ("searched_in_vain", "write_article"):
        return 1 - matching
    return matching if code in OF_AN_ARTICLE and action in ON_ARTICLES else 1.0


def _reasons(action: str, confidence: float, evidence: list[_Evidence]) -> tuple[Mapping[str, object], ...]:
    telling = [one for one in evidence if action in WEIGHTS[one.code] and one.strength >= WORTH_TELLING]
    telling.sort(key=lambda one: (-round(WEIGHTS[one.code][action] * one.strength, 6), one.code))
    reasons: list[Mapping[str, object]] = [{"code": one.code, **one.figures} for one in telling]
    if confidence < SURE:
        reasons.append({"code": "unsure", "probability": confidence})
    return tuple(reasons)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
