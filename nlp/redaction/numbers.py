"""Cards, bank accounts and My Numbers: numbers that prove themselves by their check digits."""

import re
from collections.abc import Iterator

from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before

_SEPARATOR = r"(?: {0,2}[\-.·] {0,2}| {1,2}| ?\n ?)"
"""What stands between the groups of one number, also where a line of a mail was wrapped."""
_DIGIT_GROUPS = re.compile(rf"(?<![0-9A-Z_#])(?<![0-9]\.)(?<![A-Za-z]-)[0-9]+(?:{_SEPARATOR}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_LONGEST_GROUP = 19

_BRANDS = (
    (re.compile(r"4"), (16, 19)),
    (re.compile(r"4[0-46-8]"), (13,)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"30[0-5]|3[689]"), (14, 16)),
    (re.compile(r"6011|65|64[4-9]"), (16, 19)),
    (re.compile(r"62|81"), (16, 17, 18, 19)),
)
_CARD_LAYOUTS = frozenset(
    ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (6, 13), (8, 8))
)

_FIRST_WIDTHS = frozenset((*(layout[0] for layout in _CARD_LAYOUTS), *range(12, 20)))
_IBAN_START = re.compile(r"(?=([A-Za-z]{2})[0-9]{2}[ \-.\n]?[A-Za-z0-9])")
_COUNTRIES = """
AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18
DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23
IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 MC:27 MD:24 ME:22 MK:19 MR:27
MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27
ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20
"""
_IBAN_LENGTHS = {country: int(length) for country, length in (part.split(":") for part in _COUNTRIES.split())}

_Groups = list[Stretch]


def cards(text: str) -> Iterator[Stretch]:
    """Find card numbers: a brand's prefix and length, a layout that cards are printed in, and Luhn's check.

    A bare number that is announced as something else (an order, a ticket) is none. One that is announced as a
    card and printed in fours is taken even where a digit is mistyped.
    """
    for groups in _digit_runs(text):
        done = 0
        for first in range(len(groups)):
            may_start = groups[first][1] - groups[first][0] in _FIRST_WIDTHS
            if may_start and first >= done and (last := _card_from(text, groups, first)):
                yield groups[first][0], groups[last - 1][1]
                done = last


def my_numbers(text: str) -> Iterator[Stretch]:
    """Find Japanese individual numbers: check digit, and either announced or printed 4-4-4."""
    for groups in _digit_runs(text):
        for first, last in _windows(groups, 12, 12):
            alone = last - first == len(groups)
            if not _proves_my_number(_digits(text, groups[first:last])):
                continue
            cue = cue_before(text, groups[first][0])
            printed = alone and _layout(groups[first:last]) == (4, 4, 4)
            if cue == "my_number" or (printed and cue not in ("identifier", "phone")):
                yield groups[first][0], groups[last - 1][1]
                break


def ibans(text: str) -> Iterator[Stretch]:
    """Find bank account numbers (ISO 13616): a country's length, and remainder 1 modulo 97."""
    done = 0
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[1].upper())
        if length is None or match.start() < done or not _may_start(text, match.start()):
            continue
        end, value = _alphanumerics(text, match.start(), length)
        if len(value) == length and _mod97(value) == 1:
            yield match.start(), end
            done = end


def _digit_runs(text: str) -> Iterator[_Groups]:
    for run in _DIGIT_GROUPS.finditer(text):
        if len(run.group()) >= 12:
            yield [match.span() for match in _GROUP.finditer(text, *run.span())]


def _windows(groups: _Groups, least: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of neighbouring groups that hold `least` to `most` digits together, longest
    first.
    """
    for first in range(len(groups)):
        found = []
        digits = 0
        for last in range(first, len(groups)):
            digits += groups[last][1] - groups[last][0]
            if digits > most:
                break
            if digits >= least:
                found.append((first, last + 1))
        yield from reversed(found)


def _card_from(text: str, groups: _Groups, first: int) -> int | None:
    """Return the end of the card that starts with the group `first`, or None."""
    near = groups[first : first + _LONGEST_GROUP]
    for start, last in _windows(near, 12, 19):
        if start > 0:
            break
        if _is_card(text, near[:last]) and not _goes_on(text, groups, first, first + last):
            return first + last
    return None


def _is_card(text: str, groups: _Groups) -> bool:
    layout = _layout(groups)
    if len(layout) > 1 and layout not in _CARD_LAYOUTS:
        return False
    digits = _digits(text, groups)
    proven = _luhn(digits)
    if not proven and layout != (4, 4, 4, 4):
        return False
    cue = cue_before(text, groups[0][0])
    if cue == "card":
        return True
    return proven and _has_brand(digits) and not (len(layout) == 1 and cue == "identifier")


def _goes_on(text: str, groups: _Groups, first: int, last: int) -> bool:
    """Tell groups of a longer number (a parcel's 9400 1000 …) from a card; what is called a card is one."""
    start, end = groups[first][0], groups[last - 1][1]
    before = first > 0 and text[groups[first - 1][1] : start] in (" ", "-")
    behind = last + 1 < len(groups) and text[end : groups[last][0]] in (" ", "-")
    return (before or behind) and cue_before(text, start) != "card"


def _has_brand(digits: str) -> bool:
    return any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _BRANDS)


def _layout(groups: _Groups) -> tuple[int, ...]:
    return tuple(end - start for start, end in groups)


def _digits(text: str, groups: _Groups) -> str:
    return "".join(text[start:end] for start, end in groups)


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _proves_my_number(digits: str) -> bool:
    """Check the last digit as the ministry's ordinance of 2014 (article 5) says."""
    weighted = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(digits[:-1]), start=1)
    )
    remainder = weighted % 11
    return int(digits[-1]) == (0 if remainder <= 1 else 11 - remainder)


def _may_start(text: str, start: int) -> bool:
    """Tell a number that is glued to a word (ibanDE89…) from a stretch of some longer code."""
    before = text[max(0, start - 4) : start]
    if before.lower().endswith("iban"):
        return True
    last = before[-1:]
    glued = last.isascii() and (last.isalnum() or last in ("+", "/", "="))
    return not glued or (last.islower() and text[start].isupper())


def _alphanumerics(text: str, start: int, count: int) -> tuple[int, str]:
    """Read `count` letters and digits, over single separators; return where they end, and them."""
    kept: list[str] = []
    position = start
    while position < len(text) and len(kept) < count:
        char = text[position]
        if char.isascii() and char.isalnum():
            kept.append(char)
        elif char not in " -.\n" or text[position - 1] in " -.\n":
            break
        position += 1
    return position, "".join(kept)


def _mod97(iban: str) -> int:
    turned = (iban[4:] + iban[:4]).upper()
    return int("".join(str(int(char, 36)) for char in turned)) % 97
