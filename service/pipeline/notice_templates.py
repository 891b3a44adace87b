"""The texts that notices are made from: those that a team keeps, and ours where it keeps none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from connectors.files.encodings import clean
from connectors.wording import named_places, unknown_place
from service.errors import Conflict, NotFound, WrongUse
from service.models.columns import digest
from service.repositories import organisations
from service.rules.notice_templates import DONE, PLACES, Done, fault_of, usual_templates
from service.rules.notice_texts import LONGEST, form_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What notices of one thing that is done are made from, in one language and form."""

    key: str
    """`ja-mail`, …"""
    text: str
    usual: str
    """What it is where a team has written none."""
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """What notices of one thing that is done are made from."""

    done: Done
    version: str
    """Stands for what a team has written of them: who changes an older one is told, not obeyed."""
    each: Sequence[Template]


def templates_of(session: Session, organisation_id: str) -> list[Templates]:
    """Return all templates, those of a fix first."""
    kept = organisations.get(session, organisation_id).notice_templates
    return [_templates(done, kept.get(done, {})) for done in DONE]


def change(
    session: Session, organisation_id: str, done: str, written: Mapping[str, str], *, version: str
) -> Templates:
    """Let notices be made from other texts; an empty text, or the usual one, is the usual one again.

    Notices that nobody has written by hand say so at once; whoever agreed to something else has to look
    again. Raises NotFound for nothing that is done, WrongUse for a text that is not taken, and Conflict where
    somebody else has changed them since `version`.
    """
    named = next((one for one in DONE if one == done), None)
    if named is None:
        raise NotFound(f"there are no templates of {done}; there are {', '.join(DONE)}")
    organisations.lock(session, organisation_id)
    organisation = organisations.get(session, organisation_id)
    own = dict(organisation.notice_templates.get(named, {}))
    if version != _version(own):
        raise Conflict("somebody else has just changed these texts; look at them as they are now")
    usual = usual_templates(named)
    for key, given in written.items():
        if key not in usual:
            raise WrongUse(f"there is no text {key}; there are {', '.join(usual)}")
        text = tidy(given)
        if not text or text == usual[key]:
            own.pop(key, None)
            continue
        _must_be_taken(key, text)
        own[key] = text
    organisation.notice_templates = {**organisation.notice_templates, named: own}
    session.flush()
    return _templates(named, own)


def tidy(given: str) -> str:
    """Return a text as it is kept."""
    return clean(given).replace("\r\n", "\n").strip()


def _templates(done: Done, own: Mapping[str, str]) -> Templates:
    each = [
        Template(key=key, text=own.get(key, usual), usual=usual, is_own=key in own)
        for key, usual in usual_templates(done).items()
    ]
    return Templates(done=done, version=_version(own), each=each)


def _version(own: Mapping[str, str]) -> str:
    return digest(*(part for key in sorted(own) for part in (key, own[key])), length=12)


def _must_be_taken(key: str, text: str) -> None:
    fault = fault_of(key, text)
    if fault == "unknown":
        there_are = named_places(PLACES)
        raise WrongUse(f"the text {key} names {{{unknown_place(text, PLACES)}}}; there are {there_are}")
    if fault == "long":
        raise WrongUse(f"the text {key} is longer than {LONGEST[form_of(key)]:,} characters")
    if fault == "wordless":
        raise WrongUse(f"the text {key} says nothing where neither title nor address is known")
