"""The page of touchpoints: what was heard where, and what high and low touch should know of tech touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from service.models.touchpoint import LAYERS, MOMENTS, UNKNOWN
from service.repositories import accounts as account_repository
from service.repositories import matrix, portraits
from service.repositories.matrix import Cell, Matrix
from service.web.deps import SessionDep
from service.web.items import Day, Name, VoiceQuery
from service.web.page import OrganisationDep, PagesDep, link

router = APIRouter()

FED = ("high", "low")
"""Layers that should know what tech touch heard."""


class TouchpointQuery(BaseModel):
    """Which voices, as it stands in the address."""

    since: Day = None
    until: Day = None
    """The last day that is meant."""
    account: Name = ""

    @property
    def is_plain(self) -> bool:
        """True where nothing is chosen."""
        return self.since is None and self.until is None and not self.account

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and the last day that are meant; where none is asked for, the last weeks."""
        since, until = matrix.last_days(self.until or today)
        return self.since or since, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A touchpoint in the picture."""

    layer: str
    cell: Cell | None
    """None where nothing was heard."""
    asked: Mapping[str, str]
    """By what the list of voices shows those that are counted here."""

    @property
    def address(self) -> str:
        """Where its voices are listed."""
        return link("/items", **self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A moment of truth, with each layer."""

    moment: str
    squares: Sequence[Square]


@router.get("/touchpoints")
def show_touchpoints(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    query: Annotated[TouchpointQuery, Query()],
) -> Response:
    """Show what was heard where."""
    zone = pages.zone(request)
    today = datetime.now(UTC).astimezone(zone).date()
    kept = matrix.kept(session, organisation_id, today=today) if query.is_plain else None
    since, until = (kept.since, kept.until) if kept else query.days(today)
    meant = VoiceQuery(since=since, until=until).wanted(zone)
    found = (
        kept.matrix
        if kept
        else matrix.count(
            session,
            organisation_id,
            since=meant.since or matrix.EVER[0],
            until=meant.until or matrix.EVER[1],
            account_id=query.account,
        )
    )
    asked = {"since": since.isoformat(), "until": until.isoformat(), "began": "1", "account": query.account}
    themes = [spoken.theme for cell in found.cells.values() for spoken in cell.themes]
    themes += [one.theme for some in found.told.values() for one in some]
    account = account_repository.find(session, organisation_id, query.account) if query.account else None
    return pages.show(
        request,
        "touchpoints.html",
        lines=lines(found, asked),
        layers=shown(found, 0),
        total=sum(cell.voices for cell in found.cells.values()),
        most=most(found),
        told=[(layer, found.told[layer]) for layer in FED if found.told.get(layer)],
        fed=FED,
        asked=asked,
        done=portraits.done_about(session, organisation_id, sorted({theme.id for theme in themes}), None),
        since=since,
        until=until,
        counted_at=kept.counted_at if kept else None,
        account=query.account,
        account_name=(account.name if account else None) or query.account,
    )


def lines(found: Matrix, asked: Mapping[str, str]) -> list[Line]:
    """Return the matrix in the order of the moments; what nobody knows comes last, where there is any."""
    return [
        Line(
            moment=moment,
            squares=[
                Square(
                    layer=layer,
                    cell=found.cells.get((layer, moment)),
                    asked={**asked, "only": "counted", "layer": layer, "moment": moment},
                )
                for layer in shown(found, 0)
            ],
        )
        for moment in shown(found, 1)
    ]


def shown(found: Matrix, half: int) -> tuple[str, ...]:
    """Return the layers (0) or moments (1) that have a place in the picture."""
    known = (LAYERS, MOMENTS)[half]
    return (*known, UNKNOWN) if any(key[half] == UNKNOWN for key in found.cells) else known


def most(found: Matrix) -> tuple[str, str] | None:
    """Return the touchpoint at which most was heard; None where nothing was."""
    return max(found.cells, key=lambda key: (found.cells[key].voices, key), default=None)
