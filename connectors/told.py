"""What people told a target, read from its settings."""

import re
from collections.abc import Mapping

from connectors.errors import Refused


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
