"""The custom fields of a new issue in Backlog, and names of its lists.

Source: developer.nulab.com, Backlog API, "Get Custom Field List" and "Add Issue".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.errors import Refused
from connectors.loose import Loose
from connectors.told import chosen, must_fill

TEXT, LONG_TEXT, NUMBER, DATE, ONE, SEVERAL, BOXES, RADIO = map(str, range(1, 9))
"""The kinds of custom fields, by their numbers there."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def id_of(there: Iterable[Loose], told: str, *, setting: str) -> str:
    """Return the id of what people named. Raises Refused, naming what there is, for anything else."""
    return chosen(told, (row for row in there if row["id"].id), setting=setting)["id"].id or ""


def filled(fields: Iterable[Loose], told: Mapping[str, str], *, type_id: str) -> Sequence[tuple[str, str]]:
    """Return the parts of a form that fill in what people told, for an issue of a type.

    Raises Refused where they named what is not there or may not be so, and where a new issue would lack
    something: it says what there is.
    """
    fitting = [field for field in fields if _is_of(field, type_id)]
    ids = {name: id_of(fitting, name, setting="fields") for name in told}
    lacking = [
        field["name"].text or ""
        for field in fitting
        if field["required"].flag and field["id"].id not in ids.values()
    ]
    must_fill(lacking, system="Backlog", things="issues")
    by_id = {field["id"].id: field for field in fitting}
    return [part for name, value in told.items() for part in _parts(by_id[ids[name]], name, value)]


def _is_of(field: Loose, type_id: str) -> bool:
    types = [one.id for one in field["applicableIssueTypes"]]
    return not types or type_id in types


def _parts(field: Loose, name: str, told: str) -> Iterator[tuple[str, str]]:
    key, kind = f"customField_{field['id'].id}", field["typeId"].id
    if kind in (ONE, RADIO):
        yield key, id_of(field["items"], told, setting="fields")
    elif kind in (SEVERAL, BOXES):
        for number, each in enumerate(re.split(r"\s*[,、]\s*", told)):
            yield f"{key}[{number}]", id_of(field["items"], each, setting="fields")
    elif (kind == NUMBER and not _is_decimal(told)) or (kind == DATE and not DAY.fullmatch(told)):
        wanted = "a number" if kind == NUMBER else "a day, as in 2026-05-03"
        raise Refused(f"the setting 'fields' must give {name!r} {wanted}")
    else:
        yield key, told


def _is_decimal(told: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", told, re.ASCII) is not None
