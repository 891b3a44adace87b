"""Who calls a webhook: proven on the bytes as they came, in the way that was agreed with the sender.

- `signature`: the three headers of Standard Webhooks.
- `bearer`: the secret as a token (`Authorization: Bearer …`) or as the password of HTTP Basic, or in a header
  of the sender's own, as its connector says.
- `url`: the secret as the last part of the address.
- `own`: as the connector of the source says; `older`: as it says of a weaker way that the sender had before.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from time import monotonic

from sqlmodel import Session

from connectors import signatures
from connectors.errors import Unproven
from connectors.ports import Call, Greeting, Proof
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES
from service import credentials
from service.access.secret import new_secret
from service.db import Database
from service.errors import Conflict, WrongUse
from service.models import Source
from service.models.columns import digest
from service.repositories import sources
from service.sealing import Seal

PROOFS: tuple[Proof, ...] = ("bearer", "signature", "url")
"""How calls of a generic source may prove themselves."""
AUTHORIZATION = "authorization"
LONGEST_NAME = 100
NAME = re.compile(rf"[^\W_][\w.-]{{0,{LONGEST_NAME - 1}}}")
"""What a source may be called that calls come to: it stands in their address."""
KNOWN_FOR = 1.0
"""Seconds that a source is known before it is looked up again."""
MOST_WAITING = 50_000
"""Calls of one source that may wait to be read: a sender that floods must not fill the disk."""
MOST_KNOWN = 10_000
"""Names that are remembered: strangers may ask for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A source that calls come to, and what they prove themselves with."""

    organisation_id: str
    source_id: str
    proof: str
    secrets: Sequence[str] = field(repr=False)
    """The newest first; an older one counts as well until it is dropped. None while they are not known."""
    port: type[SourcePort] | None = None
    """The connector; None for a generic source."""
    is_full: bool = False
    """Whether so many of its calls wait to be read that no more are taken."""

    def greet(self, call: Call) -> Greeting | None:
        """Return the answer to a proven call that only makes sure of the address; None for any other."""
        return self.port.greet(call) if self.port else None

    def kept(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return those headers of a call without which it cannot be read."""
        names = self.port.keeps if self.port else ()
        return {name: value for name in sorted(names) if (value := headers.get(name)) is not None}


class Receivers:
    """The sources that calls come to, by name. A change shows within a second."""

    def __init__(self, db: Database, seal: Callable[[], Seal], *, most_waiting: int = MOST_WAITING) -> None:
        self.most_waiting = most_waiting
        self._db = db
        self._seal = cache(seal)
        self._known: dict[str, tuple[float, Receiver | None]] = {}

    def find(self, name: str) -> Receiver | None:
        """Return the source of a name, if there is one. Raises Unavailable."""
        until, receiver = self._known.get(name, (0.0, None))
        now = monotonic()
        if now < until:
            return receiver
        receiver = self._look_up(name)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[name] = (now + KNOWN_FOR, receiver)
        return receiver

    def _look_up(self, name: str) -> Receiver | None:
        most = self.most_waiting
        found = self._db.alone(lambda connection: sources.called(connection, name, most=most))
        if found is None:
            return None
        return Receiver(
            organisation_id=found.organisation_id,
            source_id=found.id,
            proof=found.proof,
            port=SOURCES.get(found.kind),
            is_full=found.is_full,
            secrets=open_secrets(self._seal(), found.id, found.sealed_secrets)
            if found.sealed_secrets
            else (),
        )


def prove(receiver: Receiver, call: Call, *, in_address: str | None, now: datetime) -> str:
    """Return the sender's own id of a call, empty if it names none. Raises Unproven for anybody else."""
    headers = call.headers
    if not receiver.secrets:
        raise Unproven("the secret that its sender made is not known yet")
    if receiver.proof in ("own", "older"):
        if receiver.port is None:
            raise Unproven("the connector of this source is not installed")
        way = receiver.port.prove if receiver.proof == "own" else receiver.port.prove_older
        return way(call, receiver.secrets, now)
    if receiver.proof == "signature":
        return signatures.prove(
            [signatures.key_of(secret) for secret in receiver.secrets],
            message_id=headers.get("webhook-id"),
            timestamp=headers.get("webhook-timestamp"),
            signature=headers.get("webhook-signature"),
            body=call.body,
            now=now,
        )
    given = in_address if receiver.proof == "url" else _token(receiver, headers)
    if not given:
        raise Unproven("no secret")
    if not any(hmac.compare_digest(given.encode(), secret.encode()) for secret in receiver.secrets):
        raise Unproven("another secret")
    return headers.get("webhook-id") or headers.get("idempotency-key") or ""


def add(
    session: Session,
    seal: Seal,
    organisation_id: str,
    name: str,
    *,
    kind: str,
    proof: str | None,
    settings: Mapping[str, object],
    now: datetime,
    secret: str | None = None,
    known: Mapping[str, str] | None = None,
) -> Source:
    """Add a source that calls come to, or that is asked with the credentials that are `known` (maybe none).

    Its secret is made here where none is given, unless the sender makes it: until that one is known, its
    calls are refused. Raises WrongUse for a name that no address can hold, Conflict for one that is taken.
    """
    if NAME.fullmatch(name) is None:
        raise WrongUse(
            f"“{name}” cannot stand in an address. Use letters, digits, hyphens, dots and low lines, "
            f"at most {LONGEST_NAME}, and begin with a letter or a digit."
        )
    source_id = digest(organisation_id, "source", name)
    if proof is not None and secret is None and not awaits_secret(kind, proof):
        secret = make_secret(proof)
    source = Source(
        id=source_id,
        organisation_id=organisation_id,
        name=name,
        kind=kind,
        settings=dict(settings),
        proof=proof,
        sealed_secrets=close_secrets(seal, source_id, [secret]) if secret is not None else None,
        sealed_credentials=credentials.close(seal, source_id, known),
        created_at=now,
    )
    sources.add_source(session, source)
    return source


def awaits_secret(kind: str, proof: str) -> bool:
    """Say whether the secret of such a source is made by the sender, from where people copy it."""
    return proof in ("own", "older") and kind in SOURCES and SOURCES[kind].secret_from == "sender"


def rotate(seal: Seal, source: Source, secret: str | None = None) -> str:
    """Give a source a new secret, made here or by its sender, and return it.

    The one before counts as well until it is dropped. Raises WrongUse where the sender makes it and it is not
    given, Conflict where no calls come to the source.
    """
    if source.proof is None:
        raise no_calls(source)
    if secret is None and awaits_secret(source.kind, source.proof):
        raise WrongUse(f"{SOURCES[source.kind].title} makes the secret: copy it from there.")
    secret = secret or make_secret(source.proof)
    older = secrets_of(seal, source)[:1] if source.sealed_secrets is not None else ()
    source.sealed_secrets = close_secrets(seal, source.id, list(dict.fromkeys([secret, *older])))
    return secret


def drop_old(seal: Seal, source: Source) -> bool:
    """Let nothing but the newest secret of a source count. Returns False where there is no other."""
    newest, *older = secrets_of(seal, source)
    source.sealed_secrets = close_secrets(seal, source.id, [newest])
    return bool(older)


def secrets_of(seal: Seal, source: Source) -> tuple[str, ...]:
    """Return the secrets of a source, the newest first.

    Raises Conflict where no calls come to it or its secret is not known yet, Unavailable where they were
    closed with another key.
    """
    if source.proof is None:
        raise no_calls(source)
    if source.sealed_secrets is None:
        raise Conflict(
            f"The secret of “{source.name}” is not known yet: give it the one that its sender made."
        )
    return open_secrets(seal, source.id, source.sealed_secrets)


def no_calls(source: Source) -> Conflict:
    """Return what to raise where a source is to be called and cannot be."""
    return Conflict(f"No calls come to “{source.name}”: it is a source of the kind “{source.kind}”.")


def make_secret(proof: str) -> str:
    """Return a fresh secret for a proof."""
    return signatures.new_secret() if proof == "signature" else new_secret()


def close_secrets(seal: Seal, source_id: str, secrets: Sequence[str]) -> bytes:
    """Return the secrets of a source as they are stored."""
    return seal.seal(json.dumps(list(secrets)), f"source:{source_id}")


def open_secrets(seal: Seal, source_id: str, sealed: bytes) -> tuple[str, ...]:
    """Return the secrets of a source. Raises Unavailable if they were closed with another key."""
    return tuple(json.loads(seal.open(sealed, f"source:{source_id}")))


def _token(receiver: Receiver, headers: Mapping[str, str]) -> str:
    """Return the secret that a call brings in a header: in one of the sender's own it stands alone."""
    name = receiver.port.token_header if receiver.port else AUTHORIZATION
    value = headers.get(name, "")
    return _told(value) if name == AUTHORIZATION else value


def _told(authorization: str) -> str:
    """Return the token, or the password whatever the user is called; empty if there is neither."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
