"""`koe value`: what solving each theme is worth, and by which weights that is."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from service.arguments import pairs, read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.exports.shapes import TERM
from service.models import Theme, Value
from service.pipeline import value as value_stage
from service.repositories import themes as theme_repository
from service.repositories import values
from service.rules.weights import as_written, changed, days_of_work

app = typer.Typer(help="What solving each theme is worth, and by which weights.", no_args_is_help=True)

BY = "command line"
"""Who sets weights by a command."""


@app.command("list")
def list_values(
    most: Annotated[int, typer.Option("--most", min=1, help="How many themes.")] = 20, as_json: Json = False
) -> None:
    """List the themes, those worth most first, each with its rank in nine of ten draws of the customers."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = sorted(values.of(session, settings.organisation).values(), key=lambda each: each.rank)[:most]
        themes = theme_repository.named(session, settings.organisation, [each.theme_id for each in found])
    console.listing(
        ("rank", "between", "worth", "between", "theme", "id"),
        [
            (
                f"{each.rank:,}",
                f"{each.rank_low:,} and {each.rank_high:,}",
                f"{each.worth:,.1f}",
                f"{each.low:,.1f} and {each.high:,.1f}",
                themes[each.theme_id].title,
                each.theme_id,
            )
            for each in found
        ],
        if_none="No theme has been weighed yet: koe run",
    )
    console.answer([_told(each, themes[each.theme_id]) for each in found])


def _told(value: Value, theme: Theme) -> dict[str, Any]:
    names = ("theme_id", "rank", "rank_low", "rank_high", "worth", "low", "high")
    return {
        "title": theme.title,
        **{name: getattr(value, name) for name in names},
        "terms": [{name: term[name] for name in TERM} for term in value.terms],
    }


@app.command("weights")
def show_weights(as_json: Json = False) -> None:
    """Show by which weights themes are ranked."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        written = as_written(values.weighting(session, settings.organisation))
    console.listing(
        ("setting", "value"), [(name, value or "unknown") for name, value in written.items()], if_none=""
    )
    console.answer(written)


@app.command("set")
def set_weights(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=VALUE …", help="As `koe value weights` shows them; NAME= is the default."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Set weights, and rank all themes by them at once."""
    console, settings = Console(json=as_json), read_settings()
    told = pairs(given, option="a weight", may_be_empty=True)
    with opened(console, settings) as db, db.begin() as session:
        wanted = changed(values.weighting(session, settings.organisation), told)
        values.set_weighting(session, settings.organisation, wanted, by=BY, at=datetime.now(UTC))
        session.flush()
        ranked = value_stage.refresh(session, settings.organisation)
    console.say(f"Set. {ranked:,} themes were ranked anew: koe value list")
    console.answer({**as_written(wanted), "ranked": ranked})


@app.command("effort")
def set_effort(
    theme_id: Annotated[str, typer.Argument(metavar="THEME", help="The id of a theme.")],
    days: Annotated[str, typer.Argument(help="Days of work; “unknown” takes it back.")],
    as_json: Json = False,
) -> None:
    """Say how many days of work solving a theme takes."""
    console, settings = Console(json=as_json), read_settings()
    effort = None if days == "unknown" else days_of_work(days)
    with opened(console, settings) as db, db.begin() as session:
        theme = theme_repository.get_theme(session, settings.organisation, theme_id)
        theme.effort_days = effort
        session.flush()
        value_stage.refresh(session, settings.organisation)
        told = values.of(session, settings.organisation, [theme.id]).get(theme.id)
        rank = told.rank if told else None
    console.say(f"Noted. “{theme.title}” has rank {rank}." if rank else f"Noted for “{theme.title}”.")
    console.answer({"theme_id": theme.id, "effort_days": effort, "rank": rank})
