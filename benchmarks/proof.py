"""How often intervals are right, and how small an effect is found: writes the tables of docs/proof.md.

    python -m benchmarks.proof [NAME …]

On made-up series of which the truth is known. Each table stands between two marks of the page and is measured
by itself; without a name all of them are.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import typer

from benchmarks import quality
from benchmarks.simulation import Drawn, Kind, any_kind, draw, oracle_tells, shared_year
from service.measuring import measure_files
from service.rules.effects.cases import Intervention, Wishes
from service.rules.effects.columns import RELEASE
from service.rules.effects.series import Heard
from service.rules.effects.verdict import Effect, silent

PAGE = quality.ROOT / "docs" / "proof.md"
SEED = 20_261_128
COMPANIES, THEMES, UNTOUCHED = 25, 40, 10
"""1,000 series with an intervention, in companies with themes of which nothing is known."""
CELL = 100
"""Series a cell of a table of power."""
WISHES = Wishes(zone="UTC")


def measured(
    drawn: Sequence[Drawn], controls: Sequence[Drawn] = (), *, wishes: Wishes = WISHES
) -> list[Effect]:
    """Return the effects on series that lie in one file, beside themes that nothing touched."""
    series: dict[str, Sequence[Heard]] = {f"t{number}": each.heard for number, each in enumerate(drawn)}
    series |= {f"c{number}": each.heard for number, each in enumerate(controls)}
    done = [each.intervention(f"i{number}", f"t{number}") for number, each in enumerate(drawn)]
    return measure_files(series, done, wishes, progress=silent)


def companies() -> list[tuple[list[Drawn], list[Drawn]]]:
    """Return the themes of companies, touched and untouched; of every second one all themes share a year."""
    found = []
    for company in range(COMPANIES):
        rng = np.random.default_rng([SEED, company])
        year = shared_year(rng)
        drawn = []
        for _ in range(THEMES + UNTOUCHED):
            own = year if company % 2 else shared_year(rng)
            drawn.append(draw(rng, any_kind(rng), year=own))
        found.append((drawn[:THEMES], drawn[THEMES:]))
    return found


def coverage() -> str:
    """How often the interval holds the truth, and how often something is claimed where nothing happened."""
    together: list[tuple[Drawn, Effect]] = []
    alone: list[tuple[Drawn, Effect]] = []
    for touched, untouched in companies():
        together += zip(touched, measured(touched, untouched), strict=True)
        alone += [(each, measured([each])[0]) for each in touched]
    lines = [
        "| measured | series | interval holds the truth | nothing happened, and something is claimed | "
        "naive comparison claims more than 10 % there | effects told |",
        "|---|---|---|---|---|---|",
    ]
    for name, pairs in (("with all themes of its company", together), ("each series alone", alone)):
        lines.append(_coverage_row(name, pairs))
    lines += ["", "With all themes of its company, by what the series are like:", ""]
    lines += ["| | series | interval holds the truth |", "|---|---|---|"]
    for name, chosen in _strata().items():
        pairs = [(drawn, effect) for drawn, effect in together if chosen(drawn.kind)]
        lines.append(f"| {name} | {len(pairs)} | {_share(_holds(pairs))} |")
    return "\n".join(lines)


def power() -> str:
    """How often an effect is told, beside an oracle, over level, effect and dispersion."""
    lines = [
        "| contacts a week | effect | variance ÷ mean 1: Koe / oracle | 1.5 | 4 |",
        "|---|---|---|---|---|",
    ]
    for level, effect in product((10.0, 30.0, 100.0, 300.0), (-0.1, -0.2, -0.35, -0.6)):
        cells = []
        for dispersion in (1.0, 1.5, 4.0):
            kind = Kind(
                level=level,
                effect=effect,
                dispersion=dispersion,
                correlation=0.3,
                before=104,
                after=12,
                season=0.15,
            )
            ours, oracle = _told(kind)
            cells.append(f"{ours:.2f} / {oracle:.2f}")
        lines.append(f"| {level:.0f} | {effect:.0%} | {' | '.join(cells)} |")
    return "\n".join(lines)


def short() -> str:
    """26 weeks before and 8 after."""
    lines = [
        "| contacts a week | effect | variance ÷ mean | with other themes | alone | oracle |",
        "|---|---|---|---|---|---|",
    ]
    for (level, effect), dispersion in product(((100.0, -0.2), (30.0, -0.35)), (1.0, 1.5)):
        kind = Kind(level=level, effect=effect, dispersion=dispersion, before=26, after=8)
        ours, oracle = _told(kind)
        alone = np.mean([measured([each])[0].verdict == "reduced" for each in _cell(kind)])
        lines.append(
            f"| {level:.0f} | {effect:.0%} | {dispersion} | {ours:.2f} | {alone:.2f} | {oracle:.2f} |"
        )
    return "\n".join(lines)


def trouble() -> str:
    """What is claimed where something else happened."""
    lines = ["| | reduced | increased | unchanged | cannot tell | interval holds the truth |"]
    lines.append("|---|---|---|---|---|---|")
    calm = Kind(level=80.0, dispersion=1.5, correlation=0.3, before=78, after=12, season=0.1)
    hit = replace(calm, effect=-0.4)
    # A launch that lifts all themes, nothing done; the same with an effect; controls that were touched.
    scenes: Mapping[str, tuple[Kind, Kind, Kind]] = {
        "nothing happened": (calm, calm, calm),
        "a launch lifts every theme by a third, nothing was done": (
            replace(calm, launch=0.3),
            replace(calm, launch=0.3),
            replace(calm, launch=0.3),
        ),
        "a launch lifts every theme by a third, two fifths fewer": (
            replace(hit, launch=0.3),
            replace(calm, launch=0.3),
            replace(calm, launch=0.3),
        ),
        "a third of the controls rises by half, nothing was done": (calm, calm, replace(calm, launch=0.4)),
        "a third of the controls falls by two fifths, two fifths fewer": (
            hit,
            calm,
            replace(calm, effect=-0.4),
        ),
    }
    for name, (own, others, touched) in scenes.items():
        pairs = [pair for seed in range(CELL // 5) for pair in _scene(seed, own, others, touched)]
        lines.append(_trouble_row(name, pairs))
    first, second = [], []
    for seed in range(CELL):
        pair = _second(seed, calm)
        first.append(pair[0])
        second.append(pair[1])
    lines.append(_trouble_row("nothing was done, then a second intervention with two fifths fewer", first))
    lines.append(_trouble_row("that second one", second))
    return "\n".join(lines)


def releases() -> str:
    """Four releases before and two after, each of which lifts the theme for two weeks."""
    lines = [
        "| | days of releases | reduced | increased | unchanged | cannot tell | interval holds the truth |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    calm = Kind(
        level=80.0,
        dispersion=1.5,
        correlation=0.3,
        before=78,
        after=12,
        season=0.1,
        releases=4,
        releases_after=2,
    )
    for name, effect in (("nothing was done", 0.0), ("three tenths fewer", -0.3)):
        drawn = _cell(replace(calm, effect=effect))
        for given in (False, True):
            pairs = []
            for each in drawn:
                wishes = replace(WISHES, happened={RELEASE: each.released} if given else {})
                pairs.append((each, measured([each], wishes=wishes)[0]))
            lines.append(_trouble_row(f"{name} | {'given' if given else 'not given'}", pairs))
    return "\n".join(lines)


def speed() -> str:
    """2,000 themes × 156 weeks, an intervention each."""
    rng = np.random.default_rng([SEED, 4])
    year = shared_year(rng)
    drawn = [
        draw(rng, replace(any_kind(rng), before=130, after=26, missing=0.0), year=year) for _ in range(2_000)
    ]
    began, worked = time.perf_counter(), time.process_time()
    effects = measured(drawn)
    wall, own = time.perf_counter() - began, time.process_time() - worked
    told = sum(effect.low is not None for effect in effects)
    return "\n".join(
        (
            "| themes | weeks | with an interval | seconds | of these in the first process |",
            "|---|---|---|---|---|",
            f"| 2,000 | 156 | {told:,} | {wall:.0f} | {own:.0f} |",
        )
    )


TABLES: Mapping[str, Callable[[], str]] = {
    "coverage": coverage,
    "power": power,
    "short": short,
    "trouble": trouble,
    "releases": releases,
    "speed": speed,
}


def _strata() -> Mapping[str, Callable[[Kind], bool]]:
    found: dict[str, Callable[[Kind], bool]] = {
        "3 to 10 contacts a week": lambda kind: kind.level < 10,
        "10 to 30": lambda kind: 10 <= kind.level < 30,
        "30 to 100": lambda kind: 30 <= kind.level < 100,
        "100 to 400": lambda kind: kind.level >= 100,
        "26 or 40 weeks before": lambda kind: kind.before <= 40,
        "52 weeks and more": lambda kind: kind.before >= 52,
        "Poisson": lambda kind: kind.dispersion == 1,
        "variance 4 × the mean": lambda kind: kind.dispersion == 4,
        "no correlation": lambda kind: kind.correlation == 0 or kind.dispersion == 1,
        "correlation 0.6": lambda kind: kind.correlation == 0.6 and kind.dispersion > 1,
        "a strong season": lambda kind: kind.season == 0.25,
        "half as much again a year": lambda kind: kind.growth == 0.4,
        "a shift of level": lambda kind: kind.shifts > 0,
        "three releases": lambda kind: kind.releases == 3,
        "weeks missing": lambda kind: kind.missing > 0,
        "an effect that comes over weeks": lambda kind: kind.weeks > 0 and kind.effect < 0,
    }
    return found


def _coverage_row(name: str, pairs: Sequence[tuple[Drawn, Effect]]) -> str:
    nothing = [(drawn, effect) for drawn, effect in pairs if drawn.truth == 0]
    something = [effect for drawn, effect in pairs if drawn.truth < 0]
    claimed = np.mean([effect.verdict in ("reduced", "increased") for _, effect in nothing])
    naive = np.mean([abs(effect.naive or 0.0) > 0.1 for _, effect in nothing])
    told = np.mean([effect.verdict == "reduced" for effect in something])
    return f"| {name} | {len(pairs)} | {_share(_holds(pairs))} | {claimed:.3f} | {naive:.2f} | {told:.2f} |"


def _holds(pairs: Sequence[tuple[Drawn, Effect]]) -> list[bool]:
    return [
        effect.low <= drawn.truth <= effect.high
        for drawn, effect in pairs
        if effect.low is not None and effect.high is not None
    ]


def _share(held: Sequence[bool]) -> str:
    return f"{np.mean(held):.3f}" if held else "–"


def _cell(kind: Kind) -> list[Drawn]:
    rng = np.random.default_rng([SEED, 1])
    return [draw(rng, kind, year=shared_year(rng)) for _ in range(CELL)]


def _told(kind: Kind) -> tuple[float, float]:
    """Return how often a kind's effect is told, and how often an oracle would."""
    drawn = _cell(kind)
    effects = measured(drawn)
    ours = np.mean([effect.verdict == "reduced" for effect in effects])
    return float(ours), float(np.mean([oracle_tells(each) for each in drawn]))


def _scene(seed: int, own: Kind, others: Kind, touched: Kind) -> list[tuple[Drawn, Effect]]:
    """Return five themes of a company with nine controls, of which three are touched."""
    rng = np.random.default_rng([SEED, 2, seed])
    year = shared_year(rng)
    drawn = [draw(rng, own, year=year) for _ in range(5)]
    controls = [draw(rng, others, year=year) for _ in range(6)]
    controls += [draw(rng, touched, year=year) for _ in range(3)]
    return list(zip(drawn, measured(drawn, controls), strict=True))


def _second(seed: int, kind: Kind) -> list[tuple[Drawn, Effect]]:
    """Return two interventions on one theme, eight weeks apart, of which only the second does anything."""
    rng = np.random.default_rng([SEED, 3, seed])
    year = shared_year(rng)
    drawn = draw(rng, replace(kind, before=kind.before + 8, effect=-0.4), year=year)
    first = drawn.heard[kind.before].period
    done = [Intervention(name="first", theme="t", day=first), drawn.intervention("second", "t")]
    effects = measure_files({"t": drawn.heard}, done, WISHES, progress=silent)
    return [(replace(drawn, truth=0.0), effects[0]), (drawn, effects[1])]


def _trouble_row(name: str, pairs: Sequence[tuple[Drawn, Effect]]) -> str:
    shares = [
        f"{np.mean([effect.verdict == verdict for _, effect in pairs]):.2f}"
        for verdict in ("reduced", "increased", "unchanged", "cannot_tell")
    ]
    return f"| {name} | {' | '.join(shares)} | {_share(_holds(pairs))} |"


def main(names: list[str] | None = typer.Argument(default=None)) -> None:  # noqa: B008
    """Measure, and write the page."""
    for name in names or TABLES:
        began = time.monotonic()
        table = TABLES[name]()
        minutes = max(1, round((time.monotonic() - began) / 60))
        caption = (
            f"*{time.strftime('%Y-%m-%d', time.gmtime())}, commit {quality.commit()}, {quality.machine()}, "
            f"{minutes} min:* `python -m benchmarks.proof {name}`"
        )
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(quality.filled(page, name, table, caption), encoding="utf-8")
        typer.echo(table)


if __name__ == "__main__":
    typer.run(main)
