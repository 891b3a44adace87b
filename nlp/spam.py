"""Spam and gibberish, told only where it is plain to see: a real customer is never set aside for style."""

import re

_LINK = re.compile(r"https?://\S+|www\.\S+|\[email\]|\[phone\]")
_WORD = re.compile(r"[^\W\d_]+")
_SOLD = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bcasinos?\b|\bslots?\b|\bbetting\b|\bgambling\b|\bpoker\b|オンラインカジノ|カジノ",
        r"\bviagra\b|\bcialis\b|\bpills?\b|\bcbd\b|\bescorts?\b|\bporn\b|出会い系|アダルト",
        r"\bbacklinks?\b|\bseo (?:services?|expert|agency|company)\b|\bguest posts?\b"
        r"|\brank(?:ing)? (?:on|in) google\b|被リンク",
        r"\b(?:bitcoin|crypto(?:currency)?|forex) (?:investments?|trading|recovery|profits?)\b"
        r"|仮想通貨で|副業で|情報商材",
        r"\b(?:personal|business|payday) loans?\b|\bloan offer\b|即日融資",
        r"\brecover (?:your|my) (?:lost|stolen) (?:funds|bitcoin|crypto|money)\b|\bhire a hacker\b",
        r"\bbuy (?:followers|likes|instagram|twitter)\b|フォロワー購入",
        r"\bearn \$?\d+|\bmake money (?:online|fast)\b|\bwork from home\b|簡単に稼げ",
        r"\bcustomer (?:care|support|service) (?:phone )?number\b.{0,60}\bcall\b|\btoll[ -]?free\b",
    )
)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{7,}", re.IGNORECASE)


def is_spam(text: str) -> bool:
    """Say whether a text sells something that has nothing to do with anybody's product, or is keys "
    "struck."""
    sold = sum(pattern.search(text) is not None for pattern in _SOLD)
    links = len(_LINK.findall(text))
    words = _WORD.findall(_LINK.sub(" ", text))
    if sold >= 3 or (sold >= 2 and links) or (sold and links >= 4 and len(words) < 5 * links):
        return True
    return _is_gibberish(words)


def _is_gibberish(words: list[str]) -> bool:
    """Tell `asdfghjkl` and `aaaaaaaa` from short answers."""
    letters = "".join(words).lower()
    if len(words) > 3 or len(letters) < 8:
        return False
    return len(set(letters)) <= 2 or (letters.isascii() and _CONSONANTS.search(letters) is not None)
