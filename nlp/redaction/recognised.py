"""Names that a recogniser sees, where one for the text's language is installed."""

import re
from collections.abc import Iterator, Mapping

from nlp.language import detect
from nlp.ports import Recognizer
from nlp.redaction.codes import Stretch
from nlp.redaction.no_names import is_word_of_letters

_TAKEN = re.compile("[\ue000-\ue0ff]")
_BESIDE = re.compile(r"^[\s\W]+|(?: ?(?:様|さん|さま|氏|殿|先生|くん|君|ちゃん)|['’]s|[\s\W])+$")
"""What belongs to no name though models take it for a part of one."""
_NAME = re.compile(r"[^\W\d_].*[^\W\d_]", re.DOTALL)


def recognised_names(text: str, recognizers: Mapping[str, Recognizer]) -> Iterator[Stretch]:
    """Find what the recogniser of the text's language takes for people; what was found before stays out."""
    recognizer = recognizers.get(detect(text) or "") if recognizers else None
    if recognizer is None:
        return
    for start, end in recognizer.people(_TAKEN.sub(" ", text)):
        words = text[start:end]
        inner = _BESIDE.sub("", words)
        if _NAME.fullmatch(inner) and not _TAKEN.search(inner) and not is_word_of_letters(inner):
            first = start + words.index(inner)
            yield first, first + len(inner)
