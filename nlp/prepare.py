"""What in a customer's message is about something: without greetings, closings, signatures and quoted "
"mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.sentences import sentences

_LETTER = re.compile(r"[^\W\d_]")
_SAYS = re.compile(r"[^\W\d_ー〜～]")
"""A letter; lengthening marks alone say nothing."""
_MASK = re.compile(r"\[(?:email|phone|card|iban|my_number|postal_code|address|name|ip|url_secret|secret)\]")
_ADDRESS = re.compile(r"https?://\S+")

_QUOTED_LINE = re.compile(r"[ \t]*[>＞|]")
_SAYS_WHO = (
    r"(?:(?:on|am|le|el|il|em|op) .{6,200}(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef) ?:"
    r"|(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}[/-]\d{1,2}[/-]\d{1,2}).{0,120}"
    r"(?:のメール ?[:：]?|(?:wrote|書きました) ?[:：]?|[>＞\]] ?[:：]))"
)
"""When a mail was written, and by whom; then its words follow."""
_QUOTE_STARTS = re.compile(
    r"[ \t]*(?:-{2,} ?(?:original message|forwarded message|元のメッセージ"
    r"|転送(?:され(?:た|る))?(?:メッセージ|メール)?|original) ?-{2,}"
    rf"|begin forwarded message ?:|転送されたメッセージ ?[:：]|{_SAYS_WHO})[ \t]*$",
    re.IGNORECASE,
)
_BROKEN_START = re.compile(rf"(?=.*(?:@|<|＜|\[email\])){_SAYS_WHO}", re.IGNORECASE)
"""The same over several lines; it must hold an address."""
_DATED = re.compile(r"[ \t]*(?:(?:on|am|le|el|il|em|op) |\d{4}(?:年\d|[/-]\d))", re.IGNORECASE)
"""How such a line begins."""
_BEFORE_QUOTE = re.compile(
    r"(?:\d{4}[年/-]\d.{0,120}|.{1,60}(?:wrote|(?:書|言)(?:きました|かれました|いました))) ?[:：]",
    re.IGNORECASE,
)
"""A line that announces a quotation only if marked lines follow: 「サポートさんは書きました:」."""
_LONGEST_START = 3
"""Lines over which a program breaks it."""
_LONGEST_LINE = 120
"""Characters of a line that a program breaks."""
_FROM = re.compile(r"[ \t>*]*(?:from|差出人|送信元|送信者|von|de|da)[ *]*[:：]", re.IGNORECASE)
_OTHER_HEADER = re.compile(
    r"[ \t>*]*(?:sent|to|subject|date|cc|宛先|件名|送信日時|日時|日付|gesendet|betreff|envoyé|objet|inviato"
    r"|oggetto)[ *]*[:：]",
    re.IGNORECASE,
)
_LONGEST_SIGNATURE = 24
"""Lines."""
_SIGNATURE_STARTS = re.compile(r"[ \t]*(?:-- ?|[━─＝=*＊~〜☆★]{6,}|-{6,})[ \t]*$")
_SIGNATURE_HINT = re.compile(
    r"\[(?:phone|email|address|name|postal_code)\]|株式会社|有限会社|合同会社|(?:tel|fax|e-?mail|mobile"
    r"|url)[ .:：]|https?://|〒|部$|課$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"[ \t]*(?:sent from (?:my |yahoo|outlook|mail for)|get outlook for|envoyé de mon"
    r"|von meinem .{0,20} gesendet"
    r"|iphoneから送信|.{0,12}から送信$|.{0,16}メールから送信$|outlook for .{0,12}を入手|##-.*-##[ \t]*$)",
    re.IGNORECASE,
)
_CONTACT_LINE = re.compile(
    r"(?:(?:tel|fax|phone|e-?mail|mobile|mail|電話|携帯|メール|住所|氏名|お?名前|〒|url|from"
    r"|by)[ .:：]*|[^\w\n])*",
    re.IGNORECASE,
)

_GREETING = re.compile(
    r"(?:(?:ha?i+|hel+o+|hey+)[ ,]+\w{2,12}[ ,]+)?goo+d ?(?:morning|afternoon|evening)"
    r"(?:[ ,]+\w{2,12})?[ .!]*$"
    r"|(?:(?:ha?i+|hel+o+|hlo|hey+|dear|greetings|goo+d ?(?:morning|afternoon|evening|day)|hola|hallo"
    r"|bonjour|ciao|buongiorno|salve|olá|guten tag|dobrý den|hoi|beste)(?![a-z])"
    r"(?:[ ,]+(?:there|hi|hello|goo+d ?(?:morning|afternoon|evening)|all|every(?:one|body)|team|folks|guys"
    r"|support|sir|madam|or|/|community|friends?|again|the|customer service|\[name\]|m[rs]s?\.?"
    r"|\w+ team|a tutti|a todos|zusammen)){0,5}[ \t]*(?:[,.!:、。-]+|$)"
    r"|(?:いつも|大変|平素(?:より|は)|日頃(?:より|は))?[^。\n]{0,14}お世話(?:になって(?:おり|い)?ます"
    r"|になります|様です|さまです|になっております)"
    r"|お疲れ(?:様|さま)です|(?:こんにち|こんばん)[はわ]|おはようございます|初めまして|はじめまして"
    r"|拝啓|平素(?:より|は)[^。\n]{0,40}(?:申し上げます|ございます)"
    r"|突然の?(?:ご連絡|メール)[^。\n]{0,24}|(?:ご?担当者?|関係者|サポート(?:チーム|センター|窓口)?"
    r"|カスタマー[^。\n]{0,8}|お客様[^。\n]{0,8})(?:の?方)?(?:各位|御中|様|さま)"
    r"|\S{1,20}(?:各位|御中)|[^。\n]{0,24}\[name\](?:です|と申します|でございます|と言います|といいます"
    r"|様|さん))"
    r"[ \t]*[。、！!.,]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:no|nope|nothing|none|ok|okay|sure|yes|yeah|h?mm+|oo?h+|great|fine|perfect|resolved|solved)"
    r"(?: else| more| sir| now| and)*[ ,.]*){0,3}"
    r"(?:(?:many |kind |best |warm |with |my )*(?:thanks|thank(?:ing)? you|thx|ty|regards|cheers|sincerely"
    r"|yours|best wishes|best)(?![a-z]| to (?:your|the|this|that|an?|last)\b)[^.!?\n]{0,60}"
    r"|(?:i )?(?:wish you|have)(?: an?)? (?:great|nice|good|wonderful|lovely|pleasant) ?"
    r"(?:day|one|evening|weekend|time)[^.!?\n]{0,20}|(?:\w+ ){0,2}are you (?:still )?there"
    r"|(?:any|all) (?:help|advice|ideas?|suggestions?|assistance)[^.!?\n]{0,60}(?:appreciated|welcome"
    r"|great)|please help(?: me)?|help(?: me)?(?: please)?"
    r"|(?:i )?(?:look|am looking) forward to[^.!?\n]{0,50}|hope (?:you|this|someone)[^.!?\n]{0,40}"
    r"|i hope you are well[^.\n]{0,20}"
    r"|(?:mit freundlichen|viele|liebe) gr[üu](?:ß|ss)en?|saludos[^.\n]{0,20}"
    r"|(?:muchas )?gracias[^.\n]{0,30}|grazie[^.\n]{0,30}|saluti|cordialement|merci[^.\n]{0,30}"
    r"|obrigad[oa][^.\n]{0,20}|danke[^.\n]{0,30}"
    r"|(?:[^。\n]{0,40}(?:、|ほど|の程|何卒|どうぞ|どうか|ご[一-鿿]{2}(?:を|の)?|対応|以上"
    r"|が) ?)?(?:何卒|どうぞ|どうか)?(?:宜|よろ)しく(?:お?願い|おねがい|ご)[^。\n]{0,20}"
    r"|お手数(?:を|で|お)[^。\n]{0,40}|以上(?:です|、?よろしく.*|になります)?|取り急ぎ[^。\n]{0,30}"
    r"|敬具|草々|ご(?:確認|回答|返信|返答|連絡|対応|教示|査収)(?:の?ほど)?[^。\n]{0,8}(?:お願い"
    r"|願い)[^。\n]{0,12}"
    r"|(?:どうも|誠に|本当に|いつも)*ありがとうございま(?:す|した)|お待ちしております|失礼(?:いた"
    r"|致)?します)"
    r"[ \t]*[。、！!.,]*",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:(?:kind |best |warm )*regards|sincerely(?: yours)?|cheers|yours[^.\n]{0,12}|敬具|以上)[ ,.!。]*",
    re.IGNORECASE,
)
_ACKNOWLEDGED = re.compile(
    r"(?:(?:yes|yeah|yep|no|nope|nothing|ok(?:ay)?|sure|right|correct|great|perfect|awesome|cool|fine|alright"
    r"|got it|i see|will do|done|please|thanks?|thank you"
    r"|thx|so much|very much|a lot|again|bye|goodbye|have a (?:nice|good|great) (?:day|one)|you too|hi"
    r"|hello|hey|there|that'?s (?:it|all|right|fine)|nothing else"
    r"|はい|いいえ|ええ|うん|了解(?:です|しました|いたしました)?|承知(?:しました|いたしました|です)?"
    r"|わかりました|分かりました|大丈夫です|そうです|なるほど|お願い(?:し|いたし|致し)?ます"
    r"|ありがとう(?:ございま(?:す|した))?|助かりました|すみません|結構です|以上です|解決しました"
    r"|試してみます|やってみます|です|ね)"
    r"[ \t,.!?、。！？]*)+",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:特に|とくに|特段|今は|今回は|現在|今の(?:ところ|所)|現時点では|別に|これといって"
    r"|(?:不便|不満|不自由|困(?:った|る))(?:な|に|と|を|で|じゃ)?(?:感じた|感じる|思った|思う)?"
    r"(?:こと|事|点|ところ|所)?"
    r"|全く|まったく|一切|何も"
    r"|要望|意見|[はもが、。 ])*"
    r"(?:特に|とくに|特段|なし|無し|無い|ない|無|ナシ|ございません|ありません|ありませんでした|なかった"
    r"|思い(?:つか|付か|つき|付き|浮かば|当たら|当たり)(?:ない|ません|ませんでした)"
    r"|感じ(?:て(?:い|おり))?(?:ない|ません|なかった|ませんでした)"
    r"|(?:分か|わか)(?:らない|りません)|不明|同上|未記入|無回答)(?:です|でした|と思います|かな|が|けど|。"
    r"|\.|、|！|!|\s)*"
    r"|(?:n/?a|none|nothing(?: (?:really|at all|special|else|to (?:add|report|say)|comes to mind"
    r"|i can think of))?"
    r"|no(?: (?:comments?|problems?|issues?|idea|answer|complaints?|suggestions?|opinion|response"
    r"|feedback))?|nil|null|nope|idk|don'?t know|not applicable"
    r"|ninguno|nada|nichts|rien|niente|nessuno|keine)[ .!]*",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"['_*]*(?:bold text|italic text|strong text|emphasi[sz]ed text|heading text|list item|link text"
    r"|enter (?:link|image) description here|enter code here|quoted? text"
    r"|(?:type|enter|write|add) your (?:message|text|question|comment|feedback|description)(?: here)?"
    r"|your (?:text|message) here|lorem ipsum.*|test(?:ing|s)?(?: test(?:ing)?)*|テスト(?:です)?"
    r"|太字|強調文|斜体|(?:ここに)?(?:本文|内容|お?問い?合わせ内容|メッセージ)を?(?:ご)?(?:入力"
    r"|記入)(?:して(?:ください|下さい))?)['_*]*[ .。:]*",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"'{2,5}(?:bold|italic)(?: italic)? text'{2,5}|\*\*(?:bold|strong) text\*\*|_(?:italic"
    r"|emphasi[sz]ed) text_"
    r"|(?:bold|italic|strong|heading) text(?=[A-Z0-9\s]|$)",
)
"""What an editor puts in where somebody presses a button, and leaves in the middle of what they write."""
_TEMPLATE = re.compile(
    r"[ \t]*(?:#{1,6} ?|\*\*|【|■|\[)?(?:\d\. )?"
    r"(?:(?:steps|how) to reproduce(?: the (?:bug|problem|issue))?|reproduction steps|(?:describe"
    r"|description of)"
    r" the (?:bug|problem|issue|feature)|(?:bug|issue|problem|feature)? ?(?:description|summary)"
    r"|(?:expected|actual|current)(?: (?:behaviou?r|results?|outcome))|what (?:happened"
    r"|did you expect)(?: to happen)?"
    r"|screenshots?(?: or videos?)?|additional (?:context|information|notes|details)|environment"
    r"|versions?|logs?"
    r"|(?:desktop|smartphone) \(please complete.*|再現手順|再現方法|期待(?:する|される)(?:動作|結果)"
    r"|実際の(?:動作|結果)"
    r"|(?:ご利用|利用|動作|使用)?環境|スクリーンショット|発生(?:日時|状況|環境)|(?:問題の)?(?:概要|詳細)"
    r"|補足(?:情報)?|お?問い?合わせ内容|件名)"
    r"(?:\*\*|】|\])?[ \t]*[:：]?(?:\*\*)?[ \t]*(?:\(optional\)|（任意）)?[ \t]*",
    re.IGNORECASE,
)
"""A heading of a form, which says nothing of the customer's."""
_INSTRUCTION = re.compile(
    r"a clear and concise description|(?:please )?(?:describe|tell us|explain) (?:here )?(?:what|the"
    r"|your) .{0,60}"
    r"(?:here|below|in detail|as possible)\.?$|if applicable, add|add any other context"
    r"|<!--|\[(?:please )?(?:describe|enter|insert) .{1,40}\]$|steps to reproduce the behaviou?r:?$"
    r"|(?:できるだけ)?(?:詳しく|具体的に)(?:ご)?(?:記入|記載|入力|お書き)(?:して)?(?:ください|下さい)",
    re.IGNORECASE,
)
"""What a form tells whoever fills it in."""
_BOT_LINE = re.compile(
    r"[ \t]*(?:\[?bot\]?[:：]|【?自動(?:送信|返信|応答)】?|this is an automat(?:ed|ic) (?:message|reply"
    r"|response)|\*{2,}.{0,60}(?:joined|left|transferred).{0,40}$)",
    re.IGNORECASE,
)


_LONGEST_MANNER = 120
"""A longer sentence says something, whatever it starts with; and no pattern is tried on it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence that is about something."""

    start: int
    end: int
    """Offsets in the text, half-open, in code points."""
    listed: bool
    """True where it is an item of a list."""
    block: int
    """Numbers the stretches that nothing left out interrupts."""


def pieces(text: str, start: int, end: int, *, thanks_count: bool) -> Iterator[Piece]:
    """Yield the sentences of `text[start:end]` that are about something, in their order.

    `thanks_count`: an answer to a survey may be nothing but thanks, and means it; in a ticket thanks are
    manners.
    """
    block = 0
    for place in _own_lines(text, start, end):
        if place is None:
            block += 1
            continue
        first, last = place
        for sentence in sentences(text[first:last]):
            found = _content(text, first + sentence.start, first + sentence.end, thanks_count=thanks_count)
            block += found is None or found[0] > first + sentence.start
            if found is not None:
                yield Piece(*found, _is_listed(text, first, found[0]), block)


def is_empty_answer(text: str) -> bool:
    """Say whether a whole text is a way of writing nothing: 「特になし」, "N/A", "-", a placeholder."""
    stripped = _MASK.sub(" ", _ADDRESS.sub(" ", text)).strip()
    return not _SAYS.search(stripped) or bool(_EMPTY.fullmatch(stripped) or _PLACEHOLDER.fullmatch(stripped))


def is_acknowledgement(text: str) -> bool:
    """Say whether a turn only keeps the talk going: "yes, thanks", 「はい、お願いします」."""
    stripped = text.strip()
    return len(stripped) <= _LONGEST_MANNER and _ACKNOWLEDGED.fullmatch(stripped) is not None


def _content(text: str, start: int, end: int, *, thanks_count: bool) -> tuple[int, int] | None:
    """Take greetings and placeholders off a sentence; return what is left of it, or None."""
    while start < end and (taken := _PLACED.match(text, start, end) or _GREETING.match(text, start, end)):
        if taken.end() == start:
            break
        start = taken.end()
        while start < end and text[start].isspace():
            start += 1
    placed = [
        match.start() for match in _PLACED.finditer(text, start, end) if not text[match.end() : end].strip()
    ]
    end = min([end, *placed])
    said = text[start:end].rstrip()
    if is_empty_answer(said) or _BOT_LINE.match(said):
        return None
    if (
        not thanks_count
        and len(said) <= _LONGEST_MANNER
        and (_CLOSING.fullmatch(said) or is_acknowledgement(said))
    ):
        return None
    return (start, start + len(said)) if said else None


def _own_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int] | None]:
    """Yield the lines that the author wrote now, and None where quoted mail or a signature is left out."""
    lines = _lines(text, start, end)
    number = 0
    while number < len(lines):
        first, last = lines[number]
        line = text[first:last]
        announced = _announcement(text, lines, number) or _is_mail_header(text, lines, number)
        if announced:
            number = _end_of_quote(text, lines, number + announced - 1)
            yield None
            continue
        if _is_end(text, lines, number):
            return
        number += 1
        if _TEMPLATE.fullmatch(line) or _INSTRUCTION.match(line.strip()):
            continue
        if _QUOTED_LINE.match(line) or _SENT_FROM.match(line) or _is_contact_line(line):
            yield None
        else:
            yield first, last


def _announcement(text: str, lines: list[tuple[int, int]], number: int) -> int:
    """Return how many lines say here that a mail is quoted, by whom it is and when; 0 where none does."""
    line = text[slice(*lines[number])]
    if _QUOTE_STARTS.match(line):
        return 1
    told = line.strip()
    if len(told) > _LONGEST_LINE:
        return 0
    if _BEFORE_QUOTE.fullmatch(told) and _first_quoted(text, lines, number + 1) is not None:
        return 1
    if not _DATED.match(line):
        return 0
    for behind in range(number + 1, min(number + _LONGEST_START, len(lines))):
        more = text[slice(*lines[behind])].strip()
        if not more or len(more) > _LONGEST_LINE:
            return 0
        told = f"{told} {more}"
        if _BROKEN_START.fullmatch(told):
            return behind - number + 1
    return 0


def _first_quoted(text: str, lines: list[tuple[int, int]], number: int) -> int | None:
    """Return the number of the first line from `number` on that is not empty, if it is marked as quoted."""
    while number < len(lines) and not text[slice(*lines[number])].strip():
        number += 1
    return number if number < len(lines) and _QUOTED_LINE.match(text[slice(*lines[number])]) else None


def _end_of_quote(text: str, lines: list[tuple[int, int]], number: int) -> int:
    """Return the number of the line behind a quotation that is announced in line `number`.

    Where its lines are marked, it ends with the last marked one; where they are not, it goes to the end.
    """
    behind = _first_quoted(text, lines, number + 1)
    if behind is None:
        return len(lines)
    while behind < len(lines) and (
        _QUOTED_LINE.match(text[slice(*lines[behind])]) or not text[slice(*lines[behind])].strip()
    ):
        behind += 1
    return behind


def _is_mail_header(text: str, lines: list[tuple[int, int]], number: int) -> bool:
    """Say whether a forwarded or answered mail starts here: `From:` with `Sent:` or `Subject:` below it."""
    if not _FROM.match(text[slice(*lines[number])]):
        return False
    below = (text[slice(*place)] for place in lines[number + 1 : number + 5])
    return any(_OTHER_HEADER.match(line) for line in below)


def _is_end(text: str, lines: list[tuple[int, int]], number: int) -> bool:
    """Say whether a signature starts here: a rule of dashes, or what stands under a sign-off."""
    line = text[slice(*lines[number])]
    ruled, signed_off = _SIGNATURE_STARTS.match(line), _SIGN_OFF.fullmatch(line.strip())
    if not (ruled or signed_off) or len(lines) - number > _LONGEST_SIGNATURE:
        return False
    rest = [text[slice(*place)] for place in lines[number + 1 :] if text[slice(*place)].strip()]
    if ruled:
        return line.strip() == "--" or any(_SIGNATURE_HINT.search(other) for other in rest)
    return len(rest) <= 8 and all(len(other) <= 80 for other in rest)


def _is_contact_line(line: str) -> bool:
    """Say whether a line holds nothing but masks and their labels: `TEL: [phone]`, `[name]`."""
    return (
        "[" in line
        and _MASK.search(line) is not None
        and not _LETTER.search(_CONTACT_LINE.sub("", _MASK.sub("", line)))
    )


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    places = []
    while start <= end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        places.append((start, stop))
        start = stop + 1
    return places


def _is_listed(text: str, line_start: int, sentence_start: int) -> bool:
    mark = text[line_start:sentence_start].strip()
    return bool(mark) and not _LETTER.search(mark)
