"""Phone numbers of Japan and North America, and with country code, leading zero or cue, of anywhere."""

import re
from collections.abc import Callable, Iterator

import phonenumbers

from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before
from nlp.redaction.zones import near_digits

_EXTENSION = r"(?: ?\(?(?:x|ext\.?|extension|内線) ?[0-9]{1,6}\)?)?"
_GAP = r"(?: ?[\-.] ?\n?| ?\n ?-?| )"
"""Between the parts of a number, also where a line of a mail was wrapped."""
_INTERNATIONAL = re.compile(rf"(?<![0-9+])\(?\+[0-9](?:[ .\-/()\n]{{0,3}}[0-9]){{7,14}}{_EXTENSION}(?![0-9])")
_INTERNATIONAL_00 = re.compile(rf"(?<![0-9])00[1-9](?:[ .\-()]{{0,2}}[0-9]){{7,13}}{_EXTENSION}(?![0-9])")
_JAPANESE = re.compile(
    rf"(?<![0-9])\(?0[0-9]{{1,4}}(?:{_GAP}|\)[\-. ]?|\()[0-9]{{1,4}}(?:{_GAP}|\)[\-. ]?)[0-9]{{3,4}}"
    rf"{_EXTENSION}(?![0-9])"
)
_JAPANESE_TWO_PARTS = re.compile(
    r"(?<![0-9])(?:0[5789]0[\- ][0-9]{8}|0[5789]0[0-9]{4}[\- ][0-9]{4})(?![0-9])"
)
_MOBILE_TOGETHER = re.compile(r"(?<![0-9])07[1-9][0-9]{8}(?![0-9])")
_JAPANESE_TOGETHER = re.compile(r"(?<![0-9])0(?:[5789]0[0-9]{8}|[1-9][0-9]{8})(?![0-9])")
_PRINTED_MOBILE = re.compile(r"0[5789]0-[0-9]{4}-[0-9]{4}")
"""Is a phone number whatever is said before it."""
_NORTH_AMERICAN = re.compile(
    r"(?<![0-9])(?:(?:(?:\+?1|001)[\-. ]{1,2})?(?:\([2-9][0-9]{2}\)[\-. ]{0,2}"
    r"|[2-9][0-9]{2}[\-./ ]{1,2})[2-9][0-9]{2}[\-. ]{1,2}[0-9]{4}"
    r"|(?:(?:\+?1|001)[\-. ][2-9][0-9]{2}[\-. ]|\([2-9][0-9]{2}\) ?)[0-9]{3}[\-. ][0-9]{4}"
    r"|[2-9][0-9]{2}\.[0-9]{3}\.[0-9]{4}|[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}(?=x[0-9])"
    rf"){_EXTENSION}(?![0-9])"
)
_LEADING_ZERO = re.compile(
    r"(?<![0-9])(?<![0-9][.\-/])\(?0[0-9]{1,4}\)?(?:(?: ?[\-/] ?|[ .])[0-9]{2,8}){1,4}"
    r"(?![0-9]|[\-./:][0-9])"
)
"""As most of Europe, Oceania and Africa write a number at home: in two to five parts."""
_BRACKETED = re.compile(r"(?<![0-9A-Za-z])\([0-9]{2,4}\)[ \-]?[0-9]{3,5}[ \-]?[0-9]{3,4}(?![0-9])")
_NAMED_BEHIND = re.compile(
    r"(?<![0-9A-Za-z.\-+])[+0-9(](?:[ .\-/()]{0,2}[0-9]){5,14}(?= ?-? ?(?:office|fax|mobile|home)(?![a-z]))",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(rf"(?<![0-9])\(?[0-9](?:[ .\-/()]{{0,3}}[0-9]){{5,14}}{_EXTENSION}(?![0-9])")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[\-./ ][01]?[0-9][\-./ ][0-3]?[0-9]|[0-9]{1,2}[\-./][0-9]{1,2}[\-./](?:19"
    r"|20)[0-9]{2}|[0-9]{1,2}[\-./][0-9]{1,2}[\-./][0-9]{2}(?![0-9]|[\-./][0-9])"
)
_EXTENDED = re.compile(r" ?\(?(?:x|ext|内線)")
_DIGITS_AT_END = re.compile(r"[0-9]{2,}([ .\-])$")


def phones(text: str) -> Iterator[Stretch]:
    """Find phone numbers. Bare digits count where a cue announces them, or as a valid Japanese number."""
    for pattern, accepts in _FORMS:
        for match in near_digits(pattern, text):
            if accepts(text, match):
                yield match.span()


def _international(_: str, match: re.Match[str]) -> bool:
    return _is_possible(match.group())


def _international_00(text: str, match: re.Match[str]) -> bool:
    return _is_valid("+" + match.group()[2:], None) and _stands_free(text, *match.span())


def _japanese(text: str, match: re.Match[str]) -> bool:
    return _is_valid(match.group(), "JP") and _stands_free(text, *match.span())


def _british(text: str, match: re.Match[str]) -> bool:
    return _is_valid(match.group(), "GB") and _stands_free(text, *match.span())


def _free(text: str, match: re.Match[str]) -> bool:
    return not _DATE.match(match.group()) and _stands_free(text, *match.span())


def _leading_zero(text: str, match: re.Match[str]) -> bool:
    return 9 <= sum(map(str.isdigit, match.group())) <= 11 and _free(text, match)


def _named_behind(_: str, match: re.Match[str]) -> bool:
    return not _DATE.match(match.group())


def _announced(text: str, match: re.Match[str]) -> bool:
    return cue_before(text, match.start()) == "phone" and not _DATE.match(match.group())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...] = (
    (_NAMED_BEHIND, _named_behind),
    (_INTERNATIONAL, _international),
    (_INTERNATIONAL_00, _international_00),
    (_JAPANESE, _japanese),
    (_JAPANESE_TWO_PARTS, _japanese),
    (_JAPANESE_TOGETHER, _japanese),
    (_MOBILE_TOGETHER, _british),
    (_NORTH_AMERICAN, _free),
    (_LEADING_ZERO, _leading_zero),
    (_BRACKETED, _free),
    (_ANNOUNCED, _announced),
)


def _stands_free(text: str, start: int, end: int) -> bool:
    """Tell a number from a part of a longer code (ORD-415-555-2671, 03-1234-5678-A) or of what a cue
    names.
    """
    before, after = text[start - 1 : start], text[end : end + 2]
    if before and (before in "-_#" or (before.isascii() and before.isalnum() and not before.islower())):
        return False
    if before == "." and text[start - 2 : start - 1].isdigit():
        return False
    if after[:1] in ("-", "_") and after[1:].isalnum() and after[1:].isascii():
        return False
    if after[:1].isascii() and after[:1].isupper():
        return False
    if _PRINTED_MOBILE.fullmatch(text, start, end):
        return True
    if _is_within_more(text, start, end):
        return False
    return cue_before(text, start) not in ("identifier", "version", "my_number")


def _is_within_more(text: str, start: int, end: int) -> bool:
    """Tell three groups of a parcel's 9400 1000 0000 … from a number that is written in such groups."""
    before = _DIGITS_AT_END.search(text[max(0, start - 5) : start])
    if before and before[1] in text[start:end]:
        return True
    return text[end : end + 1] == " " and " " in text[start:end] and text[end + 1 : end + 4].isdigit()


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(_bare(number)))
    except phonenumbers.NumberParseException:
        return False


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(_bare(number), region))
    except phonenumbers.NumberParseException:
        return False


def _bare(number: str) -> str:
    """Return the digits without signs and extension: what the library reads in every form."""
    return "".join(char for char in _EXTENDED.split(number, maxsplit=1)[0] if char in "+0123456789")
