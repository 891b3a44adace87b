"""Writing to another system's API: what may have been done is never called failed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlencode

from connectors.answers import Answer
from connectors.asking import FORM, Params, refusal, untold
from connectors.changes import note_change
from connectors.errors import Refused, Uncertain, Unreadable
from connectors.http import Http
from connectors.loose import Loose


def never(answer: Loose) -> bool:  # noqa: ARG001
    """Say that an answer with the status of success is one."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An API under one address, whose addresses we make ourselves."""

    http: Http
    base: str
    """Without a slash at its end."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    advice: Mapping[int, str] = field(default_factory=dict)
    """What people can do there about a refusal, by its status."""
    explain: Callable[[Loose], str] = untold
    """Returns what a refusal names, such as a field that is missing, and none of what was sent; empty where
    it names nothing. It may raise RetryLater where a refusal only means that too much was asked."""
    is_refused: Callable[[Loose], bool] = never
    """Says whether an answer with the status of success tells that nothing was done all the same."""

    def send(self, method: str, path: str, content: object = None, params: Params | None = None) -> Loose:
        """Change something by JSON, and return what is answered; nothing where the answer is empty.

        Raises RetryLater where nothing was done, Refused where a person must act, and Uncertain where it may
        have been done.
        """
        body = b"" if content is None else _json(content)
        return self._taken(self._exchange(method, path, body, "application/json", params or {}))

    def form(
        self, method: str, path: str, fields: Sequence[tuple[str, str]], params: Params | None = None
    ) -> Loose:
        """Change something as a form of a page does; fields may come several times."""
        body = urlencode([(name, _valid(value)) for name, value in fields]).encode()
        return self._taken(self._exchange(method, path, body, FORM, params or {}))

    def _taken(self, answer: Answer) -> Loose:
        """Return what was answered, and count the change. Raises Uncertain where it is no JSON."""
        told = _content(answer)
        if not self.is_refused(told):
            note_change()
        return told

    def _exchange(self, method: str, path: str, body: bytes, kind: str, params: Params) -> Answer:
        query = f"?{urlencode(params)}" if params else ""
        typed = {"content-type": kind} if body else {}
        headers = {"accept": "application/json", **typed, **self.headers}
        try:
            answer = self.http.send(
                method, f"{self.base}/{path.removeprefix('/')}{query}", headers=headers, content=body
            )
        except Refused as error:
            raise refusal(error, self.explain, self.advice) from error
        if answer.is_page:
            raise Uncertain(
                f"{answer.name} answered {answer.status} with a web page for people; "
                "is the address that of its API, and is there a sign-in before it?"
            )
        return answer


def unnamed(system: str, thing: str) -> NoReturn:
    """Raise Uncertain: a system took a thing, and what it answered says not where it is."""
    raise Uncertain(f"{system} took {thing} and did not name it")


def _json(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _valid(text).encode()


def _valid(text: str) -> str:
    """Return a text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


def _content(answer: Answer) -> Loose:
    """Return what was answered to a change. Raises Uncertain where it is no JSON, or was cut off."""
    if not answer.body:
        return Loose()
    try:
        return Loose.of(answer.body)
    except Unreadable as error:
        raise Uncertain(f"{answer.name} answered {answer.status} with something that is no JSON") from error
