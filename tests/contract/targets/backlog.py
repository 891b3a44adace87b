"""A double of Backlog, as strict as its pages say: forms of known parameters alone, codes of errors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.ports import Means
from connectors.targets.backlog import Backlog
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door, utf16

API = "/api/v2"
STATUSES = {1: "未対応", 2: "処理中", 3: "処理済み", 4: "完了"}
LISTS = {
    "issueTypes": ["タスク", "バグ"],
    "categories": ["お客様の声", "アプリ"],
}
TAKEN = re.compile(
    r"projectId|summary|description|issueTypeId|priorityId|categoryId\[\]|customField_\d+(\[\d\])?"
)
NUMBERS = re.compile(r"(projectId|.*Id|categoryId\[\])")


class BacklogDesk(DoubledDesk):
    """Issues of one project of a space, and who works on them."""

    secret = "a-key-of-backlog"

    def __init__(self, board: Board) -> None:
        self.board = board
        self.issues: dict[str, dict[str, Any]] = {}
        self.notes_of: dict[str, list[dict[str, Any]]] = {}
        self.project = {"id": 7, "projectKey": "PROD", "name": "Product", "textFormattingRule": "markdown"}
        self.fields = [self.field(1, "重要度", 5, items=["高", "低"], required=True)]
        self.unseen: set[str] = set()
        self.is_late = False
        self.has_fields = True
        self.language = "ja"
        self.made = 0
        self.target = self.opened()
        self._routes()

    def _routes(self) -> None:
        inside = f"{API}/projects/PROD"
        self.on("GET", inside, lambda _: Reply(content=self.project))
        for name, listed in LISTS.items():
            rows = named(listed)
            self.on("GET", f"{inside}/{name}", lambda _, rows=rows: Reply(content=rows))
        self.on("GET", f"{inside}/customFields", self._custom_fields)
        rows = [{"id": 2, "name": "高"}, {"id": 3, "name": "中"}, {"id": 4, "name": "低"}]
        self.on("GET", f"{API}/priorities", lambda _: Reply(content=rows))
        self.on("GET", f"{API}/issues", self._list)
        self.on("POST", f"{API}/issues", self._create)
        self.on("GET", API + r"/issues/([\w-]+)", self._show)
        self.on("GET", API + r"/issues/([\w-]+)/comments", self._comments)
        self.on("POST", API + r"/issues/([\w-]+)/comments", self._comment)
        self.on("GET", f"{API}/projects/.*", lambda _: self.refusal(404, 6, "No project.", "存在しません。"))

    @staticmethod
    def field(number: int, name: str, kind: int, *, items: Sequence[str] = (), **told: Any) -> dict[str, Any]:
        """Return a custom field as the API tells it; what it lists has ids from 1 on."""
        usual = {"required": False, "applicableIssueTypes": []}
        listed = {"items": named(items)} if items else {}
        return {"id": number, "name": name, "typeId": kind, **usual, **told, **listed}

    def on(self, method: str, path: str, handle: Any) -> None:
        """Let a function deal with requests that bring the key of the target."""

        def proven(request: Request, *caught: str) -> Reply:
            if request.query.get("apiKey") != self.secret:
                return self.refusal(401, 11, "Authentication failure.", "認証に失敗しました。")
            found: Reply = handle(request, *caught)
            return found

        self.board.on(method, path)(proven)

    def opened(self, *, key: str | None = None, **told: str) -> Backlog:
        """Return the target with other settings."""
        usual = {"address": self.board.address, "project": "PROD", "type": "タスク", "labels": "お客様の声"}
        settings = {**usual, "fields": "重要度=高", **told}
        return Backlog.open(settings, Means(http=door(), secret=key or self.secret))

    def refusal(self, status: int, code: int, en: str, ja: str) -> Reply:
        """Return a refusal in the language of the account."""
        told = {"message": ja if self.language == "ja" else en, "code": code, "moreInfo": ""}
        return Reply(content={"errors": [told]}, status=status)

    def there(self) -> Sequence[str]:
        return [*self.issues]

    def title(self, reference: str) -> str:
        return str(self.issues[reference]["summary"])

    def text(self, reference: str) -> str:
        return str(self.issues[reference]["description"])

    def notes(self, reference: str) -> Sequence[str]:
        return [str(each["content"]) for each in self.notes_of[reference]]

    def write(self, title: str, text: str) -> str:
        return str(self._keep({"summary": title, "description": text})["id"])

    def change(self, reference: str, text: str) -> None:
        self.issues[reference]["description"] = text

    def finish(self, reference: str) -> None:
        self.close(reference, "対応済み")

    def drop(self, reference: str) -> None:
        self.close(reference, "対応しない")

    def close(self, reference: str, reason: str) -> None:
        """Close an issue with a reason."""
        self.issues[reference] |= {**status(4, STATUSES[4]), "resolution": {"id": 1, "name": reason}}

    def remove(self, reference: str) -> None:
        del self.issues[reference]

    def _keep(self, told: Mapping[str, str]) -> dict[str, Any]:
        self.made += 1
        number = str(900 + self.made)
        kept = {"id": int(number), "issueKey": f"PROD-{self.made}", "resolution": None, **told}
        self.issues[number] = {**kept, **status(1, STATUSES[1])}
        self.notes_of[number] = []
        if self.is_late:
            self.unseen.add(number)
        return self.issues[number]

    def _custom_fields(self, _: Request) -> Reply:
        if not self.has_fields:
            return self.refusal(402, 2, "Not in your licence.", "ご利用のプランでは使えません。")
        return Reply(content=self.fields)

    def _invalid(self, en: str, ja: str) -> Reply:
        return self.refusal(400, 7, en, ja)

    def _list(self, request: Request) -> Reply:
        known = {"apiKey", "projectId[]", "keyword", "sort", "order", "count", "offset", "statusId[]"}
        asked = request.query
        if asked.keys() - known or not 1 <= int(asked["count"]) <= 100 or asked["sort"] != "created":
            return self._invalid("Invalid parameter.", "パラメーターが不正です。")
        words = asked.get("keyword", "").lower().split()
        found = [
            one
            for number, one in self.issues.items()
            if all(word in f"{one['summary']} {one['description']}".lower() for word in words)
            and not (words and number in self.unseen)
        ]
        return Reply(content=found[::-1][: int(asked["count"])])

    def _create(self, request: Request) -> Reply:
        told = form(request)
        if told is None or any(not TAKEN.fullmatch(name) for name in told):
            return self._invalid("Undefined parameter.", "定義されていないパラメーターです。")
        for name in ("projectId", "summary", "issueTypeId", "priorityId"):
            if not told.get(name, "").strip():
                return self._invalid(f"{name} is required.", f"{name} は必須です。")
        if any(NUMBERS.fullmatch(name) and not value.isdigit() for name, value in told.items()):
            return self._invalid("Must be a number.", "数値で入力してください。")
        if told["projectId"] != "7" or "\n" in told["summary"] or utf16(told["summary"]) > 255:
            return self._invalid("The Subject is too long.", f"件名「{told['summary']}」が不正です。")
        if utf16(told.get("description", "")) > 100_000:
            return self._invalid("The Description is too long.", "詳細は100,000文字以下で入力してください。")
        lacking = [one for one in self.fields if one["required"] and f"customField_{one['id']}" not in told]
        if lacking and self.has_fields:
            return self._invalid("The field is required.", "必須項目です。")
        return Reply(content=self._keep(told), status=201)

    def _found(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.issues.values() if name in (str(one["id"]), one["issueKey"])), None)

    def _missing(self) -> Reply:
        return self.refusal(404, 6, "No issue.", "課題が存在しません。")

    def _show(self, _: Request, name: str) -> Reply:
        found = self._found(name)
        return self._missing() if found is None else Reply(content=found)

    def _comments(self, request: Request, name: str) -> Reply:
        if (found := self._found(name)) is None:
            return self._missing()
        most = int(request.query.get("maxId", "1000000"))
        rows = [each for each in self.notes_of[str(found["id"])][::-1] if each["id"] <= most]
        return Reply(content=rows[: min(2, int(request.query["count"]))])

    def _comment(self, request: Request, name: str) -> Reply:
        told = form(request)
        if (found := self._found(name)) is None:
            return self._missing()
        if told is None or told.keys() != {"content"} or utf16(told["content"]) > 50_000:
            return self._invalid("The Comment is too long.", "コメントは50,000文字以下で入力してください。")
        rows = self.notes_of[str(found["id"])]
        rows.append({"id": 100 + len(rows), "content": told["content"]})
        return Reply(content=rows[-1], status=201)


def form(request: Request) -> dict[str, str] | None:
    """Return what a form holds; nothing where it is no form."""
    is_form = request.headers.get("content-type") == "application/x-www-form-urlencoded"
    return dict(request.fields) if is_form else None


def named(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows of a list, with ids from 1 on."""
    return [{"id": number, "name": name} for number, name in enumerate(names, start=1)]


def status(number: int, name: str) -> dict[str, Any]:
    """Return a status as it stands in an issue."""
    return {"status": {"id": number, "name": name}}


@contextmanager
def opened() -> Iterator[BacklogDesk]:
    """Run an empty one."""
    with listening(Board()) as board:
        yield BacklogDesk(board)
