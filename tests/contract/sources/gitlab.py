"""GitLab, as its documentation describes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent

CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UPDATED = datetime(2026, 5, 1, 6, tzinfo=UTC)
COMMENTED = datetime(2026, 5, 1, 5, 59, 59, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NAMED = "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"
AYA = {"id": 51, "name": "Aya", "username": "aya", "email": "[REDACTED]"}
HANA = {"id": 7, "name": "Hana", "username": "hana", "email": "[REDACTED]"}


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_") + "==", validate=False)
    stamp = str(int(at.timestamp()))
    made = hmac.new(key, f"{NAMED}.{stamp}.".encode() + body, hashlib.sha256).digest()
    written = base64.b64encode(made).decode()
    return {"webhook-id": NAMED, "webhook-timestamp": stamp, "webhook-signature": f"v1,{written}"}


def issue(**other: object) -> dict[str, object]:
    """Return an issue as webhooks tell of it."""
    return {
        "id": 301,
        "iid": 42,
        "title": "検索が遅い",
        "description": "<!-- まず検索してください -->\n\n検索に十秒かかります。",
        "author_id": 51,
        "project_id": 14,
        "created_at": "2026-05-01 05:27:58 UTC",
        "updated_at": "2026-05-01 06:00:00 UTC",
        "closed_at": None,
        "confidential": False,
        "type": "Issue",
        "state": "opened",
        "action": "open",
        "url": "https://gitlab.com/acme/app/-/issues/42",
        "labels": [{"id": 206, "title": "bug"}],
        **other,
    }


def note(**other: object) -> dict[str, object]:
    """Return a comment as webhooks tell of it."""
    return {
        "id": 1241,
        "internal": False,
        "note": "索引を作り直しました。",
        "noteable_type": "Issue",
        "author_id": 7,
        "created_at": "2026-05-01 05:59:59 UTC",
        "updated_at": "2026-05-01 05:59:59 UTC",
        "system": False,
        "action": "create",
        **other,
    }


def event(kind: str, by: Mapping[str, object], subject: object, **other: object) -> dict[str, object]:
    project = {"id": 14, "path_with_namespace": "Acme/App"}
    told = {"object_kind": kind, "event_type": kind, "user": by, "project": project}
    return {**told, "object_attributes": subject, **other}


def sent(content: object, *tells: Heard | Changed | Withdrawn) -> Sent:
    return Sent(content=content, named=NAMED, tells=[*tells])


def shown(**other: object) -> dict[str, object]:
    """Return an issue as it is asked for."""
    hidden = ("author_id", "type", "url", "action", "labels")
    return {
        **{k: v for k, v in issue().items() if k not in hidden},
        "created_at": "2026-05-01T05:27:58.000Z",
        "updated_at": "2026-05-01T06:00:00.000Z",
        "issue_type": "issue",
        "author": {"id": 51, "username": "aya"},
        "labels": ["bug"],
        "user_notes_count": 0,
        "web_url": "https://gitlab.com/acme/app/-/issues/42",
        **other,
    }


def comment(**other: object) -> dict[str, object]:
    """Return a comment as it is asked for."""
    return {
        "id": 1241,
        "body": "索引を作り直しました。",
        "author": {"id": 7, "username": "hana"},
        "created_at": "2026-05-01T05:59:59.000Z",
        "updated_at": "2026-05-01T05:59:59.000Z",
        "system": False,
        "internal": False,
        **other,
    }


BODY = Said(external_id="body", text="検索に十秒かかります。", created_at=CREATED, updated_at=UPDATED)
ANSWER = Said(
    external_id="1241",
    author_role="agent",
    text="索引を作り直しました。",
    created_at=COMMENTED,
    updated_at=COMMENTED,
)
ISSUE = Heard(
    said=[BODY],
    external_id="42",
    url="https://gitlab.com/acme/app/-/issues/42",
    title="検索が遅い",
    status="open",
    tags=["bug"],
    customer=Customer(id="51"),
    created_at=CREATED,
    updated_at=UPDATED,
)
THANKS = replace(ANSWER, external_id="1242", text="助かりました。", author_role="customer")
CLOSED = replace(ISSUE, status="closed", resolved_at=UPDATED)
ISSUES = "/api/v4/projects/acme%2Fapp/issues"
LIST = f"{ISSUES}?scope=all&state=all&confidential=false&order_by=updated_at&sort=asc&per_page=40&page"
NOTES = "notes?order_by=created_at&sort=asc&per_page=100&page=1"
TASKS = [
    shown(iid=number, issue_type="task", updated_at="2026-05-01T05:00:00Z") for number in range(100, 139)
]

EXAMPLE = Example(
    settings={"project": "acme/app", "token": "glpat-secret", "agents": "@hana", "address": "{base}"},
    secret=SECRET,
    sign=sign,
    sent=[
        sent(event("issue", AYA, issue()), ISSUE),
        sent(
            event("issue", HANA, issue(state="closed", action="close", closed_at="2026-05-01 06:00:00 UTC")),
            replace(CLOSED, said=[]),
            Changed(external_id="42"),
        ),
        sent(
            event("issue", HANA, issue(author_id=7)),
            replace(ISSUE, customer=Customer(), said=[replace(BODY, author_role="agent")]),
        ),
        sent(event("note", HANA, note(), issue=issue()), replace(ISSUE, said=[ANSWER])),
        sent(
            event("note", AYA, note(id=1242, note="助かりました。", author_id=51), issue=issue()),
            replace(ISSUE, said=[BODY, THANKS]),
        ),
        sent(event("note", AYA, note(action="update"), issue=issue()), Changed(external_id="42")),
        sent(event("note", HANA, note(internal=True), issue=issue())),
        sent(event("note", HANA, note(system=True, note="changed the description"), issue=issue())),
        sent(event("note", HANA, note(noteable_type="MergeRequest"), merge_request={"iid": 1})),
        sent(event("note", HANA, note(), issue=issue(confidential=True), event_type="confidential_note")),
        sent(event("issue", AYA, issue(confidential=True), event_type="confidential_issue")),
        sent(
            event(
                "issue",
                HANA,
                issue(iid=50, confidential=True),
                event_type="confidential_issue",
                changes={"confidential": {"previous": False, "current": True}},
            ),
            Withdrawn(external_id="50", at=UPDATED),
        ),
        sent(event("issue", AYA, issue(type="Incident"))),
        sent(event("issue", {"id": 51, "username": "project_14_bot_1f2e"}, issue())),
        sent(event("push", HANA, {})),
    ],
    own=[
        sent(event("issue", AYA, issue(description="遅い <!-- koe:0123456789abcdef0123 -->"))),
        sent(event("note", HANA, note(note="対応中です <!-- koe:0123456789abcdef0123 -->"), issue=issue())),
    ],
    check=[Asked(target=f"{ISSUES}?per_page=1", answer=[])],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(target=f"{LIST}=1&updated_after=2026-05-01T00%3A00%3A00Z", answer=[*TASKS, shown(iid=41)]),
        Asked(
            target=f"{LIST}=1&updated_after=2026-05-01T05%3A59%3A59Z",
            answer=[
                shown(state="closed", closed_at="2026-05-01T06:00:00Z", user_notes_count=1),
                shown(iid=43, confidential=True),
            ],
        ),
        Asked(
            target=f"{ISSUES}/42/{NOTES}",
            answer=[
                comment(),
                comment(id=1243, internal=True, body="社内だけの話です。"),
                comment(id=1244, system=True, body="closed"),
                comment(id=1245, author={"id": 9, "username": "project_14_bot"}),
            ],
        ),
    ],
    pages=2,
    walked=[replace(ISSUE, external_id="41"), replace(CLOSED, said=[BODY, ANSWER], replied_at=COMMENTED)],
    refused=("42", f"{ISSUES}/42/notes"),
    fetch=[
        Asked(target=f"{ISSUES}/42/{NOTES}", answer=[comment()]),
        Asked(target=f"{ISSUES}/42", answer=shown(user_notes_count=1)),
        Asked(target=f"{ISSUES}?per_page=1", answer=[]),
    ],
    fetched=("42", replace(ISSUE, said=[BODY, ANSWER], replied_at=COMMENTED)),
    gone="404",
)
