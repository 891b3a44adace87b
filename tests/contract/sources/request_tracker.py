"""Request Tracker, as 5.0.3 was seen to answer."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from connectors.ports import BadRow, Changed, Customer, Heard, Said
from tests.contract.sources import Asked, Example, Sent, Vector

CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UNSET = "1970-01-01T00:00:00Z"
SINCE = datetime(2026, 5, 1, tzinfo=UTC)
API = "/REST/2.0"


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001  no time is signed
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-koe-signature": f"sha256={made}"}


def person(name: str, **more: str) -> Mapping[str, str]:
    return {"type": "user", "id": name, "_url": f"{{base}}/REST/2.0/user/{name}", **more}


def listed(items: list[object], *, total: int | None = None) -> Mapping[str, object]:
    """Return a list as RT gives it: only of tickets it says how many there are."""
    return {"count": len(items), "page": 1, "pages": None, "per_page": 100, "total": total, "items": items}


def change(number: int, kind: str, by: str, at: str) -> Mapping[str, object]:
    return {"id": str(number), "type": "transaction", "Type": kind, "Created": at, "Creator": person(by)}


def part(transaction: int, kind: str, content: str, filename: str = "") -> Mapping[str, object]:
    return {
        "id": "1",
        "type": "attachment",
        "TransactionId": str(transaction),
        "ContentType": kind,
        "Content": content,
        "Filename": filename,
    }


AYA = person("aya", EmailAddress="aya@example.com", Organization="Acme KK")
TICKET = {
    "id": "7",
    "type": "ticket",
    "Subject": "ログインできない",
    "Status": "resolved",
    "Created": "2026-05-01T05:27:58Z",
    "LastUpdated": "2026-05-02T00:00:00Z",
    "Resolved": "2026-05-01T09:00:00Z",
    "Queue": {"type": "queue", "id": "1", "Name": "Support"},
    "Requestor": [{"type": "group", "id": "12"}, AYA, person("ken", EmailAddress="ken@example.com")],
}
REOPENED = {
    **TICKET,
    "id": "9",
    "Subject": "",
    "Status": "open",
    "Resolved": "2026-05-01T09:00:00Z",
    "Requestor": [],
}
OLD = {**TICKET, "id": "8", "LastUpdated": "2026-04-30T23:59:59Z"}
HISTORY = listed(
    [
        change(35, "Create", "staff", "2026-05-01T05:27:58Z"),
        change(37, "Correspond", "staff", "2026-05-01T06:00:00Z"),
        change(38, "Comment", "staff", "2026-05-01T06:01:00Z"),
        change(40, "Correspond", "aya", "2026-05-01T07:00:00Z"),
        change(41, "Correspond", "cc", "2026-05-01T08:00:00Z"),
        change(42, "Correspond", "RT_System", "2026-05-01T08:30:00Z"),
        change(43, "Correspond", "ken", "2026-05-01T08:40:00Z"),
    ]
)
PARTS = listed(
    [
        part(35, "text/plain", "昨日からログインできません。"),
        part(35, "text/plain", "2026-05-01 ERROR 42", "log.txt"),
        part(37, "text/html", "<p>パスワードを再設定してください。</p>"),
        part(38, "text/plain", "調査中のメモ"),
        part(40, "text/html", "<p>直りました。</p>"),
        part(40, "text/plain", "直りました。"),
        part(41, "text/plain", "こちらも直りました。"),
        part(42, "text/plain", "このチケットは自動で閉じられます。"),
        part(43, "text/plain", "  \n"),
    ]
)
WHOLE = Heard(
    external_id="7",
    title="ログインできない",
    created_at=CREATED,
    updated_at=datetime(2026, 5, 2, tzinfo=UTC),
    replied_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
    resolved_at=datetime(2026, 5, 1, 9, tzinfo=UTC),
    status="resolved",
    customer=Customer(id="aya", email="aya@example.com", account_id="Acme KK"),
    url="{base}/Ticket/Display.html?id=7",
    team="Support",
    said=[
        Said(external_id="35", text="昨日からログインできません。", created_at=CREATED),
        Said(
            external_id="37",
            text="<p>パスワードを再設定してください。</p>",
            author_role="agent",
            created_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
        ),
        Said(external_id="40", text="直りました。", created_at=datetime(2026, 5, 1, 7, tzinfo=UTC)),
        Said(external_id="41", text="こちらも直りました。", created_at=datetime(2026, 5, 1, 8, tzinfo=UTC)),
        Said(
            external_id="42",
            text="このチケットは自動で閉じられます。",
            author_role="bot",
            created_at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
        ),
    ],
)
WITHOUT_REQUESTOR = Heard(
    external_id="9",
    created_at=CREATED,
    updated_at=datetime(2026, 5, 2, tzinfo=UTC),
    replied_at=datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC),
    status="open",
    url="{base}/Ticket/Display.html?id=9",
    team="Support",
    said=[
        Said(external_id="50", text="社内の問い合わせです。", author_role="agent", created_at=CREATED),
    ],
)
PEOPLE = [
    Asked(target=f"{API}/user/staff", answer={"id": 22, "Name": "staff", "Privileged": 1}),
    Asked(target=f"{API}/user/cc", answer={"id": 23, "Name": "cc", "Privileged": 0}),
]


def parts_of(transaction: int) -> str:
    """Return how the request for the parts of a transaction, and others after it, begins."""
    limits = f'[{{"field":"TransactionId","operator":"IN","value":["{transaction}"'
    fields = "Content,ContentType,Filename,TransactionId"
    return f"{API}/attachments?{urlencode({'fields': fields, 'query': limits})}"


def search(query: str) -> str:
    """Return how a search for tickets begins."""
    told = {
        "fields": "Subject,Status,Created,LastUpdated,Resolved,Queue,Requestor",
        "fields[Queue]": "Name",
        "fields[Requestor]": "EmailAddress,Organization",
    }
    return f"{API}/tickets?{urlencode({**told, 'query': query})}&"


OF_ONE = [
    Asked(target=f"{API}/ticket/7/history", answer=HISTORY),
    Asked(target=parts_of(35), answer=PARTS),
    *PEOPLE,
]
EARLY = "LastUpdated >= '2026-04-30 10:00:00'"
"""The search begins 14 hours early, for RT may read it in any time zone."""

EXAMPLE = Example(
    settings={"address": "{base}", "token": "1-23-t0ken"},
    sign=sign,
    vectors=[
        Vector(
            at=CREATED,
            headers={
                "x-koe-signature": "sha256=2f146a94c5072695aebe9aab24df52aafc6d81ce6daccb1bf9f7b891d5fa1a10"
            },
        )
    ],
    sent=[
        Sent(
            content={"event": "Create", "ticket": 7, "transaction": 35},
            named="35",
            tells=[Changed(external_id="7")],
        ),
        Sent(
            content={"event": "Status", "ticket": "7", "transaction": "44"},
            named="44",
            tells=[Changed(external_id="7")],
        ),
        Sent(
            content={"event": "Create", "ticket": "7 OR id > 0"},
            tells=[BadRow(line=1, reason="it names no ticket: its field ticket holds no number")],
        ),
    ],
    own=[
        Sent(
            content={"event": "Correspond", "ticket": 7, "transaction": 51},
            named="51",
            tells=[Changed(external_id="7")],
        )
    ],
    check=[
        Asked(target=f"{API}/rt", answer={"Version": "5.0.3+dfsg-3~deb12u6"}),
        Asked(target=f"{API}/queues/all", answer=listed([{"type": "queue", "id": "1", "Name": "Support"}])),
        Asked(target=search("id > 0"), answer=listed([TICKET], total=2)),
    ],
    since=SINCE,
    walk=[
        Asked(
            target=f"{API}/transactions",
            answer=listed(
                [
                    {"id": "60", "type": "transaction", "ObjectId": "5", "Created": "2026-04-30T12:00:00Z"},
                    {"id": "61", "type": "transaction", "ObjectId": "6", "Created": "2026-05-01T12:00:00Z"},
                ]
            ),
        ),
        Asked(target=search(f"id > 0 AND {EARLY}"), answer=listed([TICKET, OLD], total=3)),
        Asked(target=search(f"id > 8 AND {EARLY}"), answer=listed([REOPENED], total=1)),
        Asked(
            target=f"{API}/ticket/9/history",
            answer=listed([change(50, "Create", "staff", "2026-05-01T05:27:58Z")]),
        ),
        Asked(
            target=parts_of(50),
            answer=listed([part(50, "text/plain", "社内の問い合わせです。")]),
        ),
        *OF_ONE,
    ],
    pages=2,
    walked=[Changed(external_id="6"), WHOLE, WITHOUT_REQUESTOR],
    refused=("7", f"{API}/ticket/7/history"),
    fetch=[
        *OF_ONE,
        Asked(target=f"{API}/ticket/7", answer={**TICKET, "id": 7, "Type": "ticket"}),
        Asked(target=search("id = 7"), answer=listed([TICKET], total=1)),
    ],
    fetched=("7", WHOLE),
)
