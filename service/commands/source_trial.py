"""`koe source test` and `fetch`: whether a source answers and is heard, and what it holds, now."""

import shlex
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer

from service import connections, trying
from service.access import senders
from service.access.hosts import address_of
from service.arguments import beginning, read_settings
from service.commands.arrivals import Wait, Within, wait_for
from service.commands.options import Json, Name, opened, zone_of
from service.commands.source_ways import tried_with
from service.commands.tokens import shown
from service.config import Settings
from service.connections import GENERIC
from service.console import Console
from service.db import Database
from service.errors import Conflict, Unavailable
from service.models import Source
from service.parts import listening
from service.pipeline import fetch
from service.pipeline.report import Progress
from service.pipeline.run import take_in
from service.repositories import arrivals, calls, walks
from service.repositories import sources as source_repository
from service.repositories.calls import Heard
from service.sealing import Seal

PATIENCE = 15
"""Seconds that a server has to answer a test in."""


def check_source(
    name: Name,
    wait: Wait = False,
    within: Within = 600,
    as_json: Json = False,
) -> None:
    """Say whether a source can be asked and calls can come, and show what came last."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        with db.begin() as session:
            source = source_repository.get_source(session, settings.organisation, name)
            kind = connections.kind_of(source)
            heard = calls.heard(session, settings.organisation, source_id=source.id).get(source.id, Heard())
            records = tried_with(session, settings, kind)
            before = arrivals.mark(session, source.id)
        asked = listening(settings, db)(source).check() if source.sealed_credentials is not None else None
        if asked:
            console.say(f"{name}: {asked}")
        answer: dict[str, object] = {"source": name, "check": asked}
        if source.proof is not None:
            answer |= test_calls(console, settings, source, heard)
        if kind.slug == GENERIC:
            line = trying.curl(
                str(answer["url"]),
                proof=source.proof or "",
                secret=senders.secrets_of(Seal.of(settings), source)[0],
                records=records,
            )
            console.say(f"\n{line}")
            answer["curl"] = line
        if wait:
            came = wait_for(console, settings, db, source, seconds=within, after=before)
            answer["delivery"] = came
    console.answer(answer)


def test_calls(console: Console, settings: Settings, source: Source, heard: Heard) -> dict[str, object]:
    """Call the webhook of a source, and say what came of it and what it has heard."""
    proof = source.proof or ""
    secrets = senders.secrets_of(Seal.of(settings), source) if source.sealed_secrets is not None else ()
    secret = next(iter(secrets), "")
    url = trying.address(address_of(settings), source.name, proof=proof, secret=secret)
    if source.kind == GENERIC:
        said = knock(url, proof=proof, secret=secret)
    else:
        said = knock_unproven(trying.address(address_of(settings), source.name, proof="", secret=""))
    console.say(f"{source.name}: {said}")
    if not secrets:
        console.note(
            "Its calls are refused until Koe knows the secret of their sender: "
            f"koe source rotate {shlex.quote(source.name)} --secret -"
        )
    console.say(
        f"Last call {shown(heard.last_at)}; {heard.waiting:,} wait to be read, {heard.held:,} are held, "
        f"{heard.dead:,} could not be read."
    )
    return {
        "url": url,
        "webhook": said,
        "last_call_at": heard.last_at,
        "waiting": heard.waiting,
        "held": heard.held,
        "dead": heard.dead,
    }


def fetch_source(
    name: Name,
    again: Annotated[
        str | None, typer.Option("--again", help="Fetch anew all that changed there since this day.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring in what a source holds, now and here, whether a worker runs or not."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        since = beginning(again, zone_of(db, settings))
        with db.begin() as session:
            source = source_repository.get_source(session, settings.organisation, name)
            connections.fetch_now(session, source, since=since, now=datetime.now(UTC))
        with console.progress() as bars:
            fetched = ask_for_all(db, settings, source, bars)
            take_in(db, settings.organisation, progress=bars)
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            to_fetch = walks.count_told(session, settings.organisation, source_id=source.id).get(source.id, 0)
    if walk is None:
        raise Conflict(f"{name} cannot be asked any more.")
    console.say(
        f"{fetched:,} {'item' if fetched == 1 else 'items'} fetched; all that {name} told up to "
        f"{shown(walk.through)} is here. Gaps repaired so far: {walk.repaired:,}."
    )
    for reason in walk.reasons:
        console.note(reason)
    if walk.misfits:
        console.note(f"{walk.misfits:,} of what is there could not be read.")
    if to_fetch:
        console.note(f"{to_fetch:,} that it told of could not be fetched yet; they are tried again.")
    console.answer(
        {
            "source": name,
            "fetched": fetched,
            "through": walk.through,
            "repaired": walk.repaired,
            "misfits": walk.misfits,
            "reasons": walk.reasons,
            "to_fetch": to_fetch,
        }
    )


def ask_for_all(db: Database, settings: Settings, source: Source, progress: Progress) -> int:
    """Ask a source until nothing is due any more, and return how many items came.

    Raises Unavailable where it refuses or is busy; what came before is kept.
    """
    listen, done = listening(settings, db), 0
    while True:
        report = fetch.run(db, source.organisation_id, listen, only=source.name, progress=progress)
        done += report.done
        if report.failed:
            raise Unavailable(
                f"{'; '.join(report.notes)}. {done:,} came before that and are kept; it is tried again."
            )
        with db.begin() as session:
            if not walks.is_source_due(session, source.id):
                return done


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


def knock_unproven(url: str) -> str:
    """Send a call without a proof, which must be refused, and return what came of it. Raises Unavailable."""
    where = url.partition("/webhooks/")[0]
    try:
        answer = httpx.post(url, content=b"{}", timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable(f"Nobody answers at {where} ({error}). Start Koe: koe up") from error
    if answer.status_code != 401:
        raise Unavailable(f"{where} answered {answer.status_code} to a call without proof, not 401.")
    return "the server answers at this address, and refuses whoever does not know the secret."
