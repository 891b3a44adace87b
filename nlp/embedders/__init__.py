"""Which embedder reads which language. Weights are loaded when the first text comes, not before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nlp.embedders.hashing import HashingEmbedder
from nlp.embedders.japanese import JapaneseEmbedder
from nlp.embedders.joined import JoinedEmbedder
from nlp.embedders.minilm import open_minilm
from nlp.embedders.remote import Ask, RemoteEmbedder
from nlp.embedders.transformer import TransformerEmbedder
from nlp.errors import ModelMissing
from nlp.ports import Embedder

LETTERS = 512
"""Dimensions of the letters' half where a language is not English or Japanese."""
WITHOUT_WEIGHTS = 1024
"""Dimensions of the stand-in for missing weights."""

__all__ = ["Ask", "Embedders", "HashingEmbedder", "open_embedders", "remote_embedders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedders:
    """The embedders in use: one for every language, or a default beside some of their own."""

    default: Embedder
    by_language: Mapping[str, Embedder] = field(default_factory=dict)
    """ISO 639-1 to the embedder that reads this language better than the default."""
    notes: tuple[str, ...] = ()
    """What the person who runs Koe should know: weights that are missing, and what stands in."""

    def for_language(self, lang: str | None) -> Embedder:
        """Return the embedder of `lang` (ISO 639-1); what was not recognised is read as English."""
        return self.by_language.get(lang or "en", self.default)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all embedders in use, each once, in alphabetical order."""
        return tuple(sorted({self.default.name, *(each.name for each in self.by_language.values())}))


def open_embedders(setting: str = "default") -> Embedders:
    """Return the embedders that `KOE_EMBEDDER` asks for.

    `default` works without any network; weights that are missing are replaced by plain words, and a
    note says so. `hashing` needs no weights at all. Everything else is a sentence-transformers model, by
    folder or by name, for all languages; raises ModelMissing if it is a folder that is not there.
    """
    known: dict[str, Callable[[], Embedders]] = {
        "default": _default,
        "hashing": lambda: Embedders(default=HashingEmbedder()),
    }
    return known[setting]() if setting in known else Embedders(default=TransformerEmbedder(setting))


def remote_embedders(ask: Ask, *, model: str) -> Embedders:
    """Return a model that a server runs, for all languages; it is asked for nothing yet."""
    return Embedders(default=RemoteEmbedder(ask, model=model))


def _default() -> Embedders:
    """Return the parts that come with Koe, as far as they are installed."""
    notes: list[str] = []
    english = _or_words(open_minilm, "most languages", notes)
    others = english if notes else JoinedEmbedder(english, HashingEmbedder(dimensions=LETTERS))
    japanese = _or_words(JapaneseEmbedder, "Japanese", notes)
    return Embedders(
        default=others,
        by_language={"en": english, "ja": japanese},
        notes=tuple(notes),
    )


def _or_words(open_: Callable[[], Embedder], languages: str, notes: list[str]) -> Embedder:
    """Return an embedder, or one that needs no weights and a note that says so."""
    try:
        return open_()
    except ModelMissing as error:
        notes.append(f"{error} Until then, texts in {languages} are compared by their letters alone.")
        return HashingEmbedder(dimensions=WITHOUT_WEIGHTS)
