"""How much of a cause that moderators named lands in one theme, as a Markdown table.

    python -m benchmarks.causes DATA CACHE

The tickets of the Thunderbird forum, read as the pipeline reads them: redacted, cut into spans, each span in
the space of its language. What moderators add, the brackets at a title's end and the tags, is kept from the
clusterer and says only what the causes are.

A cause is judged by two rules, both Koe's own: by the one theme that a ticket is about, as exports and
effects have it, and by every theme that one of its spans is in, as a theme's page counts voices.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
    return Ticket(
        title=title[: suffix.start()] if suffix else title,
        body=plain(row["content"]).strip(),
        causes=causes_of(row),
    )


def causes_of(row: Mapping[str, str]) -> frozenset[str]:
    """Return what moderators say is behind a question, by its tags and the brackets at its title's end."""
    suffix = SUFFIX.search(" ".join(plain(row["title"]).split()))
    named = [tag.strip().casefold() for tag in row["tags"].split(";")]
    named += [suffix[1].strip().casefold()] if suffix else []
    return frozenset(name for name in named if name and not NO_CAUSE.fullmatch(name))


def spans(ticket: Ticket) -> list[str]:
    """Return what a run would group of a ticket."""
    lang = detect(f"{ticket.title}\n{ticket.body}")
    title, body = redact(ticket.title).text.strip(), redact(ticket.body).text.strip()
    text = f"{title}\n\n{body}" if title and body else title + body
    turns = [Turn(len(text) - len(body), len(text), CUSTOMER)] if body else []
    found = segment(text, turns, title_end=len(title), channel="ticket", lang=lang)
    return [text[start:end] for start, end in found.spans]


def about(spans_of: Sequence[Sequence[str]], groups: Sequence[int | None]) -> list[frozenset[int]]:
    """Return the theme that holds most of each ticket's themed characters; none where nothing is themed."""
    return [
        frozenset([min(held, key=lambda theme: (-held[theme], theme))] if held else [])
        for held in _characters(spans_of, groups)
    ]


def heard_in(spans_of: Sequence[Sequence[str]], groups: Sequence[int | None]) -> list[frozenset[int]]:
    """Return every theme that a span of each ticket is in."""
    return [frozenset(held) for held in _characters(spans_of, groups)]


def _characters(
    spans_of: Sequence[Sequence[str]], groups: Sequence[int | None]
) -> Iterator[Mapping[int, int]]:
    """Yield how many characters of each ticket are in which theme."""
    row = 0
    for texts in spans_of:
        held: Counter[int] = Counter()
        for text, group in zip(texts, groups[row : row + len(texts)], strict=True):
            if group is not None:
                held[group] += len(text)
        row += len(texts)
        yield held


def by_cause(causes: Sequence[Iterable[str]], found: Sequence[Set[int]]) -> list[Found]:
    """Return how each cause of enough tickets fared, most frequent first; `found` are a ticket's themes."""
    having: dict[str, list[int]] = defaultdict(list)
    for ticket, of_ticket in enumerate(causes):
        for cause in of_ticket:
            having[cause].append(ticket)
    sizes = _held(found)
    named = _held([where for of_ticket, where in zip(causes, found, strict=True) if of_ticket])
    frequent = sorted(
        (cause for cause in having if len(having[cause]) >= FEWEST_TICKETS),
        key=lambda cause: (-len(having[cause]), cause),
    )
    fared = []
    for cause in frequent:
        tickets_of = having[cause]
        held = _held([found[ticket] for ticket in tickets_of])
        theme, most = min(held.items(), key=lambda each: (-each[1], each[0]), default=(-1, 0))
        fared.append(
            Found(
                cause=cause,
                tickets=len(tickets_of),
                recall=most / len(tickets_of),
                purity=most / named[theme] if most else 0.0,
                theme=sizes[theme] / len(found),
            )
        )
    return fared


def _held(found: Iterable[Set[int]]) -> Counter[int]:
    """Return how many tickets are in which theme."""
    return Counter(theme for where in found for theme in where)


def main(data: Path, cache: Path) -> None:
    """Group the tickets and print how their causes fared."""
    cache.mkdir(parents=True, exist_ok=True)
    known = tickets(data)
    spans_of = [spans(ticket) for ticket in known]
    texts = tuple(text for each in spans_of for text in each)
    given = LabelledSet(name="Thunderbird", texts=texts, labels=(), lang=None)
    spaces = spaces_of(given, open_embedders(), cache)
    groups, _, _ = grouped(open_clusterer(), spaces, len(texts))
    main_theme, any_theme = about(spans_of, groups), heard_in(spans_of, groups)
    causes = [ticket.causes for ticket in known]
    typer.echo(
        "| cause | tickets | recall | purity | the theme's share of all tickets "
        "| by any span: recall | purity | share |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for one, any_span in zip(by_cause(causes, main_theme), by_cause(causes, any_theme), strict=True):
        typer.echo(f"| {one.cause} | {one.tickets} | {_figures(one)} | {_figures(any_span)} |")
    means = " | ".join(_mean(by_cause(causes, found), found) for found in (main_theme, any_theme))
    typer.echo(f"| mean | {len(known):,} in all | {means} |")


def _figures(fared: Found) -> str:
    return f"{fared.recall:.2f} | {fared.purity:.2f} | {fared.theme:.3f}"


def _mean(fared: Sequence[Found], found: Sequence[Set[int]]) -> str:
    recall, purity = np.mean([(each.recall, each.purity) for each in fared], axis=0)
    sizes = _held(found)
    largest = f"largest of {len(sizes)}: {max(sizes.values()) / len(found):.3f}"
    return f"{recall:.2f} | {purity:.2f} | {largest}"


if __name__ == "__main__":
    typer.run(main)
