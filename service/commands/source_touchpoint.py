"""`koe source touchpoint`: where the voices of a source are heard."""

from typing import Annotated

import typer

from service.arguments import one_of, read_settings
from service.commands.options import Json, Name, opened
from service.console import Console
from service.models.touchpoint import LAYERS, MOMENTS, UNKNOWN, Touchpoint
from service.pipeline import tally
from service.repositories import sources, touchpoints

CHANNEL = "channel"
"""Leaves it to the channel of each voice."""


def tell_touchpoint(
    name: Name,
    layer: Annotated[
        str | None,
        typer.Option(
            callback=one_of((*LAYERS, UNKNOWN, CHANNEL)),
            help="tech, low, high or unknown; channel leaves it to the channel of each voice.",
        ),
    ] = None,
    moment: Annotated[
        str | None,
        typer.Option(
            callback=one_of((*MOMENTS, UNKNOWN, CHANNEL)),
            help="Moment of truth: zero, first, second, third or unknown; channel as with --layer.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say where the voices of a source are heard; without options, show it."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        with db.begin() as session:
            source = sources.get_source(session, settings.organisation, name)
            told = Touchpoint(_half(source.layer, layer), _half(source.moment, moment))
            touchpoints.tell(session, source, told)
        if layer or moment:
            tally.run(db, settings.organisation)
    console.say(f"{name}: layer {told.layer or CHANNEL}, moment {told.moment or CHANNEL}.")
    console.answer({"source": name, "layer": told.layer, "moment": told.moment})


def _half(before: str | None, given: str | None) -> str | None:
    """Return what is told of one half from now on."""
    if given is None:
        return before
    return None if given == CHANNEL else given
