"""A server of `/v1/embeddings` as TEI, vLLM or Ollama are one, that can fail in every way they do."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nlp.embedders import HashingEmbedder
from nlp.ports import Embedder
from tests.speaker import Call, Say, answers, speaker

Spoil = Callable[[dict[str, Any]], object]
"""Changes an answer that would have been right."""


@dataclass(frozen=True, slots=True)
class Spoiled:
    """An answer that is not as it should be."""

    spoil: Spoil


@dataclass(kw_only=True)
class EmbeddingsServer:
    """What was asked, and what is answered: what is scripted, in its order, and then vectors."""

    embedder: Embedder
    script: list[Say | Spoiled | None]
    url: str = ""
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, call: Call) -> None:
        """Answer a call."""
        with self._lock:
            self.asked.append(json.loads(call.body))
            self.keys.append(call.headers.get("authorization"))
            step = self.script.pop(0) if self.script else None
        if isinstance(step, Spoiled):
            answers("200 OK", body=json.dumps(step.spoil(self._answer(call))).encode())(call)
        elif step is not None:
            step(call)
        else:
            answers("200 OK", body=json.dumps(self._answer(call)).encode())(call)

    def _answer(self, call: Call) -> dict[str, Any]:
        given = json.loads(call.body)
        rows = self.embedder.embed(given["input"]).astype(float) * 3  # not every server gives unit vectors
        data = [{"object": "embedding", "index": n, "embedding": row.tolist()} for n, row in enumerate(rows)]
        return {"object": "list", "model": given["model"], "data": data[::-1]}


@contextmanager
def embeddings_server(
    *script: Say | Spoiled | None, embedder: Embedder | None = None
) -> Iterator[EmbeddingsServer]:
    """A server on 127.0.0.1 until the block ends; each step of the script is done with one call."""
    server = EmbeddingsServer(embedder=embedder or HashingEmbedder(), script=list(script))
    with speaker(server.take) as listener:
        server.url = f"http://127.0.0.1:{listener.port}/v1"
        yield server
