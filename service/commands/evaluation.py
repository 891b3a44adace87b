"""`koe eval`: how well the themes agree with what people said belongs together."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, Seed
from service.console import Console
from service.errors import WrongUse
from service.parts import ports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.evaluating import Baseline, Change, Measured
    from service.pipeline.run import Ports

# service.evaluating is imported where it is used: scikit-learn takes a second to load.

MARGIN = 0.01
"""How far a figure may fall before it counts as worse: more than chance changes, less than anybody sees."""
LABELS = 4
"""Labels of a theme, or themes of a label, that are named."""


def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", readable=False, help="Labelled texts (CSV, TSV, JSONL, Excel)."),
    ],
    text: Annotated[str, typer.Option(help="The column of the texts.")],
    label: Annotated[str, typer.Option(help="The column of the labels.")],
    baseline: Annotated[
        Path | None,
        typer.Option(readable=False, help="Figures that were kept; exit with 1 if one of them got worse."),
    ] = None,
    save_baseline: Annotated[
        Path | None, typer.Option(help="Keep the figures in this file, if none got worse.")
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="How far a figure may fall before it counts as worse.")
    ] = MARGIN,
    confusions: Annotated[int, typer.Option(min=0, help="Confusions of each kind to show.")] = 5,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure how well the themes agree with labels that people gave; needs no database."""
    from service import evaluating

    console = Console(json=as_json)
    parts = ports(read_settings())
    kept = evaluating.read_baseline(baseline) if baseline else None
    files = [evaluating.read_labelled(path, text=text, label=label) for path in paths]
    names = [file.name for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUse(f"Two files are called {twice[0]}; figures are kept by name.")
    found, changes = [], []
    for file in files:
        if kept:
            kept.check(file.name, file.digest)
        console.note(f"Reading {len(file.texts):,} texts of {file.name} for their meaning …")
        measured = evaluating.measure(file, parts, seed=seed, most=confusions)
        found.append(measured)
        if kept:
            changes += kept.changes(file.name, evaluating.held_figures(measured), margin=margin)
    for note in parts.embedders.notes:
        console.note(note)
    tell_figures(console, found)
    for measured in found:
        tell_confusions(console, measured)
    if kept:
        tell_changes(console, kept, changes, names)
    answers = [answer(measured, changes if kept else None) for measured in found]
    console.answer(answers[0] if len(answers) == 1 else answers)
    worse = [change for change in changes if change.worse]
    if save_baseline and not worse:
        keep(console, save_baseline, kept, found, parts, seed=seed)
    if worse:
        told = ", ".join(f"{change.figure} of {change.set}" for change in worse)
        console.note(f"koe: worse than the baseline by more than {margin:g}: {told}.")
        raise typer.Exit(1)


def tell_figures(console: Console, found: Sequence[Measured]) -> None:
    """Show a line of figures a set."""
    console.table(
        ("set", "rows", "labels", "themes", "V-measure", "ARI", "accuracy", "themed", "largest"),
        [
            (
                one.file.name,
                one.figures.rows,
                one.figures.labels,
                one.figures.themes,
                f"{one.figures.v_measure:.3f}",
                f"{one.figures.ari:.3f}",
                f"{one.figures.accuracy:.3f}",
                f"{one.figures.coverage:.3f}",
                f"{one.figures.largest:.3f}",
            )
            for one in found
        ],
    )


def tell_confusions(console: Console, one: Measured) -> None:
    """Show which labels a theme mixes, and over which themes a label is scattered.

    What people said is shown on a terminal alone; a file or a pipe gets the lines where it stands.
    """
    if one.mixed:
        console.table(
            ("rows", "labels in it", "of the second, e.g.", "theme"),
            [
                (
                    mixed.rows,
                    shares(mixed.labels),
                    where(console, one, mixed.examples),
                    one.title(mixed.theme),
                )
                for mixed in one.mixed
            ],
            title=f"{one.file.name}: themes that mix labels",
        )
    if one.scattered:
        console.table(
            ("rows", "label", "of the second, e.g.", "themes it is in"),
            [
                (
                    label.rows,
                    label.label,
                    where(console, one, label.examples),
                    shares([(one.title(theme) or "in no theme", rows) for theme, rows in label.themes]),
                )
                for label in one.scattered
            ],
            title=f"{one.file.name}: labels that are scattered over themes",
        )


def shares(parts: Sequence[tuple[str, int]]) -> str:
    """Return the largest parts with their rows, and how many more there are."""
    named = ", ".join(f"{name} {rows:,}" for name, rows in parts[:LABELS])
    return named if len(parts) <= LABELS else f"{named} and {len(parts) - LABELS} more"


def where(console: Console, one: Measured, rows: Sequence[int]) -> str:
    """Return the lines of rows; on a terminal with the first one's words."""
    told = "line " + ", ".join(map(str, one.lines(rows)))
    if not console.out.is_terminal:
        return told
    words = " ".join(one.file.texts[rows[0]].split())
    return f"{told}: {words[:60]}{'…' if len(words) > 60 else ''}"


def tell_changes(console: Console, kept: Baseline, changes: Sequence[Change], names: Sequence[str]) -> None:
    """Show what changed against the baseline, and which sets it does not know."""
    rows = [
        (
            one.set,
            one.figure,
            f"{one.before:.3f}",
            f"{one.now:.3f}",
            "worse" if one.worse else "better" if one.now > one.before else "as good",
        )
        for one in changes
    ]
    if rows:
        console.table(("set", "figure", "before", "now", "against the baseline"), rows)
    for name in names:
        if name not in kept.figures:
            console.note(f"The baseline knows nothing of {name}; --save-baseline keeps its figures.")


def answer(one: Measured, changes: Sequence[Change] | None) -> Mapping[str, object]:
    """Return what programs are told of a set: figures, confusions with lines and titles, and no text."""
    told: dict[str, object] = {
        "set": one.file.name,
        **asdict(one.figures),
        "mixed": [
            {
                "theme": one.title(mixed.theme),
                "rows": mixed.rows,
                "labels": dict(mixed.labels),
                "lines": one.lines(mixed.examples),
            }
            for mixed in one.mixed
        ],
        "scattered": [
            {
                "label": label.label,
                "rows": label.rows,
                "themes": [{"theme": one.title(theme), "rows": rows} for theme, rows in label.themes],
                "lines": one.lines(label.examples),
            }
            for label in one.scattered
        ],
    }
    if changes is not None:
        told["against_baseline"] = {
            change.figure: {"before": change.before, "now": change.now, "worse": change.worse}
            for change in changes
            if change.set == one.file.name
        }
    return told


def keep(
    console: Console,
    path: Path,
    before: Baseline | None,
    found: Sequence[Measured],
    parts: Ports,
    *,
    seed: int,
) -> None:
    """Write the figures into a baseline, beside those of other sets that it had."""
    from service import evaluating

    old = before or evaluating.Baseline(figures={}, rows={})
    now = evaluating.Baseline(
        figures={**old.figures, **{one.file.name: evaluating.held_figures(one) for one in found}},
        rows={**old.rows, **{one.file.name: one.file.digest for one in found}},
    )
    evaluating.write_baseline(
        path, now, embedders=list(parts.embedders.names), clusterer=parts.clusterer.name, seed=seed
    )
    console.note(f"The figures are kept in {path}.")
