"""What Koe hands to targets, and what it gets back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

MOST_EXISTING = 50
"""Things that a target shows at once of what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The span of an item (or of an article) that a drafted sentence rests on."""

    source: str
    external_id: str
    start: int
    """First code point in the cited text, counted from 0."""
    end: int
    """One past the last code point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A suggestion on its way out: all that a target may know of it, redacted."""

    suggestion_id: str
    """The marker by which a target tells that it has this one already."""
    theme_id: str
    action: str
    audience: str
    lang: str
    title: str
    body: str
    """Markdown."""
    theme_title: str
    contacts: int
    customers: int
    accounts: int
    revenue: float | None
    currency: str | None
    keywords: Sequence[str] = ()
    citations: Sequence[Citation] = ()
    created_at: datetime | None = None
    decided_at: datetime | None = None
    """When a person accepted it; None for what a target takes by itself."""
    link: str | None = None
    """Where people find it in Koe."""
    article_title: str = ""
    """Of the article that it is about, where there is one."""
    article_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened, on its way out; it is as it was when it was put there, redacted."""

    event: str
    """`alarm.raised`, …"""
    subject_id: str
    """What it is about; with the event the marker by which a receiver tells that it has this already."""
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the target answered: the name under which the thing can be found there."""

    reference: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """How something that was delivered stands at its target."""

    reference: str
    """The name under which it is found now: things are moved and renamed."""
    state: Literal["open", "done", "dropped", "gone"]
    """`done`: customers have it, fixed or published; `dropped`: it was decided against there; `gone`: it is
    not there any more."""
    status: str = ""
    """What the state is called there, for people."""
    url: str | None = None
    at: datetime | None = None
    """Since when it is done, where that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """Something that a target holds already, whoever made it."""

    reference: str
    title: str
    text: str = ""
    url: str | None = None
    status: str = ""


def shown(receipt: Receipt, *, title: str | None, text: str | None, status: str | None = None) -> Existing:
    """Return what is found by a receipt, with as much as is told of it."""
    return Existing(
        reference=receipt.reference, title=title or "", text=text or "", url=receipt.url, status=status or ""
    )


def each_once(found: Iterable[Existing]) -> Sequence[Existing]:
    """Return what was found, in its order and each once, as many as are shown."""
    known = dict[str, Existing]()
    for one in found:
        known.setdefault(one.reference, one)
    return list(known.values())[:MOST_EXISTING]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A few lines that are added to something at a target."""

    marker: str
    """By which a target tells that it has this one already: letters, digits and hyphens."""
    text: str
    """Markdown, redacted."""
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said to a customer, once, in a conversation that they began."""

    text: str
    """Plain text, as people agreed to it."""
    since: datetime
    """When they did: what was said before is something else."""
