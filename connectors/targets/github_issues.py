"""GitHub issues: an issue for each suggestion, found again by a hidden mark in its text.

- Each bears the label `koe`: the list of a label follows at once, which GitHub's search does not. Labels of
  those who may not write in the repository are dropped without a word, so this is asked first.
- An issue that was transferred answers with a redirect that names where it lies now.
- Of what was deleted GitHub says 410 to whoever may read the repository.

Sources: docs.github.com, "REST API endpoints for issues", "Best practices for using the REST API", "Rate
limits for the REST API", "Searching issues and pull requests", "Autolinked references and URLs".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from connectors.asking import Api, Params, api_address, base_of
from connectors.errors import Refused, RetryLater
from connectors.github import ADVICE, HOME, NAME, headers_with, repository_in
from connectors.guards import must_take, secret_of
from connectors.hints import GitHubHints
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.told import (
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
    text_of,
    text_of_note,
    title_of,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 256
LONGEST_TEXT = 60_000
"""Characters; GitHub takes 65,536 with the mark."""
LONGEST_QUESTION = 200
"""GitHub takes 256 characters with the words that narrow a search down."""
MOST_ROWS = 100
MOST = 50
MOVES = 3
"""How often an issue is followed to where it was transferred."""
ONE_MINUTE = timedelta(minutes=1)
"""What GitHub asks to wait for where a refusal names no time."""
REFERENCE = re.compile(r"(?:([^#]*)#)?(\d{1,10})", re.ASCII)
CROSSING = re.compile(r"(?<!\w)GH-(?=\d)", re.IGNORECASE)
"""How a reference to another issue begins, beside those that hold everywhere."""
CLOSED = {"not_planned": "Closed as not planned", "duplicate": "Closed as duplicate"}
"""What GitHub calls it when an issue was closed for another reason than that it is done."""
MAY_WRITE = (
    "the token needs the permission Issues: Read and write for this repository, and its user the role Write"
)
WRITING = ADVICE | {
    403: f"{MAY_WRITE}; its organisation may have to approve it, or ask you to sign in once more (SSO)",
    404: f"either there is no such repository, or {MAY_WRITE}",
}


class GitHubIssues(Target):
    """Creates issues in a repository, and follows them wherever they are transferred."""

    slug = "github-issues"
    title = "GitHub issues"
    title_ja = "GitHub の Issue"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    hints = GitHubHints
    # 480 issues an hour at most, each after a look for it and one at the repository; GitHub allows 500.
    pace = Pace(requests=24, seconds=60, burst=10)
    settings = (
        Setting(
            name="project",
            label={"en": "Repository, as owner/name", "ja": "リポジトリ（owner/name の形）"},
            example="acme/app",
        ),
        Setting(
            name="token",
            label={
                "en": "Access token that may write issues",
                "ja": "Issue を書き込めるアクセストークン",
            },
            secret=True,
        ),
        labels_setting(
            {"en": f"Labels of new issues beside {LABEL}", "ja": f" {LABEL} 以外のラベル"},
            example="feedback, needs-triage",
        ),
        template_setting({"en": "an issue", "ja": "Issue "}),
        api_address(HOME),
    )
    guide = (
        {
            "en": "In the settings of an account that may write in the repository, open Developer settings › "
            "Personal access tokens › Fine-grained tokens › Generate new token. An account of its own "
            "shows that it is Koe who writes.",
            "ja": "リポジトリに書き込めるアカウントの設定で「Developer settings › Personal access tokens › "
            "Fine-grained tokens › Generate new token」を開きます。Koe 専用のアカウントを使うと、Koe が書いた"
            "ことがわかります。",
        },
        {
            "en": "Choose this repository alone, with the permission Issues: Read and write. Give the token "
            "to Koe; it ends on its expiration date.",
            "ja": "対象はこのリポジトリだけにし、権限は Issues: Read and write にします。作ったトークンを "
            "Koe に入力します。有効期限が来ると使えなくなります。",
        },
        {
            "en": f"Leave the label {LABEL} and the last, hidden line of an issue's text as they are: Koe "
            "finds its issues by them.",
            "ja": f"ラベル {LABEL} と、本文の最後にある見えない行は残してください。Koe はこれらで自分の "
            "Issue を見つけます。",
        },
    )
    unverified = (
        {
            "en": "What is told of a transferred issue: that the redirect names the new place in its text. "
            "An issue that was transferred to where the token sees nothing counts as deleted.",
            "ja": "移された Issue についての応答（転送先が本文に書かれるかどうか）。トークンで見えない"
            "リポジトリに移された Issue は、削除されたものとみなします。",
        },
        {
            "en": "Whether the role Triage is enough for labels. Koe asks for the role Write, which is.",
            "ja": "Triage の役割でラベルを付けられるかどうか。Koe は、確実な Write の役割を求めます。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        self._name = repository_in(settings, "project")
        self._labels = labels_beside(LABEL, settings.get("labels", ""))
        self._template = check_template(settings.get("template", ""))
        base = base_of(settings, "address", usual=HOME)
        self._host = (urlsplit(base).hostname or "").removeprefix("api.")
        headers = headers_with(token)
        self._api = Api(http=http, base=base, headers=headers, advice=WRITING, explain=_explained)
        self._writer = Writer(http=http, base=base, headers=headers, advice=WRITING, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the repository of the setting `project`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        name = self._must_be_writable()
        there = (label["name"].text for label in self._rows(f"repos/{name}/labels", {}))
        must_have_labels(there, self._labels[1:], place="repository")
        return f"Issues with the label {' and '.join(self._labels)} are created in {name}."

    def find(self, suggestion_id: str) -> Receipt | None:
        marked = mark(suggestion_id, hidden=True)
        asked: Params = {"labels": LABEL, "state": "all", "sort": "created", "direction": "asc"}
        for issue in self._rows(f"repos/{self._name}/issues", asked):
            if marked in (issue["body"].text or ""):
                return _receipt(issue)
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        self._must_be_writable()
        issue = {
            "title": harmless(title_of(outgoing, most=LONGEST_TITLE))[:LONGEST_TITLE],
            "body": self._written(text_of(outgoing, self._template), outgoing.suggestion_id),
            "labels": self._labels,
        }
        made = self._writer.send("POST", f"repos/{self._name}/issues", issue)
        if _is_issue(made):
            return _receipt(made)
        return self.find(outgoing.suggestion_id) or unnamed("GitHub", "an issue")

    def look(self, reference: str) -> Remote:
        issue = self._held(reference)
        if issue is None:
            return Remote(reference=reference, state="gone")
        receipt = _receipt(issue)
        is_open, reason = issue["state"].text == "open", issue["state_reason"].text or ""
        return Remote(
            reference=receipt.reference,
            state="open" if is_open else "dropped" if reason in CLOSED else "done",
            status="Open" if is_open else CLOSED.get(reason, "Closed"),
            url=receipt.url,
            at=None if is_open else issue["closed_at"].written_time,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._newest()]
        return each_once(_shown(one) for one in found if _is_issue(one) and not one["pull_request"].is_object)

    def note(self, reference: str, note: Note) -> Receipt:
        issue = self._held(reference)
        if issue is None:
            raise Refused(f"{reference} is not there any more", status=410)
        receipt, marked = _receipt(issue), mark(note.marker, hidden=True)
        place = f"{_place(receipt.reference, usual=self._name)}/comments"
        if not is_among(marked, (comment["body"].text for comment in self._rows(place, {}))):
            text = self._written(text_of_note(note), note.marker)
            self._writer.send("POST", place, {"body": text})
        return receipt

    def _written(self, written: Sequence[Block], marker: str) -> str:
        text = fitted(written, self._markdown, most=LONGEST_TEXT)
        return f"{text}\n{mark(marker, hidden=True)}\n"

    def _markdown(self, written: Sequence[Block]) -> str:
        return inert(as_markdown(written), host=self._host, signs=CROSSING)

    def _must_be_writable(self) -> str:
        """Return the repository's name as it is now. Raises Refused where no issue can be made there."""
        found = self._opened(f"repos/{self._name}")
        name = found["full_name"].text or self._name
        if found["archived"].flag:
            raise Refused(f"{name} is archived: nothing can be written there")
        if found["permissions"].is_object and not found["permissions"]["push"].flag:
            raise Refused(f"GitHub would drop the labels of what Koe writes in {name}: {MAY_WRITE}")
        return name

    def _held(self, reference: str) -> Loose | None:
        """Return an issue from where it lies by now; None where it was deleted."""
        place = _place(reference, usual=self._name)
        repository = place.rpartition("/issues/")[0]
        for _ in range(MOVES):
            try:
                issue = self._api.find(place, alive=lambda: self._opened(repository))
            except Refused as error:
                moved = Loose.glimpse(error.body)["url"].text
                if error.status != 301 or moved is None:
                    raise
                place = moved
                continue
            if issue is not None and not _is_issue(issue):
                raise Refused(f"GitHub answered with something that is not issue {reference}")
            return issue
        raise Refused(f"{reference} was moved more often than Koe follows")

    def _opened(self, place: str) -> Loose:
        """Return a repository whose issues are there. Raises Refused where they are not, or RetryLater."""
        found = self._api.get(place)
        name = found["full_name"].text
        if name is None or NAME.fullmatch(name) is None:
            raise Refused("what answers tells of no repository; is the address that of GitHub's API?")
        if found["has_issues"].value is False:
            raise Refused(f"{name} has its issues switched off (Settings › General › Features)")
        return found

    def _rows(self, path: str, params: Params) -> Iterator[Loose]:
        """Yield all that a list holds."""
        asked: Params = {**params, "per_page": MOST_ROWS}
        following: str | None = path
        while following is not None:
            listed = self._api.listed(following, asked)
            yield from listed.rows
            following, asked = listed.next, {}

    def _matching(self, words: str) -> Iterator[Loose]:
        """Yield what the search finds; it gets words alone, without quotes, qualifiers and operators."""
        bare = " ".join(re.findall(r"\w+", words.lower()))[:LONGEST_QUESTION]
        if bare:
            asked: Params = {"q": f"{bare} repo:{self._name} is:issue", "per_page": MOST}
            yield from self._api.get("search/issues", asked)["items"]

    def _newest(self) -> Sequence[Loose]:
        asked: Params = {"state": "open", "sort": "updated", "direction": "desc", "per_page": MOST}
        return self._api.listed(f"repos/{self._name}/issues", asked).rows


def _place(reference: str, *, usual: str) -> str:
    """Return the path of an issue, in the usual repository where none is named. Raises Refused."""
    named = REFERENCE.fullmatch(reference)
    repository = (named and named[1]) or usual
    if named is None or NAME.fullmatch(repository) is None:
        raise Refused(f"{reference!r} names no issue as GitHub does, such as acme/app#12")
    return f"repos/{repository}/issues/{named[2]}"


def _is_issue(found: Loose) -> bool:
    return found["number"].number is not None and found["state"].text in ("open", "closed")


def _receipt(issue: Loose) -> Receipt:
    """Return by what an issue is found: its repository of today, and its number there."""
    name = "/".join((issue["repository_url"].text or "").split("/")[-2:])
    return Receipt(reference=f"{name}#{issue['number'].id}", url=issue["html_url"].text)


def _shown(issue: Loose) -> Existing:
    title, text, state = issue["title"].text, issue["body"].text, issue["state"].text
    return shown(_receipt(issue), title=title, text=text, status=state)


def _explained(refusal: Loose) -> str:
    """Return the fields that are refused, without what they held. Raises RetryLater where it was too much."""
    if "rate limit" in (refusal["message"].text or "").lower():
        raise RetryLater("GitHub asks to be asked less often", after=ONE_MINUTE)
    named = ([error["field"].id, error["code"].id] for error in refusal["errors"])
    return ", ".join(" ".join(filter(None, pair)) for pair in named)[:300]
