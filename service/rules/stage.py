"""Where a theme stands in the loop: heard, understood, decided, delivered, measured."""

from dataclasses import dataclass

ENOUGH_PEOPLE = 3
ENOUGH_ITEMS = 5
"""One or two people may be an accident; three, or one who comes back again and again, deserve a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a theme."""

    people: int
    """Known customers, and one for each item without a customer."""
    items: int
    titled: bool
    decided: bool = False
    """A suggestion was accepted or dismissed."""
    delivered: bool = False
    """A suggestion reached a target, or was published by hand."""
    measured: bool = False
    """An intervention's effect is known."""


def stage_of(standing: Standing) -> str:
    """Return the furthest stage that the theme has reached."""
    if standing.measured:
        return "measured"
    if standing.delivered:
        return "delivered"
    if standing.decided:
        return "decided"
    if standing.titled and (standing.people >= ENOUGH_PEOPLE or standing.items >= ENOUGH_ITEMS):
        return "understood"
    return "heard"
