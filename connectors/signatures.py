"""Standard Webhooks: who signs what, and how it is proven on the bytes as they came.

A message has an id, a time and a body; its signature is `v1,` and the base64 HMAC-SHA256 of `id.time.body`.
The header may hold several, one a key, so that a key can be changed without a gap.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from connectors.errors import Unproven, Unreadable

PREFIX = "whsec_"
SECRET_BYTES = 32
KEY_LENGTHS = range(24, 65)
"""Bytes that a key may have."""
TOLERANCE = 300
"""Seconds that the sender's clock may be away from ours, either way."""
LONGEST_HEADER = 4096
MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")
"""Visible ASCII without the full stop, which would make `id.time.body` ambiguous."""
TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
VERSION = "v1,"


def new_secret() -> str:
    """Return a fresh secret as people copy it: `whsec_` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for.

    Raises Unreadable where it is no such secret; the message does not repeat it.
    """
    secret = secret.strip()
    if not secret.startswith(PREFIX):
        raise Unreadable(f"a signing secret starts with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise Unreadable(f"what follows {PREFIX} in a signing secret must be base64") from error
    if len(key) not in KEY_LENGTHS:
        raise Unreadable(f"a signing secret holds {KEY_LENGTHS[0]} to {KEY_LENGTHS[-1]} bytes")
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message sent at `timestamp`, in seconds since 1970."""
    return _signature(key, message_id, str(timestamp), body)


def prove(
    keys: Sequence[bytes],
    *,
    message_id: str | None,
    timestamp: str | None,
    signature: str | None,
    body: bytes,
    now: datetime,
) -> str:
    """Return the id of a message that one of the keys signed within the last or next five minutes.

    The three headers are taken as they came. Raises Unproven, and nothing else, for whatever is not shown.
    """
    if message_id is None or timestamp is None or signature is None:
        raise Unproven("a header is missing: webhook-id, webhook-timestamp and webhook-signature are needed")
    if not MESSAGE_ID.fullmatch(message_id):
        raise Unproven("webhook-id is empty, too long, or holds a full stop or what is no visible ASCII")
    if not TIMESTAMP.fullmatch(timestamp):
        raise Unproven("webhook-timestamp is no whole number of seconds")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        raise Unproven(f"webhook-timestamp is more than {TOLERANCE} seconds away from our clock")
    given = _entries(signature)
    expected = [_signature(key, message_id, timestamp, body).encode("ascii") for key in keys]
    if not any(hmac.compare_digest(one, other) for one in given for other in expected):
        raise Unproven("no signature is right: another secret, or other bytes than were signed")
    return message_id


def _entries(signature: str) -> list[bytes]:
    """Return the signatures of our version in the header."""
    if len(signature) > LONGEST_HEADER or not signature.isascii():
        raise Unproven("webhook-signature is too long or not ASCII")
    entries = [entry.encode("ascii") for entry in signature.split(" ") if entry.startswith(VERSION)]
    if not entries:
        raise Unproven("webhook-signature holds no signature of version v1")
    return entries


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode("ascii") + body, "sha256")
    return VERSION + base64.b64encode(digest).decode("ascii")
