"""`koe eval`: how well the themes agree with what people said belongs together."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, Seed, opened
from service.console import Console
from service.errors import Conflict, WrongUse
from service.parts import ports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.config import Settings
    from service.evaluating import Baseline, Held, LabelledFile, Measured
    from service.pipeline.run import Ports

# service.evaluating is imported where it is used: scikit-learn takes a second to load.

MARGIN = 0.01
"""How far a figure may fall before it counts as worse: more than chance changes, less than anybody sees."""
LABELS = 4
"""Labels of a theme, or themes of a label, that are named."""


def evaluate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE…", readable=False, help="Labelled texts (CSV, TSV, JSONL, Excel)."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="The column of the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column of the labels.")] = None,
    gold: Annotated[
        bool,
        typer.Option("--gold", help="Instead of files: what people said about the voices in the database."),
    ] = False,
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
    """Measure how well the themes agree with labels that people gave; needs no database but for --gold."""
    from service import evaluating

    console, settings = Console(json=as_json), read_settings()
    parts = ports(settings)
    kept = evaluating.read_baseline(baseline) if baseline else None
    if gold:
        if paths or text or label:
            raise WrongUse("--gold measures what is in the database; it takes no FILE, --text or --label.")
        held = [evaluate_gold(console, settings, parts, kept, margin=margin, seed=seed)]
    elif paths and text is not None and label is not None:
        files = [evaluating.read_labelled(path, text=text, label=label) for path in paths]
        held = evaluate_files(console, files, parts, kept, margin=margin, seed=seed, most=confusions)
    else:
        raise WrongUse("Name FILE, --text and --label, or --gold.")
    worse = [change for one in held for change in one.changes if change.worse]
    if save_baseline and not worse:
        about = {"embedders": parts.embedders.names, "clusterer": parts.clusterer.name, "seed": seed}
        evaluating.write_baseline(save_baseline, evaluating.added(kept, held), **about)
        console.note(f"The figures are kept in {save_baseline}.")
    if worse:
        told = ", ".join(f"{change.figure} of {change.set}" for change in worse)
        console.note(f"koe: worse than the baseline by more than {margin:g}: {told}.")
        raise typer.Exit(1)


def evaluate_files(
    console: Console,
    files: Sequence[LabelledFile],
    parts: Ports,
    kept: Baseline | None,
    *,
    margin: float,
    seed: int,
    most: int,
) -> list[Held]:
    """Measure files, one by one, and say what was found; return the figures that a baseline keeps."""
    from service import evaluating

    names = [file.name for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise WrongUse(f"Two files are called {twice[0]}; figures are kept by name.")
    for file in files:
        evaluating.check(kept, file.name, file.digest)
    found, held = [], []
    for file in files:
        console.note(f"Reading {len(file.texts):,} texts of {file.name} for their meaning …")
        measured = evaluating.measure(file, parts, seed=seed, most=most)
        figures = evaluating.held_figures(measured)
        found.append(measured)
        held.append(evaluating.hold(file.name, file.digest, figures, kept, margin=margin))
    for note in parts.embedders.notes:
        console.note(note)
    tell_figures(console, found)
    for measured in found:
        tell_confusions(console, measured)
    tell_changes(console, kept, held)
    answers = [answer(measured, one, kept) for measured, one in zip(found, held, strict=True)]
    console.answer(answers[0] if len(answers) == 1 else answers)
    return held


def evaluate_gold(
    console: Console, settings: Settings, parts: Ports, kept: Baseline | None, *, margin: float, seed: int
) -> Held:
    """Hold what the parts make of the voices against what people said; return the figures to keep."""
    from service import evaluating
    from service.pipeline import gold

    with opened(console, settings) as db, console.progress() as progress:
        found = gold.measure(
            db, settings.organisation, parts.embedders, parts.clusterer, seed=seed, progress=progress
        )
    if not found.statements:
        raise Conflict(
            "Nobody has said yet what belongs together or apart. Merge themes or keep them apart on their "
            "pages, or write it down: koe import corrections FILE --source NAME."
        )
    figures = {
        name: round(value, evaluating.DIGITS)
        for name, value in (("together", found.together), ("apart", found.apart))
        if value is not None
    }
    # The gold set grows with every correction, so figures of fewer statements are a baseline too.
    held = evaluating.hold("gold", "", figures, kept, margin=margin)
    console.table(
        ("figure", "value"),
        [
            *((name, f"{value:.3f}") for name, value in figures.items()),
            ("statements", f"{found.statements:,}"),
            ("of voices that are gone", f"{found.gone:,}"),
        ],
        title="What people said, and what would be grouped so without them",
    )
    tell_changes(console, kept, [held])
    console.answer({"set": "gold", **asdict(found)} | against(held, kept))
    return held


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


def tell_changes(console: Console, kept: Baseline | None, held: Sequence[Held]) -> None:
    """Show what changed against the baseline, and which sets it does not know."""
    rows = [
        (
            change.set,
            change.figure,
            f"{change.before:.3f}",
            f"{change.now:.3f}",
            "worse" if change.worse else "better" if change.now > change.before else "as good",
        )
        for one in held
        for change in one.changes
    ]
    if rows:
        console.table(("set", "figure", "before", "now", "against the baseline"), rows)
    for one in held:
        if kept and one.name not in kept.figures:
            console.note(f"The baseline knows nothing of {one.name}; --save-baseline keeps its figures.")


def against(held: Held, kept: Baseline | None) -> dict[str, object]:
    """Return what programs are told of the changes; nothing where there is no baseline."""
    if kept is None:
        return {}
    return {
        "against_baseline": {
            change.figure: {"before": change.before, "now": change.now, "worse": change.worse}
            for change in held.changes
        }
    }


def answer(one: Measured, held: Held, kept: Baseline | None) -> Mapping[str, object]:
    """Return what programs are told of a set: figures, confusions with lines and titles, and no text."""
    told = {
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
    return {**told, **against(held, kept)}
