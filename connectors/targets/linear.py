"""Linear: an issue for each suggestion, whose id is made of the suggestion's own.

- Linear lets its clients choose the id of what they make. So nothing is looked for by its text, nothing is
  made twice whatever is lost, and an issue is found wherever it was moved: to be there already is success.
- Questions and changes go to one address. Failures come with status 200 or 400; so does what would be 429.
- What was deleted lies in the trash for a while, and is told as such.

Sources: linear.app/developers, "Getting started", "Rate limiting", "Filtering"; the published schema of
GraphQL (github.com/linear/linear, packages/sdk/src/schema.graphql); of used ids what others report.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal, Self
from uuid import UUID

from connectors.asking import Api, api_address, base_of, needed
from connectors.errors import Refused, RetryLater, Uncertain
from connectors.guards import must_take, secret_of
from connectors.hints import LinearHints
from connectors.http import Http
from connectors.loose import NOTHING, Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.told import labels_setting, must_have_labels, names_of, plainly, template_setting
from connectors.wording import (
    Block,
    as_markdown,
    check_template,
    fitted,
    harmless,
    inert,
    one_line,
    text_of,
    text_of_note,
    title_of,
)
from connectors.writing import Writer

HOME = "https://api.linear.app"
PLACE = "graphql"
LONGEST_TITLE = 255
LONGEST_TEXT = 60_000
"""Characters. Linear names no limit."""
LONGEST_QUESTION = 200
MOST = 50
LABELS_AT_ONCE = 250
ONE_MINUTE = timedelta(minutes=1)
REFERENCE = re.compile(r"[A-Z0-9]{1,12}-\d{1,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What people call an issue, or its id."""
OAUTH = "lin_oauth_"
"""How the tokens of applications begin; keys of people stand in the header as they are."""
HOST = "linear.app"
"""Where issues and people have their addresses."""
STATES: Mapping[str, Literal["open", "done", "dropped"]] = {
    "completed": "done",
    "canceled": "dropped",
    "duplicate": "dropped",
}
"""What a type of state means; those that are not here are open."""
ADVICE = {
    401: "make a new API key (Settings › Security & access), and give it to Koe",
    403: "the key needs the permission to write, and its user to be a member of the team",
}
ISSUE = "id title url trashed completedAt state { name type }"
TEAM = "query($key: String!) { teams(filter: {key: {eq: $key}}) { nodes { id key name } } }"
LABELS = """
query($most: Int!, $after: String) {
  issueLabels(first: $most, after: $after) {
    nodes { id name team { id } } pageInfo { hasNextPage endCursor }
  }
}
"""
HELD = f"query($id: String!) {{ issue(id: $id) {{ {ISSUE} }} }}"
MATCHING = """
query($words: String!, $team: ID!, $most: Int!) {
  searchIssues(term: $words, first: $most, filter: {team: {id: {eq: $team}}}) {
    nodes { id title description url state { name } }
  }
}
"""
NEWEST = """
query($team: ID!, $most: Int!) {
  issues(first: $most, filter: {team: {id: {eq: $team}}}, orderBy: updatedAt) {
    nodes { id title description url state { name } }
  }
}
"""
CREATE = (
    f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ success issue {{ {ISSUE} }} }} }}"
)
COMMENT = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"


class Linear(Target):
    """Creates issues in a team, and follows them wherever they are moved."""

    slug = "linear"
    title = "Linear"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "key"
    follows = True
    hints = LinearHints
    # 2,500 requests an hour were seen to be allowed, though 5,000 are told.
    pace = Pace(requests=36, seconds=60, burst=12)
    settings = (
        Setting(name="key", label={"en": "API key", "ja": "API キー"}, secret=True),
        Setting(
            name="project",
            label={
                "en": "Team: the key before its issues' numbers",
                "ja": "チーム（Issue の番号の前に付くキー）",
            },
            example="ENG",
        ),
        labels_setting({"en": "Labels of new issues", "ja": "ラベル"}, example="Feedback"),
        template_setting({"en": "an issue", "ja": "Issue "}),
        api_address(HOME),
    )
    guide = (
        {
            "en": "In Linear, open Settings › Security & access › Personal API keys › New API key. An "
            "account of its own shows that it is Koe who writes; it must be a member of the team.",
            "ja": "Linear で「Settings › Security & access › Personal API keys › New API key」を開きます。"
            "Koe 専用のアカウントを使うと、Koe が書いたことがわかります。そのアカウントをチームの"
            "メンバーにします。",
        },
        {
            "en": "Let it read and write, in this team alone if you like, and give it to Koe with the key of "
            "the team, such as ENG of ENG-123.",
            "ja": "読み取りと書き込みを許可し（このチームだけに限ることもできます）、そのキーと、チームのキー"
            "（ENG-123 なら ENG）を Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "An issue that was moved to a team that the key may not see counts as deleted.",
            "ja": "キーで見えないチームに移された Issue は、削除されたものとみなします。",
        },
        {
            "en": "How long a title and a text may be: Koe writes 255 and 60,000 characters at most.",
            "ja": "タイトルと本文の長さの上限。Koe が書くのはそれぞれ 255 文字、60,000 文字までです。",
        },
        {
            "en": "What Linear makes of the last line of a text, “[koe:…]”. Koe finds its issues without it.",
            "ja": "本文の最後の行「[koe:…]」の見え方。Koe はこの行がなくても自分の Issue を見つけます。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, key: str, http: Http) -> None:
        self._team_key = needed(settings, "project").upper()
        self._labels = names_of(settings.get("labels", ""))
        self._template = check_template(settings.get("template", ""))
        base = base_of(settings, "address", usual=HOME)
        headers = {"authorization": f"Bearer {key}" if key.startswith(OAUTH) else key}
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)
        self._writer = Writer(
            http=http,
            base=base,
            headers=headers,
            advice=ADVICE,
            explain=_explained,
            is_refused=_has_failed,
        )

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the team of the setting `project`."""
        return cls(plainly(settings), key=secret_of(means, "key"), http=means.http)

    def check(self) -> str:
        team = self._team()
        self._label_ids(team)
        return f"Issues are created in the team {team['name'].text} ({team['key'].text})."

    def find(self, suggestion_id: str) -> Receipt | None:
        issue = self._held(_issue_id(self._team(), suggestion_id))
        return _receipt(issue) if issue else None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        team = self._team()
        wanted = _issue_id(team, outgoing.suggestion_id)
        if found := self._held(wanted):
            return _receipt(found)
        issue = {
            "id": wanted,
            "teamId": team["id"].id,
            "title": harmless(title_of(outgoing, most=LONGEST_TITLE))[:LONGEST_TITLE],
            "description": _written(text_of(outgoing, self._template), outgoing.suggestion_id),
            **({"labelIds": ids} if (ids := self._label_ids(team)) else {}),
        }
        made = self._change(CREATE, issue)["issueCreate"]["issue"]
        if made["id"].id is None and (there := self._held(wanted)):
            made = there
        if made["id"].id is None:
            raise Uncertain("Linear took an issue, and does not show it to the key that made it")
        return _receipt(made)

    def look(self, reference: str) -> Remote:
        issue = self._held(reference)
        if issue is None:
            self._team()  # a key that sees nothing any more has seen nothing deleted
        if issue is None or issue["trashed"].flag:
            return Remote(reference=reference, state="gone")
        state = STATES.get(issue["state"]["type"].text or "", "open")
        return Remote(
            reference=issue["id"].id or reference,
            state=state,
            status=issue["state"]["name"].text or "",
            url=issue["url"].text,
            at=issue["completedAt"].written_time if state == "done" else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        return each_once(_shown(issue) for issue in self._like(words) if issue["id"].id)

    def note(self, reference: str, note: Note) -> Receipt:
        issue = self._held(reference)
        if issue is None or issue["trashed"].flag:
            raise Refused(f"{reference} is not there any more", status=410)
        text = _written(text_of_note(note), note.marker)
        held = issue["id"].id or ""
        self._change(COMMENT, {"id": _made_of(held, note.marker), "issueId": held, "body": text})
        return _receipt(issue)

    def _team(self) -> Loose:
        """Return the team. Raises Refused where the key sees none."""
        for team in self._ask(TEAM, key=self._team_key)["teams"]["nodes"]:
            if team["id"].id:
                return team
        raise Refused(f"the setting 'project' names no team that the key may see: {self._team_key}")

    def _label_ids(self, team: Loose) -> list[str]:
        """Return the labels of the team, or of all teams, that people chose. Raises Refused for others."""
        if not self._labels:
            return []
        known = {
            (label["name"].text or "").lower(): label
            for label in self._all_labels()
            if label["team"]["id"].id in (None, team["id"].id)
        }
        must_have_labels((label["name"].text for label in known.values()), self._labels, place="team")
        return [*dict.fromkeys(known[name.lower()]["id"].id or "" for name in self._labels)]

    def _all_labels(self) -> Iterator[Loose]:
        after: str | None = None
        while True:
            found = self._ask(LABELS, most=LABELS_AT_ONCE, after=after)["issueLabels"]
            yield from found["nodes"]
            after = found["pageInfo"]["endCursor"].text
            if after is None or not found["pageInfo"]["hasNextPage"].flag:
                return

    def _held(self, reference: str) -> Loose | None:
        """Return an issue by its id or what people call it; None where there is none, or none is shown."""
        if REFERENCE.fullmatch(reference) is None:
            raise Refused(f"{reference!r} names no issue as Linear does, such as ENG-123")
        issue = self._ask(HELD, id=reference)["issue"]
        if issue.value is not None and not (issue["id"].id and issue["state"]["type"].text):
            raise Refused(f"Linear answered with something that is not issue {reference}")
        return issue if issue.is_object else None

    def _like(self, words: str) -> Iterator[Loose]:
        team = self._team()["id"].id
        if question := one_line(words)[:LONGEST_QUESTION]:
            found = self._ask(MATCHING, words=question, team=team, most=MOST)
            yield from found["searchIssues"]["nodes"]
        yield from self._ask(NEWEST, team=team, most=MOST)["issues"]["nodes"]

    def _ask(self, query: str, **variables: object) -> Loose:
        """Return what a question finds; NOTHING where it names something that is not there."""
        try:
            answer = self._api.post(PLACE, {"query": query, "variables": variables})
        except Refused as error:
            if _is_missing(Loose.glimpse(error.body)):
                return NOTHING
            raise
        if _is_missing(answer):
            return NOTHING
        if _has_failed(answer):
            raise _refusal(answer) or RetryLater("Linear failed to answer")
        if not answer["data"].is_object:
            raise RetryLater("Linear answered with something that is no answer to a question")
        return answer["data"]

    def _change(self, mutation: str, made: Mapping[str, object]) -> Loose:
        """Make something, and return what is told of it; NOTHING where there is one of this id already."""
        try:
            answer = self._writer.send("POST", PLACE, {"query": mutation, "variables": {"input": made}})
        except Refused as error:
            if _is_there_already(Loose.glimpse(error.body)):
                return NOTHING
            raise
        if _is_there_already(answer):
            return NOTHING
        if _has_failed(answer):
            raise _refusal(answer) or Uncertain("Linear failed, and does not say whether it did this before")
        if not any(Loose(told)["success"].flag for told in _values(answer["data"])):
            raise Uncertain("Linear does not say that it did what was asked")
        return answer["data"]


def _issue_id(team: Loose, suggestion_id: str) -> str:
    """Return the id of the issue that a suggestion is in a team: ids count for all customers of Linear."""
    return _made_of(team["id"].id or "", suggestion_id)


def _made_of(place: str, marker: str) -> str:
    """Return the id of what is made at a place for a marker, in the form of a random UUID."""
    return str(UUID(bytes=hashlib.sha256(f"koe:{place}:{marker}".encode()).digest()[:16], version=4))


def _receipt(issue: Loose) -> Receipt:
    return Receipt(reference=issue["id"].id or "", url=issue["url"].text)


def _shown(issue: Loose) -> Existing:
    title, text, state = issue["title"].text, issue["description"].text, issue["state"]["name"].text
    return shown(_receipt(issue), title=title, text=text, status=state)


def _written(written: Sequence[Block], marker: str) -> str:
    return f"{fitted(written, _markdown, most=LONGEST_TEXT)}\n{mark(marker, hidden=False)}\n"


def _markdown(written: Sequence[Block]) -> str:
    return inert(as_markdown(written), host=HOST)


def _values(data: Loose) -> Sequence[object]:
    return [*data.value.values()] if isinstance(data.value, dict) else []


def _is_missing(answer: Loose) -> bool:
    return any((error["message"].text or "").startswith("Entity not found") for error in answer["errors"])


def _is_there_already(answer: Loose) -> bool:
    return any("conflict on insert" in (error["message"].text or "").lower() for error in answer["errors"])


def _has_failed(answer: Loose) -> bool:
    return bool([*answer["errors"]])


def _refusal(answer: Loose) -> Refused | None:
    """Return what to raise where a person must act; None where something failed. Raises RetryLater."""
    told, extensions = _explained(answer), answer["errors"][0]["extensions"]
    status = int(extensions["statusCode"].number or 0)
    is_theirs = extensions["userError"].flag or 400 <= status < 500
    return Refused(f"Linear refused: {told}", status=status or None) if is_theirs else None


def _explained(refusal: Loose) -> str:
    """Return what Linear tells people of a refusal. Raises RetryLater where too much was asked."""
    told = [error["extensions"] for error in refusal["errors"]]
    if any("RATELIMITED" in (each["code"].text or "", (each["type"].text or "").upper()) for each in told):
        raise RetryLater("Linear asks to be asked less often", after=ONE_MINUTE)
    named = (each["userPresentableMessage"].text or each["code"].id for each in told)
    return "; ".join(filter(None, named))[:300]
