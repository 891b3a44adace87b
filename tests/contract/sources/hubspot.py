"""HubSpot, as its documentation describes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.ports import BadRow, Changed, Company, Customer, Happened, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
OCCURRED = datetime(2026, 5, 1, 5, 33, 18, tzinfo=UTC)
CALLED = "https://koe.example.com/webhooks/source"


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp() * 1000))
    signed = f"POST{CALLED}".encode() + body + stamp.encode()
    made = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "x-hubspot-signature-v3": base64.b64encode(made).decode(),
        "x-hubspot-request-timestamp": stamp,
    }


def sign_older(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001  it holds no time
    made = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"x-hubspot-signature": made, "x-hubspot-signature-version": "v1"}


def event(kind: str, **told: object) -> Mapping[str, object]:
    return {
        "eventId": 1,
        "subscriptionId": 2,
        "portalId": 3,
        "appId": 4,
        "occurredAt": 1777613598000,
        "subscriptionType": kind,
        "attemptNumber": 0,
        "changeSource": "CRM_UI",
        **told,
    }


TICKET = {
    "id": "987",
    "properties": {
        "subject": "ログインできない",
        "content": "昨日から  ログインできません。",
        "hs_pipeline_stage": "4",
        "hs_ticket_category": "PRODUCT_ISSUE;BILLING_ISSUE",
        "source_type": "CHAT",
        "createdate": "2026-05-01T05:27:58.100Z",
        "hs_lastmodifieddate": "2026-05-02T00:00:00Z",
        "closed_date": "2026-05-01T09:00:00Z",
        "first_agent_reply_date": None,
    },
    "createdAt": "2026-05-01T05:27:58.100Z",
    "updatedAt": "2026-05-02T00:00:00Z",
    "archived": False,
}
MAILED = {
    "id": "988",
    "properties": {
        "subject": "請求書",
        "content": "請求書が届きません。",
        "hs_pipeline_stage": "1",
        "source_type": "EMAIL",
        "createdate": "2026-05-02T01:00:00Z",
        "hs_lastmodifieddate": "2026-05-02T02:00:00Z",
        "closed_date": "2026-05-01T09:00:00Z",
    },
    "url": "https://app.hubspot.com/contacts/3/record/0-5/988",
}
CONVERSATION = Heard(
    external_id="987",
    channel="chat",
    title="ログインできない",
    lang="ja",
    created_at=datetime(2026, 5, 1, 5, 27, 58, 100_000, tzinfo=UTC),
    updated_at=datetime(2026, 5, 2, tzinfo=UTC),
    replied_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
    resolved_at=datetime(2026, 5, 1, 9, tzinfo=UTC),
    status="Closed",
    customer=Customer(id="501", email="aya@example.com", account_id="77"),
    url="https://app-eu1.hubspot.com/contacts/3/record/0-5/987",
    tags=["PRODUCT_ISSUE", "BILLING_ISSUE"],
    said=[
        Said(
            external_id="description",
            text="",
            created_at=datetime(2026, 5, 1, 5, 27, 58, 100_000, tzinfo=UTC),
            updated_at=datetime(2026, 5, 2, tzinfo=UTC),
        ),
        Said(
            external_id="m1",
            text="昨日から ログインできません。",
            created_at=datetime(2026, 5, 1, 5, 28, tzinfo=UTC),
            updated_at=datetime(2026, 5, 1, 5, 28, tzinfo=UTC),
        ),
        Said(
            external_id="m3",
            text="担当者におつなぎします。",
            author_role="bot",
            created_at=datetime(2026, 5, 1, 5, 29, tzinfo=UTC),
        ),
        Said(
            external_id="m4",
            text="パスワードを再設定してください。" * 3,
            author_role="agent",
            created_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
        ),
    ],
)
MAIL = Heard(
    external_id="988",
    title="請求書",
    created_at=datetime(2026, 5, 2, 1, tzinfo=UTC),
    updated_at=datetime(2026, 5, 2, 2, tzinfo=UTC),
    replied_at=datetime(2026, 5, 2, 3, tzinfo=UTC),
    status="New",
    customer=Customer(id="502"),
    url="https://app.hubspot.com/contacts/3/record/0-5/988",
    tags=[],
    said=[
        Said(
            external_id="description",
            text="請求書が届きません。",
            created_at=datetime(2026, 5, 2, 1, tzinfo=UTC),
            updated_at=datetime(2026, 5, 2, 2, tzinfo=UTC),
        ),
        Said(
            external_id="email 61",
            text="確認します。",
            author_role="agent",
            created_at=datetime(2026, 5, 2, 3, tzinfo=UTC),
        ),
        Said(
            external_id="email 62",
            text="<p>まだです。</p>",
            created_at=datetime(2026, 5, 2, 4, tzinfo=UTC),
        ),
    ],
)
THREADS = "/conversations/v3/conversations/threads"
MESSAGES = f"{THREADS}/31/messages"
SEARCH = "/crm/v3/objects/tickets/search"
BELONGING = [
    Asked(
        target=f"{THREADS}?associatedTicketId=987",
        answer={"results": [{"id": "30", "spam": True}, {"id": "31", "status": "CLOSED"}]},
    ),
    Asked(target=f"{THREADS}?associatedTicketId=988", answer={"results": []}),
    Asked(
        target=f"{MESSAGES}?limit=100&after=x",
        answer={
            "results": [
                {
                    "id": "m4",
                    "type": "MESSAGE",
                    "createdAt": "2026-05-01T06:00:00Z",
                    "createdBy": "A-42",
                    "senders": [{"actorId": "A-42"}],
                    "text": "パスワードを…",
                    "truncationStatus": "TRUNCATED",
                },
                {"id": "m5", "type": "COMMENT", "createdBy": "A-42", "text": "社内メモ"},
            ]
        },
    ),
    Asked(target=f"{MESSAGES}/m4/original-content", answer={"text": "パスワードを再設定してください。" * 3}),
    Asked(
        target=f"{MESSAGES}?limit=100",
        answer={
            "results": [
                {
                    "id": "m1",
                    "type": "MESSAGE",
                    "createdAt": "2026-05-01T05:28:00Z",
                    "updatedAt": "2026-05-01T05:28:00Z",
                    "createdBy": "V-501",
                    "senders": [{"actorId": "V-501"}],
                    "text": "昨日から ログインできません。",
                    "richText": "<div>昨日から ログインできません。</div>",
                    "direction": "INCOMING",
                },
                {"id": "m2", "type": "WELCOME_MESSAGE", "createdBy": "S-hubspot", "text": "ようこそ"},
                {
                    "id": "m3",
                    "type": "MESSAGE",
                    "createdAt": "2026-05-01T05:29:00Z",
                    "createdBy": "L-9",
                    "senders": [],
                    "richText": "担当者におつなぎします。",
                },
            ],
            "paging": {"next": {"after": "x"}},
        },
    ),
    Asked(
        method="POST",
        target="/crm/v4/associations/tickets/emails/batch/read",
        holds='"988"',
        answer={"results": [{"from": {"id": "988"}, "to": [{"toObjectId": n} for n in (61, 62, 63)]}]},
    ),
    Asked(
        method="POST",
        target="/crm/v3/objects/emails/batch/read",
        holds="hs_email_text",
        answer={
            "results": [
                {
                    "id": "61",
                    "properties": {
                        "hs_email_text": "確認します。",
                        "hs_email_direction": "EMAIL",
                        "hs_email_status": "SENT",
                        "hs_timestamp": "2026-05-02T03:00:00Z",
                    },
                },
                {
                    "id": "62",
                    "properties": {
                        "hs_email_html": "<p>まだです。</p>",
                        "hs_email_direction": "INCOMING_EMAIL",
                        "hs_timestamp": "1777694400000",
                    },
                },
                {"id": "63", "properties": {"hs_email_text": "下書き", "hs_email_status": "SCHEDULED"}},
            ]
        },
    ),
    Asked(
        method="POST",
        target="/crm/v4/associations/tickets/contacts/batch/read",
        answer={
            "results": [
                {"from": {"id": "987"}, "to": [{"toObjectId": 501}, {"toObjectId": 502}]},
                {"from": {"id": "988"}, "to": [{"toObjectId": 502}]},
            ]
        },
    ),
    Asked(
        method="POST",
        target="/crm/v3/objects/contacts/batch/read",
        answer={
            "results": [
                {"id": "501", "properties": {"email": "aya@example.com", "hs_language": "ja"}},
                {"id": "502", "properties": {"email": None}},
            ]
        },
    ),
    Asked(
        method="POST",
        target="/crm/v4/associations/tickets/companies/batch/read",
        answer={"results": [{"from": {"id": "987"}, "to": [{"toObjectId": 77}]}]},
    ),
    Asked(
        method="POST",
        target="/crm/v3/objects/companies/batch/read",
        holds='"77"',
        answer={"results": [{"id": "77", "properties": {"name": "例示商事", "domain": "example.com"}}]},
    ),
    Asked(
        target="/crm/v3/pipelines/tickets",
        answer={
            "results": [
                {
                    "id": "0",
                    "stages": [
                        {"id": "1", "label": "New", "metadata": {"ticketState": "OPEN"}},
                        {"id": "4", "label": "Closed", "metadata": {"ticketState": "CLOSED"}},
                    ],
                }
            ]
        },
    ),
    Asked(target="/account-info/v3/details", answer={"portalId": 3, "uiDomain": "app-eu1.hubspot.com"}),
]

ACME = {
    "id": "78",
    "properties": {
        "name": "Acme",
        "domain": "acme.example",
        "customer_number": "A-1",
        "plan": "gold",
        "arr": "1200",
        "hs_lastmodifieddate": "2026-05-02T00:00:00Z",
    },
}


def deal(number: int, **told: str | None) -> Mapping[str, object]:
    usual = {
        "amount": "1200",
        "closedate": "2026-05-01T00:00:00Z",
        "pipeline": "9",
        "hs_is_closed": "true",
        "hs_is_closed_won": "false",
        "closed_lost_reason": "遅すぎる。",
    }
    return {"id": str(number), "properties": usual | told}


DEALS = [
    deal(41),
    deal(42, pipeline="default", dealtype="newbusiness", hs_is_closed_won="true"),
    deal(43, pipeline="default", dealtype="newbusiness"),
    deal(44, hs_is_closed="false"),
]

EXAMPLE = Example(
    settings={
        "token": "pat-na1-5ecret",
        "address": "{base}",
        "lost_deals": "Renewals=churn",
        "won_deals": "newbusiness=signup",
        "own_id_field": "customer_number",
        "plan_field": "plan",
        "segment_field": "industry",
        "revenue_field": "arr",
        "currency": "jpy",
    },
    sign=sign,
    older=sign_older,
    vectors=[
        Vector(
            at=AT,
            url="https://voc.example.com/in/hubspot",
            headers={
                "x-hubspot-signature-v3": "pjh9T22q6Dg9nSPaV8qaElWROUntXF/ToDH8mJdHk+0=",
                "x-hubspot-request-timestamp": "1700000000000",
            },
        )
    ],
    sent=[
        Sent(
            content=[
                event("ticket.creation", objectId=987, changeFlag="CREATED"),
                event("ticket.propertyChange", objectId=987, propertyName="hs_pipeline_stage"),
                event("object.propertyChange", objectId=988, objectTypeId="0-5"),
                event("ticket.creation", objectId=989, changeSource="IMPORT"),
                event("contact.creation", objectId=501),
                event("object.creation", objectId=501, objectTypeId="0-1"),
                event("conversation.newMessage", objectId=31, messageId="m1"),
            ],
            tells=[Changed(external_id="987"), Changed(external_id="988")],
        ),
        Sent(
            content=[
                event("ticket.deletion", objectId=987),
                event("ticket.restore", objectId=990),
                event("ticket.associationChange", fromObjectId=988, toObjectId=501),
                event(
                    "ticket.merge",
                    objectId=992,
                    primaryObjectId=990,
                    mergedObjectIds=[991],
                    newObjectId=992,
                ),
            ],
            tells=[
                Withdrawn(external_id="987", at=OCCURRED),
                Changed(external_id="990"),
                Changed(external_id="988"),
                Withdrawn(external_id="990", at=OCCURRED),
                Withdrawn(external_id="991", at=OCCURRED),
                Changed(external_id="992"),
            ],
        ),
        Sent(
            content=[event("ticket.creation"), {}, event("ticket.creation", objectId=7)],
            tells=[
                BadRow(line=1, reason="it names no ticket: objectId is not there"),
                BadRow(line=2, reason="it names no subscriptionType"),
                Changed(external_id="7"),
            ],
        ),
    ],
    own=[Sent(content=[event("ticket.propertyChange", objectId=987, changeSource="INTEGRATION")], tells=[])],
    check=[
        Asked(target="/crm/v3/objects/", answer={"results": []}),
        Asked(target=f"{THREADS}?limit=1", answer={"results": []}),
    ],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            method="POST",
            target=SEARCH,
            holds='"after": "1"',
            answer={"total": 2, "results": [MAILED]},
        ),
        Asked(
            method="POST",
            target=SEARCH,
            holds='"value": "1777593600000"',
            answer={"total": 2, "results": [TICKET], "paging": {"next": {"after": "1"}}},
        ),
        *BELONGING,
        Asked(
            method="POST",
            target="/crm/v3/objects/companies/search",
            holds='"customer_number"',
            answer={"results": [ACME]},
        ),
        Asked(
            method="POST",
            target="/crm/v3/objects/deals/search",
            holds='"closed_lost_reason"',
            answer={"results": DEALS},
        ),
        Asked(
            method="POST",
            target="/crm/v4/associations/deals/companies/batch/read",
            holds='"41"',
            answer={"results": [{"from": {"id": "41"}, "to": [{"toObjectId": 78}]}]},
        ),
        Asked(
            target="/crm/v3/pipelines/deals",
            answer={"results": [{"id": "9", "label": "Renewals"}, {"id": "default", "label": "Sales"}]},
        ),
    ],
    pages=4,
    walked=[
        CONVERSATION,
        Company(account_id="77", name="例示商事", domains=["example.com"]),
        MAIL,
        Company(
            account_id="78",
            own_id="A-1",
            name="Acme",
            domains=["acme.example"],
            plan="gold",
            revenue=1200.0,
            currency="JPY",
        ),
        Happened(
            external_id="41",
            kind="churn",
            occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            account_id="78",
            amount=1200.0,
            text="遅すぎる。",
        ),
        Happened(
            external_id="42",
            kind="signup",
            occurred_at=datetime(2026, 5, 1, tzinfo=UTC),
            amount=1200.0,
        ),
    ],
    fetch=[
        Asked(target="/crm/v3/objects/tickets?limit=1", answer={"results": []}),
        Asked(target="/crm/v3/objects/tickets/987", answer=TICKET),
        *BELONGING,
    ],
    fetched=("987", CONVERSATION),
    gone="404",
)
