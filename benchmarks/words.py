"""Vectors of texts out of word pieces alone: for measuring speed on more rows than one cares to embed."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from nlp.embedders.minilm import WEIGHTS, model_folder
from nlp.ports import Embedder, Vectors

SMOOTHING = 1e-3
"""SIF's a (Arora, Liang, Ma 2017): frequent pieces count less."""
FIRST_WORD = 1_996
"""From here on the vocabulary is in the order of frequency, which is taken to fall as Zipf's law says."""
LONGEST = 128
"""Word pieces read of a text."""


class WordsEmbedder(Embedder):
    """The mean of the word-piece vectors that the embedded default begins with, weighted by rarity."""

    name = "words"
    dimensions = 384
    batch_size = 5_000

    @cached_property
    def _cutter(self) -> Tokenizer:
        cutter = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        cutter.no_padding()
        cutter.enable_truncation(LONGEST)
        return cutter

    @cached_property
    def _weighted(self) -> Vectors:
        """The vector of each word piece, weighted."""
        pieces = load_file(model_folder() / WEIGHTS)["embeddings.word_embeddings.weight"]
        rank = np.maximum(np.arange(len(pieces)) - FIRST_WORD, 0) + 1
        share = 1 / (rank * np.log(len(pieces)))
        return np.asarray(pieces * (SMOOTHING / (SMOOTHING + share))[:, None], np.float32)

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        read = [cut.ids for cut in self._cutter.encode_batch(list(texts))]
        vectors = np.stack([self._weighted[ids[1:-1]].sum(axis=0) for ids in read])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
