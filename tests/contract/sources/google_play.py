"""Google Play, as its documentation describes it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.ports import Heard, Said
from tests.contract.sources import Asked, Example

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
CHANGED = datetime(2026, 5, 1, 5, 33, 18, tzinfo=UTC)
ANSWERED = datetime(2026, 5, 1, 6, 33, 18, tzinfo=UTC)
LIST = "/androidpublisher/v3/applications/com.example.app/reviews"
TOKEN = Asked(
    target="/token",
    method="POST",
    holds="grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=",
    answer={"access_token": "ya29.t0ken", "expires_in": 3600, "token_type": "Bearer"},
)


def review(named: str, text: str, *answers: Mapping[str, object]) -> Mapping[str, object]:
    written = {
        "text": text,
        "lastModified": {"seconds": "1777613598", "nanos": 5},
        "starRating": 1,
        "reviewerLanguage": "en",
        "device": "panther",
        "appVersionName": "2.3.1",
    }
    return {"reviewId": named, "authorName": "Aya", "comments": [{"userComment": written}, *answers]}


ANSWER = {"developerComment": {"text": "修正しました。", "lastModified": {"seconds": "1777617198"}}}
FIRST = review("gp:AOqp-1", "入れない\t昨日からログインできません。", ANSWER)


def heard(named: str, text: str, *said: Said, title: str | None, answered: datetime | None = None) -> Heard:
    first = Said(external_id="review", text=text, created_at=CHANGED, updated_at=CHANGED)
    return Heard(
        external_id=named,
        channel="review",
        title=title,
        created_at=CHANGED,
        updated_at=answered or CHANGED,
        replied_at=answered,
        rating=1.0,
        url="https://play.google.com/store/apps/details?id=com.example.app&reviewId=gp%3AAOqp-"
        + named.rpartition("-")[2],
        tags=["2.3.1"],
        said=[first, *said],
    )


RESPONSE = Said(
    external_id="response",
    text="修正しました。",
    author_role="agent",
    created_at=ANSWERED,
    updated_at=ANSWERED,
)
WHOLE = heard("gp:AOqp-1", "昨日からログインできません。", RESPONSE, title="入れない", answered=ANSWERED)
CHECK = [TOKEN, Asked(target=f"{LIST}?maxResults=1", answer={})]
EXAMPLE = Example(
    settings={
        "package": "com.example.app",
        "service_account": json.dumps(
            {
                "type": "service_account",
                "client_email": "koe@example.iam.gserviceaccount.com",
                "private_key": PEM,
                "token_uri": "{base}/token",
            }
        ),
        "address": "{base}",
    },
    check=CHECK,
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        TOKEN,
        Asked(
            target=f"{LIST}?maxResults=100&token=next",
            answer={"reviews": [review("gp:AOqp-2", "\tまだです。")]},
        ),
        Asked(
            target=f"{LIST}?maxResults=100",
            answer={"reviews": [FIRST], "tokenPagination": {"nextPageToken": "next"}},
        ),
    ],
    pages=2,
    walked=[WHOLE, heard("gp:AOqp-2", "まだです。", title=None)],
    fetch=[*CHECK, Asked(target=f"{LIST}/gp%3AAOqp-1", answer=FIRST)],
    fetched=("gp:AOqp-1", WHOLE),
    gone="404",
)
