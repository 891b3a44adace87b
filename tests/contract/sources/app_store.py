"""App Store Connect, as its documentation describes it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.ports import Heard, Said
from tests.contract.sources import Asked, Example

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
WRITTEN = datetime(2026, 5, 1, 5, 30, tzinfo=UTC)
ANSWERED = datetime(2026, 5, 2, tzinfo=UTC)
LIST = "/v1/apps/123/customerReviews"


def review(number: int, *, written: str, answer: str | None = None) -> Mapping[str, object]:
    linked = {"data": {"type": "customerReviewResponses", "id": answer}} if answer else {"links": {}}
    return {
        "type": "customerReviews",
        "id": f"0000-{number}",
        "attributes": {
            "rating": 2,
            "title": "ログインできない",
            "body": "昨日からログインできません。",
            "reviewerNickname": "aya",
            "createdDate": written,
            "territory": "JPN",
        },
        "relationships": {"response": linked},
    }


ANSWER = {
    "type": "customerReviewResponses",
    "id": "r1",
    "attributes": {
        "responseBody": "修正しました。",
        "lastModifiedDate": "2026-05-01T17:00:00-07:00",
        "state": "PUBLISHED",
    },
}


def heard(number: int, at: datetime, *said: Said, answered: datetime | None = None) -> Heard:
    first = Said(external_id="review", text="昨日からログインできません。", created_at=at, updated_at=at)
    return Heard(
        external_id=f"0000-{number}",
        channel="review",
        title="ログインできない",
        created_at=at,
        updated_at=answered or at,
        replied_at=answered,
        rating=2.0,
        url="https://apps.apple.com/app/id123",
        tags=["JPN"],
        said=[first, *said],
    )


RESPONSE = Said(
    external_id="response",
    text="修正しました。",
    author_role="agent",
    created_at=ANSWERED,
    updated_at=ANSWERED,
)
FIRST = review(1, written="2026-04-30T22:30:00-07:00", answer="r1")
CHECK = Asked(target=f"{LIST}?limit=1", answer={"data": []})
EXAMPLE = Example(
    settings={
        "app": "123",
        "key_id": "2X9R4HXF34",
        "private_key": PEM,
        "issuer_id": "57246542-96fe",
        "address": "{base}",
    },
    check=[CHECK],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target=f"{LIST}?sort=-createdDate&limit=200&include=response",
            answer={
                "data": [FIRST],
                "included": [ANSWER],
                "links": {"self": "x", "next": f"{{base}}{LIST}?cursor=Mg&limit=200"},
                "meta": {"paging": {"total": 3, "limit": 200}},
            },
        ),
        Asked(
            target=f"{LIST}?cursor=Mg",
            answer={
                "data": [review(2, written="2026-04-20T00:00:00Z")],
                "links": {"next": f"{{base}}{LIST}?cursor=Mw&limit=200"},
            },
        ),
    ],
    pages=2,
    walked=[
        heard(1, WRITTEN, RESPONSE, answered=ANSWERED),
        heard(2, datetime(2026, 4, 20, tzinfo=UTC)),
    ],
    fetch=[
        CHECK,
        Asked(
            target="/v1/customerReviews/0000-1?include=response",
            answer={"data": FIRST, "included": [ANSWER]},
        ),
    ],
    fetched=("0000-1", heard(1, WRITTEN, RESPONSE, answered=ANSWERED)),
    gone="404",
)
