"""What the rows of a file are: told by its columns, and where these leave it open by its rows."""

from collections.abc import Callable, Mapping, Sequence

from connectors.ports import Row
from service.imports.columns import Taken, guess, missing
from service.imports.events import kind_named

USUAL = "feedback"
MONEY_AND_TERMS = ("plan", "revenue", "renews_at", "ended_at", "currency")
SHELVED = ("audience", "section", "views", "helpful", "unhelpful")


def guess_noun(columns: Sequence[str], first: Sequence[Row]) -> str:
    """Return what the rows are: feedback, unless their columns say something else."""
    said = guess(USUAL, columns, {})
    for noun, fits in _SIGNS.items():
        taken = guess(noun, columns, {})
        if not missing(noun, taken) and fits(_Seen(taken.columns, said, first)):
            return noun
    return USUAL


class _Seen:
    """What a file shows: its columns as those of a noun, and as those of feedback."""

    def __init__(self, found: Mapping[str, str], said: Taken, first: Sequence[Row]) -> None:
        self.found = found
        self.first = first
        self.speaks = bool({"text", "messages"} & set(said.columns))
        """Whether there is a column of what somebody said."""
        self.is_feedback = not missing(USUAL, said)


def _are_events(seen: _Seen) -> bool:
    kinds = [kind_named(row.values.get(seen.found["kind"])) for row in seen.first]
    return bool(kinds) and 2 * sum(kind is not None for kind in kinds) > len(kinds)


def _are_accounts(seen: _Seen) -> bool:
    return not seen.speaks and any(field in seen.found for field in MONEY_AND_TERMS)


def _are_articles(seen: _Seen) -> bool:
    shelved = any(field in seen.found for field in SHELVED)
    return ("body" in seen.found and shelved) or not seen.is_feedback


def _is_silent(seen: _Seen) -> bool:
    return not seen.speaks


_SIGNS: Mapping[str, Callable[[_Seen], bool]] = {
    "corrections": lambda seen: True,  # noqa: ARG005  what they need says it all
    "searches": _is_silent,
    "customers": _is_silent,
    "events": _are_events,
    "interventions": _is_silent,
    "accounts": _are_accounts,
    "articles": _are_articles,
}
"""Which columns, beside those that it needs, tell each noun from feedback; the plainest come first."""
