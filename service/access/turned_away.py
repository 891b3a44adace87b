"""Why somebody does not come in by the provider."""

from typing import Literal

Why = Literal[
    "away",
    "setup",
    "stale",
    "denied",
    "invalid",
    "clock",
    "no_email",
    "unverified",
    "not_allowed",
    "out",
    "other_account",
]


class TurnedAway(Exception):
    """Somebody does not come in. Pages have a sentence for `why`; `detail` is for whoever runs Koe.

    - away: the provider does not answer now.
    - setup: it does not know Koe as the settings say, or is not what they say.
    - stale: the answer is not to what this browser asked, or was used, or came too late.
    - denied: the person, or the provider, said no.
    - invalid: what it says of the person is not proved.
    - clock: that is over, or not yet: one of the clocks is wrong.
    - no_email, unverified: it tells no address, or does not say that it is theirs.
    - not_allowed: neither a person here, nor in a domain or a group that comes in.
    - out: a person here who is not let in any longer.
    - other_account: the person of this address signs in by another account of the provider.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why
        self.detail = detail
