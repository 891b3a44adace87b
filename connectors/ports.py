"""What Koe asks of the outside world."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from connectors.errors import Refused
from connectors.http import Http


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a file: where it stood and what it held, by column name."""

    line: int
    """Line (or sheet row) where the record starts, counted from 1."""
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A record that could not be read, and why, in words for the person who owns the file."""

    line: int
    reason: str


class Rows(ABC):
    """A readable file of records."""

    columns: Sequence[str]
    """The column names as the file writes them."""
    encoding: str
    """How the text was decoded; `binary` where that is no question."""

    @abstractmethod
    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield every record in order; a broken one as a BadRow, and then the next."""


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
class Means:
    """What a target works with beside its settings."""

    http: Http = field(default_factory=Http)
    """The door to other systems."""
    secret: str | None = field(default=None, repr=False)
    """What Koe proves itself with there, where the kind of target needs it; two, with a space between, while
    the other side changes from the second to the first."""


class Target(ABC):
    """A backlog, a knowledge base or a receiver that deliveries go to; several threads may use it at once."""

    slug: str
    """The kind of target, as in `koe target add SLUG`."""
    takes: frozenset[str]
    """The actions it can carry out."""
    hears: frozenset[str] = frozenset()
    """The events that it is told of, beside suggestions that were accepted."""
    needs_secret: bool = False
    """Whether both sides share a secret (`connectors.signatures.new_secret`), made when it is added."""
    secret_setting: str | None = None
    """The setting that is a secret itself, such as an address that lets in whoever knows it: it is kept and
    comes as the secret."""
    idempotent: bool = False
    """Whether what comes twice is kept once, so that after an unknown outcome it may simply be sent again."""

    @classmethod
    @abstractmethod
    def open(cls, settings: Mapping[str, object], means: Means, /) -> Self:
        """Return the target with these settings; raise Refused, naming the setting, if one is wrong."""

    @abstractmethod
    def check(self) -> str:
        """Say in one sentence that the target can be written to.

        Raises Refused, saying why, if not, and RetryLater where that cannot be told now.
        """

    @abstractmethod
    def find(self, suggestion_id: str) -> Receipt | None:
        """Return the receipt of an earlier delivery of this suggestion, if there was one.

        None as well where nothing can be looked up; such a target is idempotent.
        """

    @abstractmethod
    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Write it. Raises RetryLater, Refused or Uncertain."""

    def tell(self, news: News) -> Receipt:
        """Tell of an event that it `hears`. Raises RetryLater, Refused or Uncertain."""
        raise Refused(f"{self.slug} is not told of {news.event}")
