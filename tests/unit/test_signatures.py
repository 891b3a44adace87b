"""Signatures by Standard Webhooks: what is proven, and the many things that are not."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Unproven, Unreadable
from connectors.signatures import LONGEST_HEADER, key_of, new_secret, prove, sign

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
BODY = '{"text":"ログインできない","n":1}'.encode()
SENT = 1_700_000_000
RIGHT = "v1,n6pIbqrhf2N47bvq4RSuK6FQ8FlIT2scBuIktg2VXgE="
WRONG = "v1,n6pIbqrhf2N47bvq4RSuK6FQ8FlIT2scBuIktg2VXgA="
NOW = datetime.fromtimestamp(SENT, UTC)


def proven(
    *,
    keys: tuple[bytes, ...] = (KEY,),
    message_id: str | None = "msg_1",
    timestamp: str | None = str(SENT),
    signature: str | None = RIGHT,
    body: bytes = BODY,
    now: datetime = NOW,
) -> str:
    return prove(keys, message_id=message_id, timestamp=timestamp, signature=signature, body=body, now=now)


def test_a_published_message_has_its_published_signature() -> None:
    assert key_of(SECRET) == KEY
    assert sign(KEY, "msg_1", SENT, BODY) == RIGHT


def test_what_is_signed_is_proven() -> None:
    assert proven() == "msg_1"


@pytest.mark.parametrize(
    "signature",
    [
        f"{WRONG} {RIGHT}",
        f"{RIGHT} {WRONG}",
        f"v1a,{'A' * 86}== {RIGHT} v2,x",
        f"nonsense {RIGHT}",
        f"v1,a,b  {RIGHT}",
        " ".join([WRONG] * 50 + [RIGHT]),
    ],
    ids=lambda signature: signature[:30],
)
def test_one_right_signature_among_others_is_enough(signature: str) -> None:
    assert proven(signature=signature) == "msg_1"


def test_either_key_proves_while_one_is_changed_for_the_other() -> None:
    old, new = KEY, secrets.token_bytes(32)
    assert proven(keys=(new, old)) == "msg_1"
    assert proven(keys=(new, old), signature=sign(new, "msg_1", SENT, BODY)) == "msg_1"
    with pytest.raises(Unproven, match="no signature is right"):
        proven(keys=(new,))


MALFORMED_SIGNATURES = {
    "missing": None,
    "empty": "",
    "a space": " ",
    "no comma": RIGHT.replace(",", ""),
    "another separator": RIGHT.replace(",", "="),
    "two commas": RIGHT.replace(",", ",,"),
    "a second value": f"{RIGHT},{RIGHT[3:]}",
    "nothing after the comma": "v1,",
    "nothing before the comma": RIGHT[2:],
    "an unknown version": RIGHT.replace("v1", "v2"),
    "a version in capitals": RIGHT.replace("v1", "V1"),
    "an asymmetric version": RIGHT.replace("v1", "v1a"),
    "no padding": RIGHT.rstrip("="),
    "too much padding": f"{RIGHT}=",
    "a short value": "v1,n6pIbqrh",
    "a length that no base64 has": "v1,n6pIb",
    "no base64": "v1,%%%%",
    "another alphabet": f"v1,{'-_' * 22}",
    "hexadecimal": f"v1,{base64.b64decode(RIGHT[3:]).hex()}",
    "bits that base64 ignores": RIGHT.replace("E=", "F="),
    "a letter that is none": RIGHT.replace("n6", "ｎ6"),
    "a lone surrogate": RIGHT.replace("n6", "\udc80"),
    "a byte order mark": f"\ufeff{RIGHT}",
    "a tab": f"v1,\t{RIGHT[3:]}",
    "a line break after it": f"{RIGHT}\n",
    "a line break between two": f"{WRONG}\n{RIGHT}",
    "a NUL": f"{RIGHT}\0",
    "quotes": f'"{RIGHT}"',
    "a comma between two": f"{WRONG}, {RIGHT[:-1]}",
    "another scheme": "sha256=2f146a94c5072695aebe9aab24df52aafc6d81ce6daccb1bf9f7b891d5fa1a10",
    "JSON": json.dumps({"v1": RIGHT}),
    "too many": " ".join([WRONG] * 100 + [RIGHT]),
    "huge": "v1," + "A" * 1_000_000,
    "wrong": WRONG,
}


@pytest.mark.parametrize("signature", MALFORMED_SIGNATURES.values(), ids=MALFORMED_SIGNATURES)
def test_a_malformed_signature_is_not_proven(signature: str | None) -> None:
    with pytest.raises(Unproven):
        proven(signature=signature)


@pytest.mark.parametrize(
    "timestamp",
    [
        *(None, "", " ", "now", "1700000000.0", "1.7e9", "-1700000000", "+1700000000", "0x6553F100"),
        *(" 1700000000", "1700000000 ", "1700000000\n", "01700000000", "1_700_000_000", "1,700,000,000"),
        *("١٧٠٠٠٠٠٠٠٠", "１７００００００００", "1700000000, 1700000000", "0", "nan", "inf", "\ud800"),
        *("9" * 12, "9" * 13, "9" * 5_000, "2023-11-14T22:13:20Z"),
    ],
    ids=lambda timestamp: ascii(timestamp)[:30],
)
def test_a_malformed_timestamp_is_not_proven(timestamp: str | None) -> None:
    signature = sign(KEY, "msg_1", SENT, BODY)
    with pytest.raises(Unproven, match="webhook-timestamp"):
        proven(timestamp=timestamp, signature=signature)


@pytest.mark.parametrize(
    "message_id",
    [
        *(None, "", " ", "msg 1", "msg_1 ", "msg_1\n", "msg.1", ".", "msg_1, msg_1", "ｍｓｇ", "声", "\0"),
        *("a" * 257, "a" * 1_000_000, "\udcff", "msg\t1"),
    ],
    ids=lambda message_id: ascii(message_id)[:30],
)
def test_a_malformed_id_is_not_proven(message_id: str | None) -> None:
    with pytest.raises(Unproven, match="webhook-id"):
        proven(message_id=message_id)


def test_a_full_stop_cannot_be_moved_from_one_part_to_another() -> None:
    signature = sign(KEY, "a", SENT, b"1.b")
    with pytest.raises(Unproven):
        proven(message_id=f"a.{SENT}", timestamp="1", body=b"b", signature=signature)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_clock_may_differ_by_five_minutes(seconds: int) -> None:
    assert proven(now=NOW + timedelta(seconds=seconds)) == "msg_1"


@pytest.mark.parametrize("seconds", [-301, -300.5, 300.5, 301, 86_400])
def test_a_clock_may_not_differ_by_more(seconds: float) -> None:
    with pytest.raises(Unproven, match="300 seconds"):
        proven(now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY + b" ",
        BODY[:-1] + b"]",
        json.dumps(json.loads(BODY)).encode(),
        json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
        b"\xef\xbb\xbf" + BODY,
        BODY.decode().encode("utf-16"),
    ],
)
def test_other_bytes_are_not_proven(body: bytes) -> None:
    with pytest.raises(Unproven, match="other bytes"):
        proven(body=body)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"NaN", b'"\\ud800"'])
def test_a_body_need_not_be_text_to_be_proven(body: bytes) -> None:
    assert proven(body=body, signature=sign(KEY, "msg_1", SENT, body)) == "msg_1"


def test_nothing_is_proven_without_a_key() -> None:
    with pytest.raises(Unproven):
        proven(keys=())


def test_a_reason_holds_nothing_that_was_sent() -> None:
    for message_id in ("taro@example.com 声", "msg_1"):
        with pytest.raises(Unproven) as raised:
            proven(message_id=message_id, signature=WRONG)
        assert not any(part in str(raised.value) for part in ("taro", "msg_1", WRONG[3:], SECRET))


HEADERS = st.none() | st.text(max_size=80) | st.sampled_from(["msg_1", str(SENT), RIGHT, WRONG, "v1,"])


@given(message_id=HEADERS, timestamp=HEADERS, signature=HEADERS, body=st.binary(max_size=50))
def test_whatever_comes_is_proven_or_not_and_nothing_else_happens(
    message_id: str | None, timestamp: str | None, signature: str | None, body: bytes
) -> None:
    with pytest.raises(Unproven):
        proven(message_id=message_id, timestamp=timestamp, signature=signature, body=body)


@given(
    key=st.binary(min_size=24, max_size=64),
    message_id=st.from_regex(r"[!-\-/-~]{1,256}", fullmatch=True),
    timestamp=st.integers(min_value=1, max_value=2**37),
    body=st.binary(),
)
def test_whatever_is_signed_is_proven(key: bytes, message_id: str, timestamp: int, body: bytes) -> None:
    signature = sign(key, message_id, timestamp, body)
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timestamp)
    assert (
        proven(
            keys=(key,),
            message_id=message_id,
            timestamp=str(timestamp),
            signature=signature,
            body=body,
            now=now,
        )
        == message_id
    )


class TestSecrets:
    def test_every_secret_is_another_one_of_32_bytes(self) -> None:
        made = {new_secret() for _ in range(50)}
        assert len(made) == 50
        assert {len(key_of(secret)) for secret in made} == {32}
        assert all(secret.startswith("whsec_") for secret in made)

    def test_blanks_around_a_copied_secret_do_no_harm(self) -> None:
        assert key_of(f" {SECRET}\n") == KEY

    @pytest.mark.parametrize(
        "secret",
        [
            *("", "whsec_", SECRET.removeprefix("whsec_"), "whsec_***", "whsec_声", "whsec_\ud800"),
            *("whsec_c2hvcnQ=", SECRET[:-1], f"whsec_{base64.b64encode(bytes(65)).decode()}"),
            f"whsec_{'A' * LONGEST_HEADER}",
        ],
        ids=lambda secret: ascii(secret)[:20],
    )
    def test_what_is_no_secret_is_refused_without_being_repeated(self, secret: str) -> None:
        with pytest.raises(Unreadable) as raised:
            key_of(secret)
        assert len(secret) < 7 or secret.removeprefix("whsec_") not in str(raised.value)
