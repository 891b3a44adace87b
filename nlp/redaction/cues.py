"""The word before a number that says what the number is."""

import re

_WINDOW = 40
_GAP = 18

_PATTERN = re.compile(
    r"(?P<phone>(?:tele)?phone(?: ?(?:number|no\.?))?|mobile(?: ?(?:number|no\.?))?"
    r"|cell(?:ular)?(?: ?number)?"
    r"|(?<![a-z])(?:tel|fax|ph)(?![a-z])\.?|(?<![a-z])(?:call|dial|ring|sms|whatsapp|reach)(?![a-z])"
    r"|my number is|answering at|messages? to|(?<![a-z])desk(?= ?:)"
    r"|callback(?: number)?|contact number|電話(?:番号)?|携帯(?:番号|電話)?|ケータイ|連絡先|ファックス"
    r"|ダイヤル|内線)"
    r"|(?P<card>(?:credit|debit|visa|master|bank|payment)? ?card(?: ?(?:number|no\.?|#))?"
    r"|(?<![a-z])cc(?![a-z])|visa|mastercard"
    r"|amex"
    r"|american express|jcb|クレジットカード(?:番号)?|クレカ(?:番号)?|カード(?:番号)?)"
    r"|(?P<my_number>my ?number|individual number|マイナンバー|個人番号)"
    r"|(?P<postal>zip(?: ?code)?|post(?:al)? ?code|郵便番号|〒|住所|宛先|送付先|お届け先)"
    r"|(?P<version>version|(?<![a-z])ver\.?|(?<![a-z])v\.?(?=\s*$)|release|build|firmware|バージョン|版"
    r"|リリース|ビルド)"
    r"|(?P<identifier>order(?: ?(?:number|no\.?|id))?|invoice|ticket|case|tracking|transaction|reference"
    r"(?: ?(?:number|no\.?|id|code))?"
    r"|(?<![a-z])ref(?![a-z])\.?|serial(?: ?(?:number|no\.?))?|model|(?<![a-z])sku|item|product"
    r"|(?<![a-z])id(?![a-z])"
    r"|error ?code|(?:注文|受注|発注|伝票|追跡|受付|予約|会員|顧客|お客様|管理|製造|請求書?"
    r"|お?問い?合わせ|契約|登録)"
    r"(?:番号|ID|No\.?|コード)|注文|伝票|型番|品番|シリアル(?:番号)?|エラー(?:コード|番号))"
    r"|(?P<number>(?<![a-z])no\.|number|code|#|番号|コード)",
    re.IGNORECASE,
)

_STANDS_ALONE = ("identifier", "version")
_NOTHING_BETWEEN = re.compile(
    r"[\s:=#\-.,()\[\]\"'「」、はがの]*(?:(?:is|was|no\.?|number|id|code|番号|コード)[\s:=#\-.\"'「はが]*)?",
    re.IGNORECASE,
)
"""What may stand between such a cue and its number: in 「注文しましたが、090-…」 the number is a phone."""


def cue_before(text: str, start: int) -> str | None:
    """Return which kind of number is announced right before `start`: the nearest cue, if near enough.

    One of `phone card my_number postal version identifier number`, or None; `number` says no more than that.
    """
    first = max(0, start - _WINDOW)
    window = text[first:start]
    nearest = max(_PATTERN.finditer(window), key=re.Match.end, default=None)
    if nearest is None or len(window) - nearest.end() > _GAP:
        return None
    gap = window[nearest.end() :]
    if "。" in gap or ". " in gap or any(char.isdigit() for char in gap):
        return None
    if nearest.lastgroup in _STANDS_ALONE and not _NOTHING_BETWEEN.fullmatch(gap):
        return None
    return nearest.lastgroup
