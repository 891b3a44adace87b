"""`koe source`: where feedback comes from, how fresh it is, and what proves the calls that bring it."""

import shlex
from datetime import UTC, datetime
from typing import Annotated

import typer

from service import connections
from service.access import senders
from service.arguments import read_settings
from service.commands.options import Json, Name, opened
from service.commands.source_mapping import map_source
from service.commands.source_setup import Secret, add_source, list_kinds, set_source
from service.commands.source_touchpoint import tell_touchpoint
from service.commands.source_trial import check_source, fetch_source
from service.commands.source_ways import Told, read_secret, tell_way, tried_with
from service.commands.tokens import shown
from service.console import Console
from service.errors import WrongUse
from service.models import Walk
from service.pipeline.run import take_in
from service.repositories import calls, source_standings
from service.repositories import sources as source_repository
from service.repositories.source_standings import SourceStanding
from service.sealing import Seal

app = typer.Typer(help="Where feedback comes from.", no_args_is_help=True)


@app.command("list")
def list_sources(as_json: Json = False) -> None:
    """List the sources: how many voices each holds, when it was last heard, and what it waits for."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = source_standings.standings(session, settings.organisation)
    console.listing(
        ("voices", "waiting", "to fetch", "repaired", "dead", "kind", "proof", "last heard", "source"),
        [
            (
                one.voices,
                one.calls.waiting,
                one.to_fetch,
                one.walk.repaired if one.walk else 0,
                one.dead,
                one.source.kind,
                one.source.proof or "",
                shown(one.heard_at),
                f"{one.source.name}{state(one)}",
            )
            for one in found
        ],
        if_none="There are no sources yet: koe source kinds shows what can be added, and "
        "koe import feedback FILE --source NAME takes in a file.",
    )
    console.answer(
        [
            {
                "source": one.source.name,
                "kind": one.source.kind,
                "proof": one.source.proof,
                "layer": one.source.layer,
                "moment": one.source.moment,
                "paused_at": one.source.paused_at,
                "items": one.voices,
                "last_heard_at": one.heard_at,
                "waiting": one.calls.waiting,
                "held": one.calls.held,
                "dead": one.dead,
                "to_fetch": one.to_fetch,
                "history": None if one.walk is None else history(one.walk),
            }
            for one in found
        ]
    )


@app.command("pause")
def pause_source(name: Name, as_json: Json = False) -> None:
    """Keep the calls of a source without reading them, and ask it for nothing, until it goes on."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        connections.pause(source, now=datetime.now(UTC))
    console.say(
        f"{name} is paused: its calls are kept, and it is asked for nothing, until it goes on "
        "(koe source resume)."
    )
    console.answer({"source": name, "paused_at": source.paused_at})


@app.command("resume")
def resume_source(name: Name, as_json: Json = False) -> None:
    """Let a source go on, and read what it held in the order in which it came."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        with db.begin() as session:
            calls.stop_arrivals(session)
            source = source_repository.get_source(session, settings.organisation, name)
            released = connections.resume(session, source)
        take_in(db, settings.organisation)
    console.say(f"{name} goes on; {released:,} {'call was' if released == 1 else 'calls were'} held.")
    console.answer({"source": name, "released": released})


@app.command("remove")
def remove_source(
    name: Name,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Also where calls wait to be read: give these up.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let nothing come from a source any more, and forget its secrets. What came stays, under its name."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        given_up = connections.remove(session, source, give_up=give_up)
    console.say(
        f"Nothing comes from {name} any more; what came stays."
        + (f" {given_up:,} {'call was' if given_up == 1 else 'calls were'} given up." if given_up else "")
    )
    console.answer({"source": name, "given_up": given_up})


@app.command("rotate")
def rotate_secret(
    name: Name,
    secret: Secret = None,
    drop: Annotated[
        bool, typer.Option("--drop-old", help="Make no new secret, and let only the newest one count.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a new secret, or take the sender's; the old one counts too until it is dropped (--drop-old)."""
    console, settings = Console(json=as_json), read_settings()
    seal = Seal.of(settings)
    if drop and secret is not None:
        raise WrongUse("Say one of --secret and --drop-old.")
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        if drop:
            dropped = senders.drop_old(seal, source)
        else:
            kind = connections.kind_of(source)
            own = read_secret(secret, kind=kind, proof=source.proof)
            had_one = source.sealed_secrets is not None
            fresh = senders.rotate(seal, source, own)
            records = tried_with(session, settings, kind)
    if drop:
        console.say(
            f"{name}: " + ("the old secret counts no more." if dropped else "there is one secret alone.")
        )
        console.answer({"source": name, "dropped": dropped})
        return
    if own is not None:
        console.say(f"{name}: calls are proven by this secret from now on.")
        answer: dict[str, object] = {}
    else:
        way = Told(kind=kind, name=name, proof=source.proof, secret=fresh, records=records)
        answer = tell_way(console, settings, way)
    if had_one:
        console.note(f"The old secret counts until: koe source rotate {shlex.quote(name)} --drop-old")
    console.answer({"source": name, **answer})


for name, command in (
    ("kinds", list_kinds),
    ("add", add_source),
    ("set", set_source),
    ("test", check_source),
    ("fetch", fetch_source),
    ("map", map_source),
    ("touchpoint", tell_touchpoint),
):
    app.command(name)(command)


def state(one: SourceStanding) -> str:
    """Return what to add to a source's name: that it is paused, or why it waits."""
    if one.source.paused_at is not None:
        return f" (paused, {one.calls.held:,} held)"
    walk = one.walk
    if walk is None:
        return ""
    if walk.reason:
        return f" (waits until {shown(walk.next_at)}: {walk.reason})"
    if walk.through is None:
        of = f" of {walk.total:,}" if walk.total else ""
        return f" (history: {walk.items:,}{of} so far)"
    return ""


def history(walk: Walk) -> dict[str, object]:
    """Return how far a source was asked for what it holds, for programs."""
    return {
        "items": walk.items,
        "total": walk.total,
        "through": walk.through,
        "repaired": walk.repaired,
        "reason": walk.reason,
        "next_at": walk.next_at,
    }
