"""The double: vectors out of nothing but the letters, for tests and for a machine without weights."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log
from zlib import crc32

import numpy as np

from nlp.ports import Embedder, Vectors

WORD = re.compile(r"\w+")
GRAMS = (2, 3)
"""Lengths of the character n-grams; they tell alike texts in scripts without spaces."""


def features(text: str) -> Counter[str]:
    """Return how often each word and each character n-gram stands in `text`, width and case folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = WORD.findall(folded)
    letters = "".join(folded.split())
    grams = [letters[start : start + size] for size in GRAMS for start in range(len(letters) - size + 1)]
    return Counter([f"w{word}" for word in words] + [f"c{gram}" for gram in grams or [letters] if gram])


class HashingEmbedder(Embedder):
    """Hashes words and character n-grams into a fixed number of signed dimensions.

    Needs no weights and no fitting, so a text's vector depends on the text alone.
    """

    def __init__(self, *, dimensions: int = 256) -> None:
        self.dimensions = dimensions
        self.name = f"hashing-{dimensions}"

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text; a text without any character gets the first axis."""
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for feature, count in sorted(features(text).items()):
                code = crc32(feature.encode("utf-8", "surrogatepass"))
                row[code % self.dimensions] += (1 + log(count)) * (1 if code & 0x80000000 else -1)
            length = float(np.sqrt(np.sum(row * row)))
            if length > 0:
                row /= length
            else:
                row[0] = 1
        return vectors
