"""`koe target`: where deliveries go to."""

import sys
from typing import Annotated

import typer

from connectors.errors import Refused
from connectors.ports import Means
from connectors.registry import TARGETS, open_target
from connectors.signatures import new_secret
from service import destinations
from service.arguments import one_of, pairs, read_settings
from service.commands.options import Json, Name, opened
from service.commands.target_calls import pause_target, resume_target, set_calls, show_target, tell_calls
from service.commands.target_setup import absolute, set_target
from service.commands.tokens import shown
from service.config import Settings
from service.console import Console
from service.errors import Conflict, WrongUse
from service.models import Target
from service.parts import connecting, door, sealed_secret, secret_of
from service.pipeline import deliver
from service.repositories import deliveries as delivery_repository
from service.repositories import targets as target_repository

app = typer.Typer(help="Where deliveries go to.", no_args_is_help=True)

KINDS = tuple(sorted(TARGETS))
Secret = Annotated[
    str | None,
    typer.Option(
        "--secret", help="A secret of your own, whsec_…, or the address of a channel; - reads it from stdin."
    ),
]


@app.command("add")
def add_target(
    kind: Annotated[str, typer.Argument(callback=one_of(KINDS), help=f"{', '.join(KINDS)}.")],
    name: Name,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="name=value, e.g. path=/srv/articles, url=https://….")
    ] = None,
    secret: Secret = None,
    automatic: Annotated[
        bool, typer.Option("--automatic", help="It takes suggestions that nobody accepted, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a backlog, a knowledge base or a webhook, once it has been shown that it can be reached."""
    console, settings = Console(json=as_json), read_settings()
    given = absolute(pairs(setting, option="--set"))
    set_openly = given.pop(TARGETS[kind].secret_setting or "", None)
    if set_openly is not None and secret is not None:
        raise WrongUse(f"Say it once: --secret, or --set {TARGETS[kind].secret_setting}=….")
    own = read_secret(secret, kind=kind) or set_openly
    used = own or (new_secret() if TARGETS[kind].needs_secret else None)
    try:
        port = open_target(kind, given, Means(http=door(settings), secret=used))
    except Refused as error:
        kept = TARGETS[kind].secret_setting
        how = f"--set NAME=VALUE; the {kept} by --secret -" if kept else "--set NAME=VALUE"
        raise WrongUse(f"{error} ({how}).") from error
    with opened(console, settings) as db:
        checked = port.check()
        sealed = sealed_secret(target_repository.target_id(settings.organisation, name), used, settings)
        with db.begin() as session:
            target = target_repository.add_target(
                session,
                settings.organisation,
                name,
                kind,
                given,
                automatic=automatic,
                sealed_secret=sealed,
            )
            destinations.begin(session, settings, target)
        is_new = target.sealed_secret == sealed
        if own is not None and not is_new and own not in secrets_of(target, settings):
            change = f"koe target rotate {name} --secret changes it"
            if own_setting := TARGETS[kind].secret_setting:
                change = f"another {own_setting} is that of another target; remove this one first"
            raise Conflict(f"{name} has another secret: {change}")
    console.say(f"{name}: {checked}")
    told = used if is_new and TARGETS[kind].needs_secret else None
    tell_secret(console, told)
    answer = {"target": name, "kind": kind, "check": checked} | ({"secret": told} if told else {})
    console.answer(answer | tell_calls(console, settings, target))


@app.command("test")
def check_target(name: Name, as_json: Json = False) -> None:
    """Say whether a target can be reached; if so, what it refused before is tried again."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        with db.begin() as session:
            target = target_repository.get_target(session, settings.organisation, name)
        checked = connecting(settings, db)(target).check()
        with db.begin() as session:
            paused = deliver.note_that_works(
                session, settings.organisation, target.id, public_url=settings.public_url
            )
    console.say(f"{name}: {checked}")
    if paused:
        console.say(
            f"{paused:,} {'delivery' if paused == 1 else 'deliveries'} that it refused are tried again."
        )
    console.answer({"target": name, "check": checked, "resumed": paused})


@app.command("list")
def list_targets(as_json: Json = False) -> None:
    """List the targets, what waits for each, and which are left alone for a while."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = target_repository.list_targets(session, settings.organisation)
        counts = delivery_repository.count_by_target(session, settings.organisation)
    waiting = {one.id: delivery_repository.waiting_of(counts.get(one.id, {})) for one in found}
    console.listing(
        ("target", "kind", "waiting", "left alone until", "settings"),
        [
            (
                t.name,
                t.kind,
                waiting[t.id],
                f"{shown(t.held_until)} ({t.held_reason})" if t.held_until else "",
                ", ".join(f"{k}={v}" for k, v in sorted(t.settings.items())),
            )
            for t in found
        ],
        if_none="There are no targets yet: koe target add backlog-file NAME --set path=FILE",
    )
    console.answer(
        [
            {
                "target": t.name,
                "kind": t.kind,
                "settings": t.settings,
                "automatic": t.automatic,
                "held_until": t.held_until,
                "held_reason": t.held_reason,
                "deliveries": counts.get(t.id, {}),
            }
            for t in found
        ]
    )


@app.command("rotate")
def rotate_secret(
    name: Name,
    secret: Secret = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="The other side has the new one: drop the one before.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give a target a new secret. Until `--finish`, messages are signed with both."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        if target.sealed_secret is None or not TARGETS[target.kind].needs_secret:
            raise WrongUse(f"A target of the kind {target.kind} has no secret that could be changed.")
        now, *_ = secrets_of(target, settings)
        fresh = None if finish else read_secret(secret, kind=target.kind) or new_secret()
        target.sealed_secret = sealed_secret(target.id, f"{fresh} {now}" if fresh else now, settings)
    if fresh:
        tell_secret(console, fresh)
        console.say(
            f"Messages are signed with this one and the one before until koe target rotate {name} --finish"
        )
    else:
        console.say(f"{name}: messages are signed with the newest secret alone.")
    console.answer({"target": name} | ({"secret": fresh} if fresh else {}))


@app.command("remove")
def remove_target(
    name: Name,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Also where deliveries wait for it: give these up.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Deliver nothing to a target any more. What was delivered stays known."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        target = target_repository.get_target(session, settings.organisation, name)
        given_up = deliver.remove_target(session, target, give_up=give_up)
    console.say(f"{name} is removed." + (f" {given_up:,} deliveries were given up." if given_up else ""))
    console.answer({"target": name, "given_up": given_up})


app.command("set")(set_target)
app.command("show")(show_target)
app.command("pause")(pause_target)
app.command("resume")(resume_target)
app.command("calls")(set_calls)


def read_secret(given: str | None, *, kind: str) -> str | None:
    """Return the secret that was given, if one was. Raises WrongUse for a kind of target that has none."""
    if given is None:
        return None
    setting = TARGETS[kind].secret_setting
    if not TARGETS[kind].needs_secret and setting is None:
        raise WrongUse(f"A target of the kind {kind} has no secret.")
    secret = (sys.stdin.readline() if given == "-" else given).strip()
    if not secret or len(secret.split()) != 1:
        raise WrongUse(f"--secret needs one secret, {f'the {setting}' if setting else 'whsec_…'}.")
    return secret


def secrets_of(target: Target, settings: Settings) -> list[str]:
    """Return the secrets that a target's messages are signed with, the newest first."""
    return (secret_of(target, settings) or "").split()


def tell_secret(console: Console, secret: str | None) -> None:
    """Show a secret, which is shown this once."""
    if secret:
        console.say(f"Its secret, shown this once; the receiver proves with it who sent a message:\n{secret}")
