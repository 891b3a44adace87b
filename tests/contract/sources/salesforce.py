"""Salesforce, as its documentation describes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from connectors.ports import Company, Customer, Happened, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example

CASE, OLD, GONE = "500Ax00000000001", "500Ax00000000002", "500Ax00000000404"
ACCOUNT = "001Ax00000000001"
CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
SINCE = "2026-05-01T00:00:00Z"
OF_CASES = (
    "Id, Subject, Description, Status, Origin, Type, Reason, AccountId, ContactId, Contact.Email, "
    "SuppliedEmail, IsClosed, IsDeleted, CreatedDate, ClosedDate, SystemModstamp"
)
TOKEN = Asked(
    target="/services/oauth2/token",
    method="POST",
    holds="grant_type=client_credentials&client_id=key&client_secret=s3cr3t",
    answer={"access_token": "00D!t0ken", "instance_url": "{base}", "token_type": "Bearer"},
)


def asked(soql: str, *rows: Mapping[str, object], following: str | None = None) -> Asked:
    """Return a question, as it begins, with its rows."""
    target = f"/services/data/v62.0/queryAll?{urlencode({'q': soql})}"
    more = {"nextRecordsUrl": following} if following else {}
    return Asked(target=target, answer={"records": rows, "done": not following, **more})


def day(hour: int, minute: int = 0) -> str:
    return f"2026-05-01T{hour:02}:{minute:02}:00.000+0000"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 1, hour, minute, tzinfo=UTC)


STORED: dict[str, object] = {
    "attributes": {"type": "Case", "url": f"/services/data/v62.0/sobjects/Case/{CASE}"},
    "Id": CASE,
    "Subject": "ログインできない",
    "Description": "昨日から  ログインできません。",
    "Status": "Closed",
    "Origin": "Email",
    "Type": "Problem",
    "Reason": None,
    "AccountId": ACCOUNT,
    "ContactId": "003Ax00000000001",
    "Contact": {"attributes": {"type": "Contact"}, "Email": "aya@example.com"},
    "SuppliedEmail": None,
    "IsClosed": True,
    "IsDeleted": False,
    "CreatedDate": "2026-05-01T05:27:58.000+0000",
    "ClosedDate": day(9),
    "SystemModstamp": "2026-05-02T00:00:00.000+0000",
}
EMAIL: dict[str, object] = {
    "Id": "02sAx00000000001",
    "ParentId": CASE,
    "Incoming": True,
    "Status": "1",
    "TextBody": "昨日からログインできません。\r\n> 引用",
    "HtmlBody": None,
    "MessageDate": day(5, 27),
    "IsDeleted": False,
    "CreatedDate": day(5, 28),
    "SystemModstamp": day(5, 28),
}
EMAILS: list[dict[str, object]] = [
    EMAIL | {"TextBody": "昨日から ログインできません。\r\n> 引用"},
    EMAIL
    | {
        "Id": "02sAx00000000002",
        "Incoming": False,
        "Status": "3",
        "TextBody": None,
        "HtmlBody": "<p>再設定してください。</p>",
        "MessageDate": day(6),
    },
    EMAIL | {"Id": "02sAx00000000003", "Incoming": False, "Status": "5", "TextBody": "下書き"},
]
LATE = EMAIL | {"Id": "02sAx00000000004", "TextBody": "消えるもの", "IsDeleted": True}
COMMENT: dict[str, object] = {
    "Id": "00aAx00000000001",
    "ParentId": CASE,
    "CommentBody": "直りました。",
    "IsPublished": True,
    "CreatedBy": {"attributes": {"type": "User"}, "UserType": "CspLitePortal"},
    "IsDeleted": False,
    "CreatedDate": day(7),
    "SystemModstamp": day(7),
}
COMMENTS: list[dict[str, object]] = [
    COMMENT,
    COMMENT | {"Id": "00aAx00000000002", "CommentBody": "社内メモ", "IsPublished": False},
    COMMENT
    | {
        "Id": "00aAx00000000004",
        "CommentBody": "取り消した返信",
        "IsPublished": False,
        "SystemModstamp": day(8),
    },
    COMMENT
    | {"Id": "00aAx00000000003", "CommentBody": "ご確認ください。", "CreatedBy": {"UserType": "Standard"}},
]
WHOLE = Heard(
    external_id=CASE,
    title="ログインできない",
    created_at=CREATED,
    updated_at=UPDATED,
    replied_at=at(6),
    resolved_at=at(9),
    status="Closed",
    customer=Customer(id="003Ax00000000001", email="aya@example.com", account_id=ACCOUNT),
    url=f"{{base}}/{CASE}",
    tags=["Problem"],
    said=[
        Said(external_id="description", text="", created_at=CREATED, updated_at=UPDATED),
        Said(
            external_id="02sAx00000000001",
            text="昨日から ログインできません。\r\n> 引用",
            created_at=at(5, 27),
            updated_at=at(5, 28),
        ),
        Said(
            external_id="02sAx00000000002",
            text="<p>再設定してください。</p>",
            author_role="agent",
            created_at=at(6),
            updated_at=at(5, 28),
        ),
        Said(external_id="02sAx00000000004", text="", created_at=at(5, 27), updated_at=at(5, 28)),
        Said(external_id="00aAx00000000001", text="直りました。", created_at=at(7), updated_at=at(7)),
        Said(
            external_id="00aAx00000000004",
            text="",
            created_at=at(7),
            updated_at=at(8),
        ),
        Said(
            external_id="00aAx00000000003",
            text="ご確認ください。",
            author_role="agent",
            created_at=at(7),
            updated_at=at(7),
        ),
    ],
)
OPPORTUNITY: dict[str, object] = {
    "Id": "006Ax00000000001",
    "AccountId": ACCOUNT,
    "Type": "Renewal",
    "IsWon": False,
    "CloseDate": "2026-05-01",
    "Amount": 1200.0,
    "Loss_Reason__c": "遅すぎる。",
    "SystemModstamp": day(8),
}
BELONGING = [
    asked(
        "SELECT Id, ParentId, Incoming, Status, TextBody, HtmlBody, MessageDate, IsDeleted, CreatedDate, "
        f"SystemModstamp FROM EmailMessage WHERE ParentId IN ('{CASE}') ORDER BY CreatedDate, Id",
        *EMAILS,
        following="/services/data/v62.0/query/01gAx-3",
    ),
    Asked(target="/services/data/v62.0/query/01gAx-3", answer={"records": [LATE], "done": True}),
    asked(
        "SELECT Id, ParentId, CommentBody, IsPublished, CreatedBy.UserType, IsDeleted, CreatedDate, "
        f"SystemModstamp FROM CaseComment WHERE ParentId IN ('{CASE}') ORDER BY CreatedDate, Id",
        *COMMENTS,
    ),
]
ORDER = " ORDER BY SystemModstamp, Id LIMIT 50"
FROM_ACCOUNTS = (
    "SELECT Id, Name, Website, SystemModstamp, AccountNumber, Plan__c, Industry, ARR__c FROM Account"
)
FROM_DEALS = (
    "SELECT Id, AccountId, Type, IsWon, CloseDate, Amount, SystemModstamp, Loss_Reason__c FROM Opportunity"
)
NAMED = asked(f"SELECT {OF_CASES} FROM Case WHERE Id IN ('{CASE}')", STORED)

EXAMPLE = Example(
    settings={
        "address": "{base}",
        "client_id": "key",
        "client_secret": "s3cr3t",
        "won_deals": "Renewal=renewal, Upsell=expansion",
        "lost_deals": "Renewal=churn",
        "reason_field": "Loss_Reason__c",
        "own_id_field": "AccountNumber",
        "plan_field": "Plan__c",
        "segment_field": "Industry",
        "revenue_field": "ARR__c",
        "currency": "jpy",
    },
    check=[
        TOKEN,
        *(
            asked(f"{columns} LIMIT 1")
            for columns in (
                FROM_ACCOUNTS,
                FROM_DEALS,
                f"SELECT {OF_CASES} FROM Case",
                "SELECT Id, ParentId, SystemModstamp FROM EmailMessage",
                "SELECT Id, ParentId, SystemModstamp FROM CaseComment",
            )
        ),
    ],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        TOKEN,
        asked(
            f"{FROM_ACCOUNTS} WHERE SystemModstamp >= {SINCE} AND IsDeleted = false{ORDER}",
            {
                "Id": ACCOUNT,
                "Name": "Acme",
                "Website": "https://www.acme.example/ja",
                "AccountNumber": "A-1",
                "Plan__c": "Gold",
                "Industry": "Retail",
                "ARR__c": 1200.0,
                "SystemModstamp": day(4),
            },
        ),
        asked(
            f"{FROM_DEALS} WHERE SystemModstamp >= {SINCE} AND IsClosed = true AND IsDeleted = false{ORDER}",
            OPPORTUNITY,
            OPPORTUNITY | {"Id": "006Ax00000000002", "IsWon": True},
            OPPORTUNITY | {"Id": "006Ax00000000003", "Type": "New Customer"},
        ),
        asked(
            f"SELECT {OF_CASES} FROM Case WHERE SystemModstamp >= {SINCE}{ORDER}",
            STORED,
            STORED | {"Id": OLD, "IsDeleted": True},
        ),
        asked(
            "SELECT Id, ParentId, SystemModstamp FROM EmailMessage WHERE SystemModstamp >= "
            f"{SINCE} AND ParentId != null{ORDER}",
            {"Id": "02sAx00000000001", "ParentId": CASE, "SystemModstamp": day(5, 28)},
            {"Id": "02sAx00000000002", "ParentId": CASE, "SystemModstamp": day(6)},
        ),
        asked(f"SELECT Id, ParentId, SystemModstamp FROM CaseComment WHERE SystemModstamp >= {SINCE}{ORDER}"),
        *BELONGING,
        NAMED,
    ],
    pages=5,
    walked=[
        Company(
            account_id=ACCOUNT,
            own_id="A-1",
            name="Acme",
            domains=["acme.example"],
            plan="Gold",
            segment="Retail",
            revenue=1200.0,
            currency="JPY",
        ),
        Happened(
            external_id="006Ax00000000001",
            kind="churn",
            occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            account_id=ACCOUNT,
            amount=1200.0,
            text="遅すぎる。",
        ),
        Happened(
            external_id="006Ax00000000002",
            kind="renewal",
            occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            account_id=ACCOUNT,
            amount=1200.0,
        ),
        WHOLE,
        Withdrawn(external_id=OLD, at=UPDATED),
        WHOLE,
    ],
    fetch=[
        TOKEN,
        NAMED,
        asked(f"SELECT {OF_CASES} FROM Case WHERE Id IN ('{GONE}')"),
        *BELONGING,
    ],
    fetched=(CASE, WHOLE),
    gone=GONE,
)
