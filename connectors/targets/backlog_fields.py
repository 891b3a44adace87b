"""The custom fields of a new issue in Backlog, and names of its lists.

Source: developer.nulab.com, Backlog API, "Get Custom Field List" and "Add Issue".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.errors import Refused
from connectors.loose import Loose

TEXT, LONG_TEXT, NUMBER, DATE, ONE, SEVERAL, BOXES, RADIO = map(str, range(1, 9))
"""The kinds of custom fields, by their numbers there."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def chosen(rows: Iterable[Loose], told: str, *, setting: str) -> str:
    """Return the id of what people named. Raises Refused, naming what there is, for anything else."""
    there = [*rows]
    for row in there:
        if told in (row["name"].text, row["id"].id) and (number := row["id"].id):
            return number
    known = ", ".join(name for row in there if (name := row["name"].text)) or "none"
    raise Refused(f"the setting {setting!r} names {told!r}; there are {known}")


def filled(fields: Iterable[Loose], told: Mapping[str, str], *, type_id: str) -> Sequence[tuple[str, str]]:
    """Return the parts of a form that fill in what people told, for an issue of a type.

    Raises Refused where they named what is not there or may not be so, and where a new issue would lack
    something: it says what there is.
    """
    fitting = [field for field in fields if _is_of(field, type_id)]
    ids = {name: chosen(fitting, name, setting="fields") for name in told}
    lacking = [
        field["name"].text or ""
        for field in fitting
        if field["required"].flag and field["id"].id not in ids.values()
    ]
    if lacking:
        raise Refused(
            f"Backlog asks for {', '.join(lacking)} in new issues: fill them in with the setting 'fields', "
            f"as {lacking[0]}=value"
        )
    by_id = {field["id"].id: field for field in fitting}
    return [part for name, value in told.items() for part in _parts(by_id[ids[name]], name, value)]


def _is_of(field: Loose, type_id: str) -> bool:
    types = [one.id for one in field["applicableIssueTypes"]]
    return not types or type_id in types


def _parts(field: Loose, name: str, told: str) -> Iterator[tuple[str, str]]:
    key, kind = f"customField_{field['id'].id}", field["typeId"].id
    if kind in (ONE, RADIO):
        yield key, chosen(field["items"], told, setting="fields")
    elif kind in (SEVERAL, BOXES):
        for number, each in enumerate(re.split(r"\s*[,、]\s*", told)):
            yield f"{key}[{number}]", chosen(field["items"], each, setting="fields")
    elif (kind == NUMBER and not _is_decimal(told)) or (kind == DATE and not DAY.fullmatch(told)):
        wanted = "a number" if kind == NUMBER else "a day, as in 2026-05-03"
        raise Refused(f"the setting 'fields' must give {name!r} {wanted}")
    else:
        yield key, told


def _is_decimal(told: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", told, re.ASCII) is not None
