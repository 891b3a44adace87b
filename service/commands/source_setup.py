"""`koe source kinds`, `add` and `set`: what a source must be told, tried before it is kept."""

import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from connectors.ports import Setting
from service import connections
from service.access import senders
from service.arguments import beginning, one_of, pairs, read_settings
from service.commands.arrivals import Wait, Within, wait_for
from service.commands.options import Json, Name, opened, zone_of
from service.commands.source_ways import Told, read_secret, tell_way, tried_with
from service.config import Settings
from service.connections import GENERIC, KINDS, Kind, Wanted
from service.console import Console
from service.db import Database
from service.errors import Conflict, WrongUse
from service.imports.bodies import FIELDS
from service.repositories import sources as source_repository
from service.sealing import Seal

PROOFS = (*senders.PROOFS, "own", "older")
Secret = Annotated[
    str | None, typer.Option("--secret", help="The secret that the sender made; - reads it from stdin.")
]


def list_kinds(as_json: Json = False) -> None:
    """List the kinds of source: what each needs, and what it brings."""
    console = Console(json=as_json)
    console.table(
        ("kind", "for", "brings", "needs"),
        [(kind.slug, kind.title["en"], brings(kind), needs(kind)) for kind in KINDS.values()],
    )
    console.answer(
        [
            {
                "kind": kind.slug,
                "title": kind.title["en"],
                "category": kind.category,
                "calls": bool(kind.proofs),
                "fetches": kind.fetches,
                "proofs": list(kind.proofs),
                "settings": [
                    {
                        "name": one.name,
                        "label": one.label["en"],
                        "secret": one.secret,
                        "needed": one.needed,
                        "example": one.example,
                        "default": one.default,
                        "unverified": one.unverified,
                    }
                    for one in kind.settings
                ],
                "unverified": [words["en"] for words in kind.unverified],
            }
            for kind in KINDS.values()
        ]
    )


def add_source(
    slug: Annotated[
        str,
        typer.Argument(metavar="KIND", callback=one_of(tuple(KINDS)), help="koe source kinds lists them."),
    ],
    name: Name,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="name=value, what the kind needs; token=- reads a line from stdin."),
    ] = None,
    secret: Secret = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Bring in what changed there since this day; else all.")
    ] = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Bring in nothing that is there already.")
    ] = False,
    auth: Annotated[
        str | None,
        typer.Option(
            callback=one_of(PROOFS), help="How calls prove themselves, where the kind has a choice."
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=path, e.g. text=ticket.description (generic).")
    ] = None,
    wait: Wait = False,
    within: Within = 600,
    as_json: Json = False,
) -> None:
    """Add a source: asks for what it needs, tries it, and prints what to do there."""
    console, settings, kind = Console(json=as_json), read_settings(), KINDS[slug]
    paths = mapped(kind, mapping)
    proof = proof_of(kind, auth)
    if since is not None and no_history:
        raise WrongUse("Say one of --from and --no-history.")
    given = typed(pairs(setting, option="--set"))
    if console.asks:
        given |= asked(console, kind, given)
    filled = connections.read(kind, given)
    own = read_secret(secret, kind=kind, proof=proof)
    with opened(console, settings) as db:
        checked = connections.try_out(settings, db, settings.organisation, kind, filled)
        to_be_copied = proof is not None and senders.awaits_secret(kind.slug, proof)
        is_told = own is None and to_be_copied and console.asks
        if is_told:
            tell_way(console, settings, Told(kind=kind, name=name, proof=proof))
            own = console.ask("\nThe secret that stands there (Enter: later)", hidden=True) or None
        now, seal = datetime.now(UTC), Seal.of(settings)
        start = now if no_history else beginning(since, zone_of(db, settings))
        wanted = Wanted(
            kind=kind, name=name, filled=filled, proof=proof, secret=own, mapping=paths, since=start
        )
        with db.begin() as session:
            source = connections.add(session, seal, settings.organisation, wanted, now=now)
            secret = senders.secrets_of(seal, source)[0] if source.sealed_secrets is not None else None
            records = tried_with(session, settings, kind)
        if filled.credentials is not None:
            _ring(db, settings)
        console.say(f"{name} is added. {checked or ''}".strip())
        way = Told(kind=kind, name=name, proof=proof, secret=secret, own=own is not None, records=records)
        answer = {} if is_told else tell_way(console, settings, way)
        if to_be_copied and secret is None:
            console.note(
                "Its calls are refused until Koe knows the secret of their sender: "
                f"koe source rotate {shlex.quote(name)} --secret -"
            )
        tell_walk(console, name, filled.credentials is not None and kind.fetches, kind)
        came = wait_for(console, settings, db, source, seconds=within) if wait else None
    console.answer(
        {"source": name, "kind": slug, "check": checked, **answer} | ({"delivery": came} if wait else {})
    )


def set_source(
    name: Name,
    setting: Annotated[
        list[str], typer.Argument(help="name=value; token=- reads a line from stdin, name= takes one away.")
    ],
    as_json: Json = False,
) -> None:
    """Tell a source something else; it is tried before it is kept, and what waited goes on."""
    console, settings = Console(json=as_json), read_settings()
    given = typed(pairs(setting, option="a setting", may_be_empty=True))
    seal = Seal.of(settings)
    with opened(console, settings) as db:
        with db.begin() as session:
            source = source_repository.get_source(session, settings.organisation, name)
            kind = connections.kind_of(source)
            if kind.slug == GENERIC:
                raise Conflict(f"{name} takes a mapping alone: koe source map {shlex.quote(name)} field=path")
            known = connections.told(seal, source)
        filled = connections.read(kind, {**connections.kept(kind, known, given), **given})
        checked = connections.try_out(settings, db, settings.organisation, kind, filled)
        with db.begin() as session:
            source = source_repository.get_source(session, settings.organisation, name)
            connections.change(session, seal, source, filled, now=datetime.now(UTC))
        if filled.credentials is not None:
            _ring(db, settings)
    console.say(f"{name}: {checked or 'it is told.'}")
    console.answer({"source": name, "check": checked, "settings": dict(filled.settings)})


def _ring(db: Database, settings: Settings) -> None:
    """Let a worker that runs begin at once with what is there."""
    from service.jobs.queue import Queue  # Procrastinate; other commands start without it

    Queue(db).ask("take_in", settings.organisation)


def asked(console: Console, kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Ask for the settings that are missing, in their order."""
    found: dict[str, str] = {}
    skipped = False
    for one in kind.settings:
        if one.name in given or one.needed == "never" or one.default is not None:
            continue
        if one.needed == "to_fetch" and skipped:
            continue  # who leaves one of these out does not want the others
        answer = console.ask(question(one), hidden=one.secret)
        if answer:
            found[one.name] = answer
        skipped = skipped or not answer
    return found


def question(one: Setting) -> str:
    """Return how a setting is asked for."""
    hints = [f"e.g. {one.example}"] if one.example else []
    if one.needed == "to_fetch":
        hints.append("to bring in what is there; Enter: calls alone")
    return f"{one.label['en']} ({'; '.join(hints)})" if hints else one.label["en"]


def typed(given: Mapping[str, str]) -> dict[str, str]:
    """Return settings with those read from stdin that are written as `-`, a line each, in their order."""
    return {name: sys.stdin.readline().strip() if value == "-" else value for name, value in given.items()}


def proof_of(kind: Kind, given: str | None) -> str | None:
    """Return how calls of a kind prove themselves. Raises WrongUse for a way that it does not know."""
    if given is not None and given not in kind.proofs:
        known = ", ".join(kind.proofs) or "none: it sends no calls"
        raise WrongUse(f"{kind.title['en']} does not know --auth {given}; it knows {known}.")
    return given or next(iter(kind.proofs), None)


def mapped(kind: Kind, given: list[str] | None) -> Mapping[str, str]:
    """Return the paths of a generic source. Raises WrongUse for another kind, and for no field."""
    if given and kind.slug != GENERIC:
        raise WrongUse(f"{kind.title['en']} needs no --map: Koe knows how it writes.")
    return checked_paths(pairs(given, option="--map"))


def checked_paths(paths: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse fields that there are not."""
    unknown = sorted(set(paths) - set(FIELDS))
    if unknown:
        raise WrongUse(f"“{unknown[0]}” is no field; the fields are {', '.join(FIELDS)}.")
    return paths


def tell_walk(console: Console, name: str, can_ask: bool, kind: Kind) -> None:
    """Say what becomes of what is there already."""
    if can_ask:
        console.note(
            f"What is there comes in while koe up runs, or now by: koe source fetch {shlex.quote(name)}"
        )
    elif kind.fetches:
        needed = " ".join(f"{one.name}=…" for one in kind.to_fetch)
        console.note(
            f"What is there already comes in once you say: koe source set {shlex.quote(name)} {needed}"
        )


def brings(kind: Kind) -> str:
    """Return how a kind of source brings what it has."""
    return " and ".join(
        words for words, does in (("calls", bool(kind.proofs)), ("history", kind.fetches)) if does
    )


def needs(kind: Kind) -> str:
    """Return the names of what a kind must be told; what only fetching needs stands in brackets."""
    always = [one.name for one in kind.settings if one.needed == "always" and one.default is None]
    return " ".join([*always, *(f"[{one.name}]" for one in kind.to_fetch)])
