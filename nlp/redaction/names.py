"""Names in the Latin script: by the titles, greetings, introductions and closing words around them."""

import re
from collections.abc import Iterator

from nlp.redaction.alphabet import LETTERS, LOWER, UPPER
from nlp.redaction.codes import Stretch
from nlp.redaction.no_names import is_word_of_letters
from nlp.redaction.postal_codes import TAKEN_BY_ADDRESS

_PART = (
    rf"(?:[{UPPER}][{LOWER}]{{1,20}}(?:['’\-][{UPPER}]?[{LOWER}]{{1,20}})?"
    r"|[A-Z]\.|[OD]['’][A-Z][a-z]{1,20}|Ma?c[A-Z][a-z]{2,20})"
)
_PARTICLE = r"(?:(?:van|von|de|der|da|di|la|le|del|al|bin|ibn) ){0,2}"
_NAME = rf"{_PART}(?: {_PARTICLE}{_PART}){{0,3}}"
_FULL_NAME = rf"{_PART}(?: {_PARTICLE}(?:{_PART}|[A-Z])){{0,2}} {_PARTICLE}{_PART}"
_END = rf"(?![{LETTERS}0-9])"

_AFTER_TITLE = re.compile(
    rf"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Sig|Sra|Sr|Mme|M|mr|mrs|ms|dr)\.? ({_NAME}){_END}"
)
_TITLES_THAT_ARE_WORDS = ("M ", "Miss ", "Sr ", "Dr ")
_INTRODUCED = re.compile(
    r"(?<![A-Za-z])(?:(?:[Mm]y|[Tt]he|[Hh]is|[Hh]er) (?:(?:full|first|last|maiden|user) )?name(?: is"
    r"|['’]s|:)|[Nn]ame['’]s"
    r"|name\?|(?:under|in) (?:the name(?: of)?|my \w{2,10}['’]s name,?)|(?:call(?:s|ed)?|named?) (?:me"
    r"|him|her)"
    r"|(?:was|is|were) (?:called|named)|[Mm]e llamo|[Mm]i nombre es"
    r"|[Mm]ein [Nn]ame ist|[Ii]ch hei(?:ß|ss)e"
    r"|[Jj]e m['’]appelle|[Mm]i chiamo|[Mm]eu nome é|[Mm]ijn naam is|[Mm]oje jméno je|[Jj]menuji se) "
    rf"({_NAME}){_END}"
)
_INTRODUCED_IN_LOWER_CASE = re.compile(
    r"(?<![a-z])my name is ([a-z]{2,15}(?: [a-z]{2,15})?)(?= *(?:[,.!\n]|and |from |$))"
)
_FULL_NAME_INTRODUCED = re.compile(
    rf"(?<![A-Za-z])(?:I am|I['’]m|[Tt]his is|[Ii]t['’]s) ({_FULL_NAME}){_END}"
)
_KIN = re.compile(
    r"(?<![A-Za-z])(?:my|our|his|her|their) (?:wife|husband|partner|spouse|son|daughter|kid|child"
    r"|brother|sister|mother"
    r"|father|mum|mom|dad|uncle|aunt|cousin|friend|boss|manager|colleague|coworker|assistant|doctor"
    r"|neighbou?r|client"
    rf"|landlord|roommate|fianc[ée]e?),? ({_NAME}){_END}"
)
_DEALT_WITH = re.compile(
    r"(?<![A-Za-z])(?:[Aa]ttn\.?:?|c/o|on behalf of"
    r"|[Aa]gent|[Rr]epresentative|signed by|written by|account holder|cardholder|[Rr]ecipient:?"
    r"|[Ff]rom:|[Tt]o:"
    rf"|[Cc]c:) ({_NAME}){_END}"
)
_NAMED_AS = re.compile(
    r"(?<![A-Za-z])(?:(?:spoke|speak|talked|chatted|dealt|meeting|met) (?:to|with)"
    rf"|add|remove|register|change (?:it|that|this|the name|my name) to) ({_FULL_NAME}){_END}"
)
_LIVES = re.compile(
    rf"(?:^|(?<=[.!?\n] ))({_NAME})(?= lives? (?:at|on|in) |['’]s (?:address|phone|number|e-?mail)(?![a-z]))"
)
_OVER_ADDRESS = re.compile(
    rf"^[ \t>?]*({_FULL_NAME})[ \t]*\n(?:[^\n\ue000-\ue0ff]{{0,40}}\n){{0,3}}[ \t>?]*{TAKEN_BY_ADDRESS}",
    re.MULTILINE,
)
_SPOKEN_TO = re.compile(
    rf"(?:^|(?<=[\n.!?>] ))[ \t>]{{0,20}}(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:morning|afternoon"
    rf"|evening)|[Hh]ola|[Hh]allo|[Bb]onjour|[Cc]iao|[Ll]iebe[r]?),? "
    rf"({_NAME})(?=[,!.:\n]|$| -)",
    re.MULTILINE,
)
_CLOSING = (
    r"(?:(?:[Kk]ind(?:est)?|[Bb]est|[Ww]arm(?:est)?|[Mm]any|[Ww]ith) )?(?:[Rr]egards|[Ww]ishes"
    r"|[Tt]hanks|RGDS|[Rr]gds)"
    r"|[Tt]hank you(?: (?:very|so) much)?|[Yy]ours(?: (?:sincerely|truly|faithfully))?"
    r"|[Ss]incerely(?: yours)?|[Cc]heers|[Bb]est|[Tt]hx|BR"
    r"|[Mm]it freundlichen Gr(?:ü|ue)(?:ß|ss)en|[Ss]aludos|[Ss]aluti|[Cc]ordialement|[Gg]razie"
    r"|[Gg]racias|[Oo]brigad[oa]|[Gg]roeten|[Dd]anke"
)
_SIGNED = re.compile(
    rf"(?<![A-Za-zÀ-ÿ])(?:{_CLOSING})(?: in advance)?[ \t]*[,.!\-]*[ \t]*"
    rf"(?:\n[ \t]*){{1,3}}[\-–—~ ]{{0,3}}({_NAME})[ \t]*\.?[ \t]*(?=\n|$)"
)
_SIGNED_ON_THE_LINE = re.compile(
    rf"(?<![A-Za-zÀ-ÿ])(?:{_CLOSING})(?:[,!\-]|(?<=gards)) [\-–— ]{{0,2}}({_NAME})[ \t]*\.?[ \t]*(?=\n|$)"
)
_SIGNED_WITH_DASHES = re.compile(rf"\n[ \t]*(?:--[ \t]*\n?|[–—~][ \t]*|-)({_NAME})\s*$")
_LABELLED = re.compile(
    rf"(?:^|\n)[ \t>*]*(?:(?:[Ff]ull|[Ff]irst|[Ll]ast|[Yy]our|[Cc]ustomer"
    rf"|[Cc]ontact) )?[Nn]ame[ \t]*:[ \t]*({_NAME})[ \t]*(?=[\n,;(]|$)"
)
_WROTE = re.compile(rf"(?<=[,>\n] )({_FULL_NAME})(?= (?:<[^>\n]{{0,80}}> ?)?(?:\[email\] ?)?wrote:)")


def latin_names(text: str) -> Iterator[Stretch]:
    """Find names of people where the words around them say that they are."""
    for pattern in (
        _AFTER_TITLE,
        _INTRODUCED,
        _INTRODUCED_IN_LOWER_CASE,
        _FULL_NAME_INTRODUCED,
        _KIN,
        _DEALT_WITH,
        _NAMED_AS,
        _LIVES,
        _OVER_ADDRESS,
        _SPOKEN_TO,
        _SIGNED,
        _SIGNED_ON_THE_LINE,
        _SIGNED_WITH_DASHES,
        _LABELLED,
        _WROTE,
    ):
        for match in pattern.finditer(text):
            if not match.group().startswith(_TITLES_THAT_ARE_WORDS) and not is_word_of_letters(match[1]):
                yield match.span(1)
