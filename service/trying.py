"""The line that tries a source: it can be pasted into bash or zsh as it stands, on Linux and macOS."""

import json
import os
import secrets
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from urllib.parse import quote

from sqlmodel import Session

from connectors.signatures import key_of, sign
from service.repositories import items, themes

Record = Mapping[str, str]
SENTENCES = {
    "en": "I was charged twice for the same order.",
    "ja": "同じ注文の代金が二重に引き落とされています。",
}
CUSTOMERS = 4
"""As many make a theme."""
SHORTEST, LONGEST = 8, 120
"""Code points of the words that are tried."""
LOOKED_AT = 50
"""Voices of a theme among which words are chosen."""
SHOW = "curl -sS -w '%{http_code}\\n'"


def address(base: str, name: str, *, proof: str, secret: str, under: str = "webhooks") -> str:
    """Return the address that calls go to; it holds the secret where that is the proof."""
    at = f"{base}/{under}/{quote(name, safe='')}"
    return f"{at}/{secret}" if proof == "url" else at


def curl(url: str, *, proof: str, secret: str, records: Sequence[Record]) -> str:
    """Return the line that sends these records. It prints the status of the answer, 200."""
    value = records[0] if len(records) == 1 else records
    body = shlex.quote(json.dumps(value, ensure_ascii=not _speaks_unicode()))
    typed = "-H 'Content-Type: application/json'"
    if proof != "signature":
        told = f"-H {shlex.quote(f'Authorization: Bearer {secret}')} " if proof == "bearer" else ""
        return f"{SHOW} {told}{typed} --data-raw {body} {shlex.quote(url)}"
    named = f"msg_{secrets.token_hex(8)}"
    signed = f"openssl dgst -sha256 -mac HMAC -macopt hexkey:{key_of(secret).hex()} -binary"
    return (
        f"(body={body}; id={named}; ts=$(date +%s); {SHOW} {typed} "
        '-H "webhook-id: $id" -H "webhook-timestamp: $ts" -H "webhook-signature: v1,'
        f'$(printf %s "$id.$ts.$body" | {signed} | openssl base64 -A)" '
        f'--data-raw "$body" {shlex.quote(url)})'
    )


def proof_of(body: bytes, *, proof: str, secret: str) -> dict[str, str]:
    """Return the headers that prove a call."""
    if proof != "signature":
        return {"Authorization": f"Bearer {secret}"} if proof == "bearer" else {}
    named, now = f"msg_{secrets.token_hex(8)}", int(time.time())
    signature = sign(key_of(secret), named, now, body)
    return {"webhook-id": named, "webhook-timestamp": str(now), "webhook-signature": signature}


def sample(session: Session, organisation_id: str, zone: tzinfo) -> list[Record]:
    """Return what a source is tried with: a voice for the largest theme, so that it is seen there at once.

    Where there are no themes yet, it is the same said by as many customers as make one.
    """
    words = _known_words(session, organisation_id, zone)
    if words is not None:
        return [_record(words, 1)]
    ours = SENTENCES["ja" if _is_japanese(session, organisation_id) else "en"]
    return [_record(ours, number) for number in range(1, CUSTOMERS + 1)]


def _record(words: str, number: int) -> Record:
    return {
        "external_id": f"try-{secrets.token_hex(4)}",
        "customer_id": f"try-{number}",
        "text": words,
    }


def _known_words(session: Session, organisation_id: str, zone: tzinfo) -> str | None:
    for figures in themes.list_themes(session, organisation_id, zone=zone):
        for voice in themes.evidence(session, organisation_id, figures.theme.id, limit=LOOKED_AT):
            words = voice.span.text
            if SHORTEST <= len(words) <= LONGEST and "[" not in words and "\n" not in words:
                return words
    return None


def _is_japanese(session: Session, organisation_id: str) -> bool:
    """Say whether the voices, or before there are any the person at the keyboard, speak Japanese."""
    spoken = items.commonest_language(session, organisation_id)
    if spoken is not None:
        return spoken == "ja"
    asked = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in asked if value), "").startswith("ja")


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
