"""How much of a cause that moderators named lands in one theme, as a Markdown table.

    python -m benchmarks.causes DATA CACHE

The tickets of the Thunderbird forum, read as the pipeline reads them: redacted, cut into spans, each span in
the space of its language. What moderators add, the brackets at a title's end and the tags, is kept from the
clusterer and says only what the causes are.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer

from benchmarks.clustering import grouped, spaces_of
from benchmarks.sets import LabelledSet
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.html import plain
from nlp.language import detect
from nlp.redact import redact
from nlp.segment import CUSTOMER, Turn, segment

csv.field_size_limit(2**31 - 1)
FEWEST_TICKETS = 10
"""A cause of fewer tickets says too little about a clusterer."""

SUFFIX = re.compile(r"\s*[(\[]([^()\[\]]{2,40})[)\]]\s*$")
NO_CAUSE = re.compile(
    r"other|customi[sz]\w*(?:-.+)?|fix-problems(?:-.+)?|calendar|tips|desktop|mobile|thunderbird\S*|firefox-\S+"
    r"|.+-.+|.*_1"  # the forum's own topics, products and platforms are written with dashes
    r"|needsinfo|troubleshooting\S*|(?:probably)?not\S*problem|(?:un)?supported"  # how a ticket is handled
    r"|settings|accounts?|linux|macos|mac|android|windows ?\d*|win ?\d+|\d\d[ -]?bits?|[\d. ()-]+|e-?mail"
)
"""Tags and brackets that say which topic, product, platform or version it is, or what is asked of the
customer: no cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a customer wrote, and what moderators say is behind it."""

    title: str
    """Without what stands in brackets at its end."""
    body: str
    causes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a cause fared."""

    cause: str
    tickets: int
    recall: float
    """The share of its tickets that are in the one theme which has most of them."""
    purity: float
    """The share that has this cause, of the tickets in that theme which have any named cause at all."""
    theme: float
    """The share of all tickets that are in that theme."""


def tickets(folder: Path) -> list[Ticket]:
    """Read all questions of the forum."""
    with (folder / "thunderbird_support" / "questions.csv").open(encoding="utf-8", newline="") as file:
        return [_ticket(row) for row in csv.DictReader(file)]


def _ticket(row: Mapping[str, str]) -> Ticket:
    title = " ".join(plain(row["title"]).split())
    suffix = SUFFIX.search(title)
    named = [tag.strip().casefold() for tag in row["tags"].split(";")]
    named += [suffix[1].strip().casefold()] if suffix else []
    return Ticket(
        title=title[: suffix.start()] if suffix else title,
        body=plain(row["content"]).strip(),
        causes=frozenset(name for name in named if name and not NO_CAUSE.fullmatch(name)),
    )


def spans(ticket: Ticket) -> list[str]:
    """Return what a run would group of a ticket."""
    lang = detect(f"{ticket.title}\n{ticket.body}")
    title, body = redact(ticket.title).text.strip(), redact(ticket.body).text.strip()
    text = f"{title}\n\n{body}" if title and body else title + body
    turns = [Turn(len(text) - len(body), len(text), CUSTOMER)] if body else []
    found = segment(text, turns, title_end=len(title), channel="ticket", lang=lang)
    return [text[start:end] for start, end in found.spans]


def themes(spans_of: Sequence[Sequence[str]], groups: Sequence[int | None]) -> list[int | None]:
    """Return each ticket's theme: the one that holds most of its themed characters."""
    found: list[int | None] = []
    row = 0
    for texts in spans_of:
        held: Counter[int] = Counter()
        for text, group in zip(texts, groups[row : row + len(texts)], strict=True):
            if group is not None:
                held[group] += len(text)
        row += len(texts)
        found.append(min(held, key=lambda theme: (-held[theme], theme)) if held else None)
    return found


def by_cause(causes: Sequence[Iterable[str]], found: Sequence[int | None]) -> list[Found]:
    """Return how each cause of enough tickets fared, most frequent first."""
    sizes = Counter(theme for theme in found if theme is not None)
    having: dict[str, list[int]] = defaultdict(list)
    named: Counter[int] = Counter()
    for ticket, (of_ticket, theme) in enumerate(zip(causes, found, strict=True)):
        for cause in of_ticket:
            having[cause].append(ticket)
        if theme is not None and of_ticket:
            named[theme] += 1
    frequent = sorted(
        (cause for cause in having if len(having[cause]) >= FEWEST_TICKETS),
        key=lambda cause: (-len(having[cause]), cause),
    )
    return [_found(cause, [found[ticket] for ticket in having[cause]], named, sizes) for cause in frequent]


def _found(cause: str, where: Sequence[int | None], named: Counter[int], sizes: Counter[int]) -> Found:
    held = Counter(theme for theme in where if theme is not None)
    theme, most = min(held.items(), key=lambda each: (-each[1], each[0]), default=(-1, 0))
    return Found(
        cause=cause,
        tickets=len(where),
        recall=most / len(where),
        purity=most / named[theme] if most else 0.0,
        theme=sizes[theme] / max(1, sizes.total()),
    )


def main(data: Path, cache: Path) -> None:
    """Group the tickets and print how their causes fared."""
    cache.mkdir(parents=True, exist_ok=True)
    known = tickets(data)
    spans_of = [spans(ticket) for ticket in known]
    texts = tuple(text for each in spans_of for text in each)
    given = LabelledSet(name="Thunderbird", texts=texts, labels=(), lang=None)
    spaces = spaces_of(given, open_embedders(), cache)
    groups, _, _ = grouped(open_clusterer(), spaces, len(texts))
    where = themes(spans_of, groups)
    typer.echo("| cause | tickets | recall | purity | the theme's share of all tickets |")
    typer.echo("|---|---|---|---|---|")
    fared = by_cause([ticket.causes for ticket in known], where)
    for each in fared:
        typer.echo(_line(each.cause, str(each.tickets), each.recall, each.purity, f"{each.theme:.3f}"))
    sizes = Counter(theme for theme in where if theme is not None)
    mean = np.mean([(each.recall, each.purity) for each in fared], axis=0)
    largest = f"largest of {len(sizes)}: {max(sizes.values()) / len(known):.3f}"
    typer.echo(_line("mean", f"{len(known):,} in all", float(mean[0]), float(mean[1]), largest))


def _line(cause: str, count: str, recall: float, purity: float, theme: str) -> str:
    return f"| {cause} | {count} | {recall:.2f} | {purity:.2f} | {theme} |"


if __name__ == "__main__":
    typer.run(main)
