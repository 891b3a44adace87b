"""Which groups have words of their own: what nobody could name is no theme."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from nlp.clusterers.inertia import patience
from nlp.clusterers.numbering import Labels
from nlp.tokens import normal_forms

READ = 200
"""Rows read of a group, spread evenly over it."""
CHARACTERS = 600
"""Characters read of a text; what it is about stands at the beginning."""
WORDS = 4
"""So many words may name a group."""
OWN = 2.0
"""A word is a group's own if its rows have it so many times as often as those of the others."""
LEAST_NAMED = 0.5
"""A group of which its words reach less than this share of what they reach in the corpus' median group …"""


def without_nameless(labels: Labels, texts: Sequence[str], past: Labels | None = None) -> Labels:
    """Return the labels without the groups of which no few words of their own stand in enough rows.

    Leftovers that are alike in nothing but their manner (polite endings, wishes) are such groups. What is
    enough comes from the corpus, for not every language has its words between spaces; what the last answer
    (`past`) had in a theme is asked for less.
    """
    numbers = np.unique(labels[labels >= 0])
    if not len(numbers):
        return labels
    groups = [_sample(np.flatnonzero(labels == number)) for number in numbers]
    said = [[frozenset(normal_forms(texts[row][:CHARACTERS])) for row in rows] for rows in groups]
    reached = np.array(_reached(said))
    least = LEAST_NAMED * patience(labels, past)[numbers] * float(np.median(reached))
    nameless = numbers[reached < least]
    return np.where(np.isin(labels, nameless), -1, labels)


def _sample(rows: Labels) -> Labels:
    return rows[:: -(-len(rows) // READ)] if len(rows) > READ else rows


def _reached(said: Sequence[Sequence[frozenset[str]]]) -> list[float]:
    """Return the share of each group's rows that have one of its WORDS words."""
    texts = [Counter(word for words in rows for word in words) for rows in said]
    everywhere = sum(texts, Counter[str]())
    size = sum(map(len, said))
    shares = []
    for rows, counts in zip(said, texts, strict=True):
        others = max(size - len(rows), 1)
        own = {
            word
            for word, count in counts.items()
            if count > 1 and count * others >= OWN * len(rows) * (everywhere[word] - count + 1)
        }
        shares.append(_greedy([words & own for words in rows]))
    return shares


def _greedy(rows: Sequence[Collection[str]]) -> float:
    """Return the share of the rows that WORDS words reach, each chosen as the one that reaches most more."""
    left = list(rows)
    for _ in range(WORDS):
        counts = Counter(word for words in left for word in words)
        if not counts:
            break
        best = min(counts, key=lambda word: (-counts[word], word))
        left = [words for words in left if best not in words]
    return 1.0 - len(left) / len(rows)
