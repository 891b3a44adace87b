"""A model behind an OpenAI-compatible `/v1/embeddings` address: TEI, vLLM, Ollama, or somebody's cloud.

How the server is reached is not known here: whoever opens it hands in a function that asks it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from nlp.embedders.prompts import prompt_of
from nlp.errors import ModelFails
from nlp.ports import Embedder, Vectors

Ask = Callable[[Mapping[str, object]], object]
"""Sends a body as JSON and returns the JSON that was answered. Raises ModelFails, saying what to do."""

CHARACTERS = 2_000
"""Characters sent of a text: about what a model reads anyway, and some servers refuse a longer one."""
PROBE = "声"


class RemoteEmbedder(Embedder):
    """Asks a server for vectors. Its name is the model's with the dimensions, wherever the server stands.

    The dimensions are asked for once, when name or dimensions are wanted first.
    """

    batch_size = 64

    def __init__(self, ask: Ask, *, model: str) -> None:
        self.model = model
        self._ask = ask
        self._prompt = prompt_of(model)
        self._asking = threading.Lock()
        self._known: int | None = None

    @property
    def dimensions(self) -> int:  # type: ignore[override]
        """How long a vector is. Raises ModelFails where the server does not say."""
        with self._asking:
            if self._known is None:
                self._known = self._vectors([PROBE]).shape[1]
            return self._known

    @property
    def name(self) -> str:  # type: ignore[override]
        """The model and its dimensions. Raises ModelFails where the server does not say."""
        return f"{self.model}+{self.dimensions}d"

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text. Raises ModelFails where the server does not give them."""
        vectors = self._vectors(texts)
        if vectors.shape[1] != self.dimensions:
            raise ModelFails(
                f"The server of {self.model} answered with vectors of {vectors.shape[1]} numbers, and before "
                f"with {self.dimensions}. Let it serve one model only, and run again."
            )
        return vectors

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        given = [self._prompt + text[:CHARACTERS] for text in texts]
        answer = self._ask({"model": self.model, "input": given, "encoding_format": "float"})
        rows = np.array(self._rows(answer, len(texts)), np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(rows).all() or not (lengths > 0).all():
            raise self._mistaken("with a vector that is none (NaN, infinity or nothing but zeros)")
        units: Vectors = (rows / lengths).astype(np.float32)
        return units

    def _rows(self, answer: object, count: int) -> list[list[float]]:
        """Return the rows of an answer in the order of the texts."""
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise self._mistaken("with something that holds no vectors")
        if len(data) != count:
            raise self._mistaken(f"with {len(data)} vectors for {count} texts")
        places = [one.get("index", place) for place, one in enumerate(data)]
        if not all(type(place) is int for place in places) or sorted(places) != list(range(count)):
            raise self._mistaken("without saying which vector is whose")
        rows = [one.get("embedding") for _, one in sorted(zip(places, data, strict=True), key=_by_place)]
        if not all(_is_vector(row) for row in rows) or len({len(row) for row in rows}) != 1:
            raise self._mistaken("with vectors that are no lists of as many numbers each")
        return rows

    def _mistaken(self, how: str) -> ModelFails:
        return ModelFails(
            f"The server of {self.model} answered {how}. Is it an OpenAI-compatible /v1/embeddings?"
        )


def _by_place(one: tuple[int, object]) -> int:
    return one[0]


def _is_vector(row: object) -> bool:
    return isinstance(row, list) and bool(row) and all(type(number) in (int, float) for number in row)
