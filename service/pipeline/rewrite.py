"""What a person makes of a draft: their words stay, and each sentence of Koe's keeps what it rests on.

A draft that a person wrote on holds as well `written {by, at}`, `whole` (True where it is the article as it
shall be, not what is to be changed about it), `article_version` (of the article that it began from), `made`
(the draft as Koe made it) and `before` (as it was before the last change).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from connectors.files.encodings import clean
from nlp.headings import headings_for
from service.errors import Conflict, WrongUse
from service.models import Suggestion
from service.models.columns import digest
from service.pipeline.decide import UNDECIDED
from service.repositories.suggestions import lock_suggestion

LONGEST_TITLE = 300
LONGEST_BODY = 200_000
OURS = ("title", "body", "answered", "sentences", "citations", "facts", "section")
"""What a draft holds that Koe made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a person typed."""

    title: str
    body: str
    whole: bool = False
    """True where it is the article as it shall be."""
    based: str = ""
    """The version of the article that it began from."""


def read(title: str, body: str, *, whole: bool, based: str) -> Text:
    """Return what was typed, with the line ends of a draft."""
    return Text(
        title=" ".join(clean(title).split()),
        body=_lines(clean(body)).strip() + "\n",
        whole=whole,
        based=clean(based),
    )


def mark(draft: Mapping[str, Any] | None) -> str:
    """Return the mark of a draft's words, by which a change by somebody else is known."""
    return "" if draft is None else digest(draft["title"], draft["body"])


def wrong_with(text: Text) -> str:
    """Return what keeps a text from being a draft, a word that pages have a sentence for; empty for none."""
    if not text.title:
        return "title_missing"
    if not text.body.strip():
        return "body_missing"
    if len(text.title) > LONGEST_TITLE:
        return "title_long"
    return "body_long" if len(text.body) > LONGEST_BODY else ""


def write(
    session: Session, organisation_id: str, suggestion_id: str, text: Text, *, seen: str, by: str
) -> Suggestion:
    """Let a draft say what a person wrote; `seen` is the mark of the draft that they began from.

    The same words again change nothing. Raises NotFound, WrongUse for a text that is empty or too long, and
    Conflict where it was decided on meanwhile or where the draft is another by now.
    """
    if wrong := wrong_with(text):
        raise WrongUse(f"this is no draft: {wrong.replace('_', ' ')}")
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    draft = _open_draft(suggestion)
    if mark(draft) == mark({"title": text.title, "body": text.body}):
        return suggestion
    if mark(draft) != seen:
        raise Conflict("somebody else has changed this draft; look at it as it is now")
    made = draft.get("made") or {name: draft[name] for name in OURS if name in draft}
    suggestion.draft = {
        **made,
        **_cited(made, text),
        "answered": bool(made.get("answered"))
        or headings_for(suggestion.lang).to_write not in text.body.splitlines(),
        "written": {"by": by, "at": datetime.now(UTC).isoformat()},
        "whole": text.whole,
        "article_version": text.based,
        "made": made,
        "before": {name: value for name, value in draft.items() if name not in ("made", "before")},
    }
    return suggestion


def take_back(session: Session, organisation_id: str, suggestion_id: str) -> Suggestion:
    """Let a draft say what it said before the last change. Raises NotFound, and Conflict without one."""
    suggestion = lock_suggestion(session, organisation_id, suggestion_id)
    draft = _open_draft(suggestion)
    if "before" not in draft:
        raise Conflict("there is no change of this draft to take back")
    before = draft["before"]
    suggestion.draft = before | ({"made": draft["made"]} if "written" in before else {})
    return suggestion


def is_written(suggestion: Suggestion) -> bool:
    """Say whether a person has written on the draft; no run changes it then."""
    return "written" in (suggestion.draft or {})


def _open_draft(suggestion: Suggestion) -> dict[str, Any]:
    if suggestion.draft is None:
        raise Conflict("this suggestion has no draft")
    if suggestion.status not in UNDECIDED:
        raise Conflict(f"this suggestion is {suggestion.status}; its draft stays as it was decided on")
    return suggestion.draft


def _cited(made: Mapping[str, Any], text: Text) -> dict[str, Any]:
    """Return the words with what rests on something: those of Koe's sentences that stand there still."""
    kept = _still_there(made["sentences"], text.body)
    of_sentences = [citation for sentence in made["sentences"] for citation in sentence["citations"]]
    of_title = [one for one in made["citations"] if one not in of_sentences]
    cited = [*(of_title if text.title == made["title"] else ())]
    cited += [citation for sentence in kept for citation in sentence["citations"]]
    return {
        "title": text.title,
        "body": text.body,
        "sentences": kept,
        "citations": [one for place, one in enumerate(cited) if one not in cited[:place]],
    }


def _still_there(sentences: Sequence[Mapping[str, Any]], body: str) -> list[Mapping[str, Any]]:
    """Return the sentences that stand in a text, in its order; no letter of it stands for two of them.

    The longer ones are looked for first: a short one may be a part of another.
    """
    left = body
    found: list[tuple[int, Mapping[str, Any]]] = []
    for sentence in sorted(sentences, key=lambda one: -len(one["text"])):
        place = left.find(sentence["text"])
        if place >= 0:
            found.append((place, sentence))
            end = place + len(sentence["text"])
            left = left[:place] + "\0" * (end - place) + left[end:]
    return [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
