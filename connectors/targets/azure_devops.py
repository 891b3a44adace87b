"""Azure DevOps: a work item for each suggestion, found again by a tag.

- An item is made by a list of changes (JSON Patch); one that is only to be validated is not kept.
- What its states mean is told by their categories, which a team's own states have as well.
- A token that counts no more is answered with a page to sign in (status 203), or with 401.

Source: learn.microsoft.com, "Azure DevOps Services REST API" (7.1): Work Items, Wiql, Comments, Work Item
Types, Work Item Type States.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Self

from connectors.asking import Api, base_of, basic, needed, own_address, part
from connectors.errors import Refused
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, shown
from connectors.own import is_among, label_of, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.targets.azure_devops_fields import filled
from connectors.told import (
    chosen,
    dropped_setting,
    fields_in,
    fields_setting,
    folded,
    labels_setting,
    names_of,
    plainly,
    template_setting,
)
from connectors.wording import (
    Block,
    as_html,
    check_template,
    fitted,
    text_of,
    text_of_note,
    title_of,
    units,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 255
LONGEST_TEXT = 500_000
"""Half of what a long text may hold there."""
LONGEST_NOTE = 100_000
MOST = 50
MOST_WORDS = 12
PART = 200
"""Comments that are asked for at once; there are never more."""
VERSION, OF_COMMENTS = {"api-version": "7.1"}, {"api-version": "7.1-preview.4"}
PATCHING = {"content-type": "application/json-patch+json"}
DROPPED = "Removed, Rejected, Abandoned, Obsolete, Duplicate, As Designed, Cannot Reproduce, Won't Fix, 却下"
SHOWN = ("System.Title", "System.Description", "System.State", "System.TeamProject", "System.Tags")
STANDING = (
    "System.State",
    "System.Reason",
    "System.WorkItemType",
    "System.TeamProject",
    "Microsoft.VSTS.Common.ClosedDate",
)
TAGS = re.compile(r"\s*;\s*")
NO_WORDS = re.compile(r"<[^>]*>")
RULED = re.compile(r"Rule Error for field ([^.:]+)\. Error code")
"""Where a refusal names a field."""
SCOPE = "make a new personal access token with the scope Work Items (Read & write)"
ADVICE = {
    401: SCOPE,
    403: f"{SCOPE}, and let its user add work items, comments and tags in the project",
    404: "is it the address of your organisation, and is the project's name right?",
}


class AzureDevOps(Target):
    """Creates work items in a project, and follows them wherever they are moved."""

    slug = "azure-devops"
    title = "Azure DevOps"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    settles = timedelta(minutes=2)
    pace = Pace(requests=120, seconds=60, burst=10)
    settings = (
        own_address("organisation", ja="組織", example="https://dev.azure.com/example"),
        Setting(
            name="token",
            label={"en": "Personal access token", "ja": "個人用アクセストークン（PAT）"},
            secret=True,
        ),
        Setting(
            name="project", label={"en": "Name of the project", "ja": "プロジェクト名"}, example="Product"
        ),
        Setting(
            name="type",
            label={"en": "Type of new work items", "ja": "新しい作業項目の種類"},
            example="User Story",
        ),
        labels_setting({"en": "Tags of new work items", "ja": "タグ"}, example="koe, voice of customer"),
        fields_setting(
            {"en": "Fields to fill in, by name", "ja": "記入するフィールド"},
            example="Area Path=Product; Priority=2",
        ),
        dropped_setting({"en": "States or reasons", "ja": "状態または理由"}, usual=DROPPED),
        template_setting({"en": "a work item", "ja": "作業項目"}),
    )
    guide = (
        {
            "en": "Give Koe a user with access to the project that may add work items and comments and make "
            "new tags: Koe finds its work items by a tag.",
            "ja": "Koe 用のユーザーを作り、"
            "プロジェクトで作業項目とコメントの追加、新しいタグの作成を許可します。"
            "Koe は作業項目をタグで見つけます。",
        },
        {
            "en": "Sign in with it, open User settings, Personal access tokens, and make a token with the "
            "scope Work Items (Read & write).",
            "ja": "そのユーザーでサインインし、「ユーザー設定」→「個人用アクセス トークン」で、"
            "スコープ「作業項目（読み取りと書き込み）」のトークンを作成します。",
        },
    )
    unverified = (
        {
            "en": "Answers, limits and how soon a new work item is found follow the documents; they were not "
            "seen on an organisation. Koe waits two minutes before it believes that nothing was made.",
            "ja": "応答・上限・新しい作業項目が検索に現れるまでの時間は公式文書によるもので、"
            "実際の組織では確かめていません。Koe は 2 分待ってから、作られなかったと判断します。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        self._base = base_of(settings, "address")
        headers = {"authorization": basic("", token)}
        self._project = needed(settings, "project")
        self._type = needed(settings, "type")
        self._tags = _tags(settings.get("labels", ""))
        self._fields = fields_in(settings.get("fields", ""))
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        self._api = Api(http=http, base=self._base, headers=headers, advice=ADVICE, explain=_explained)
        self._trying = Api(
            http=http, base=self._base, headers=headers | PATCHING, advice=ADVICE, explain=_explained
        )
        self._making = Writer(
            http=http, base=self._base, headers=headers | PATCHING, advice=ADVICE, explain=_explained
        )
        self._writer = Writer(http=http, base=self._base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the setting `project` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        project = self._found_project()
        tried = _changes({**self._asked_for(), "System.Title": "Koe", "System.Description": "Koe"})
        self._trying.post(self._new_one, tried, VERSION | {"validateOnly": "true"})
        return f"Work items of the type {self._type} are created in {project} at {self._base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        tag = label_of(suggestion_id)
        query = f"[System.Tags] CONTAINS {_quoted(tag)} ORDER BY [System.Id] ASC"
        for item in self._items(self._asked(query)):
            if tag in TAGS.split(item["fields"]["System.Tags"].text or ""):
                return self._receipt(item)
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        fields = {
            **self._asked_for(),
            "System.Title": title_of(outgoing, most=LONGEST_TITLE),
            "System.Description": _html(text_of(outgoing, self._template), most=LONGEST_TEXT),
            "System.Tags": "; ".join([*self._tags, label_of(outgoing.suggestion_id)]),
        }
        changes = [*_changes(fields), *_links(outgoing)]
        made = self._making.send("POST", self._new_one, changes, VERSION)
        if made["id"].id is None:
            unnamed("Azure DevOps", "a work item")
        return self._receipt(made)

    def look(self, reference: str) -> Remote:
        place, asked = f"_apis/wit/workitems/{part(reference)}", VERSION | {"fields": ",".join(STANDING)}
        item = self._api.find(place, asked, alive=self._found_project)
        if item is None:
            return Remote(reference=reference, state="gone")
        held = item["fields"]
        status, reason = held["System.State"].text or "", held["System.Reason"].text or ""
        category = self._category(held)
        is_over = category in ("Completed", "Removed")
        is_dropped = category == "Removed" or {status.casefold(), reason.casefold()} & self._dropped
        return Remote(
            reference=item["id"].id or reference,
            state=("dropped" if is_dropped else "done") if is_over else "open",
            status=status,
            url=self._receipt(item).url,
            at=held["Microsoft.VSTS.Common.ClosedDate"].written_time if is_over else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        inside = f"[System.TeamProject] = {_quoted(self._project)}"
        asked = list(dict.fromkeys(re.findall(r"\w+", words.lower())))[:MOST_WORDS]
        alike = " OR ".join(f"[System.Title] CONTAINS {_quoted(word[:100])}" for word in asked)
        ids = self._asked(f"{inside} AND ({alike}) ORDER BY [System.ChangedDate] DESC") if asked else []
        newest = self._asked(f"{inside} ORDER BY [System.CreatedDate] DESC")
        chosen = list(dict.fromkeys([*ids, *newest]))[:MOST]
        by_id = {item["id"].id: item for item in self._items(chosen)}
        return [self._shown(by_id[number]) for number in chosen if number in by_id]

    def note(self, reference: str, note: Note) -> Receipt:
        item = self._api.get(f"_apis/wit/workitems/{part(reference)}", VERSION)
        place = f"{self._place(item['fields'])}/_apis/wit/workItems/{part(reference)}/comments"
        marked = mark(note.marker, hidden=False)
        if not is_among(marked, (comment["text"].text for comment in self._comments(place))):
            text = _html(text_of_note(note), Block(form="text", lines=(marked,)), most=LONGEST_NOTE)
            self._writer.send("POST", place, {"text": text}, OF_COMMENTS)
        return self._receipt(item)

    @property
    def _inside(self) -> str:
        return part(self._project)

    @property
    def _new_one(self) -> str:
        """The path at which a work item is made."""
        return f"{self._inside}/_apis/wit/workitems/${part(self._type)}"

    def _place(self, fields: Loose) -> str:
        """Return the project of a work item, as a part of a path."""
        return part(fields["System.TeamProject"].text or self._project)

    def _receipt(self, item: Loose) -> Receipt:
        number = item["id"].id or ""
        url = f"{self._base}/{self._place(item['fields'])}/_workitems/edit/{part(number)}"
        return Receipt(reference=number, url=url)

    def _found_project(self) -> str:
        """Return the name of the project. Raises Refused where there is none."""
        found = self._api.get(f"_apis/projects/{self._inside}", VERSION)
        if (name := found["name"].text) is None:
            raise Refused(f"{self._base} does not answer as Azure DevOps does; is the address right?")
        return name

    def _asked_for(self) -> Mapping[str, str]:
        """Return what people told to fill in, by the names of the fields there."""
        kinds = self._api.get(f"{self._inside}/_apis/wit/workitemtypes", VERSION)["value"]
        enabled = (kind for kind in kinds if not kind["isDisabled"].flag)
        chosen(self._type, enabled, setting="type", has="the project has")
        place = f"{self._inside}/_apis/wit/workitemtypes/{part(self._type)}/fields"
        return filled([*self._api.get(place, VERSION | {"$expand": "all"})["value"]], self._fields)

    def _category(self, held: Loose) -> str | None:
        """Return what the state of a work item means."""
        kind = part(held["System.WorkItemType"].text or self._type)
        states = self._api.get(f"{self._place(held)}/_apis/wit/workitemtypes/{kind}/states", VERSION)
        for state in states["value"]:
            if state["name"].text == held["System.State"].text:
                return state["category"].text
        return None

    def _asked(self, condition: str) -> Sequence[str]:
        """Return the numbers of the work items, of all projects, that fit a condition."""
        query = {"query": f"SELECT [System.Id] FROM WorkItems WHERE {condition}"}
        found = self._api.post("_apis/wit/wiql", query, VERSION | {"$top": MOST})["workItems"].rows
        return [number for row in found if (number := row["id"].id) and is_number(number)]

    def _items(self, ids: Sequence[str]) -> Iterable[Loose]:
        """Return work items; what was deleted meanwhile is left out."""
        if not ids:
            return []
        asked = {"ids": ",".join(ids), "fields": ",".join(SHOWN), "errorPolicy": "omit"}
        found = self._api.get("_apis/wit/workitems", VERSION | asked)["value"].rows
        return [item for item in found if item["id"].id]

    def _shown(self, item: Loose) -> Existing:
        held = item["fields"]
        text = NO_WORDS.sub(" ", held["System.Description"].text or "").strip()
        title, status = held["System.Title"].text, held["System.State"].text
        return shown(self._receipt(item), title=title, text=text, status=status)

    def _comments(self, place: str) -> Iterator[Loose]:
        """Yield all comments, the newest first."""
        asked: Mapping[str, str | int] = OF_COMMENTS | {"$top": PART, "order": "desc"}
        while True:
            answered = self._api.get(place, asked)
            yield from answered["comments"].rows
            token = answered["continuationToken"].id
            if token is None or token == asked.get("continuationToken"):
                return
            asked = {**asked, "continuationToken": token}


def _changes(fields: Mapping[str, str]) -> list[Mapping[str, object]]:
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in fields.items()]


def _links(outgoing: Outgoing) -> list[Mapping[str, object]]:
    """Return the change that lets a work item lead to Koe's page."""
    if not outgoing.link:
        return []
    value = {"rel": "Hyperlink", "url": outgoing.link, "attributes": {"comment": "Koe"}}
    return [{"op": "add", "path": "/relations/-", "value": value}]


def _html(written: Sequence[Block], *last: Block, most: int) -> str:
    """Return what fits of blocks as HTML, with what must stand in it at its end."""
    return fitted(written, lambda kept: as_html([*kept, *last]), most=most, length=units)


def _tags(told: str) -> Sequence[str]:
    tags = names_of(told)
    if unfit := [tag for tag in tags if ";" in tag or len(tag) > 255]:
        raise Refused(f"the setting 'labels' names {unfit[0]!r}: write commas between tags")
    return tags


def _quoted(words: str) -> str:
    """Return words as its queries take them for words."""
    return "'" + words.replace("'", "''") + "'"


def _explained(refusal: Loose) -> str:
    """Return the fields that a refusal names, without what they held."""
    errors = refusal["customProperties"]["RuleValidationErrors"]
    names = [name for error in errors if (name := error["fieldReferenceName"].text)]
    named = ", ".join(names or RULED.findall(refusal["message"].text or ""))
    return f"it names {named[:300]}" if named else ""
