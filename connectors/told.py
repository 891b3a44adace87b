"""What people tell a target: settings that several kinds have, and what is read from them."""

import re
from collections.abc import Mapping

from connectors.errors import Refused
from connectors.ports import Setting, Words


def labels_setting(what: Words, *, example: str) -> Setting:
    """Return the setting `labels`, in words for what they are there."""
    label: Words = {
        "en": f"{what['en']}, with commas between",
        "ja": f"付ける{what['ja']}（カンマ区切り）",
    }
    return Setting(name="labels", label=label, needed="never", example=example)


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
