"""The fields of a new work item in Azure DevOps: what a type asks for, and what people told Koe to fill in.

Source: learn.microsoft.com, "Azure DevOps Services REST API" (7.1), "Work Item Types Field - List".
"""

from collections.abc import Mapping, Sequence

from connectors.errors import Refused
from connectors.loose import Loose
from connectors.told import must_fill

OF_SYSTEM = "System."
"""How names of fields begin that it fills in by itself where they are left out."""


def filled(fields: Sequence[Loose], told: Mapping[str, str]) -> Mapping[str, str]:
    """Return what people told, by the names of the fields there.

    Raises Refused where they named what is not there or may not be so, and where a new item would lack
    something: it says what there is.
    """
    values: dict[str, str] = {}
    for name, value in told.items():
        field = _named(fields, name)
        allowed = [one.id or "" for one in field["allowedValues"]]
        if allowed and value not in allowed:
            known = ", ".join(allowed[:20])
            raise Refused(f"the setting 'fields' gives {name!r} a value that it has not: it has {known}")
        values[field["referenceName"].text or ""] = value
    lacking = [field["name"].text or "" for field in fields if _is_lacking(field, values)]
    must_fill(lacking, system="Azure DevOps", things="work items")
    return values


def _named(fields: Sequence[Loose], name: str) -> Loose:
    for field in fields:
        if name in (field["referenceName"].text, field["name"].text):
            return field
    known = ", ".join(sorted(filter(None, (field["name"].text for field in fields))))
    raise Refused(f"the setting 'fields' names {name!r}; work items of this type have {known}")


def _is_lacking(field: Loose, values: Mapping[str, str]) -> bool:
    name = field["referenceName"].text or OF_SYSTEM
    has_value = name in values or field["defaultValue"].id is not None
    return field["alwaysRequired"].flag and not has_value and not name.startswith(OF_SYSTEM)
