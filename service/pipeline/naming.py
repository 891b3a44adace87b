"""What a theme is called and of which kind it is, from the spans that it holds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nlp.labelers import distinct
from nlp.ports import Label, Labeler
from service.pipeline.identity import Identities, Level
from service.repositories.members import Member

UNKNOWN = "und"
"""ISO 639's code for a language that nobody could tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What is said about a theme."""

    label: Label
    lang: str
    kind: str


def name_themes(
    identities: Identities, labeler: Labeler, *, told: Callable[[int], None]
) -> dict[str, Naming]:
    """Return the naming of every theme and sub-theme by id; no two titles are equal.

    Upper themes are told apart from each other, sub-themes from their siblings. `told` hears how many
    more themes have their name.
    """
    labels = _labels(identities.upper, labeler, {}, told)
    labels |= _labels(identities.lower, labeler, identities.lower.parents, told)
    groups = {
        level.ids[number]: (level, group)
        for level in (identities.upper, identities.lower)
        for number, group in level.groups.items()
    }
    order = sorted(groups, key=lambda name: (bool(groups[name][0].parents), -len(groups[name][1]), name))
    titled = distinct([labels[name] for name in order])
    return {
        name: Naming(label=label, lang=language(groups[name][1]), kind=kind(groups[name][1]))
        for name, label in zip(order, titled, strict=True)
    }


def _labels(
    level: Level, labeler: Labeler, parents: Mapping[int, str], told: Callable[[int], None]
) -> dict[str, Label]:
    batches: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, group in level.groups.items():
        batches[parents.get(number, ""), language(group)].append(number)
    labels: dict[str, Label] = {}
    for (_, lang), numbers in sorted(batches.items()):
        texts = [_texts(level.groups[number], lang) for number in numbers]
        found = labeler.label(texts, lang=lang)
        labels |= {level.ids[number]: label for number, label in zip(numbers, found, strict=True)}
        told(len(numbers))
    return labels


def _texts(group: Sequence[Member], lang: str) -> list[str]:
    return [member.text for member in group if (member.lang or UNKNOWN) == lang]


def language(group: Sequence[Member]) -> str:
    """Return the language that most of the spans are in."""
    counts = Counter(member.lang or UNKNOWN for member in group)
    return min(counts, key=lambda lang: (-counts[lang], lang))


def kind(group: Sequence[Member]) -> str:
    """Return the kind of most spans, each counted as surely as its kind is known."""
    weights: dict[str, float] = defaultdict(float)
    for member in sorted(group, key=lambda member: member.span_id):
        weights[member.kind] += member.kind_confidence
    return min(weights, key=lambda name: (-weights[name], name))
