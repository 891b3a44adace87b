"""Messages of Slack: who wrote them, and what they say in words.

What people write keeps the escapes that it comes with (`&lt;`): they are those of HTML, as which messages are
read, and so a tag that somebody wrote stays in sight.
Sources: docs.slack.dev, "message event", "Formatting message text", "Understanding Slack Connect".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Customer, Role, Said

SPOKEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
"""The subtypes of what people write themselves."""
TOMBSTONE = "tombstone"
"""The subtype of what is left of a deleted message that had replies."""
SLACKBOT = "USLACKBOT"
TIME = re.compile(r"\d{1,12}\.\d{1,9}")
"""The time of a message, which is its name in its channel."""
TEAM = re.compile(r"[TE][A-Z0-9]{1,20}")
DOMAIN = re.compile(r"@?((?:[\w-]+\.)+[\w-]+)")
MARKUP = re.compile(r"<([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Who is who in the channels."""

    staff: frozenset[str] = frozenset()
    """The teams, and the domains of addresses, of those who are no customers."""
    own: frozenset[str] = frozenset()
    """Users whose messages are left out."""

    @classmethod
    def of(cls, staff: Iterable[str], own: Iterable[str]) -> Self:
        """Return them as settings name them. Raises Refused for one that is neither a team nor a domain."""
        known = set[str]()
        for one in staff:
            domain = DOMAIN.fullmatch(one)
            if domain is None and TEAM.fullmatch(one) is None:
                raise Refused(f"the setting 'staff' holds {one!r}: no team ID (T0123456789) and no domain")
            known.add(domain[1].lower() if domain else one)
        return cls(staff=frozenset(known), own=frozenset(own))

    @property
    def by_address(self) -> bool:
        """Whether somebody's address must be known to tell who they are."""
        return any("." in one for one in self.staff)

    def wrote(self, message: Loose) -> bool:
        """Say whether it is what a person wrote, or what is left of it."""
        subtype = message["subtype"].text
        if subtype == TOMBSTONE:
            return True
        is_bot = message["bot_id"].id is not None or message["bot_profile"].is_object
        left_out = message["user"].id in self.own | {SLACKBOT}
        return subtype in SPOKEN and not is_bot and not left_out

    def role(self, message: Loose, person: Loose) -> Role:
        """Return as what somebody wrote a message, by what it and Slack tell of them."""
        email = person["profile"]["email"].text or ""
        known = {_team(message, person), email.rpartition("@")[2].lower()}
        return "agent" if known & self.staff else "customer"


def listed(value: str) -> tuple[str, ...]:
    """Return what a list of a setting holds, each once."""
    return tuple(dict.fromkeys(one for one in re.split(r"[\s,、，]+", value) if one))


def name_of(told: Loose) -> str | None:
    """Return the time of a message as it is written, which no number could hold."""
    return told.value if isinstance(told.value, str) and TIME.fullmatch(told.value) else None


def time_of(told: Loose) -> datetime | None:
    """Return the time that the name of a message tells."""
    return told.counted_time() if name_of(told) else None


def said_in(ts: str, message: Loose, role: Role, gone_at: datetime | None = None) -> Said | None:
    """Return what a message says, or that it was deleted; None for one that never had any words."""
    gone = message["subtype"].text == TOMBSTONE
    changed = gone_at if gone else time_of(message["edited"]["ts"])
    text = "" if gone else readable(message["text"].text or "")
    if not text and not gone and changed is None:
        return None
    return Said(
        external_id=ts, text=text, author_role=role, created_at=time_of(Loose(ts)), updated_at=changed
    )


def customer_of(message: Loose, person: Loose, home: str | None) -> Customer:
    """Return who wrote a message; people of another team (Slack Connect) are there for a company."""
    team = _team(message, person)
    return Customer(
        id=message["user"].id,
        email=person["profile"]["email"].text,
        account_id=team if team != home else None,
    )


def _team(message: Loose, person: Loose) -> str | None:
    return message["user_team"].id or message["team"].id or person["team_id"].id


def readable(text: str) -> str:
    """Return a text with what it mentions and links to in words."""

    def words(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        if target[0] in "@#":
            return f"{target[0]}{label or target[1:]}"
        if target[0] == "!":
            return label or f"@{target[1:].partition('^')[0]}"
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return address if not label or label in address else f"{label} ({address})"

    return MARKUP.sub(words, text).strip()
