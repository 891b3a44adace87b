"""A request's caller, and what else the gate learns with it: the zone of the pages, and the way of proof."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from service.access.caller import Caller
from service.models import MAIN

Means = Literal["session", "bearer", "basic", "none"]
"""How a caller proved who they are; `none` in the demo, which asks nobody."""
GUEST = "demo"
"""What everybody is called in the demo."""

NOBODY = (None, GUEST, "local")
"""Deciders who have no name: in the demo, and before there were persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request by somebody known."""

    caller: Caller
    zone: ZoneInfo
    """In which the organisation's days begin."""
    means: Means
    sign_in: str | None = None
    """The id of the browser's sign-in; None for programs."""


def demo_visit(zone: ZoneInfo) -> Visit:
    """Return what every request is in the demo."""
    caller = Caller(id=GUEST, organisation_id=MAIN, name=GUEST, scope="admin")
    return Visit(caller=caller, zone=zone, means="none")
