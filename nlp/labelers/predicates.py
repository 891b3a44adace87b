"""What Japanese verbs and adjectives are worth in a title: those that say little, judge, count, or oppose."""

from nlp.labelers.chunks import Said

_LITTLE = """
有る 為る 成る 思う 言う 感ずる 感じる 来る 行く 居る 良い 出来る 見る 知る 使う ほう 因る 入る 出る 遣る
頂く 貰う 御座る 続く 置く 作る 取る 持つ 聞く 行う 考える 付く
"""
SAYS_LITTLE = frozenset(_LITTLE.split())
"""Verbs and adjectives that tell no group from another."""
_JUDGING = """
残念 不便 便利 悪い 良い 素敵 最高 大変 嬉しい 満足 好き 大好き 楽しい 素晴らしい 凄い
"""
JUDGES = frozenset(_JUDGING.split())
"""What says how something is, but by itself nothing of what."""
AMOUNTS = frozenset(("少ない", "多い", "欲しい", "無い", "困る", "小さい", "大きい", "足りる", "増やす"))
"""What says nothing at all without a subject."""
_OPPOSITES = """
少ない 多い 広い 狭い 高い 安い 近い 遠い 奇麗 汚い 早い 遅い 美味しい 不味い
"""
_PAIRS = tuple(zip(_OPPOSITES.split()[::2], _OPPOSITES.split()[1::2], strict=True))
OPPOSITES = frozenset((*_PAIRS, *(pair[::-1] for pair in _PAIRS)))


def vague(said: Said) -> bool:
    """Say whether a predicate tells nothing: 「見る」; what cannot be seen tells something."""
    return said.head in SAYS_LITTLE and not (said.negated or said.hard)
