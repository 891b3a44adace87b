"""The labelers' double: the first text is the title."""

from collections import Counter
from collections.abc import Sequence

from nlp.labelers.distinct import distinct
from nlp.ports import Label, Labeler
from nlp.tokens import words

LONGEST = 60
KEYWORDS = 5


class FirstTextLabeler(Labeler):
    """Calls a group by the first line of its first text, with its most frequent words. For tests."""

    name = "first-text"

    def label(self, groups: Sequence[Sequence[str]], *, lang: str) -> list[Label]:  # noqa: ARG002
        """Return a label a group, whatever the language."""
        return distinct([_label(texts) for texts in groups])


def _label(texts: Sequence[str]) -> Label:
    lines = (text.strip().splitlines()[0] for text in texts if text.strip())
    counts: Counter[str] = Counter()
    surfaces: dict[str, str] = {}
    for text in texts:
        for word in words(text):
            if word.content:
                counts[word.normal] += 1
                surfaces.setdefault(word.normal, word.surface)
    ranked = sorted(counts, key=lambda normal: (-counts[normal], normal))[:KEYWORDS]
    keywords = tuple(surfaces[normal] for normal in ranked)
    return Label(title=next(lines, "")[:LONGEST].strip() or (keywords or ("?",))[0], keywords=keywords)
