"""Turns of a talk that are about nothing: who somebody is, and that there is nothing else."""

import re

_LONGEST = 120
"""Characters; a longer turn says something, and no pattern is tried on it."""

_NUMBER = r"(?:#?[a-z\d-]*\d[a-z\d-]*|\[\w+\])"
_NO_NAME = (
    r"(?:\S+ )?(?:not|no|still|too|twice|on|in|at|as|with|for|was|has|\w{3,}(?:ed|ing|wn|lt))(?![\w'-])"
)
"""How goes on what tells of a name, not the name: "my name is misspelled on the invoice"."""
_ONESELF = (
    rf"(?:(?:my |my company |company )?name is|name ?[:：]) ?(?!{_NO_NAME})[^\s,]+(?: (?!and )[^\s,]+){{0,2}}"
    r"|(?:my |the )?(?:(?:order|account|customer|client|invoice|ticket|case|phone|serial|reference|booking"
    r"|member(?:ship)?|user|employee) ?(?:number|no\.?|id|#)|pass?word|pwd|pin|otp|id)"
    rf" ?(?:is|[:：])? ?{_NUMBER}"
    rf"|{_NUMBER}"
    r"|お?(?:名前|氏名)[は:：] ?[^\s、。はがをもでにへの]{1,12}?(?:です|と申します|といいます)?"
    rf"|(?:会員|お客様|顧客|注文|受付|契約|電話)番号[は:：]? ?{_NUMBER}(?:です)?"
)
_IDENTIFIES = re.compile(
    rf"(?:(?:hi|hello|yes|sure|はい)[ ,、]+)?(?:{_ONESELF})(?:[ ,、]+(?:and )?(?:{_ONESELF})){{0,3}}[ .。]*",
    re.IGNORECASE,
)
"""Who somebody is, in words that say so."""
_MAY_IDENTIFY = re.compile(
    r"(?:(?:hi|hello)[ ,]+)?(?:(?:my|company|my company) name is|(?:company )?name)(?: \S+){1,6}"
    r"|(?:\S+ ){0,4}(?:is my password|pass?word(?: is)?(?: \S+){0,2} \S*\d\S*)"
    r"|(?:\w+ ){1,2}(?:and )?\d{3,}|\d{3,}(?: and)? \w+",
    re.IGNORECASE,
)
"""What people answer when asked who they are, and might also mean otherwise: "kim 4711"."""
_ASKS_WHO = re.compile(
    r"\b(?:names?|number|id|account|pass?word|e-?mail|credentials|verify|identify)\b"
    r"|名前|氏名|番号|どちら様|アカウント|パスワード",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"(?:(?:ok(?:ay)?|no|sure|yes|sir|h?mm+)[ ,.]+)*(?:nothing|none|no more)"
    r"(?:[ ,.]+(?:else|more|sir|madam|no|now|and|for now|from my side|that(?:'?s| is)? all"
    r"|quer(?:y|ies)|questions?))*"
    r"(?:[ ,.]+thank(?!s to\b)\w*(?: ?(?:you|u|so|very|much|a lot|again|for|the|your|kind|great|good|help"
    r"|support|services?|assistance|guidance|information|info|time|job|all|sir|madam))*)?"
    r"(?:[ ,.]+(?:good ?)?(?:bye|day)|[ ,.]+have an? (?:great|nice|good) (?:day|one))?[ .!]*"
    r"|(?:いいえ[、 ]*)?(?:他|ほか|これ以上)(?:に)?[はも]?(?:特に|何も)?"
    r"(?:ありません|ないです|大丈夫です|結構です)[。！]*",
    re.IGNORECASE,
)


def says_no_more(words: str) -> bool:
    """Say whether a turn only tells, as people do when asked, that this was all."""
    return len(words) <= _LONGEST and _NO_MORE.fullmatch(words) is not None


def identifies(words: str, *, asked: str) -> bool:
    """Say whether a turn only tells who somebody is. `asked`: what somebody else said just before, or ""."""
    if len(words) > _LONGEST:
        return False
    return _IDENTIFIES.fullmatch(words) is not None or (
        _ASKS_WHO.search(asked) is not None and may_identify(words)
    )


def may_identify(words: str) -> bool:
    """Say whether a turn looks like a name or a number, though nothing in it says that it is one."""
    return len(words) <= _LONGEST and _MAY_IDENTIFY.fullmatch(words) is not None
