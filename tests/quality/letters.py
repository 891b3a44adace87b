"""Whole letters of customers in English and Japanese, with values to find and values to leave.

The other generator, in `test_redaction.py`, builds short sentences from pairs of a cue and a value. This one
starts from letters and fills their blanks, in the forms that people of many countries write, wrapped, glued
to the words around them, in full width. Nothing in them belongs to anybody.
"""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.quality.letter_texts import LETTERS, STREETS_ABROAD, STREETS_EN, TRAPS, TRAPS_JA
from tests.quality.marked import Marked

WIDE = str.maketrans(
    "0123456789-()ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "０１２３４５６７８９－（）ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ",
)


def letters(lang: str, seed: int, count: int = 1_000) -> Iterator[Marked]:
    """Yield `count` letters of one language; every second has no space around its values."""
    dice = random.Random(f"letters {lang} {seed}")
    for number in range(count):
        yield _filled(dice.choice(LETTERS[lang]), lang, dice, glued=number % 2 == 1)


def _filled(template: str, lang: str, dice: random.Random, *, glued: bool) -> Marked:
    letter = Marked()
    wide = lang == "ja" and dice.random() < 0.4
    for piece in template.replace("{", "\0{").replace("}", "}\0").split("\0"):
        if not piece.startswith("{"):
            letter.add(piece if lang == "ja" and not glued else piece.replace("~", ""))
            continue
        name = piece[1:-1]
        if name.startswith("trap"):
            kind = name.removeprefix("trap_") if "_" in name else ""
            letter.decoys.append((*letter.add(_trap(kind, lang, dice)), kind))
            continue
        value = VALUES[name](dice, lang)
        if wide and name not in ("email", "url_secret", "secret", "iban"):
            value = value.translate(WIDE)
        letter.values.append((*letter.add(value), name))
    return _spaced(letter, glued=glued)


def _spaced(letter: Marked, *, glued: bool) -> Marked:
    """Turn every `~` that is left into a space: the places where a Japanese writer may put one."""
    assert not (glued and "~" in letter.text)
    letter.text = letter.text.replace("~", " ")
    return letter


def _trap(kind: str, lang: str, dice: random.Random) -> str:
    form = dice.choice((TRAPS_JA if lang == "ja" and kind in TRAPS_JA else TRAPS)[kind])
    return _numbered(form, dice)


def _numbered(form: str, dice: random.Random) -> str:
    """Fill a form: `•` is a digit, `◦` one but zero, `ℎ` a hexadecimal one, Ⓐ a letter, ⓎⓂⒹ a date."""
    marks: dict[str, Callable[[], str]] = {
        "•": lambda: dice.choice("0123456789"),
        "◦": lambda: dice.choice("123456789"),
        "ℎ": lambda: dice.choice("0123456789abcdef"),
        "Ⓐ": lambda: dice.choice("ABCDEFGHJKLMNPRSTUVWXYZ"),
        "Ⓨ": lambda: str(dice.randint(1995, 2027)),
        "Ⓜ": lambda: f"{dice.randint(1, 12):02}",
        "Ⓓ": lambda: f"{dice.randint(1, 28):02}",
    }
    return "".join(marks[char]() if char in marks else char for char in form)


PHONES_EN = (
    *("(415) 555-01••", "415-555-01••", "415.555.01••", "+1 415 555 01••", "+141555501••", "1-415-555-01••"),
    *("415 555 01••", "(415)555-01••", "+1 (415) 555-01••", "415-555-01•• ext. ••", "(415) 555-01•• x•••"),
    *(
        "020 7946 0•••",
        "+44 20 7946 0•••",
        "07700 900•••",
        "+44 (0)7700 900•••",
        "0161 496 0•••",
        "07700900•••",
    ),
    *("+49 30 9018209", "030/9018209", "0171 123••••", "0049 30 9018209", "+49 (0) 171 / 123 •• ••"),
    *("01 42 68 •• ••", "+33 1 42 68 •• ••", "06.12.34.••.••", "+3361234••••", "0033 6 12 34 •• ••"),
    *("+34 612 349 •••", "612 349 •••", "+39 347 129 ••••", "06 6982 ••••", "+31 6 1234••••", "06-1234••••"),
    *(
        "0412 349 •••",
        "(02) 9876 ••••",
        "+61 412 349 •••",
        "+64 21 349 •••",
        "+91 98765 4••••",
        "98765 4••••",
    ),
    *("+86 138 0013 ••••", "+82 10-1234-••••", "010-1234-••••", "+65 6123 ••••", "+852 2123 ••••"),
    *("(11) 98765-••••", "+55 11 98765-••••", "044 668 •• ••", "+41 44 668 •• ••", "070-123 •• ••"),
    *(
        "+46 70 123 •• ••",
        "+48 512 349 •••",
        "+353 1 234 ••••",
        "+1-800-555-••••",
        "1 800 555 ••••",
        "+81 90 1234 ••••",
    ),
)
PHONES_JA = (
    *("090-1234-••••", "0801234••••", "070 1234 ••••", "090.1234.••••", "03-3123-••••", "03(3123)••••"),
    *("(03)3123-••••", "033123••••", "06-6123-••••", "045-123-••••", "0466-12-••••", "04-7123-••••"),
    *("0120-123-•••", "0120123•••", "0800-123-••••", "050-1234-••••", "+81-90-1234-••••", "+81 3-3123-••••"),
    *(
        "+81901234••••",
        "090ー1234ー••••",
        "090‐1234‐••••",
        "090−1234−••••",
        "03-3123-••••(内線••)",
        "080-1234\n-••••",
    ),
    *("0268-12-••••", "011-123-••••", "092 123 ••••", "080 - 1234 - ••••"),
)


def phone(dice: random.Random, lang: str) -> str:
    return _numbered(dice.choice(PHONES_JA if lang == "ja" else PHONES_EN), dice)


def email(dice: random.Random, _: str) -> str:
    user = dice.choice(
        ("taro.yamada", "m_suzuki", "k-ito", "jane.doe+shop", "info", "j.o'neil", "x", "ANNA.B", "user%dept")
    )
    host = dice.choice(
        (
            "example.co.jp",
            "mail.example.com",
            "example.museum",
            "EXAMPLE.ORG",
            "a-b.example.ne.jp",
            "t.example.io",
        )
    )
    return f"{user}{dice.randint(0, 99) if dice.random() < 0.4 else ''}@{host}"


CARD_CUTS = {14: (0, 4, 10, 14), 15: (0, 4, 10, 15), 16: (0, 4, 8, 12, 16)}


def card(dice: random.Random, _: str) -> str:
    brands = (
        ("4", 16),
        ("51", 16),
        ("2221", 16),
        ("34", 15),
        ("37", 15),
        ("3530", 16),
        ("6011", 16),
        ("36", 14),
    )
    prefix, length = dice.choice((*brands, ("4", 16), ("55", 16)))
    body = prefix + _digits(dice, length - len(prefix) - 1)
    total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    number = body + str(-total % 10)
    parts = [number[start:end] for start, end in pairwise(CARD_CUTS[length])]
    return dice.choice(("", "", " ", " ", "-", "-", ".", "  ", " - ", "\n")).join(parts)


IBANS = (
    ("DE", "•" * 18),
    ("GB", "NWBK" + "•" * 14),
    ("FR", "•" * 23),
    ("NL", "ABNA" + "•" * 10),
    ("ES", "•" * 20),
    ("IT", "X" + "•" * 22),
    ("CH", "•" * 17),
    ("BE", "•" * 12),
    ("PL", "•" * 24),
    ("NO", "•" * 11),
)


def iban(dice: random.Random, _: str) -> str:
    country, form = dice.choice(IBANS)
    body = _numbered(form, dice)
    check = 98 - int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    number = f"{country}{check:02}{body}"
    fours = [number[index : index + 4] for index in range(0, len(number), 4)]
    written = dice.choice((number, " ".join(fours), " ".join(fours), "-".join(fours), "\u00a0".join(fours)))
    return written.lower() if dice.random() < 0.1 else written


def my_number(dice: random.Random, _: str) -> str:
    body = _digits(dice, 11)
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    number = body + str(0 if rest <= 1 else 11 - rest)
    return dice.choice(("", " ", "-", "  ", "\n")).join((number[:4], number[4:8], number[8:]))


POSTAL_EN = (
    "◦••••",
    "◦••••",
    "◦••••-••••",
    "SW1A 1AA",
    "M◦ ◦AE",
    "EC1A 1BB",
    "ls◦ ◦qd",
    "K1A 0B1",
    "H2X 1Y4",
    "D-◦••••",
    "◦••••",
    "75◦••",
    "◦◦•• AB",
    "00-◦••",
    "SE-112 ◦•",
    "◦◦••-•••",
    "3◦••",
    "01◦••",
    "560 ◦••",
    "SW1A1AA",
    "V6B4N•",
)
POSTAL_JA = (
    "〒◦••-••••",
    "◦••-••••",
    "◦••••••",
    "〒◦••••••",
    "〒 ◦••-••••",
    "◦••ー••••",
    "◦••−••••",
    "◦•• - ••••",
)


def postal_code(dice: random.Random, lang: str) -> str:
    return _numbered(dice.choice(POSTAL_JA if lang == "ja" else POSTAL_EN), dice)


def address(dice: random.Random, lang: str) -> str:
    return (
        _address_ja(dice)
        if lang == "ja"
        else _numbered(dice.choice(dice.choice((STREETS_EN, STREETS_ABROAD))), dice)
    )


TOWNS_JA = (
    "東京都港区芝公園",
    "東京都世田谷区成城",
    "京都市左京区下鴨泉川町",
    "大阪府堺市堺区南瓦町",
    "札幌市北区北七条西",
    "横浜市中区山下町",
    "神奈川県川崎市幸区大宮町",
    "福岡市中央区天神",
    "千葉県松戸市小金原",
    "新潟県南魚沼郡湯沢町大字湯沢",
    "豊島区池袋本町",
    "長野県北佐久郡軽井沢町大字長倉",
    "名古屋市千種区今池",
    "鹿児島県鹿児島市山下町",
    "兵庫県西宮市甲子園口",
    "埼玉県さいたま市浦和区高砂",
    "つくば市吾妻",
    "調布市小島町",
    "愛知県豊田市トヨタ町",
    "石川県金沢市広坂",
    "沖縄県島尻郡八重瀬町字東風平",
    "奈良県吉野郡十津川村小原",
    "武蔵野市吉祥寺本町",
    "北海道函館市五稜郭町",
    "杉並区阿佐谷南",
)
NUMBERS_JA = (
    "◦丁目◦番◦号",
    "◦丁目◦•-◦",
    "◦-◦•-◦",
    "◦-◦",
    "◦•番地",
    "◦•番地◦",
    "◦丁目◦番地の◦",
    "◦•-◦",
    "◦-◦-◦•-◦••",
    "八丁目Ⓚ番Ⓚ号",
    "Ⓚ丁目◦-◦",
    "◦番◦号",
    "◦••",
    "◦◦••番地◦•",
    "◦の◦•の◦",
    "◦丁目◦－◦",
    "Ⓚ番地",
)
BUILDINGS_JA = (
    "",
    "",
    "",
    "",
    " メゾン青葉◦••号室",
    "グランドハイツ◦F",
    " サンシャイン◦•ビル◦階",
    "コーポ田中◦••",
    " パークタワー◦◦••",
    "\n第◦山田ビル◦F",
    "青葉荘◦号室",
    " エステート高橋A棟◦••",
    " プラウド杉並◦••号",
    "都営住宅◦号棟◦••",
)


def _address_ja(dice: random.Random) -> str:
    number = dice.choice(NUMBERS_JA)
    number = "".join(
        dice.choice("一二三四五六七八九") if char == "Ⓚ" else char for char in number.replace("八丁", "Ⓚ丁")
    )
    gap = dice.choice(("", "", "", " ", "\n")) if number != "◦••" else ""
    return dice.choice(TOWNS_JA) + gap + _numbered(number + dice.choice(BUILDINGS_JA), dice)


def ip(dice: random.Random, _: str) -> str:
    if dice.random() < 0.6:
        return ".".join(str(dice.randint(1, 254)) for _ in range(4))
    groups = [f"{dice.randint(0, 65535):x}" for _ in range(6)]
    return dice.choice(
        ("2001:db8:" + ":".join(groups), f"fe80::{groups[0]}:{groups[1]}", f"2001:DB8::{groups[2].upper()}:1")
    )


SECRETS = (
    "sk-proj-" + "Ⓐ•ℎ" * 8,
    "ghp_" + "Ⓐℎ•" * 12,
    "AKIA" + "Ⓐ•" * 8,
    "eyJhbGciOiJIUzI1NiJ9.eyJ" + "Ⓐℎ•" * 6 + "." + "Ⓐℎ•" * 9,
    "xoxb-••••••••••••-" + "Ⓐℎ•" * 6,
    "ℎ" * 32,
    "ℎ" * 40,
    "Ⓐ•ℎ" * 9,
)


def secret(dice: random.Random, _: str) -> str:
    return _numbered(dice.choice(SECRETS), dice)


def url_secret(dice: random.Random, _: str) -> str:
    return _numbered(
        dice.choice(("Ⓐℎ•" * 7, "ℎ" * 32, "eyJhbGciOiJIUzI1NiJ9.eyJ" + "Ⓐℎ•" * 5 + ".Ⓐℎ•Ⓐℎ•")), dice
    )


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(count))


VALUES = {
    "email": email,
    "phone": phone,
    "card": card,
    "iban": iban,
    "my_number": my_number,
    "postal_code": postal_code,
    "address": address,
    "ip": ip,
    "secret": secret,
    "url_secret": url_secret,
}
