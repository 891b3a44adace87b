"""What GitLab writes of issues and their comments, as Koe hears it.

REST tells an author with each; webhooks tell an author's number, and the user who did what is told. So who
wrote is known there only where these are the same person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import markdown
from connectors.loose import NOTHING, Loose
from connectors.own import is_own
from connectors.ports import Customer, Heard, Role, Said

BODY = "body"
"""The name of what an issue begins with, among its messages."""
KINDS = frozenset({None, "issue", "ticket"})
"""Of all that GitLab keeps as an issue (tasks, incidents, test cases) what people write to us."""
BOT = re.compile(r"(project|group)_\d+_bot(_\w+)?|alert-bot|gitlabduo\w*", re.IGNORECASE)
"""The user names of access tokens and of GitLab itself; its `support-bot` brings what customers mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Reads the issues of a project."""

    agents: frozenset[str]
    """User names, in lower case, and numbers of those who answer."""

    def heard(
        self, issue: Loose, notes: Sequence[Said] = (), *, by: Loose = NOTHING, whole: bool = False
    ) -> Heard | None:
        """Return an issue with comments, as a user did it; `whole` where these are all that it has.

        None where it says nothing: it has no number, or a bot wrote it and nobody else a comment.
        """
        number, author = issue["iid"].id, _author(issue, by)
        role = self._role(author)
        is_ours = role == "bot" or is_own(issue["description"].text or "")
        said = [*self._body(issue, author, role), *notes]
        if number is None or (is_ours and not notes):
            return None
        closed = issue["state"].text == "closed"
        replies = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        labels = issue["labels"]
        return Heard(
            external_id=number,
            said=said,
            title=None if is_ours else issue["title"].text,
            created_at=time_of(issue["created_at"]),
            updated_at=time_of(issue["updated_at"]),
            replied_at=min(replies, default=None) if whole and role != "agent" else None,
            resolved_at=time_of(issue["closed_at"]) if closed else None,
            status="closed" if closed else "open",
            customer=Customer(
                id=author["id"].id if role == "customer" else None,
                email=issue["service_desk_reply_to"].text,
            ),
            url=issue["web_url"].text or issue["url"].text,
            tags=[tag for one in labels if (tag := one.text or one["title"].text)],
        )

    def said(self, note: Loose, *, by: Loose = NOTHING) -> Said | None:
        """Return a comment as a user did it; None for one that is not for all, not people's, or of nobody."""
        named, author = note["id"].id, _author(note, by)
        is_inside = note["internal"].flag or note["confidential"].flag
        role = self._role(author)
        if named is None or is_inside or note["system"].flag or role == "bot" or not _is_known(author):
            return None
        return Said(
            external_id=named,
            text=markdown.said(note["body"].text or note["note"].text),
            author_role=role,
            created_at=time_of(note["created_at"]),
            updated_at=time_of(note["updated_at"]),
        )

    def _body(self, issue: Loose, author: Loose, role: Role) -> Sequence[Said]:
        if role == "bot" or not _is_known(author):
            return []
        return [
            Said(
                external_id=BODY,
                text=markdown.said(issue["description"].text),
                author_role=role,
                created_at=time_of(issue["created_at"]),
                updated_at=time_of(issue["updated_at"]),
            )
        ]

    def _role(self, author: Loose) -> Role:
        username = author["username"].text or ""
        if BOT.fullmatch(username):
            return "bot"
        return "agent" if {username.lower(), author["id"].id} & self.agents else "customer"


def is_open_to_all(issue: Loose) -> bool:
    """Say whether an issue is one that people write to us, and not confidential."""
    kind = (issue["issue_type"].text or issue["type"].text or "issue").lower()
    return kind in KINDS and issue["confidential"].value is not True


def is_secret(told: Loose) -> bool:
    """Say whether a call tells of what is confidential."""
    return "confidential" in (told["event_type"].text or "")


def is_by(written: Loose, by: Loose) -> bool:
    """Say whether a user wrote what a call tells of."""
    return by["id"].id is not None and by["id"].id == written["author_id"].id


def time_of(told: Loose) -> datetime | None:
    """Return a time as REST or as a webhook writes it: `2026-05-01 05:27:58 UTC`."""
    written = told.text or ""
    return Loose(f"{written.removesuffix(' UTC')}Z" if written.endswith(" UTC") else written).written_time


def _author(written: Loose, by: Loose) -> Loose:
    """Return who wrote something; no more than their number where that is all that is told."""
    if written["author"].is_object:
        return written["author"]
    return by if is_by(written, by) else Loose({"id": written["author_id"].value})


def _is_known(author: Loose) -> bool:
    return author["username"].text is not None
