"""Personal data and secrets out of a text, before anything else sees it.

Patterns with check digits and cues, on NFKC text with the way back to the input; English and Japanese, in any
width, with or without space around the value. What is found first keeps its place: a card is no phone number.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from nlp.errors import BadLine
from nlp.normal import fold
from nlp.ports import Recognizer
from nlp.recognizers import installed
from nlp.redaction.addresses_ja import japanese_addresses
from nlp.redaction.codes import Stretch, emails, ips, opaque, secrets, url_secrets
from nlp.redaction.names_ja import japanese_names
from nlp.redaction.numbers import cards, ibans, my_numbers
from nlp.redaction.phones import phones
from nlp.redaction.postal_codes import TAKEN_BY_ADDRESS, postal_codes, postal_codes_of_addresses
from nlp.redaction.recognised import recognised_names

REDACTOR = "rules-2"
"""The version of the rules; another one may find other things in the same text."""

_NOBODYS = ""
_DIGIT, _AT = re.compile("[0-9]"), re.compile(r"@|[\[(]at[\])]|アット| dot ", re.IGNORECASE)
_NUMBER_OR_COLON, _PLOT = re.compile("[0-9]|::"), re.compile("[0-9]|丁目|番地|番")
_SECRET = re.compile(
    "key|token|secret|pass|pwd|credential|bearer|basic |-----BEGIN|pin|eyJ|[prs]k[-_]|AKIA|ASIA"
    "|gh[a-z]_|glpat|github_pat|xox"
    "|AIza|ya29|SG\\.|npm_|hf_|koe_|whsec_|キー|トークン|シークレット|パス|暗証|認証|秘密|合言葉",
    re.IGNORECASE,
)
_PLACE = re.compile("[0-9]|corner of|[afd]po[ ,]", re.IGNORECASE)


# The patterns of these two take long to build, and most commands look for neither.
def _addresses(text: str) -> Iterator[Stretch]:
    from nlp.redaction.addresses import addresses

    return addresses(text)


def _latin_names(text: str) -> Iterator[Stretch]:
    from nlp.redaction.names import latin_names

    return latin_names(text)


Finder = Callable[[str], Iterator[Stretch]]
FINDERS: tuple[tuple[str, Finder, re.Pattern[str]], ...] = (
    ("url_secret", url_secrets, re.compile("[=/]")),
    ("secret", secrets, _SECRET),
    ("email", emails, _AT),
    ("iban", ibans, _DIGIT),
    ("card", cards, _DIGIT),
    (_NOBODYS, opaque, _DIGIT),
    ("my_number", my_numbers, _DIGIT),
    ("ip", ips, _NUMBER_OR_COLON),
    ("postal_code", postal_codes, _DIGIT),
    ("phone", phones, _DIGIT),
    ("address", japanese_addresses, _PLOT),
    ("address", _addresses, _PLACE),
    ("postal_code", postal_codes_of_addresses, _DIGIT),
    ("name", japanese_names, re.compile("[ぁ-ゖァ-ヺ一-鿿]")),
    ("name", _latin_names, re.compile("[A-Za-z]")),
)
"""Every type with its finder and with what a text must hold for it to be asked, in the order in which they
choose. What is nobody's is left as it is, and seen by none of those behind."""

TYPES = tuple(dict.fromkeys(name for name, _, _ in FINDERS if name != _NOBODYS))

_MASK = re.compile(r"\[(?:" + "|".join(TYPES) + r")\]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─━", "-"))
_LONG_VOWEL_AS_DASH = re.compile(r"(?<=[0-9])[ー~](?=[0-9])")
_TAKEN = "\ue000"
"""Stands where something was found, so that nothing is found across it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was taken out."""

    start: int
    end: int
    """Offsets in the text as given, half-open, in code points."""
    type: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without its personal data, and what that was."""

    text: str
    found: tuple[Finding, ...]
    """In the order of the text; none overlap."""


def redact(text: str, *, recognizers: Mapping[str, Recognizer] | None = None) -> Redaction:
    """Replace every piece of personal data and every secret by `[type]`; the rest stays byte for byte.

    Names are found by rules, and by `recognizers` (by language); None takes those that are installed.
    """
    folded = fold(text)
    scanned = _LONG_VOWEL_AS_DASH.sub("-", folded.text.translate(_DASHES))
    scanned = _MASK.sub(lambda match: _TAKEN * len(match.group()), scanned)
    stretches: list[tuple[int, int, str]] = []
    for name, finder, sign in FINDERS:
        if not sign.search(scanned):
            continue
        taken = _without_overlaps(finder(scanned))
        stretches += [(start, end, name) for start, end in taken if name != _NOBODYS]
        scanned = _blanked(scanned, taken, TAKEN_BY_ADDRESS if name == "address" else _TAKEN)
    seen = recognised_names(scanned, installed() if recognizers is None else recognizers)
    stretches += [(start, end, "name") for start, end in _without_overlaps(seen)]
    origins = sorted((*folded.origin(start, end), name) for start, end, name in stretches)
    return _replaced(text, origins)


def redact_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield `redact_line` of each line that is not blank. Raises BadLine at the first that is broken."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield redact_line(line, number)


def redact_line(line: str, number: int) -> str:
    """Return a line of JSON `{"id", "text", "found"}`, without its line end, for one of `{"id", "text"}`.

    Offsets in `found` count code points of the text as given. Raises BadLine, which names the line by its
    number, for what is no JSON object with an `id` and a text.
    """
    identity, text = _read(line, number)
    redaction = redact(text)
    found = [{"start": one.start, "end": one.end, "type": one.type} for one in redaction.found]
    # Lone surrogates cannot be written as UTF-8; escaped, they come back as they were.
    plain = _is_writable(redaction.text) and _is_writable(str(identity))
    return json.dumps({"id": identity, "text": redaction.text, "found": found}, ensure_ascii=not plain)


def _without_overlaps(stretches: Iterator[Stretch]) -> list[Stretch]:
    """Keep the stretches that overlap none found before them; return them in the order of the text."""
    kept: list[Stretch] = []
    for start, end in stretches:
        place = bisect_right(kept, (start, end))
        clear_before = place == 0 or kept[place - 1][1] <= start
        clear_behind = place == len(kept) or end <= kept[place][0]
        if start < end and clear_before and clear_behind:
            kept.insert(place, (start, end))
    return kept


def _blanked(text: str, stretches: list[Stretch], mark: str) -> str:
    if not stretches:
        return text
    pieces = []
    position = 0
    for start, end in stretches:
        pieces += [text[position:start], mark * (end - start)]
        position = end
    return "".join([*pieces, text[position:]])


def _replaced(text: str, origins: list[tuple[int, int, str]]) -> Redaction:
    pieces = []
    found = []
    position = 0
    for start, end, name in origins:
        # Two findings inside one character of the input (㍿ is four when folded) can only be one.
        if start >= position:
            pieces += [text[position:start], f"[{name}]"]
            found.append(Finding(start, end, name))
            position = end
    return Redaction("".join([*pieces, text[position:]]), tuple(found))


def _read(line: str, number: int) -> tuple[str | int, str]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"line {number} is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadLine(f"line {number} is not a JSON object with id and text")
    identity, text = row.get("id"), row.get("text")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise BadLine(f"line {number} has no id (a string or a whole number)")
    if not isinstance(text, str):
        raise BadLine(f"line {number} has no text")
    return identity, text


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
