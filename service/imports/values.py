"""What a cell means: words, ids, numbers, money, ratings, lists."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from connectors.files.records import parsed

Meaning = TypeVar("Meaning")

LONGEST_ID = 500
"""Characters of an id; a longer one is a text in the wrong column."""
MOST = 2**31 - 1
"""The highest count that is kept."""

_MISSING = frozenset(("", "-", "null", "none", "nan", "nat", "n/a", "#n/a", "\\n"))
_NO_WORDS = frozenset(("", "null", "nan", "\\n"))
"""What a program writes for no words; a person may well have answered “none” or “-”."""


def _alike(meanings: Mapping[Meaning, str]) -> dict[str, Meaning]:
    """Turn `{meaning: "word, word"}` round."""
    return {word: meaning for meaning, words in meanings.items() for word in words.split(", ")}


_CHANNELS = _alike(
    {
        "ticket": "ticket, チケット",
        "chat": "chat, messaging, live chat, messenger, line, whatsapp, チャット",
        "call": "call, phone, voice, telephone, tel, 電話, 通話",
        "interview": "interview, インタビュー",
        "review": "review, app store, google play, play store, レビュー, 口コミ",
        "survey": "survey, nps, csat, questionnaire, アンケート",
    }
)
_ROLES = _alike(
    {
        "agent": "agent, admin, staff, operator, support, teammate, employee, "
        "オペレーター, 担当者, 担当, サポート, 社員",
        "bot": "bot, system, ai, assistant, chatbot, ボット, 自動応答, システム",
        "interviewer": "interviewer, moderator, researcher, 聞き手, インタビュアー, 司会, 調査員",
    }
)
_LAYERS = _alike(
    {
        "tech": "tech, tech touch, テック, テックタッチ",
        "low": "low, low touch, ロー, ロータッチ",
        "high": "high, high touch, ハイ, ハイタッチ",
        "unknown": "unknown, 不明",
    }
)
_MOMENTS = _alike(
    {
        "zero": "zero, 0, zmot, ゼロ",
        "first": "first, 1, fmot, 第一, 第1",
        "second": "second, 2, smot, 第二, 第2",
        "third": "third, 3, tmot, 第三, 第3",
        "unknown": "unknown, 不明",
    }
)
_OF_TRUTH = re.compile(r"(?: moment)?(?: of truth)?$|の?真実の瞬間$")
_LANGUAGES = _alike({"en": "english, 英語", "ja": "japanese, 日本語"})
_SATISFACTION = _alike(
    {
        5.0: "とても満足, 大変満足, 非常に満足, very satisfied, excellent, extremely happy",
        4.0: "満足, やや満足, satisfied, somewhat satisfied, good, happy",
        3.0: "どちらでもない, どちらともいえない, 普通, ふつう, neutral, neither, ok, okay",
        2.0: "不満, やや不満, dissatisfied, somewhat dissatisfied, bad, unhappy",
        1.0: "とても不満, 大変不満, 非常に不満, very dissatisfied, terrible, poor",
    }
)
_OUT_OF = re.compile(r"(?<!\d)(\d{1,3}(?:\.\d+)?)\s*(?:/|out of|点中)\s*(\d{1,3})(?!\d)")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
_MONEY = re.compile(
    r"[-(]?\s*(?:[A-Z]{3}|[^\w\s.,()-])?\s*([-\d.,' ]*\d)\s*(万|億|千)?\s*(?:[A-Z]{3}|円|[^\w\s.,()])?\)?",
    re.I,
)
_CURRENCIES = {"¥": "JPY", "円": "JPY", "$": "USD", "€": "EUR", "£": "GBP"}
_UNITS = {"千": 1_000, "万": 10_000, "億": 100_000_000}


def is_missing(value: object) -> bool:
    """Return whether a cell says nothing: empty, NaN, or one of the words that programs write for that."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().casefold() in _MISSING


def text(value: object) -> str | None:
    """Return a cell as text without outer white space; None if it says nothing."""
    return None if is_missing(value) else _written(value)


def words(value: object) -> str | None:
    """Return what a person said: as `text`, but “none” and “-” may be an answer."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    written = _written(value)
    return None if written.casefold() in _NO_WORDS else written


def _written(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)


def identifier(value: object) -> str | None:
    """Return an id. Raises ValueError for one that is too long to be one."""
    found = text(value)
    if found is not None and len(found) > LONGEST_ID:
        raise ValueError(f"an id of {len(found):,} characters; {LONGEST_ID} are the most")
    return found


def short(value: object) -> str | None:
    """Return a name or a label, cut to a sane length."""
    found = text(value)
    return None if found is None else found[:LONGEST_ID]


def number(value: object) -> int | None:
    """Return a count; None for what is none, or more than anybody has counted."""
    found = quantity(value)
    return int(found) if found is not None and 0 <= found <= MOST and found == int(found) else None


def quantity(value: object) -> float | None:
    """Return a number; None for what is none."""
    if is_missing(value) or isinstance(value, bool):
        return None
    try:
        found = float(unicodedata.normalize("NFKC", str(value)).strip().replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def rating(value: object, *, most: int = 5) -> float | None:
    """Return a rating on the scale 1 to 5; None for what is none, or lies beyond its scale.

    Stars, “8/10”, “80 %” and words of satisfaction know their scale; of other numbers `most` is the best
    one: 5 (they stay as they are), 10 (as in NPS, from 0) or 100.
    """
    if is_missing(value):
        return None
    plain = unicodedata.normalize("NFKC", str(value)).strip().casefold()
    if plain in _SATISFACTION:
        return _SATISFACTION[plain]
    if "★" in plain or "⭐" in plain:
        return _scaled(float(plain.count("★") + plain.count("⭐")), 5)
    if (share := _PERCENT.fullmatch(plain)) is not None:
        return _scaled(float(share[1]), 100)
    if (out_of := _OUT_OF.search(plain)) is not None and int(out_of[2]) > 0:
        return _scaled(float(out_of[1]), int(out_of[2]))
    found = quantity(value)
    return None if found is None else _scaled(found, most)


def _scaled(points: float, most: int) -> float | None:
    if not 0 <= points <= most:
        return None
    return points if most == 5 else round(1 + 4 * points / most, 2)


def money(value: object) -> tuple[Decimal | None, str | None]:
    """Return an amount and the currency that its sign tells. Raises ValueError for what is no amount."""
    if is_missing(value):
        return None, None
    plain = unicodedata.normalize("NFKC", str(value)).strip()
    match = _MONEY.fullmatch(plain)
    if match is None:
        raise ValueError(f"“{plain[:40]}” is no amount of money")
    try:
        amount = Decimal(_decimal(match[1].replace(" ", "").replace("'", ""))) * _UNITS.get(match[2], 1)
    except InvalidOperation as error:
        raise ValueError(f"“{plain[:40]}” is no amount of money") from error
    negative = plain.startswith(("(", "-")) and amount > 0
    named = re.search(r"[A-Z]{3}", plain.upper())
    currency = (
        named[0] if named else next((code for sign, code in _CURRENCIES.items() if sign in plain), None)
    )
    return -amount if negative else amount, currency


def _decimal(digits: str) -> str:
    """Return digits with a decimal point and no marks of thousands: 1.234,50 and 1,234.50 are the same."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark, rest = digits[last], digits[last + 1 :]
    both = "." in digits and "," in digits
    is_thousands = not both and (digits.count(mark) > 1 or (mark == "," and len(rest) == 3))
    whole = digits if is_thousands else digits[:last]
    whole = whole.replace(".", "").replace(",", "")
    return whole if is_thousands else f"{whole}.{rest}"


def tags(value: object) -> list[str]:
    """Return the labels in a cell: a list, JSON, or words divided by commas or semicolons."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = parsed(value)
        except ValueError:
            value = str(value).strip().strip("[]")
    parts: Sequence[object]
    if isinstance(value, list):
        parts = [part.get("name") if isinstance(part, dict) else part for part in value]
    else:
        parts = re.split(r"[,;、；]", text(value) or "")
    found = (short(part) for part in parts)
    return list(dict.fromkeys(tag for tag in found if tag))


def channel(value: object) -> str | None:
    """Return Koe's name for a channel; None for other systems' (e-mail, web), which tell nothing here."""
    found = text(value)
    return None if found is None else _CHANNELS.get(unicodedata.normalize("NFKC", found).casefold())


def layer(value: object) -> str | None:
    """Return the layer at which a voice was heard. Raises ValueError for what is none."""
    found = text(value)
    return None if found is None else _one_of("layer", _LAYERS, found, found)


def moment(value: object) -> str | None:
    """Return the moment of truth in which a voice was heard. Raises ValueError for what is none."""
    found = text(value)
    return None if found is None else _one_of("moment", _MOMENTS, found, _OF_TRUTH.sub("", found.casefold()))


def _one_of(name: str, words: Mapping[str, str], written: str, told: str) -> str:
    plain = re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", told).casefold()).strip()
    if plain not in words:
        raise ValueError(f"{name}: “{written[:40]}” is none of {', '.join(dict.fromkeys(words.values()))}")
    return words[plain]


def role(value: object) -> str:
    """Return who speaks; a customer, unless it is said to be somebody else."""
    found = text(value)
    return (
        "customer"
        if found is None
        else _ROLES.get(unicodedata.normalize("NFKC", found).casefold(), "customer")
    )


def language(value: object) -> str | None:
    """Return the ISO 639-1 code of a language or locale (`en-US`); None for what is none."""
    found = (text(value) or "").casefold()
    if found in _LANGUAGES:
        return _LANGUAGES[found]
    code = re.split(r"[-_]", found)[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def link(value: object) -> str | None:
    """Return a web address; None for anything else, which no page may link to."""
    found = text(value)
    return found if found is not None and re.match(r"https?://\S+$", found) and len(found) <= 2_000 else None
