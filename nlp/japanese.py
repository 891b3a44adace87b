"""The door to SudachiPy: Japanese text cut into morphemes."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_LONGEST = 8_000
"""Characters given to SudachiPy at once; it refuses more than 49,149 bytes."""


@dataclass(frozen=True, slots=True)
class Morpheme:
    """The smallest piece that means something."""

    start: int
    end: int
    normal: str
    """The dictionary's one spelling of all its forms."""
    kind: tuple[str, ...]
    """Part of speech, from general to special: ("名詞", "固有名詞", "人名", "姓", …)."""
    known: bool
    """False where the dictionary does not have it."""


def morphemes(text: str) -> Iterator[Morpheme]:
    """Yield the morphemes of `text` (NFKC) in SudachiPy's middle units; any length, any thread.

    The middle units keep 「駐車場」 whole and still find 「関西国際空港」 by 「空港」; on the JSTS pairs they
    compare as well as the short ones (Spearman .680 against .685; long ones .675).
    """
    tokenizer = _tokenizer()
    for offset in range(0, len(text), _LONGEST):
        for found in tokenizer.tokenize(text[offset : offset + _LONGEST]):
            yield Morpheme(
                offset + found.begin(),
                offset + found.end(),
                found.normalized_form(),
                _kind(found.part_of_speech_id()),
                not found.is_oov(),
            )


@lru_cache(maxsize=8192)
def reading(text: str) -> str:
    """Return how a short text is read, in katakana: one for 蕎麦 and そば."""
    return "".join(found.reading_form() for found in _tokenizer().tokenize(text[:_LONGEST]))


@lru_cache(maxsize=1024)
def _kind(part_of_speech_id: int) -> tuple[str, ...]:
    return tuple(_dictionary().pos_of(part_of_speech_id))


_local = threading.local()
_dictionary_lock = threading.Lock()


def _tokenizer() -> Any:
    """Return this thread's tokenizer; a tokenizer must not serve two threads at once."""
    if not hasattr(_local, "tokenizer"):
        from sudachipy import SplitMode

        _local.tokenizer = _dictionary().tokenizer(mode=SplitMode.B)
    return _local.tokenizer


def _dictionary() -> Any:
    with _dictionary_lock:
        return _loaded_dictionary()


@lru_cache(maxsize=1)
def _loaded_dictionary() -> Any:
    # Loaded on first use: a command that reads no text should not open a dictionary of 200 MB.
    from sudachipy import Dictionary

    return Dictionary()
