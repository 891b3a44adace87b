"""The fields of a new issue in Jira: what a project asks for, and what people told Koe to fill in.

Source: developer.atlassian.com, Jira Cloud REST API v3, "Get create field metadata for a project and issue
type id" and "Create issue".
"""

import re
from collections.abc import Mapping, Sequence

from connectors.adf import document
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.told import must_fill
from connectors.wording import blocks

OWN = frozenset({"project", "issuetype", "summary", "description", "labels"})
"""What Koe fills in by itself."""
MARKED = ("summary", "description", "labels")
"""Without one of these an issue could not be told or found again."""
BY_JIRA = frozenset({"reporter"})
"""What Jira fills in where it is left out."""
PLAIN = frozenset({"string", "date", "datetime"})
CHOSEN = frozenset({"option", "priority", "version", "component", "resolution", "securitylevel", "group"})


def filled(fields: Sequence[Loose], told: Mapping[str, str]) -> Mapping[str, object]:
    """Return what people told to fill in, by the ids of the fields, as Jira takes it.

    Raises Refused where they named what is not there or may not be so, and where a new issue would lack
    something: it says what there is.
    """
    for name in MARKED:
        if not any(field["fieldId"].text == name for field in fields):
            raise Refused(
                f"new issues of this type have no field {name!r}: put it on their create screen in Jira"
            )
    values: dict[str, object] = {}
    for name, value in told.items():
        field = _named(fields, name)
        values[field["fieldId"].text or ""] = _value(field, name, value)
    lacking = [field["name"].text or "" for field in fields if _is_lacking(field, values)]
    must_fill(lacking, system="Jira", things="issues")
    return values


def _is_lacking(field: Loose, values: Mapping[str, object]) -> bool:
    is_asked = field["required"].flag and not field["hasDefaultValue"].flag
    return is_asked and field["fieldId"].text not in {*OWN, *BY_JIRA, *values}


def _named(fields: Sequence[Loose], name: str) -> Loose:
    """Return the field with an id or a name."""
    free = [field for field in fields if field["fieldId"].text not in OWN]
    found = [field for field in free if name in (field["fieldId"].text, field["key"].text)]
    found = found or [field for field in free if (field["name"].text or "").casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(field["fieldId"].text or "" for field in found)
        raise Refused(f"the setting 'fields' names {name!r}, and several are called so: write one of {ids}")
    known = ", ".join(sorted(filter(None, (field["name"].text for field in free)))) or "none to fill in"
    raise Refused(f"the setting 'fields' names {name!r}; new issues of this type have {known}")


def _value(field: Loose, name: str, told: str) -> object:
    schema = field["schema"]
    kind = schema["type"].text or ""
    if kind == "array":
        return [
            _single(field, schema["items"].text or "", name, each) for each in re.split(r"\s*[,、]\s*", told)
        ]
    return _single(field, kind, name, told)


def _single(field: Loose, kind: str, name: str, told: str) -> object:
    """Return one value as Jira takes it for a kind of field."""
    if kind == "string" and _is_long(field["schema"]):
        return document(blocks(told))
    if kind in PLAIN:
        return told
    if kind == "number":
        return _number(name, told)
    if kind == "user":
        return {"accountId": told}
    if kind == "option-with-child":
        return _with_child(field, name, told)
    if kind in CHOSEN:
        return _chosen(field["allowedValues"], kind, name, told)
    raise Refused(
        f"the setting 'fields' names {name!r}, which Koe cannot fill in: it is of the kind {kind!r} there"
    )


def _is_long(schema: Loose) -> bool:
    """Say whether a field holds a document."""
    return schema["system"].text == "environment" or (schema["custom"].text or "").endswith(":textarea")


def _number(name: str, told: str) -> float:
    try:
        return float(told)
    except ValueError:
        raise Refused(f"the setting 'fields' must give {name!r} a number") from None


def _with_child(field: Loose, name: str, told: str) -> Mapping[str, object]:
    """Return a value of two steps, told as `First > Second`."""
    first, _, second = (step.strip() for step in told.partition(">"))
    chosen = _chosen(field["allowedValues"], "option", name, first)
    if not second:
        return chosen
    parent = next((one for one in field["allowedValues"] if first in _names(one)), Loose())
    return {**chosen, "child": _chosen(parent["children"], "option", name, second)}


def _chosen(allowed: Loose, kind: str, name: str, told: str) -> Mapping[str, object]:
    """Return one of the values that are allowed; where they are not listed, whatever was told."""
    for one in allowed:
        if told in _names(one):
            return {"id": one["id"].id}
    if known := [(_names(one) or ("",))[0] for one in allowed]:
        raise Refused(f"the setting 'fields' gives {name!r} a value that it has not: it has {_few(known)}")
    return {"value" if kind == "option" else "name": told}


def _names(one: Loose) -> Sequence[str]:
    """Return what people may call a value."""
    return [name for name in (one["value"].text, one["name"].text, one["id"].id) if name]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
