"""Any sentence-transformers model, by folder or by name: the one door to that library."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nlp.embedders.prompts import prompt_of
from nlp.embedders.shapes import Batch, batches
from nlp.embedders.weights import fingerprint, folder_of, multiplies_bfloat16, read_model
from nlp.ports import Embedder, Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import SentenceTransformer

LONGEST = 512
"""Tokens read of a text, even where the model would take more; models that take less read less."""

CHARACTERS = 20_000
"""Characters read of a text before it is cut into tokens; 512 tokens hardly ever reach that far."""

PROMPTS = ("clustering", "query")
"""Prompts of a model under which texts of one kind are compared, the best first."""


class TransformerEmbedder(Embedder):
    """Runs a sentence-transformers model in fixed shapes, one processor core a batch.

    Each batch is one core's work from beginning to end, and its shape depends on the length of its
    texts alone. So a text gets the same bits alone, in any batch, in any order, and on any number of
    cores. Weights are bfloat16 where the processor multiplies it faster, else float32; the name tells
    which, for the bits differ.
    """

    batch_size = 2048

    def __init__(self, model: str, *, label: str | None = None, half: bool | None = None) -> None:
        """Name a model: a folder, or a name at the model hub as `owner/model` or `owner/model@revision`.

        `label` is what to call it where its files are known; `half` chooses bfloat16 or float32 against
        the processor's own choice. Nothing is loaded yet. Raises ModelMissing if `model` is a path and no
        folder is there.
        """
        self.model = model
        self.folder = folder_of(model)
        self.half = multiplies_bfloat16() if half is None else half
        self._cutting = threading.Lock()
        identity = label or (f"{self.folder.name}@{fingerprint(self.folder)}" if self.folder else model)
        self.name = f"{identity}+{'bf16' if self.half else 'f32'}"

    @cached_property
    def dimensions(self) -> int:  # type: ignore[override]
        """How long a vector is; asking loads the model."""
        return int(self._loaded.get_embedding_dimension() or 0)

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text. Raises ModelMissing if the model cannot be loaded."""
        different = list(dict.fromkeys(texts))
        shaped = self._loaded.transformers_model is not None
        vectors = self._in_shapes(different) if shaped else self._one_by_one(different)
        place = {text: row for row, text in enumerate(different)}
        return vectors[[place[text] for text in texts]]

    def _one_by_one(self, texts: Sequence[str]) -> Vectors:
        """Embed texts by a model that only looks words up, which is fast as it is."""
        prompted = [self._prompt + text[:CHARACTERS] for text in texts]
        rows = [self._loaded.encode(each, normalize_embeddings=True) for each in prompted]
        return np.array(rows, np.float32).reshape(len(texts), self.dimensions)

    def _in_shapes(self, texts: Sequence[str]) -> Vectors:
        """Embed texts by a transformer, each batch on a core of its own."""
        import torch  # heavy: the commands that embed nothing must start without it

        vectors = np.empty((len(texts), self.dimensions), np.float32)
        work = batches(self._tokens(texts), longest=self._longest, pad=self._pad)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        with ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for batch, rows in pool.map(lambda each: (each, self._forward(each)), work):
                vectors[list(batch.members)] = rows
        return vectors

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text behind the model's prompt, cut where the model stops reading."""
        prompted = [self._prompt + text[:CHARACTERS] for text in texts]
        with self._cutting:  # the tokeniser keeps its settings in itself and must not serve two threads
            encoded = self._loaded.tokenizer(prompted, truncation=True, max_length=self._longest)
        return list(encoded["input_ids"])

    def _forward(self, batch: Batch) -> Vectors:
        """Return the unit vectors of a batch's texts, shape (members, dimensions)."""
        import torch

        with torch.inference_mode():
            features = {
                "input_ids": torch.from_numpy(batch.ids),
                "attention_mask": torch.from_numpy(batch.mask),
            }
            reader, *others = self._loaded
            features = reader(features)
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in others:
                features = module(features)
            units = torch.nn.functional.normalize(features["sentence_embedding"], dim=1)
        return units[: len(batch.members)].numpy()

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        """The model, read on first use; its first module in bfloat16 where that is faster."""
        return read_model(self.model, self.folder, half=self.half)

    @cached_property
    def _longest(self) -> int:
        """How many tokens of a text are read."""
        return min(self._loaded.max_seq_length or LONGEST, LONGEST)

    @cached_property
    def _pad(self) -> int:
        """The token that fills what is left of a row; no result depends on it."""
        return int(self._loaded.tokenizer.pad_token_id or 0)

    @cached_property
    def _prompt(self) -> str:
        """What the model wants in front of every text."""
        prompts = {name.casefold(): prompt for name, prompt in self._loaded.prompts.items()}
        chosen = next((prompts[name] for name in PROMPTS if prompts.get(name)), "")
        return chosen or prompt_of(self.model)
