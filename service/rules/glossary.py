"""What an entry of a glossary has to be: read from a form, a row of a file or the body of a request."""

import re
from dataclasses import dataclass

from nlp.glossary import KINDS, key_of
from service.errors import WrongUse

LONGEST = 100
LONGEST_NOTE = 500
LONGEST_LANGUAGE = 12
LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*"
NEEDS_TERM = ("synonym", "variant")
"""Kinds that mean nothing without the term that they stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An entry as somebody wants it."""

    term: str
    lang: str | None = None
    kind: str = "term"
    stands_for: str | None = None
    note: str = ""
    customer_visible: bool = True

    @property
    def key(self) -> str:
        """What tells it from other entries."""
        return key_of(self.term)


def checked(wording: Wording) -> Wording:
    """Return the entry, tidied. Raises WrongUse, saying what is wrong with it and what to do."""
    term, stands_for = " ".join(wording.term.split()), " ".join((wording.stands_for or "").split())
    if not any(char.isalnum() for char in term):
        raise WrongUse("An entry needs a term with at least one letter.")
    if len(term) > LONGEST or len(stands_for) > LONGEST:
        raise WrongUse(f"A term has at most {LONGEST} characters.")
    if len(wording.note) > LONGEST_NOTE:
        raise WrongUse(f"A note has at most {LONGEST_NOTE} characters.")
    if wording.lang and (
        len(wording.lang) > LONGEST_LANGUAGE or not re.fullmatch(LANGUAGE, wording.lang, re.ASCII)
    ):
        raise WrongUse(f"“{wording.lang[:40]}” is no language; write it like en or ja.")
    if wording.kind not in KINDS:
        raise WrongUse(f"There is no kind “{wording.kind[:40]}”; there are {', '.join(KINDS)}.")
    if wording.kind in NEEDS_TERM and not stands_for:
        raise WrongUse(f"“{term}” is a {wording.kind}: say which term it stands for.")
    if wording.kind == "term" and stands_for:
        raise WrongUse(
            f"“{term}” is a term itself; only a synonym, a variant or a word never to use stands for one."
        )
    if stands_for and not any(char.isalnum() for char in stands_for):
        raise WrongUse("What an entry stands for needs at least one letter.")
    if stands_for and key_of(stands_for) == key_of(term) and wording.kind != "variant":
        raise WrongUse(f"“{term}” cannot stand for itself.")
    return Wording(
        term=term,
        lang=wording.lang or None,
        kind=wording.kind,
        stands_for=stands_for or None,
        note=wording.note.strip(),
        customer_visible=wording.customer_visible,
    )
