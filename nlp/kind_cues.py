"""The words by which kinds are told, with their weights: Japanese, English, and a few of other "
"languages."""

PAIN_POINT, QUESTION, REQUEST, PRAISE, OTHER = "pain_point", "question", "request", "praise", "other"

Cues = tuple[tuple[str, float, str], ...]
"""Kind, weight, pattern (case is ignored)."""


JAPANESE: Cues = (
    (
        REQUEST,
        3.0,
        r"(?:いただけ|もらえ|あれ|なれ|でき|して|増え|頂け)[るばたて]?(?:と|ば|ら)(?:もっと)?(?:助か"
        r"|嬉し|うれし|有り?難|ありがた|幸い)",
    ),
    (
        REQUEST,
        2.5,
        r"(?:て|で)(?:ほし|欲し|もらいたい|いただきたい|頂きたい|いただければ|頂ければ)|があれば(?:良"
        r"|よ|い)い|あると(?:良|よ|い|便利|嬉|うれ|助)",
    ),
    (
        REQUEST,
        2.5,
        r"(?:追加|実装|対応|改善|検討|導入|整備|設置|拡充|充実|増設)(?:を|して|していただ|の(?:ほど"
        r"|検討|要望)|希望|お願い|願|が必要)",
    ),
    (
        REQUEST,
        2.0,
        r"要望|希望し|できるように(?:して|なれば|なると|お願い)|増やし|べき(?:だ|です|では)|(?:が|は"
        r"|も)(?:ほし|欲し)い|必要(?:だと|では)",
    ),
    (
        REQUEST,
        1.5,
        r"(?:たら|れば)(?:いい|良い|よい)|(?:いい|良い|よい)と(?:思|感)|してください|してくれ"
        r"|お願いしたい|たい(?:です|と思)",
    ),
    (
        QUESTION,
        2.5,
        r"どうすれば|どうしたら|どのように|どうやって|やり方|(?:方法|手順|場所|料金|仕様)(?:を|は|が"
        r"|について)(?:教|知り|ご教示|あり)",
    ),
    (
        QUESTION,
        2.0,
        r"教えて|ご教示|でしょうか|(?:です|ます|ません|でした|ました)か(?:[。?\s]|$)|可能ですか"
        r"|いつ(?:頃|から|まで)?.{0,12}[?か]|違いは",
    ),
    (
        QUESTION,
        1.0,
        r"[?？]|知りたい|確認したい|分から(?:ない|ず)|わから(?:ない|ず)",
    ),
    (
        PAIN_POINT,
        2.5,
        r"エラー|不具合|バグ|故障|文字化け|落ち(?:る|ます|て(?:しま|い))|固ま|フリーズ|クラッシュ"
        r"|失敗|壊れ|消え(?:た|て|る)",
    ),
    (
        PAIN_POINT,
        2.5,
        r"困(?:って|り|る|った)|不便|不満|分かりにく|わかりにく|分かりづら|わかりづら|(?:し|り|み|き"
        r"|い|え|見)(?:にく|づら)[いくか]",
    ),
    (
        PAIN_POINT,
        2.0,
        r"(?:でき|出来|れ|え|け|か|わ|ら|ま|が|き|い|じ|ちゃ|来)(?:ない|ません|なかった|ず(?:に|、"
        r"|困)|なくな)",
    ),
    (
        PAIN_POINT,
        2.0,
        r"遅(?:い|く|すぎ)|重(?:い|く)|残念|がっかり|最悪|ひど[いか]|面倒|ストレス|迷惑|解約|二重請求"
        r"|間違(?:い|って|え)|足り(?:ない|ず)|不足",
    ),
    (
        PAIN_POINT,
        1.5,
        r"少な(?:い|く|す|か)|高(?:い|く|す|か)|汚(?:い|く|な|れ)|狭(?:い|く|か)|悪(?:い|く|か)"
        r"|混(?:ん|み|雑)|渋滞|待(?:た|ち)|古(?:い|く)|暑(?:い|く)|寒(?:い|く)",
    ),
    (
        PAIN_POINT,
        1.0,
        r"(?<!問題)(?:ない|無い|ありません|なかった|なく(?:て|な))|なぜか|急に|勝手に|ずっと|何度も"
        r"|いまだに",
    ),
    (
        PRAISE,
        2.5,
        r"素晴らし|すばらし|最高|大好き|感動|満足|美味し|おいし|楽し(?:い|め|か|く)|嬉し(?:い|か)"
        r"|おすすめ(?:です|し)|親切|丁寧(?:で|な|に)",
    ),
    (
        PRAISE,
        2.0,
        r"(?<!不)便利(?!に(?:な|し))|助か(?:って|りま|った)|使いやす|分かりやす|わかりやす|気に入"
        r"|良か(?:った|っ)|よかった|きれい|綺麗|快適|また(?:来|行)",
    ),
    (
        PRAISE,
        1.0,
        r"ありがと(?:う)?|感謝|良い(?:です|。|!)|いいです|好き",
    ),
)

ENGLISH: Cues = (
    (
        REQUEST,
        3.0,
        r"please (?:add|allow|include|support|consider|bring back|implement|make|let us|give us"
        r"|fix and add)|feature request|would (?:like|love) to (?:see|have|be able)",
    ),
    (
        REQUEST,
        2.5,
        r"(?:would|it'd) be (?:nice|great|good|helpful|useful|better|awesome|cool|perfect)|i wish"
        r"|should (?:have|add|allow|be able|support|include|let)|wish (?:there|it|you)",
    ),
    (
        REQUEST,
        2.0,
        r"could you (?:add|make|include)|can you (?:add|make|include)|need(?:s)? (?:an?|the|more"
        r"|to (?:have|add|be able)) |we need|if (?:only|you could add)|suggest(?:ion|ed)?|hope (?:you"
        r"|they|to see)|bring back|needs? (?:an? )?(?:option|update)|add (?:an?|the|more|option)"
        r"|missing (?:feature|option)",
    ),
    (
        REQUEST,
        1.8,
        r"\badd(?:ing|ed)?\b(?! ?-?ons?\b)|would (?:like|love|prefer)|ability to|options? (?:to|for)"
        r"|more (?:options|features|choices)"
        r"|(?:could|should) be (?:better|improved|able|more)|wish\w*|needs? to be|lacks?|please (?!help"
        r"|fix|tell)",
    ),
    (
        QUESTION,
        2.5,
        r"how (?:do|can|would|should|to|does)\b|is (?:there|it) (?:a |any |possible|an )|where (?:can"
        r"|do|is|are)|what (?:is|are|does|do|should)|which (?:one|version|is)|can (?:i|we|someone"
        r"|anyone|you) (?:please )?(?:use|change|get|have|tell|explain|transfer|move|import|export"
        r"|still|also|set|see|find)",
    ),
    (
        QUESTION,
        2.0,
        r"does (?:it|this|the|anyone|your)|do (?:you|i|we) (?:have|need|offer|support)|is (?:this"
        r"|that|my)|are (?:there|you)|when (?:will|do|does|can)|who (?:can|do)|could (?:someone|you"
        r"|anyone) (?:please )?(?:tell|explain|help)|wondering (?:if|how|whether)|(?:want|would like"
        r"|need) to know",
    ),
    (
        QUESTION,
        1.0,
        r"\?|why (?:do|does|is|are|can't|did)|any (?:idea|help|suggestions?)",
    ),
    (
        PAIN_POINT,
        2.5,
        r"(?:does|do|did|is|are|was|has|have|will|would|could)(?:n't|nt| not) (?:\w+ )?(?:work|open"
        r"|load|send|receive|show|display|sync|start|connect|let|appear|respond|save|update|print"
        r"|download|arrive|get|allow|accept|recognize)\w*|crash\w*|error\w*|bug(?:s|gy)?\b|broken"
        r"|freez\w+|froze",
    ),
    (
        PAIN_POINT,
        2.0,
        r"\b(?:can't|cannot|can not|cant|unable to|won't|wont|fails?|failed|failing|failure|problems?"
        r"|issues?|trouble|stuck|lost|disappear\w*|missing|not working|no longer|stopped"
        r"|keeps? \w+ing|hangs?|timed? out|declined|rejected|blocked|refus\w+|charged twice|deleted)\b",
    ),
    (
        PAIN_POINT,
        1.5,
        r"\b(?:slow(?:ly|er)?|annoying|frustrat\w+|terrible|horrible|awful|useless|worst|waste"
        r"|disappoint\w+|hate|confusing|difficult|hard to|impossible|unusable|sucks?|poor(?:ly)?|bad"
        r"|wrong|incorrect\w*|uninstall\w*|refund|expensive|overpriced)\b",
    ),
    (
        PAIN_POINT,
        1.0,
        r"\b(?:doesn't|don't|didn't|isn't|wasn't|hasn't|haven't|not|never|nothing|help|suddenly"
        r"|again and again|still)\b",
    ),
    (
        PRAISE,
        2.5,
        r"\b(?:love(?:s|d)?|awesome|excellent|amazing|fantastic|wonderful|perfect(?:ly)?|brilliant"
        r"|best|superb|outstanding|highly recommend)\b",
    ),
    (
        PRAISE,
        2.0,
        r"\b(?:great|good (?:app|job|game|work|service|product)|very good|works? (?:well|great|fine"
        r"|perfectly)|easy to use|helpful|enjoy\w*|nice|happy with|recommend|fun|addictive|cool"
        r"|impressed)\b",
    ),
    (
        PRAISE,
        1.0,
        r"\b(?:thanks?|thank you|good|like (?:it|this)|useful|handy|easy|well done|5 stars?"
        r"|five stars?)\b",
    ),
)

ELSEWHERE: Cues = (
    (
        QUESTION,
        2.0,
        r"[?？؟]|¿|\b(?:como|cómo|comment|wie kann|come posso|come faccio|hoe kan|jak)\b",
    ),
    (
        PAIN_POINT,
        2.0,
        r"\b(?:problem\w*|error\w*|erro|erreur|fehler|errore|chyb\w+|fout\w*|probl[eè]m\w*|no puedo"
        r"|no funciona|funktioniert nicht|ne (?:fonctionne|marche) pas|non (?:funziona|riesco)"
        r"|não (?:consigo|funciona)|werkt niet|nefunguje|kann nicht|lukt niet)\b",
    ),
    (
        PRAISE,
        2.0,
        r"\b(?:excelente|perfekt|parfait|ottimo|geweldig|super|genial|prima|toll)\b",
    ),
    (
        PRAISE,
        0.5,
        r"\b(?:gracias|danke|merci|grazie|obrigad[oa]|bedankt|děkuji)\b",
    ),
    (
        REQUEST,
        2.0,
        r"\b(?:sería bueno|wäre (?:schön|gut)|ce serait|sarebbe (?:bello|utile)|seria bom|zou (?:fijn"
        r"|handig) zijn)\b",
    ),
)
