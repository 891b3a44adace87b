"""What Koe asks of a source in whose conversations it may reply, and that source as a target of the outbox.

A reply carries no mark that its reader would see. It is known again by its words: the conversation is read,
and what staff said in it since then is compared, letter by letter, whatever became of its form there.
"""

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html import escape, unescape
from typing import Self

from connectors.asking import is_yes
from connectors.errors import Refused, RetryLater
from connectors.outgoing import Outgoing, Receipt, Reply
from connectors.ports import Channel, Heard, Means, Said, Setting, Source
from connectors.target_port import Target
from connectors.writing import Writer

KIND = "replies"
"""The kind of target that the conversations of a source are."""
SETTING = Setting(
    name="replies",
    label={
        "en": "Whether Koe may write into its conversations what a person has agreed to",
        "ja": "担当者が承認した文面を Koe が会話に書き込んでよいか",
    },
    needed="never",
    choices=("no", "yes"),
    default="no",
)
SKEW = timedelta(minutes=10)
"""By which another system's clock may go otherwise than ours."""
_TAG = re.compile(r"<[^<>]*>")
_LITERAL = re.compile(r"\{(?=[{%])")
"""How a placeholder begins that some systems fill in."""
PARTED = "{\u200b"


class Replier(Source):
    """A source in whose conversations Koe may reply where that is switched on."""

    replies_in: frozenset[Channel]
    """The channels whose customers get what is said there."""
    closed: frozenset[str] = frozenset()
    """Statuses in which a conversation takes no reply any more."""
    idempotent: bool = False
    """Whether what is said twice is said once, so that it is said again where others look it up."""
    _writer: Writer | None = None
    """What replies are written with; None where nobody has said that Koe may reply."""

    @classmethod
    def reaches(cls, conversation: str) -> bool:  # noqa: ARG003
        """Say whether what is said in a conversation is read by its customer alone, by its name."""
        return True

    @classmethod
    def place(cls, settings: Mapping[str, str]) -> str:
        """Return how the address of each conversation begins in the account that the settings name."""
        address = settings.get("address", "").strip().rstrip("/")
        return f"{address}/" if address else ""

    def may_reply(self) -> str:
        """Say in one sentence that replies can be sent. Raises Refused, saying why, and RetryLater."""
        self._switched_on()
        return self.check()

    @abstractmethod
    def reply(self, conversation: str, reply: Reply) -> Receipt:
        """Say it to the customer. Raises RetryLater, Refused or Uncertain."""

    def replied(self, conversation: str, reply: Reply) -> Receipt | None:
        """Return the receipt of a reply that is there already, if it is.

        Raises RetryLater and Refused, and Unknowable where nobody can tell and it must not be said again.
        """
        found = self.fetch(conversation)
        if not isinstance(found, Heard):
            return None
        for one in found.said:
            is_later = one.created_at is None or one.created_at >= reply.since - SKEW
            if is_later and _holds(one, words_of(reply.text)):
                return Receipt(reference=one.external_id, url=found.url)
        return None

    def _switched_on(self) -> Writer:
        """Return what replies are written with. Raises Refused where nobody has said that Koe may reply."""
        if self._writer is None:
            raise Refused("Koe may not reply here; koe source set NAME replies=yes switches that on")
        return self._writer


def _holds(said: Said, words: str) -> bool:
    """Say whether a message is a reply with these words.

    It comes back as a customer's where the agent whose token it is had raised the ticket; others quote it.
    """
    told = words_of(said.text)
    return bool(words) and (told == words if said.author_role == "customer" else words in told)


@contextmanager
def asking_first() -> Iterator[None]:
    """Let a question before a reply be asked again: whoever refuses it has not refused the reply."""
    try:
        yield
    except Refused as error:
        raise RetryLater(f"before it was said: {error}") from error


def lines_as_html(text: str) -> str:
    """Return a text as HTML that reads letter by letter as it was written, lists and all."""
    parts = (escape(part, quote=False).replace("\n", "<br/>") for part in text.strip().split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts)


def words_of(text: str) -> str:
    """Return a text as it is compared: its letters and digits alone, whatever their form and width."""
    plain = unicodedata.normalize("NFKC", _TAG.sub(" ", unescape(text)))
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def is_on(settings: Mapping[str, str]) -> bool:
    """Say whether a source was told that Koe may reply. Raises Refused where it was told something odd."""
    return is_yes(settings, SETTING.name, usually="no")


def inactive(text: str) -> str:
    """Return a text in which no placeholder is filled in by a system that knows some."""
    return _LITERAL.sub(PARTED, text)


class Replies(Target):
    """The conversations of a source, as what deliveries go to."""

    slug = KIND
    takes = frozenset()
    settles = timedelta(minutes=2)

    def __init__(self, replier: Replier) -> None:
        self._replier = replier
        self.idempotent = replier.idempotent

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means, /) -> Self:  # noqa: ARG003
        raise Refused("replies go through a source: koe source set NAME replies=yes")

    def check(self) -> str:
        return self._replier.may_reply()

    def find(self, suggestion_id: str) -> Receipt | None:  # noqa: ARG002  it takes none
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        raise Refused(f"a conversation takes no suggestion such as {outgoing.suggestion_id}")

    def replied(self, conversation: str, reply: Reply) -> Receipt | None:
        return self._replier.replied(conversation, reply)

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        return self._replier.reply(conversation, reply)
