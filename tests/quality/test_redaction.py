"""How much the redactor finds, and how much it takes that it should not.

Tickets and letters, 1,000 of each in English and in Japanese, made from a printed seed: half of the values
without a space around them, a third of the Japanese ones in full width. Nothing in them belongs to anybody.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from nlp.redact import redact
from tests.quality.letters import letters
from tests.quality.marked import Marked

TICKETS = 1_000
WANTED = {
    "email": 0.99,
    "phone": 0.99,
    "card": 0.99,
    "iban": 0.99,
    "my_number": 0.99,
    "postal_code": 0.98,
    "address": 0.90,
}
MOST_FALSE = 0.01
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")

USERS = ("taro.yamada", "s_tanaka", "jane.doe+news", "info", "k-sato77", "a.b.c")
HOSTS = ("example.co.jp", "mail.example.com", "example.org", "sub.example.ac.jp", "example.io")
FIRST_JA = (
    "渋谷区神南",
    "千代田区丸の内",
    "港区六本木",
    "新宿区西新宿",
    "世田谷区三軒茶屋",
    "杉並区高円寺北",
)
PLACES_JA = (
    *(f"東京都{place}" for place in FIRST_JA),
    "大阪府大阪市北区梅田",
    "京都府京都市中京区寺町通御池上る上本能寺前町",
    "北海道札幌市中央区大通西",
    "福岡県福岡市博多区博多駅前",
    "神奈川県横浜市西区みなとみらい",
    "愛知県名古屋市中村区名駅",
    "沖縄県那覇市おもろまち",
    "広島県安芸郡府中町本町",
    "仙台市青葉区一番町",
    "さいたま市大宮区桜木町",
    "千葉県浦安市舞浜",
    "埼玉県川越市新富町",
)
STREETS = ("Maple", "Old Mill", "Washington", "N. Oak", "2nd", "Lincoln Park", "St. James", "Sunset")
STREET_KINDS = ("Street", "St.", "Avenue", "Ave", "Road", "Blvd", "Lane", "Drive", "Court", "Way")
CITIES = ("Springfield, IL", "Portland, OR", "San Jose, CA", "New York, NY", "Austin, TX")

INTRODUCTIONS = {
    ("en", "email"): ("My email is", "please write to", "Email:", "contact me at", "account"),
    ("en", "phone"): ("Call me at", "Phone:", "my mobile number is", "reach me on", "tel."),
    ("en", "card"): ("card number", "I paid with", "Visa", "the charge on my credit card", "Card:"),
    ("en", "iban"): ("IBAN", "refund to", "my bank account is", "account:"),
    ("en", "my_number"): ("My Number", "my individual number is", "Individual Number:"),
    ("en", "postal_code"): ("ZIP code", "zip:", "postal code", "postcode"),
    ("en", "address"): ("ship it to", "I live at", "Address:", "we moved to"),
    ("ja", "email"): ("メールは", "アドレスは", "連絡先：", "返信は", "登録しているのは"),
    ("ja", "phone"): ("電話番号は", "TEL：", "携帯は", "お電話は", "連絡先は"),
    ("ja", "card"): ("カード番号は", "クレジットカード", "カード：", "支払いは"),
    ("ja", "iban"): ("IBANは", "口座は", "返金先："),
    ("ja", "my_number"): ("マイナンバーは", "個人番号：", "マイナンバー"),
    ("ja", "postal_code"): ("〒", "郵便番号は", "郵便番号：", "住所は"),
    ("ja", "address"): ("住所は", "送り先は", "届け先：", "引っ越し先は"),
}
ENDINGS = {
    "en": (".", ", thanks.", " please", ", as I said", "\n"),
    "ja": ("です。", "まで。", "になります", "、よろしくお願いします。", "\n", "に送ってください。"),
}
FILLERS = {
    "en": (
        "The export fails every time.",
        "I cannot log in since the update.",
        "Invoices show the wrong total.",
    ),
    "ja": ("エクスポートが失敗します。", "更新してからログインできません。", "請求書の金額が違います。"),
}


def tickets(lang: str, seed: int) -> Iterator[Marked]:
    """Yield the tickets of one language."""
    dice = random.Random(f"{lang} {seed}")
    for number in range(TICKETS):
        ticket = Marked()
        space = number % 2 == 0
        ticket.add(dice.choice(FILLERS[lang]) + dice.choice((" ", "\n", "")))
        for kind in dice.sample([kind for language, kind in INTRODUCTIONS if language == lang], 2):
            add_value(ticket, lang, kind, dice, space=space)
            ticket.add(" " if lang == "en" else "")
            words, decoy, name = decoys(lang, dice)
            ticket.add(words)
            ticket.decoys.append((*ticket.add(decoy), name))
            ticket.add(dice.choice((". ", "。", "\n", " ")))
        yield ticket


def add_value(ticket: Marked, lang: str, kind: str, dice: random.Random, *, space: bool) -> None:
    value = VALUES[kind](dice, lang)
    if lang == "ja" and kind != "email" and dice.random() < 0.33:
        value = value.translate(WIDE)
    introduction = dice.choice(INTRODUCTIONS[lang, kind])
    gap = " " if space else (":" if lang == "en" and not introduction.endswith((":", ".")) else "")
    ticket.add(introduction + gap)
    ticket.values.append((*ticket.add(value), kind))
    ending = dice.choice(ENDINGS[lang])
    ticket.add((" " if space and lang == "ja" else "") + ending)


def digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(count))


def email(dice: random.Random, _: str) -> str:
    return f"{dice.choice(USERS)}{dice.choice(('', digits(dice, 2)))}@{dice.choice(HOSTS)}"


def phone(dice: random.Random, lang: str) -> str:
    if lang == "en":
        area, middle, last = (
            dice.choice(("415", "212", "312", "650")),
            f"{dice.randint(200, 999)}",
            digits(dice, 4),
        )
        forms = ("({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}.{}.{}", "1-{}-{}-{}")
        return dice.choice(forms).format(area, middle, last)
    mobile = (dice.choice(("090", "080", "070")), str(dice.randint(1000, 9999)), digits(dice, 4))
    area_codes = (
        ("03", f"3{digits(dice, 3)}"),
        ("06", f"6{digits(dice, 3)}"),
        ("045", "681"),
        ("0120", "444"),
    )
    fixed = dice.choice(area_codes)
    fixed_line = (*fixed, digits(dice, 10 - len("".join(fixed))))
    shapes = ("{}-{}-{}", "{} {} {}", "{}{}{}", "{}({}){}")
    if dice.random() < 0.1:
        return "+81-{}-{}-{}".format(mobile[0][1:], *mobile[1:])
    return dice.choice(shapes).format(*dice.choice((mobile, fixed_line)))


def card(dice: random.Random, _: str) -> str:
    prefix, length = dice.choice((("4", 16), ("53", 16), ("37", 15), ("3569", 16), ("6011", 16)))
    body = prefix + digits(dice, length - len(prefix) - 1)
    total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    number = body + str(-total % 10)
    cuts = (0, 4, 10, 15) if length == 15 else (0, 4, 8, 12, 16)
    parts = [number[start:end] for start, end in pairwise(cuts)]
    return dice.choice(("", " ", "-")).join(parts)


def iban(dice: random.Random, _: str) -> str:
    choices = (("DE", digits(dice, 18)), ("GB", "NWBK" + digits(dice, 14)), ("ES", digits(dice, 20)))
    country, body = dice.choice(choices)
    check = 98 - int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    number = f"{country}{check:02}{body}"
    return number if dice.random() < 0.5 else " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def my_number(dice: random.Random, _: str) -> str:
    body = digits(dice, 11)
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    number = body + str(0 if rest <= 1 else 11 - rest)
    return dice.choice(("", " ", "-")).join((number[:4], number[4:8], number[8:]))


def postal_code(dice: random.Random, lang: str) -> str:
    if lang == "en":
        return dice.choice(
            (f"{dice.randint(10000, 99999)}", f"{dice.randint(10000, 99999)}-{digits(dice, 4)}")
        )
    return f"{dice.randint(100, 999)}-{digits(dice, 4)}"


def address(dice: random.Random, lang: str) -> str:
    a, b, c = dice.randint(1, 9), dice.randint(1, 30), dice.randint(1, 30)
    if lang == "en":
        unit = dice.choice(("", "", f", Apt {b}", f" Suite {a}0{b}"))
        street = f"{dice.choice(STREETS)} {dice.choice(STREET_KINDS)}"
        return f"{a}{b} {street}{unit}, {dice.choice(CITIES)}"
    number = dice.choice(
        (f"{a}-{b}-{c}", f"{a}丁目{b}番{c}号", f"{a}丁目{b}-{c}", f"{a}-{b}", "二丁目三番四号")
    )
    building = dice.choice(("", "", "", f"サンハイツ{a}0{b % 9}号室", f" 第一ビル{a}F"))
    return dice.choice(PLACES_JA) + number + building


VALUES = {
    "email": email,
    "phone": phone,
    "card": card,
    "iban": iban,
    "my_number": my_number,
    "postal_code": postal_code,
    "address": address,
}


DECOY_WORDS = {
    ("en", "order"): ("order", "Order number:", "invoice"),
    ("en", "version"): ("version", "after updating to version"),
    ("en", "date"): ("since", "on"),
    ("en", "error"): ("error", "Error code"),
    ("ja", "order"): ("注文番号は", "注文番号：", "受付番号"),
    ("ja", "version"): ("バージョン", "version "),
    ("ja", "date"): ("発生日は", "日時："),
    ("ja", "error"): ("エラーコード", "エラー"),
}


def decoys(lang: str, dice: random.Random) -> tuple[str, str, str]:
    """Return words, and an order id, a version, a date or an error code that they announce."""
    year, month, day = dice.randint(2019, 2026), dice.randint(1, 12), dice.randint(1, 28)
    values = {
        "order": (
            f"ORD-{year}-{digits(dice, 4)}-{digits(dice, 4)}",
            *(digits(dice, length) for length in (10, 12, 16)),
            f"{digits(dice, 3)}-{digits(dice, 7)}-{digits(dice, 7)}",
            f"#{digits(dice, 7)}",
            f"A{digits(dice, 8)}",
        ),
        "version": ("102.6.1", "10.0.19045.3570", "v2.14.0", "115.3.1", f"10.{month}.{day}.1"),
        "date": (
            f"{year}-{month:02}-{day:02}",
            f"{year}/{month}/{day} 10:20",
            f"{year}年{month}月{day}日",
            f"{month}/{day}/{year}",
        ),
        "error": (
            "0x80004005",
            f"E-{digits(dice, 4)}",
            f"ERR_{digits(dice, 5)}",
            f"{dice.randint(400, 599)}",
            f"5.7.{digits(dice, 2)}",
        ),
    }
    name = dice.choice(tuple(values))
    gap = " " if lang == "en" else ""
    return dice.choice(DECOY_WORDS[lang, name]) + gap, dice.choice(values[name]), name


@dataclass
class Score:
    """What was there, what was found, and what was taken by mistake."""

    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    decoys: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)


def score(made: Iterable[Marked]) -> Score:
    result = Score()
    for ticket in made:
        findings = redact(ticket.text).found
        covered = {
            (place, finding.type) for finding in findings for place in range(finding.start, finding.end)
        }
        places = {place for place, _ in covered}
        for start, end, kind in ticket.values:
            result.there[kind] += 1
            whole = all(place in places for place in range(start, end) if not ticket.text[place].isspace())
            result.found[kind] += whole and (start, kind) in covered
        for start, end, kind in ticket.decoys:
            result.decoys[kind] += 1
            result.taken[kind] += any(place in places for place in range(start, end))
    return result


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("made", [tickets, letters], ids=["tickets", "letters"])
def test_what_is_there_is_found_and_what_only_looks_like_it_is_left(
    made: Callable[[str, int], Iterable[Marked]], lang: str, seed: int
) -> None:
    result = score(made(lang, seed))
    recall = {kind: result.found[kind] / result.there[kind] for kind in WANTED}
    false = {kind: result.taken[kind] / count for kind, count in result.decoys.items()}
    assert all(recall[kind] >= wanted for kind, wanted in WANTED.items()), (lang, seed, recall)
    assert sum(result.taken.values()) / sum(result.decoys.values()) <= MOST_FALSE, (lang, seed, false)
