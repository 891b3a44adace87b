"""GitLab issues: an issue for each suggestion, found again by a hidden mark in its text.

- Each bears the label `koe`, by which they are listed. Who may not plan in the project makes issues without
  labels, of which GitLab says nothing, so this is asked first.
- Lines that begin with a slash are commands, from the API too; what is behind many signs is a reference.
- An issue that is moved is closed, and a copy is made; GraphQL alone tells where it is.
- A project that was renamed redirects to its number.

Sources: docs.gitlab.com, "Issues API", "Notes API", "Projects API", "Labels API", "Quick actions", "GitLab
Flavored Markdown", "Roles and permissions", "GraphQL API resources"; the lengths of "Issuable-like models".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Self
from urllib.parse import urlsplit

from connectors.asking import Api, Params, base_of, is_yes, part
from connectors.errors import Refused, RetryLater
from connectors.gitlab import ADDRESS, HOME, LOST_TOKEN, PROJECT, project_in
from connectors.guards import must_take, secret_of
from connectors.hints import GitLabHints
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.told import (
    dropped_setting,
    folded,
    labels_beside,
    labels_setting,
    must_have_labels,
    plainly,
    template_setting,
)
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
from connectors.writing import Writer, unnamed

DROPPED = "wontfix"
LONGEST_TITLE = 255
LONGEST_TEXT = 60_000
"""Characters; GitLab takes a million, which nobody reads."""
LONGEST_QUESTION = 200
MOST_ROWS = 100
MOST = 50
MOVES = 3
"""How often a redirect, or a move to another project, is followed."""
PLANNER = 15
"""The level of the least role that may give labels."""
REFERENCE = re.compile(r"(?:([\w.-]+(?:/[\w.-]+)*)?#)?(\d{1,10})", re.ASCII)
NAMED = re.compile(r"https?://[^\s\"'<>]*[^\s\"'<>.]")
"""An address in the sentence of a redirect."""
SIGNS = re.compile(r"[~%&$^](?=[\w\"])|\[(?=[a-z_]+:)|\*(?=iteration:)")
"""How references to labels, milestones, epics, snippets and the like begin, beside those known everywhere."""
COMMAND = re.compile(r"^/", re.MULTILINE)
MOVED = "query($id: IssueID!) { issue(id: $id) { reference(full: true) } }"
MAY_WRITE = "the token needs the scope api, and the role Planner or Reporter at least in this project"
ADVICE = {
    301: "the project was renamed or moved: give Koe its new path",
    401: LOST_TOKEN,
    403: MAY_WRITE,
    404: "either there is no such project, or the token may not see it",
}


class GitLabIssues(Target):
    """Creates issues in a project, and follows them wherever they are moved."""

    slug = "gitlab-issues"
    title = "GitLab issues"
    title_ja = "GitLab の Issue"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    hints = GitLabHints
    pace = Pace(requests=90, seconds=60, burst=15)
    settings = (
        PROJECT,
        Setting(
            name="token",
            label={"en": "Access token with the scope api", "ja": "アクセストークン（スコープ api）"},
            secret=True,
        ),
        labels_setting(
            {"en": f"Labels of new issues beside {LABEL}", "ja": f" {LABEL} 以外のラベル"},
            example="feedback, needs-triage",
        ),
        Setting(
            name="confidential",
            label={
                "en": "Make issues confidential: for members of the project alone",
                "ja": "Issue を機密にする（プロジェクトのメンバーだけが見られる）",
            },
            needed="never",
            choices=("no", "yes"),
            default="no",
        ),
        dropped_setting({"en": "Labels", "ja": "ラベル"}, usual=DROPPED),
        template_setting({"en": "an issue", "ja": "Issue "}),
        ADDRESS,
    )
    guide = (
        {
            "en": "In the project, open Settings › Access tokens › Add new token – Role: Reporter – Scope: "
            "api. What is written bears the token's name, so call it Koe.",
            "ja": "プロジェクトの「Settings › Access tokens › Add new token」を開き、Role に Reporter、"
            "Scope に api を選びます。書かれたものにはトークンの名前が付くので、名前は Koe にします。",
        },
        {
            "en": "Give the token to Koe; it ends on its expiration date. Leave the label koe and the last, "
            "hidden line of an issue's text as they are: Koe finds its issues by them.",
            "ja": "トークンを Koe に入力します。有効期限が来ると使えなくなります。ラベル koe と、本文の"
            "最後にある見えない行は残してください。Koe はこれらで自分の Issue を見つけます。",
        },
    )
    unverified = (
        {
            "en": "Following: how a project that was renamed redirects, and an issue that was moved. One "
            "that was moved to where the token sees nothing counts as deleted.",
            "ja": "追跡（名前の変わったプロジェクトからの転送と、移された Issue）。トークンで見えない"
            "プロジェクトに移された Issue は、削除されたものとみなします。",
        },
        {
            "en": "Statuses of work items, which some plans have: closed is done, but for the labels that "
            "mean otherwise and for duplicates.",
            "ja": "一部のプランにあるワークアイテムのステータス。クローズは、指定したラベルと重複を除いて、"
            "完了とみなします。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        self._project = project_in(settings)
        self._labels = labels_beside(LABEL, settings.get("labels", ""))
        self._is_confidential = is_yes(settings, "confidential", usually="no")
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        base = base_of(settings, "address", usual=HOME)
        self._host = urlsplit(base).hostname or ""
        headers = {"private-token": token}
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the setting `project` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        name = self._must_be_writable()
        there = (label["name"].text for label in self._rows(f"{_project(self._project)}/labels", {}))
        must_have_labels(there, self._labels[1:], place="project")
        kind = "Confidential issues" if self._is_confidential else "Issues"
        return f"{kind} with the label {' and '.join(self._labels)} are created in {name}."

    def find(self, suggestion_id: str) -> Receipt | None:
        marked = mark(suggestion_id, hidden=True)
        asked: Params = {
            "labels": LABEL,
            "scope": "all",
            "state": "all",
            "order_by": "created_at",
            "sort": "asc",
        }
        for issue in self._rows(f"{_project(self._project)}/issues", asked):
            if marked in (issue["description"].text or ""):
                return _receipt(issue)
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        self._must_be_writable()
        issue = {
            "title": harmless(title_of(outgoing, most=LONGEST_TITLE))[:LONGEST_TITLE],
            "description": self._written(text_of(outgoing, self._template), outgoing.suggestion_id),
            "labels": ",".join(self._labels),
            "confidential": self._is_confidential,
        }
        made = self._writer.send("POST", f"{_project(self._project)}/issues", issue)
        if _is_issue(made):
            return _receipt(made)
        return self.find(outgoing.suggestion_id) or unnamed("GitLab", "an issue")

    def look(self, reference: str) -> Remote:
        issue = self._held(reference)
        if issue is None:
            return Remote(reference=reference, state="gone")
        receipt = _receipt(issue)
        is_open, is_twice = issue["state"].text == "opened", issue["_links"]["closed_as_duplicate_of"].text
        labels = {(label.text or "").casefold() for label in issue["labels"]}
        is_dropped = is_twice or self._dropped & labels
        return Remote(
            reference=receipt.reference,
            state="open" if is_open else "dropped" if is_dropped else "done",
            status="Open" if is_open else "Closed (duplicated)" if is_twice else "Closed",
            url=receipt.url,
            at=None if is_open else issue["closed_at"].written_time,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        return each_once(map(_shown, filter(_is_issue, self._like(words))))

    def note(self, reference: str, note: Note) -> Receipt:
        issue = self._held(reference)
        if issue is None:
            raise Refused(f"{reference} is not there any more", status=410)
        receipt, marked = _receipt(issue), mark(note.marker, hidden=True)
        place = f"{_place(receipt.reference, usual=self._project)}/notes"
        if not is_among(marked, (each["body"].text for each in self._rows(place, {"sort": "asc"}))):
            text = self._written(text_of_note(note), note.marker)
            self._writer.send("POST", place, {"body": text})
        return receipt

    def _must_be_writable(self) -> str:
        """Return the project's path. Raises Refused where no issue with a label can be made there."""
        project = self._opened(_project(self._project))
        name = project["path_with_namespace"].text or self._project
        if project["archived"].flag:
            raise Refused(f"{name} is archived: nothing can be written there")
        roles = [
            project["permissions"][way]["access_level"].number for way in ("project_access", "group_access")
        ]
        if (known := [role for role in roles if role is not None]) and max(known) < PLANNER:
            raise Refused(f"GitLab would drop the labels of what Koe writes in {name}: {MAY_WRITE}")
        return name

    def _held(self, reference: str) -> Loose | None:
        """Return an issue from where it lies by now; None where it was deleted."""
        place = _place(reference, usual=self._project)
        for _ in range(MOVES):
            issue = self._at(place)
            if issue is None or not (moved := issue["moved_to_id"].id):
                return issue
            if (there := self._moved(moved)) is None:
                return None
            place = _place(there, usual=self._project)
        raise Refused(f"{reference} was moved more often than Koe follows")

    def _at(self, place: str) -> Loose | None:
        project = place.rpartition("/issues/")[0]
        try:
            issue = self._api.find(place, alive=lambda: self._opened(project))
        except Refused as error:
            named = NAMED.search(error.body.decode("utf-8", "replace"))
            if error.status not in (301, 302, 307, 308) or named is None:
                raise
            issue = self._api.get(named[0])
        if issue is not None and not _is_issue(issue):
            raise Refused("GitLab answered with something that is not the issue")
        return issue

    def _moved(self, named: str) -> str | None:
        """Return what an issue is called that GitLab knows by this number; None where it shows none.

        Raises RetryLater where that is not told.
        """
        asked = {"query": MOVED, "variables": {"id": f"gid://gitlab/Issue/{named}"}}
        answer = self._api.post("api/graphql", asked)
        if [*answer["errors"]] or not answer["data"].is_object:
            raise RetryLater("GitLab does not tell where the issue was moved")
        return answer["data"]["issue"]["reference"].text

    def _opened(self, place: str) -> Loose:
        """Return a project whose issues are there. Raises Refused where they are not, or RetryLater."""
        project = self._api.get(place)
        name = project["path_with_namespace"].text
        if name is None:
            raise Refused("what answers tells of no project; is the address that of a GitLab?")
        if project["issues_access_level"].text == "disabled" or project["issues_enabled"].value is False:
            raise Refused(f"{name} has its issues switched off (Settings › General › Visibility)")
        return project

    def _rows(self, path: str, params: Params) -> Iterator[Loose]:
        """Yield all that a list holds."""
        number, rows = 0, list[Loose]()
        while number == 0 or len(rows) == MOST_ROWS:
            number += 1
            rows = [*self._api.listed(path, {**params, "per_page": MOST_ROWS, "page": number}).rows]
            yield from rows

    def _like(self, words: str) -> Iterator[Loose]:
        place = f"{_project(self._project)}/issues"
        asked: Params = {"scope": "all", "per_page": MOST}
        if question := one_line(words)[:LONGEST_QUESTION]:
            yield from self._api.listed(place, {**asked, "search": question}).rows
        newest: Params = {"state": "opened", "order_by": "updated_at", "sort": "desc"}
        yield from self._api.listed(place, {**asked, **newest}).rows

    def _written(self, written: Sequence[Block], marker: str) -> str:
        text = fitted(written, self._markdown, most=LONGEST_TEXT)
        return f"{text}\n{mark(marker, hidden=True)}\n"

    def _markdown(self, written: Sequence[Block]) -> str:
        return COMMAND.sub(r"\\/", inert(as_markdown(written), host=self._host, signs=SIGNS))


def _project(named: str) -> str:
    """Return the path of a project."""
    return f"api/v4/projects/{part(named)}"


def _place(reference: str, *, usual: str) -> str:
    """Return the path of an issue, in the usual project where none is named. Raises Refused."""
    named = REFERENCE.fullmatch(reference)
    if named is None:
        raise Refused(f"{reference!r} names no issue as GitLab does, such as acme/app#12")
    return f"{_project(named[1] or usual)}/issues/{named[2]}"


def _is_issue(found: Loose) -> bool:
    known = found["iid"].number is not None and found["references"]["full"].text is not None
    return known and found["state"].text in ("opened", "closed")


def _receipt(issue: Loose) -> Receipt:
    return Receipt(reference=issue["references"]["full"].text or "", url=issue["web_url"].text)


def _shown(issue: Loose) -> Existing:
    title, text, state = issue["title"].text, issue["description"].text, issue["state"].text
    return shown(_receipt(issue), title=title, text=text, status=state)


def _explained(refusal: Loose) -> str:
    """Return the fields that GitLab refuses, and why."""
    fields = refusal["message"].value
    if not isinstance(fields, dict):
        return ""
    told = (f"{name} {Loose(why).text or _joined(Loose(why))}" for name, why in fields.items())
    return "; ".join(told)[:300]


def _joined(reasons: Loose) -> str:
    return ", ".join(filter(None, (reason.text for reason in reasons)))
