"""Which column of a file is which field: by name, unless the caller says so."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from service.errors import WrongUse
from service.imports.names import FIELDS, MESSAGE, NEEDED, PARTS, Names

NONE = ("", "-")
"""What `--map field=` is given to say that no column is this field."""

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The columns that are read, and how sure that is."""

    columns: Mapping[str, str]
    """By field."""
    by_part: tuple[str, ...] = ()
    """Fields whose column only holds a word of the field in its name."""
    mapped: frozenset[str] = frozenset()
    """Fields whose column the caller named."""


def recognise(noun: str, columns: Sequence[str], mapping: Mapping[str, str]) -> Taken:
    """Return the columns of the noun's fields. Raises WrongUse where the mapping or a needed column fails."""
    taken = guess(noun, columns, mapping)
    _check_needed(noun, taken, columns)
    return taken


def guess(noun: str, columns: Sequence[str], mapping: Mapping[str, str]) -> Taken:
    """Return the same, though a needed column may be missing. Raises WrongUse where the mapping fails."""
    fields = FIELDS[noun]
    mapped = _mapped(fields, columns, mapping)
    free = [column for column in columns if column not in mapped.values()]
    found: dict[str, str] = {field: column for field, column in mapped.items() if column}
    for field, names in fields.items():
        if field not in mapped and (column := _named(names, free)) is not None:
            found[field] = column
            free.remove(column)
    by_part = []
    for field, words in PARTS.get(noun, {}).items():
        candidates = [column for column in free if _holds(column, words)]
        if (
            field not in found
            and field not in mapped
            and len(candidates) == 1
            and _is_wanted(noun, field, found)
        ):
            found[field] = candidates[0]
            free.remove(candidates[0])
            by_part.append(field)
    in_order = {field: found[field] for field in fields if field in found}
    return Taken(columns=in_order, by_part=tuple(by_part), mapped=frozenset(mapped))


def recognise_message(names: Sequence[str]) -> dict[str, str]:
    """Return which of a message's own names is which field."""
    found = {field: _named(alike, names) for field, alike in MESSAGE.items()}
    return {field: name for field, name in found.items() if name is not None}


def normal(name: str) -> str:
    """Return a column's name without what makes no difference: case, width, spaces, brackets' content."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    kept = _BRACKETS.sub("", folded) or folded
    return "".join(character for character in kept if character.isalnum())


@cache
def _normal(name: str) -> str:
    return normal(name)


def _mapped(fields: Names, columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    mapped = {}
    for field, wanted in mapping.items():
        if field not in fields:
            raise WrongUse(f"“{field}” is no field; the fields are {', '.join(fields)}.")
        mapped[field] = "" if wanted in NONE else _column(wanted, field, columns)
    return mapped


def _column(wanted: str, field: str, columns: Sequence[str]) -> str:
    if wanted in columns:
        return wanted
    alike = [column for column in columns if normal(column) == normal(wanted)]
    if len(alike) == 1:
        return alike[0]
    raise WrongUse(
        f"The file has no column “{wanted}” to take as {field}; its columns are {_listed(columns)}."
    )


def _named(names: Sequence[str], free: Sequence[str]) -> str | None:
    by_normal: dict[str, str] = {}
    for column in free:
        by_normal.setdefault(normal(column), column)
    return next((by_normal[_normal(name)] for name in names if _normal(name) in by_normal), None)


def _holds(column: str, words: Sequence[str]) -> bool:
    folded = unicodedata.normalize("NFKC", column)
    own = {word.casefold() for word in _WORD.findall(folded)}
    return any(word in own if word.isascii() else word in folded for word in words)


def _is_wanted(noun: str, field: str, found: Mapping[str, str]) -> bool:
    """A needed field is only looked for by parts of names where none of its group has been found."""
    groups = [group for group in NEEDED[noun] if field in group]
    return not any(other in found for group in groups for other in group)


def missing(noun: str, taken: Taken) -> list[tuple[str, ...]]:
    """Return the fields that a noun needs and has no column for: one of each group must have one."""
    return [group for group in NEEDED[noun] if not any(field in taken.columns for field in group)]


def _check_needed(noun: str, taken: Taken, columns: Sequence[str]) -> None:
    for group in missing(noun, taken):
        raise WrongUse(
            f"No column was recognised as {' or '.join(group)}, which {noun} need; the columns are "
            f"{_listed(columns)}. Say which one it is: --map {group[0]}=COLUMN."
        )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(f"“{column}”" for column in columns[:40])
    return shown if len(columns) <= 40 else f"{shown} and {len(columns) - 40} more"
