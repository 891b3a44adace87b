"""Kintone, as its documentation describes it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from connectors.ports import BadRow, Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent

CREATED = datetime(2026, 5, 1, 5, 27, tzinfo=UTC)
VERSION = datetime(2026, 5, 2, 0, 0, 0, 3, tzinfo=UTC)


def record(number: int, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "$id": {"type": "__ID__", "value": str(number)},
        "$revision": {"type": "__REVISION__", "value": "3"},
        "レコード番号": {"type": "RECORD_NUMBER", "value": str(number)},
        "作成日時": {"type": "CREATED_TIME", "value": "2026-05-01T05:30:00Z"},
        "更新日時": {"type": "UPDATED_TIME", "value": "2026-05-02T00:00:00Z"},
        "作業者": {"type": "STATUS_ASSIGNEE", "value": []},
        "ステータス": {"type": "STATUS", "value": "対応中"},
        "件名": {"type": "SINGLE_LINE_TEXT", "value": "ログインできない"},
        "内容": {"type": "MULTI_LINE_TEXT", "value": "昨日からログインできません。"},
        "回答": {"type": "RICH_TEXT", "value": "<div>再設定してください。</div>"},
        "受付": {"type": "DATETIME", "value": "2026-05-01T05:27:00Z"},
        "完了": {"type": "DATETIME", "value": ""},
        "お客様ID": {"type": "SINGLE_LINE_TEXT", "value": "c-42"},
        "メール": {"type": "LINK", "value": "aya@example.com"},
        "会社": {"type": "NUMBER", "value": "77"},
        "満足度": {"type": "NUMBER", "value": "2"},
        "分類": {"type": "CHECK_BOX", "value": ["不具合", "ログイン"]},
        "履歴": {
            "type": "SUBTABLE",
            "value": [{"id": "48290", "value": {"発言": {"type": "MULTI_LINE_TEXT", "value": "まだです。"}}}],
        },
    }
    return fields | more


def said(name: str, text: str) -> Said:
    return Said(external_id=name, text=text, created_at=CREATED, updated_at=VERSION)


HEARD = Heard(
    external_id="2",
    title="ログインできない",
    created_at=CREATED,
    updated_at=VERSION,
    status="対応中",
    rating=2.0,
    customer=Customer(id="c-42", email="aya@example.com", account_id="77"),
    url="{base}/k/1/show#record=2",
    tags=["不具合", "ログイン"],
    said=[
        said("内容", "昨日からログインできません。"),
        said("発言 48290", "まだです。"),
        replace(said("回答", "<div>再設定してください。</div>"), author_role="agent"),
    ],
)
ASKED = "/k/v1/records.json?"


def told(kind: str, **more: object) -> Mapping[str, object]:
    return {
        "id": "01234567-0123-0123-0123-0123456789ab",
        "type": kind,
        "app": {"id": "1", "name": "お問い合わせ"},
        "recordTitle": "ログインできない",
        "url": "https://example.cybozu.com/k/1/show#record=2",
        **more,
    }


def asked(query: str, *records: Mapping[str, object]) -> Asked:
    return Asked(target=ASKED + urlencode({"app": 1, "query": query}), answer={"records": records})


EXAMPLE = Example(
    settings={
        "address": "{base}",
        "app": "1",
        "token": "t0ken",
        "guest_space": "",
        "channel": "ticket",
        "text": "内容, 発言",
        "answer": "回答",
        "title": "件名",
        "time": "受付",
        "resolved": "完了",
        "customer": "お客様ID",
        "email": "メール",
        "account": "会社",
        "status": "",
        "rating": "満足度",
        "tags": "分類",
    },
    sent=[
        Sent(content=told("ADD_RECORD", record=record(2)), tells=[HEARD, Changed(external_id="2")]),
        Sent(
            content=told("UPDATE_STATUS", record=record(2, 件名={"type": "SINGLE_LINE_TEXT", "value": ""})),
            tells=[replace(HEARD, title=None), Changed(external_id="2")],
        ),
        Sent(
            content=told("DELETE_RECORD", recordId="2", deletedAt="2026-05-03T00:00:00Z"),
            tells=[Withdrawn(external_id="2", at=datetime(2026, 5, 3, tzinfo=UTC))],
        ),
        Sent(content=told("ADD_RECORD_COMMENT", recordId="2", comment={"text": "社内"}), tells=[]),
        Sent(content={**told("ADD_RECORD", record=record(2)), "app": {"id": "9"}}, tells=[]),
        Sent(
            content=told("ADD_RECORD"),
            tells=[
                BadRow(line=1, reason="it names no record: neither record.$id nor recordId is there"),
            ],
        ),
    ],
    own=[
        Sent(
            content=told(
                "ADD_RECORD",
                record={
                    "$id": {"type": "__ID__", "value": "2"},
                    "内容": {"type": "MULTI_LINE_TEXT", "value": "記事です。 [koe:0123456789abcdef0123]"},
                },
            ),
            tells=[],
        )
    ],
    check=[asked("limit 1", record(2))],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        asked("limit 1", record(2)),
        asked(
            '更新日時 >= "2026-05-01T00:00:00Z" order by 更新日時 asc, $id asc limit 100',
            *(record(number) for number in range(2, 102)),
        ),
        asked(
            '(更新日時 > "2026-05-02T00:00:00Z" or (更新日時 = "2026-05-02T00:00:00Z" and $id > 101)) '
            "order by 更新日時 asc, $id asc limit 100",
            record(1),
        ),
    ],
    pages=2,
    walked=[
        replace(HEARD, external_id=str(number), url=f"{{base}}/k/1/show#record={number}")
        for number in (*range(2, 102), 1)
    ],
    fetch=[asked("$id = 2 limit 1", record(2)), asked("$id = 404 limit 1")],
    fetched=("2", HEARD),
    gone="404",
)
