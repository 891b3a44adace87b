"""Many mails seen together: which conversation each is of, and which addresses are the organisation's."""

from collections import Counter
from collections.abc import Collection

from connectors.files.letters import Letter

_PROVIDERS = frozenset(
    (
        *("gmail.com", "googlemail.com", "yahoo.co.jp", "yahoo.com", "ymail.ne.jp", "outlook.jp"),
        *("outlook.com", "hotmail.co.jp", "hotmail.com", "live.jp", "live.com", "msn.com"),
        *("icloud.com", "me.com", "mac.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com"),
        *("softbank.ne.jp", "i.softbank.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp"),
        *("so-net.ne.jp", "plala.or.jp", "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me"),
        *("protonmail.com", "qq.com", "163.com", "naver.com"),
    )
)
"""Domains at which anybody may have an address."""


class Correspondence:
    """What is known of all mails of an import, so that each can be understood."""

    def __init__(self, own: Collection[str] = ()) -> None:
        """Without `own`, addresses and domains of the organisation, these are told by who wrote to whom."""
        self._own = frozenset(name.strip().lower().lstrip("@") for name in own)
        self._is_told = bool(self._own)
        self._tops: dict[str, str] = {}
        self._pairs: set[tuple[str, str]] = set()

    @property
    def guessed(self) -> frozenset[str]:
        """The addresses and domains that were taken as the organisation's without being told."""
        return frozenset() if self._is_told else self._own

    def add(self, letter: Letter) -> None:
        """Take note of a mail."""
        if letter.began_with is not None:
            if letter.message_id is not None:
                self._tops[letter.message_id] = letter.began_with
        elif not self._is_told and letter.automatic is None and letter.sender is not None:
            self._pairs.update((letter.sender, other) for other in letter.recipients)

    def close(self) -> None:
        """Say that all mails are known."""
        if not self._is_told:
            self._own = _own_side({(a, b) for a, b in self._pairs if a != b})
        self._pairs.clear()

    def root(self, letter: Letter) -> str | None:
        """Return the id of the mail that a mail's conversation began with, whether or not it is here."""
        if letter.began_with is None:
            return letter.message_id
        top = letter.began_with
        passed = {top: None}
        while (above := self._tops.get(top)) is not None and above not in passed:
            passed[above] = None
            top = above
        if above is not None:  # mails that answer each other in a circle have no first one
            circle = list(passed)
            top = min(circle[circle.index(above) :])
        self._tops.update(dict.fromkeys(passed, top))
        self._tops.pop(top, None)
        return top

    def is_own(self, address: str) -> bool:
        """Say whether an address is one of the organisation's, by itself or by its domain."""
        if address in self._own:
            return True
        domain = address.rpartition("@")[2]
        while domain:
            if domain in self._own:
                return True
            domain = domain.partition(".")[2]
        return False

    def is_own_list(self, list_id: str) -> bool:
        """Say whether a list (`support.shop.example`) is an address of the organisation that many read."""
        labels = list_id.split(".")
        return any(
            self.is_own(f"{'.'.join(labels[:count])}@{'.'.join(labels[count:])}")
            for count in range(1, min(len(labels) - 1, 8))
        )

    def author(self, letter: Letter) -> tuple[str | None, str]:
        """Return who wrote a mail, and as what: `customer` or `agent`.

        What the organisation writes to itself in a customer's name (a form, a list) is the customer's.
        """
        sender = letter.sender
        if sender is None or not self.is_own(sender):
            return sender, "customer"
        stands_for = letter.reply_to
        to_itself = any(map(self.is_own, letter.recipients))
        if stands_for is not None and to_itself and not self.is_own(stands_for):
            return stands_for, "customer"
        return sender, "agent"


def _own_side(pairs: Collection[tuple[str, str]]) -> frozenset[str]:
    """Return the addresses that are the organisation's, by who began to write to whom.

    Of the two sides of a conversation it is the one that more people write with; of equals the one that was
    written to first. Its domain is the organisation's, too, unless somebody of the other side has it or
    anybody can.
    """
    partners: Counter[str] = Counter()
    for one, other in {tuple(sorted(pair)) for pair in pairs}:
        partners.update((one, other))
    votes: Counter[str] = Counter()
    for sender, recipient in pairs:
        ours, theirs = (sender, recipient) if partners[sender] > partners[recipient] else (recipient, sender)
        votes.update({ours: 1, theirs: -1})
    own = {address for address, count in votes.items() if count > 0}
    shared = _PROVIDERS | {_domain(address) for address in votes if address not in own}
    return frozenset(own | ({_domain(address) for address in own} - shared))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
