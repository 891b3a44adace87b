"""Personal data and secrets out of a text, before anything else sees it.

Patterns with check digits and cues, on NFKC text with the way back to the input; English and Japanese, in any
width, with or without space around the value. What is found first keeps its place: a card is no phone number.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nlp.errors import BadLine
from nlp.normal import fold
from nlp.redaction.codes import Stretch, emails, ips, secrets, url_secrets
from nlp.redaction.names import latin_names
from nlp.redaction.names_ja import japanese_names
from nlp.redaction.numbers import cards, ibans, my_numbers
from nlp.redaction.phones import phones
from nlp.redaction.places import addresses, postal_codes

REDACTOR = "rules-1"
"""The version of the rules; another one may find other things in the same text."""

FINDERS: tuple[tuple[str, Callable[[str], Iterator[Stretch]]], ...] = (
    ("url_secret", url_secrets),
    ("secret", secrets),
    ("email", emails),
    ("iban", ibans),
    ("card", cards),
    ("my_number", my_numbers),
    ("ip", ips),
    ("postal_code", postal_codes),
    ("phone", phones),
    ("address", addresses),
    ("name", japanese_names),
    ("name", latin_names),
)
"""Every type with its finder, in the order in which they choose."""

TYPES = tuple(dict.fromkeys(name for name, _ in FINDERS))

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


def redact(text: str) -> Redaction:
    """Replace every piece of personal data and every secret by `[type]`; the rest stays byte for byte."""
    folded = fold(text)
    scanned = _LONG_VOWEL_AS_DASH.sub("-", folded.text.translate(_DASHES))
    scanned = _MASK.sub(lambda match: _TAKEN * len(match.group()), scanned)
    stretches: list[tuple[int, int, str]] = []
    for name, finder in FINDERS:
        taken = _without_overlaps(finder(scanned))
        stretches += [(start, end, name) for start, end in taken]
        scanned = _blanked(scanned, taken)
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


def _blanked(text: str, stretches: list[Stretch]) -> str:
    pieces = []
    position = 0
    for start, end in stretches:
        pieces += [text[position:start], _TAKEN * (end - start)]
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
