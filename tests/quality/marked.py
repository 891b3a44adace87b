"""A text that a generator makes, and where its values and its traps stand."""

from dataclasses import dataclass, field


@dataclass
class Marked:
    """A text being written; offsets are half-open, in code points, with the kind of what stands there."""

    text: str = ""
    values: list[tuple[int, int, str]] = field(default_factory=list)
    decoys: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, words: str) -> tuple[int, int]:
        """Write on; return where the words stand."""
        start = len(self.text)
        self.text += words
        return start, len(self.text)
