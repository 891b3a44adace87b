"""Freshdesk, as its documentation describes it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.ports import BadRow, Changed, Company, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent

API = "/api/v2"
SINCE = datetime(2026, 5, 1, tzinfo=UTC)
CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UPDATED = datetime(2026, 5, 2, tzinfo=UTC)
CHANGED = Changed(external_id="7")


def minute(number: int) -> datetime:
    return datetime(2026, 5, 1, 6, number, tzinfo=UTC)


def conversation(number: int, body: str, **more: object) -> Mapping[str, object]:
    return {
        "id": number,
        "ticket_id": 7,
        "body": f"<div>{body}</div>",
        "body_text": body,
        "incoming": False,
        "private": False,
        "user_id": 3,
        "source": 0,
        "created_at": f"2026-05-01T06:{number:02}:00Z",
        "updated_at": f"2026-05-01T06:{number:02}:00Z",
        "attachments": [],
        **more,
    }


def ticket(**more: object) -> dict[str, object]:
    return {
        "id": 7,
        "subject": "ログインできない",
        "description": "<div>入れません。</div>",
        "description_text": "入れません。",
        "status": 4,
        "priority": 1,
        "source": 1,
        "type": None,
        "requester_id": 43,
        "requester": {"id": 43, "name": "A", "email": "aya@acme.example"},
        "company_id": 5,
        "tags": ["vip"],
        "spam": False,
        "stats": {
            "first_responded_at": "2026-05-01T06:02:00Z",
            "resolved_at": "2026-05-01T09:00:00Z",
            "closed_at": None,
        },
        "created_at": "2026-05-01T05:27:58Z",
        "updated_at": "2026-05-02T00:00:00Z",
        **more,
    }


def unseen(*numbers: int, at: str) -> list[object]:
    """Return tickets that are spam, changed at one time."""
    return [ticket(id=number, company_id=None, spam=True, updated_at=at) for number in numbers]


def gone(*numbers: int, at: datetime) -> list[Withdrawn]:
    return [Withdrawn(external_id=str(number), at=at) for number in numbers]


KNOWN = Company(
    account_id="5",
    name="Acme KK",
    domains=["acme.example"],
    plan="Premium",
    segment="Media",
    renews_at=datetime(2027, 4, 1, tzinfo=UTC),
)
WHOLE = Heard(
    external_id="7",
    title="ログインできない",
    created_at=CREATED,
    updated_at=UPDATED,
    replied_at=minute(2),
    resolved_at=datetime(2026, 5, 1, 9, tzinfo=UTC),
    status="resolved",
    customer=Customer(id="43", email="aya@acme.example", account_id="5"),
    url="{base}/a/tickets/7",
    tags=["vip"],
    said=[
        Said(
            external_id="description",
            text="<div>入れません。</div>",
            created_at=CREATED,
            updated_at=UPDATED,
        ),
        Said(
            external_id="2",
            text="<div>どの画面ですか。</div>",
            author_role="agent",
            created_at=minute(2),
            updated_at=minute(2),
        ),
        Said(
            external_id="3",
            text="<div>最初の画面です。</div>",
            created_at=minute(3),
            updated_at=minute(3),
        ),
    ],
)
TALK = Asked(
    target=f"{API}/tickets/7/conversations?per_page=100&page=1",
    answer=[
        conversation(2, "どの画面ですか。"),
        conversation(3, "最初の画面です。", incoming=True),
        conversation(4, "社内メモ", private=True, source=2),
        conversation(5, "業者への転送", source=8),
    ],
)
COMPANY = Asked(
    target=f"{API}/companies/5",
    answer={
        "id": 5,
        "name": "Acme KK",
        "domains": ["acme.example"],
        "account_tier": "Premium",
        "industry": "Media",
        "renewal_date": "2027-04-01T00:00:00Z",
    },
)
AGENT = Asked(
    target=f"{API}/agents/me",
    answer={"id": 3, "ticket_scope": 1, "contact": {"email": "koe@example.com"}},
)
LIST = f"{API}/tickets?updated_since="
SORTED = "&order_by=updated_at&order_type=asc"
NEXT = f"{SORTED}&per_page=24&include=description%2Crequester%2Cstats&page="
TOLD = Sent(content={"ticket_id": "7"}, tells=[CHANGED])
CHECK = [AGENT, Asked(target=LIST, answer=[])]

EXAMPLE = Example(
    settings={"address": "{base}", "key": "s3cr3t"},
    sent=[
        TOLD,
        Sent(content={"koe": 1, "event": "ticket_update", "ticket_id": 7}, tells=[CHANGED]),
        Sent(
            content={"freshdesk_webhook": {"ticket_id": 7, "ticket_subject": "ログイン"}},
            tells=[CHANGED],
        ),
        Sent(content={"url": "https://example.freshdesk.com/a/tickets/7"}, tells=[CHANGED]),
        Sent(
            content={"ticket_subject": "ログインできない"},
            tells=[
                BadRow(
                    line=1,
                    reason='it names no ticket: let the rule send {"ticket_id":"{{ticket.id}}"}',
                )
            ],
        ),
    ],
    own=[TOLD],
    check=CHECK,
    since=SINCE,
    walk=[
        Asked(
            target=f"{LIST}2026-05-01T00%3A00%3A00Z{SORTED}&per_page=100&filter=deleted&page=1",
            answer=[ticket(id=1, deleted=True)],
        ),
        Asked(
            target=f"{LIST}2026-05-01T00%3A00%3A00Z{SORTED}&per_page=100&filter=spam&page=1",
            answer=unseen(2, at="2026-05-02T00:00:00Z"),
        ),
        Asked(
            target=f"{LIST}2026-05-01T00%3A00%3A00Z{NEXT}1",
            answer=unseen(*range(10, 34), at="2026-05-01T03:00:01Z"),
        ),
        Asked(
            target=f"{LIST}2026-05-01T03%3A00%3A00Z{NEXT}1",
            answer=unseen(*range(10, 34), at="2026-05-01T03:00:01Z"),
        ),
        Asked(
            target=f"{LIST}2026-05-01T03%3A00%3A00Z{NEXT}2",
            answer=[*unseen(34, at="2026-05-01T03:00:01Z"), ticket(), ticket(id=8)],
        ),
        TALK,
        COMPANY,
    ],
    pages=3,
    walked=[
        *gone(1, 2, at=UPDATED),
        *gone(*range(10, 34), at=datetime(2026, 5, 1, 3, 0, 1, tzinfo=UTC)),
        *gone(*range(10, 34), at=datetime(2026, 5, 1, 3, 0, 1, tzinfo=UTC)),
        *gone(34, at=datetime(2026, 5, 1, 3, 0, 1, tzinfo=UTC)),
        KNOWN,
        WHOLE,
        Changed(external_id="8"),
    ],
    refused=("7", f"{API}/tickets/7/conversations"),
    fetch=[
        *CHECK,
        TALK,
        Asked(target=f"{API}/tickets/7?include=requester%2Cstats", answer=ticket()),
    ],
    fetched=("7", WHOLE),
    gone="404",
)
