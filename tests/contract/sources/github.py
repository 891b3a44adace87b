"""GitHub, as its documentation describes it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UPDATED = datetime(2026, 5, 1, 6, tzinfo=UTC)
COMMENTED = datetime(2026, 5, 1, 5, 59, 59, tzinfo=UTC)
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={made}"}


def user(login: str, kind: str = "User") -> dict[str, object]:
    return {"login": login, "id": 21031067, "type": kind}


def issue(**other: object) -> dict[str, object]:
    return {
        "id": 444500041,
        "node_id": "MDU6SXNzdWU0NDQ1MDAwNDE=",
        "number": 42,
        "title": "書き出しが失敗する",
        "body": "<!-- まず既存の Issue を探してください -->\n\nCSV の書き出しが失敗します。",
        "state": "open",
        "state_reason": None,
        "user": user("octocat"),
        "labels": [{"id": 1, "name": "bug"}],
        "comments": 0,
        "html_url": "https://github.com/acme/app/issues/42",
        "created_at": "2026-05-01T05:27:58Z",
        "updated_at": "2026-05-01T06:00:00Z",
        "closed_at": None,
        "author_association": "NONE",
        **other,
    }


def comment(**other: object) -> dict[str, object]:
    return {
        "id": 492700400,
        "body": "直し方が分かりました。",
        "user": user("hana"),
        "issue_url": "https://api.github.com/repos/acme/app/issues/42",
        "html_url": "https://github.com/acme/app/issues/42#issuecomment-492700400",
        "created_at": "2026-05-01T05:59:59Z",
        "updated_at": "2026-05-01T05:59:59Z",
        "author_association": "MEMBER",
        **other,
    }


def event(action: str, **told: object) -> dict[str, object]:
    repository = {"id": 1, "full_name": "Acme/App"}
    return {"action": action, **told, "repository": repository, "sender": user("octocat")}


def sent(kind: str, content: object, *tells: Heard | Changed | Withdrawn) -> Sent:
    named = {"x-github-delivery": DELIVERY}
    return Sent(
        content=content, headers={"x-github-event": kind}, naming=named, named=DELIVERY, tells=[*tells]
    )


BODY = Said(external_id="body", text="CSV の書き出しが失敗します。", created_at=CREATED, updated_at=UPDATED)
ISSUE = Heard(
    external_id="42",
    title="書き出しが失敗する",
    created_at=CREATED,
    updated_at=UPDATED,
    status="open",
    customer=Customer(id="octocat"),
    url="https://github.com/acme/app/issues/42",
    tags=["bug"],
    said=[BODY],
)
ANSWER = Said(
    external_id="492700400",
    text="直し方が分かりました。",
    author_role="agent",
    created_at=COMMENTED,
    updated_at=COMMENTED,
)
DISCUSSION: dict[str, object] = {
    "number": 43,
    "title": "How do I export a chart?",
    "body": "I want it as an image.",
    "category": {"name": "Q&A", "slug": "q-a", "is_answerable": True},
    "user": user("mona"),
    "labels": [],
    "comments": 0,
    "state": "open",
    "html_url": "https://github.com/acme/app/discussions/43",
    "answer_chosen_at": None,
    "created_at": "2026-05-01T05:27:58Z",
    "updated_at": "2026-05-01T06:00:00Z",
    "author_association": "CONTRIBUTOR",
}
QUESTION = Heard(
    external_id="43",
    title="How do I export a chart?",
    created_at=CREATED,
    updated_at=UPDATED,
    status="open",
    customer=Customer(id="mona"),
    url="https://github.com/acme/app/discussions/43",
    tags=["Q&A"],
    said=[Said(external_id="body", text="I want it as an image.", created_at=CREATED, updated_at=UPDATED)],
)
HINT = replace(ANSWER, external_id="780", text="Use the menu.")
THANKS = replace(ANSWER, external_id="781", text="Thanks, found it.", author_role="customer")
ANSWERED = replace(
    QUESTION,
    status="answered",
    resolved_at=UPDATED,
    replied_at=COMMENTED,
    said=[*QUESTION.said, HINT, THANKS],
)
CLOSED = replace(ISSUE, status="closed", resolved_at=UPDATED)


def node(named: int, body: str, association: str, login: str, **other: object) -> dict[str, object]:
    """Return a comment as the question asks for it."""
    return {
        "id": named,
        "body": body,
        "created_at": "2026-05-01T05:59:59Z",
        "updated_at": "2026-05-01T05:59:59Z",
        "author_association": association,
        "user": {"login": login, "type": "User"},
        **other,
    }


LAST: dict[str, object] = {"hasNextPage": False, "endCursor": None}
REPLIES = {"nodes": [node(781, "Thanks, found it.", "NONE", "mona")]}
NODE: dict[str, object] = {
    **{k: v for k, v in DISCUSSION.items() if k not in ("state", "comments", "labels")},
    "closed": False,
    "closed_at": None,
    "answer_chosen_at": "2026-05-01T06:00:00Z",
    "labels": {"nodes": []},
    "comments": {
        "pageInfo": LAST,
        "nodes": [
            node(780, "Use the menu.", "OWNER", "hana", replies=REPLIES),
            {
                **node(782, "Built.", "NONE", "ci", replies={"nodes": []}),
                "user": {"login": "ci", "type": "Bot"},
            },
        ],
    },
}
OLDER = {**NODE, "number": 7, "updated_at": "2026-04-01T06:00:00Z"}


def graph(found: object) -> object:
    return {"data": {"repository": {"found": found}}}


ISSUES = "/repos/acme/app/issues"
SINCE = "since=2026-05-01T00%3A00%3A00Z"
FIRST = f"{ISSUES}?sort=updated&direction=asc&per_page=100&state=all&{SINCE}"
FIRST_COMMENTS = f"{ISSUES}/comments?sort=updated&direction=asc&per_page=100&{SINCE}"
DISCUSSIONS = [
    Asked(
        target="/graphql",
        method="POST",
        holds='"after": "Y3Vyc29y"',
        answer=graph({"pageInfo": LAST, "nodes": [OLDER]}),
    ),
    Asked(
        target="/graphql",
        method="POST",
        holds='"after": null',
        answer=graph({"pageInfo": {"hasNextPage": True, "endCursor": "Y3Vyc29y"}, "nodes": [NODE]}),
    ),
]

EXAMPLE = Example(
    settings={"repository": "acme/app", "token": "github_pat_secret", "api": "{base}"},
    sign=sign,
    vectors=[
        Vector(
            at=AT,
            headers={
                "x-hub-signature-256": "sha256="
                "2f146a94c5072695aebe9aab24df52aafc6d81ce6daccb1bf9f7b891d5fa1a10"
            },
        )
    ],
    sent=[
        sent("issues", event("opened", issue=issue()), ISSUE),
        sent(
            "issues",
            event("opened", issue=issue(comments=2), changes={"old_issue": issue(number=3)}),
            ISSUE,
            Changed(external_id="42"),
        ),
        sent(
            "issues",
            event(
                "closed",
                issue=issue(state="closed", state_reason="completed", closed_at="2026-05-01T06:00:00Z"),
            ),
            CLOSED,
        ),
        sent(
            "issues",
            event("edited", issue=issue(number=50, body=None), changes={"body": {"from": "間違えました"}}),
            replace(ISSUE, external_id="50", said=[replace(BODY, text="")]),
        ),
        sent("issues", event("deleted", issue=issue()), Withdrawn(external_id="42")),
        sent("issues", event("transferred", issue=issue(), changes={}), Withdrawn(external_id="42")),
        sent(
            "issues",
            event("opened", issue=issue(author_association="OWNER")),
            replace(ISSUE, customer=Customer(), said=[replace(BODY, author_role="agent")]),
        ),
        sent("issues", event("opened", issue=issue(user=user("dependabot[bot]", "Bot")))),
        sent(
            "issue_comment",
            event("created", issue=issue(), comment=comment()),
            replace(ISSUE, said=[BODY, ANSWER]),
        ),
        sent(
            "issue_comment",
            event("deleted", issue=issue(), comment=comment(id=9)),
            replace(
                ISSUE,
                said=[
                    BODY,
                    Said(external_id="9", text="", author_role="agent", updated_at=UPDATED),
                ],
            ),
        ),
        sent(
            "issue_comment",
            event("created", issue=issue(), comment=comment(user=user("ci[bot]", "Bot"))),
            ISSUE,
        ),
        sent(
            "issue_comment",
            event("created", issue=issue(pull_request={"url": "…"}), comment=comment()),
        ),
        sent("discussion", event("created", discussion=DISCUSSION), QUESTION),
        sent(
            "discussion_comment",
            event(
                "created",
                discussion=DISCUSSION,
                comment=comment(
                    id=781,
                    parent_id=780,
                    body="Thanks, found it.",
                    author_association="NONE",
                    user=user("mona"),
                ),
            ),
            replace(QUESTION, said=[*QUESTION.said, THANKS]),
        ),
        sent(
            "discussion",
            event("answered", discussion={**DISCUSSION, "answer_chosen_at": "2026-05-01T06:00:00Z"}),
            replace(QUESTION, status="answered", resolved_at=UPDATED),
        ),
        sent("discussion", event("deleted", discussion=DISCUSSION), Withdrawn(external_id="43")),
        sent("star", event("created", starred_at="2026-05-01T06:00:00Z")),
    ],
    own=[sent("issues", event("opened", issue=issue(body="失敗する <!-- koe:0123456789abcdef0123 -->")))],
    greeting=(sent("ping", {"zen": "Design for failure.", "hook_id": 1, "hook": {}}), b""),
    check=[Asked(target=f"{ISSUES}?per_page=1", answer=[]), *DISCUSSIONS],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target=FIRST,
            answer=[
                issue(number=41, pull_request={"url": "…"}),
                issue(state="closed", closed_at="2026-05-01T06:00:00Z"),
            ],
        ),
        Asked(
            target=FIRST_COMMENTS,
            answer=[
                comment(),
                comment(id=5, html_url="https://github.com/acme/app/pull/41#issuecomment-5"),
                comment(id=6, user=user("ci[bot]", "Bot")),
            ],
        ),
        *DISCUSSIONS,
    ],
    pages=4,
    walked=[CLOSED, Heard(external_id="42", said=[ANSWER]), ANSWERED],
    fetch=[
        Asked(target=f"{ISSUES}/42/comments?per_page=100", answer=[comment()]),
        Asked(target=f"{ISSUES}/42", answer=issue(comments=1)),
        Asked(target=f"{ISSUES}?per_page=1", answer=[]),
        Asked(target="/graphql", method="POST", holds='"number": 404', answer=graph(None)),
    ],
    fetched=("42", replace(ISSUE, replied_at=COMMENTED, said=[BODY, ANSWER])),
    gone="404",
)
