"""The word before a number that says what the number is."""

import re

from nlp.redaction.postal_words import POSTAL

_WINDOW = 40
_GAP = 18

_PATTERN = re.compile(
    r"(?P<phone>(?:tele)?phone(?: ?(?:number|no\.?|#))?|mobile(?: ?(?:phone|number|no\.?|#))?"
    r"|cell(?:ular)?(?: ?(?:phone|number|#))?|landline|handy(?:nummer)?|telefon\w{0,6}"
    r"|tél(?:éphone)?\.?|teléfono"
    r"|(?<![a-z])(?:tel|fax|ph|mob)(?![a-z])\.?|(?<![a-z])(?:call|dial|ring|text|sms|whatsapp|reach)(?![a-z])"
    r"|(?-i:my number is|our number is)|(?:my|our) (?:no\.?|#) is|i['’]m on|answering at|messages? to"
    r"|message me|(?<![a-z])(?:desk"
    r"|[mtp])(?=\.? ?:)"
    r"|callback(?: number)?|contact (?:number|no\.?|#)|電話(?:番号)?|携帯(?:番号|電話)?|ケータイ|連絡先"
    r"|ファックス"
    r"|ダイヤル|内線|直通|折り返し|手机|手機|电话|☎|📞|📱)"
    r"|(?P<my_number>my ?number(?: ?card)?|individual number|マイナンバー(?:カード)?|個人番号(?:カード)?)"
    r"|(?P<card>(?:credit|debit|visa|master|bank|payment)? ?card(?: ?(?:number|no\.?|#))?"
    r"|(?<![a-z])cc(?![a-z])|visa|mastercard|amex"
    r"|american express|jcb|クレジットカード(?:番号)?|クレカ(?:番号)?|カード(?:番号)?)"
    rf"|(?P<postal>{POSTAL})"
    r"|(?P<address>住所|宛先|(?:送付|送り|お?届け|配送|発送|転居|引っ?越し)先|所在地"
    r"|(?<![a-z])address(?![a-z]))"
    r"|(?P<version>version|(?<![a-z])ver\.?|(?<![a-z])v\.?(?=\s*$)|release|build|firmware|バージョン|版"
    r"|リリース|ビルド)"
    r"|(?P<identifier>order(?: ?(?:number|no\.?|id))?|invoice|ticket|case|tracking|transaction|reference"
    r"(?: ?(?:number|no\.?|id|code))?|receipt|parcel|shipment|account (?:number|no\.?|id)"
    r"|(?<![a-z])part(?![a-z])"
    r"|(?<![a-z])ref(?![a-z])\.?|serial(?: ?(?:number|no\.?))?|model|(?<![a-z])(?:sku|isbn|imei"
    r"|po)(?![a-z])|item"
    r"|product|(?<![a-z])id(?![a-z])"
    r"|error(?: ?code)?|(?:注文|受注|発注|伝票|追跡|受付|予約|会員|顧客|お客様|管理|製造|請求書?|商品"
    r"|製品|荷物|送り状"
    r"|お?問い?合わせ|契約|登録|チケット|領収書?|取引|整理)"
    r"(?:番号|ID|No\.?|コード)|注文|伝票|型番|品番|シリアル(?:番号)?|エラー(?:コード|番号))"
    r"|(?P<number>(?<![a-z])no\.|number|code|#|番号|コード)",
    re.IGNORECASE,
)

_STANDS_ALONE = ("identifier", "version")
_NOTHING_BETWEEN = re.compile(
    r"[\s:=#\-.,()\[\]\"'「」、はがの]*(?:(?:is|was|says|shows|reads|no\.?|number|id|code|番号|コード)[\s:=#\-.\"'「はが]*)?",
    re.IGNORECASE,
)
"""What may stand between such a cue and its number: in 「注文しましたが、090-…」 the number is a phone."""
_UP_TO_DIGIT = re.compile(r".*[0-9](?![0-9]* ?(?:桁|-?digit))", re.DOTALL)
"""Digits that say how many digits there are say so of this number: 「郵便番号(7桁)は…」."""
_SIGNS = " \t\n.,:;-+/()[]<>=\"'"
_OF_WHAT = re.compile(r" ?(?:'s|の|:|of the)? ?")


def stands_right_before(text: str, start: int, name: str) -> bool:
    """Tell whether the cue `name` is parted from its number by no more than “is” or a colon."""
    cues = list(_PATTERN.finditer(text, max(0, start - _WINDOW), start))
    return any(
        cue.lastgroup == name and _NOTHING_BETWEEN.fullmatch(text, cue.end(), start) for cue in cues[-2:]
    )


def cue_before(text: str, start: int) -> str | None:
    """Return which kind of number is announced right before `start`: the nearest cue, if near enough.

    One of `phone card my_number postal address version identifier number`, or None; `number` says no more
    than that.
    """
    # No digit may stand between: what is before the last one says nothing of this number.
    window = _UP_TO_DIGIT.sub("", text[max(0, start - _WINDOW) : start])
    if not window.strip(_SIGNS):
        return None
    cues = list(_PATTERN.finditer(window))
    if not cues or len(window) - cues[-1].end() > _GAP:
        return None
    nearest = cues[-1]
    gap = window[nearest.end() :]
    if "。" in gap or ". " in gap:
        return None
    if nearest.lastgroup in _STANDS_ALONE and not _NOTHING_BETWEEN.fullmatch(gap):
        return None
    if nearest.lastgroup == "number" and len(cues) > 1:
        # 「電話の番号は」: the word before says which number.
        owner = cues[-2]
        if _OF_WHAT.fullmatch(window, owner.end(), nearest.start()):
            return owner.lastgroup
    return nearest.lastgroup
