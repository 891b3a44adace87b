"""Typeform, as its documentation describes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.ports import BadRow, Customer, Heard, Role, Said
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2026, 5, 1, 5, 33, 18, tzinfo=UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001  it signs no time
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"typeform-signature": f"sha256={base64.b64encode(made).decode()}"}


def answer(kind: str, value: object, field: str, of: str) -> Mapping[str, object]:
    return {"type": kind, kind: value, "field": {"id": field, "ref": field, "type": of}}


FIELDS = [
    {"id": "f1", "ref": "nps", "type": "nps", "title": "当社を友人に勧めますか?"},
    {"id": "f2", "ref": "why", "type": "long_text", "title": "理由を教えてください。"},
    {
        "id": "g1",
        "type": "group",
        "title": "ご利用について",
        "properties": {
            "fields": [
                {"id": "f3", "type": "multiple_choice", "title": "お困りの点は?"},
                {"id": "f4", "type": "rating", "title": "使いやすさ", "properties": {"steps": 10}},
            ]
        },
    },
    {"id": "f5", "type": "email", "title": "メールアドレス"},
    {"id": "f6", "type": "opinion_scale", "title": "速さ", "properties": {"steps": 7, "start_at_one": True}},
]
DEFINITION = {"id": "u6nXL7", "title": "満足度調査", "fields": FIELDS}
ANSWERS = [
    answer("number", 3, "f1", "nps"),
    answer("text", "画面が重くて待たされます。", "f2", "long_text"),
    answer("choices", {"labels": ["速度", "料金"], "other": "電話がつながらない"}, "f3", "multiple_choice"),
    answer("number", 8, "f4", "rating"),
    answer("email", "aya@example.com", "f5", "email"),
    answer("date", "2026-05-01", "f7", "date"),
]


def call(**told: object) -> dict[str, object]:
    response = {
        "form_id": "u6nXL7",
        "token": "a3a12ec67a1365927098a606107fac15",
        "landed_at": "2026-05-01T05:30:00Z",
        "submitted_at": "2026-05-01T05:33:18Z",
        "hidden": {"user_id": "1900", "company_id": "77"},
        "definition": DEFINITION,
        "answers": ANSWERS,
        "variables": [],
    }
    return {"event_id": "01HX", "event_type": "form_response", "form_response": response | told}


def said(named: str, words: str, place: int, role: Role = "customer") -> Said:
    return Said(
        external_id=named,
        text=words,
        author_role=role,
        created_at=AT + timedelta(microseconds=place),
    )


WHOLE = Heard(
    external_id="a3a12ec67a1365927098a606107fac15",
    channel="survey",
    created_at=AT,
    updated_at=AT,
    rating=2.2,
    customer=Customer(id="1900", email="aya@example.com", account_id="77"),
    url="https://admin.typeform.com/form/u6nXL7/results#responses",
    said=[
        said("f2 question", "理由を教えてください。", 2, "interviewer"),
        said("f2", "画面が重くて待たされます。", 3),
        said("f3 question", "お困りの点は?", 4, "interviewer"),
        said("f3", "速度, 料金, 電話がつながらない", 5),
    ],
)
OTHER = Heard(
    external_id="b2",
    channel="survey",
    created_at=datetime(2026, 5, 2, tzinfo=UTC),
    updated_at=datetime(2026, 5, 2, tzinfo=UTC),
    rating=5.0,
    customer=Customer(email="ben@example.com"),
    url="https://admin.typeform.com/form/k9mP2q/results#responses",
    said=[],
)

EXAMPLE = Example(
    settings={"forms": "u6nXL7, k9mP2q u6nXL7", "token": "tfp_5ecret", "address": "{base}"},
    sign=sign,
    vectors=[
        Vector(
            at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            headers={"typeform-signature": "sha256=LxRqlMUHJpWuvpqrJN9Sqvxtgc5trMsb+fe4kdX6GhA="},
        )
    ],
    sent=[
        Sent(content=call(), named="01HX", tells=[WHOLE]),
        Sent(
            content=call(
                token="c3",
                hidden={"Email": "ben@example.com", "user_id": "xxxxx", "account_id": ""},
                answers=[
                    answer("choice", {"label": "はい"}, "f3", "multiple_choice"),
                    answer("text", "質問の消えた回答", "f9", "short_text"),
                    answer("number", 11, "f1", "nps"),
                    answer("number", 4, "f6", "opinion_scale"),
                ],
            ),
            named="01HX",
            tells=[
                Heard(
                    external_id="c3",
                    channel="survey",
                    created_at=AT,
                    updated_at=AT,
                    rating=3.0,
                    customer=Customer(email="ben@example.com"),
                    url="https://admin.typeform.com/form/u6nXL7/results#responses",
                    said=[
                        said("f3 question", "お困りの点は?", 0, "interviewer"),
                        said("f3", "はい", 1),
                        said("f9", "質問の消えた回答", 3),
                    ],
                )
            ],
        ),
        Sent(content=call() | {"event_type": "form_response_partial"}, named="01HX", tells=[]),
        Sent(
            content=call(token=None),
            named="01HX",
            tells=[BadRow(line=1, reason="it names no response: token is not there")],
        ),
        Sent(
            content={"event_id": "01HX"},
            named="01HX",
            tells=[BadRow(line=1, reason="it is no response: form_response is not there")],
        ),
    ],
    own=[
        Sent(
            content=call(answers=[answer("text", "試験 [koe:0123456789abcdef0123]", "f2", "long_text")]),
            named="01HX",
            tells=[],
        )
    ],
    check=[
        Asked(target="/forms/u6nXL7", answer=DEFINITION),
        Asked(target="/forms/k9mP2q", answer={"id": "k9mP2q", "title": "解約アンケート"}),
    ],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target="/forms/u6nXL7/responses?page_size=100&sort=submitted_at%2Casc&since=2026-04-30T23%3A00%3A00",
            answer={
                "total_items": 1,
                "items": [
                    {
                        "token": "a3a12ec67a1365927098a606107fac15",
                        "submitted_at": "2026-05-01T05:33:18Z",
                        "hidden": {"user_id": "1900", "company_id": "77"},
                        "answers": ANSWERS,
                    },
                    {"token": "d4", "submitted_at": "0001-01-01T00:00:00Z", "answers": None},
                ],
            },
        ),
        Asked(
            target="/forms/k9mP2q/responses?page_size=100&sort=submitted_at%2Casc",
            answer={
                "items": [
                    {
                        "token": "b2",
                        "submitted_at": "2026-05-02T00:00:00Z",
                        "hidden": {"email": "ben@example.com"},
                        "answers": [answer("number", 5, "r1", "rating")],
                    }
                ]
            },
        ),
        Asked(target="/forms/u6nXL7", answer=DEFINITION),
        Asked(target="/forms/k9mP2q", answer={"id": "k9mP2q", "title": "解約アンケート", "fields": []}),
    ],
    pages=2,
    walked=[WHOLE, OTHER],
)
