"""`koe source`: where feedback comes from, and the webhooks that it comes by."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer
from sqlmodel import Session

from service.access import senders
from service.access.hosts import address_of
from service.access.senders import PROOFS
from service.arguments import one_of, pairs, read_settings
from service.commands import trying
from service.commands.options import Json, Name, opened
from service.commands.tokens import shown
from service.commands.trying import Record
from service.config import Settings
from service.console import Console
from service.errors import Conflict, Unavailable, WrongUse
from service.imports import calls as readings
from service.imports.bodies import FIELDS
from service.imports.calls import Sender
from service.models import Source
from service.pipeline.run import take_in
from service.repositories import calls, organisations
from service.repositories import sources as source_repository
from service.repositories.calls import Heard
from service.sealing import Seal

app = typer.Typer(help="Where feedback comes from.", no_args_is_help=True)

KINDS = ("generic",)
NO_PATH = "-"
PATIENCE = 15
"""Seconds that a server has to answer a test in."""
Paths = Annotated[
    list[str], typer.Argument(help="field=path, e.g. text=ticket.description; field=- takes one away.")
]


@app.command("add")
def add_source(
    kind: Annotated[str, typer.Argument(callback=one_of(KINDS), help=f"{', '.join(KINDS)}.")],
    name: Name,
    auth: Annotated[
        str, typer.Option(callback=one_of(PROOFS), help=f"How calls prove themselves: {', '.join(PROOFS)}.")
    ] = "bearer",
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=path, e.g. text=ticket.description.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a webhook, and print its address, its secret and a line that tries it."""
    console, settings = Console(json=as_json), read_settings()
    paths = checked(pairs(mapping, option="--map"))
    seal = Seal.of(settings)
    with opened(console, settings) as db, db.begin() as session:
        source = senders.add(
            session,
            seal,
            settings.organisation,
            name,
            kind=kind,
            proof=auth,
            settings={"map": dict(paths)},
            now=datetime.now(UTC),
        )
        secret = senders.secrets_of(seal, source)[0]
        records = trying.sample(session, settings.organisation, settings.zone)
    tell_way(console, settings, name, proof=auth, secret=secret, records=records)


@app.command("list")
def list_sources(as_json: Json = False) -> None:
    """List the sources: how many voices each holds, and when it was last heard."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = source_repository.counted_sources(session, settings.organisation)
        records = source_repository.last_heard(session, settings.organisation)
        heard = calls.heard(session, settings.organisation)
    told = [
        (source, items, of_calls, latest(records.get(source.id), of_calls.last_at))
        for source, items in found
        for of_calls in (heard.get(source.id, Heard()),)
    ]
    console.listing(
        ("voices", "waiting", "dead", "kind", "proof", "last heard", "source"),
        [
            (items, c.waiting, c.dead, s.kind, s.proof or "", shown(at), f"{s.name}{paused(s, c)}")
            for s, items, c, at in told
        ],
        if_none="There are no sources yet: koe source add generic NAME, "
        "or koe import feedback FILE --source NAME",
    )
    console.answer(
        [
            {
                "source": s.name,
                "kind": s.kind,
                "proof": s.proof,
                "paused_at": s.paused_at,
                "items": items,
                "last_heard_at": at,
                "waiting": c.waiting,
                "held": c.held,
                "dead": c.dead,
            }
            for s, items, c, at in told
        ]
    )


@app.command("test")
def check_source(name: Name, as_json: Json = False) -> None:
    """Send a webhook a call without any records, and print the line that tries it once more."""
    console, settings = Console(json=as_json), read_settings()
    seal = Seal.of(settings)
    with opened(console, settings) as db:
        with db.begin() as session:
            source = source_repository.get_source(session, settings.organisation, name)
            heard = calls.heard(session, settings.organisation).get(source.id, Heard())
            records = trying.sample(session, settings.organisation, settings.zone)
        secret, proof = senders.secrets_of(seal, source)[0], source.proof or ""
        url = trying.address(address_of(settings), name, proof=proof, secret=secret)
        said = knock(url, proof=proof, secret=secret)
    console.say(f"{name}: {said}")
    console.say(
        f"Last call {shown(heard.last_at)}; {heard.waiting:,} wait to be read, {heard.held:,} are held, "
        f"{heard.dead:,} could not be read."
    )
    console.say("")
    line = trying.curl(url, proof=proof, secret=secret, records=records)
    console.say(line)
    console.answer(
        {
            "source": name,
            "url": url,
            "check": said,
            "last_call_at": heard.last_at,
            "waiting": heard.waiting,
            "held": heard.held,
            "dead": heard.dead,
            "curl": line,
        }
    )


@app.command("map")
def map_source(name: Name, path: Paths, as_json: Json = False) -> None:
    """Say where in a source's bodies the fields stand, and how many dead letters that mends."""
    console, settings = Console(json=as_json), read_settings()
    given = checked(pairs(path, option="field=path"))
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        paths = {**source.settings.get("map", {}), **given}
        paths = {field: where for field, where in paths.items() if where != NO_PATH}
        source_repository.remember(session, source.id, map=paths)
        fit, dead = mended(session, source, paths)
    console.say(f"{name}: " + (", ".join(f"{f}={p}" for f, p in sorted(paths.items())) or "no mapping."))
    if dead:
        console.say(f"{fit:,} of {dead:,} dead letters can be read now.")
    if fit:
        console.say(f"Read them: koe dead-letters replay --source {shlex.quote(name)}")
    console.answer({"source": name, "map": paths, "dead": dead, "mended": fit})


@app.command("pause")
def pause_source(name: Name, as_json: Json = False) -> None:
    """Keep the calls of a source without reading them, until it goes on."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        if source.kind == "file":
            raise Conflict(f"No calls come to “{name}”: it is a source of files.")
        source.paused_at = source.paused_at or datetime.now(UTC)
    console.say(f"{name} is paused: its calls are kept, and read once it goes on (koe source resume).")
    console.answer({"source": name, "paused_at": source.paused_at})


@app.command("resume")
def resume_source(name: Name, as_json: Json = False) -> None:
    """Let a source go on, and read what it held in the order in which it came."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        with db.begin() as session:
            calls.stop_arrivals(session)
            source = source_repository.get_source(session, settings.organisation, name)
            source.paused_at = None
            released = calls.release(session, source.id)
        take_in(db, settings.organisation)
    console.say(f"{name} goes on; {released:,} {'call was' if released == 1 else 'calls were'} held.")
    console.answer({"source": name, "released": released})


@app.command("rotate")
def rotate_secret(
    name: Name,
    drop: Annotated[
        bool, typer.Option("--drop-old", help="Make no new secret, and let only the newest one count.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a new secret; the old one counts as well until it is dropped (--drop-old)."""
    console, settings = Console(json=as_json), read_settings()
    seal = Seal.of(settings)
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        if drop:
            dropped = senders.drop_old(seal, source)
        else:
            secret = senders.rotate(seal, source)
            records = trying.sample(session, settings.organisation, settings.zone)
    if drop:
        console.say(
            f"{name}: " + ("the old secret counts no more." if dropped else "there is one secret alone.")
        )
        console.answer({"source": name, "dropped": dropped})
        return
    tell_way(console, settings, name, proof=source.proof or "", secret=secret, records=records)
    console.note(f"The old secret counts until: koe source rotate {shlex.quote(name)} --drop-old")


def tell_way(
    console: Console, settings: Settings, name: str, *, proof: str, secret: str, records: Sequence[Record]
) -> None:
    """Print where calls go, what proves them, and the line that tries it."""
    url = trying.address(address_of(settings), name, proof=proof, secret=secret)
    line = trying.curl(url, proof=proof, secret=secret, records=records)
    console.say(
        f"URL     {url}\nSecret  {secret}\n\nTry it while koe up runs; 200 says that it was kept:\n\n{line}"
    )
    console.answer({"source": name, "url": url, "secret": secret, "curl": line})


def checked(paths: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse fields that there are not."""
    unknown = sorted(set(paths) - set(FIELDS))
    if unknown:
        raise WrongUse(f"“{unknown[0]}” is no field; the fields are {', '.join(FIELDS)}.")
    return paths


def knock(url: str, *, proof: str, secret: str) -> str:
    """Send a call that holds nothing, and return what came of it. Raises Unavailable where nobody answers."""
    headers = trying.proof_of(b"[]", proof=proof, secret=secret)
    try:
        answer = httpx.post(url, content=b"[]", headers=headers, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        where = url.partition("/webhooks/")[0]
        raise Unavailable(f"Nobody answers at {where} ({error}). Start Koe: koe up") from error
    if answer.status_code != 200:
        raise Unavailable(
            f"{url.partition('/webhooks/')[0]} answered {answer.status_code} to a call with the right secret."
        )
    return "the server answers, and the secret is right."


def mended(session: Session, source: Source, paths: Mapping[str, str]) -> tuple[int, int]:
    """Return how many dead letters of a source can be read by these paths, and how many there are."""
    sender = Sender(
        organisation_id=source.organisation_id,
        source_id=source.id,
        name=source.name,
        mapping=paths,
        zone=organisations.zone_of(session, source.organisation_id),
    )
    dead = calls.dead(session, source.id)
    fit = [not readings.read(body, sender, named="", received_at=at).wrong for body, at in dead]
    return sum(fit), len(fit)


def latest(*moments: datetime | None) -> datetime | None:
    """Return the last of those that there were."""
    return max((moment for moment in moments if moment is not None), default=None)


def paused(source: Source, heard: Heard) -> str:
    """Return what to add to a paused source's name."""
    return f" (paused, {heard.held:,} held)" if source.paused_at is not None else ""
