"""An OpenAI-compatible address (embeddings, chat), asked until it answers or a person must act."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.answers import Answer
from connectors.errors import Refused, RetryLater, Uncertain
from connectors.http import Http

TRIES = 6
LONGEST_PAUSE = 120.0
"""Seconds: where the other side asks for more, a person is told instead of kept waiting."""
SECONDS = 120.0
"""For one answer: a server without a GPU may take long for a batch."""
MOST_BODY = 64 << 20
LOOPBACK = ("127.0.0.0/8", "::1")
"""Whoever sets the address may well run the server beside Koe."""
EMBEDDINGS = "/embeddings"
CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDoor:
    """Where a model is asked."""

    url: str
    http: Http
    key: str | None = field(default=None, repr=False)
    wait: Callable[[float], None] = time.sleep

    def ask(self, body: Mapping[str, object]) -> object:
        """Send `body` and return the JSON that was answered.

        What is busy or breaks off is asked again, with growing waits or after as long as it wishes: to ask
        a model twice does no harm. Raises RetryLater or Uncertain when that does not help, and
        Refused where a person must act.
        """
        for attempt in range(TRIES - 1):
            try:
                return self._once(body)
            except RetryLater as error:
                pause = error.after.total_seconds() if error.after else _pause(attempt)
                if pause > LONGEST_PAUSE:
                    raise RetryLater(f"{error}; it wants to be left alone for {pause:,.0f} s") from error
                self.wait(pause)
            except Uncertain:
                self.wait(_pause(attempt))
        return self._once(body)

    def _once(self, body: Mapping[str, object]) -> object:
        headers = {"content-type": "application/json"}
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key}"
        content = json.dumps(body).encode()
        return _read(self.http.send("POST", self.url, headers=headers, content=content))


def embeddings_door(url: str, *, key: str | None, private_hosts: list[str]) -> ModelDoor:
    """Return the door to a server of vectors; `url` ends in /v1 or /v1/embeddings.

    Loopback may always be reached. Raises ValueError where `private_hosts` names none.
    """
    return _door(url, EMBEDDINGS, key=key, private_hosts=private_hosts)


def chat_door(url: str, *, key: str | None, private_hosts: list[str]) -> ModelDoor:
    """Return the door to a language model; `url` ends in /v1 or /v1/chat/completions.

    Loopback may always be reached. Raises ValueError where `private_hosts` names none.
    """
    return _door(url, CHAT, key=key, private_hosts=private_hosts)


def _door(url: str, service: str, *, key: str | None, private_hosts: list[str]) -> ModelDoor:
    http = Http(private_hosts=[*private_hosts, *LOOPBACK], seconds=SECONDS, most_body=MOST_BODY)
    return ModelDoor(url=_whole(url, service), http=http, key=key)


def _whole(url: str, service: str) -> str:
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(service) else path + service).geturl()


def _pause(attempt: int) -> float:
    """Return growing seconds, no two of them alike: 1, 2, 4, 8, 16."""
    return float(2**attempt) * random.uniform(0.75, 1.25)


def _read(answer: Answer) -> object:
    """Return the JSON of an answer. Raises Refused for a page, which no other try turns into data."""
    if answer.is_page:
        raise Refused(f"{answer.name} answered with a web page; is that the address of its /v1?")
    if not answer.whole:
        raise Refused(f"{answer.name} answered with more than {MOST_BODY >> 20} MB")
    return answer.json()
