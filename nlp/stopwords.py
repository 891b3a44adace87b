"""Words that say nothing about what a customer wants: our own short lists."""

_ENGLISH = """ a about above after again against all almost already also although always am an and any
anybody anyone anything are aren aren't around as at away back be became because been before being below
best better between both but by came can cannot can't come could couldn't dear did didn't do does
doesn't doing don don't done down during each either else etc even ever every everyone everything few
find first for from further get gets getting give go goes going gone good got had hadn't has hasn't have
haven't having he hello help her here hers hey hi him himself his how however i i'd i'll i'm i've if im
in into is isn't it it's its itself just keep kind know last least let like likely little look lot made
make makes many may maybe me might mine more most much must my myself need needs neither never new next
no nobody none nor not nothing now of off often ok okay on once one ones only onto or other others
otherwise our ours out over own per perhaps please put quite rather really regards right said same say
see seem seems seen several shall she should shouldn't since sincerely so some somebody someone
something sometimes soon still such sure take tell than thank thanks that that's the their theirs them
themselves then there there's therefore these they they're thing things think this those though through
thus to together too toward tried try trying two under until unless unto up upon us use used uses using
usually very via want wanted wants was wasn't way we we're we've well went were weren't what whatever
when whenever where whereas whether which while who whole whom whose why will with within without won't
would wouldn't yes yet you you'd you'll you're you've your yours yourself
"""

# Function words of other European languages, without those that are content words in English.
_EUROPEAN = """
der das den dem des ein eine einen einem einer eines und oder aber nicht ist sind sein haben habe wird
werden wurde ich mich mir sie wir uns ihr mein meine meinen meiner auf für mit von vom zum zur bei nach
aus über unter auch noch nur schon wenn wie dass kann können bitte danke hallo vielen dank es im ins
beim seit mehr keine kein el la los las un una unos unas lo le les del al que en con por para como pero
más muy mi su sus está están son ser ha han hay he sin ya esto esta este eso ese cuando donde cómo qué
gracias hola puedo tengo desde también du de au aux et ou mais pas ne qui dans pour sur avec sans ce
cette ces mon ma mes sa ses est sont ai ont été être je tu il elle nous vous ils par plus bonjour merci
comment quand depuis très tout tous fait gli i uno di da della dei delle dal alla nel nella per tra che
chi non più si è sono ho hanno come anche questo questa quando dove grazie ciao buongiorno salve posso
sul ed o e se os as um uma umas do dos no na nos nas ao à em com não mas eu meu minha seu sua estão são
foi ter tem tenho já isso obrigado obrigada olá onde também het een van op te dat die niet met voor zijn
er maar om ook als dan bij nog uit wel naar kan mijn wordt heeft heb ik u hoe wat deze dit bedankt graag
geen že v s z pro ale jako po už jsem mě jak to tak při od ve ze by není jsou mám děkuji dobrý
"""

_JAPANESE = """
為る 有る 在る 居る 成る 為す 下さる 頂く 戴く 出来る 思う 言う 御座る 致す 願う 貰う 呉れる 上げる 遣る
置く 仕舞う 来る 行く 申す 伺う 存ずる 参る 教える 困る 付く 因る 於く 対する 関する 就く 過ぎる 無い
良い 宜しい 有り難い 欲しい 事 こと 物 為 所 時 訳 方 様 者 内 中 上 下 前 後 間 他 件 点 場合 等 程 頃 際 旨
以上 以下 以外 以前 以後 以来 今回 先日 本日 昨日 今日 明日 現在 最近 毎回 自分 自身 皆 皆さん 弊社 御社
貴社 当方 此方 其方 何 誰 幾つ 一つ 二つ 全部 全て 世話 苦労 宜しく 挨拶 下記 上記 左記 同様 特に 本当
非常 大変 色々 様々 たくさん 沢山 感じ 気 目 手 形 模様 通り
"""

ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())
STOP_WORDS = ENGLISH_STOP_WORDS | frozenset(_EUROPEAN.split())
"""Lower-cased words of languages that are written with spaces."""
JAPANESE_STOP_WORDS = frozenset(_JAPANESE.split())
"""SudachiPy normal forms."""
