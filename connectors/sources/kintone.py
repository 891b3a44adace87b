"""Kintone: the records of one app, by webhook and by its list.

Which fields of the app hold what is for its owner to say, by their codes. Kintone signs nothing, so that the
address of the webhook is itself the secret; with a token, all that a call tells of is fetched as well.
Sources: kintone.dev, "Get Records", "Field Types", "Query String"; help of kintone, "Webhook notifications".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self, get_args

from connectors.asking import Api, Params, base_of, needed, own_address, part
from connectors.errors import Refused
from connectors.loose import NOTHING, Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Channel,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Role,
    Said,
    Setting,
    Source,
    Withdrawn,
)

RECORDS = 100
"""Of one page."""
TOLD = frozenset({"ADD_RECORD", "UPDATE_RECORD", "UPDATE_STATUS"})
ADVICE: Mapping[str, str] = {
    "GAIA_IA02": "copy the API token of the app anew, and press “Update App” in its settings",
    "GAIA_AP01": "there is no app of this number, or it lies in a guest space: see the address of its page",
    "CB_NO02": "let the API token view records",
}
"""What people can do, by the code of the error."""


def _field(name: str, en: str, ja: str, example: str, *, must: bool = False) -> Setting:
    return Setting(
        name=name,
        label={"en": f"Field codes: {en}" if must else f"Field code: {en}", "ja": f"フィールドコード：{ja}"},
        needed="always" if must else "never",
        example=example,
    )


class Kintone(Source):
    """An app of Kintone that holds what customers said."""

    slug = "kintone"
    title = "Kintone"
    category = "other"
    settings = (
        own_address("Kintone", example="https://example.cybozu.com", ja="kintone "),
        Setting(name="app", label={"en": "Number of the app", "ja": "アプリ ID"}, example="12"),
        Setting(
            name="token",
            label={"en": "API token of the app", "ja": "アプリの API トークン"},
            secret=True,
            needed="to_fetch",
        ),
        Setting(
            name="guest_space",
            label={"en": "Number of the guest space it lies in", "ja": "ゲストスペース内のときはスペース ID"},
            needed="never",
            example="5",
        ),
        Setting(
            name="channel",
            label={"en": "What a record is", "ja": "レコードの種類"},
            choices=get_args(Channel),
            default="ticket",
        ),
        _field(
            "text", "the customer's words (also in tables)", "お客様の言葉(表の中も可)", "内容", must=True
        ),
        _field("answer", "your answers, with commas", "回答(カンマ区切り)", "回答内容"),
        _field("title", "the title", "件名", "件名"),
        _field("time", "when the customer spoke", "受付日時", "受付日時"),
        _field("resolved", "when it was resolved", "解決日時", "完了日時"),
        _field("customer", "who the customer is", "お客様 ID", "お客様ID"),
        _field("email", "their e-mail address", "メールアドレス", "メールアドレス"),
        _field("account", "the company behind them", "会社・契約先 ID", "会社コード"),
        _field("status", "the status, other than that of the process", "状態", "対応状況"),
        _field("rating", "a rating from 1 to 5", "評価(1〜5)", "満足度"),
        _field("tags", "tags, with commas", "分類(カンマ区切り)", "分類,製品"),
    )
    proofs = ("url",)
    pace = Pace(requests=5, seconds=1, burst=5)
    guide = (
        {
            "en": "In the settings of the app, open API Token, generate one that may view records, and give "
            "it to Koe. Press “Update App”.",
            "ja": "アプリの設定の「API トークン」で、レコード閲覧だけを許可したトークンを生成し、Koe "
            "に入力します。「アプリを更新」を押します。",
        },
        {
            "en": "Under Webhooks in the same settings, add {url} as it stands here: it is secret. Choose "
            "that records are added, edited and deleted and that the status changes, and press “Update App”.",
            "ja": "同じ設定の「Webhook」で {url} をそのまま追加します(この URL 自体が秘密です)。レコードの"
            "追加・編集・削除とステータスの更新を選び、「アプリを更新」を押します。",
        },
        {
            "en": "The code of each field stands in its settings (Field Code).",
            "ja": "フィールドコードは、各フィールドの設定にあります。",
        },
    )
    unverified = (
        {
            "en": "Whether Kintone sends a webhook again that was not taken (as far as known, it does not); "
            "what was lost is found by asking. A record that is deleted while no webhook is set stays in "
            "Koe, and so does a row that was taken out of a table. Comments on records are not taken.",
            "ja": "届かなかった Webhook を kintone が再送するかどうか(しないとされています)。漏れた分は取得時"
            "に見つかります。Webhook を設定していない間に削除されたレコードと、表から消した行は Koe に"
            "残ります。"
            "レコードへのコメントは取り込みません。",
        },
    )

    def __init__(self, api: Api | None, address: str, settings: Mapping[str, str]) -> None:
        self._api = api
        self._address = address
        self._app = needed(settings, "app")
        self._codes = {name: _codes(settings.get(name, "")) for name in ("text", "answer", "tags")}
        self._code = settings
        self._channel = _channel(settings.get("channel", "ticket"))

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, _ = base_of(settings, "address"), needed(settings, "text")
        if not settings.get("token", "").strip():
            return cls(None, address, settings)
        space = settings.get("guest_space", "").strip()
        base = f"{address}/k/guest/{part(space)}/v1" if space else f"{address}/k/v1"
        api = Api(http=means.http, base=base, headers={"x-cybozu-api-token": needed(settings, "token")})
        return cls(api, address, settings)

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        if told["app"]["id"].id not in (None, self._app):
            return  # a webhook of another app
        kind, record = told["type"].text, told["record"]
        named = record["$id"]["value"].id or told["recordId"].id
        if kind == "DELETE_RECORD" and named is not None:
            yield Withdrawn(external_id=named, at=told["deletedAt"].written_time)
        elif kind == "DELETE_RECORD" or (kind in TOLD and named is None):
            yield BadRow(line=1, reason="it names no record: neither record.$id nor recordId is there")
        elif kind in TOLD and named is not None:
            yield self._heard(named, record)
            yield Changed(external_id=named)
        elif kind is None:
            yield BadRow(line=1, reason="it says no type")

    def check(self) -> str:
        record = self._listed("limit 1")[:1]
        missing = [code for code in self._all_codes() if record and not _has(record[0], code)]
        if missing:
            raise Refused(
                f"the app has no field of the code {', '.join(missing)}; see the settings of the field"
            )
        return f"Kintone answers, and lets Koe read the records of app {self._app}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        told = Loose.glimpse((cursor or "[0]").encode())
        after, began = int(told[0].number or 0), told[1].written_time or since
        if began is None:
            rows = self._listed(f"$id > {after} order by $id asc limit {RECORDS}")
        elif (code := self._changed()) is None:
            return Page(events=[])  # there are no records
        else:
            at = began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            later = f'({code} > "{at}" or ({code} = "{at}" and $id > {after}))'
            which = later if cursor else f'{code} >= "{at}"'
            rows = self._listed(f"{which} order by {code} asc, $id asc limit {RECORDS}")
        events = [self._heard(named, row) for row in rows if (named := row["$id"]["value"].id)]
        return Page(events=events, cursor=_following(rows, began) if len(rows) >= RECORDS else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        if not (external_id.isascii() and external_id.isdigit()):
            raise Refused("the records of Kintone have numbers")
        for record in self._listed(f"$id = {external_id} limit 1"):
            if record["$id"]["value"].id != external_id:
                raise Refused(f"Kintone answered with something that is not record {external_id}")
            return self._heard(external_id, record)
        return Withdrawn(external_id=external_id)

    def _listed(self, query: str) -> Sequence[Loose]:
        """Return records. Raises Refused and RetryLater."""
        if self._api is None:
            raise Refused("the setting 'token' is missing: Kintone tells nothing without it")
        asked: Params = {"app": self._app, "query": query}
        try:
            found = self._api.get("records.json", asked)["records"]
        except Refused as error:
            code = Loose.glimpse(error.body)["code"].text or ""
            if (advice := ADVICE.get(code)) is None:
                raise
            raise Refused(f"{error}; {advice}", status=error.status) from error
        if not isinstance(found.value, list):
            raise Refused("Kintone answered with something that is no list of records")
        return [*found]

    def _changed(self) -> str | None:
        """Return the code of the field that says when a record was changed: apps call it as they like."""
        for record in self._listed("limit 1"):
            return _code_of_type(record, "UPDATED_TIME")
        return None

    def _all_codes(self) -> list[str]:
        one = ("title", "time", "resolved", "customer", "email", "account", "status", "rating")
        return [code for codes in self._codes.values() for code in codes] + [
            code for name in one if (code := self._code.get(name, "").strip())
        ]

    def _heard(self, named: str, record: Loose) -> Heard:
        at, created = _version(record), self._at(record, "time") or _time_of_type(record, "CREATED_TIME")
        said = [
            Said(external_id=name, text=text, author_role=role, created_at=created, updated_at=at)
            for role, codes in _spoken(self._codes)
            for code in codes
            for name, text in _texts(record, code)
        ]
        status = self._one(record, "status").text
        return Heard(
            external_id=named,
            said=said,
            channel=self._channel,
            title=self._one(record, "title").text,
            created_at=created,
            updated_at=at,
            resolved_at=self._at(record, "resolved"),
            status=status or record[_code_of_type(record, "STATUS") or ""]["value"].text,
            rating=_number(self._one(record, "rating")),
            customer=Customer(
                id=self._one(record, "customer").id,
                email=self._one(record, "email").text,
                account_id=self._one(record, "account").id,
            ),
            url=f"{self._address}/k/{part(self._app)}/show#record={part(named)}",
            tags=[tag for code in self._codes["tags"] for tag in _tags(record[code]["value"])],
        )

    def _one(self, record: Loose, name: str) -> Loose:
        """Return what stands in the field of a setting."""
        code = self._code.get(name, "").strip()
        return record[code]["value"] if code else NOTHING

    def _at(self, record: Loose, name: str) -> datetime | None:
        return self._one(record, name).written_time


def _codes(setting: str) -> list[str]:
    return [code for one in setting.split(",") if (code := one.strip())]


def _channel(named: str) -> Channel:
    for channel in get_args(Channel):
        if channel == named.strip():
            found: Channel = channel
            return found
    raise Refused(f"the setting 'channel' must be one of {', '.join(get_args(Channel))}")


def _spoken(codes: Mapping[str, Sequence[str]]) -> tuple[tuple[Role, Sequence[str]], ...]:
    return ("customer", codes["text"]), ("agent", codes["answer"])


def _texts(record: Loose, code: str) -> Iterator[tuple[str, str]]:
    """Yield what a field says, by a name: one text of the record, or one of each row of its tables.

    A field without words says nothing; it may have said something before.
    """
    if record[code].is_object:
        yield code, record[code]["value"].text or ""
    for table in _tables(record):
        for row in table["value"]:
            if (text := row["value"][code]["value"].text) and (named := row["id"].id):
                yield f"{code} {named}"[:200], text


def _tables(record: Loose) -> Iterator[Loose]:
    held = record.value if isinstance(record.value, dict) else {}
    for code in held:
        if record[code]["type"].text == "SUBTABLE":
            yield record[code]


def _has(record: Loose, code: str) -> bool:
    """Whether a record has a field, as far as can be seen: a table without rows does not show its own."""
    tables = [[*table["value"]] for table in _tables(record)]
    return record[code].is_object or any(
        not rows or any(row["value"][code].is_object for row in rows) for rows in tables
    )


def _code_of_type(record: Loose, kind: str) -> str | None:
    held = record.value if isinstance(record.value, dict) else {}
    return next((code for code in held if record[code]["type"].text == kind), None)


def _time_of_type(record: Loose, kind: str) -> datetime | None:
    return record[_code_of_type(record, kind) or ""]["value"].written_time


def _version(record: Loose) -> datetime | None:
    """Return the time of a version: Kintone tells the minute, and by its revision which of one is newer."""
    at, revision = _time_of_type(record, "UPDATED_TIME"), _number(record["$revision"]["value"]) or 0.0
    return at + timedelta(microseconds=int(min(max(revision, 0), 999_999))) if at else None


def _number(told: Loose) -> float | None:
    """Return a number, which Kintone writes as a text."""
    try:
        return Loose(float(told.id or "")).number
    except ValueError:
        return told.number


def _tags(value: Loose) -> list[str]:
    texts = [one.text for one in value] if isinstance(value.value, list) else [value.text]
    return [text for text in texts if text]


def _following(rows: Sequence[Loose], began: datetime | None) -> str:
    """Return where a walk goes on after a whole page."""
    last = int(_number(rows[-1]["$id"]["value"]) or 0)
    at = _time_of_type(rows[-1], "UPDATED_TIME") if began else None
    return json.dumps([last, at.isoformat() if at else None])
