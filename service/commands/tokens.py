"""`koe token`: what programs prove themselves with."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from service.access import tokens
from service.arguments import one_of, read_settings
from service.commands.options import Json, Name, opened
from service.console import Console
from service.repositories import tokens as token_repository
from service.rules.permissions import SCOPES, scope_named

app = typer.Typer(help="What programs prove themselves with.", no_args_is_help=True)


@app.command("create")
def create_token(
    name: Name,
    scope: Annotated[
        str, typer.Option(callback=one_of(SCOPES), help=f"What it may do: {', '.join(SCOPES)}.")
    ],
    expires: Annotated[
        int | None, typer.Option(min=1, max=tokens.MOST_DAYS, help="The number of days after which it ends.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it. It is shown this once."""
    console, settings, now = Console(json=as_json), read_settings(), datetime.now(UTC)
    lasts = None if expires is None else timedelta(days=expires)
    with opened(console, settings) as db, db.begin() as session:
        text = tokens.create(
            session, settings.organisation, name, scope=scope_named(scope), now=now, lasts=lasts
        )
    console.say(text)
    console.answer({"token": text, "name": name, "scope": scope})


@app.command("list")
def list_tokens(as_json: Json = False) -> None:
    """List the tokens, and when each was used last."""
    console, settings, now = Console(json=as_json), read_settings(), datetime.now(UTC)
    with opened(console, settings) as db, db.begin() as session:
        found = token_repository.list_tokens(session, settings.organisation)
    console.listing(
        ("token", "scope", "state", "used last", "made"),
        [(t.name, t.scope, tokens.state(t, now), shown(t.used_at), shown(t.created_at)) for t in found],
        if_none="There are no tokens yet: koe token create NAME --scope read",
    )
    console.answer(
        [
            {
                "name": t.name,
                "id": t.id,
                "scope": t.scope,
                "state": tokens.state(t, now),
                "created_at": t.created_at,
                "expires_at": t.expires_at,
                "used_at": t.used_at,
                "revoked_at": t.revoked_at,
            }
            for t in found
        ]
    )


@app.command("revoke")
def revoke_token(name: Name, as_json: Json = False) -> None:
    """End a token at once."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        tokens.revoke(session, settings.organisation, name, now=datetime.now(UTC))
    console.say(f"{name} is over.")
    console.answer({"name": name, "state": "revoked"})


def shown(moment: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return "never" if moment is None else moment.astimezone(UTC).isoformat(sep=" ", timespec="minutes")
