"""What Koe asks of the outside world: files, and sources of feedback. Targets have a page of their own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from connectors.errors import Refused, Unproven, Unreadable
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
    left_out: bool = False
    """True where nothing is wrong with it: it is nobody's voice, such as an automatic mail."""


class Rows(ABC):
    """A readable file of records."""

    columns: Sequence[str]
    """The column names as the file writes them."""
    encoding: str
    """How the text was decoded; `binary` where that is no question."""
    channel: str | None = None
    """What the records came by, where the form of the file tells."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences about what was assumed of the file as a whole, once it has been read."""
        return ()

    @abstractmethod
    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield every record in order; a broken one as a BadRow, and then the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a connector works with beside its settings."""

    http: Http = field(default_factory=Http)
    """The door to other systems."""
    secret: str | None = field(default=None, repr=False)
    """What Koe proves itself with there, where the kind of target needs it; two, with a space between, while
    the other side changes from the second to the first."""


Channel = Literal["ticket", "chat", "call", "interview", "review", "survey"]
Role = Literal["customer", "agent", "bot", "interviewer"]
Proof = Literal["bearer", "signature", "url", "own", "older"]
"""How a call shows who sent it: by Standard Webhooks (`signature`), in the sender's `own` way or in a weaker,
`older` one of theirs, or by a secret that comes with it."""
Category = Literal[
    "helpdesk", "chat", "calls", "mail", "reviews", "surveys", "community", "issues", "knowledge", "other"
]
"""What people look for a system under."""
Words = Mapping[Literal["en", "ja"], str]
"""What people read, in their language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something that a source or a target must be told before it works."""

    name: str
    label: Words
    secret: bool = False
    """Whether it lets in whoever knows it, such as a token: it is kept encrypted and never shown."""
    needed: Literal["always", "to_fetch", "never"] = "always"
    """What the source cannot do without it."""
    example: str = ""
    choices: Sequence[str] = ()
    """What it usually is, the likeliest first; anything else may be written as well."""
    default: str | None = None
    unverified: bool = False
    """Whether what it means there was never seen on a real account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a system may be asked: so many requests in so many seconds, evenly after a first burst."""

    requests: int
    seconds: float
    burst: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a webhook, as it came."""

    url: str
    """The public address that was called, as the sender knows it."""
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of an item."""

    external_id: str
    """Its name in its item: the newest version of each counts."""
    text: str
    """Plain or HTML. Without words it is one that was taken back there."""
    author_role: Role = "customer"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    """The time of this version; without one, the version that came last counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who spoke, as the source knows them."""

    id: str | None = None
    email: str | None = None
    own_id: str | None = None
    """What the organisation's own systems call them, where somebody has entered that there."""
    account_id: str | None = None
    """The company or contract behind them, as the source calls it."""
    account_own_id: str | None = None
    """What the organisation's own systems call it, where somebody has entered that there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A feedback item, or as much of it as one event tells: what is said later is added to it."""

    external_id: str
    said: Sequence[Said] = ()
    channel: Channel = "ticket"
    title: str | None = None
    lang: str | None = None
    """ISO 639-1, where the source knows it."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    """The time of this version of all but the messages."""
    replied_at: datetime | None = None
    resolved_at: datetime | None = None
    status: str | None = None
    rating: float | None = None
    """1 (worst) to 5 (best)."""
    customer: Customer = Customer()
    url: str | None = None
    tags: Sequence[str] = ()
    product_area: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An item that has changed there, of which no more is known: it is to be fetched."""

    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An item that was deleted there: Koe's copy goes as well."""

    external_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A message that was taken back there, where its item is only known to be one of several."""

    external_id: str
    """Of the message."""
    items: Sequence[str]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An account as a source knows it; what it does not tell stays as it was."""

    account_id: str
    own_id: str | None = None
    """What the organisation's own systems call it, where somebody has entered that there."""
    domains: Sequence[str] = ()
    """By which the addresses of its people end: whoever writes from one belongs to it."""
    name: str | None = None
    plan: str | None = None
    revenue: float | None = None
    """A year."""
    currency: str | None = None
    segment: str | None = None
    started_at: datetime | None = None
    renews_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something in the life of an account."""

    external_id: str
    kind: Literal["usage", "signup", "renewal", "expansion", "contraction", "churn"]
    occurred_at: datetime
    account_id: str | None = None
    customer_id: str | None = None
    amount: float | None = None
    text: str | None = None
    """A customer's words, such as the reason to leave: they are a voice as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of feedback, in any of the formats that are imported."""

    path: Path
    name: str
    """By which it is known, whatever machine it lies on."""
    encoding: str = "auto"
    own: Sequence[str] = ()
    """The organisation's addresses and domains of mail."""
    interviewers: Sequence[str] = ()
    """Names of those who ask in notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A page of a knowledge base as it is now."""

    external_id: str
    title: str
    text: str = ""
    """Plain or HTML."""
    url: str | None = None
    lang: str | None = None
    audience: Literal["public", "internal"] = "public"
    section: str | None = None
    status: Literal["published", "draft"] = "published"
    updated_at: datetime | None = None
    """The time of this version; an older one changes nothing."""
    views: int | None = None
    helpful: int | None = None
    unhelpful: int | None = None
    own: bool = False
    """Whether a mark that does not stand in the text says that Koe made it: as a draft it is no article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """An article that was withdrawn there: Koe's copy goes as well."""

    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All articles that are there, by their names: those that Koe has beside them were withdrawn.

    An empty one withdraws nothing: it rather tells of a right that is missing.
    """

    external_ids: Sequence[str]


Event = (
    Heard | Changed | Withdrawn | Unsaid | Company | Happened | File | Article | Unpublished | Shelf | BadRow
)
"""What a source tells; a BadRow is a part that fits nothing, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The answer by which a sender makes sure of an address; such a call brings nothing."""

    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of what a source holds."""

    events: Sequence[Event]
    cursor: str | None = None
    """Where the next page begins; None after the last one."""
    total: int | None = None
    """How many items the whole walk comes to, where the source tells."""


class Sender(ABC):
    """A system that calls: how it is proven and answered depends on no settings, so that it takes no time."""

    slug: str
    """Its kind, as people set it up."""
    title: str
    """What its makers call it."""
    proofs: Sequence[Proof] = ()
    """How its calls may show who sent them, the best first; none where it sends no calls."""
    token_header: str = "authorization"
    """The header, in lower case, that holds the secret of calls that prove themselves by one (`bearer`)."""
    secret_from: Literal["koe", "sender"] = "koe"
    """Who makes the secret of its webhook: with `sender`, people copy it from there."""

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        """Return the sender's id of a call in its `own` way, empty if it names none.

        Any of the secrets counts. Raises Unproven, and nothing else, for anybody else's.
        """
        raise Unproven(f"{cls.slug} has no way of its own")

    @classmethod
    def prove_older(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        """Do as `prove` for a sender whose calls, a person said, come in its `older` way."""
        raise Unproven(f"{cls.slug} has no older way")

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:  # noqa: ARG003
        """Return the answer to a proven call that only makes sure of the address; None for any other."""
        return None


class Source(Sender):
    """A system that feedback comes from: what it sends by webhook, and what it holds and can be asked for.

    `koe source add SLUG` adds one. What is no part of a call is asked of an opened source; several threads
    may use it at once.
    """

    title_ja: str = ""
    """What it is called on Japanese pages, where that is something else."""
    category: Category = "other"
    settings: Sequence[Setting] = ()
    """What it is to be told, in this order. A webhook alone needs none that is secret."""
    proofs: Sequence[Proof] = ("own",)
    fetches: bool = True
    """Whether it can be asked for what it holds."""
    pace: Pace | None = None
    """How often it may be asked."""
    keeps: frozenset[str] = frozenset()
    """The headers of a call, in lower case, that are needed to read it."""
    guide: Sequence[Words] = ()
    """What to do there, step by step; `{url}` and `{secret}` stand for those of the webhook."""
    unverified: Sequence[Words] = ()
    """What was never seen on a real account: told wherever the source is shown."""

    @classmethod
    @abstractmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        """Return the source with these settings, secret ones among them.

        Raises Refused, naming the setting, if one is wrong; what only fetching needs may be missing.
        """

    def read(self, call: Call) -> Iterator[Event]:  # noqa: ARG002
        """Yield what a proven call tells, whatever it holds; the same call always tells the same.

        Raises Unreadable for a body that is none of this source's.
        """
        raise Unreadable(f"{self.title} sends no calls")

    def check(self) -> str:
        """Say in one sentence that what the source holds can be asked for.

        Raises Refused, saying why, if not, and RetryLater where that cannot be told now.
        """
        raise Refused(f"{self.title} cannot be asked for what it holds")

    def page(self, since: datetime | None, cursor: str | None) -> Page:  # noqa: ARG002
        """Return the next part of all that changed since a time (or ever), the oldest change first if it can.

        Raises Refused or RetryLater.
        """
        raise Refused(f"{self.title} cannot be asked for what it holds")

    def fetch(self, external_id: str) -> Heard | Withdrawn:  # noqa: ARG002
        """Return one item as it is now. Raises Refused or RetryLater."""
        raise Refused(f"{self.title} cannot be asked for a single item")
