"""Captions (WebVTT, SRT) as turns, also where the file is broken: what is no cue is passed over."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.files.speakers import labels
from connectors.files.transcripts import Turn, joined

LONGEST_PAUSE = 2.0
"""Seconds between two cues of one speaker that are still one turn."""

_ARROW = re.compile(r"\s*[\d:.,]*\s*-->")
_TIME = re.compile(r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+(?P<name>[^>\n]{1,100})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,100}>|<\d[\d:.]{0,20}>|\{\\[^{}\n]{0,40}\}")
_NUMBER = re.compile(r"\s*\d{1,6}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    start: float | None
    end: float | None
    text: str
    speaker: str | None = None


def read_captions(lines: Sequence[str], *, known: Sequence[str] = ()) -> list[Turn]:
    """Return the turns of a caption file, cues of one speaker with hardly a pause between them as one.

    A speaker is named by a voice tag (`<v Aya>`), or by `Aya:` at the beginning, which is believed as in any
    other text (`speakers.labels`); `known` are names of interviewers.
    """
    cues = [voice for cue in _cues(lines) for voice in _voices(cue)]
    if not any(cue.speaker for cue in cues):
        cues = _by_label(cues, known)
    return list(_merged(cues))


def _cues(lines: Sequence[str]) -> Iterator[_Cue]:
    """Yield the cues. What stands before the first arrow, or in a note or a style, belongs to none."""
    arrows = [at for at, line in enumerate(lines) if _ARROW.match(line)]
    for at, following in pairwise([*arrows, len(lines)]):
        words = list(lines[at + 1 : following])
        if following < len(lines) and words and (_NUMBER.fullmatch(words[-1]) or _is_apart(words)):
            words.pop()  # the next cue's number or name
        start, _, end = lines[at].partition("-->")
        yield _Cue(start=_seconds(start), end=_seconds(end), text=_own(words))


def _is_apart(words: Sequence[str]) -> bool:
    """Say whether the last line stands alone between what was said and the next arrow."""
    return len(words) > 1 and not words[-2].strip() and any(line.strip() for line in words[:-1])


def _own(words: Sequence[str]) -> str:
    """Return a cue's lines: up to a blank one with a note, a style or a region behind it."""
    own: list[str] = []
    for at, line in enumerate(words):
        if not line.strip() and re.match(r"(?:NOTE|STYLE|REGION)\b", "".join(words[at + 1 : at + 2])):
            break
        own.append(line)
    return "\n".join(own).strip()


def _seconds(time: str) -> float | None:
    found = _TIME.match(time)
    if found is None:
        return None
    hours, minutes, seconds, parts = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{parts}")


def _voices(cue: _Cue) -> Iterator[_Cue]:
    """Yield what each voice of a cue says."""
    places = [(found.start(), found.end(), found["name"].strip()) for found in _VOICE.finditer(cue.text)]
    ends = [start for start, _, _ in places[1:]] + [len(cue.text)]
    if not places or cue.text[: places[0][0]].strip():
        places, ends = (
            [(0, 0, ""), *places],
            [places[0][0] if places else len(cue.text), *ends][: len(places) + 1],
        )
    for (_, start, name), end in zip(places, ends, strict=True):
        text = html.unescape(_TAG.sub("", cue.text[start:end])).replace("\xa0", " ").strip()
        if text:
            yield _Cue(start=cue.start, end=cue.end, text=text, speaker=html.unescape(name) or None)


def _by_label(cues: Sequence[_Cue], known: Sequence[str]) -> list[_Cue]:
    """Take the speakers from the beginnings of lines; a cue without one goes on with the last speaker."""
    lines = [(cue, line) for cue in cues for line in cue.text.split("\n")]
    found = labels([line for _, line in lines], known=known)
    if found is None:
        return list(cues)
    named: list[_Cue] = []
    speaker: str | None = None
    for (cue, line), label in zip(lines, found, strict=True):
        speaker = label.name if label else speaker
        named.append(_Cue(start=cue.start, end=cue.end, text=label.text if label else line, speaker=speaker))
    return named


def _merged(cues: Sequence[_Cue]) -> Iterator[Turn]:
    said: list[str] = []
    first = last = None
    for cue in cues:
        if last is not None and first is not None and not _goes_on(last, cue):
            yield Turn(text=joined(said), speaker=first.speaker, offset=first.start)
            said, first = [], None
        first = first or cue
        # Captions that roll say each line again until it has left the picture.
        said += [line for line in cue.text.split("\n") if line.strip() and line not in said[-1:]]
        last = cue
    if first is not None:
        yield Turn(text=joined(said), speaker=first.speaker, offset=first.start)


def _goes_on(before: _Cue, cue: _Cue) -> bool:
    if before.speaker != cue.speaker:
        return False
    return before.end is None or cue.start is None or cue.start - before.end <= LONGEST_PAUSE
