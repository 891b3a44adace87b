"""A server of `/v1/chat/completions` that writes what a test wants, or fails in the ways servers do."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from service.config import Settings
from service.parts import polisher_of
from service.pipeline.run import Ports
from tests.speaker import Call, Say, answers, speaker

Write = Callable[[Mapping[str, Any]], object]
"""Gets what the model is shown (`title`, `quotes`, `sentences`, `terms`) and returns what it writes."""


@dataclass(kw_only=True)
class ChatServer:
    """What was asked, and what is written."""

    write: Write
    script: list[Say]
    url: str = ""
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def shown(self) -> list[Mapping[str, Any]]:
        """What the model was shown, call by call."""
        return [json.loads(asked["messages"][1]["content"]) for asked in self.asked]

    def take(self, call: Call) -> None:
        """Answer a call: as scripted, then as the model writes."""
        with self._lock:
            self.asked.append(json.loads(call.body))
            self.keys.append(call.headers.get("authorization"))
            step = self.script.pop(0) if self.script else None
            shown = self.shown[-1]
        if step is not None:
            step(call)
            return
        written = self.write(shown)
        content = written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
        message = {"role": "assistant", "content": content}
        body = {"object": "chat.completion", "choices": [{"index": 0, "message": message}]}
        answers("200 OK", body=json.dumps(body).encode())(call)


def turned(shown: Mapping[str, Any]) -> object:
    """Write as a good model does, as far as that shows: each text turned a little."""
    if "title" in shown:
        return {"title": shown["title"].upper() if shown["title"].isascii() else shown["title"] + "！"}
    return {"sentences": [text.rstrip(".。") for text in shown["sentences"]]}


@contextmanager
def chat_server(write: Write, *script: Say) -> Iterator[ChatServer]:
    """A server on 127.0.0.1 until the block ends; each step of the script is done with one call."""
    server = ChatServer(write=write, script=list(script))
    with speaker(server.take) as listener:
        server.url = f"http://127.0.0.1:{listener.port}/v1"
        yield server


def with_polisher(ports: Ports, url: str) -> Ports:
    """Return the parts of a run with the language model at an address."""
    return replace(ports, polisher=polisher_of(Settings(llm_url=url, llm_model="small")))
