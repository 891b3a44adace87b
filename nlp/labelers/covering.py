"""The Japanese title that is true of most of a group: one statement, or a few put together.

What customers say is counted as statements (a noun, what is said of it). A title begins with the best one
and grows by further nouns or predicates as long as it becomes true of clearly more texts:
「コンビニ・スーパーがない」. Where most texts are about its subject but say other things of it, it says so
by 「など」.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.labelers.chunks import Said
from nlp.labelers.listing import Entry, listed
from nlp.labelers.named import one_word_long, same, whole_names
from nlp.labelers.predicates import AMOUNTS, JUDGES, OPPOSITES, SAYS_LITTLE, vague
from nlp.labelers.statements import Name, Reading, bare

LONGEST = 30
COMFORTABLE = 22
"""Characters from which on a longer title costs."""
MOST_PARTS = 3
STARTS = 12
MOST_NAMES = 120
"""Names considered, the most frequent ones."""
MOST_SAID = 60
"""Predicates that a title may grow by, the most frequent ones."""
GAIN = 1.02
"""A title grows where that makes it better by this factor …"""
MORE = 0.05
"""… and true of so many more of the texts."""
EACH_MORE = 0.96
"""What each part costs …"""
EACH_EXAMPLE = 0.985
"""… and a further name that is only an example, as 「など」 behind it says."""
ENOUGH = 0.4
"""The least that a title must be worth; below, a customer's own clause is better."""
TRUE_ENOUGH = 0.72
"""A title that is true of fewer texts, but about the subject of clearly more, ends in 「など」."""
TRUE_OF_SUBJECT = 0.3
"""Of a subject of which fewer texts say what the title says, a title holds for hardly half of the others."""
TRUE_AT_LEAST = 0.15
"""「など」 needs so many texts that say what stands before it …"""
ONE_AT_LEAST = 0.35
"""… or so many where that is one thing only …"""
EXAMPLES_AT_LEAST = 0.1
"""… or so many that say of one of several examples what is said of all."""
TELLING = 0.12
"""What an entry of a list must tell about the group, as a part of what the most telling word tells …"""
OFTEN = 0.12
"""… unless so many of the texts have it."""
PLAIN_VERB = 0.6
"""What a verb by itself counts in a list, beside a thing or a quality."""
LIST_TRUE = 0.6
"""A list of names alone is a title where so many texts have one of them."""
LEADS = 0.2
"""A word stands before its kinds in a title where so many texts have it alone."""
OPPOSED = 0.6
"""A title says both of two opposites only where the rarer is said this often, beside the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title and what it is worth."""

    text: str
    truth: float
    """The share of the group's texts that say this."""
    value: float
    reach: float = 0.0
    """The share that a person would say it holds for: with 「など」, those about what is open at its end."""
    whole: bool = False
    """True for what can stand alone: a subject with what is said of it, or several kinds of one thing."""
    names_only: bool = False
    """True for a list of things of which nothing is said."""


@dataclass(frozen=True, slots=True)
class _Parts:
    names: tuple[Name, ...]
    particle: str
    said: tuple[Said, ...]


class Covering:
    """What a group says, counted; each text is one bit of a mask."""

    def __init__(
        self,
        readings: Sequence[Reading],
        weight: Mapping[str, float],
        everywhere: frozenset[str] = frozenset(),
    ) -> None:
        """`weight` says how telling each word is for the group; what is `everywhere` is in no title."""
        self._size = len(readings)
        self._weight = weight
        self._top = max(weight.values(), default=1.0)
        self._words: dict[str, int] = defaultdict(int)
        self._said: dict[Said, int] = defaultdict(int)
        self._predicates: set[Said] = set()
        self._pairs: Counter[tuple[frozenset[str], str, Said]] = Counter()
        self._texts: dict[tuple[str, Said], Counter[str]] = defaultdict(Counter)
        writings: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
        for row, read in enumerate(readings):
            for word in read.words:
                self._words[word] |= 1 << row
            for said in read.said:
                self._said[said] |= 1 << row
            for statement in read.statements:
                if statement.said.head in everywhere:
                    continue
                words = statement.name.words if statement.name else frozenset[str]()
                if not statement.said.noun:
                    self._predicates.add(statement.said)
                self._pairs[words, statement.particle, statement.said] += 1
                self._texts[statement.particle, statement.said][statement.text] += 1
            for name in {*read.names, *(one.name for one in read.statements if one.name)}:
                if not name.words & everywhere:
                    writings[name.words][name.text] += 1
        self._few = 2 if self._size > 5 else 1
        frequent = sorted(whole_names(writings), key=lambda found: (-found[1][1], found[1][0].text))[
            :MOST_NAMES
        ]
        self._names = dict(frequent)
        self._masks: dict[Name, int] = {}
        known = sorted(self._said, key=lambda said: (-self._said[said].bit_count(), said.head, said.negated))
        self._often = known[:MOST_SAID]

    def titles(self) -> list[Title]:
        """Return the titles that say enough, best first."""
        starts = sorted(self._starts(), key=lambda parts: _order(self._titled(parts)))
        grown = [self._titled(self._grown(parts)) for parts in starts[:STARTS]]
        return [
            title
            for title in sorted({*grown, *self._about()}, key=_order)
            if title.value >= ENOUGH and title.whole
        ]

    def list_of(self, *, qualities: bool = True) -> Title | None:
        """Return the few things, and qualities, that most texts have; None where there are none.

        It is a title for a group that has no one subject: true of most, if of little use.
        """
        entries = [*self._things(), *(self._qualities() if qualities else ())]
        found = listed(entries, self._size)
        if found is None:
            return None
        text, reach = found
        return Title(text=text, truth=reach, value=reach, reach=reach, whole=True, names_only=True)

    def reach_of(self, reading: Reading, words: Iterable[str]) -> float:
        """Return the share of the texts that have all of the words, and say so what the reading says."""
        bare_words = {bare(word) for word in words}
        told = (
            self._said.get(said, 0)
            for said in reading.said
            if said.negated or said.hard or not (vague(said) or bare(said.head) in bare_words)
        )
        mask = (1 << self._size) - 1
        for each in (*told, *(self._words.get(word, 0) for word in bare_words)):
            mask &= each
        return self._share(mask)

    def _things(self) -> Iterator[Entry]:
        for name, count in self._names.values():
            telling = max((self._weight.get(word, 0.0) for word in name.words), default=0.0) / self._top
            if count >= self._few and self._lists(self._mask(name), telling):
                yield Entry(name.text, name.words, self._mask(name), telling)

    def _qualities(self) -> Iterator[Entry]:
        for said in self._often:
            if ("", said) not in self._texts or vague(said) or said.head in AMOUNTS:
                continue
            bare_verb = said.verb and not (said.negated or said.hard or said.wished)
            telling = self._weight.get(said.head, 0.0) / self._top * (PLAIN_VERB if bare_verb else 1.0)
            judges = said.head in JUDGES
            text = self._said_text("", said)
            if not (bare_verb and text.endswith(("た", "だ"))) and self._lists(
                0 if judges else self._said[said], telling
            ):
                yield Entry(text, frozenset((said.head,)), self._said[said], telling, judges)

    def _lists(self, mask: int, telling: float) -> bool:
        """Say whether a list may name what these texts have: it is telling, or many of them have it."""
        return telling >= TELLING or self._share(mask) >= OFTEN

    def _starts(self) -> Iterator[_Parts]:
        for (words, particle, said), count in self._pairs.items():
            if count < self._few or vague(said) or said not in self._predicates:
                continue
            if not words:
                yield _Parts((), "", (said,))
            elif words in self._names and self._fits(particle, said):
                yield _Parts((self._names[words][0],), particle, (said,))
        for name, count in self._names.values():
            if count >= self._few:
                yield _Parts((name,), "", ())

    def _grown(self, parts: _Parts) -> _Parts:
        while True:
            now = self._titled(parts)
            better = [
                (title, more)
                for more in (*self._more_said(parts), *self._more_names(parts))
                if (title := self._titled(more)).value >= GAIN * now.value and title.truth >= now.truth + MORE
            ]
            if not better:
                return parts
            _, parts = min(better, key=lambda found: _order(found[0]))

    def _more_said(self, parts: _Parts) -> Iterator[_Parts]:
        if not parts.said or len(parts.said) == MOST_PARTS:
            return
        heads = {said.head for said in parts.said} | SAYS_LITTLE
        for said in self._often:
            if (
                said.head in heads
                or said not in self._predicates
                or not self._texts.get((parts.particle, said))
            ):
                continue
            pairs = sum(self._pairs[name.words, parts.particle, said] for name in parts.names)
            opposed = any((said.head, one.head) in OPPOSITES for one in parts.said)
            first = (
                self._pairs[name.words, parts.particle, one] for name in parts.names for one in parts.said
            )
            if opposed and _lopsided(pairs, max(first, default=0)):
                continue
            if not parts.names or (pairs >= min(2, self._size // 6) and self._fits(parts.particle, said)):
                yield _Parts(parts.names, parts.particle, (*parts.said, said))

    def _more_names(self, parts: _Parts) -> Iterator[_Parts]:
        if not parts.names or len(parts.names) == MOST_PARTS or len(parts.said) > 1:
            return
        for name, count in self._names.values():
            if count < self._few or any(same(name, other) for other in parts.names):
                continue
            if all(self._pairs[name.words, parts.particle, said] for said in parts.said):
                yield _Parts((*parts.names, name), parts.particle, parts.said)

    def _fits(self, particle: str, said: Said) -> bool:
        """Say whether the particle is one that goes with what is said."""
        if particle == "を" and not said.verb:
            return False
        if particle == "が" and said.wished:
            return True
        spoken = sum(
            self._texts[each, said].total()
            for each in ("が", "を", "に", "で", "から")
            if (each, said) in self._texts
        )
        return self._texts[particle, said].total() >= 0.3 * max(1, spoken)

    def _titled(self, parts: _Parts) -> Title:
        """Return what the parts put together say, and what that is worth."""
        names, said = parts.names, parts.said
        if any(one.head in name.words for name in names for one in said):
            return Title(text="", truth=0.0, value=0.0)
        everything = (1 << self._size) - 1
        named = _union(self._mask(name) for name in names) if names else everything
        told = _union(self._said[one] for one in said) if said else everything
        truth = self._share(named & told)
        about_names = self._share(_union(map(self._mask, names))) if names else 0.0
        about_said = self._share(told) if said else 0.0
        open_ended = self._open_ended(parts, truth, about_names, about_said)
        worth = 0.45 * truth + 0.55 * max(about_names, about_said) if open_ended else truth
        ordered = _Parts(
            tuple(sorted(names, key=lambda one: (-self._share(told & self._mask(one)), one.text))),
            parts.particle,
            tuple(sorted(said, key=lambda one: (-self._share(named & self._said[one]), one.head))),
        )
        text = self._text(ordered, open_ended)
        long = max(0, len(text) - COMFORTABLE) / 30
        examples = len(names) - 1 if open_ended == "names" else 0
        cost = EACH_MORE ** (len(said) + (1 if examples else len(names))) * EACH_EXAMPLE ** (examples)
        value = worth * self._tells(parts) * cost * max(0.0, 1 - long)
        whole = bool(names and said) or (bool(names) and truth >= LIST_TRUE and self._mixed(parts))
        fits = value if len(text) <= LONGEST else 0.0
        of_subject = about_names if truth >= TRUE_OF_SUBJECT else (truth + about_names) / 2
        reach = {"said": of_subject, "names": about_said}.get(open_ended, truth)
        return Title(text=text, truth=truth, value=fits, reach=reach, whole=whole, names_only=not said)

    def _mixed(self, parts: _Parts) -> bool:
        """Say whether each part of a list has texts that no other has."""
        masks = [self._mask(name) for name in parts.names]
        others = [
            _union(mask for row, mask in enumerate(masks) if row != place) for place in range(len(masks))
        ]
        added = (self._share(mask & ~other) for mask, other in zip(masks, others, strict=True))
        return len(masks) > 1 and all(share >= 2 * MORE for share in added)

    def _open_ended(self, parts: _Parts, truth: float, about_names: float, about_said: float) -> str:
        """Return behind which part 「など」 stands: `said`, `names`, or empty for neither."""
        one = len(parts.said) == 1
        least = EXAMPLES_AT_LEAST if one else TRUE_AT_LEAST
        if not (parts.names and parts.said and least <= truth < TRUE_ENOUGH):
            return ""
        ways = {
            "said": about_names if not one or truth > ONE_AT_LEAST else 0.0,
            "names": about_said if one else 0.0,
        }
        best = max(ways, key=lambda way: ways[way])
        return best if ways[best] > truth + 0.1 else ""

    def _tells(self, parts: _Parts) -> float:
        """Return how much the parts say about this group, and how whole a title they make."""
        names = max((self._telling(name) for name in parts.names), default=0.0)
        said = max((self._weight.get(one.head, 0.0) for one in parts.said), default=0.0)
        whole = 1.0 if parts.names and parts.said else 0.42
        if not parts.names and said > 0.7 * self._top and all(one.verb for one in parts.said):
            whole = 0.72 if any(one.wished or one.negated or one.hard for one in parts.said) else 0.6
        if parts.said and all(one.head in SAYS_LITTLE for one in parts.said):
            whole *= 0.6
        return whole * (0.3 + min((names + said) / self._top, 2.0))

    def _telling(self, name: Name) -> float:
        told = sum(self._weight.get(word, 0.0) for word in name.words)
        return told / (0.5 + 0.5 * len(name.words))

    def _text(self, parts: _Parts, open_ended: str) -> str:
        names = "・".join(name.text for name in parts.names) + ("など" if open_ended == "names" else "")
        said = "・".join(self._said_text(parts.particle, one) for one in parts.said)
        particle = parts.particle if parts.names and said else ""
        return f"{names}{particle}{said}" + ("など" if open_ended == "said" else "")

    def _said_text(self, particle: str, said: Said) -> str:
        counts = self._texts[particle, said]
        return min(counts, key=lambda text: (text.endswith(("た", "だ", "ず")), -counts[text], text))

    def _about(self) -> Iterator[Title]:
        """Yield titles that only name what most texts are about, by its two or three most frequent kinds."""
        for word in sorted(self._words):
            share = self._share(self._words[word])
            if share < 0.5 or self._weight.get(word, 0.0) < 0.3 * self._top:
                continue
            kinds = [
                (name, n) for name, n in self._names.values() if word in name.words and len(name.words) > 1
            ]
            chosen = self._itself(word, share, kinds)
            for name, count in sorted(kinds, key=lambda found: (-found[1], found[0].text)):
                text = "・".join(each.text for each in (*chosen, name))
                fits = len(chosen) < MOST_PARTS and len(text) <= COMFORTABLE and count > 1
                if fits and not any(same(name, other) for other in chosen if other.words != {word}):
                    chosen.append(name)
            if len(chosen) > 1:
                truth = self._share(_union(self._mask(name) for name in chosen if len(name.words) > 1))
                value = (0.45 * truth + 0.55 * share) * (0.3 + self._weight[word] / self._top) * 0.75
                text = "・".join(name.text for name in chosen) + "など"
                yield Title(
                    text=text,
                    truth=truth,
                    value=value,
                    reach=share,
                    whole=truth >= TRUE_AT_LEAST,
                    names_only=True,
                )

    def _itself(self, word: str, share: float, kinds: Sequence[tuple[Name, int]]) -> list[Name]:
        """Return the word as a name where so many texts have it and no kind of it that it leads them."""
        found = self._names.get(frozenset((word,)))
        of_kinds = self._share(_union(self._mask(name) for name, count in kinds if count > 1))
        return [found[0]] if found and one_word_long(found[0]) and share - of_kinds >= LEADS else []

    def _mask(self, name: Name) -> int:
        if name not in self._masks:
            mask = (1 << self._size) - 1
            for word in name.words:
                mask &= self._words.get(word, 0)
            self._masks[name] = mask
        return self._masks[name]

    def _share(self, mask: int) -> float:
        return mask.bit_count() / self._size


def _lopsided(count: int, other: int) -> bool:
    return min(count, other) < OPPOSED * max(count, other)


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _order(title: Title) -> tuple[float, int, str]:
    return -title.value, len(title.text), title.text
