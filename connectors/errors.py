"""What can go wrong outside, named after what to do next.

ConnectorError
├── Unreadable     the input is at fault; a person must change it
│   └── UnknownEncoding    nobody can tell how its text is written; a person must name it
├── RetryLater     the other side is busy; ask again later
├── Refused        the other side said no; a person must act
├── Uncertain      nobody knows whether it arrived; look before sending again
├── Unknowable     nobody can find out any more whether it arrived; never send it again
└── Unproven       nobody knows who sent this; take nothing of it
"""

from datetime import timedelta


class ConnectorError(Exception):
    """The outside world did not do what was asked."""


class Unreadable(ConnectorError):
    """This input cannot be read."""


class UnknownEncoding(Unreadable):
    """This text is written in an encoding that a person must name."""


class RetryLater(ConnectorError):
    """The other side is busy; ask again later."""

    def __init__(self, message: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after
        """How long the other side asked to be left alone, where it said so."""


class Refused(ConnectorError):
    """The other side refused; a person must act."""

    def __init__(self, message: str = "", *, status: int | None = None, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        """The status of HTTP that it was told by, where it was."""
        self.body = body
        """What was answered with it: for the connector alone, for it may repeat what was sent."""


class Uncertain(ConnectorError):
    """It is not known whether this arrived; look it up before sending it again."""


class Unknowable(ConnectorError):
    """Nobody can find out any more whether this arrived; it is not sent again."""


class Unproven(ConnectorError):
    """It is not shown who sent this. The message is for our own log, and holds nothing that was sent."""
