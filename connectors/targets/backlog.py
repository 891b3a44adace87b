"""Backlog by Nulab: an issue for each suggestion, found again by a mark in its description.

- Everything is sent as a form, and the key that lets Koe in stands in the address: it is shown nowhere.
- Refusals come in the language of the account; their codes are the same in all.
- Projects write in Markdown or in Backlog's own notation. An issue's key changes with its project's; its
  number stays.

Source: developer.nulab.com, "Backlog API"; support.nulab.com, "Formatting rules".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Self

from connectors.asking import Api, base_of, needed, own_address, part
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.hints import BacklogHints
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.targets.backlog_fields import filled, id_of
from connectors.told import (
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
    WORDLESS,
    Block,
    as_markdown,
    check_template,
    fitted,
    harmless,
    one_line,
    text_of,
    text_of_note,
    title_of,
    units,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 255
LONGEST_TEXT = 100_000
LONGEST_NOTE = 50_000
PART = 100
"""Rows that are asked for at once; Backlog gives no more."""
CLOSED = "4"
"""The status 完了 (Closed) of every project; those of one's own stand before it."""
USUAL_PRIORITY = "3"
DROPPED = "対応しない, 無効, 重複, 再現しない, 却下, Won't Fix, Invalid, Duplication, Cannot Reproduce"
NO_LICENCE, SPENT = "2", "13"
CODES = {
    NO_LICENCE: "the plan of the space does not hold this",
    "3": "the contract of the space has ended",
    "4": "the space lets nobody in from Koe's address: allow it there",
    "5": "the user of the key may not do this: make it a member that may add issues",
    "6": "is the project's key right, and the user of the key its member?",
    "7": "a value is missing or wrong: does the project ask for more in new issues?",
    "8": "the space is full",
    "9": "there is no room for more of this kind",
    "11": "make a new API key in the personal settings there",
    "12": "the space asks for two-factor authentication: switch it on for the user of the key",
}
"""What to do about each code of a refusal."""
ADVICE = {404: "is it the address of your space?"}
KEYS = re.compile(r"(?<![\w/.-])[A-Z][A-Z0-9_\\]*-(?=\d)")
"""Where the key of an issue is, which would become a link to it."""
NOTATION = re.compile(r"(?<=')'|(?<=%)%|(?<=\[)\[|(?<=\{)(?=[\w/])|(?<=&)(?=[a-z]+[(;])")
"""Places within the signs by which Backlog's notation sets type: parted, they are text."""
BEGINNING = re.compile(r"^(?=[*+\-|>#\[\\])")
"""What begins a heading, a list, a table, a quotation or a box to tick, at the start of a line."""


class Backlog(Target):
    """Creates issues in a project of a space, and follows them whatever they are called."""

    slug = "backlog"
    title = "Backlog"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "key"
    follows = True
    hints = BacklogHints
    settles = timedelta(minutes=2)
    pace = Pace(requests=45, seconds=60, burst=5)
    settings = (
        own_address("space", ja="スペース", example="https://example.backlog.com"),
        Setting(name="key", label={"en": "API key", "ja": "API キー"}, secret=True),
        Setting(name="project", label={"en": "Key of the project", "ja": "プロジェクトキー"}, example="PROD"),
        Setting(
            name="type",
            label={"en": "Type of new issues", "ja": "新しい課題の種別"},
            example="タスク",
        ),
        Setting(
            name="priority",
            label={"en": "Priority of new issues", "ja": "新しい課題の優先度"},
            needed="never",
            example="中",
        ),
        labels_setting({"en": "Categories of new issues", "ja": "カテゴリー"}, example="お客様の声"),
        fields_setting(
            {"en": "Custom fields to fill in", "ja": "記入するカスタム属性"},
            example="重要度=高; チーム=サポート",
        ),
        dropped_setting({"en": "Resolutions or statuses", "ja": "完了理由または状態"}, usual=DROPPED),
        template_setting({"en": "an issue", "ja": "課題"}),
    )
    guide = (
        {
            "en": "Make a user for Koe and add it to the project as one that may add issues and comments.",
            "ja": "Koe 用のユーザーを作り、"
            "課題とコメントを追加できるメンバーとしてプロジェクトに参加させます。",
        },
        {
            "en": "Sign in with it, open the personal settings, API, and issue a key.",
            "ja": "そのユーザーでログインし、「個人設定」→「API」で API キーを発行します。",
        },
    )
    unverified = (
        {
            "en": "How soon Backlog's search by keyword finds a new issue was not measured: Koe looks "
            "through the newest issues of the project as well.",
            "ja": "新しい課題がキーワード検索に現れるまでの時間は、実際のスペースで測ったものではありません。"
            "そのため Koe は、プロジェクトの最新の課題も併せて調べます。",
        },
        {
            "en": "That a blank of no width keeps the signs of Backlog's notation from setting type was "
            "concluded from its rules, not seen on a space.",
            "ja": "幅のない空白を挟めば Backlog 記法の記号が働かないことは、記法の説明から判断したもので、"
            "実際のスペースでは確かめていません。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, key: str, http: Http) -> None:
        self._base = base_of(settings, "address")
        self._proof = {"apiKey": key}
        self._project = needed(settings, "project")
        self._type = needed(settings, "type")
        self._priority = settings.get("priority", "").strip() or USUAL_PRIORITY
        self._categories = names_of(settings.get("labels", ""))
        self._fields = fields_in(settings.get("fields", ""))
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        base = f"{self._base}/api/v2"
        self._api = Api(http=http, base=base, advice=ADVICE, explain=_explained)
        self._writer = Writer(http=http, base=base, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the setting `project` at `address`."""
        return cls(plainly(settings), key=secret_of(means, "key"), http=means.http)

    def check(self) -> str:
        project = self._found_project()
        self._asked_for()
        return f"Issues of the type {self._type} are created in {project['name'].text} at {self._base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        project = self._found_project()["id"].id or ""
        # The search may follow late; what was just made is among the newest.
        rows = [*self._issues(keyword=suggestion_id), *self._issues(**{"projectId[]": project})]
        marked = mark(suggestion_id, hidden=False)
        found = [row for row in rows if marked in (row["description"].text or "") and row["id"].number]
        return self._receipt(min(found, key=lambda row: row["id"].number or 0)) if found else None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        project = self._found_project()
        written = text_of(outgoing, self._template)
        form = [
            ("projectId", project["id"].id or ""),
            ("summary", title_of(outgoing, most=LONGEST_TITLE)),
            ("description", _text(written, outgoing.suggestion_id, _way(project), most=LONGEST_TEXT)),
            *self._asked_for(),
        ]
        made = self._writer.form("POST", "issues", form, self._proof)
        if made["id"].id is None:
            unnamed("Backlog", "an issue")
        return self._receipt(made)

    def look(self, reference: str) -> Remote:
        issue = self._api.find(f"issues/{part(reference)}", self._proof, alive=self._found_project)
        if issue is None:
            return Remote(reference=reference, state="gone")
        status, reason = issue["status"]["name"].text or "", issue["resolution"]["name"].text or ""
        is_closed = issue["status"]["id"].id == CLOSED
        is_dropped = bool({status.casefold(), reason.casefold() if is_closed else ""} & self._dropped)
        receipt = self._receipt(issue)
        return Remote(
            reference=receipt.reference or reference,
            state="dropped" if is_dropped else "done" if is_closed else "open",
            status=status,
            url=receipt.url,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        inside = {"projectId[]": self._found_project()["id"].id or ""}
        question = one_line(words)[:200]
        alike = self._issues(keyword=question, **inside) if question else []
        newest = [row for row in self._issues(**inside) if row["status"]["id"].id != CLOSED]
        return each_once(map(self._shown, [*alike, *newest]))

    def note(self, reference: str, note: Note) -> Receipt:
        place = f"issues/{part(reference)}"
        issue = self._get(place)
        marked = mark(note.marker, hidden=False)
        if not is_among(marked, (comment["content"].text for comment in self._comments(place))):
            text = _text(text_of_note(note), note.marker, _way(self._found_project()), most=LONGEST_NOTE)
            self._writer.form("POST", f"{place}/comments", [("content", text)], self._proof)
        return self._receipt(issue)

    def _get(self, path: str, **asked: str | int) -> Loose:
        return self._api.get(path, {**asked, **self._proof})

    def _found_project(self) -> Loose:
        """Return the project. Raises Refused where there is none that could be written to."""
        project = self._get(f"projects/{part(self._project)}")
        if project["id"].id is None:
            raise Refused(f"{self._base} does not answer as Backlog does; is the address right?")
        if project["archived"].flag:
            raise Refused(f"the project {self._project} is archived; open it again in Backlog")
        return project

    def _asked_for(self) -> Sequence[tuple[str, str]]:
        """Return the parts of a form that people chose for new issues."""
        inside = f"projects/{part(self._project)}"
        type_id = id_of(self._get(f"{inside}/issueTypes"), self._type, setting="type")
        categories = self._get(f"{inside}/categories") if self._categories else ()
        return [
            ("issueTypeId", type_id),
            ("priorityId", id_of(self._get("priorities"), self._priority, setting="priority")),
            *(("categoryId[]", id_of(categories, name, setting="labels")) for name in self._categories),
            *filled(self._custom_fields(inside), self._fields, type_id=type_id),
        ]

    def _custom_fields(self, inside: str) -> Sequence[Loose]:
        """Return the custom fields; a plan without any refuses to list them."""
        try:
            return [*self._get(f"{inside}/customFields")]
        except Refused as error:
            if _code(Loose.glimpse(error.body)) != NO_LICENCE:
                raise
            return []

    def _issues(self, **asked: str | int) -> Sequence[Loose]:
        return self._get("issues", **asked, sort="created", order="desc", count=PART).rows

    def _comments(self, place: str) -> Iterator[Loose]:
        """Yield all comments, the newest first."""
        oldest: str | None = None
        while True:
            asked: Mapping[str, str | int] = {} if oldest is None else {"maxId": oldest}
            rows = self._get(f"{place}/comments", count=PART, order="desc", **asked).rows
            yield from rows
            if not rows or rows[-1]["id"].id in (None, oldest):
                return
            oldest = rows[-1]["id"].id

    def _receipt(self, issue: Loose) -> Receipt:
        key = issue["issueKey"].id
        url = f"{self._base}/view/{part(key)}" if key else None
        return Receipt(reference=issue["id"].id or "", url=url)

    def _shown(self, issue: Loose) -> Existing:
        title, text, status = issue["summary"].text, issue["description"].text, issue["status"]["name"].text
        return shown(self._receipt(issue), title=title, text=text, status=status)


def _way(project: Loose) -> str:
    """Return how texts are written in a project."""
    return project["textFormattingRule"].text or "markdown"


def _text(written: Sequence[Block], marker: str, way: str, *, most: int) -> str:
    """Return what fits of blocks, with the mark, in which words of customers are words alone."""
    write = _notation if way == "backlog" else as_markdown

    def whole(kept: Sequence[Block]) -> str:
        parted = KEYS.sub(lambda key: key[0] + WORDLESS, write(kept))
        return f"{parted}\n{mark(marker, hidden=False)}\n"

    return fitted(written, whole, most=most, length=units)


def _notation(written: Sequence[Block]) -> str:
    """Return blocks in Backlog's own notation."""
    return "\n\n".join("\n".join(_notation_line(block, line) for line in block.lines) for block in written)


def _notation_line(block: Block, line: str) -> str:
    signs = {"heading": "*" * max(1, block.level) + " ", "bullet": "- ", "step": "+ ", "text": ""}
    parted = NOTATION.sub(lambda sign: WORDLESS + sign[0], harmless(line))
    return signs[block.form] + BEGINNING.sub(WORDLESS, parted)


def _code(refusal: Loose) -> str | None:
    return refusal["errors"][0]["code"].id


def _explained(refusal: Loose) -> str:
    """Return what to do about a refusal, by its code. Raises RetryLater where too much was asked."""
    code = _code(refusal)
    if code == SPENT:
        raise RetryLater("Backlog was asked too much")
    return CODES.get(code or "", "")
