"""The largest themes of a survey, by their titles; and, to be read beside them, members drawn at random.

    python -m benchmarks.titles DATA CACHE
    python -m benchmarks.titles DATA CACHE --draw SEED

The answers to two questions of the Fukui visitor survey, read as the pipeline reads them: redacted, cut into
spans, each a row. Without `--draw` it prints how much is themed, as a Markdown table; with it, ten members
of each of the twenty largest themes, for a person who says of how many the title is true.
`docs/titles-reading.md` has what such readers said.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.clustering import grouped, spaces_of
from benchmarks.sets import SETS, LabelledSet
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.html import plain
from nlp.labelers import open_labeler
from nlp.redact import redact
from nlp.segment import CUSTOMER, Turn, segment
from service.models.columns import digest

QUESTIONS = ("fukui-inconvenience", "fukui-wish")
LARGEST = 20
DRAWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme, its title, and what was said in it."""

    title: str
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """A digest of what it holds."""
        return digest(*sorted(self.texts))[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The answers to one question, and their themes, largest first."""

    answers: int
    """Those that say anything."""
    spans: int
    themed_answers: int
    """Answers with a span in a theme."""
    themed_spans: int
    themes: tuple[Theme, ...]


def spans(answer: str) -> list[str]:
    """Return what a run would group of an answer."""
    text = redact(plain(answer)).text.strip()
    found = segment(text, [Turn(0, len(text), CUSTOMER)], title_end=0, channel="survey", lang="ja")
    return [text[start:end] for start, end in found.spans]


def read(question: str, data: Path, cache: Path) -> Read:
    """Group what people answered to a question and name the groups."""
    spans_of = [found for answer in SETS[question](data).texts if (found := spans(answer))]
    texts = tuple(text for each in spans_of for text in each)
    given = LabelledSet(name=question, texts=texts, labels=(), lang="ja")
    groups, _, _ = grouped(open_clusterer(), spaces_of(given, open_embedders(), cache), len(texts))
    held: dict[int, list[str]] = defaultdict(list)
    for text, group in zip(texts, groups, strict=True):
        if group is not None:
            held[group].append(text)
    ordered = sorted(held, key=lambda group: (-len(held[group]), group))
    labels = open_labeler().label([held[group] for group in ordered], lang="ja")
    return Read(
        answers=len(spans_of),
        spans=len(texts),
        themed_answers=_answers(spans_of, groups),
        themed_spans=sum(map(len, held.values())),
        themes=tuple(
            Theme(title=label.title, texts=tuple(held[group]))
            for group, label in zip(ordered, labels, strict=True)
        ),
    )


def _answers(spans_of: Sequence[Sequence[str]], groups: Sequence[int | None]) -> int:
    """Return how many answers have a span in a group."""
    ends = np.cumsum([len(of_answer) for of_answer in spans_of])
    themed = np.cumsum([0, *(group is not None for group in groups)])
    starts = np.concatenate(([0], ends[:-1]))
    return int(np.count_nonzero(themed[ends] > themed[starts]))


def line(question: str, found: Read) -> str:
    """Return one row of the table."""
    largest = len(found.themes[0].texts) / found.spans
    return (
        f"| {question} | {found.answers:,} | {found.spans:,} | {len(found.themes)} "
        f"| {found.themed_answers / found.answers:.3f} | {found.themed_spans / found.spans:.3f} "
        f"| {largest:.3f} |"
    )


def sheet(question: str, found: Read, seed: int) -> str:
    """Return the largest themes with members drawn at random, to be read."""
    lines = [f"# {question}, drawn with seed {seed}"]
    for number, theme in enumerate(found.themes[:LARGEST], start=1):
        drawn = random.Random(f"{seed} {theme.name}").sample(
            sorted(theme.texts), min(DRAWN, len(theme.texts))
        )
        lines.append(f"\n## {number}. {theme.title}\n\n`{theme.name}`, {len(theme.texts)} voices\n")
        lines += [f"{place}. {' '.join(text.split())}" for place, text in enumerate(drawn, start=1)]
    return "\n".join(lines)


def main(
    data: Path,
    cache: Path,
    draw: Annotated[int | None, typer.Option(help="Print members drawn with this seed.")] = None,
) -> None:
    """Print the table, or what is to be read."""
    cache.mkdir(parents=True, exist_ok=True)
    if draw is None:
        typer.echo("| question | answers | spans | themes | answers themed | spans themed | largest |")
        typer.echo("|---|---|---|---|---|---|---|")
    for question in QUESTIONS:
        found = read(question, data, cache)
        typer.echo(line(question, found) if draw is None else sheet(question, found, draw))


if __name__ == "__main__":
    typer.run(main)
