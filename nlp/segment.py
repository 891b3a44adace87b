"""A text cut into spans: the pieces of what a customer wrote that each say one thing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from nlp.automatic import is_automatic
from nlp.clauses import parted
from nlp.kinds import kind_of
from nlp.prepare import Piece, is_empty_answer, pieces
from nlp.small_talk import identifies, may_identify, says_no_more
from nlp.spam import is_spam

CUSTOMER = "customer"
TICKET, INTERVIEW = "ticket", "interview"
VOICES = ("survey", "review", INTERVIEW)
"""Channels in which every sentence may say something of its own."""

_LONGEST_SPAN = 600
_FRAGMENT = 8
"""Weighted characters (a kana or a kanji counts two): a shorter sentence is joined to its neighbour."""
_LEAST_WORDS = 3
"""Weighted characters of a message that can say anything: a single kana or letter is a slip of the finger."""
_LEAST_TURN = 16
"""Weighted characters of a later chat turn that can raise a concern."""
_SHORT_PASSAGE = 30
_SALUTATION = 20
"""Characters between a title and the first passage that may stay in their span: "Hi all,"."""

_ANOTHER = re.compile(
    r"(?:(?:but |and )?also|(?:and )?another|and please|additionally"
    r"|furthermore|secondly?|thirdly?|in addition|on another note|besides"
    r"|one more"
    r"|separately|by the way|btw|plus|finally|lastly|next)(?![a-z])"
    r"|また[、，]?|あと(?:[、，は])|もう(?:一|1|１|ひと)[つ点件]|加えて|さらに|それと|あと[、，]|次に"
    r"|別件|ついでに"
    r"|[2-5２-５二三四五](?:点|つ)目|それから",
    re.IGNORECASE,
)
_TRIED = re.compile(
    r"(?:also|next|finally|plus)?,? *(?:i|we)?(?:'ve|have| had)? *(?:already |also )?"
    r"(?:tried|checked|using|reinstalled|restarted|removed|deleted|attempted"
    r"|noticed that it works)(?![a-z])"
    r"|.{0,30}(?:試し|再起動|再インストール|確認し)(?:ました|てみま|たが|ても)",
    re.IGNORECASE,
)
_ANNOUNCES_LIST = re.compile(
    r"(?:issues|problems|questions|requests|things|bugs|suggestions|points|concerns|wishes|following"
    r"|below)[^.!?\n]{0,25}[:.]?$"
    r"|(?:以下|下記|次の|\d点|[二三四五２-５]点|[二三四五\d２-５][つ件])[^。\n]{0,25}[:：。]?$",
    re.IGNORECASE,
)
_REFERS_TO_TITLE = re.compile(
    r"表題|件名|標題|標記|タイトル|(?:the|in) (?:title|subject)|subject (?:line )?says|title says"
    r"|as above|see above",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"(?<!not )\bwork(?:s|ing|ed) (?:\w+ )?(?:now|again|fine|great|well|perfectly)"
    r"|(?<!not )(?:is|was|been|got|all) (?:now )?(?:solved?|fixed|resolved?)\b"
    r"|\b(?:fixed|solved|resolved) (?:it|that|the|my)\b"
    r"|解決(?:し|でき|済|いたし)|[直治]りました|できました|出来ました|できるように|使えるように|無事",
    re.IGNORECASE,
)
"""How a customer says that all is well now, in the words of what was wrong."""
_HOWEVER = re.compile(
    r"\b(?:but|however|still|except|another|also)\b|(?:が|けど|けれど)、|まだ|別の|もう一", re.IGNORECASE
)
_ASKS_PARTICIPANT = re.compile(
    r"\bwould you (?:use|go|want|expect|like|do|say|rate|prefer|click|look|describe|recommend|pay|find|call"
    r"|change|search|start)\b[^?]{0,300}\?"
    r"|\b(?:what|how) do you (?:think|feel|usually|normally|expect)\b[^?]{0,300}\?"
    r"|\bhow often do you\b|\b(?:can|could) you (?:tell|walk|show) (?:me|us)\b"
    r"|^(?:please )?tell (?:me|us) (?:more )?about\b"
    r"|(?:どう(?:思い|感じ)ますか|(?:教えて|お聞かせ|聞かせて)(?:ください|下さい|いただけますか))[？?。]?$",
    re.IGNORECASE,
)
"""What only an interviewer asks, also in notes that do not tell who speaks."""
_IN_BRACKETS = re.compile(r"[(（][^()（）]*[)）][.。]?")
_CONCERNS = ("pain_point", "question", "request")


@dataclass(frozen=True, slots=True)
class Turn:
    """Where one message stands in the item's text, and whose it is."""

    start: int
    end: int
    role: str
    """`customer`, `agent`, `bot` or `interviewer`."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The spans of an item, or why it has none."""

    spans: tuple[tuple[int, int], ...]
    """Half-open stretches of the text in code points; sorted, apart, never empty, without space at the "
    "ends."""
    set_aside: str | None
    """`bot`, `empty` or `spam`; None where the item has spans."""


def segment(
    text: str, turns: Sequence[Turn], *, title_end: int, channel: str, lang: str | None
) -> Segmentation:
    """Cut the redacted text of an item into spans.

    A ticket, chat or call gets one leading span (the title with the first passage that is about something, up
    to about 600 characters) and further ones where the customer raises something else. An answer, a review
    or an interview note gets a span a sentence; an interview's title, which a researcher wrote, is in none.
    Nobody's but the customer's words are in a span.
    """
    turns = [turn for turn in turns if text[turn.start : turn.end].strip()]
    said = [turn for turn in turns if turn.role == CUSTOMER]
    if turns and not said:
        return Segmentation((), "bot" if all(turn.role == "bot" for turn in turns) else "empty")
    in_voice = channel in VOICES
    # The title of an interview is the researcher's.
    title = None if turns and channel == INTERVIEW else _title(text, title_end)
    passages = [
        list(_parts(text, turn, channel=channel, lang=lang))
        if _weighs(text[turn.start : turn.end], _LEAST_WORDS)
        else []
        for turn in said
    ]
    if said and is_automatic(text[:title_end], text[said[0].start : said[0].end]):
        return Segmentation((), "bot")
    if is_spam(" ".join([text[:title_end], *(text[turn.start : turn.end] for turn in said)])):
        return Segmentation((), "spam")
    if in_voice:
        spans = [
            span for passage in ([title] if title else [], *passages) for span in _by_sentence(text, passage)
        ]
    else:
        if channel != TICKET:
            asked = _asked(text, turns)
            passages = [
                [] if passage and _is_small_talk(_words(text, passage), asked=before, lang=lang) else passage
                for before, passage in zip(asked, passages, strict=True)
            ]
        opens = bool(said) and said[0] == turns[0]
        spans = list(_by_concern(text, title, passages, opens=opens, channel=channel, lang=lang))
    return Segmentation(tuple(spans), None if spans else "empty")


def _parts(text: str, turn: Turn, *, channel: str, lang: str | None) -> Iterator[Piece]:
    """Yield what a turn says piece by piece, sentences that say two things in parts."""
    # An answer may be thanks alone, and weighs good against bad; in a talk thanks and "yes" are manners.
    is_answer = channel in VOICES and channel != INTERVIEW
    for piece in pieces(text, turn.start, turn.end, thanks_count=is_answer):
        for start, end, listed in parted(
            text, piece.start, piece.end, contrasts=is_answer, channel=channel, lang=lang
        ):
            words = text[start:end]
            asked = channel == INTERVIEW and _ASKS_PARTICIPANT.search(words)
            if not asked and not is_empty_answer(words):
                yield Piece(start, end, piece.listed or listed, piece.block)


def asks_again(text: str, turn: Turn, *, lang: str | None) -> bool:
    """Say whether a customer's turn behind the solution asks again: not thanks, nor word that it works."""
    if turn.role != CUSTOMER:
        return False
    said = (text[one.start : one.end] for one in pieces(text, turn.start, turn.end, thanks_count=False))
    return any(_is_concern(words, lang) and not _SOLVED.search(words) for words in said)


def _title(text: str, title_end: int) -> Piece | None:
    title = text[:title_end]
    stripped = title.strip()
    if not stripped or is_empty_answer(stripped):
        return None
    start = len(title) - len(title.lstrip())
    return Piece(start, start + len(stripped), listed=False, block=-1)


def _by_sentence(text: str, passage: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Give every sentence a span; join fragments to the one before them, or else to the one behind."""
    open_span: tuple[int, int] | None = None
    for piece in passage:
        if open_span is None:
            open_span = piece.start, piece.end
        elif _joins(text, open_span, piece):
            open_span = open_span[0], piece.end
        else:
            yield open_span
            open_span = piece.start, piece.end
    if open_span is not None:
        yield open_span


def _joins(text: str, span: tuple[int, int], piece: Piece) -> bool:
    between = text[span[1] : piece.start]
    if not between.strip(" ") and _IN_BRACKETS.fullmatch(text, piece.start, piece.end):
        return True
    if piece.listed or between.strip() or "\n\n" in between or piece.end - span[0] > _LONGEST_SPAN:
        return False
    return not (_weighs(text[slice(*span)], _FRAGMENT) and _weighs(text[piece.start : piece.end], _FRAGMENT))


def _weighs(words: str, least: int) -> bool:
    """Say whether words weigh as much, reading no further than needed."""
    weights = accumulate(2 if char > "\u2e7f" else 1 for char in words if char.isalnum())
    return any(weight >= least for weight in weights)


def _by_concern(
    text: str,
    title: Piece | None,
    passages: Sequence[Sequence[Piece]],
    *,
    opens: bool,
    channel: str,
    lang: str | None,
) -> Iterator[tuple[int, int]]:
    """Yield the leading span, then one for each further concern. `opens`: nobody spoke before them."""
    leading = _leading(text, passages, channel=channel, lang=lang)
    if leading is None:
        if title:
            yield title.start, title.end
        return
    first, *others = _concerns(text, passages[leading], lang=lang)
    yield _leading_span(text, title, first, adjacent=opens and leading == 0)
    yield from (_trimmed(one) for one in others)
    for passage in passages[leading + 1 :]:
        if passage and _raises_something(text, passage, channel=channel, lang=lang):
            yield from (_trimmed(one) for one in _concerns(text, passage, lang=lang))


def _leading(text: str, passages: Sequence[Sequence[Piece]], *, channel: str, lang: str | None) -> int | None:
    """Return which passage an item is about: the first, but of a chat one that says enough, if there is one.

    People begin a chat with a word or two, and say who they are when they are asked, which is about nothing.
    """
    said = [(number, _words(text, passage)) for number, passage in enumerate(passages) if passage]
    if channel != TICKET:
        said = [one for one in said if not may_identify(one[1]) or _is_concern(one[1], lang)] or said
        long = [one for one in said if _weighs(one[1], _LEAST_TURN)]
        said = long or [one for one in said if _is_concern(one[1], lang)] or said
    return said[0][0] if said else None


def _asked(text: str, turns: Sequence[Turn]) -> list[str]:
    """Return for each of the customer's turns what somebody else said just before it, or ""."""
    asked = ["", *("" if turn.role == CUSTOMER else text[turn.start : turn.end] for turn in turns)]
    return [before for before, turn in zip(asked, turns, strict=False) if turn.role == CUSTOMER]


def _is_small_talk(words: str, *, asked: str, lang: str | None) -> bool:
    """Say whether a turn only tells that there is nothing else, or who somebody is and no concern."""
    return says_no_more(words) or (identifies(words, asked=asked) and not _is_concern(words, lang))


def _words(text: str, passage: Sequence[Piece]) -> str:
    return text[passage[0].start : passage[-1].end]


def _concerns(text: str, passage: Sequence[Piece], *, lang: str | None) -> list[list[Piece]]:
    """Part a passage where another concern starts; the first part is what it is about."""
    parts: list[list[Piece]] = [[passage[0]]]
    listing = False
    for before, piece in pairwise(passage):
        words = text[piece.start : piece.end]
        in_line = "\n" not in text[before.end : piece.start]
        listing = piece.listed and (listing or in_line or _announces_list(text, before))
        marked = _ANOTHER.match(words) is not None and not _TRIED.match(words)
        if (marked or listing) and _is_concern(words, lang):
            parts.append([piece])
        else:
            parts[-1].append(piece)
    only_announces = len(parts) > 1 and len(parts[0]) == 1 and _announces_list(text, parts[0][0])
    return parts[1:] if only_announces else parts


def _announces_list(text: str, piece: Piece) -> bool:
    return _ANNOUNCES_LIST.search(text[piece.start : piece.end]) is not None


def _leading_span(
    text: str, title: Piece | None, part: Sequence[Piece], *, adjacent: bool
) -> tuple[int, int]:
    """Join the title and the first passage, where hardly anything stands between them; else choose one."""
    if title is None:
        return _trimmed(part)
    between = text[title.end : part[0].start].strip()
    if adjacent and len(between) <= _SALUTATION:
        return title.start, _last(part, title.start)
    passage = text[part[0].start : _last(part, part[0].start)]
    says_less = len(passage) < min(_SHORT_PASSAGE, title.end - title.start)
    if says_less or _REFERS_TO_TITLE.search(passage[:80]):
        return title.start, title.end
    return _trimmed(part)


def _trimmed(part: Sequence[Piece]) -> tuple[int, int]:
    return part[0].start, _last(part, part[0].start)


def _last(part: Sequence[Piece], start: int) -> int:
    """Return where the span ends: before what is left out, a new paragraph behind a long one, or too "
    "much."""
    end = part[0].end
    for before, piece in pairwise(part):
        if piece.end - start > _LONGEST_SPAN or piece.block > before.block:
            break
        end = piece.end
    return min(end, start + 2 * _LONGEST_SPAN)


def _raises_something(text: str, passage: Sequence[Piece], *, channel: str, lang: str | None) -> bool:
    """Say whether a later turn carries a concern: in a chat any that is long enough, in a ticket a new "
    "one."""
    if channel == TICKET:
        new = (text[piece.start : piece.end] for piece in passage)
        return any(
            _ANOTHER.match(words) and not _TRIED.match(words) and _is_concern(words, lang) for words in new
        )
    words = _words(text, passage)
    if _SOLVED.search(words) and not _HOWEVER.search(words):
        return False
    return _weighs(words, _LEAST_TURN) and _is_concern(words, lang)


def _is_concern(words: str, lang: str | None) -> bool:
    return kind_of(words, channel="ticket", rating=None, lang=lang).name in _CONCERNS
