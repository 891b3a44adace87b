"""Targets as people set them up: what each kind must be told, tried before it is kept, changed, removed.

What is filled in is read as that of a source is (`service.connections`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session

from connectors.errors import Refused
from connectors.ports import Means
from connectors.registry import TARGETS, open_target
from connectors.signatures import new_secret
from service.access import senders
from service.config import Settings
from service.connections import Filled, Kind
from service.errors import Conflict, NotFound, WrongUse
from service.models import Target
from service.parts import door, sealed_secret, secret_of
from service.pipeline import deliver
from service.repositories import deliveries
from service.repositories import targets as target_repository
from service.sealing import Seal

KINDS: Mapping[str, Kind] = MappingProxyType(
    {slug: Kind.of_target(port) for slug, port in TARGETS.items() if not port.on_this_machine}
)
"""The kinds of target that a page can add, by slug; those that write to this machine's disk are not among."""
NAMED = re.compile(r"the setting '(\w+)'")
"""How a refusal names what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A target that is to be."""

    kind: Kind
    name: str
    filled: Filled
    automatic: bool = False
    signing: str | None = field(default=None, repr=False)
    """The secret that both sides share, where its kind needs one."""

    @property
    def secret(self) -> str | None:
        """The one secret that is kept: what proves Koe there, or what messages are signed with."""
        return self.signing or next(iter((self.filled.credentials or {}).values()), None)


def want(kind: Kind, name: str, filled: Filled, *, automatic: bool) -> Wanted:
    """Return a target that is to be, with a fresh secret where both sides share one."""
    signing = new_secret() if TARGETS[kind.slug].needs_secret else None
    return Wanted(kind=kind, name=name, filled=filled, automatic=automatic, signing=signing)


def try_out(settings: Settings, wanted: Wanted) -> str:
    """Ask the system whether it can be written to as was filled in, and return its answer in a sentence.

    Raises Refused or RetryLater. To be called outside of a transaction: it may take a minute.
    """
    means = Means(http=door(settings), secret=wanted.secret)
    return open_target(wanted.kind.slug, wanted.filled.settings, means).check()


def faulty(kind: Kind, error: Exception) -> str:
    """Return the setting that a refusal is about, as far as it tells; empty where it does not."""
    named = NAMED.search(str(error))
    if named and any(one.name == named[1] for one in kind.settings):
        return named[1]
    unproven = isinstance(error, Refused) and error.status == 401
    return TARGETS[kind.slug].secret_setting or "" if unproven else ""


def add(session: Session, settings: Settings, organisation_id: str, wanted: Wanted) -> Target:
    """Add a target, and let what was accepted before wait for it.

    Raises WrongUse for a name that nobody could type, Conflict for one that is taken.
    """
    if senders.NAME.fullmatch(wanted.name) is None:
        raise WrongUse(f"“{wanted.name}” is no name for a target.")
    if any(one.name == wanted.name for one in target_repository.list_targets(session, organisation_id)):
        raise Conflict(f"The name “{wanted.name}” is taken; choose another one for this target.")
    target = target_repository.add_target(
        session,
        organisation_id,
        wanted.name,
        wanted.kind.slug,
        wanted.filled.settings,
        automatic=wanted.automatic,
        sealed_secret=sealed_secret(
            target_repository.target_id(organisation_id, wanted.name), wanted.secret, settings
        ),
    )
    begin(session, settings, target)
    return target


def begin(session: Session, settings: Settings, target: Target) -> None:
    """Let what was accepted wait for a target, and let it call where its kind can."""
    deliver.fill_outbox(session, target.organisation_id)
    if target.proof is None and senders.hints_of(target.kind) is not None:
        senders.hear(Seal.of(settings), target)


def told(target: Target, settings: Settings) -> Mapping[str, str]:
    """Return what a target was told, its secret among it. Raises Unavailable where that does not open."""
    known = told_openly(target)
    setting, secret = TARGETS[target.kind].secret_setting, secret_of(target, settings)
    return {**known, setting: secret} if setting and secret else known


def told_openly(target: Target) -> Mapping[str, str]:
    """Return what a target was told, but for its secret."""
    return {name: str(value) for name, value in target.settings.items()}


def changed(target: Target, settings: Settings, kind: Kind, filled: Filled, *, automatic: bool) -> Wanted:
    """Return a target as it is to be from now on; what messages are signed with stays."""
    wanted = Wanted(kind=kind, name=target.name, filled=filled, automatic=automatic)
    signing = secret_of(target, settings) if TARGETS[kind.slug].needs_secret else None
    return replace(wanted, signing=signing)


def change(session: Session, settings: Settings, target: Target, wanted: Wanted) -> None:
    """Let a target be told something else from now on; what it refused is tried at once.

    Raises Conflict where something of which nobody knows whether it arrived would be looked up elsewhere.
    """
    before, after = told_openly(target), wanted.filled.settings
    lies = {one.name for one in wanted.kind.settings if one.needed == "always" or _is_address(one.default)}
    if any(before.get(name) != after.get(name) for name in lies):
        unsure = deliveries.lock_deliveries(
            session, target.organisation_id, target_id=target.id, states=("sending", "uncertain")
        )
        if unsure:
            raise Conflict(
                f"{len(unsure):,} of its deliveries may have arrived at the place that it has now; change "
                "the place once that is known."
            )
    target.settings, target.automatic = dict(after), wanted.automatic
    target.sealed_secret = sealed_secret(target.id, wanted.secret, settings)
    deliver.fill_outbox(session, target.organisation_id)
    deliver.note_that_works(session, target.organisation_id, target.id, public_url=settings.public_url)


def pause(target: Target, *, now: datetime) -> None:
    """Let a target rest: nothing is handed over and nothing looked at; what is accepted waits."""
    target.paused_at = target.paused_at or now


def resume(target: Target) -> None:
    """Let a target go on with what waits."""
    target.paused_at = None


def rotate(settings: Settings, target: Target) -> str:
    """Give a target another secret that both sides share, and return it. Messages are signed with both.

    Raises WrongUse where it has none.
    """
    newest = _signing(settings, target)[0]
    fresh = new_secret()
    target.sealed_secret = sealed_secret(target.id, f"{fresh} {newest}", settings)
    return fresh


def finish(settings: Settings, target: Target) -> None:
    """Let messages be signed with the newest secret alone. Raises WrongUse where there is none."""
    target.sealed_secret = sealed_secret(target.id, _signing(settings, target)[0], settings)


def is_signed_twice(settings: Settings, target: Target) -> bool:
    """Say whether messages are signed with an older secret as well. Raises Unavailable."""
    kind = TARGETS.get(target.kind)
    return kind is not None and kind.needs_secret and len((secret_of(target, settings) or "").split()) > 1


def restore(session: Session, organisation_id: str, target_id: str) -> Target:
    """Bring a target back that was removed, as it was. Raises NotFound."""
    target = target_of(session, organisation_id, target_id)
    target.removed_at = None
    deliver.fill_outbox(session, organisation_id)
    return target


def target_of(session: Session, organisation_id: str, target_id: str) -> Target:
    """Return a target, one that was removed too. Raises NotFound."""
    found = target_repository.found(session, organisation_id, target_id)
    if found is None:
        raise NotFound("There is no such target.")
    return found


def kind_of(target: Target) -> Kind | None:
    """Return the kind of a target as pages know it; None for one that commands alone set up."""
    return KINDS.get(target.kind)


def _signing(settings: Settings, target: Target) -> list[str]:
    kind = TARGETS.get(target.kind)
    if target.sealed_secret is None or kind is None or not kind.needs_secret:
        raise WrongUse(f"A target of the kind {target.kind} has no secret that could be changed.")
    return (secret_of(target, settings) or "").split()


def _is_address(default: str | None) -> bool:
    return (default or "").startswith("http")
