"""Words as PostgreSQL's text search takes them: made in Python, quoted, never cut by the database."""

from collections.abc import Iterable

LONGEST = 200
"""Characters of a word; the database takes 2,046 bytes."""


def lexemes(words: Iterable[str]) -> str:
    """Return a `tsvector` of words, each once."""
    return " ".join(quoted(word) for word in dict.fromkeys(words))


def quoted(word: str) -> str:
    """Return a word as one lexeme, whatever signs it holds."""
    return "'" + word[:LONGEST].replace("\\", "\\\\").replace("'", "''") + "'"
