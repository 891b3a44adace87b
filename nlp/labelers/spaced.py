"""Phrases of languages that are written with spaces: out of what customers wrote, tidied at the ends."""

import re
from collections.abc import Iterator

LONGEST = 60
SHORTEST = 8

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|\s+[-–—]+\s+|[;:]\s+|[(){}|•*]+")
_THEREFORE = r"so\s+(?:i|we|you|it|he|she|they|this|that|there|the|my|our|please|now)"
"""What makes a clause of its own, while "so bad" belongs to what is before it."""
_CLAUSE = re.compile(
    rf",\s+|\s+(?=(?:but|because|{_THEREFORE}|and then|however|although|since|which|and)\s)", re.IGNORECASE
)
_REFUSED = re.compile(r"[\[\]<>{}@=\\/_^~#$%|]|https?:|www\.|\d{4,}|\d+\.\d+\.|(?:\d\D*){5,}")
"""Masks of redacted values, addresses, code, and numbers that are one person's own."""

_GREETING = (
    r"(?:hi|hello|hey|hallo|hola|bonjour|ciao|dear|greetings|good (?:morning|day|afternoon|evening))\b"
)
_LEADING = re.compile(
    rf"^(?:{_GREETING}(?:\s+(?:there|all|everyone|team|guys|folks|sir|madam|support))*[\s,!.:–-]+"
    r"|(?:re|fwd?|aw|question|problem|issue|bug|help|urgent|solved)\s*[:!-]\s*"
    r"|(?:so|and|or|but|also|well|ok|okay|please|pls|now|then|because|however|basically|actually|just|since"
    r"|although|as|recently|lately|today|anyway|sorry|thanks?|thank you|plus|yes|no)\b[\s,]+)+",
    re.IGNORECASE,
)
_ME = r"(?:i|we|my wife|my husband|my client)"
_TROUBLE = r"(?:a |an |some |the )?(?:problems?|issues?|troubles?|difficulty|difficulties)"
_TRYING = r"(?:really )?(?:want|like|need|wish|(?:am |are )?(?:trying|attempting))"
_TELL = r"(?:tell|help|explain|show|let|advise|assist)(?:\s+(?:to\s+)?(?:me|us))?(?:\s+(?:know|understand))?"
_REPHRASED = tuple(
    (re.compile(pattern, re.IGNORECASE), to)
    for pattern, to in (
        (rf"^{_ME}(?:\s+am|['’]m|\s+are|\s+was|\s+were)\s+(?=(?:not able|unable)\b)", ""),
        (
            rf"^{_ME}\s+(?:suddenly |still |just |now )?(?:can['’´`]?t|can ?not|could ?n['’]?t|could not)\s+",
            "Cannot ",
        ),
        (
            rf"^{_ME}(?:['’]ve|['’]m| am| keep)?(?: have| had| having)\s+{_TROUBLE}\s+(?:with\s+)?",
            "Problem with ",
        ),
        (rf"^{_ME}(?:['’]d|['’]m| would)?\s+{_TRYING}\s+to\s+(?:know\s+|understand\s+|find out\s+)?", ""),
        (
            rf"^(?:can|could|would|will)\s+(?:you|some(?:one|body)|any(?:one|body))\s+(?:please\s+)?{_TELL}\s+",
            "",
        ),
        (rf"^(?:please\s+)?{_TELL}\s+(?:with\s+|to\s+)?(?=how|why|what|where|when|if)", ""),
        (rf"^{_ME}\s+(?:do not|don['’]?t)\s+(?:know|understand|see)\s+(?=how|why|what|where|when)", ""),
        (rf"^(?:{_ME}\s+)?(?:was |am |were )?(?:just )?wondering\s+(?:if\s+)?", ""),
        (r"^(?:help|assist(?:ance)?)?\s*(?:me|us)?\s*(?:out\s+)?(?:with|in|by|on)?\s*(?=\w{3,}ing\s)", ""),
        (r"^(?:is|are)\s+there\s+(?:a|an|any)\s+(?:ways?|options?)\s+(?:for\s+(?:me|us)\s+)?to\s+(?=\w)", ""),
        (r"^out\s+(?:with|in|by|on)\s+", ""),
        (
            r"^(?:can|could|may)\s+(?:i|we)\s+(?:please\s+)?"
            r"(?=(?:get|have|see|check|report|request|order|receive|cancel|change|update|pay|file|make|speak)\b)",
            "",
        ),
        (r"^(?:in\s+)?(?:(?:need|want|wish|like|try(?:ing)?|attempting|looking)\s+)?to\s+(?=\w)", ""),
        (r"^(?:with|about|of|in)\s+(?=\w{3,}ing\s)", ""),
    )
)
_NOT_LAST = """
please pls help thanks thank any idea ideas asap urgent though anymore now moment etc again but and or so
because with for to of in on at from the a an my is are was were that this it i if when as by than into about
your their its has have had be will can which who how why what where then me am do does just also while after
before not cannot can't don't doesn't won't isn't very more i'm it's there could would should some every
"""
_DANGLING = frozenset(_NOT_LAST.split())
"""Words that nothing may end with."""
_EDGE = " \t\"'“”‘’`´–—-.,;:!?…»«>"
CONTRACTED = r"(?:ca|do|does|did|is|are|was|were|have|has|had|wo|would|could|should|need|must)n['’]?t"
"""Verbs with their “not”, the apostrophe forgotten or not."""
_TELLS = re.compile(
    rf"\b(?:not|no|never|cannot|unable|without|{CONTRACTED}|missing|lost|gone|fail\w*|error\w*|wrong|broken|stuck|stop\w*"
    r"|disappear\w*|crash\w*|slow\w*|freez\w*|declin\w*|reject\w*|pending|delay\w*|block\w*|duplicat\w*|how|why"
    r"|where|when|what|which|twice|keeps?|too)\b",
    re.IGNORECASE,
)
_TROUBLED = re.compile(
    rf"\b(?:not|no|never|cannot|unable|without|{CONTRACTED}|fail\w*|nothing|none|missing|lost|gone|wrong|broken|stuck"
    r"|stop\w*|disappear\w*|crash\w*|declin\w*|reject\w*|error\w*|problem\w*|issue\w*)\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"\b(?:is|are|do|does|did|was|were|has|have|will|can|needs?|wants?|be)\b", re.IGNORECASE)
_FORM = re.compile(r"\b\w{3,}(?:ing|ed)\b", re.IGNORECASE)
_CHATTER = re.compile(
    rf"^(?:{_ME}|(?:what|how) about|it|this|that|these|those|they|he|she|you|there|here|who|me|if|am|been"
    r"|any(?:one|body)?)\b"
    r"|\b(?:i|we|you|hope|guess|think|please|thanks?|sorry|frustrat\w+|annoy\w+|idea|wonder\w*)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"^(?:what (?:the|this|these|that|my|your)|which (?:is|was|are|makes?|means?|has|i|we)"
    r"|after|before|with|in|on|for|when|since|from|at|by|until|while"
    r"|not (?:the|a|my)|know|have|has|had)\b",
    re.IGNORECASE,
)
_LIST = re.compile(",")
_DIGIT = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE)
_ASKS_WHAT = re.compile(
    r"^(?:what|who|where|when|which|whose|how (?:much|many|long|often|far|soon))\b", re.IGNORECASE
)


def phrases(text: str) -> Iterator[str]:
    """Yield what may be a title: whole short sentences first, then clauses of long ones."""
    for sentence in _SENTENCE.split(text):
        if len(sentence) <= 2 * LONGEST:
            yield from _tidied(sentence)
        clauses = _CLAUSE.split(sentence)
        if len(clauses) > 1:
            for clause in clauses:
                yield from _tidied(clause)


_ACTION = re.compile(
    r"^(?:add|book|buy|cancel|change|check|choose|claim|close|configure|connect|convert|create|delete|disable"
    r"|download|edit|enable|enroll|export|file|find|fix|forward|get|import|install|log|make|move|open|order|pay|play|print"
    r"|receive|recover|remove|rename|replace|report|request|reset|restore|return|save|see|send|set|show|sign"
    r"|sort|start|stop|switch|sync|transfer|turn|update|upgrade|use|verify|view)\b",
    re.IGNORECASE,
)
_BROKEN_OFF = re.compile(
    r"^(?:(?:are|is|was|were) (?!there|it|my|the|this|any|you)"
    r"|(?:which|who|that|one|each|every\w*|all|some|coming|to|and|or)\b"
    r"|not (?!working|able|receiving|sending|syncing|showing|opening|loading|possible))"
    r"|\b(?:too|also)$",
    re.IGNORECASE,
)
"""What begins or ends in the middle of a sentence."""
_NAMED = re.compile(r"^(?:the|a|an|my|our|your|this|these)\b", re.IGNORECASE)


def fitness(phrase: str) -> float:
    """Return how much the phrase reads like a title, around 1: it says what happens, and not who says so."""
    if _TELLS.search(phrase):
        value = 1.0
    elif _ACTION.search(phrase) or _VERB.search(phrase):
        value = 0.95 if _ACTION.search(phrase) else 0.9
    else:
        value = 0.8 if _FORM.search(phrase) else 0.55
    for pattern, factor in (
        (_CHATTER, 0.6),
        (_SUBORDINATE, 0.75),
        (_BROKEN_OFF, 0.6),
        (_NAMED, 0.9),
        (_DIGIT, 0.65),
        (_LIST, 0.85),
    ):
        if pattern.search(phrase):
            value *= factor
    too_long, too_short = max(0, len(phrase) - 48), max(0, 18 - len(phrase))
    return value * (1 - too_long / 60) * (1 - too_short / 30)


def troubled(phrase: str) -> bool:
    """Return whether the phrase says that something is wrong, missing or not possible."""
    return _TROUBLED.search(phrase) is not None


def _tidied(raw: str) -> Iterator[str]:
    phrase = _LEADING.sub("", " ".join(raw.split()).strip(_EDGE))
    for pattern, to in _REPHRASED:
        phrase = pattern.sub(to, phrase)
    asks_what = _ASKS_WHAT.match(phrase)
    while phrase and phrase.rpartition(" ")[2].lower() in _DANGLING:
        if asks_what:  # "what a spare card is" means nothing without its last word
            return
        phrase = phrase.rpartition(" ")[0].rstrip(_EDGE)
    phrase = _without_odd_quotes(phrase).strip(_EDGE)
    if SHORTEST <= len(phrase) <= LONGEST and not _REFUSED.search(phrase):
        yield phrase[0].upper() + phrase[1:]


def _without_odd_quotes(phrase: str) -> str:
    """Take out the quotation marks of a quotation that was cut in two."""
    for marks in ('"', "“”", "«»"):
        if sum(map(phrase.count, marks)) % 2:
            phrase = "".join(char for char in phrase if char not in marks)
    return phrase
