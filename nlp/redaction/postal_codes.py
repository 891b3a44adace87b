"""Postal codes of many countries: by their mark, a cue, their form, or the address that they belong to."""

import re
from collections.abc import Iterator

from nlp.redaction.addresses_ja import NAME, PREFECTURES, is_counted
from nlp.redaction.alphabet import LETTERS, LOWER, UPPER
from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before, stands_right_before
from nlp.redaction.postal_words import AREAS, COUNTED, POSTAL
from nlp.redaction.street_words import CAPITAL_KINDS_BEFORE, KINDS_BEFORE, NO_PLACES, STATES
from nlp.redaction.zones import near_digits

_MARKED = re.compile(r"[〒〠〶]\s?[0-9]{3} ?-? ?[0-9]{4}(?![0-9])")
_JAPANESE = re.compile(r"(?<![0-9\-A-Za-z])[0-9]{3} ?- ?[0-9]{4}(?! ?-? ?[0-9])")
_SEVEN = re.compile(r"(?<![0-9A-Za-z\-#])[0-9]{7}(?!-?[0-9])")
_ADDRESS_FOLLOWS = re.compile(rf"[ 、,\n]{{0,3}}(?:住所[:は ]*)?(?:{PREFECTURES}|{NAME}{{1,6}}[市区郡])")

_FREE = rf"(?<![0-9{LETTERS}.\-])"
_END = rf"(?![0-9{LETTERS}\-]|[.,: ][0-9])"
_ANY = (
    r"(?-i:[0-9]{4} ?[A-Z]{2})|(?:[A-Z]{1,2}-)?[0-9]{3,7}(?:[\- ][0-9]{2,4})?|[0-9]{2}-[0-9]{3}"
    r"|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z][0-9]{2} ?[A-Z0-9]{4}"
    r"|(?-i:[A-Z]{3} ?[0-9]{4}|[A-Z]{2} ?[0-9]{3,5}|[A-Z]{2} ?[0-9]{2}|[A-Z]{2}[0-9]-[0-9]{4}"
    r"|[A-Z][0-9]{4}(?:[A-Z]{3})?|[A-Z][0-9]{3})"
)
"""The last two lines: Malta, Andorra and Brunei, Bermuda, the Caymans, Argentina, Eswatini."""
_ANNOUNCED = re.compile(rf"{_FREE}(?i:{_ANY}){_END}")
_UNMISTAKABLE = re.compile(
    rf"{_FREE}(?:(?:{AREAS})[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{{2}}"
    rf"|[ABCEGHJ-NPRSTVXY][0-9][A-Z] [0-9][A-Z][0-9]){_END}"
    rf"|{_FREE}(?!19|20)[0-9]{{4}} [A-Z]{{2}}(?= [A-Z][a-z]{{3}})"
    rf"|{_FREE}KY[1-3]-[0-9]{{4}}{_END}|(?<=Singapore )[0-9]{{6}}{_END}|(?<=シンガポール)[0-9]{{6}}{_END}"
)
"""British and Canadian codes with their space, Dutch ones before a town, those of states with one town."""
_INDIAN = re.compile(r"(?<![A-Za-z])PIN ?(?:- ?|: ?)?([1-9][0-9]{2} [0-9]{3})(?![0-9])")
_ANNOUNCED_BEHIND = re.compile(
    rf"{_FREE}((?i:{_ANY}))[\"'”’)]{{0,2}},? (?i:(?:is|was|are|as|for) (?:my|our|the|his|her|their|a|your) "
    rf"(?:[a-z]{{2,12}} )?)(?=(?i:zip|post|pin code))(?i:{POSTAL})"
    r"|(?<![0-9\-A-Za-z])([0-9]{3}-[0-9]{4})[」』]?(?:は|が|の|という)[^0-9、。番\n]{0,6}郵便番号"
)
_NEXT_ONE = re.compile(
    rf"(?: ?(?:,|/|;|->|→|、|や|と|か|から|または) ?| (?:and|or|to|not|but|instead of|&) )"
    rf"({_ANY}){_END}",
    re.IGNORECASE,
)
"""Behind a code that was announced, another one: “zip codes 10115 and 10117”."""
_BEHIND_STATE = re.compile(rf"(?<![A-Za-z])(?:{STATES}),? ([0-9]{{5}}(?:-[0-9]{{4}})?|[0-9]{{4}}){_END}")
_BEHIND_TOWN = re.compile(
    rf"(?<= )(?:in|near|from|to) ((?:[{UPPER}][{LETTERS}'’\-]{{0,24}} ?(?:(?:de|di|da|do|upon|am|an der"
    rf"|sur) )?){{1,4}})"
    rf"([0-9]{{5}}(?:-[0-9]{{3,4}})?|[0-9]{{3}} [0-9]{{2}}"
    rf"|[0-9]{{4}}(?:-[0-9]{{3}})?){_END}(?! ?(?:[%$€]|[a-z]+s(?![a-z])))"
)
_BEFORE_TOWN = re.compile(
    rf"(?i:(?<![a-z])(?:live[sd]?|living|based|located|office|home|moved?|moving|reside|wohn(?:e|en|t)?)(?![a-z]))"
    rf"[^.\n0-9]{{0,20}} (?:in|at|to|from|nach) ([0-9]{{4,5}})(?= [{UPPER}][{LOWER}]{{2}})"
)
"""As on the continent: “we live in 75001 Paris”. What is a house and its street was found before."""
TAKEN_BY_ADDRESS = "\ue0ad"
"""Stands where an address was found."""
_IN_HOUSES = frozenset(
    ("po", "box", "suite", "apt", "unit", "psc", "flat", "floor", "room", "street", "st", "road", "avenue")
)
_STREET_FIRST = re.compile(rf"(?:{KINDS_BEFORE}|{CAPITAL_KINDS_BEFORE}) ", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_OF_ADDRESS = re.compile(
    rf"{TAKEN_BY_ADDRESS}[ \t]*,?[ \t]*\n?[ \t>?]*,?[ \t]*(?:(?:[A-Z]{{1,2}} )?- )?"
    rf"(?:[A-Za-z]{{2,3}}[ \t]*,?[ \n][ \t>]*)?((?i:{_ANY})){_END}"
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
            told = cue in ("postal", "address") and not _counts(text, match.end())
            if told or (cue is None and _ADDRESS_FOLLOWS.match(text, match.end())):
                yield match.span()


def _of_other_countries(text: str) -> Iterator[Stretch]:
    yield from _announced(text)
    for match in near_digits(_BEHIND_STATE, text):
        yield match.span(1)
    for match in near_digits(_UNMISTAKABLE, text):
        cue = cue_before(text, match.start())
        if cue not in ("identifier", "version") and not _counts(text, match.end()):
            yield match.span()
    for match in near_digits(_BEHIND_TOWN, text):
        if not _YEAR.fullmatch(match[2]) and _is_town(match[1]):
            yield match.span(2)
    for match in near_digits(_SMALL_TOWN, text):
        yield match.span(1)


def _announced(text: str) -> Iterator[Stretch]:
    for match in near_digits(_ANNOUNCED, text):
        if _is_announced(text, match):
            yield match.span()
            yield from _others(text, match)
    for match in near_digits(_ANNOUNCED_BEHIND, text):
        yield match.span(1 if match[1] else 2)
    for match in near_digits(_INDIAN, text):
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
    for match in near_digits(_BEFORE_TOWN, text):
        if not _YEAR.fullmatch(match[1]) and not _counts(text, match.end()):
            yield match.span(1)


def _is_announced(text: str, match: re.Match[str]) -> bool:
    code = match.group()
    return (
        any(map(str.isdigit, code))
        and cue_before(text, match.start()) == "postal"
        # Three digits are a code in few countries, and many other things everywhere.
        and (len(code) > 3 or stands_right_before(text, match.start(), "postal"))
        and not _counts(text, match.end())
    )


def _others(text: str, first: re.Match[str]) -> Iterator[Stretch]:
    """Yield the codes that are told in one breath with an announced one, and written like it."""
    form = _form(first.group())
    end = first.end()
    while (match := _NEXT_ONE.match(text, end)) and _form(match[1]) == form:
        if not _counts(text, match.end()):
            yield match.span(1)
        end = match.end()


def _form(code: str) -> str:
    return "".join("0" if char.isdigit() else "A" if char.isalpha() else char for char in code)


def _counts(text: str, end: int) -> bool:
    """Tell whether the number that ends at `end` says how many there are of something."""
    if _ADDRESS_FOLLOWS.match(text, end):
        return False  # 「名」 and 「千」 begin 「名古屋市」 and 「千葉県」
    return is_counted(text, end) or COUNTED.match(text, end) is not None


def _is_town(words: str) -> bool:
    return not (NO_PLACES | _IN_HOUSES).intersection(words.lower().split()) and not _STREET_FIRST.match(words)
