"""English words that praise or complain, by their stems, and what turns them round or makes them stronger.

Our own list. Strengths are 1 (mild), 2 (plain) and 3 (strong); a word that is good in one trade and bad in
another (cheap, light, cold) is in none.
"""

import re

from nlp.stem import stem

_GOOD = {
    3: """amazing awesome brilliant delighted excellent exceptional fabulous fantastic flawless gorgeous
        incredible magnificent marvelous outstanding perfect perfection perfectly phenomenal stunning superb
        terrific thrilled wonderful wonderfully adore flawlessly masterpiece""",
    2: """addictive beautiful beautifully best comfortable convenient cool delicious
        delightful easy easily effective efficient effortless elegant enjoy enjoyable enjoyed
        excited fast friendly fun glad good grateful great happy happily helpful
        impressed impressive intuitive invaluable lovely love nice nicely pleasant polite
        positive quick quickly recommend reliable reliably rock satisfied satisfying seamless
        seamlessly smart smooth smoothly sweet super thankful thorough useful valuable wow yay yummy
        handy hilarious polished responsive courteous welcoming relaxing memorable scenic""",
    1: """accurate appreciate attractive clean clear clever decent fair fine fresh improve improved
        improvement interesting likeable ok okay neat pretty quiet simple solid stable thank thanks tidy
        worth worthwhile worked works fixed solved resolved""",
}
_BAD = {
    3: """abysmal appalling atrocious awful crap crappy despise disaster disgusting dreadful garbage hate
        hated horrendous horrible horribly horrid pathetic rubbish scam shit shitty terrible terribly
        unacceptable unusable useless worst worthless fraud furious fuck fucking hell ridiculous
        outrageous nightmare""",
    2: """abandon angry annoy annoying annoyance annoyed awkward bad badly boring broken broke buggy bug
        clumsy clunky complain complaint confuse confusing crash cumbersome damn defective deteriorate
        difficult disappoint disappointed disappointing disappointment disconnect dirty dislike
        dissatisfied dumb error expensive fail failed failing failure faulty filthy flaw flawed freeze
        frozen froze frustrate frustrated frustrating frustration glitch glitchy hang hassle hopeless
        impossible inaccurate inconvenient inconsistent incorrect incorrectly ineffective inferior insane
        irritate irritating junk lag laggy lame lousy mediocre mess messy mislead misleading nasty noisy
        outdated overpriced painful painfully poor poorly refuse regret rude sad sadly scary shame shocking
        sick sloppy slow slowly slower sluggish stuck stupid suck suffer terrify trash ugly unable unclear
        uncomfortable unfair unfortunate unfortunately unfriendly unhappy unhelpful uninstall unpleasant
        unreadable unreliable unresponsive unstable upset upsetting waste wasted weak weird worse worsen
        wrong wrongly rip overcharge mistake""",
    1: """ache alas bother bothersome challenge complicated complex concern crowded declined delay delayed
        hard hardly hidden incompatible issue lack lacking limit limited lose lost missing mistaken
        obstacle old pain problem problematic pricey randomly rejected sorry spam strange struggle
        suddenly tedious tired trouble troublesome unexpected unnecessary unwanted unusual worry worried
        need wish delete deleted disappear disappeared refund""",
}
_MORE = 1.4
_LESS = 0.6
STRONGER = {
    word: factor
    for factor, words in {
        _MORE: """absolutely amazingly completely deeply definitely entirely especially extremely highly
            hugely incredibly insanely really seriously so such super too totally truly utterly very way
            much""",
        _LESS: """almost barely fairly little mildly occasionally partly quite rather slight slightly
            somewhat sometimes kinda sorta bit""",
    }.items()
    for word in words.split()
}
_DENIES = """
    aint ain't cannot can't cant couldn't didn't didnt doesn't doesnt don't dont hadn't hardly hasn't
    haven't isn't isnt lacks lacking neither never no nobody none nor not nothing nowhere rarely scarcely
    shouldn't wasn't wasnt weren't without won't wont wouldn't zero far
"""
DENIES = frozenset(_DENIES.split())
"""Turn the next words round."""
TURNS = frozenset(["but", "however", "although", "though", "yet", "except", "until", "unfortunately"])
"""What follows these is what is meant."""

_PHRASES = (
    (
        0.0,
        r"(?:best|kind|warm|kindest) (?:regards|wishes)|thank(?:s| you) (?:\w+ ){0,3}in advance"
        r"|(?:any|your|all) help (?:\w+ ){0,3}appreciated|(?:much|greatly) appreciated"
        r"|thank you for your (?:time|help)",
    ),
    (
        -2.0,
        r"(?:does|do|did|is|was|will|would|could|has|have)(?:n't|nt| not| no longer) (?:\w+ )?"
        r"(?:work|load|open|start|sync|save|respond|connect|let|show|update|send|receive|help)\w*",
    ),
    (-2.0, r"not (?:\w+ )?working|no longer (?:works?|possible|able)|stopped working|won't (?:\w+ )?\w+"),
    (
        -2.5,
        r"waste of (?:\w+ )?(?:time|money|space)|rip(?:ped)?[ -]?off|fed up|give up|gave up|at (?:my|our)"
        r" wit'?s end|money back|piece of (?:junk|crap|shit|garbage)|sick of|tired of|fails? to",
    ),
    (
        -1.5,
        r"used to (?:be|work|love|like)|please fix|fix (?:it|this|that|the)|needs? (?:to be )?fix\w*"
        r"|can(?:no|')?t (?:even )?\w+|unable to|not (?:worth|impressed|happy|good|great|helpful|useful)"
        r"|could be (?:better|improved)|room for improvement|makes? no sense|bring (?:it )?back"
        r"|force clos\w+|shuts? down|kicks? me out|over and over|again and again|not enough"
        r"|too (?:many|few"
        r"|much|long|small|hard|slow|expensive|complicated|crowded)",
    ),
    (
        2.5,
        r"(?:can't|cannot|couldn't|can not) (?:live|do|go|be|stop|wait|put|imagine|beat|recommend|say|ask|get"
        r" enough|go wrong|fault|thank)(?: \w+){0,2}(?: without| more| enough| better| wrong| happier"
        r"| highly| down| to)?\b",
    ),
    (
        2.0,
        r"no (?:problems?|issues?|complaints?|trouble|bugs?|glitch(?:es)?|hassle)|without (?:any )?(?:a )?"
        r"(?:problems?|issues?|trouble|hitch|glitch(?:es)?)|never (?:\w+ )?(?:crash\w*|fail\w*"
        r"|disappoint\w*"
        r"|had (?:a|any) (?:problems?|issues?))|not (?:a )?(?:bad|single problem)|(?:doesn't|never|don't)"
        r" disappoint|five stars?|5 stars?|life ?saver|must[ -]have|well (?:done|made|designed|worth)"
        r"|game changer|thumbs up|good (?:job|work)|keep (?:it )?up|works? (?:as"
        r"|like) (?:\w+ )?(?:advertised"
        r"|expected|intended|described|a charm)|look(?:ing)? forward|so far so good|highly recommended",
    ),
    (
        1.5,
        r"(?:i|we|my \w+) (?:really |also |do )?(?:like|liked) (?!to )|(?:my|our) favou?rite"
        r"|(?:very|well) pleased|pleased with",
    ),
    (1.0, r"problem solved|issue (?:is )?(?:solved|fixed|resolved)"),
)
PHRASES = tuple((strength, re.compile(rf"\b(?:{pattern})")) for strength, pattern in _PHRASES)
"""What says something else than its words do, one by one."""

WORDS = {
    stem(word): sign * strength
    for sign, given in ((1.0, _GOOD), (-1.0, _BAD))
    for strength, words in given.items()
    for word in words.split()
}
"""Strength by stem, below zero for complaints."""
