"""A system that sources ask: it answers what an example says, and no more."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.contract.sources import Asked
from tests.speaker import Call, Speaker, answers, speaker


@contextmanager
def site(asked: Sequence[Asked]) -> Iterator[Speaker]:
    """Serve the answers of an example; what it does not name is not there (404)."""

    def say(call: Call) -> None:
        method, target, _ = call.head.split(" ", 2)
        for known in asked:
            fits = known.method == method and target.startswith(known.target)
            if fits and known.holds in call.body.decode():
                told = json.dumps(known.answer, ensure_ascii=False).replace("{base}", address_of(server))
                answers(known.status, "Content-Type: application/json", body=told.encode())(call)
                return
        answers("404 Not Found", body=b"{}")(call)

    with speaker(say) as server:
        yield server


def address_of(server: Speaker) -> str:
    """Return the address of a server without a slash at its end."""
    return f"http://127.0.0.1:{server.port}"
