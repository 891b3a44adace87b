"""What can go wrong, named after what to do next; the message is meant for the person who asked.

KoeError
├── WrongUse       the command or the form was filled in wrongly (exit status 2, HTTP 422)
├── NotFound       there is no such thing in this organisation (HTTP 404)
├── Conflict       that cannot be done in the current state (HTTP 409)
└── Unavailable    something Koe needs is missing or will not start (HTTP 503)
"""


class KoeError(Exception):
    """Something went wrong."""

    status = 500


class WrongUse(KoeError):
    """That was not understood."""

    status = 422


class NotFound(KoeError):
    """There is no such thing here."""

    status = 404


class Conflict(KoeError):
    """That cannot be done in the current state."""

    status = 409


class Unavailable(KoeError):
    """Something that Koe needs is missing."""

    status = 503
