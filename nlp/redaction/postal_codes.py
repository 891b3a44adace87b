"""Postal codes of many countries: by their mark, a cue, their form, or the address that they belong to."""

import re
from collections.abc import Iterator

from nlp.redaction.addresses_ja import NAME, PREFECTURES, is_counted
from nlp.redaction.alphabet import LETTERS, LOWER, UPPER
from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before
from nlp.redaction.street_words import CAPITAL_KINDS_BEFORE, KINDS_BEFORE, NO_PLACES, STATES
from nlp.redaction.zones import near_digits

_MARKED = re.compile(r"〒\s?[0-9]{3} ?-? ?[0-9]{4}(?![0-9])")
_JAPANESE = re.compile(r"(?<![0-9\-A-Za-z])[0-9]{3} ?- ?[0-9]{4}(?! ?-? ?[0-9])")
_SEVEN = re.compile(r"(?<![0-9A-Za-z\-#])[0-9]{7}(?!-?[0-9])")
_ADDRESS_FOLLOWS = re.compile(rf"[ 、,\n]{{0,3}}(?:住所[:は ]*)?(?:{PREFECTURES}|{NAME}{{1,6}}[市区郡])")

_FREE = rf"(?<![0-9{LETTERS}.\-])"
_END = rf"(?![0-9{LETTERS}\-]|[.,: ][0-9])"
_ANY = (
    r"(?-i:[0-9]{4} ?[A-Z]{2})|(?:[A-Z]{1,2}-)?[0-9]{3,6}(?:[\- ][0-9]{2,4})?|[0-9]{2}-[0-9]{3}"
    r"|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z][0-9]{2} ?[A-Z0-9]{4}"
)
_ANNOUNCED = re.compile(rf"{_FREE}(?i:{_ANY}){_END}")
_UNMISTAKABLE = re.compile(
    rf"{_FREE}(?:[A-Z]{{1,2}}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{{2}}"
    rf"|[ABCEGHJ-NPRSTVXY][0-9][A-Z] [0-9][A-Z][0-9]){_END}"
    rf"|{_FREE}(?!19|20)[0-9]{{4}} [A-Z]{{2}}(?= [A-Z][a-z]{{3}})"
)
"""British and Canadian codes with their space, and Dutch ones before a town."""
_BEHIND_STATE = re.compile(rf"(?<![A-Za-z])(?:{STATES}),? ([0-9]{{5}}(?:-[0-9]{{4}})?|[0-9]{{4}}){_END}")
_BEHIND_TOWN = re.compile(
    rf"(?<= )(?:in|near|from|to) ((?:[{UPPER}][{LETTERS}'’\-]{{0,24}} ?(?:(?:de|di|da|do|upon|am|an der"
    rf"|sur) )?){{1,4}})"
    rf"([0-9]{{5}}(?:-[0-9]{{3,4}})?|[0-9]{{3}} [0-9]{{2}}"
    rf"|[0-9]{{4}}(?:-[0-9]{{3}})?){_END}(?! ?(?:[%$€]|[a-z]+s(?![a-z])))"
)
TAKEN_BY_ADDRESS = "\ue0ad"
"""Stands where an address was found."""
_IN_HOUSES = frozenset(
    ("po", "box", "suite", "apt", "unit", "psc", "flat", "floor", "room", "street", "st", "road", "avenue")
)
_STREET_FIRST = re.compile(rf"(?:{KINDS_BEFORE}|{CAPITAL_KINDS_BEFORE}) ", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_OF_ADDRESS = re.compile(
    rf"{TAKEN_BY_ADDRESS}[ \t]*,?[ \t]*\n?[ \t>?]*,?[ \t]*(?:(?:[A-Z]{{1,2}} )?- )?"
    rf"(?:[A-Za-z]{{2,3}}[ \t]*[ \n][ \t>]*)?((?i:{_ANY})){_END}"
)

_SMALL_TOWN = re.compile(
    rf"(?<= )in [{LOWER}]{{3,20}} (?:de|da|do|di|del|la|le|am|an der|bei|upon"
    rf"|sur) [{LOWER}]{{3,20}} ([0-9]{{5}}){_END}"
)
_NEXT_LINE = re.compile(
    rf"{TAKEN_BY_ADDRESS}[ \t]*,?[ \t]*\n[ \t>]*([^\n0-9]{{2,40}}) ({_ANY})[ \t]*$", re.MULTILINE
)


def postal_codes(text: str) -> Iterator[Stretch]:
    """Find postal codes: by 〒, a cue, their form, a state or town before them, a Japanese address behind."""
    yield from _japanese(text)
    yield from _of_other_countries(text)


def _japanese(text: str) -> Iterator[Stretch]:
    for match in near_digits(_MARKED, text):
        yield match.span()
    for pattern in (_JAPANESE, _SEVEN):
        for match in near_digits(pattern, text):
            cue = cue_before(text, match.start())
            if cue in ("postal", "address") or (cue is None and _ADDRESS_FOLLOWS.match(text, match.end())):
                yield match.span()


def _of_other_countries(text: str) -> Iterator[Stretch]:
    for match in near_digits(_ANNOUNCED, text):
        if _is_announced(text, match):
            yield match.span()
    for match in near_digits(_BEHIND_STATE, text):
        yield match.span(1)
    for match in near_digits(_UNMISTAKABLE, text):
        yield match.span()
    for match in near_digits(_BEHIND_TOWN, text):
        if not _YEAR.fullmatch(match[2]) and _is_town(match[1]):
            yield match.span(2)
    for match in near_digits(_SMALL_TOWN, text):
        yield match.span(1)


def postal_codes_of_addresses(text: str) -> Iterator[Stretch]:
    """Find the codes right behind an address that was found; `text` has its mark in that place."""
    for match in near_digits(_OF_ADDRESS, text):
        if not _YEAR.fullmatch(match[1]):
            yield match.span(1)
    for match in near_digits(_NEXT_LINE, text):
        if _is_town(match[1]):
            yield match.span(2)
    for match in near_digits(_SMALL_TOWN, text):
        yield match.span(1)


def _is_announced(text: str, match: re.Match[str]) -> bool:
    return (
        any(map(str.isdigit, match.group()))
        and cue_before(text, match.start()) == "postal"
        and not is_counted(text, match.end())
    )


def _is_town(words: str) -> bool:
    return not (NO_PLACES | _IN_HOUSES).intersection(words.lower().split()) and not _STREET_FIRST.match(words)
