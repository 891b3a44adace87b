"""What Koe asks of a target: a backlog, a knowledge base or a receiver that deliveries go to."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, Self

from connectors.errors import Refused
from connectors.outgoing import Existing, News, Note, Outgoing, Receipt, Remote, Reply
from connectors.ports import Call, Means, Pace, Sender, Setting, Words

ACCEPTED = "suggestion.accepted"
"""The event of a suggestion that is handed over."""
GROWN = "suggestion.grown"
"""The event of a note under what was delivered: its evidence has grown."""
STILL_ASKED = "suggestion.still_asked"
"""The event of a note under what is done: customers ask as much as before."""
NOTES = frozenset({GROWN, STILL_ASKED})
"""The events that are told by a note under what was delivered."""
AGREED = "notice.agreed"
"""The event of a reply to a customer who raised a theme: a person has agreed to it."""
STANDING = frozenset({"source.paused", "source.resumed", "target.paused", "target.resumed"})
"""The events of a connection that lets Koe do nothing any more, and that works again."""
WEEKLY = "digest.weekly"
"""The event of a week that is over: what changed in it, in both languages."""
BACKLOG = frozenset({"fix_product"})
"""What a backlog takes."""
KNOWLEDGE = frozenset({"write_article", "edit_article", "make_findable", "resolve_contradiction"})
"""What a knowledge base takes."""

TargetKind = Literal["backlog", "knowledge", "other"]
"""What people look for a target under."""


class Hints(Sender):
    """How a target calls to tell that something in it changed, which is a hint to look there and no more."""

    guide: Sequence[Words] = ()
    """What to do there so that it calls, step by step; `{url}` and `{secret}` stand for its own."""
    unverified: Sequence[Words] = ()
    """What of it was never seen on a real account."""

    @classmethod
    @abstractmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        """Return the references and addresses of what a proven call says has changed, whatever it holds.

        None where it does not tell. Nothing else of a call is believed.
        """


class Target(ABC):
    """A backlog, a knowledge base or a receiver that deliveries go to; several threads may use it at once.

    Whatever it makes carries the suggestion's id as a marker, by which it is found again. What people change
    there is theirs: Koe adds notes, and writes over nothing.
    """

    slug: str
    """The kind of target, as in `koe target add SLUG`."""
    title: str = ""
    """What its makers call it; the slug where it is a way of ours."""
    title_ja: str = ""
    """What it is called on Japanese pages, where that is something else."""
    category: TargetKind = "other"
    takes: frozenset[str]
    """The actions it can carry out."""
    hears: frozenset[str] = frozenset()
    """The events that it can be told of, beside suggestions that were accepted."""
    settings: Sequence[Setting] = ()
    """What it is to be told, in this order; at most one is secret, the `secret_setting`."""
    needs_secret: bool = False
    """Whether both sides share a secret (`connectors.signatures.new_secret`), made when it is added."""
    secret_setting: str | None = None
    """The setting that is a secret itself, such as a token, or an address that lets in whoever knows it: it
    is kept encrypted, and comes as the secret."""
    idempotent: bool = False
    """Whether what comes twice is kept once, so that after an unknown outcome it may simply be sent again."""
    settles: timedelta = timedelta()
    """How long after it was made a thing may be missing where it is looked up: a search follows late."""
    pace: Pace | None = None
    """How often it may be asked."""
    follows: bool = False
    """Whether it can be asked how things stand, shown what is there already, and given notes."""
    on_this_machine: bool = False
    """Whether it writes to the disk of the machine: whoever has its commands adds it, and no page does."""
    hints: type[Hints] | None = None
    """How its calls are read, by which it tells that something changed; None where it sends none."""
    guide: Sequence[Words] = ()
    """What to do there, step by step."""
    unverified: Sequence[Words] = ()
    """What was never seen on a real account: told wherever the target is shown."""

    @classmethod
    def chosen(cls, settings: Mapping[str, object]) -> frozenset[str]:  # noqa: ARG003
        """Return the events that a target with these settings wants: suggestions, and what it is told of."""
        return cls.hears | ({ACCEPTED} if cls.takes else set())

    @classmethod
    @abstractmethod
    def open(cls, settings: Mapping[str, object], means: Means, /) -> Self:
        """Return the target with these settings; raise Refused, naming the setting, if one is wrong."""

    @abstractmethod
    def check(self) -> str:
        """Say in one sentence that the target can be written to, as it is set up.

        Raises Refused, saying why, if not, and RetryLater where that cannot be told now.
        """

    @abstractmethod
    def find(self, suggestion_id: str) -> Receipt | None:
        """Return the receipt of an earlier delivery of this suggestion, if there was one.

        None as well where nothing can be looked up; such a target is idempotent. Of several, which a lost
        answer may have left, always the same one.
        """

    @abstractmethod
    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Write it. Raises RetryLater, Refused or Uncertain."""

    def tell(self, news: News) -> Receipt:
        """Tell of an event that it `hears`. Raises RetryLater, Refused or Uncertain."""
        raise Refused(f"{self.slug} is not told of {news.event}")

    def look(self, reference: str) -> Remote:
        """Return how something stands that was delivered or linked. Raises RetryLater and Refused.

        What is not there any more is `gone`, once it is sure that the system itself is there.
        """
        raise Refused(f"{self.slug} cannot be asked how {reference} stands")

    def existing(self, words: str) -> Sequence[Existing]:
        """Return what is there already and may be about these words, the likeliest first, at most 50.

        Raises RetryLater and Refused.
        """
        raise Refused(f"{self.slug} cannot be asked what it holds about {words!r}")

    def note(self, reference: str, note: Note) -> Receipt:
        """Add a note to something that is there, once for each marker, and return that thing's receipt.

        Raises RetryLater, Refused or Uncertain.
        """
        raise Refused(f"{self.slug} takes no note {note.marker} under {reference}")

    def replied(self, conversation: str, reply: Reply) -> Receipt | None:  # noqa: ARG002
        """Return the receipt of a reply that is there already, if it is.

        Raises RetryLater and Refused, and Unknowable where nobody can tell and it must not be said again.
        """
        raise Refused(f"{self.slug} has no conversation {conversation}")

    def reply(self, conversation: str, reply: Reply) -> Receipt:  # noqa: ARG002
        """Say something to the customer of a conversation. Raises RetryLater, Refused or Uncertain."""
        raise Refused(f"{self.slug} has no conversation {conversation}")
