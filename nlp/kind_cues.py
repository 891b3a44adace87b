"""The words by which kinds are told, with their weights: Japanese, English, and a few of other "
"languages."""

PAIN_POINT, QUESTION, REQUEST, PRAISE, OTHER = "pain_point", "question", "request", "praise", "other"

Cues = tuple[tuple[str, float, str], ...]
"""Kind, weight, pattern (case is ignored)."""


JAPANESE: Cues = (
    (
        REQUEST,
        3.0,
        r"(?:(?<!こ)と|れば|けば|せば|ければ|たら|だら|なら)(?:もっと|さらに|更に|なお|より|大変|とても"
        r"|すごく"
        r"|本当に|非常に|一層)?(?:いい|良い|よい|良か|よか|嬉し|うれし|助か|有?り?難|ありがた|便利|最高"
        r"|楽し(?:い|め)"
        r"|幸い|満足|魅力|使いやす|分かりやす|わかりやす|行きやす)(?!ところ|点|です(?:か|が)|のですが)",
    ),
    (
        REQUEST,
        2.6,
        r"(?:て|で)(?:ほし|欲し|もらいたい|いただきたい|頂きたい|いただければ|頂ければ|もらえれば|くれれば)"
        r"|(?:が|を|も|は)(?:ほし|欲し)い(?!もの|物)",
    ),
    (
        REQUEST,
        2.5,
        r"(?:追加|実装|対応|改善|検討|導入|整備|設置|拡充|充実|増設|増便|増加|強化|復活|延長|緩和|見直し"
        r"|統一|簡略化)"
        r"(?:(?:を|の)?(?:お願い|願|希望|要望|検討|求め|期待)|(?:が|は)必要|していただ|して(?:ほし|欲し"
        r"|下さ|くださ|もら)"
        r"|すべき|(?:も|、)?(?:$|。))",
    ),
    (
        REQUEST,
        2.2,
        r"要望|希望(?:し|です)|できるように(?:して|なれば|なると|なったら|お願い)|(?:する|ある|なる|う|く"
        r"|す|つ|む|る)べき"
        r"|必要(?:だと|では|があ|かと|性)|増やし|増やす|求め(?:ます|る|たい)|期待し(?:て|ます)",
    ),
    (
        REQUEST,
        2.0,
        r"もっと.{1,30}(?:を|に|が|と)(?:$|。|!)|(?:して|て|で|を)(?:ください|下さい|くれ)(?!る)"
        r"|お願いし(?:たい|ます)"
        r"|(?:たら|れば|ほう?が|方が)(?:いい|良い|よい)|(?:いい|良い|よい)(?:かと|かも|のでは|のに"
        r"|な[。!〜~ぁあ]|な$)"
        r"|(?:ては|たら)(?:どう|いかが)|があれば(?:$|。|、)",
    ),
    (
        REQUEST,
        0.9,
        r"たい(?:です|の|ん|$|。|と思|が、)",
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
        r"エラー|不具合|バグ|故障|文字化け|落ち(?:る|ます|て(?:しま|い))|固ま(?:る|っ)|フリーズ|クラッシュ"
        r"|失敗|壊れ|消え(?:た|て|る)|二重請求|解約",
    ),
    (
        PAIN_POINT,
        2.0,
        r"(?:でき|出来|使え|行け|見られ|食べられ|入れ|開け|送れ|届か|動か|つなが[らっ]|繋が[らっ])"
        r"(?:ない(?!ほど|と思えない)|ません|なかった|ず(?:に|、|困)|なくな)",
    ),
    (
        PAIN_POINT,
        1.8,
        r"苦労|大変(?:だ|で(?:す|し)|そう|だっ)|手間|ややこし|わかりずら|分かりずら|暑すぎ|寒すぎ|短(?:い"
        r"|く|か)|乏し"
        r"|休業|品切れ|売り切れ|閉まって|閉館|満車|並ん|並び|時間が?(?:かか|掛か)|無(?:か|い|く)"
        r"|迷(?:った|い|う)",
    ),
    (
        PAIN_POINT,
        1.0,
        r"(?:が|は|も|に|で|て|れ|え|け|か|わ|ら|ま|き|い|じ|ちゃ|来)(?<!問題が)(?<!問題は)(?<!問題も)"
        r"(?:ない|無い|ありません|なかった|ません(?!か)|なく(?:て|な))|なぜか|急に|勝手に|ずっと|何度も"
        r"|いまだに",
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
        r"(?:please|plz|pls|kindly) (?:add|allow|include|support|consider|bring back|implement|make|let us"
        r"|give us|put|create|enable|offer|provide (?:an?|the|more)|update to|reinstate|re-instate|return)"
        r"|feature request|would (?:like|love|prefer) to (?:see|have (?:an?|the|more)|be able)"
        r"|(?:only|just) (?:thing|feature|problem|complaint|improvement) (?:\w+ ){0,4}(?:is|missing|would)",
    ),
    (
        REQUEST,
        2.5,
        r"(?:would|it'd|'d|will|could|might) be (?:\w+ )?(?:nice|great|good|helpful|useful|better|awesome"
        r"|cool"
        r"|perfect|handy|excellent|amazing|ideal|fantastic|appreciated if)|i (?:\w+ )?wish (?!to\b|you)"
        r"|should (?:have|add|allow|be able|support|include|let|also|really|at least|be (?:an?|some|more))"
        r"|wish(?:ed|ing)? (?:there|it|you (?:could|would|had)|they|that|for)|wish ?list"
        r"|\b(?!help|ideas?|advi|sir|yes|ok|answers?)\w+ please(?:[.!]|$)",
    ),
    (
        REQUEST,
        2.0,
        r"(?:could|can|would) you (?:please )?(?:add|make|include|implement|bring|support|consider)"
        r"|needs? (?:an?|the|more|some|better|to (?:have|add|be able|include|support|allow)) "
        r"|if (?:only|you (?:could|would|can|guys)? ?add|it (?:had|could|supported))|suggest(?:ions?|ed)?\b"
        r"|hop(?:e|ing) (?:you|they|to see|for|there|that)|bring (?:it )?back|needs? (?:an? )?(?:option"
        r"|update)"
        r"|missing (?:feature|option)|no (?:option|way|ability|support|setting) (?:to|for)|what about adding",
    ),
    (
        REQUEST,
        1.8,
        r"add (?:more|some|support|an option|the option|the ability|a feature|in|back)\b|(?:^|[.!,] ?"
        r"|and )add "
        r"|ability to|more (?:options|features|choices|levels|content|variety|control|customi[sz]ation)"
        r"|(?:could|should) be (?:better|improved|able|more)|wish (?!to\b)|lacks?|lacking"
        r"|please (?=change|improve|fix and|stop|remove|reconsider|think|get|do (?!not))|would (?:love"
        r"|prefer)"
        r"|when (?:will|are) (?:you|we) (?:add|get|support)\w*",
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
        r"|download|arrive|get|allow|accept|recognize)\w*|crash\w*|errors?\b|bug(?:s|gy)?\b|broken"
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
        1.0,
        r"\b(?:doesn't|don't|didn't|isn't|wasn't|hasn't|haven't|not|never|nothing|help|suddenly"
        r"|again and again|still)\b",
    ),
    (
        PRAISE,
        1.0,
        r"\b(?:like (?:it|this)|5 stars?|five stars?|thank you)\b",
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
