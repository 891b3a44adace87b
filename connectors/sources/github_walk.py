"""Asking GitHub for all issues, comments and discussions of a repository that changed since a time.

Issues and comments come by REST, the oldest change first. A page ends at a time, and the next one begins
just before it: in a list that is sorted by change and read by numbers of pages, what changes meanwhile moves
to the end, and others move over the edge of a page unread. Discussions come by GraphQL, the latest change
first, until that time is met.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from connectors.asking import Api, Listed, Params, part
from connectors.errors import Refused, RetryLater
from connectors.loose import NOTHING, Loose
from connectors.ports import Changed, Event, Heard, Page, Said
from connectors.sources.github_items import Items

ISSUES, COMMENTS, DISCUSSIONS = "issues", "comments", "discussions"
"""The parts of a walk, in this order: a cursor begins with one of them."""
MOST_ROWS = 100
COMMENT_PAGES = 20
"""Of one issue or discussion."""
WRITTEN = """
  number title body html_url: url created_at: createdAt updated_at: updatedAt
  closed closed_at: closedAt answer_chosen_at: answerChosenAt author_association: authorAssociation
  user: author { login type: __typename } category { name } labels(first: 50) { nodes { name } }
"""
COMMENT = """
  id: databaseId body created_at: createdAt updated_at: updatedAt author_association: authorAssociation
  user: author { login type: __typename }
"""
SPOKEN = f"""
  pageInfo {{ hasNextPage endCursor }}
  nodes {{ {COMMENT} replies(first: 100) {{ nodes {{ {COMMENT} }} }} }}
"""
LATEST = f"""
query($owner: String!, $name: String!, $after: String) {{ repository(owner: $owner, name: $name) {{
  found: discussions(first: 20, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {WRITTEN} comments(first: 40) {{ {SPOKEN} }} }}
  }}
}} }}
"""
ONE = f"""
query($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    found: discussion(number: $number) {{ {WRITTEN} comments(first: 100, after: $after) {{ {SPOKEN} }} }}
  }}
}}
"""
MAY_READ = "the token needs read access to Issues and to Discussions of this repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository that is asked."""

    api: Api
    name: str
    """As `owner/name`."""
    items: Items
    has_discussions: bool

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        """Return the next part of all that changed since a time."""
        kind, _, place = (cursor or ISSUES).partition(" ")
        if kind == DISCUSSIONS:
            return self._latest_discussions(since, place or None)
        listed = self._list(kind, place, since)
        events: Iterator[Event] = self._issues(listed.rows) if kind == ISSUES else self._comments(listed.rows)
        if follows := self._following(place, listed):
            return Page(events=[*events], cursor=f"{kind} {follows}")
        others = DISCUSSIONS if self.has_discussions else None
        return Page(events=[*events], cursor=COMMENTS if kind == ISSUES else others)

    def issue(self, number: str) -> Loose | None:
        """Return an issue or a pull request; None where there is none of this number."""
        return self.api.find(f"{self._path(ISSUES)}/{part(number)}", alive=self.must_answer)

    def comments_of(self, number: str) -> Iterator[Said]:
        """Yield the comments of an issue, the oldest first."""
        path, asked = f"{self._path(ISSUES)}/{part(number)}/comments", {"per_page": MOST_ROWS}
        for _ in range(COMMENT_PAGES):
            listed = self.api.listed(path, asked)
            yield from self._said(listed.rows)
            if listed.next is None:
                return
            path, asked = listed.next, {}

    def discussion(self, number: str) -> Heard | None:
        """Return a discussion with its comments; None where there is none of this number."""
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        said, first, after = list[Said](), NOTHING, None
        for _ in range(COMMENT_PAGES):
            found = self._ask(ONE, number=int(number), after=after)
            first = first if first.is_object else found
            said += self._said(_spoken(found["comments"]))
            after = _more(found["comments"])
            if after is None:
                break
        return self.items.heard(first, said, whole=True)

    def must_answer(self) -> None:
        """Make sure that the issues can be read. Raises Refused or RetryLater."""
        self.api.listed(self._path(ISSUES), {"per_page": 1, "state": "all"})

    def must_answer_discussions(self) -> None:
        """Make sure that the discussions can be read. Raises Refused or RetryLater."""
        self._ask(LATEST, after=None)

    def _list(self, kind: str, place: str, since: datetime | None) -> Listed:
        path = place if "://" in place else self._path(kind)
        asked: Params = (
            {} if "://" in place else self._asked(kind, place or (_second(since) if since else ""))
        )
        try:
            return self.api.listed(path, asked)
        except Refused as error:
            if error.status == 410:  # issues are switched off here
                return Listed(rows=(), next=None)
            raise

    def _following(self, place: str, listed: Listed) -> str | None:
        """Return where the next page begins, a time or an address; None after the last page."""
        if listed.next is None:
            return None
        began = place if "://" not in place else "".join(parse_qs(urlsplit(place).query).get("since", []))
        last = listed.rows[-1]["updated_at"].written_time if listed.rows else None
        ended = _second(last - timedelta(seconds=1)) if last else ""
        return ended if ended > began else listed.next

    def _asked(self, kind: str, since: str) -> Params:
        asked: Params = {"sort": "updated", "direction": "asc", "per_page": MOST_ROWS}
        return {
            **asked,
            **({"state": "all"} if kind == ISSUES else {}),
            **({"since": since} if since else {}),
        }

    def _path(self, kind: str) -> str:
        return f"/repos/{self.name}/issues{'/comments' if kind == COMMENTS else ''}"

    def _issues(self, rows: Sequence[Loose]) -> Iterator[Heard]:
        for row in rows:
            if not row["pull_request"].is_object and (heard := self.items.heard(row)):
                yield heard

    def _comments(self, rows: Sequence[Loose]) -> Iterator[Heard]:
        for row in rows:
            number = Loose((row["issue_url"].text or "").rpartition("/")[2]).id
            is_of_issue = "/pull/" not in (row["html_url"].text or "")
            if number and is_of_issue and (said := self.items.said(row)):
                yield Heard(external_id=number, said=[said])

    def _said(self, comments: Sequence[Loose] | Iterator[Loose]) -> list[Said]:
        return [said for comment in comments if (said := self.items.said(comment))]

    def _latest_discussions(self, since: datetime | None, after: str | None) -> Page:
        found = self._ask(LATEST, after=after)
        events: list[Event] = []
        for one in found["nodes"]:
            changed_at = one["updated_at"].written_time
            if since and changed_at and changed_at < since:
                return Page(events=events)
            longer = _more(one["comments"]) is not None
            heard = self.items.heard(one, self._said(_spoken(one["comments"])), whole=not longer)
            events += [heard] if heard else []
            events += [Changed(external_id=heard.external_id)] if heard and longer else []
        place = _more(found)
        return Page(events=events, cursor=f"{DISCUSSIONS} {place}" if place else None)

    def _ask(self, query: str, **variables: str | int | None) -> Loose:
        """Return what was found; NOTHING where the repository is there, and that is not.

        Raises Refused and RetryLater: GraphQL tells of them in an answer with status 200.
        """
        owner, _, name = self.name.partition("/")
        asked = {"query": query, "variables": {"owner": owner, "name": name, **variables}}
        answer = self.api.post(_graph(self.api.base), asked)
        repository = answer["data"]["repository"]
        told = {error["type"].text or "an error" for error in answer["errors"]}
        if any(kind.startswith("RATE_LIMIT") for kind in told):
            raise RetryLater("GitHub asks to be asked less often")
        if repository["found"].is_object:
            return repository["found"]
        if repository.is_object and told <= {"NOT_FOUND"}:
            return NOTHING
        why = ", ".join(sorted(told)) or "no reason is given"
        raise Refused(f"GitHub tells nothing of the discussions of {self.name} ({why}); {MAY_READ}")


def _graph(base: str) -> str:
    """Return where GraphQL is asked: an Enterprise Server has it beside its REST API."""
    return f"{base.removesuffix('/v3')}/graphql"


def _spoken(comments: Loose) -> Iterator[Loose]:
    """Yield the comments of a discussion, each with the replies to it."""
    for comment in comments["nodes"]:
        yield comment
        yield from comment["replies"]["nodes"]


def _more(connection: Loose) -> str | None:
    """Return where a list of GraphQL goes on, None where it does not."""
    info = connection["pageInfo"]
    return info["endCursor"].text if info["hasNextPage"].flag else None


def _second(time: datetime) -> str:
    """Return a time as GitHub writes it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
