"""What can go wrong outside, named after what to do next.

ConnectorError
├── Unreadable     the input is at fault; a person must change it
├── RetryLater     the other side is busy; ask again later
├── Refused        the other side said no; a person must act
└── Uncertain      nobody knows whether it arrived; look before sending again
"""


class ConnectorError(Exception):
    """The outside world did not do what was asked."""


class Unreadable(ConnectorError):
    """This input cannot be read."""


class RetryLater(ConnectorError):
    """The other side is busy; ask again later."""


class Refused(ConnectorError):
    """The other side refused; a person must act."""


class Uncertain(ConnectorError):
    """It is not known whether this arrived; look it up before sending it again."""
