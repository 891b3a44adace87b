"""Japanese addresses, down to a number and the building behind it."""

import re
from collections.abc import Iterator

from nlp.redaction.codes import Stretch
from nlp.redaction.cues import cue_before

PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都"
    "|神奈川県|新潟県|富山県"
    "|石川県|福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県"
    "|和歌山県|鳥取県|島根県"
    "|岡山県|広島県|山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県"
    "|鹿児島県|沖縄県"
)
NAME = "[一-鿿々ヶケノァ-ヶーぁ-ん]"
_KANJI_COUNT = "[〇一二三四五六七八九十百]{1,4}"
_COUNT = f"(?:[0-9]{{1,5}}|{_KANJI_COUNT})"
_BLOCK = re.compile(
    r"(?<![0-9\-])(?:"
    rf"(?:{_COUNT}(?:丁目|番地)|[0-9]{{1,5}}番|{_KANJI_COUNT}番(?={_COUNT}号))(?!町)[の\- ]?"
    rf"(?:{_COUNT}(?:番地|番|号|の|-)?(?:の(?=[0-9]))? ?){{0,3}}"
    r"|[0-9]{1,5}(?: ?- ?[0-9]{1,5}|の[0-9]{1,5}){1,3}(?:番地|号室?)?"
    r")(?:号室?)?(?![0-9])"
)
_TOWN_BEHIND_BLOCK = re.compile("[一-鿿々ヶ]{1,8}町 ?[0-9]{1,4}(?:-[0-9]{1,4}|番地?)?")
"""As in Kyoto: 「東入二丁目御旅町35」."""
_LONE_NUMBER = re.compile(r"(?<![0-9\-.,])[0-9]{1,4}(?![0-9\-.,/:])")
"""As in 「…山下町123」: the number of the plot alone."""
_BEHIND_LONE_NUMBER = re.compile(
    r"\s*(?:$|[\n、。,)」（(]|です|でし|になり|に(?:変|送|住|届)|まで|へ|宛|\s[^0-9])"
)
_KINDS = (
    "ビル(?:ディング)?|マンション|ハイツ|コーポ|アパート|荘|タワーズ?|レジデンス|ハウス|メゾン|プラザ"
    "|コート|パレス"
    "|ハイム|団地|住宅|会館|センター|ヒルズ|ガーデンズ?|スクエア|テラス|ヴィラ|ヴィレッジ|シティ"
    "|プレイス|パーク|寮"
    "|エステート|カーサ|シャトー|アーバン|フラッツ?|館"
)
_PROPER = "[一-鿿々ァ-ヶーA-Za-z・]"
_ROOM = r" ?(?:[A-Z]?[0-9]{1,4}(?:号室|号棟|号|F|階)?(?:-?[0-9]{1,4}(?:号室|号)?)?)?"
_BUILDING = re.compile(
    rf"[ \n]?(?:[ぁ-ん]{{2,6}})?(?:第 ?[0-9一二三四五])?{_PROPER}{{0,15}}(?:[0-9]{{1,3}})?(?:{_KINDS})"
    rf"{_PROPER}{{0,12}}"
    rf"(?:[0-9A-Z]?(?:号)?棟)?{_ROOM}"
    rf"|[ \n]?{_PROPER}{{2,15}} ?[0-9]{{1,4}}(?:号室|号|F|階)(?!線)"
    rf"|[ \-]?[0-9]{{1,4}}(?:号室|F|階)"
)
_COUNTED = re.compile(
    r" ?(?:日|時|分|秒|人|名|泊|回|か|カ|ヶ|ケ月|箇|円|年|月|週|%|台|個|本|件|つ|歳|才|度|km|m|倍|点|割"
    r"|万|千|階建|種|着|冊|枚|社|店|校|匹|世帯|ページ|以|ほど|くらい|位|番目|号線|系)"
)
_TOWN_TO_END = (
    rf"(?P<town>(?:{NAME}{{1,8}}[市区郡町村] )?(?:(?![のはがをにでともへや]){NAME}{{1,25}})?"
    r"[ \n]?(?:[北南東西]?[0-9]{1,2}条[東西南北]?)?)$"
)
_IN_PREFECTURE = re.compile(rf"(?:{PREFECTURES})[ \n]?(?:{NAME}{{1,8}}?[市区郡町村島] ?)?{_TOWN_TO_END}")
_IN_CITY = re.compile(rf"{NAME}{{1,6}}?[市区郡] ?{_TOWN_TO_END}")
_NO_TOWN = re.compile("[内立役民長議全外]")
_SENTENCE = re.compile(r"[をでへ]|して|した|から|まで|だけ|など|ます|です")
"""What stands in no name of a place: the words before the number go on about something else."""
_NO_CITY = re.compile(r"(?:地区|区域|(?<!京)都市|市場|学区|各[市区]|同[市区]|当[市区]|全[市区]|本市|市区)$")
_TOWN = re.compile(r"[一-鿿々ヶケノァ-ヶー]{1,10}[ \n]?$")
_HYPHENATED = re.compile(r"[0-9]{1,5} ?- ?[0-9]{1,5} ?- ?[0-9]{1,5}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]$")
_LOOKED_BACK = 48
_CITY_START = re.compile(r"[のはがをにでともへや、。]|から|まで|です|ます")
_CITY = re.compile(rf"(?!{PREFECTURES}){NAME}{{1,6}}?[市区郡]")
_KANA_CITIES = re.compile(
    r"(?:さいたま|つくば(?:みらい)?|ひたちなか|かすみがうら|いわき|むつ|つがる|にかほ|みどり|ふじみ野"
    r"|あきる野|いすみ|かほく|あわら|みよし|たつの|うきは|いちき串木野|うるま|えびの|さくら|かすみ"
    r"|東かがわ|さぬき|みやま|みやこ)市$"
)


def japanese_addresses(text: str) -> Iterator[Stretch]:
    """Find Japanese addresses down to a number; the name of a city or a prefecture alone is none."""
    for match in _BLOCK.finditer(text):
        start = _place_before(text, match)
        if start is not None and not is_counted(text, match.end()):
            yield start, _end(text, match.end())
    for match in _LONE_NUMBER.finditer(text):
        if (start := _plot_before(text, match)) is not None:
            yield start, _end(text, match.end())


def is_counted(text: str, end: int) -> bool:
    """Tell whether the number that ends at `end` counts something: 「2-3回」."""
    return _COUNTED.match(text, end) is not None


def _place_before(text: str, block: re.Match[str]) -> int | None:
    """Return where the place that the number belongs to starts, or None if there is none."""
    first = max(0, block.start() - _LOOKED_BACK)
    window = text[first : block.start()]
    place = _IN_PREFECTURE.search(window) or _IN_CITY.search(window)
    if place and not (_DATE.match(block.group()) and window[-1] in " \n"):
        skipped = _skipped(place.group())
        if _names_a_place(place.group()[skipped:]):
            return first + place.start() + skipped
    certain = "丁目" in block.group() or "番地" in block.group() or _HYPHENATED.match(block.group())
    town = _TOWN.search(window)
    announced = certain and cue_before(text, first + town.start()) in ("postal", "address") if town else False
    if town and (announced or (certain and (window.endswith(("町", "村")) or "丁目" in block.group()))):
        return first + town.start()
    return None


def _plot_before(text: str, number: re.Match[str]) -> int | None:
    """Return where the address starts that ends in this lone number, or None if none does."""
    in_building = _BUILDING.match(text, number.end()) is not None
    if not in_building and not _BEHIND_LONE_NUMBER.match(text, number.end()):
        return None
    first = max(0, number.start() - _LOOKED_BACK)
    window = text[first : number.start()]
    in_prefecture = _IN_PREFECTURE.search(window)
    place = in_prefecture or _IN_CITY.search(window)
    if place is None or is_counted(text, number.end()) or window[-1:] in (" ", "\n", "内", "第"):
        return None
    skipped = _skipped(place.group())
    town = place["town"].strip()
    told = (
        in_prefecture or in_building or town.endswith(("町", "村")) or "字" in town or "区" in place.group()
    )
    if told and len(town) > 1 and not _NO_TOWN.match(town) and _names_a_place(place.group()[skipped:]):
        return first + place.start() + skipped
    return None


def _names_a_place(words: str) -> bool:
    city = _CITY.match(words)
    return not _SENTENCE.search(words) and not (city and _NO_CITY.search(city.group()))


def _skipped(place: str) -> int:
    """Return how much of the sentence before a city without a prefecture was taken for its name."""
    city = _CITY.match(place)
    if not city:
        return 0
    kana = _KANA_CITIES.search(city.group())
    if kana:
        return kana.start()
    last = 0
    for match in _CITY_START.finditer(city.group()[:-2]):
        last = match.end()
    return last


def _end(text: str, end: int) -> int:
    if text.endswith("丁目", 0, end) and (town := _TOWN_BEHIND_BLOCK.match(text, end)):
        end = town.end()
    building = _BUILDING.match(text, end)
    end = building.end() if building else end
    return end - 1 if text[end - 1] == " " else end
