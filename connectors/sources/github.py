"""GitHub: issues and discussions of a repository with their comments, by webhook and by its APIs.

Sources: docs.github.com, "Webhook events and payloads", "REST API endpoints for issues", "Using the GraphQL
API for Discussions", "Rate limits for the REST API".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self
from urllib.parse import unquote_to_bytes

from connectors import hmacs
from connectors.asking import Api, base_of, is_yes, names_in, needed
from connectors.errors import Refused
from connectors.github import ADVICE, HOME, headers_with, repository_in
from connectors.loose import Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Event,
    Greeting,
    Heard,
    Means,
    Pace,
    Page,
    Setting,
    Source,
    Withdrawn,
)
from connectors.sources.github_items import Items
from connectors.sources.github_walk import MAY_READ, Repository

SIGNATURE = "x-hub-signature-256"
EVENT = "x-github-event"
DELIVERY = "x-github-delivery"
COMMENT = "_comment"
TOLD = frozenset({"issues", "issue_comment", "discussion", "discussion_comment"})
LEFT = frozenset({"deleted", "transferred"})
FORM = b"payload="
"""How the body of a webhook begins that was left at the content type of forms."""
AGENTS = "OWNER, MEMBER, COLLABORATOR"
READING = ADVICE | {
    403: f"{MAY_READ}; its organisation may have to approve it, or ask you to sign in once more (SSO)",
    404: f"either there is no such repository, or {MAY_READ}",
}


class GitHub(Source):
    """A repository on GitHub or a GitHub Enterprise Server."""

    slug = "github"
    title = "GitHub issues and discussions"
    title_ja = "GitHub の Issue とディスカッション"
    category = "issues"
    settings = (
        Setting(
            name="repository",
            label={"en": "Repository, as owner/name", "ja": "リポジトリ(owner/name の形)"},
            example="acme/app",
        ),
        Setting(
            name="token",
            label={"en": "Access token that may read it", "ja": "読み取りのできるアクセストークン"},
            secret=True,
            needed="to_fetch",
        ),
        Setting(
            name="agents",
            label={
                "en": "Whose words are answers, not feedback: associations with the repository, and logins",
                "ja": "お客様ではなく回答者とみなす人(リポジトリとの関係、またはログイン名)",
            },
            needed="never",
            default=AGENTS,
        ),
        Setting(
            name="discussions",
            label={"en": "Fetch discussions too (yes or no)", "ja": "ディスカッションも取得する(yes か no)"},
            needed="never",
            default="yes",
            unverified=True,
        ),
        Setting(
            name="api",
            label={
                "en": "Address of the API; of an Enterprise Server it ends in /api/v3",
                "ja": "API のアドレス(Enterprise Server では末尾が /api/v3)",
            },
            needed="never",
            default=HOME,
        ),
    )
    pace = Pace(requests=60, seconds=60, burst=10)
    keeps = frozenset({EVENT})
    guide = (
        {
            "en": "In the repository, open Settings › Webhooks › Add webhook. Payload URL: {url} – "
            "Content type: application/json – Secret: {secret}",
            "ja": "リポジトリの「Settings › Webhooks › Add webhook」を開き、Payload URL に {url}、"
            "Content type に application/json、Secret に {secret} を入力します。",
        },
        {
            "en": "Choose “Let me select individual events”, tick Issues, Issue comments, Discussions and "
            "Discussion comments, untick Pushes, and add the webhook.",
            "ja": "「Let me select individual events」を選び、Issues・Issue comments・Discussions・"
            "Discussion comments に印を付け、Pushes の印を外して追加します。",
        },
        {
            "en": "For what is there already, and for what calls lose (GitHub repeats none by itself), make "
            "a token: in your own Settings › Developer settings › Personal access tokens › Fine-grained "
            "tokens, for this repository alone, with the permissions Issues: Read-only and Discussions: "
            "Read-only. Give it to Koe.",
            "ja": "すでにある Issue や届かなかった分(GitHub は自動では再送しません)を取得するには、自分の"
            "「Settings › Developer settings › Personal access tokens › Fine-grained tokens」で、この"
            "リポジトリだけを対象に Issues: Read-only と Discussions: Read-only の権限を付けたトークンを"
            "作り、Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "Fetching discussions: whether a new comment counts as a change of its discussion. Of one "
            "comment the first 100 replies are fetched; later ones come by webhook alone.",
            "ja": "ディスカッションの取得(コメントの追加が更新とみなされるかどうか)。一つのコメントへの"
            "返信は最初の 100 件まで取得し、それより後の返信は Webhook だけで届きます。",
        },
        {
            "en": "Whether an issue that is converted to a discussion is told as deleted; if not, it is "
            "there twice.",
            "ja": "Issue をディスカッションに変換したとき、元の Issue の削除が通知されるかどうか"
            "(通知されなければ二つの声になります)。",
        },
    )

    def __init__(self, name: str, items: Items, repository: Repository | None) -> None:
        self._name = name
        self._items = items
        self._repository = repository

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        name = repository_in(settings, "repository")
        items = Items(agents=names_in(settings.get("agents") or AGENTS))
        has_discussions = is_yes(settings, "discussions", usually="yes")
        base = base_of(settings, "api", usual=HOME)
        if not settings.get("token", "").strip():
            return cls(name, items, None)
        headers = headers_with(needed(settings, "token"))
        api = Api(http=means.http, base=base, headers=headers, advice=READING)
        return cls(name, items, Repository(api=api, name=name, items=items, has_discussions=has_discussions))

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="hex", prefix="sha256=")
        return Loose(call.headers.get(DELIVERY)).id or ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        return Greeting() if call.headers.get(EVENT) == "ping" else None

    def read(self, call: Call) -> Iterator[Event]:
        told = _told(call.body)
        kind = call.headers.get(EVENT, "")
        if kind not in TOLD:  # people may send everything
            if not kind:
                yield BadRow(line=1, reason="it has no header X-GitHub-Event")
            return
        subject = told[kind.removesuffix(COMMENT).replace("issues", "issue")]
        # The header is not signed: what the body holds must be what it says.
        if subject["number"].id is None or told["comment"].is_object != kind.endswith(COMMENT):
            yield BadRow(line=1, reason=f"it is no event “{kind}”: it holds something else")
        elif (where := told["repository"]["full_name"].text or "").lower() != self._name.lower():
            yield BadRow(line=1, reason=f"it is of “{where}”, and this source of “{self._name}”")
        elif not subject["pull_request"].is_object:
            yield from self._event(told, subject, is_comment=kind.endswith(COMMENT))

    def check(self) -> str:
        repository = self._asked()
        repository.must_answer()
        if not repository.has_discussions:
            return f"GitHub answers, and lets Koe read the issues of {self._name}."
        repository.must_answer_discussions()
        return f"GitHub answers, and lets Koe read the issues and discussions of {self._name}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        return self._asked().page(since, cursor)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        repository = self._asked()
        issue = repository.issue(external_id)
        if issue is None:
            heard = repository.discussion(external_id) if repository.has_discussions else None
        elif issue["number"].id != external_id:
            raise Refused(f"GitHub answered with something that is not issue {external_id}")
        else:
            is_issue = not issue["pull_request"].is_object
            said = repository.comments_of(external_id) if is_issue else ()
            heard = self._items.heard(issue, said, whole=True) if is_issue else None
        return heard or Withdrawn(external_id=external_id)

    def _asked(self) -> Repository:
        if self._repository is None:
            raise Refused("the setting 'token' is missing: without it GitHub tells too little too slowly")
        return self._repository

    def _event(self, told: Loose, subject: Loose, *, is_comment: bool) -> Iterator[Event]:
        action, number = told["action"].text or "", subject["number"].id or ""
        if not is_comment and action in LEFT:
            yield Withdrawn(external_id=number)
            return
        said = None
        if is_comment:
            at = subject["updated_at"].written_time
            gone = action in LEFT
            said = self._items.taken_back(told["comment"], at) if gone else self._items.said(told["comment"])
        heard = self._items.heard(subject, [said] if said else [])
        if heard is not None:
            yield heard
        if action in ("opened", "created") and not is_comment and subject["comments"].number:
            yield Changed(external_id=number)  # it came from elsewhere, and brought its comments along


def _told(body: bytes) -> Loose:
    """Read a body. Raises Unreadable."""
    if body.startswith(FORM):
        body = unquote_to_bytes(body.removeprefix(FORM).replace(b"+", b" "))
    return Loose.of(body)
