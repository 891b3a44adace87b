"""GitLab: issues of a project and their comments, by webhook and by its API.

Sources: docs.gitlab.com, "Webhook events", "Webhooks", "Issues API", "Notes API", "Project access tokens";
for the signing token its merge requests 230944 and 231325.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors.asking import Api, Params, base_of, names_in, one_of_many, part
from connectors.errors import Refused
from connectors.gitlab import ADDRESS, HOME, LOST_TOKEN, PROJECT, project_in
from connectors.loose import Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Said,
    Setting,
    Source,
    Withdrawn,
)
from connectors.sources.gitlab_items import Items, is_by, is_open_to_all, is_secret, time_of

TOLD = frozenset({"issue", "note"})
ISSUES_AT_ONCE = 40
"""Each may take one more request."""
NOTES_AT_ONCE = 100
NOTE_PAGES = 20
"""Of one issue."""
ADVICE = {
    401: LOST_TOKEN,
    403: "the token needs the scope read_api, and a role that may see the issues (Guest or more)",
    404: "either there is no such project, or the token may not see it",
}


class GitLab(Source):
    """A project on GitLab.com or a server of one's own."""

    slug = "gitlab"
    title = "GitLab issues"
    title_ja = "GitLab の Issue"
    category = "issues"
    settings = (
        PROJECT,
        Setting(
            name="token",
            label={"en": "Access token with the scope read_api", "ja": "アクセストークン(read_api)"},
            secret=True,
            needed="to_fetch",
        ),
        Setting(
            name="agents",
            label={
                "en": "User names of those who answer: what they write is no feedback",
                "ja": "回答する人のユーザー名(お客様の声とはみなしません)",
            },
            needed="never",
            example="hana, ken",
        ),
        ADDRESS,
    )
    proofs = ("signature", "bearer")
    token_header = "x-gitlab-token"
    pace = Pace(requests=120, seconds=60, burst=20)
    guide = (
        {
            "en": "In the project, open Settings › Webhooks › Add new webhook. URL: {url} – Signing token: "
            "{secret} (if GitLab makes one itself, give that one to Koe). Where your GitLab has no such "
            "field yet, let the source prove itself by a secret in a header (bearer), and enter it as "
            "Secret token.",
            "ja": "プロジェクトの「Settings › Webhooks › Add new webhook」を開き、URL に {url}、"
            "Signing token に {secret} を入力します(GitLab がトークンを作る場合は、それを Koe に入力します)。"
            "この欄がまだない GitLab では、取り込み元の証明をヘッダーのシークレット(bearer)にして、それを "
            "Secret token に入力します。",
        },
        {
            "en": "Tick Issues events (Work item events in some versions) and Comments, and nothing "
            "confidential. Whatever is confidential or internal stays out in any case.",
            "ja": "Issues events(版によっては Work item events)と Comments に印を付け、Confidential のものは"
            "外します。機密の Issue と内部メモは、いずれにしても取り込みません。",
        },
        {
            "en": "For what is there already, and for what calls lose, open Settings › Access tokens › Add "
            "new token – Role: Guest (in private projects Reporter) – Scope: read_api. Give it to Koe. It "
            "ends on its expiration date.",
            "ja": "すでにある Issue や届かなかった分を取得するには、「Settings › Access tokens › "
            "Add new token」で、Role に Guest(非公開のプロジェクトでは Reporter)、Scope に read_api を選んで"
            "トークンを作り、Koe に入力します。有効期限が来ると使えなくなります。",
        },
    )
    unverified = (
        {
            "en": "GitLab tells nobody that an issue or a comment was deleted: what it brought stays. What "
            "somebody else changes in another's words comes by the API alone.",
            "ja": "Issue やコメントの削除は GitLab から通知されないため、取り込んだものは残ります。本人以外が"
            "書き換えた文章は API だけで届きます。",
        },
        {
            "en": "From which version on the signing token is there, and what calls hold in every detail.",
            "ja": "Signing token が使える版と、Webhook の内容の細部。",
        },
    )

    def __init__(self, project: str, items: Items, api: Api | None) -> None:
        self._project = project
        self._items = items
        self._api = api

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        project = project_in(settings)
        items = Items(agents=names_in(settings.get("agents", "")))
        base = base_of(settings, "address", usual=HOME)
        token = settings.get("token", "").strip()
        if not token:
            return cls(project, items, None)
        api = Api(http=means.http, base=base, headers={"private-token": token}, advice=ADVICE)
        return cls(project, items, api)

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        kind = told["object_kind"].text or ""
        subject, project = told["object_attributes"], told["project"]
        if kind not in TOLD:  # people may send everything
            if not kind:
                yield BadRow(line=1, reason="it names no object_kind")
            return
        if kind == "note" and subject["noteable_type"].text != "Issue":
            return
        issue = told["issue"] if kind == "note" else subject
        named = {project["id"].id, (project["path_with_namespace"].text or "").lower()}
        if issue["iid"].id is None:
            yield BadRow(line=1, reason=f"it is no event “{kind}” of an issue: it holds something else")
        elif self._project.lower() not in named:
            where = project["path_with_namespace"].text or ""
            yield BadRow(line=1, reason=f"it is of “{where}”, and this source of “{self._project}”")
        elif kind == "issue":
            yield from self._of_issue(told, issue)
        else:
            yield from self._of_note(told, issue)

    def check(self) -> str:
        self._must_answer()
        return f"GitLab answers, and lets Koe read the issues of {self._project}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        began, _, number = (cursor or (_second(since) if since else "")).partition(" ")
        rows = self._rows(began, int(number or 1))
        events = [event for row in rows if is_open_to_all(row) for event in self._walked(row)]
        if len(rows) < ISSUES_AT_ONCE:
            return Page(events=events)
        # What changes meanwhile moves to the end: numbers of pages would miss what moves over their edge.
        last = time_of(rows[-1]["updated_at"])
        ended = _second(last - timedelta(seconds=1)) if last else ""
        return Page(events=events, cursor=ended if ended > began else f"{began} {int(number or 1) + 1}")

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        issue = self._asked().find(self._path(external_id), alive=self._must_answer)
        if issue is None:
            return Withdrawn(external_id=external_id)
        if issue["iid"].id != external_id:
            raise Refused(f"GitLab answered with something that is not issue {external_id}")
        if not is_open_to_all(issue):
            return Withdrawn(external_id=external_id, at=time_of(issue["updated_at"]))
        notes = list[Loose]()
        for number in range(1, NOTE_PAGES + 1):
            found = self._notes(external_id, number)
            notes += found
            if len(found) < NOTES_AT_ONCE:
                break
        heard = self._items.heard(issue, self._said(notes), whole=True)
        return heard or Withdrawn(external_id=external_id)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: without it GitLab is not asked")
        return self._api

    def _path(self, issue: str = "") -> str:
        path = f"/api/v4/projects/{part(self._project)}/issues"
        return f"{path}/{part(issue)}" if issue else path

    def _must_answer(self) -> None:
        """Make sure that the issues can be read. Raises Refused or RetryLater."""
        self._asked().listed(self._path(), {"per_page": 1})

    def _rows(self, since: str, number: int) -> Sequence[Loose]:
        """Return a page of issues that are no secret, the oldest change first."""
        asked: Params = {
            "scope": "all",
            "state": "all",
            "confidential": "false",
            "order_by": "updated_at",
            "sort": "asc",
            "per_page": ISSUES_AT_ONCE,
            "page": number,
        }
        return (
            self._asked().listed(self._path(), {**asked, **({"updated_after": since} if since else {})}).rows
        )

    def _notes(self, issue: str, number: int) -> Sequence[Loose]:
        """Return a page of an issue's comments, the oldest first."""
        asked: Params = {"order_by": "created_at", "sort": "asc", "per_page": NOTES_AT_ONCE, "page": number}
        return self._asked().listed(f"{self._path(issue)}/notes", asked).rows

    def _said(self, notes: Sequence[Loose]) -> list[Said]:
        return [said for note in notes if (said := self._items.said(note))]

    def _walked(self, issue: Loose) -> Iterator[Event]:
        """Yield an issue of a page; one that GitLab refuses is left for later."""
        return one_of_many(issue["iid"].id or "", lambda: self._told(issue))

    def _told(self, issue: Loose) -> Iterator[Event]:
        """Yield an issue with its first comments; one that has more is to be fetched."""
        named = issue["iid"].id
        if named is None:
            return
        notes = self._notes(named, 1) if issue["user_notes_count"].number != 0 else []
        is_longer = len(notes) == NOTES_AT_ONCE
        if heard := self._items.heard(issue, self._said(notes), whole=not is_longer):
            yield heard
        if is_longer:
            yield Changed(external_id=named)

    def _of_issue(self, told: Loose, issue: Loose) -> Iterator[Event]:
        number, by = issue["iid"].id or "", told["user"]
        if not is_open_to_all(issue):
            if told["changes"]["confidential"]["current"].flag:
                yield Withdrawn(external_id=number, at=time_of(issue["updated_at"]))
        elif not is_secret(told):
            if heard := self._items.heard(issue, by=by):
                yield heard
            if not is_by(issue, by):  # another one changed it: what of it was said, and by whom, is not told
                yield Changed(external_id=number)

    def _of_note(self, told: Loose, issue: Loose) -> Iterator[Event]:
        note, by = told["object_attributes"], told["user"]
        if is_secret(told) or not is_open_to_all(issue):
            return
        said = self._items.said(note, by=by)
        if said and (heard := self._items.heard(issue, [said], by=by)):
            yield heard
        if not is_by(note, by) and not note["system"].flag:
            yield Changed(external_id=issue["iid"].id or "")


def _second(time: datetime) -> str:
    """Return a time as GitLab reads it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
