"""Addresses outside Japan: anchors that prove a street or a unit, and what stands around them."""

import re
from collections.abc import Iterator

from nlp.redaction.alphabet import LETTERS, LOWER, UPPER
from nlp.redaction.codes import Stretch
from nlp.redaction.street_words import (
    CAPITAL_KINDS_BEFORE,
    CAPITAL_KINDS_BEHIND,
    GLUED_KINDS,
    HOUSE_NAMES,
    KINDS_BEFORE,
    KINDS_BEHIND,
    NO_PLACES,
    PARTICLES,
    SMALL_KINDS_BEFORE,
    SMALL_STREET_KINDS,
    SOFT_STREET_KINDS,
    STATES,
    STREET_KINDS,
    UNITS,
)
from nlp.redaction.zones import near_digits

_START = rf"(?<![0-9{LETTERS}.,/#$€£¥\-])(?<![0-9]:)"
_END = rf"(?![0-9{LETTERS}])"
_NUMBER = r"[0-9]{1,5}[A-Za-z]?(?:[\-/][0-9]{1,4}[A-Za-z]?)?(?![0-9A-Za-z]|[.:,][0-9]|%)"
_WORD = (
    rf"(?:[{UPPER}][{LETTERS}]{{0,3}}\.(?=[ ,])|[{UPPER}][{LETTERS}'’\-]{{0,24}}|[0-9]{{1,3}}(?:st"
    rf"|nd|rd|th)(?![a-z]))"
)
_NAME = rf"(?:(?:{PARTICLES})[ ]){{0,2}}{_WORD}(?:[ ](?:(?:{PARTICLES})[ ]){{0,3}}{_WORD}){{0,3}}"
_UNIT = (
    rf"(?:(?i:{UNITS})\.?[ ]?#?|#[ ]?)(?:[0-9]{{1,5}}(?:-[0-9]{{1,4}}|[A-Za-z])?|[A-Z])(?![0-9A-Za-z])"
    rf"|[0-9]{{1,2}}(?:\.[ ]?(?:tv|th|mf|sal)|[º°ª][ ]?[A-Z]?)(?![A-Za-z])"
)
_QUARTER = r"(?:[ ](?:N|S|E|W|NE|NW|SE|SW|North|South|East|West|Upper|Lower)(?![A-Za-z]))?"
_PLOT = rf"(?:[ ]{_NUMBER}|,[ ](?![0-9]{{4,6}}|[0-9]{{2}}-[0-9]{{3}}{_END}){_NUMBER})"
"""The number behind a street; behind a comma, what looks like a postal code is one."""
_BREAK = r"(?:\.?[ \t]*,?[ \t]*\n[ \t>?]*(?:,[ \t]*)?|\.?[ \t]*,[ \t]*|[ \t]+)"
"""Between two parts of an address: a comma, a space, the end of a line that may be quoted."""
_POSTAL = (
    r"(?:[A-Z]{1,2}-)?(?:[0-9]{4,6}|[0-9]{3}[ ][0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}"
    r"|[0-9]{4}[ ][A-Z]{2})(?![0-9A-Za-z\-])"
)

_STREET = re.compile(
    rf"{_START}{_NUMBER},?[ ](?:{_WORD}[ ]){{1,6}}(?:{STREET_KINDS}){_END}\.?{_QUARTER}"
    rf"|{_START}{_NUMBER},?[ ](?:(?:State|US|County)[ ])?(?:Highway|Hwy|Route|Road)[ ][0-9]{{1,4}}{_END}"
    rf"|{_START}{_NUMBER},?[ ](?:[NSEW]\.?[ ])?Broadway{_END}"
)
_SOFT_STREET = re.compile(rf"{_START}{_NUMBER},?[ ](?:{_WORD}[ ]){{1,3}}(?:{SOFT_STREET_KINDS}){_END}\.?")
_SMALL_STREET = re.compile(
    rf"{_START}[0-9]{{1,5}}[a-z]?[ ]((?:[{LOWER}]{{3,15}}[ ]){{1,3}})(?:{SMALL_STREET_KINDS})(?![a-z])"
)
_NUMBER_THEN_KIND = re.compile(
    rf"{_START}[0-9]{{1,4}}[A-Za-z]?(?:[ ](?:bis|ter))?,?[ ]"
    rf"(?:(?:(?i:{KINDS_BEFORE})|{CAPITAL_KINDS_BEFORE})[ ]?(?:(?:{PARTICLES})[ ]?){{0,3}}"
    rf"|(?:{SMALL_KINDS_BEFORE})[ ](?:(?:{PARTICLES})[ ]?){{1,3}})"
    rf"(?:[{LOWER}]{{4,15}}[ ])?{_WORD}(?:[ ](?:(?:{PARTICLES})[ ]){{0,2}}{_WORD}){{0,3}}"
)
_KIND_THEN_NUMBER = re.compile(
    rf"(?<![{LETTERS}])(?:(?i:{KINDS_BEFORE})"
    rf"|{CAPITAL_KINDS_BEFORE})[ ]?(?:(?:{PARTICLES})[ ]?){{0,3}}{_WORD}"
    rf"(?:[ ](?:(?:{PARTICLES})[ ]?){{0,2}}{_WORD}){{0,4}}(?:,[ ](?![0-9]{{5,6}})"
    rf"|[ ])(?:n[.º°][ ]?)?{_NUMBER}"
)
_KIND_BEHIND = re.compile(
    rf"(?<![{LETTERS}])(?:{_WORD}[ ]){{1,4}}(?:[{LOWER}]{{4,12}}[ ])?(?:{KINDS_BEHIND})[ ]{_NUMBER}"
    rf"|(?<![{LETTERS}])(?:{_WORD}[ ]){{1,2}}(?:{CAPITAL_KINDS_BEHIND})[ ]{_NUMBER}"
    rf"|(?<![{LETTERS}])[{LETTERS}\-]{{2,30}}(?:{GLUED_KINDS})[ ]{_NUMBER}"
)
_POST_ABROAD = rf"[AFD]PO[ ,]{{1,2}}A[AEP]{_END}"
"""The office of a country's soldiers or diplomats abroad."""
_BOX = re.compile(
    rf"(?<![{LETTERS}])(?i:P\.?[ ]?O\.?[ ]?Box|Postfach|Postbus|Postboks|Apartado"
    rf"|Casilla)[ ][0-9]{{1,6}}{_END}"
    rf"|(?<![{LETTERS}])(?i:PSC|CMR|Unit)[ ][0-9]{{1,5}},?[ ](?i:Box)[ ][0-9]{{1,5}}{_END}"
    rf"(?:{_BREAK}(?i:{_POST_ABROAD}))?"
)
_SHIP = re.compile(rf"(?:(?<![{LETTERS}])US[A-Z]{{1,3}}[ ]{_NAME}{_BREAK})?(?<![{LETTERS}]){_POST_ABROAD}")
"""Sailors have no street: a ship and the office that sends their mail on hold no digit of their own."""
_IN_A_STATE = re.compile(rf"{_START}{_NUMBER}[ ]{_NAME}{_BREAK}{_NAME},[ ](?:{STATES}){_END}")
_CERTAIN_UNIT = re.compile(
    rf"(?<![{LETTERS}])(?i:apt|apartment)\.?[ ]#?[0-9]{{1,5}}[A-Za-z]?{_END}"
    rf"|(?<![{LETTERS}])Suite[ ][0-9]{{3,5}}[A-Z]?{_END}|(?<=[,>\n])[ \t]*(?:Suite|Flat"
    rf"|Unit)[ ][0-9]{{1,5}}[A-Z]?{_END}"
)
_CERTAIN = (_STREET, _NUMBER_THEN_KIND, _KIND_THEN_NUMBER, _KIND_BEHIND, _BOX, _IN_A_STATE, _CERTAIN_UNIT)

_CORNER = re.compile(
    rf"(?<![{LETTERS}])(?i:the[ ]corner[ ]of)[ ](?:[^\s,;]{{1,25}}[ ]){{1,6}}?(?i:and)[ ]"
    rf"(?:{_NUMBER}[ ])?{_NAME}(?:[ ]{_NUMBER})?"
)
_CUE = re.compile(
    r"(?<![A-Za-z])(?:address(?:es)?[^.\n]{0,45}?(?:[ ](?:is|are|to|with|at)|:)"
    r"|(?:live[sd]?|living|resid(?:e[sd]?|ing)|staying)[ ](?:at|on|in)"
    r"|(?:deliver|ship|return|sen[dt]|mail|post|forward|moved?|taxi|bring|office|restaurant|store|shop"
    r"|home|meet|house"
    r"|located|situated|arrived|drops?|come|pick|based|find|reloc)[^.\n0-9]{0,40}?[ ](?:at|to|is|on)"
    r"|(?:i['’]?m|i am|we['’]re|we are)[ ]at)[ :\n]{1,4}",
    re.IGNORECASE,
)
_CUED = re.compile(
    rf"(?:{_NUMBER},?[ ]){{1,2}}{_NAME}(?:{_PLOT}\.?|{_END}(?=[ ]*(?:[,.;!?)\n]|$)|{_BREAK}(?:{_UNIT})))"
    rf"|{_NAME}{_PLOT}\.?"
)
_CUED_BY_ADDRESS = re.compile(
    r"address|liv|resid|deliver|ship|return|post|drops|sen[dt]|at[ ]|restaurant|located|office", re.IGNORECASE
)
_LETTERHEAD = re.compile(
    rf"^[ \t>?]*((?:{_NUMBER},?[ ]){{0,2}}{_NAME}(?:,?[ ]{_NUMBER}\.?)?)[ \t]*\n"
    rf"(?:[ \t>?]*,?[ \t]*{_NAME}[ \t]*\n{{1,2}})?"
    rf"[ \t>?]*,?[ \t]*(?:{_NAME}[ ,]+)?{_POSTAL}[ \t]*$",
    re.MULTILINE,
)

_NEXT_UNIT = re.compile(rf"\.?{_BREAK}(?:{_UNIT})")
_NEXT_STATE = re.compile(rf"{_BREAK}(?:{STATES}){_END}|[ ]\([{LETTERS}]{{2,20}}\)")
_NEXT_COUNTRY = re.compile(rf"[ \t]*\n[ \t>]*\n[ \t>]*{_NAME}(?=[ ]{_POSTAL}[ \t]*(?:\n|$))")
_CODE_OF_COUNTRY = rf"(?<=[^{LETTERS}][A-Z]{{2}}[ ])[0-9]{{4}}"
"""As in “Aarhus DK 8000”."""
_NEXT_NAME = re.compile(
    rf"(?P<break>{_BREAK})(?![0-9]{{4}}[ ][A-Z]{{2}}(?![A-Za-z]))"
    rf"(?P<name>(?:{_NUMBER}[ ])?{_NAME}(?:[ ](?!{_CODE_OF_COUNTRY}){_NUMBER}\.?)?)"
    rf"(?![0-9{LETTERS}:]|[ ]?-[ ]?(?![0-9]{{3}}[ ]?[0-9]{{3}}{_END})[0-9])"
)
_REST_OF_LINE = re.compile(rf"[ \t]*(?:,|\n|$|[ ]{_POSTAL}|[A-Z]{{2,3}}[ ,]|\?|\.(?:[ \n]|$))")
_CITY_BEHIND_CODE = re.compile(rf"(?:{_BREAK}|[ ]-[ ])(?:{_POSTAL}[ ])(?P<name>{_NAME}){_END}(?!:)")
_CODE_FIRST = re.compile("(?:[0-9]{4,6}|[0-9]{4}-[0-9]{3}|[0-9]{2}-[0-9]{3}) ")
_CODE_LAST = re.compile(r"(?<![0-9])[ ](?!(?:19|20)[0-9]{2}$)[0-9]{4,6}$")
_END_OF_LINE = re.compile(r"[ \t]*(?:\n|$|[.!?)](?:[ \n]|$))")
_BEFORE_NUMBER = re.compile(rf"{_START}[0-9]{{1,5}}(?:[ ][0-9]{{1,5}})?,?[ ]$")
_BEFORE_UNIT = re.compile(
    rf"{_START}(?:(?:{_NUMBER},?[ ]){{1,2}}{_NAME}(?:,?[ ]{_NUMBER}\.?)?|{_NAME},?[ ]{_NUMBER}\.?){_BREAK}$"
    rf"|{_START}{_NUMBER}[ ]{_NAME}[ ]{_NAME}{_BREAK}$"
)
_BEFORE_STREET = re.compile(
    rf"(?<![{LETTERS}])(?:{_UNIT}|(?:The[ ])?(?:{_WORD}[ ]){{1,3}}(?:{HOUSE_NAMES})),?[ ]$"
)
_TOKEN = re.compile(r"[^ \n]+")
_LEFT, _STEPS = 70, 8


def addresses(text: str) -> Iterator[Stretch]:
    """Find addresses with a number, a unit or a box; the name of a street or a town alone is none.

    What stands around an anchor is taken with it: number, unit, town, state, country. A postal code within
    is left out, and the town behind it is a stretch of its own.
    """
    text = _capitalised(text)
    done = 0
    for start, end in _anchors(text):
        if end <= done:
            continue
        first = max(done, _grown_left(text, max(start, done)))
        stretches = list(_grown_right(text, first, end))
        yield from stretches
        done = stretches[-1][1]


def _capitalised(text: str) -> str:
    """Give a text that is all in small letters capitals, as if its names were written as names."""
    if not text.islower():
        return text
    titled = text.title()
    return titled if len(titled) == len(text) else text


def _anchors(text: str) -> list[Stretch]:
    found = [
        match.span()
        for pattern in _CERTAIN
        for match in near_digits(pattern, text)
        if _is_place(match.group())
    ]
    found += [match.span() for pattern in (_CORNER, _SHIP) for match in pattern.finditer(text)]
    found += [
        match.span()
        for match in near_digits(_SMALL_STREET, text)
        if not NO_PLACES.intersection(match[1].split())
    ]
    found += [
        match.span()
        for match in near_digits(_SOFT_STREET, text)
        if _is_place(match.group()) and _ends(text, match.end())
    ]
    found += [
        match.span(1)
        for match in near_digits(_LETTERHEAD, text)
        if _has_number(match[1]) and _is_place(match[1])
    ]
    found += _cued(text)
    return _merged(sorted(found))


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for start, end in stretches:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cued(text: str) -> Iterator[Stretch]:
    for cue in near_digits(_CUE, text):
        shape = _CUED.match(text, cue.end())
        if (
            shape
            and _is_place(shape.group())
            and (shape.group()[0].isdigit() or _CUED_BY_ADDRESS.search(cue.group()))
        ):
            yield shape.span()


def _is_place(words: str) -> bool:
    return not any(_is_no_place(word) for word in words.split())


def _is_no_place(word: str) -> bool:
    bare = word.strip(".,'’")
    return bare.lower() in NO_PLACES and not (len(bare) == 2 and bare.isupper())


def _has_number(words: str) -> bool:
    return any(char.isdigit() for char in words)


def _ends(text: str, end: int) -> bool:
    return _REST_OF_LINE.match(text, end) is not None or _NEXT_UNIT.match(text, end) is not None


def _grown_left(text: str, start: int) -> int:
    window = text[max(0, start - _LEFT) : start]
    for pattern in (_BEFORE_UNIT, _BEFORE_STREET, _BEFORE_NUMBER):
        before = pattern.search(window)
        if before and (pattern is _BEFORE_STREET or _is_place(before.group())):
            return start - len(window) + before.start()
    return start


def _grown_right(text: str, start: int, end: int) -> Iterator[Stretch]:
    """Yield the address that starts with [start, end), in two stretches where a postal code divides it."""
    for _ in range(_STEPS):
        step = _NEXT_UNIT.match(text, end) or _NEXT_STATE.match(text, end) or _NEXT_COUNTRY.match(text, end)
        if step:
            end = step.end()
        elif (name := _NEXT_NAME.match(text, end)) and (length := _length_of_next(text, name)):
            end = name.start("name") + length
            if end < name.end("name"):
                break
        else:
            break
    yield start, end
    city = _CITY_BEHIND_CODE.match(text, end)
    if city and (length := _place_length(city["name"])):
        yield city.start("name"), city.start("name") + length


def _length_of_next(text: str, name: re.Match[str]) -> int:
    """Return how much of `name` goes on with the address: a postal code does not, nor half of a new line."""
    new_part = name["break"] != " "
    behind_country = text[max(0, name.start() - 2) : name.start()].isupper()
    if (new_part or behind_country) and _CODE_FIRST.match(name["name"]):
        return 0
    length = _place_length(name["name"])
    whole = length == len(name["name"])
    if (
        new_part
        and whole
        and _END_OF_LINE.match(text, name.end())
        and (code := _CODE_LAST.search(name["name"]))
    ):
        return code.start()
    new_line = "\n" in name["break"]
    return length if not new_line or (whole and _REST_OF_LINE.match(text, name.end())) else 0


def _place_length(words: str) -> int:
    """Return how much of `words` may be the name of a place: up to the first that no place is called."""
    for match in _TOKEN.finditer(words):
        if _is_no_place(match.group()):
            return len(words[: match.start()].rstrip())
    return len(words)
