"""The map of voices: a page with a picture, its dots for the script that draws them, and what a dot says."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.access.caching import versioned
from service.errors import NotFound
from service.models import Theme
from service.models.span import KINDS
from service.repositories import map_points, theme_lists
from service.repositories import runs as run_repository
from service.repositories import tallies as tally_repository
from service.repositories import themes as theme_repository
from service.repositories.figures import ThemeFigures
from service.repositories.map_points import Point
from service.repositories.theme_lists import Wanted
from service.web.deps import SessionDep
from service.web.items import Name, shortened
from service.web.language import LANGUAGES
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep

router = APIRouter(prefix="/map")

LANGS = (*LANGUAGES, "other")
NEIGHBOURS = 3
LONGEST = 240
"""Code points of a quote."""
FURTHEST = 2**15


class MapQuery(BaseModel):
    """The filters of the map, as they stand in its address."""

    kind: Name = ""
    lang: Name = ""
    theme: Name = ""
    """The theme that is shown first."""
    page: int = Field(default=1, ge=1, le=100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A theme of the list, and those that lie next to it."""

    figures: ThemeFigures
    neighbours: Sequence[Theme]


@router.get("")
def show_map(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    query: Annotated[MapQuery, Query()],
) -> Response:
    """Show all themes where they lie, and the same as a list."""
    t, zone = pages.language(request), pages.zone(request)
    wanted = Wanted(kind=query.kind, lang=query.lang)
    total = theme_lists.count(session, organisation_id, wanted, zone=zone)
    listed = theme_lists.find(
        session,
        organisation_id,
        wanted,
        zone=zone,
        sort="voices",
        limit=PAGE_SIZE,
        offset=(query.page - 1) * PAGE_SIZE,
    )
    return pages.show(
        request,
        "map.html",
        any=map_points.any_points(session, organisation_id),
        is_run=run_repository.live_run(session, organisation_id) is not None,
        total=total,
        rows=_rows(
            session, organisation_id, tally_repository.stored(session, organisation_id, listed, zone=zone)
        ),
        page=query.page,
        page_count=-(-total // PAGE_SIZE),
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in LANGS],
        chosen=query,
    )


def _rows(session: Session, organisation_id: str, listed: Sequence[ThemeFigures]) -> list[Row]:
    near = neighbours(map_points.middles(session, organisation_id), [each.theme.id for each in listed])
    named = theme_repository.named(session, organisation_id, {one for some in near.values() for one in some})
    return [
        Row(figures=each, neighbours=[named[one] for one in near[each.theme.id] if one in named])
        for each in listed
    ]


def neighbours(places: Mapping[str, tuple[float, float]], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return for each theme those that lie nearest to it; none for one that is not on the map."""
    names = list(places)
    where = np.array(list(places.values()), np.float64).reshape(-1, 2)
    found: dict[str, list[str]] = {}
    for name in wanted:
        if name not in places:
            found[name] = []
            continue
        away = np.linalg.norm(where - np.array(places[name]), axis=1)
        order = np.argsort(away, kind="stable")[: NEIGHBOURS + 1]  # itself is among them
        found[name] = [names[place] for place in order if names[place] != name][:NEIGHBOURS]
    return found


@router.get("/points")
def give_points(request: Request, session: SessionDep, organisation_id: OrganisationDep) -> Response:
    """Give all dots to the script that draws them, see `packed`; nothing to whoever has these already."""
    dots = map_points.points(session, organisation_id)
    ids = {name for dot in dots for name in (dot.theme_id, dot.subtheme_id) if name}
    content = packed(dots, theme_repository.named(session, organisation_id, ids))
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = gzip.compress(content, 6, mtime=0), "gzip"
    return versioned(request, content, media_type="application/octet-stream", headers=headers)


def packed(dots: Sequence[Point], themes: Mapping[str, Theme]) -> bytes:
    """Return the dots as bytes, all numbers little-endian.

    First the length of a JSON text (32 bits) and that text: `n`, the number of dots; `themes`, largest first,
    each with its `id`, `title`, `lang`, its middle `x` and `y`, its number of dots `n`, and `parts` that are
    described alike. Then come all x, all y (signed, 16 bits) and a byte a dot: the place of its kind in KINDS
    and, times 8, of its language in LANGS. Dots stand theme by theme, those of no theme last.
    """
    ordered: list[Point] = []
    told: list[dict[str, Any]] = []
    known = sorted((dot for dot in dots if dot.theme_id in themes), key=lambda dot: dot.theme_id or "")
    groups = [(name, list(some)) for name, some in groupby(known, key=lambda dot: dot.theme_id)]
    for name, some in sorted(groups, key=lambda pair: (-len(pair[1]), pair[0] or "")):
        parts = sorted(
            (dot for dot in some if dot.subtheme_id in themes), key=lambda dot: dot.subtheme_id or ""
        )
        told.append(
            {
                **_named(themes[name or ""], some),
                "parts": [
                    _named(themes[part or ""], list(those))
                    for part, those in groupby(parts, key=lambda dot: dot.subtheme_id)
                ],
            }
        )
        ordered += some
    ordered += [dot for dot in dots if dot.theme_id not in themes]
    head = json.dumps({"n": len(ordered), "themes": told}, ensure_ascii=False).encode()
    head += b" " * (-len(head) % 4)
    numbers = np.array([(dot.x, dot.y) for dot in ordered], "<i2").reshape(-1, 2)
    marks = bytes(_mark(dot) for dot in ordered)
    return len(head).to_bytes(4, "little") + head + numbers.T.tobytes() + marks


def _named(theme: Theme, dots: Sequence[Point]) -> dict[str, Any]:
    return {
        "id": theme.id,
        "title": theme.title,
        "lang": theme.lang,
        "x": round(median(dot.x for dot in dots)),
        "y": round(median(dot.y for dot in dots)),
        "n": len(dots),
    }


def _mark(dot: Point) -> int:
    lang = dot.lang if dot.lang in LANGS else "other"
    return KINDS.index(dot.kind) + 8 * LANGS.index(lang)


Coordinate = Annotated[int, Query(ge=-FURTHEST, lt=FURTHEST)]


@router.get("/voice")
def give_voice(
    session: SessionDep, organisation_id: OrganisationDep, x: Coordinate, y: Coordinate
) -> dict[str, Any]:
    """Give what is said at a place: one quote, its theme, and where it leads. Raises NotFound for none."""
    said = map_points.spoken_at(session, organisation_id, x, y)
    if said is None:
        raise NotFound("Nobody is heard there any more.")
    theme = said.subtheme or said.theme
    return {
        "text": shortened(said.text, LONGEST),
        "lang": said.lang,
        "theme": {"title": theme.title, "lang": theme.lang} if theme else None,
        "address": f"/themes/{said.theme.id}" if said.theme else f"/items/{said.item_id}",
    }
