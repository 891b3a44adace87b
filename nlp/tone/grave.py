"""How bad things are, by the words that say so: English and Japanese, from the gravest level down."""

import re

LOW, MEDIUM, HIGH, CRITICAL = 1, 2, 3, 4

Cues = tuple[tuple[int, tuple[str, ...]], ...]
"""Level, and patterns of what says it (case is ignored)."""

_OURS = (
    r"(?:e-?mails?|messages?|mails?|data|files?|folders?|photos?|pictures?|notes?|documents?|contacts?"
    r"|history|records?|address ?books?|accounts?|bookings?|reservations?|progress|backups?|everything"
    r"|calendars?|passwords?|settings|purchases?|points|money|books|projects?|orders?|entries|work)"
)
"""What a customer may lose."""
_GONE = r"(?:gone|lost|deleted|erased|wiped|missing|destroyed|disappeared|vanished|corrupted)"
_IS = r"(?:is|are|was|were|has|have|had|got)(?: been)?(?: all| just| suddenly| now)*"
_LOSES = r"(?:lost|loses|losing|deleted|deletes|deleting|wiped|wipes|erased|erases|destroyed)"

ENGLISH: Cues = (
    (
        CRITICAL,
        (
            rf"{_LOSES} (?:all|every|years|months|weeks|hours|\d+ (?:years|months|days)|most) (?:of )?"
            rf"(?:the |my |our |his |her )?(?:\w+ ){{0,2}}{_OURS}",
            rf"{_LOSES} everything",
            rf"(?:all|everything|years|most)(?: of)?(?: my| our| the)?(?: \w+)? ?{_OURS}? {_IS} {_GONE}",
            rf"(?:my|our|the) (?:\w+ )?{_OURS} (?:{_IS} )?(?:lost|gone|erased|wiped|corrupted|disappeared"
            rf"|vanished)",
            rf"{_OURS} (?:{_IS} )?(?:gone|wiped|vanished|disappeared)",
            rf"(?:lost|wiped|erased) (?:my|our) (?:\w+ ){{0,2}}{_OURS}",
            r"data loss",
            r"(?:lose|losing) (?:my |our |all )?data",
        ),
    ),
    (
        CRITICAL,
        (
            r"(?:charged|billed|debited|withdrawn|paid)(?: \w+){0,3} (?:twice|two times|double"
            r"|multiple times)",
            r"(?:double|over|wrongly|incorrectly|un ?authori[sz]ed)[ -]?(?:charg|bill|debit)\w*",
            r"un ?authori[sz]ed (?:\w+ )?(?:transaction|payment|access|purchase|log ?in|use)",
            r"(?:still|keep|keeps|kept) (?:being |getting |on )?(?:charged|charging|billed|billing)",
            r"(?:took|stole|stolen|missing|lost|owes?)(?: \w+){0,2} (?:money|funds|payment|wallet)",
            r"(?:money|funds|payment) (?:is|are|was|were|has|have|just )(?:been )?"
            r"(?:gone|missing|lost|stolen|taken|disappeared|vanished)",
            r"(?:never|not|didn't|haven't) (?:\w+ )?(?:got|get|gotten|receive|received|seen) (?:my|the|a|any)"
            r" (?:money|refund)",
            r"scammed|scam|fraud\w*",
        ),
    ),
    (
        CRITICAL,
        (
            r"(?:was|were|been|got|am|is|are|accounts?|e-?mail) hacked",
            r"hackers? (?:\w+ )?(?:got|has|have|used?|took|stole)",
            r"(?:data|security|privacy) (?:breach|leak|hole|vulnerab\w+)|compromised",
            r"(?:leak|expos)(?:ed|es|ing)(?: \w+){0,3} (?:data|passwords?|details|information)",
            r"some ?(?:one|body) (?:else )?(?:has )?(?:logged|access|us(?:ed|ing)|got)\w*(?: \w+){0,3}"
            r" (?:account|card|e-?mail)",
            r"(?:my|the) (?:card|phone|wallet|identity|account|passport) (?:was|has been|is|got)"
            r" (?:stolen|swallowed|lost)",
            r"lost my (?:card|phone|wallet|passport)|stolen|identity theft|ransomware|infected (?:with|by)",
            r"injur(?:y|ed|ies)|unsafe|dangerous|caught fire|bleeding|(?:an|the) emergency",
        ),
    ),
    (
        CRITICAL,
        (
            r"(?:completely|totally|entirely|absolutely) (?:un ?usable|useless|broken|down|locked"
            r"|inaccessible"
            r"|stopped|dead|blocked|stuck)",
            r"(?:whole|entire|all (?:of )?(?:our|my|the)) (?:team|company|office|staff|business|users"
            r"|employees"
            r"|colleagues)(?: \w+){0,4} (?:can't|cannot|can not|unable|down|blocked|stopped|affected)",
            r"(?:nobody|no one|none of us|no users?)(?: \w+){0,2} (?:can|able)",
            r"(?:production|site|server|service|system|everything|business) (?:is|went|has been"
            r"|was) (?:\w+ )?down",
            r"(?:can't|cannot|can not|unable to|not able to) (?:work|do my job|do business)(?! (?:out"
            r"|around))",
            r"(?:can't|cannot|can not|unable to) use (?:\w+ ){1,2}(?:at all|any ?more)",
            r"(?:nothing|none of it) works? at all|un ?usable|bricked|outage|show ?stopper",
            r"losing (?:customers|clients|business|sales)",
        ),
    ),
    (
        HIGH,
        (
            r"urgent(?:ly)?|a\.?s\.?a\.?p|immediately|right away|critical(?:ly)?|desperate(?:ly)?|crucial",
            r"severe(?:ly)?|serious(?:ly)? (?:problem|issue|bug|flaw|wrong|broken|affect\w*)",
            r"major (?:problem|issue|bug|flaw)|as soon as possible|deadline",
            r"need (?:this|it) (?:fixed|working|resolved|today|now|urgently)",
        ),
    ),
    (
        HIGH,
        (
            r"crash\w*|force[ -]?clos\w+|freez\w+|froze\w*",
            r"won't (?:\w+ )?(?:open|start|load|launch|work|run|connect|send|let|install|play|sync|save"
            r"|update"
            r"|download|turn|go|even|accept|print|show|display|stay)",
            r"(?:does|do|did|is|are|was|has|have|will)(?:n't|nt| not) (?:\w+ )?(?:work|open|load|send|receive"
            r"|sync|start|connect|let|respond|save|update|print|download|arrive|get|allow|accept|install"
            r"|launch|recogni[sz]e|play|function|go through)\w*",
            r"not (?:\w+ )?working|not (?:receiv|arriv|load|open|send|respond|sync|connect)\w*",
            r"no longer (?:works?|opens?|loads?|sends?|receives?|starts?|connects?|accepts?|able|possible)",
            r"stop(?:s|ped) (?:\w+ )?(?:work|send|receiv|sync|load|respond|download|connect|show|display"
            r"|notif)\w*",
            r"keeps? (?:\w+ )?(?:crash|clos|stopp|freez|fail|disconnect|logg|asking|shutt|kick|say)\w*",
            r"(?:can't|cannot|can not|cant|couldn't|unable to|not able to|impossible to|fail(?:s|ed)? to)"
            r" (?!wait|live|believe|say|imagine|complain|recommend|fault|beat|stop|help but|tell you"
            r"|find (?:a )?better|get enough|be (?:better|happier)|go wrong|put (?:it|this) down|thank)\w+",
            r"errors?(?! ?-?free)|fail(?:s|ed|ing|ure|ures)?|broken|stuck|locked out|declined|rejected"
            r"|blocked",
            r"refuses?|timed? ?out|shuts? (?:\w+ )?down|kicks? me|(?:black|blank|white) screen|does nothing",
            r"disappear(?:s|ed|ing)?|vanish(?:ed|es)?|went missing|corrupt(?:ed|s|ion)?|disconnects?|dead",
            r"missing (?:e-?mails?|messages?|mail|files?|folders?|contacts?|data)",
            r"never (?:arrived?|received?|loads?|opens?|works?|got)",
        ),
    ),
    (
        MEDIUM,
        (
            r"bugs?|buggy|glitch\w*|slow(?:ly|er)?|lag(?:s|gy|ging)?|annoy\w+|frustrat\w+|irritat\w+"
            r"|confus\w+",
            r"difficult|hard to|wrong|incorrect\w*|inaccurate|inconsisten\w+|problems?|issues?|trouble",
            r"mess(?:y|ed)?|unreliable|intermittent\w*|duplicat\w+|expensive|overpriced",
            r"too (?:many|much|long|small|slow|complicated)",
        ),
    ),
)
ENGLISH_MILDER = (
    r"minor|slight(?:ly)?|(?:small|little) (?:bug|issue|problem|glitch|thing|annoyance|complaint)",
    r"a (?:bit|little) (?:slow|buggy|annoying|confusing|off|awkward|clunky|hard)|cosmetic|typos?"
    r"|misspell\w*|nit ?pick\w*|nothing (?:serious|major|big|urgent)",
    r"not? (?:a )?(?:big deal|rush|hurry|urgent|urgency|critical|serious)",
    r"not (?:that|too|very) (?:bad|important|urgent|serious)|nice to have|would be nice",
    r"other than that|apart from that",
    r"only (?:complaint|issue|problem|gripe|thing)|(?:a|the|my) work ?around(?! (?:does|did|is"
    r"|will) ?n[o']t)",
)
"""What says that it is not so bad: it takes a level off."""

_THINGS = (
    r"(?:データ|メール|ファイル|履歴|写真|記録|設定|予約|連絡先|アドレス帳|フォルダ|内容|情報|ポイント"
    r"|全て|すべて|全部)"
)
_NOT = r"(?:な|ず|ませ)"

JAPANESE: Cues = (
    (
        CRITICAL,
        (
            rf"{_THINGS}(?:の\S{{1,6}})?(?:が|は|も|を)?(?:全て|すべて|全部|突然|急に|勝手に|ごっそり)?"
            r"(?:消え|消失|失われ|なくなっ|なくなり|無くなっ|無くなり|飛んだ|飛んでし|削除され|消され"
            r"|消去され|見当たら)",
            r"消えてしま|失ってしま|データ(?:消失|損失|破損)|復元でき|復旧でき|取り返しが",
        ),
    ),
    (
        CRITICAL,
        (
            r"二重(?:に)?(?:請求|課金|引き?落|決済|払)|2回(?:も)?(?:請求|課金|引き?落|決済)|過(?:大"
            r"|剰)(?:に)?請求",
            r"覚えのない|(?:不正|誤)(?:な)?(?:請求|課金|利用|使用|引き?落|決済|送金|アクセス|ログイン|出金)",
            r"(?:返金|入金|振込|送金)(?:が|も|は)?(?:まだ)?(?:され(?:な|てい?な|ま)|届か|でき|反映されな)",
            r"解約(?:した|済み)?(?:のに|後も)|詐欺|盗(?:ま|難)|お金(?:が|を)(?:消|取られ|返|失|なくな)",
            r"残高が(?:消|減|合わ)",
        ),
    ),
    (
        CRITICAL,
        (
            r"乗っ取|ハッキング|情報の?(?:漏え|漏洩|漏れ|流出)|個人情報が|流出|脆弱性|なりすまし",
            r"ウ[イィ]ルスに|セキュリティ(?:上)?(?:の)?(?:事故|ホール|リスク)",
            r"(?:怪我|けが|ケガ)(?:を|人)|火災|発火|発煙|火傷|救急|命に|転落|食中毒|事故に",
        ),
    ),
    (
        CRITICAL,
        (
            r"(?:業務|仕事|営業|授業|診療|作業|会社|現場)(?:が|に|も)?(?:完全に|全て|すべて)?"
            rf"(?:止ま|停止|ストップ|できな|でき(?:ず|ませ)|なら{_NOT}|支障)",
            r"(?:全く|まったく|一切|全然|完全に|何も)(?:使え|動か|開け|起動|ログイン|操作|つなが|繋が"
            r"|反応|受信|送信)"
            rf"\S{{0,4}}?{_NOT}",
            r"(?:全員|全社|社内全体|お客様全員|誰も)(?:が|でも?|も)?\S{0,12}?"
            rf"(?:でき|使え|入れ|見られ|見え){_NOT}",
            r"システム(?:が)?(?:ダウン|停止)|サーバー?が(?:落ち|ダウン)|(?:本番|全面)(?:障害|停止)|致命的",
            r"納期に間に合|給与(?:が|の)(?:払|支払|計算)\S{0,6}?(?:でき|間に合)",
        ),
    ),
    (
        HIGH,
        (
            r"至急|緊急(?!事態)|今すぐ|今日中|本日中|早急|早めに(?:対応|解決|お願い)|一刻も|急ぎ(?!足)"
            r"|急いで(?:い|お|ほ|対)",
            r"(?:とても|大変|非常に|本当に|すごく)困|困って|困り果|深刻|重大|助けて",
        ),
    ),
    (
        HIGH,
        (
            r"エラー|不具合|バグ|故障|障害(?!者|物|の(?:ある|方))|壊れ|クラッシュ|フリーズ|強制終了|失敗"
            r"|文字化け",
            r"(?:アプリ|画面|ソフト|システム)(?:が|は|も)?(?:すぐ|急に|突然|頻繁に|何度も)?落ち|固まる"
            r"|固まっ",
            r"ロックされ|締め出|拒否され|消えた|消えて|届か(?:な|ず)|届き?ませ|届いて(?:い|お)?(?:な|ら)",
            r"(?:使え|開け|動か|起動し|ログインでき|送れ|送信でき|受信でき|受け取れ|登録でき|保存でき"
            r"|接続でき)"
            rf"{_NOT}",
            r"(?:表示され|反映され|印刷でき|つながら|繋がら|認証でき|読み込め|支払え|決済でき|予約でき)"
            rf"{_NOT}",
            r"(?:ダウンロード|アップロード|インストール|更新|変更|削除|同期|追加|利用|使用|操作|設定)"
            rf"(?:が|は|も)?(?:でき|出来|され){_NOT}",
            r"使用不能|利用不可",
        ),
    ),
    (
        MEDIUM,
        (
            r"不便|不満|残念|困[りる]|遅[いくす]|重[いく]|面倒|ストレス|迷惑|間違|足り(?:な|ず)|不足|少な"
            r"|汚|狭",
            r"(?:分か|わか|し|み|き|い|え|見)り?(?:にく|づら)|悪[いくか]|混[んみ雑]|渋滞|待(?:た|ち時間)"
            r"|高すぎ",
            r"(?:でき|出来)(?:ない|なく|ません|なかった|ず)",
        ),
    ),
)
JAPANESE_MILDER = (
    r"些細|軽微|細かい(?:点|こと|話)|誤字|脱字|少し(?:だけ)?(?!も)|ちょっと|若干|多少|やや",
    r"急ぎ(?:では|じゃ)|急ぎませ|急いで(?:い|は)ませ|お時間のある|お手すき|大した(?:問題|こと)(?:では|じゃ)",
    r"(?:深刻|重大|致命的|大きな問題)(?:では|じゃ)な|回避(?:でき|策)|代替(?:手段|案)",
)
"""What says that it is not so bad: it takes a level off."""

DENIED_BEFORE = re.compile(
    r"\b(?:no|not|never|without|don't|doesn't|didn't|isn't|haven't|hasn't|won't|any|if|zero|avoid\w*"
    r"|prevent\w*|anti)(?:[ -](?:\w+ ){0,2})$"
)
"""Right before a word, says that it is not so, or not yet."""
DENIED_BEHIND = re.compile(
    r"(?:し|で|り)?(?:は|も|が|では|じゃ)?"
    r"(?:ない(?:です|と思|。|$|ので)|なし|なかった|ありません|ございません|なく(?:て|、))"
)
