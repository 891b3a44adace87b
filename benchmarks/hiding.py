"""What becomes of the themes of an article that is taken out of the knowledge base.

Each of the most linked articles is taken out of the knowledge base in turn, and the route stage
runs anew. Its themes are all for which the router had named it. What an article is about is told by the words
of its name, and by the words that set the answers with a link to it apart from all answers, taken from
tickets that are not in the theme: of 30 such words with their weights, how much does the draft hold, and how
much the agent's answer in the theme that is most similar to them (cosine)? Addresses count for neither.

That answer is chosen by the words that it is measured with, which nobody has who must do without the article.
So the answer that is most similar to what the theme's customers wrote is measured too. Drafts are longer than
most answers: how long each is stands beside it, and what the draft holds within its first words, as many as
the answer has.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks import forum
from benchmarks.home import Home, Themes
from nlp.html import plain
from nlp.tokens import normal_forms
from service.db import Database
from service.models import MAIN, Article, Suggestion
from service.pipeline import route as stage
from service.repositories import suggestions

WORDS = 30
SOLVED = 5
"""Solved tickets from which on a theme without an article wants a draft."""
_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"\w+")


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
    """The agent's answer that is most similar to the article's subject."""
    near_holds: float
    """The agent's answer that is most similar to what the customers wrote."""
    beginning_holds: float
    """The draft's first words, as many as the answer has that is most similar to the subject."""
    draft_words: int
    answer_words: int
    near_words: int


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
    replies = [_readable(reply) for one in tickets for reply in one.replies]
    answer = _nearest(subject, replies)
    near = _nearest(told.asked(tickets), replies)
    written = _readable(f"{draft['title']}\n{draft['body']}")
    return Hidden(
        theme_id=theme_id,
        carried=2 * sum(name in one.linked for one in linking) >= len(linking),
        solved=sum(one.solved for one in tickets),
        turned=after is not None and after.action == "write_article",
        answered=bool(draft["answered"]),
        draft_holds=_held(subject, words_in(written)),
        answer_holds=_held(subject, words_in(answer)),
        near_holds=_held(subject, words_in(near)),
        beginning_holds=_held(subject, words_in(_beginning(written, _length(answer)))),
        draft_words=_length(written),
        answer_words=_length(answer),
        near_words=_length(near),
    )


def _readable(text: str) -> str:
    return _ADDRESS.sub(" ", plain(text, links=False))


def _nearest(subject: Mapping[str, float], replies: Sequence[str]) -> str:
    return max(replies, key=lambda reply: _cosine(subject, words_in(reply)), default="")


def _length(text: str) -> int:
    return len(_WORD.findall(text))


def _beginning(text: str, most: int) -> str:
    """Return the first words of a text."""
    ends = [match.end() for match in _WORD.finditer(text)]
    return text[: ends[most - 1]] if 0 < most <= len(ends) else text


def words_in(text: str) -> frozenset[str]:
    """Return the normal forms of a text without its addresses."""
    return frozenset(normal_forms(_readable(text)))


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

    def asked(self, tickets: Sequence[forum.Ticket]) -> dict[str, float]:
        """Return the words of some tickets' customers with their weights."""
        counts = Counter(word for one in tickets for word in words_in(f"{one.title}\n{one.body}"))
        return {word: n * self._rarity(word) for word, n in counts.items() if self._counts[word]}

    def _rarity(self, word: str) -> float:
        return math.log(len(self.tickets) / (1 + self._counts[word]))


def _held(subject: Mapping[str, float], words: frozenset[str]) -> float:
    """Return the share of a subject's weight that words hold."""
    return sum(weight for word, weight in subject.items() if word in words) / (sum(subject.values()) or 1)


def _cosine(subject: Mapping[str, float], words: frozenset[str]) -> float:
    shared = sum(weight for word, weight in subject.items() if word in words)
    return shared / math.sqrt(len(words)) if words else 0.0


def rows(found: Sequence[Hidden], back: int) -> list[str]:
    """Return the rows on hidden articles."""
    carried = [one for one in found if one.carried]
    turned = [one for one in found if one.turned]
    wanting = [one for one in turned if one.solved >= SOLVED]
    return [
        f"| themes of a hidden article that turn to `write_article` | {_of(len(turned), len(found))} |",
        f"| of those whose links went to it mostly | "
        f"{_of(sum(one.turned for one in carried), len(carried))} |",
        f"| as before when it is back | {_of(back, len(found))} |",
        f"| `write_article` with {SOLVED} or more solved tickets: drafts with an answer | "
        f"{_of(sum(one.answered for one in wanting), len(wanting))} |",
        _more(
            "the draft holds more of the subject than the answer most similar to the subject",
            turned,
            lambda one: one.draft_holds,
            lambda one: one.answer_holds,
        ),
        _more(
            "its beginning does, as many words as that answer has",
            turned,
            lambda one: one.beginning_holds,
            lambda one: one.answer_holds,
        ),
        _more(
            "the draft holds more than the answer most similar to what the customers wrote",
            turned,
            lambda one: one.draft_holds,
            lambda one: one.near_holds,
        ),
        f"| words of a draft, of the answer most similar to the subject, of the one to the customers (means) "
        f"| {_mean(one.draft_words for one in turned):.0f}, "
        f"{_mean(one.answer_words for one in turned):.0f}, {_mean(one.near_words for one in turned):.0f} |",
    ]


def _more(
    said: str,
    of: Sequence[Hidden],
    ours: Callable[[Hidden], float],
    theirs: Callable[[Hidden], float],
) -> str:
    """Return the row on how often we hold more, with the means of both."""
    often = sum(ours(one) > theirs(one) for one in of)
    means = " and ".join(f"{_mean(each(one) for one in of):.2f}" for each in (ours, theirs))
    return f"| {said} | {_of(often, len(of))} (means {means}) |"


def _of(some: int, every: int) -> str:
    return f"{some} of {every} ({some / max(1, every):.2f})"


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / max(1, len(known))
