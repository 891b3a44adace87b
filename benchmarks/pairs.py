"""How well pairs of themes over two languages are found: intents of xSID, in disjoint halves of its rows.

python -m benchmarks.pairs DATA
"""

import csv
import random
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import typer

from nlp.pairs import Group, pairs

LANGUAGES = ("en", "ja", "de", "it", "nl", "da", "tr", "zh")
FEWEST = 10
"""Rows of an intent in a language that are enough to make a theme."""
SEED = 1


def themes(data: Path, lang: str, *, half: int) -> list[Group]:
    """Return the intents of a language as groups of half of their rows; translations lie in one half."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    with (data / "xsid_multilingual" / "parallel.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["lang"] == lang and random.Random(f"{SEED} {row['pair_key']}").randrange(2) == half:
                by_intent[row["intent"]].append(row["text"])
    return [
        Group(key=intent, lang=lang, texts=texts, known={})
        for intent, texts in sorted(by_intent.items())
        if len(texts) >= FEWEST // 2
    ]


def main(data: Path) -> None:
    """Print a table: pairs that exist, that are proposed, and that are right."""
    typer.echo("| languages | intents in both | proposed | right |")
    typer.echo("|---|---|---|---|")
    total = [0, 0, 0]
    for one, other in combinations(LANGUAGES, 2):
        left, right = themes(data, one, half=0), themes(data, other, half=1)
        found = pairs([*left, *right])
        known = {group.key for group in left} & {group.key for group in right}
        counts = (len(known), len(found), sum(pair.left == pair.right for pair in found))
        total = [sum(both) for both in zip(total, counts, strict=True)]
        typer.echo(f"| {one}, {other} | {counts[0]} | {counts[1]} | {counts[2]} |")
    typer.echo(f"| all | {total[0]} | {total[1]} | {total[2]} |")


if __name__ == "__main__":
    typer.run(main)
