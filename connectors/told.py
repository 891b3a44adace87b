"""What people tell a target: settings that several kinds have, and what is read from them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Setting, Words

MOST_NAMED = 50
"""Of what is there, where what is told is not."""


def labels_setting(what: Words, *, example: str = "", usual: str | None = None) -> Setting:
    """Return the setting `labels`, in words for what they are there, with what they are usually."""
    label: Words = {
        "en": f"{what['en']}, with commas between",
        "ja": f"付ける{what['ja']}（カンマ区切り）",
    }
    return Setting(name="labels", label=label, needed="never", example=example, default=usual)


def fields_setting(what: Words, *, example: str) -> Setting:
    """Return the setting `fields`, in words for what is filled in."""
    label: Words = {
        "en": f"{what['en']}: Name=value, several with semicolons",
        "ja": f"{what['ja']}（名前=値、複数はセミコロンで区切る）",
    }
    return Setting(name="fields", label=label, needed="never", example=example)


def dropped_setting(what: Words, *, usual: str) -> Setting:
    """Return the setting `dropped`: what, such as a status, means that something will not be done."""
    label: Words = {
        "en": f"{what['en']} that mean that it will not be done",
        "ja": f"「対応しない」を意味する{what['ja']}",
    }
    return Setting(name="dropped", label=label, needed="never", default=usual)


def locale_setting(place: str, *, example: str) -> Setting:
    """Return the setting `locale` of a knowledge base, such as a help centre, that has several languages."""
    label: Words = {
        "en": f"Language of the {place} to write in, if not that of the suggestion",
        "ja": "書き込む言語（空欄なら提案の言語）",
    }
    return Setting(name="locale", label=label, needed="never", example=example)


def template_setting(what: Words) -> Setting:
    """Return the setting `template` of a target that writes such things."""
    label: Words = {
        "en": f"Text of {what['en']}, with {{body}}",
        "ja": f"{what['ja']}の本文（{{body}} を含む）",
    }
    return Setting(name="template", label=label, needed="never", example="{body} {link}")


def plainly(settings: Mapping[str, object]) -> Mapping[str, str]:
    """Return settings as the words that they are."""
    return {name: str(value) for name, value in settings.items()}


def fields_in(told: str) -> Mapping[str, str]:
    """Return what fields are to hold, told as `Name=value; Name=value`. Raises Refused for anything else."""
    found: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in re.split(r"[;；\n]", told))):
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (name and equals and value):
            raise Refused("the setting 'fields' is written as Name=value; Name=value")
        found[name] = value
    return found


def names_of(told: str) -> tuple[str, ...]:
    """Return names that are told with commas between them, as they are written, each once."""
    return tuple(dict.fromkeys(filter(None, (name.strip() for name in re.split(r"[,，、\n]", told)))))


def folded(settings: Mapping[str, str], name: str, *, usual: str) -> frozenset[str]:
    """Return the names in a setting, or those that are usual, to be compared in whatever case."""
    return frozenset(each.casefold() for each in names_of(settings.get(name, usual)))


def labels_beside(label: str, told: str) -> tuple[str, ...]:
    """Return labels that are told, after one that is given to everything."""
    return (label, *(name for name in names_of(told) if name.lower() != label))


def must_have_labels(there: Iterable[str | None], told: Iterable[str], *, place: str) -> None:
    """Raise Refused for the first label that a place does not have in whatever case, naming those it has."""
    known = {name.lower(): name for name in there if name}
    if missing := [name for name in told if name.lower() not in known]:
        raise Refused(
            f"the setting 'labels' names {missing[0]!r}; the {place} has {', '.join(known.values())}"
        )


def must_fill(lacking: Sequence[str], *, system: str, things: str) -> None:
    """Raise Refused where new things lack fields that a system asks for."""
    if lacking:
        raise Refused(
            f"{system} asks for {', '.join(lacking)} in new {things}: fill them in with the setting "
            f"'fields', as {lacking[0]}=value"
        )


def chosen(told: str, there: Iterable[Loose], *, setting: str, has: str = "there are") -> Loose:
    """Return what has the name or the id that is told. Raises Refused, naming what there is, for another."""
    known = list[str]()
    for one in there:
        if told in (one["name"].text, one["id"].id):
            return one
        known.append(one["name"].text or one["id"].id or "")
    listed = ", ".join(filter(None, known[:MOST_NAMED])) or "none"
    raise Refused(f"the setting {setting!r} names {told!r}; {has} {listed}")
