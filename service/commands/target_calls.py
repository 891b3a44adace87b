"""`koe target show`, `pause`, `resume` and `calls`: how a target stands, and how it tells of changes."""

import shlex
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from connectors.target_port import Hints
from service import destinations, trying
from service.access import senders
from service.access.hosts import address_of
from service.arguments import read_settings
from service.commands.options import Json, Name, opened
from service.commands.tokens import shown
from service.config import Settings
from service.connections import step
from service.console import Console
from service.errors import WrongUse
from service.models import Target
from service.repositories import deliveries as delivery_repository
from service.repositories import targets as target_repository
from service.sealing import Seal


def show_target(name: Name, as_json: Json = False) -> None:
    """Show how a target is set up and how it stands, where it can call, and what proves its calls."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        counts = delivery_repository.count_by_target(session, settings.organisation).get(target.id, {})
    console.say(f"{name}: {target.kind}")
    for key, value in sorted(target.settings.items()):
        console.say(f"  {key} = {value}")
    for state in delivery_repository.STATES:
        if counts.get(state):
            console.say(f"  {state}: {counts[state]:,}")
    if target.paused_at:
        console.say(f"  paused since {shown(target.paused_at)}")
    if target.refuses_since:
        console.say(f"  lets Koe do nothing since {shown(target.refuses_since)}: {target.held_reason}")
    elif target.held_until:
        console.say(f"  left alone until {shown(target.held_until)}: {target.held_reason}")
    console.answer(
        {
            "target": name,
            "kind": target.kind,
            "settings": target.settings,
            "automatic": target.automatic,
            "held_until": target.held_until,
            "held_reason": target.held_reason,
            "refuses_since": target.refuses_since,
            "paused_at": target.paused_at,
            "deliveries": counts,
            **tell_calls(console, settings, target),
        }
    )


def pause_target(name: Name, as_json: Json = False) -> None:
    """Hand nothing over to a target and look at nothing there, until it goes on; what is accepted waits."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        destinations.pause(target, now=datetime.now(UTC))
    console.say(f"{name} is paused: what is accepted waits until it goes on (koe target resume).")
    console.answer({"target": name, "paused_at": target.paused_at})


def resume_target(name: Name, as_json: Json = False) -> None:
    """Let a target that was paused go on with what waits."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        destinations.resume(target)
    console.say(f"{name} goes on.")
    console.answer({"target": name, "paused_at": None})


def set_calls(
    name: Name,
    proof: Annotated[
        str | None, typer.Option("--proof", help="own, signature, bearer or url, where its kind has several.")
    ] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", help="The secret that the system made; - reads it from stdin.")
    ] = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new secret; the one before counts until it is dropped.")
    ] = False,
    drop: Annotated[bool, typer.Option("--drop-old", help="Let only the newest secret count.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Hear it no more; Koe looks every hour.")] = False,
    as_json: Json = False,
) -> None:
    """Let a target call when something changes there, so that Koe looks at once; change what proves it."""
    if (proof is not None) + (secret is not None) + rotate + drop + off > 1:
        raise WrongUse("Say one of --proof, --secret, --rotate, --drop-old and --off.")
    console, settings = Console(json=as_json), read_settings()
    seal = Seal.of(settings)
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        if off:
            target.proof = target.sealed_secrets = None
        else:
            senders.hear(seal, target, proof)
        if drop:
            senders.drop_old(seal, target)
        elif rotate or secret is not None:
            senders.rotate(seal, target, _given(secret, target))
    if off:
        console.say(f"{name} is not heard any more; Koe looks there every hour.")
    if drop:
        console.say(f"{name}: only the newest secret counts.")
    if rotate or secret is not None:
        console.note(f"The old secret counts until: koe target calls {shlex.quote(name)} --drop-old")
    console.answer({"target": name, **tell_calls(console, settings, target)})


def tell_calls(console: Console, settings: Settings, target: Target) -> dict[str, object]:
    """Print where a target calls, what proves it and what to do there, and return it for programs."""
    hints = senders.hints_of(target.kind)
    if hints is None or target.proof is None:
        return {"calls": None}
    maker = senders.maker_of_secret(target)
    known = target.sealed_secrets is not None
    secret = "" if maker else senders.secrets_of(Seal.of(settings), target)[0]
    base = address_of(settings)
    url = trying.address(base, target.id, proof=target.proof, secret=secret, under="hooks")
    console.say(
        f"\nIt can call when something changes there; without that, Koe looks every hour.\nURL     {url}"
    )
    if secret and target.proof != "url":
        console.say(f"Secret  {secret}")
    if maker and not known:
        console.say(f"Then give Koe the secret that {maker} made: koe target calls {target.name} --secret -")
    steps = _steps(console, hints, url=url, secret=secret)
    return {
        "calls": {
            "proof": target.proof,
            "url": url,
            **({"secret": secret} if secret else {"secret_known": known}),
            "guide": steps,
            "unverified": [words["en"] for words in hints.unverified],
        }
    }


def _steps(console: Console, hints: type[Hints], *, url: str, secret: str) -> list[str]:
    steps = [step(words["en"], url=url, secret=secret) for words in hints.guide]
    console.say(f"In {hints.title}:")
    for number, told in enumerate(steps, 1):
        console.say(f"  {number}. {told}")
    for words in hints.unverified:
        console.note(f"Not tried on a real account yet: {words['en']}")
    return steps


def _given(secret: str | None, target: Target) -> str | None:
    """Return the secret that the system made. Raises WrongUse where Koe makes it, or none is given."""
    if secret is None:
        return None
    if not senders.maker_of_secret(target) and target.proof != "signature":
        raise WrongUse(f"{target.name} takes no --secret: Koe makes it, --rotate makes another.")
    told = (sys.stdin.readline() if secret == "-" else secret).strip()
    if not told:
        raise WrongUse("--secret needs the secret that the system made.")
    return told
