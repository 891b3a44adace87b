"""What GitHub writes of issues, discussions and their comments, as Koe hears it.

Webhooks and REST use the same names; the questions in `github_walk` give the answers of GraphQL those names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors import markdown
from connectors.loose import Loose
from connectors.own import is_own
from connectors.ports import Customer, Heard, Role, Said

BODY = "body"
"""The name of what an issue or a discussion begins with, among its messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Reads issues and discussions, which are numbered together in a repository."""

    agents: frozenset[str]
    """Associations and logins, in lower case, of those who answer."""

    def heard(self, subject: Loose, comments: Iterable[Said] = (), *, whole: bool = False) -> Heard | None:
        """Return an issue or a discussion with comments; `whole` where these are all that it has.

        None where it says nothing: it has no number, or a bot wrote it and nobody else a comment. What Koe
        wrote itself has no title: that is no customer's.
        """
        number, role = subject["number"].id, self._role(subject)
        is_ours = role == "bot" or is_own(subject["body"].text or "")
        said = [*self._body(subject, role), *comments]
        if number is None or not said:
            return None
        closed = subject["state"].text == "closed" or subject["closed"].flag
        answered_at = subject["answer_chosen_at"].written_time
        replies = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        labels = subject["labels"]
        return Heard(
            external_id=number,
            said=said,
            title=None if is_ours else subject["title"].text,
            created_at=subject["created_at"].written_time,
            updated_at=subject["updated_at"].written_time,
            replied_at=min(replies, default=None) if whole and role != "agent" else None,
            resolved_at=answered_at or (subject["closed_at"].written_time if closed else None),
            status="answered" if answered_at else "closed" if closed else "open",
            customer=Customer(id=subject["user"]["login"].id if role == "customer" else None),
            url=subject["html_url"].text,
            tags=[
                tag
                for one in (subject["category"], *labels, *labels["nodes"])
                if (tag := one["name"].text) is not None
            ],
        )

    def said(self, comment: Loose) -> Said | None:
        """Return a comment; None for one by a bot, or one without an id."""
        named, role = comment["id"].id, self._role(comment)
        if named is None or role == "bot":
            return None
        return Said(
            external_id=named,
            text=markdown.said(comment["body"].text),
            author_role=role,
            created_at=comment["created_at"].written_time,
            updated_at=comment["updated_at"].written_time,
        )

    def taken_back(self, comment: Loose, at: datetime | None) -> Said | None:
        """Return a comment that was deleted, of an issue or a discussion that was last changed at a time."""
        named, edited_at = comment["id"].id, comment["updated_at"].written_time
        if named is None:
            return None
        latest = max((time for time in (at, edited_at) if time), default=None)
        return Said(external_id=named, text="", author_role=self._role(comment), updated_at=latest)

    def _body(self, subject: Loose, role: Role) -> Iterable[Said]:
        if role != "bot":
            yield Said(
                external_id=BODY,
                text=markdown.said(subject["body"].text),
                author_role=role,
                created_at=subject["created_at"].written_time,
                updated_at=subject["updated_at"].written_time,
            )

    def _role(self, written: Loose) -> Role:
        login = (written["user"]["login"].text or "").lower()
        if written["user"]["type"].text == "Bot" or login.endswith("[bot]"):
            return "bot"
        association = (written["author_association"].text or "").lower()
        return "agent" if {login, association} & self.agents else "customer"
