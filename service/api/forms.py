"""Which form of a thing is wanted: the header `Accept`, weighed (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterable, Sequence

from starlette.exceptions import HTTPException

ONE = re.compile(r"([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)((?:\s*;[^,]*)?)", re.ASCII)
WEIGHT = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.ASCII | re.IGNORECASE)


def chosen(accepted: Iterable[str], forms: Sequence[str]) -> str:
    """Return the form that is wanted most; of those wanted alike, the one that stands first in `forms`.

    Raises HTTPException 406 where none is wanted at all.
    """
    header = ",".join(accepted)
    if not header.strip():
        return forms[0]
    weights = dict(filter(None, map(_weighed, header.split(","))))
    best = max(forms, key=lambda form: (_weight(form, weights), -forms.index(form)))
    if _weight(best, weights) <= 0:
        raise HTTPException(406, f"This can be had as {', '.join(forms)}.")
    return best


def _weighed(one: str) -> tuple[str, float] | None:
    """Return a media range with its weight; None for what is none."""
    found = ONE.fullmatch(one.strip())
    if found is None:
        return None
    weight = WEIGHT.search(found[2])
    if weight is None and re.search(r";\s*q\s*=", found[2], re.IGNORECASE):
        return None
    return found[1].lower(), float(weight[1]) if weight else 1.0


def _weight(form: str, weights: dict[str, float]) -> float:
    """Return the weight of a form: the range that names it most exactly decides."""
    for media_range in (form, f"{form.partition('/')[0]}/*", "*/*"):
        if media_range in weights:
            return weights[media_range]
    return 0.0
