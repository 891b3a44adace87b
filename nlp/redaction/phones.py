"""Phone numbers of Japan, North America and, with their country code or a cue, of anywhere."""

import re
from collections.abc import Callable, Iterator

import phonenumbers

from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before

_EXTENSION = r"(?: ?(?:x|ext\.?|内線) ?[0-9]{1,6})?"
_INTERNATIONAL = re.compile(rf"(?<![0-9+])\(?\+[0-9](?:[ .\-/()]{{0,2}}[0-9]){{7,14}}{_EXTENSION}(?![0-9])")
_INTERNATIONAL_00 = re.compile(r"(?<![0-9])00[1-9](?:[ .\-()]{0,2}[0-9]){7,13}(?![0-9])")
_JAPANESE = re.compile(
    r"(?<![0-9])\(?0[0-9]{1,4}(?:[\-. ]|\)[\-. ]?|\()[0-9]{1,4}(?:[\-. ]|\)[\-. ]?)[0-9]{3,4}"
    rf"{_EXTENSION}(?![0-9])"
)
_JAPANESE_TWO_PARTS = re.compile(r"(?<![0-9])(?:0[5789]0-[0-9]{8}|0[5789]0[0-9]{4}-[0-9]{4})(?![0-9])")
_JAPANESE_MOBILE = re.compile(r"(?<![0-9])0[5789]0[0-9]{8}(?![0-9])")
_PRINTED_MOBILE = re.compile(r"0[5789]0-[0-9]{4}-[0-9]{4}")
"""Is a phone number whatever is said before it."""
_NORTH_AMERICAN = re.compile(
    r"(?<![0-9])(?:(?:\+?1|001)[\-. ]{1,2})?(?:\([0-9]{3}\)[\-. ]{0,2}"
    r"|[0-9]{3}[\-. ]{1,2})[0-9]{3}[\-. ]{1,2}[0-9]{4}"
    rf"{_EXTENSION}(?![0-9])"
)
_LEADING_ZERO = re.compile(
    r"(?<![0-9])0[0-9]{1,4}([ \-])[0-9]{2,4}\1[0-9]{2,4}(?:\1[0-9]{2})?(?![0-9]|[ \-./:][0-9])"
)
"""As most of Europe, Oceania and Africa write a number at home: in three or four parts."""
_NAMED_BEHIND = re.compile(
    r"[0-9(](?:[ .\-/()]{0,2}[0-9]){5,14}(?= ?-? ?(?:office|fax|mobile|home)(?![a-z]))", re.IGNORECASE
)
_ANNOUNCED = re.compile(rf"(?<![0-9])\(?[0-9](?:[ .\-/()]{{0,2}}[0-9]){{5,14}}{_EXTENSION}(?![0-9])")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[\-./ ][01]?[0-9][\-./ ][0-3]?[0-9]|[0-9]{1,2}[\-./][0-9]{1,2}[\-./](?:19"
    r"|20)[0-9]{2}"
)


def phones(text: str) -> Iterator[Stretch]:
    """Find phone numbers. Bare digits count where a cue announces them, or as a Japanese mobile number."""
    for pattern, accepts in _FORMS:
        for match in pattern.finditer(text):
            if accepts(text, match):
                yield match.span()


def _international(_: str, match: re.Match[str]) -> bool:
    return _is_possible(match.group())


def _international_00(text: str, match: re.Match[str]) -> bool:
    return _is_valid("+" + match.group()[2:], None) and _stands_free(text, *match.span())


def _japanese(text: str, match: re.Match[str]) -> bool:
    return _is_valid(match.group(), "JP") and _stands_free(text, *match.span())


def _free(text: str, match: re.Match[str]) -> bool:
    return not _DATE.match(match.group()) and _stands_free(text, *match.span())


def _leading_zero(text: str, match: re.Match[str]) -> bool:
    return 9 <= sum(map(str.isdigit, match.group())) <= 11 and _stands_free(text, *match.span())


def _announced(text: str, match: re.Match[str]) -> bool:
    return cue_before(text, match.start()) == "phone" and not _DATE.match(match.group())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...] = (
    (_INTERNATIONAL, _international),
    (_INTERNATIONAL_00, _international_00),
    (_JAPANESE, _japanese),
    (_JAPANESE_TWO_PARTS, _japanese),
    (_JAPANESE_MOBILE, _japanese),
    (_NORTH_AMERICAN, _free),
    (_LEADING_ZERO, _leading_zero),
    (_NAMED_BEHIND, _free),
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
    return cue_before(text, start) not in ("identifier", "version", "my_number")


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
