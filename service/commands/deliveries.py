"""`koe deliveries`: what is on its way to targets, every attempt, and another try."""

from typing import Annotated

import typer

from service.arguments import one_of, read_settings
from service.commands.options import Json, opened
from service.commands.tokens import shown
from service.console import Console
from service.errors import WrongUse
from service.pipeline import deliver
from service.repositories import deliveries as delivery_repository
from service.repositories import targets as target_repository
from service.repositories.deliveries import STATES, Sent

app = typer.Typer(help="What is on its way to targets.", no_args_is_help=True)

MOST = 50
"""Deliveries that are listed unless more are asked for."""
TargetName = Annotated[str | None, typer.Option("--target", help="Only those to this target.")]


@app.command("list")
def list_deliveries(
    state: Annotated[
        str | None, typer.Option(callback=one_of(STATES), help=f"Only those that are {', '.join(STATES)}.")
    ] = None,
    target: TargetName = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The most to list.")] = MOST,
    as_json: Json = False,
) -> None:
    """List the deliveries, those first of which something is new."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        known = target and target_repository.get_target(session, settings.organisation, target)
        found, total = delivery_repository.search(
            session,
            settings.organisation,
            state=state or "",
            target_id=known.id if known else "",
            limit=limit,
        )
    console.listing(
        ("delivery", "state", "target", "tried", "next", "what", "why"),
        [
            (
                sent.delivery.id,
                sent.delivery.state,
                sent.target.name,
                sent.tries,
                shown(sent.next_at) if sent.next_at else "",
                sent.what,
                sent.delivery.reason or "",
            )
            for sent in found
        ],
        if_none="There are no such deliveries."
        if state or target
        else "Nothing was accepted for a target yet.",
    )
    if total > len(found):
        console.say(f"{total - len(found):,} more: --limit {total}")
    console.answer([told(sent) for sent in found])


@app.command("show")
def show_delivery(
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a delivery.")],
    as_json: Json = False,
) -> None:
    """Show one delivery with every attempt and its reason."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        sent = delivery_repository.get(session, settings.organisation, delivery_id)
        attempts = delivery_repository.attempts_at(session, settings.organisation, delivery_id)
    console.say(f"{sent.what}, “{sent.title}”, to {sent.target.name}: {sent.delivery.state}")
    for text in (sent.delivery.reason, sent.delivery.url or sent.delivery.reference):
        if text:
            console.say(text)
    if sent.next_at:
        console.say(f"Next: {shown(sent.next_at)} UTC")
    console.listing(
        ("attempt", "began (UTC)", "what came of it", "why"),
        [
            (one.number, f"{one.began_at:%Y-%m-%d %H:%M:%S}", one.outcome, one.reason or "")
            for one in attempts
        ],
        if_none="It was not tried yet.",
    )
    console.answer(
        {
            **told(sent),
            "attempts": [one.model_dump(exclude={"delivery_id", "organisation_id"}) for one in attempts],
        }
    )


@app.command("replay")
def replay_deliveries(
    delivery_ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Deliveries.")] = None,
    target: TargetName = None,
    as_json: Json = False,
) -> None:
    """Let deliveries that were refused or given up be tried again: some, or all of a target."""
    console, settings = Console(json=as_json), read_settings()
    if bool(delivery_ids) == bool(target):
        raise WrongUse("Name deliveries by their id, or a target with --target.")
    with opened(console, settings) as db:
        if target:
            with db.begin() as session:
                known = target_repository.get_target(session, settings.organisation, target)
                count = deliver.replay_target(session, settings.organisation, known.id)
            console.say(
                f"{count:,} {'delivery waits' if count == 1 else 'deliveries wait'} for {target} again."
            )
            console.answer({"target": target, "replayed": count})
            return
        replayed = []
        for delivery_id in dict.fromkeys(delivery_ids or ()):
            with db.begin() as session:
                replayed.append(deliver.replay(session, settings.organisation, delivery_id))
    for delivery in replayed:
        console.say(f"{delivery.id}: {delivery.state}")
    console.answer([{"delivery_id": one.id, "state": one.state} for one in replayed])


def told(sent: Sent) -> dict[str, object]:
    """Return a delivery as programs read it."""
    return {
        "delivery_id": sent.delivery.id,
        "event": sent.delivery.event,
        "subject_id": sent.delivery.subject_id,
        "suggestion_id": sent.delivery.suggestion_id,
        "theme": sent.title,
        "action": sent.suggestion and sent.suggestion.action,
        "target": sent.target.name,
        **sent.delivery.model_dump(include={"state", "reason", "reference", "url", "created_at"}),
        "next_at": sent.next_at,
        "tries": sent.tries,
    }
