"""What can go wrong, named after what to do next; the message is meant for the person who asked.

KoeError
├── WrongUse       the command or the form was filled in wrongly (exit status 2, HTTP 422)
├── NotFound       there is no such thing in this organisation (HTTP 404)
├── Forbidden      whoever asks may not do that (HTTP 403)
├── Conflict       that cannot be done in the current state (HTTP 409)
└── Unavailable    something Koe needs is missing or will not start (HTTP 503)
"""

from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb

OURS = Path(__file__).parents[1]


class KoeError(Exception):
    """Something went wrong."""

    status = 500
    name = ""
    """Under which pages have the message in the reader's language; `words` are what it is about."""
    words: Mapping[str, object] = {}


class WrongUse(KoeError):
    """That was not understood."""

    status = 422


class NotFound(KoeError):
    """There is no such thing here."""

    status = 404


class Forbidden(KoeError):
    """Whoever asks may not do that."""

    status = 403
    name = "admins_only"


class Conflict(KoeError):
    """That cannot be done in the current state."""

    status = 409


class Unavailable(KoeError):
    """Something that Koe needs is missing."""

    status = 503


def place_of(error: BaseException) -> str:
    """Return the name and the place of an error that nobody foresaw; its words may be a customer's."""
    frames = extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(OURS)]
    last = next((frame for frame in reversed(ours) if "site-packages" not in frame.filename), frames[-1])
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
