"""What Discourse writes of topics and posts, as Koe hears it; webhooks and the API use the same names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from connectors import markdown
from connectors.loose import NOTHING, Loose
from connectors.ports import Customer, Heard, Role, Said

PUBLIC = frozenset({"regular", "banner"})
"""The kinds of topic that are no private messages."""
WRITTEN = "1"
"""The type of posts that people write for all: others tell what happened, or are staff's among themselves."""
QUOTE = re.compile(r"\[(/?)quote(?:=[^\]\n]*)?\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Reads the topics of a forum."""

    base: str
    """The address of the forum, without a slash at its end."""
    categories: frozenset[str]
    """The numbers of those that count; none of them for all."""
    agents: frozenset[str]
    """User names and primary groups, in lower case, of those who answer beside the staff."""

    def takes(self, topic: Loose) -> bool:
        """Say whether a topic is open, and of a category that counts."""
        return self._counts(topic["archetype"], topic["category_id"])

    def heard(self, topic: Loose, posts: Sequence[Loose], *, whole: bool = False) -> Heard | None:
        """Return a topic with posts; `whole` where these are all that it has.

        None where it says nothing: it has no number, or the forum itself began it and nobody else wrote.
        """
        named = topic["id"].id
        first = next((one for one in posts if one["post_number"].number == 1), NOTHING)
        author = topic["created_by"] if topic["created_by"].is_object else topic["details"]["created_by"]
        role = self._role(first["user_id"], first) if first.is_object else self._role(author["id"], author)
        said = [one for post in posts if (one := self.said(post))]
        if named is None or (role == "bot" and not said):
            return None
        replies = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        created_at = topic["created_at"].written_time
        return Heard(
            external_id=named,
            said=said,
            title=None if role == "bot" else topic["title"].text,
            created_at=created_at,
            updated_at=topic["last_posted_at"].written_time or created_at,
            replied_at=min(replies, default=None) if whole and role == "customer" else None,
            status="archived" if topic["archived"].flag else "closed" if topic["closed"].flag else "open",
            customer=Customer(id=author["id"].id if role == "customer" else None),
            url=self._url(named),
            tags=[tag for one in topic["tags"] if (tag := one.text or one["name"].text)],
        )

    def heard_by_post(self, topic: str, post: Loose) -> Heard | None:
        """Return as much of a topic as one of its posts tells; None where that is nothing for Koe."""
        said = self.said(post)
        if said is None or not self._counts(post["topic_archetype"], post["category_id"]):
            return None
        at = said.created_at if post["post_number"].number == 1 else None
        is_asked = at is not None and said.author_role == "customer"
        return Heard(
            external_id=topic,
            said=[said],
            title=post["topic_title"].text,
            created_at=at,
            # It tells more than other posts, which name no author of the topic, and less than the topic does.
            updated_at=at - timedelta(seconds=1) if at else None,
            customer=Customer(id=post["user_id"].id if is_asked else None),
            url=self._url(topic),
        )

    def said(self, post: Loose) -> Said | None:
        """Return a post, without words where it was deleted or hidden; None for one that is not people's."""
        named, role = post["id"].id, self._role(post["user_id"], post)
        if named is None or role == "bot" or post["post_type"].id != WRITTEN:
            return None
        deleted_at, edited_at = post["deleted_at"].written_time, post["updated_at"].written_time
        is_gone = deleted_at or post["user_deleted"].flag or post["hidden"].flag
        return Said(
            external_id=named,
            text="" if is_gone else markdown.said(own_words(post["raw"].text or post["cooked"].text or "")),
            author_role=role,
            created_at=post["created_at"].written_time,
            updated_at=max((time for time in (deleted_at, edited_at) if time), default=None),
        )

    def _counts(self, archetype: Loose, category: Loose) -> bool:
        return archetype.text in PUBLIC and (not self.categories or category.id in self.categories)

    def _role(self, user: Loose, written: Loose) -> Role:
        if (user.number or 0) < 0:  # the forum itself, and its own bot
            return "bot"
        names = {(written[name].text or "").lower() for name in ("username", "primary_group_name")}
        is_staff = any(written[flag].flag for flag in ("staff", "admin", "moderator"))
        return "agent" if is_staff or names & self.agents else "customer"

    def _url(self, named: str) -> str:
        return f"{self.base}/t/{named}"


def own_words(raw: str) -> str:
    """Return what somebody wrote in a post, without what they quote of others."""
    kept, depth, position = list[str](), 0, 0
    for tag in QUOTE.finditer(raw):
        if depth == 0:
            kept.append(raw[position : tag.start()])
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        position = tag.end()
    # A quotation without an end is none: it is shown as it was written.
    return raw if depth else "".join([*kept, raw[position:]]).strip()
