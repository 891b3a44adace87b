"""Who is told of what was done: one entry a customer, in which conversation, and whether they may be.

A customer who said no is never told. One who said nothing is told only inside a conversation that they began
themselves and that is still theirs: an answer to their own question. Anything else, such as a mail to
somebody who once filled in a survey, needs a yes. An organisation may ask for the yes everywhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Answer = Literal["yes", "no", "unknown"]
Way = Literal["reply", "by_hand", "none"]
"""By the source itself; by a person, who finds them in a list; not at all."""
Form = Literal["mail", "chat"]
Lang = Literal["en", "ja"]
ReplyState = Literal["on", "off", "closed", "never", "elsewhere"]
"""Whether a source can reply in a conversation: it may; nobody has switched that on; it takes no reply any
more; it cannot; it is in another account than that of now."""
CONVERSATIONS = ("ticket", "chat")
"""The channels in which a customer waits for an answer in writing."""
WAYS: Sequence[Way] = ("reply", "by_hand", "none")
FORMS: Sequence[Form] = ("mail", "chat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A voice in which a theme was raised."""

    item_id: str
    customer_id: str | None
    source: str
    external_id: str
    channel: str
    lang: str | None
    created_at: datetime
    reply: ReplyState
    """Whether its source can reply in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A customer who raised a theme."""

    key: str
    """Of the customer; where nobody knows who spoke, of the voice."""
    customer_id: str | None
    voice: Raised
    """The latest one in which they can be told."""
    voices: int
    lang: Lang
    form: Form
    consent: Answer
    way: Way
    reason: str
    """Why not by the source itself, as a code; empty where it is."""


def askers(
    raised: Iterable[Raised],
    consents: Mapping[str, Answer],
    *,
    asks_consent: bool,
    lang: Lang,
    came_back: frozenset[str] = frozenset(),
) -> list[Asker]:
    """Return those who raised a theme, each once, in the order of ways and then of their latest voice.

    `lang` is that of those of whom no language is known; `came_back` are the keys of those who raised it
    again since it was mended.
    """
    by_key: dict[str, list[Raised]] = defaultdict(list)
    for one in raised:
        by_key[key_of(one)].append(one)
    found = []
    for key, voices in by_key.items():
        voice = max(voices, key=lambda one: (_rank(one), one.created_at, one.item_id))
        consent = consents.get(voice.customer_id or "", "unknown")
        way, reason = _way(voice, consent, asks_consent=asks_consent, came_back=key in came_back)
        found.append(
            Asker(
                key=key,
                customer_id=voice.customer_id,
                voice=voice,
                voices=len(voices),
                lang=language(voices, usual=lang),
                form="chat" if voice.channel == "chat" else "mail",
                consent=consent,
                way=way,
                reason=reason,
            )
        )
    latest = sorted(found, key=lambda one: (one.voice.created_at, one.key), reverse=True)
    return sorted(latest, key=lambda one: WAYS.index(one.way))


def key_of(one: Raised) -> str:
    """Return by what a customer is told apart from others."""
    return one.customer_id or f"item:{one.item_id}"


def language(voices: Sequence[Raised], *, usual: Lang) -> Lang:
    """Return in which of our languages somebody is told: that of most of their voices; of others, English."""
    known = Counter(one.lang for one in voices if one.lang)
    if not known:
        return usual
    most = max(known, key=lambda lang: (known[lang], lang == usual, lang))
    return "ja" if most == "ja" else "en"


def _rank(one: Raised) -> int:
    """Return a place that is the higher the better a customer can be told in a voice's conversation."""
    return 1 + (one.reply == "on") if one.channel in CONVERSATIONS else 0


def _way(voice: Raised, consent: Answer, *, asks_consent: bool, came_back: bool) -> tuple[Way, str]:
    if consent == "no":
        return "none", "said_no"
    if came_back:
        return "none", "came_back"
    is_answer = voice.channel in CONVERSATIONS
    if consent == "unknown" and asks_consent:
        return "none", "no_consent"
    if consent == "unknown" and not is_answer:
        return "none", "outside"
    if not is_answer:
        return "by_hand", "no_conversation"
    return ("reply", "") if voice.reply == "on" else ("by_hand", voice.reply)
