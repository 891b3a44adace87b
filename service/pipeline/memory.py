"""What a run remembers of the live one: where each span is, so that little moves that nobody has moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from nlp.ports import Past
from service.repositories.members import themes_of_spans
from service.repositories.runs import Voice, live_run

Places = tuple[str | None, str | None]
"""A theme and a sub-theme, by their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where each span is in the live run, people's corrections and live placing included."""

    places: Mapping[str, Places] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, organisation_id: str, *, as_of: datetime | None) -> "Memory":
        """Return what a run that reads up to `as_of` may know: nothing of a live run that has read on."""
        live = live_run(session, organisation_id)
        if live is None or (as_of is not None and (live.as_of is None or live.as_of > as_of)):
            return cls()
        rows = themes_of_spans(session, organisation_id, live.id)
        return cls(places={span: (theme, part) for span, theme, part in rows})

    def of_space(self, space: Sequence[Voice]) -> Past | None:
        """Return where the voices of a space were; None where nothing is known of any."""
        known = [self.places.get(voice.span_id, (None, None)) for voice in space]
        if not any(theme for theme, _ in known):
            return None
        return Past(
            groups=_numbered(theme for theme, _ in known), subgroups=_numbered(part for _, part in known)
        )


def _numbered(names: Iterable[str | None]) -> tuple[int | None, ...]:
    numbers: dict[str, int] = {}
    return tuple(None if name is None else numbers.setdefault(name, len(numbers)) for name in names)
