"""Postal codes and street addresses."""

import re
from collections.abc import Iterator

from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before

_PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都"
    "|神奈川県|新潟県|富山県"
    "|石川県|福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県"
    "|和歌山県|鳥取県|島根県"
    "|岡山県|広島県|山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県"
    "|鹿児島県|沖縄県"
)
_NAME = "[一-鿿々ヶケノァ-ヶーぁ-ん]"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV"
    "|NY|OH|OK"
    "|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|DC|AA|AE|AP"
)

_MARKED_POSTAL_CODE = re.compile(r"〒 ?[0-9]{3}-?[0-9]{4}(?![0-9])")
_JAPANESE_POSTAL_CODE = re.compile(r"(?<![0-9\-A-Za-z])[0-9]{3}-[0-9]{4}(?!-?[0-9])")
_BARE_SEVEN = re.compile(r"(?<![0-9\-])[0-9]{7}(?!-?[0-9])")
_ADDRESS_FOLLOWS = re.compile(rf"[ 、,\n]{{0,3}}(?:住所[:は ]*)?(?:{_PREFECTURES}|{_NAME}{{1,6}}[市区郡])")
_STATE_AND_ZIP = re.compile(rf"(?<![A-Za-z])(?:{_STATES}),? ([0-9]{{5}}(?:-[0-9]{{4}})?)(?![0-9\-])")
_ANNOUNCED_ZIP = re.compile(r"(?<![0-9A-Za-z])[0-9]{3,5}(?:[\- ][0-9]{2,4})?(?![0-9A-Za-z\-])")
_BRITISH = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])")
_CANADIAN = re.compile(r"(?<![A-Za-z0-9])[ABCEGHJ-NPRSTVXY][0-9][A-Z] [0-9][A-Z][0-9](?![A-Za-z0-9])")

_COUNT = "(?:[0-9]{1,5}|[〇一二三四五六七八九十百]{1,4})"
_BLOCK = re.compile(
    r"(?<![0-9\-])(?:"
    rf"(?:{_COUNT}(?:丁目|番地)|[0-9]{{1,5}}番)(?!町)[の\- ]?(?:{_COUNT}(?:番地|番|号|の|-)? ?){{0,3}}"
    r"|[0-9]{1,5}(?:[\-の][0-9]{1,5}){1,3}(?:番地|号)?"
    r")(?:号室?)?(?![0-9])"
)
_BUILDING = re.compile(
    r" ?(?:[一-鿿々ァ-ヶーA-Za-zぁ-ん]{0,15}"
    r"(?:ビル(?:ディング)?|マンション|ハイツ|コーポ|アパート|荘|タワー|レジデンス|ハウス|メゾン|プラザ"
    r"|コート|パレス|ハイム))"
    r"(?:[A-Z]?棟)? ?(?:[0-9]{1,4}(?:号室|号|F|階|-[0-9]{1,3})?)?|[ \-][0-9]{1,4}号室"
)
_COUNTED = re.compile(
    r" ?(?:日|時|分|秒|人|名|泊|回|か|カ|ヶ|ケ月|箇|円|年|月|週|%|台|個|本|件|つ|歳|才|度|km|m|倍|点|割"
    r"|万|千|階建|種)"
)
_PLACE = re.compile(
    rf"(?:(?:{_PREFECTURES}) ?(?:{_NAME}{{1,8}}?[市区郡町村島] ?)?|{_NAME}{{1,6}}?[市区郡] ?)"
    rf"(?:(?![のはがをにでともへや]){_NAME}{{1,25}})? ?(?:[北南東西]?[0-9]{{1,2}}条[東西南北]?)?$"
)
_SENTENCE = re.compile(r"[をでへ]|して|した|から|まで|だけ|など|ます")
"""What stands in no name of a place: the words before the number go on about something else."""
_TOWN = re.compile(r"[一-鿿々ヶケノァ-ヶー]{1,10}$")
_HYPHENATED = re.compile(r"[0-9]{1,5}-[0-9]{1,5}-[0-9]{1,5}")
_LOOKED_BACK = 48
_CITY_START = re.compile(r"[のはがをにでともへや、。]|から|まで")

_STREET_KINDS = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq"
    "|Terrace|Parkway|Pkwy"
    "|Highway|Hwy|Close|Crescent|Circle|Trail|Plaza|Alley|Walk|Row"
)
_WORD = r"(?:[A-Z][A-Za-zÀ-ÿ'’.\-]{0,20}|[0-9]{1,3}(?:st|nd|rd|th))"
_REST = (
    r"(?:,?[ \n]{1,2}(?:Apt|Apartment|Suite|Ste|Unit|Floor|Room|#)\.? ?[A-Za-z0-9\-]{1,6})?"
    rf"(?:,?[ \n]{{1,2}}{_WORD}(?: {_WORD}){{0,2}}, ?(?:{_STATES})(?![A-Za-z]))?"
)
_WESTERN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![0-9A-Za-z.])[0-9]{{1,6}}[A-Za-z]?,? (?:{_WORD} ){{1,4}}(?:{_STREET_KINDS})"
        rf"(?![A-Za-z])\.?{_REST}",
        r"(?<![A-Za-z])P\.? ?O\.? ?Box [0-9]{1,6}",
        r"(?<![A-Za-zÀ-ÿ])[A-ZÄÖÜ][a-zäöüß]{2,25}(?:straße|strasse|str\.|weg|platz|allee|gasse|straat"
        r"|laan) [0-9]{1,4}[a-z]?",
        r"(?<![0-9])[0-9]{1,4}(?: ?bis)?,? (?:rue|avenue|boulevard|place|chemin|allée|impasse|quai) "
        r"(?:[dl](?:e|u|es|a)?['’ ]){0,2}[A-ZÀ-Ý][A-Za-zÀ-ÿ'’\-]{1,25}"
        r"(?: [A-ZÀ-Ý][A-Za-zÀ-ÿ'’\-]{1,25}){0,3}",
        r"(?<![A-Za-z])(?:Calle|Avenida|Via|Viale|Piazza|Rua|Plaza"
        r"|Corso) (?:d[aeio]l?l?[ae]?s? )?[A-ZÀ-Ý][A-Za-zÀ-ÿ'’]{1,25}"
        r"(?: [A-ZÀ-Ý][A-Za-zÀ-ÿ'’]{1,25}){0,3},? (?:n[.º°] ?)?[0-9]{1,4}",
    )
)


def postal_codes(text: str) -> Iterator[Stretch]:
    """Find postal codes: Japanese by 〒, a cue or the address behind them; others by cue, state or form."""
    for match in _MARKED_POSTAL_CODE.finditer(text):
        yield match.span()
    for match in _JAPANESE_POSTAL_CODE.finditer(text):
        if cue_before(text, match.start()) == "postal" or _ADDRESS_FOLLOWS.match(text, match.end()):
            yield match.span()
    for pattern in (_BARE_SEVEN, _ANNOUNCED_ZIP):
        for match in pattern.finditer(text):
            if cue_before(text, match.start()) == "postal" and not _counted(text, match.end()):
                yield match.span()
    for match in _STATE_AND_ZIP.finditer(text):
        yield match.span(1)
    for pattern in (_BRITISH, _CANADIAN):
        for match in pattern.finditer(text):
            yield match.span()


def addresses(text: str) -> Iterator[Stretch]:
    """Find street addresses down to a number; the name of a city or a prefecture alone is none."""
    for match in _BLOCK.finditer(text):
        start = _place_before(text, match)
        if start is not None and not _counted(text, match.end()):
            building = _BUILDING.match(text, match.end())
            yield start, building.end() if building else _trimmed(text, match.end())
    for pattern in _WESTERN:
        for match in pattern.finditer(text):
            yield match.span()


def _place_before(text: str, block: re.Match[str]) -> int | None:
    """Return where the place that the number belongs to starts, or None if there is none."""
    first = max(0, block.start() - _LOOKED_BACK)
    window = text[first : block.start()]
    place = _PLACE.search(window)
    if place and not _SENTENCE.search(place.group()):
        return first + place.start() + _skipped(place.group())
    certain = "丁目" in block.group() or "番地" in block.group() or _HYPHENATED.match(block.group())
    town = _TOWN.search(window)
    announced = certain and cue_before(text, first + town.start()) == "postal" if town else False
    if town and (announced or (certain and (window.endswith(("町", "村")) or "丁目" in block.group()))):
        return first + town.start()
    return None


def _skipped(place: str) -> int:
    """Return how much of the sentence before a city without a prefecture was taken for its name."""
    city = re.match(rf"(?!{_PREFECTURES}){_NAME}{{1,6}}?[市区郡]", place)
    if not city:
        return 0
    last = 0
    for match in _CITY_START.finditer(city.group()[:-2]):
        last = match.end()
    return last


def _counted(text: str, end: int) -> bool:
    return _COUNTED.match(text, end) is not None


def _trimmed(text: str, end: int) -> int:
    return end - 1 if text[end - 1] == " " else end
