"""Labelled files measured against what Koe finds in them, and the baseline that figures are held against."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.files.opening import open_file
from connectors.ports import Row
from nlp.confusion import Mixed, Scattered, mixed, scattered
from nlp.evaluation import Evaluation, Found, compare, group
from nlp.labelers import distinct
from nlp.ports import Label
from nlp.redact import redact
from service.errors import WrongUse
from service.models.columns import digest
from service.pipeline.run import Ports

HELD = ("v_measure", "ari", "accuracy", "coverage")
"""The figures that may not get worse."""
DIGITS = 6
"""Decimals that a baseline keeps."""
UNKNOWN = "und"
"""ISO 639's code for a language that nobody could tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFile:
    """Texts of a file with the labels that people gave them."""

    name: str
    texts: tuple[str, ...]
    """Without personal data, as a run reads them."""
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    """Where each row stands in its file."""

    @property
    def digest(self) -> str:
        """Return what changes with any text or label."""
        return digest(*self.texts, "", *self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was found in a file, beside what people said."""

    file: LabelledFile
    figures: Evaluation
    mixed: tuple[Mixed, ...]
    scattered: tuple[Scattered, ...]
    titles: Mapping[int, str]
    """What each theme is called."""

    def title(self, theme: int | None) -> str | None:
        """Return what a theme is called; None for what is in none."""
        return None if theme is None else self.titles[theme]

    def lines(self, rows: Sequence[int]) -> list[int]:
        """Return where rows stand in the file."""
        return [self.file.lines[row] for row in rows]


def read_labelled(path: Path, *, text: str, label: str) -> LabelledFile:
    """Return the rows of a file that have a text and a label.

    Raises WrongUse where there are none, or not two different labels, and Unreadable for what is no file
    of records.
    """
    rows = open_file(path)
    missing = [column for column in dict.fromkeys((text, label)) if column not in rows.columns]
    if missing:
        raise WrongUse(f"{path.name} has no column {', '.join(missing)}; it has {', '.join(rows.columns)}.")
    read = [
        (str(row.values.get(text) or ""), str(row.values.get(label) or "").strip(), row.line)
        for row in rows
        if isinstance(row, Row)
    ]
    kept = [one for one in read if one[0].strip() and one[1]]
    if not kept:
        raise WrongUse(f"{path.name} has no row with both {text} and {label}.")
    texts, labels, lines = zip(*kept, strict=True)
    if len(set(labels)) < 2:
        raise WrongUse(f"Every row of {path.name} has the same {label}; that leaves nothing to tell apart.")
    redacted = tuple(redact(each).text for each in texts)
    return LabelledFile(name=path.name, texts=redacted, labels=labels, lines=lines)


def measure(file: LabelledFile, ports: Ports, *, seed: int, most: int) -> Measured:
    """Group the texts of a file as a run would, and compare. At most `most` of each confusion are named."""
    found = group(file.texts, ports.embedders, ports.clusterer, seed=seed)
    return Measured(
        file=file,
        figures=compare(file.labels, found.groups),
        mixed=tuple(mixed(file.labels, found.groups, most=most)),
        scattered=tuple(scattered(file.labels, found.groups, most=most)),
        titles=_titles(file.texts, found.groups, found.langs, ports) if most else {},
    )


def _titles(texts: Sequence[str], groups: Found, langs: Sequence[str | None], ports: Ports) -> dict[int, str]:
    """Return a title a theme, those of one language told apart from each other."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(groups):
        if number is not None:
            rows_of[number].append(row)
    by_lang: dict[str, list[int]] = defaultdict(list)
    for number, rows in sorted(rows_of.items()):
        by_lang[Counter(langs[row] or UNKNOWN for row in rows).most_common(1)[0][0]].append(number)
    labels: dict[int, Label] = {}
    for lang, numbers in sorted(by_lang.items()):
        said = [[texts[row] for row in rows_of[n] if (langs[row] or UNKNOWN) == lang] for n in numbers]
        labels |= dict(zip(numbers, ports.labeler.label(said, lang=lang), strict=True))
    order = sorted(labels)
    titled = distinct([labels[number] for number in order])
    return {number: label.title for number, label in zip(order, titled, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that is held against a baseline."""

    set: str
    figure: str
    before: float
    now: float
    worse: bool
    """Whether it fell by more than the margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Figures that were kept, by the name of their set."""

    figures: Mapping[str, Mapping[str, float]]
    rows: Mapping[str, str]
    """A digest of what each set's figures were measured on."""

    def changes(self, name: str, now: Mapping[str, float], *, margin: float) -> list[Change]:
        """Return how the figures of a set changed; none where the baseline does not know the set."""
        before = self.figures.get(name, {})
        return [
            Change(
                set=name,
                figure=figure,
                before=before[figure],
                now=now[figure],
                worse=now[figure] < before[figure] - margin,
            )
            for figure in now
            if figure in before
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The figures of a set that a baseline keeps, and how they changed against one."""

    name: str
    rows: str
    """A digest of what they were measured on."""
    figures: Mapping[str, float]
    changes: Sequence[Change]


def check(kept: Baseline | None, name: str, rows: str) -> None:
    """Raise WrongUse where a set's baseline was measured on other rows: nothing follows from such figures."""
    if kept and kept.rows.get(name, rows) != rows:
        raise WrongUse(
            f"The baseline of {name} was measured on other rows; keep a new one with --save-baseline."
        )


def hold(name: str, rows: str, figures: Mapping[str, float], kept: Baseline | None, *, margin: float) -> Held:
    """Return figures with their changes against a baseline, if there is one."""
    changes = kept.changes(name, figures, margin=margin) if kept else []
    return Held(name=name, rows=rows, figures=figures, changes=changes)


def added(kept: Baseline | None, held: Sequence[Held]) -> Baseline:
    """Return a baseline of these figures, beside those of other sets that it had."""
    old = kept or Baseline(figures={}, rows={})
    return Baseline(
        figures={**old.figures, **{one.name: one.figures for one in held}},
        rows={**old.rows, **{one.name: one.rows for one in held}},
    )


def read_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises WrongUse for a file that is none."""
    try:
        sets: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["sets"]
        return Baseline(
            figures={
                name: {key: float(value) for key, value in one["figures"].items()}
                for name, one in sets.items()
            },
            rows={name: str(one["rows"]) for name, one in sets.items()},
        )
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise WrongUse(
            f"{path.name} is no baseline; koe eval … --save-baseline {path.name} makes one."
        ) from error


def write_baseline(path: Path, baseline: Baseline, **about: object) -> None:
    """Write a baseline, with what it is `about`, for people to read."""
    sets = {
        name: {"rows": baseline.rows[name], "figures": dict(figures)}
        for name, figures in baseline.figures.items()
    }
    path.write_text(
        json.dumps({**about, "sets": sets}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def held_figures(measured: Measured) -> dict[str, float]:
    """Return the figures that a baseline keeps."""
    figures = asdict(measured.figures)
    return {name: round(float(figures[name]), DIGITS) for name in HELD}
