"""What a search finds, and why it was found."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from service.models import Article, Passage, Theme
from service.repositories.voices import Said

How = Literal["all", "some", "meaning"]
"""It holds all words of the search, or some, or none but means something alike."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Generic[Row]):
    """One thing that was found."""

    row: Row
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Row]):
    """A page of what was found."""

    hits: list[Hit[Row]]
    listed: int
    """How many can be gone through, page by page."""
    whole: int
    """How many hold all words."""
    total: int
    """How many were found in all."""
    is_more: bool
    """True where there are more than `total`, which were not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTheme:
    """A theme, and the voice in it that fits best."""

    theme: Theme
    said: Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article, and its passage that fits best."""

    article: Article
    passage: Passage


FoundVoices = Found[Said]
FoundThemes = Found[FoundTheme]
FoundArticles = Found[FoundArticle]
