"""What an agent's or a customer's sentence is good for: does it tell everybody something?

Greetings, thanks, promises to one customer, questions back and anything with a redacted value help nobody
else; a draft must not repeat them.
"""

import re

from nlp.tokens import normal_forms

SHORTEST, LONGEST = 6, 400
"""Characters of a sentence that may stand in a draft."""

_MASK = re.compile(r"\[[a-z_]{2,12}\]")
_MARKUP = re.compile(r"\]\(|</?[a-zA-Z!]|^[^\w「『（(\"'“‘]|```|\|.*\|")
_ADDRESS = re.compile(r"https?:|www\.", re.IGNORECASE)
_COURTESY = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|greetings|thanks?|thank you|many thanks|"
    r"cheers|"
    r"(?:best|kind|warm) regards|regards|sincerely|sorry|apologies|welcome|great|sure|ok(?:ay)?|no problem|"
    r"you(?:'|’)?re welcome|my name is|this is \w+ from)\b"
    r"|\b(?:apologi[sz]e|let (?:me|us) know|feel free|happy to help|glad to|hope (?:this|that|it|you)|"
    r"have a (?:great|nice|good|lovely)|reach out|get back to (?:me|us|you)|look(?:ing)? forward|"
    r"appreciate|for contacting|for reaching|for your (?:patience|message|report|feedback))\b"
    r"|お世話になって|ありがとうござい|お問い?合わせいただき|申し訳|恐れ入り|お手数|ご不便|ご迷惑|よろしくお願い|宜しくお願い|"
    r"お待ちして|ご不明な点|何かござい|何かあり|いつでも|お気軽|ご連絡ください|ご返信|と申します|担当の|サポート(?:窓口|センター|チーム)の|"
    r"お疲れ様|こんにちは|はじめまして|承知|かしこまり|お役に立て|幸いです|取り急ぎ|失礼",
    re.IGNORECASE,
)
_ONE_CUSTOMER = re.compile(
    r"(?<![\w.])i(?=['’ ])"
    r"|\b(?:we(?:'|’)ve|we have (?:refunded|reset|credited|extended|checked)|"
    r"your (?:ticket|case|order number)|on your behalf|today|yesterday|tomorrow|"
    r"(?:mon|tues|wednes|thurs|fri)day)\b"
    r"|(?:いた|致)しました|しておきました|先ほど|本日|昨日|明日|今朝|御社|貴社|弊社側|お客様の(?:アカウント|ご契約|環境|ログ)|"
    r"(?<!お客)様[、。のにへ]|さん[、。]|確認しましたところ|見受けられ",
    re.IGNORECASE,
)
_QUESTION_BACK = re.compile(
    r"\?$|？$|か。$|"
    r"\b(?:could|can|would) you (?:please )?(?:send|tell|share|confirm|provide|describe|attach|check|let)\b|"
    r"\bplease (?:send|share|provide|confirm|reply|attach|tell)\b|"
    r"(?:教えて|お知らせ|お聞かせ|お送り|送って|ご送付|共有して|ご共有)(?:ください|下さい|いただ)",
    re.IGNORECASE,
)
_KNOWN_BUG = re.compile(
    r"\bknown (?:bug|issue|problem)|\b(?:is|a|this) bug\b|\bbug\s*#?\d{4,}|\bbugzilla|\bregression\b|"
    r"\b(?:will be|has been|have been|being|get|is|are) fixed\b|\bfix (?:is|will be|has been) "
    r"|\bin (?:the|a|our) (?:next|upcoming|future) (?:release|update|version)"
    r"|\b(?:engineers?|developers?|engineering) (?:is|are|have|has|team)"
    r"|不具合|バグ|既知の(?:問題|事象)|修正(?:予定|中|版|を予定|いたします|する予定)|改修|次回の?(?:リリース|アップデート|バージョン)",
    re.IGNORECASE,
)
_NO_BUG = re.compile(
    r"\bnot (?:a |the )?(?:known )?(?:bug|issue)|\bno known|"
    r"(?:不具合|バグ)では(?:ございません|ありません|ない)",
    re.IGNORECASE,
)
_OUTDATED = re.compile(
    r"\b(?:article|page|help|guide|documentation|docs)\b.{0,60}\b(?:out of date|outdated|old|wrong|incorrect|"
    r"not (?:been )?updated|still (?:says|shows|describes|mentions))"
    r"|(?:ヘルプ|記事|マニュアル|FAQ|ページ|記載).{0,40}(?:旧版|古い|古く|誤り|誤って|間違|更新が(?:遅れ|されて)|未更新)",
    re.IGNORECASE,
)


_PRIVATE = re.compile(
    r"\b(?:(?-i:my|me|mine|myself)|we see|let(?:'|’)?s see)\b|\bre ?:"
    r"|\byou (?:mention(?:ed)?|said|say|posted|wrote|describe[d]?|are (?:seeing|talking|asking|describing)|"
    r"seem to|can no longer|must have|probably|have already|accessed|would have)\b"
    r"|\byour (?:posts?|screen ?shots?|images?|pictures?|question|problem|issue|error|logs?|case)\b"
    r"|\b(?:images?|screen ?shots?|pictures?|posts?|attachments?) (?:above|below|attached)\b"
    r"|\b(?:see|attached) (?:the )?(?:image|screen ?shot|picture)\b|\b(?:this|the) (?:forum|thread)\b"
    r"|\bplease (?:also )?(?:provide|post|describe|respond|answer|report back|update us)\b"
    r"|\b(?:guess|suspect|assume|wonder|no idea|remind you)\b"
    r"|^(?:are|do|did|have|is|was|were|does|what|who|which|where|why) (?:you|the|it|this|your|there)\b"
    r"|\bin (?:your|this) (?:case|instance)\b"
    r"|\b(?:very|so|truly) sorry\b|\b(?:outage|right now|at the moment|in a few (?:minutes|hours|days))\b"
    r"|\b(?:currently|are) (?:experiencing|investigating|working on)\b"
    r"|障害が発生|復旧作業|復旧中|調査中|確認中"
    r"|添付(?:の|いただ|して|された)|拝見|ご指摘|ご記載|ご質問の|見受け|先日|前回|"
    r"(?:今回|この度|このたび)の(?:件|お問い?合わせ|ご質問)|(?:いただ|頂)いた(?:画像|ログ|内容|ファイル|情報)",
    re.IGNORECASE,
)
_LEANS_BACK = re.compile(
    r"^(?:it|its|this|that|these|those|they|then|so|but|and|also|however|otherwise|actually|instead|"
    r"additionally|in fact|not|if (?:so|not|it|that|this)|which|both|or|there|yes|no|once|after that|"
    r"in (?:that|this) case|the (?:other|same|above|latter|former|second|last|first)|such|too|same)\b"
    r"|^(?:これ|それ|その|この|そちら|こちら|上記|また|ただし|しかし|そのため|なお|次に|続いて|そうする|以上|同様)",
    re.IGNORECASE,
)
_STARTS_LOOSELY = re.compile(r"^[a-z(（\d]")
_LEADS_ON = re.compile(r"[:：、]$")


_HELP = (
    r"(?:\b(?:articles?|pages?|help|faqs?|docs|documentation|manuals?)\b|ヘルプ|記事|マニュアル|FAQ|ページ)"
)
_OPPOSED = (
    r"(?:\bcontradict|\bconflict(?:s|ing)?\b|\binconsistent|\bdisagree|\bwhich (?:one |of (?:them|the two) )?"
    r"is (?:right|correct|true)\b|矛盾|食い違|どちらが(?:正しい|本当)|違うことが|異なる(?:こと|内容|説明)が)"
)
_CONTRADICTS = re.compile(f"{_HELP}[^\n]{{0,80}}{_OPPOSED}|{_OPPOSED}[^\n]{{0,80}}{_HELP}", re.IGNORECASE)


def says_contradicts(text: str) -> bool:
    """Say whether somebody found that two pages of the help centre say opposite things."""
    return bool(_CONTRADICTS.search(text))


def says_outdated(text: str) -> bool:
    """Say whether an agent calls the help centre wrong or out of date."""
    return bool(_OUTDATED.search(text))


def says_known_bug(text: str) -> bool:
    """Say whether an agent calls it a bug, or promises a fix."""
    return bool(_KNOWN_BUG.search(_NO_BUG.sub(" ", text)))


def quotable(sentence: str) -> bool:
    """Say whether a customer's sentence may be quoted: it says something, and leads nowhere."""
    return _holds_words(sentence, least=2) and not (
        _COURTESY.search(sentence) or _ADDRESS.search(sentence) or len(sentence) > LONGEST // 2
    )


def informs(sentence: str) -> bool:
    """Say whether a sentence that an agent wrote would help other customers too."""
    return (
        _holds_words(sentence, least=2)
        and not _COURTESY.search(sentence)
        and not _ONE_CUSTOMER.search(sentence)
        and not _QUESTION_BACK.search(sentence)
    )


def speaks_to_all(sentence: str) -> bool:
    """Say whether a sentence supposes nothing that only the one who asked knows."""
    return not _PRIVATE.search(sentence)


def leans_back(sentence: str) -> bool:
    """Say whether a sentence needs the one before it."""
    return bool(_LEANS_BACK.match(sentence))


def starts_anew(sentence: str) -> bool:
    """Say whether a sentence can stand first."""
    return not leans_back(sentence) and not _STARTS_LOOSELY.match(sentence)


def leads_on(sentence: str) -> bool:
    """Say whether a sentence needs the one behind it."""
    return bool(_LEADS_ON.search(sentence))


def publishable(sentence: str) -> bool:
    """Say whether a sentence of an article may stand in a draft."""
    return _holds_words(sentence, least=1)


def searchable(query: str) -> bool:
    """Say whether what somebody typed into a search may stand in a draft as words to be found by."""
    return len(query) <= LONGEST // 2 and not (
        _MASK.search(query) or _MARKUP.search(query) or _ADDRESS.search(query)
    )


def _holds_words(sentence: str, *, least: int) -> bool:
    return (
        SHORTEST <= len(sentence) <= LONGEST
        and not _MASK.search(sentence)
        and not _MARKUP.search(sentence)
        and len(normal_forms(sentence)) >= least
    )
