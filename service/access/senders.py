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
from connectors.errors import Unproven, Unreadable
from connectors.ports import Call, Greeting, Proof, Sender
from connectors.registry import SOURCES, TARGETS
from connectors.target_port import Hints
from service import credentials
from service.access.secret import new_secret
from service.db import Database
from service.errors import Conflict, WrongUse
from service.models import Source, Target
from service.models.columns import digest
from service.repositories import sources, targets
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
Called = Source | Target
"""What calls come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A source or a target whose calls come here, and what they prove themselves with."""

    organisation_id: str
    id: str
    """Of the source or the target."""
    proof: str
    secrets: Sequence[str] = field(repr=False)
    """The newest first; an older one counts as well until it is dropped. None while they are not known."""
    port: type[Sender] | None = None
    """The connector; None for a generic source."""
    keeps: frozenset[str] = frozenset()
    """The headers of a call, in lower case, that are needed to read it."""
    is_full: bool = False
    """Whether so many of its calls wait to be read that no more are taken."""

    def greet(self, call: Call) -> Greeting | None:
        """Return the answer to a proven call that only makes sure of the address; None for any other."""
        return self.port.greet(call) if self.port else None

    def kept(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return those headers of a call without which it cannot be read."""
        return {name: value for name in sorted(self.keeps) if (value := headers.get(name)) is not None}


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
        port = SOURCES.get(found.kind)
        return Receiver(
            organisation_id=found.organisation_id,
            id=found.id,
            proof=found.proof,
            port=port,
            keeps=port.keeps if port else frozenset(),
            is_full=found.is_full,
            secrets=self._secrets(found.id, found.sealed_secrets),
        )

    def _secrets(self, named: str, sealed: bytes | None) -> Sequence[str]:
        return open_secrets(self._seal(), named, sealed) if sealed else ()


class TargetReceivers(Receivers):
    """The targets that call to tell that something changed, by their ids."""

    def _look_up(self, name: str) -> Receiver | None:
        found = self._db.alone(lambda connection: targets.called(connection, name))
        hints = hints_of(found.kind) if found else None
        if found is None or hints is None:
            return None
        return Receiver(
            organisation_id=found.organisation_id,
            id=found.id,
            proof=found.proof,
            port=hints,
            secrets=self._secrets(found.id, found.sealed_secrets),
        )


def hints_of(kind: str) -> type[Hints] | None:
    """Return how the calls of a kind of target are read; None where it sends none."""
    return TARGETS[kind].hints if kind in TARGETS else None


def prove(receiver: Receiver, call: Call, *, in_address: str | None, now: datetime) -> str:
    """Return the sender's own id of a call, empty if it names none. Raises Unproven for anybody else."""
    headers = call.headers
    if not receiver.secrets:
        raise Unproven("the secret that its sender made is not known yet")
    if receiver.proof in ("own", "older"):
        if receiver.port is None:
            raise Unproven("its connector is not installed")
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
    return _is_theirs(SOURCES.get(kind), proof)


def maker_of_secret(called: Called) -> str:
    """Return the name of the system that makes the secret of these calls; empty where Koe makes it."""
    port = SOURCES.get(called.kind) if isinstance(called, Source) else hints_of(called.kind)
    return port.title if port and _is_theirs(port, called.proof) else ""


def _is_theirs(port: type[Sender] | None, proof: str | None) -> bool:
    return port is not None and proof in ("own", "older") and port.secret_from == "sender"


def rotate(seal: Seal, called: Called, secret: str | None = None) -> str:
    """Give a source or a target a new secret for its calls, made here or by its sender, and return it.

    The one before counts as well until it is dropped. Raises WrongUse where the sender makes it and it is not
    given, or is none that signs, Conflict where no calls come to it.
    """
    if called.proof is None:
        raise no_calls(called)
    if secret is None and (maker := maker_of_secret(called)):
        raise WrongUse(f"{maker} makes the secret: copy it from there.")
    secret = secret or make_secret(called.proof)
    if called.proof == "signature":
        try:
            signatures.key_of(secret)
        except Unreadable as error:
            raise WrongUse(f"{error}.") from error
    older = secrets_of(seal, called)[:1] if called.sealed_secrets is not None else ()
    called.sealed_secrets = close_secrets(seal, called.id, list(dict.fromkeys([secret, *older])))
    return secret


def hear(seal: Seal, target: Target, proof: str | None = None) -> None:
    """Let a target call to tell that something changed, by a proof that its kind knows.

    Its secret is made here unless the sender makes it. What it proved itself with in another way counts no
    more. Raises WrongUse where it cannot call, or not so.
    """
    hints = hints_of(target.kind)
    if hints is None:
        raise WrongUse(f"A target of the kind {target.kind} does not call: Koe looks every hour.")
    proof = proof or target.proof or hints.proofs[0]
    if proof not in hints.proofs:
        raise WrongUse(f"{hints.title} proves its calls by {' or '.join(hints.proofs)}, not by {proof}.")
    if target.proof == proof:
        return
    target.proof, target.sealed_secrets = proof, None
    if not maker_of_secret(target):
        rotate(seal, target)


def drop_old(seal: Seal, called: Called) -> bool:
    """Let nothing but the newest secret count. Returns False where there is no other."""
    newest, *older = secrets_of(seal, called)
    called.sealed_secrets = close_secrets(seal, called.id, [newest])
    return bool(older)


def secrets_of(seal: Seal, called: Called) -> tuple[str, ...]:
    """Return the secrets of a source's or a target's calls, the newest first.

    Raises Conflict where no calls come or their secret is not known yet, Unavailable where they were closed
    with another key.
    """
    if called.proof is None:
        raise no_calls(called)
    if called.sealed_secrets is None:
        raise Conflict(
            f"The secret of “{called.name}” is not known yet: give it the one that its sender made."
        )
    return open_secrets(seal, called.id, called.sealed_secrets)


def no_calls(called: Called) -> Conflict:
    """Return what to raise where something is to be called and cannot be."""
    noun = "source" if isinstance(called, Source) else "target"
    return Conflict(f"No calls come to “{called.name}”: it is a {noun} of the kind “{called.kind}”.")


def make_secret(proof: str) -> str:
    """Return a fresh secret for a proof."""
    return signatures.new_secret() if proof == "signature" else new_secret()


def close_secrets(seal: Seal, its_id: str, secrets: Sequence[str]) -> bytes:
    """Return the secrets of a source's or a target's calls as they are stored."""
    return seal.seal(json.dumps(list(secrets)), f"source:{its_id}")


def open_secrets(seal: Seal, its_id: str, sealed: bytes) -> tuple[str, ...]:
    """Return the secrets of what has this id. Raises Unavailable if they were closed with another key."""
    return tuple(json.loads(seal.open(sealed, f"source:{its_id}")))


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
