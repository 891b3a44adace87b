"""What a theme is called and of which kind it is, from the spans that it holds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.glossary import REFUSED, Glossary
from nlp.labelers import distinct
from nlp.ports import Label, Labeler
from service.models import Theme
from service.repositories.members import Member

UNKNOWN = "und"
"""ISO 639's code for a language that nobody could tell."""
TITLED = ("en", "ja")
"""Languages in which a theme has a title, wherever it has voices in them."""
LEAST_VOICES = 3
"""Voices in another language than the theme's from which on it has a title in that one, too."""
UNTITLED = "?"

Groups = Mapping[str, Sequence[Member]]
"""The spans of each theme, by its id; those that surely belong to it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The themes of a run on both levels."""

    upper: Groups
    lower: Groups
    parents: Mapping[str, str]
    """Sub-theme to the theme that it is part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What is said about a theme."""

    label: Label
    titles: Mapping[str, str | None]
    """By language: each out of the voices in it, None where there are too few."""
    lang: str
    kind: str


def name_themes(
    grouped: Grouped, labeler: Labeler, glossary: Glossary, *, told: Callable[[int], None]
) -> dict[str, Naming]:
    """Return the naming of every theme and sub-theme by id; no two titles are equal.

    Upper themes are told apart from each other, sub-themes from their siblings. Expressions of the
    `glossary` are one word each, and written as it wants them. `told` hears how many more themes have
    their name.
    """
    obedient = _Obedient(labeler, glossary)
    upper, also_upper = _labels(grouped.upper, obedient, {}, told)
    lower, also_lower = _labels(grouped.lower, obedient, grouped.parents, told)
    labels, others = upper | lower, also_upper | also_lower
    groups = {**grouped.upper, **grouped.lower}
    order = sorted(groups, key=lambda name: (name in grouped.parents, -len(groups[name]), name))
    return {
        name: _naming(label, groups[name], others.get(name, {}))
        for name, label in zip(order, distinct([labels[name] for name in order]), strict=True)
    }


def _naming(label: Label, group: Sequence[Member], others: Mapping[str, str]) -> Naming:
    lang = language(group)
    titles = {each: label.title if each == lang else others.get(each) for each in TITLED}
    return Naming(label=label, titles=titles, lang=lang, kind=kind(group))


@dataclass(frozen=True, slots=True)
class _Obedient:
    """A labeler that obeys a glossary."""

    labeler: Labeler
    glossary: Glossary

    def label(self, groups: Sequence[Sequence[str]], lang: str) -> list[Label]:
        hidden = [[self.glossary.hidden(text) for text in texts] for texts in groups]
        return [self._shown(label) for label in self.labeler.label(hidden, lang=lang)]

    def _shown(self, label: Label) -> Label:
        """Return a label in the preferred terms; a word never to use is left out."""
        title = " ".join(self.glossary.shown(label.title).replace(REFUSED, " ").split())
        keywords = tuple(dict.fromkeys(map(self.glossary.shown, label.keywords)))
        return replace(label, title=title or (keywords or (UNTITLED,))[0], keywords=keywords)


def _labels(
    groups: Groups, labeler: _Obedient, parents: Mapping[str, str], told: Callable[[int], None]
) -> tuple[dict[str, Label], dict[str, dict[str, str]]]:
    """Return each theme's label, and its titles in languages that are not its own."""
    batches: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, group in groups.items():
        batches[parents.get(name, ""), language(group)].append(name)
    labels: dict[str, Label] = {}
    for (_, lang), names in sorted(batches.items()):
        found = labeler.label([_texts(groups[name], lang) for name in names], lang)
        labels |= dict(zip(names, found, strict=True))
        told(len(names))
    others: dict[str, dict[str, str]] = defaultdict(dict)
    for parent in sorted({parents.get(name, "") for name in groups}):
        for lang in TITLED:
            own = batches.get((parent, lang), [])
            mixed = [
                name
                for name, group in groups.items()
                if parents.get(name, "") == parent and name not in own and _speaks(group, lang)
            ]
            texts = [_texts(groups[name], lang) for name in (*mixed, *own)]
            for name, label in zip(mixed, labeler.label(texts, lang) if mixed else (), strict=False):
                others[name][lang] = label.title
    return labels, others


def _speaks(group: Sequence[Member], lang: str) -> bool:
    return sum(member.lang == lang for member in group) >= LEAST_VOICES


def _texts(group: Sequence[Member], lang: str) -> list[str]:
    return [member.text for member in group if (member.lang or UNKNOWN) == lang]


def call(theme: Theme, title: str) -> None:
    """Give a theme the title that a person wants; it is the one in the theme's own language."""
    theme.title = title
    theme.titles = {**theme.titles, **({theme.lang: title} if theme.lang in TITLED else {})}


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
