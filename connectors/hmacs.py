"""What most senders sign with: an HMAC of the bytes as they came, each in its own writing."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from connectors.errors import Unproven

TOLERANCE = 300
"""Seconds that the sender's clock may be away from ours, either way."""
LONGEST_HEADER = 1024
Encoding = Literal["hex", "base64"]
Algorithm = Literal["sha1", "sha256"]


def prove(
    secrets: Sequence[str],
    signed: bytes,
    given: str | None,
    *,
    header: str,
    encoding: Encoding,
    prefix: str = "",
    algorithm: Algorithm = "sha256",
) -> None:
    """Raise Unproven unless one of the secrets made the signature that a header holds after its prefix."""
    if given is None:
        raise Unproven(f"{header} is missing")
    if len(given) > LONGEST_HEADER or not given.isascii() or not given.startswith(prefix):
        raise Unproven(f"{header} is no signature")
    told = _bytes(given.removeprefix(prefix), encoding, header)
    if not any(hmac.compare_digest(told, hmac.digest(key.encode(), signed, algorithm)) for key in secrets):
        raise Unproven(f"{header} is not right: another secret, or other bytes than were signed")


def must_be_fresh(stamp: float, now: datetime, *, header: str) -> None:
    """Raise Unproven for a call whose time, in seconds since 1970, is over five minutes away from ours."""
    if abs(now.timestamp() - stamp) > TOLERANCE:
        raise Unproven(f"{header} is more than {TOLERANCE} seconds away from our clock")


def seconds_of(given: str | None, *, header: str, unit: float = 1.0) -> float:
    """Return the seconds since 1970 that a header tells, which counts in `unit` seconds (0.001 for ms).

    Raises Unproven where it is missing or no whole number.
    """
    if given is None or not (given.isascii() and given.isdigit()) or len(given) > 16:
        raise Unproven(f"{header} is missing, or no whole number")
    return int(given) * unit


def _bytes(written: str, encoding: Encoding, header: str) -> bytes:
    """Return what a signature says in its one right writing, so that none counts twice."""
    try:
        told = bytes.fromhex(written) if encoding == "hex" else base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unproven(f"{header} is not written as {encoding}") from error
    again = told.hex() if encoding == "hex" else base64.b64encode(told).decode("ascii")
    if again != written:
        raise Unproven(f"{header} is not written as {encoding}")
    return told
