"""Links of voices that must, or must not, be together, and which of them shut each other out."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise


class Links:
    """Links that hold together: voices that must be together are chains, each known by one of them."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}
        self._bound: list[tuple[str, str]] = []
        self._apart: list[tuple[str, Sequence[str]]] = []

    def add(self, link_id: str, op: str, spans: Sequence[str]) -> None:
        """Let a link hold; of `op` there are `must_link` and `cannot_link`."""
        if op == "cannot_link":
            self._apart.append((link_id, spans))
        elif spans:
            self._bound.append((link_id, spans[0]))
            for one, other in pairwise(spans):
                self._up[self._root(one)] = self._root(other)

    def against(self, op: str, spans: Sequence[str]) -> str | None:
        """Return the first link of the other sort that makes one impossible; None where it can hold."""
        if op == "cannot_link":
            counts = Counter(map(self._root, spans))
            return next((link_id for link_id, span in self._bound if counts[self._root(span)] > 1), None)
        chain = {self._root(span) for span in spans}
        return next((link_id for link_id, apart in self._apart if self._reaches(apart, chain)), None)

    def _reaches(self, apart: Sequence[str], chain: set[str]) -> bool:
        """Say whether two of the spans that must not be together would be in one chain."""
        return sum(self._root(span) in chain for span in apart) > 1

    def _root(self, span: str) -> str:
        """Return the one that stands for the chain of a span, and halve the way for whoever asks next."""
        while (over := self._up.get(span, span)) != span:
            self._up[span] = self._up.get(over, over)
            span = self._up[span]
        return span
