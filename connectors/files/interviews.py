"""A document's lines as the talks they hold: who spoke, what was noted, and what is the researcher's own."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.files.speakers import Label, is_interviewer, labels
from connectors.files.transcripts import Line, Transcript, Turn

_PART = re.compile(
    r"(?:(?:participant|interviewee|respondent|interview|session|user|customer|subject|tester|speaker)"
    r"(?: (?:with\b.*|no\.? ?\d+.*|#?\d+\b.*|[a-z]\b.*)|[:：].+)|p ?\d{1,3}(?: ?[-–—:：(（,].*)?"
    r"|(?:参加者|被験者|対象者|協力者|回答者|インタビュー|インタビュイー|お客様|ユーザー|セッション)"
    r"\s*(?:\d+|[a-z]|[一二三四五六七八九十]+|その\d+)(?:\W.*)?|.{1,16}(?:(?<![仕模同多])様|さん|氏)(?:\W.*)?)"
)
"""A heading under which one of several talks stands."""
_PLAN = re.compile(
    r"(?:research |study |test |interview |project |our )*(?:goals?|objectives?|purpose|background"
    r"|hypothes[ie]s(?: tested)?|method(?:s|ology)?(?: and participants)?|participants|questions|script|guide"
    r"|agenda|logistics)"
    r"|participants and methods?|who we(?:'ve)? (?:interviewed|talked to|spoke (?:to|with)|tested)"
    r"|user types?"
    r"|what we (?:tested|did|asked)|attendees|discussion guide|metadata|resources|references|appendix"
    r"|(?:conclusions? and |summary and )?next steps?|(?:key |our |summary of )?recommendations?"
    r"(?: (?:summary|and priority|and next steps))?|action items?|actions|to ?-?dos?|follow[- ]?ups?"
    r"|process notes"
    r"|(?:調査|実施|インタビュー)?(?:目的|背景|方法|手法|仮説|項目|概要|スケジュール)|対象者|参加者|出席者|日時|アジェンダ"
    r"|次回(?:の?(?:予定|アクション|課題))?|次の?(?:ステップ|アクション)|ネクスト(?:アクション|ステップ)"
    r"|今後(?:の(?:予定|対応|課題|アクション))?|宿題|(?:対応|アクション)(?:事項|案|アイテム)?|todo|改善案|提案|申し送り(?:事項)?"
)
"""Headings of what a researcher planned before, or means to do."""
_SUMMARY = re.compile(
    r"(?:executive |session |interview )?summary|tl;?dr|overview|(?:key )?takeaways|(?:key )?insights?"
    r"|(?:my |our |researcher(?:'s|s)? |interviewer(?:'s|s)? )(?:notes|impressions?|thoughts|comments)"
    r"|interpretation|analysis|reflections?|conclusions?"
    r"|(?:調査者|担当者?|聞き手|インタビュアー)(?:の|による)?(?:所感|メモ|コメント)|所感|まとめ|要約|サマリー?|考察"
    r"|分析|結論|総括|気づき|示唆"
)
"""Headings of what a researcher made of it."""
_HEAD = re.compile(
    r"\s*(?:[-*•・]\s+)?(?:(?P<fact>date|day|time|when|where|location|company|organi[sz]ation|role|product"
    r"|duration|recording|channel|language|locale|method|日時|日付|実施日|場所|会社名?|所属|役職|氏名|年齢|職業|方法|言語)"
    r"|(?P<people>attendees|participants?|interviewers?|interviewee|moderator|note ?taker|参加者|対象者"
    r"|出席者|インタビュ[アワ]ー|聞き手|記録者?))"
    r"\s*[:：]\s*(?P<value>.{0,200})$",
    re.IGNORECASE,
)
"""What stands above a talk about it."""
_SAID = re.compile(r"[.!?。！？]\s*$")
_ASIDE = re.compile(
    r"\s*(?:[-*•・→]\s*)?(?:(?:potential |possible |proposed )?(?:solution|fix)|recommendation|action|result"
    r"|next step|to ?-?do|note to self|researcher(?:'s)? note|対応案?|改善案|提案|所感|考察|宿題|次回"
    r"|調査者メモ)s?"
    r"\s*[:：].*"
    r"|\s*(?:[-*•・→]\s*)?(?:(?:consider|investigate|explore (?:whether|how|if)|look into|revisit)\b.*"
    r"|.*を検討(?:する|します|したい|が必要(?:です)?)?。?)",
    re.IGNORECASE,
)
"""A line of the researcher's among what was said."""
_TOPIC = re.compile(r"[^.!?。！？]{1,60}[:：]\s*")
"""What announces the lines below it."""
_QUESTION = re.compile(r"\s*(?:[0-9０-９]{1,2}\s*[.)．）、]|[(（][0-9０-９]{1,2}[)）]|[①-⑳])\s*\S.*[?？]\s*$")
_TRAILER = re.compile(r"\s*transcribed by https?://\S+\s*$", re.IGNORECASE)
"""What a program writes below a transcript."""
_DAY = re.compile(r"(?<!\d)20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:日)?(?!\d)")


@dataclass(slots=True)
class _Part:
    """The lines of one talk among others."""

    heading: Line | None
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A turn that may go on."""

    speaker: str | None = None
    offset: float | None = None
    by_researcher: bool = False
    said: list[str] = field(default_factory=list)

    def closed(self) -> Turn:
        return Turn(
            text="\n".join(self.said).strip(),
            speaker=self.speaker,
            offset=self.offset,
            by_researcher=self.by_researcher,
        )


def talks(lines: Sequence[Line], *, known: Sequence[str] = ()) -> list[Transcript]:
    """Return the talks of a document: one, or as many as headings of one level name participants.

    `known` are names of interviewers. What stands apart from the talks is one more, if it says anything.
    """
    title, lines = _titled([line for line in lines if not _TRAILER.match(line.text)])
    parts = _parted(lines)
    made = [_talk(part, title, known=known) for part in parts]
    said = [talk for talk in made if any(not turn.by_researcher for turn in talk.turns)]
    called: Counter[str | None] = Counter()
    for at, talk in enumerate(said):
        called[talk.part] += 1
        if called[talk.part] > 1:
            said[at] = replace(talk, part=f"{talk.part} ({called[talk.part]})")
    return said


def _titled(lines: Sequence[Line]) -> tuple[str | None, Sequence[Line]]:
    """Take the title off: a heading before all else that names no section and no participant."""
    first = next((at for at, line in enumerate(lines) if line.text), None)
    if first is None or not lines[first].level:
        return None, lines
    words = _plain(lines[first].text)
    is_section = _PLAN.fullmatch(words) or _SUMMARY.fullmatch(words) or _is_one_of_several(lines, first)
    return (None, lines) if is_section else (lines[first].text, lines[first + 1 :])


def _is_one_of_several(lines: Sequence[Line], at: int) -> bool:
    level = lines[at].level
    alike = [line for line in lines if line.level == level and _PART.fullmatch(_plain(line.text))]
    return len(alike) > 1 and lines[at] in alike


def _parted(lines: Sequence[Line]) -> list[_Part]:
    """Part the lines at the headings of the highest level at which two or more name a participant."""
    levels = [line.level for line in lines if line.level and _PART.fullmatch(_plain(line.text))]
    level = next((level for level in sorted(set(levels)) if levels.count(level) > 1), None)
    apart = _Part(None)
    parts, current = [apart], apart
    for line in lines:
        if level and line.level == level and _PART.fullmatch(_plain(line.text)):
            current = _Part(line)
            parts.append(current)
            continue
        if level and 0 < line.level <= level:
            current = apart
        current.lines.append(line)
    return [part for part in parts if part.lines]


def _talk(part: _Part, title: str | None, *, known: Sequence[str]) -> Transcript:
    about: dict[str, str] = {}
    head, body = _head(part.lines, about)
    found = labels([line.text if not line.level else "" for line in body], known=known)
    turns = [*head, *(_noted(body) if found is None else _spoken(body, found))]
    name = part.heading.text if part.heading else None
    return Transcript(
        turns=tuple(turn for turn in turns if turn.text),
        title=": ".join(filter(None, (title, name))) or None,
        part=name,
        line=part.heading.number if part.heading else 1,
        about=about,
    )


def _head(lines: Sequence[Line], about: dict[str, str]) -> tuple[list[Turn], Sequence[Line]]:
    """Take off what stands above the talk about it: `Date: …`, and with it `Participant: …` if told once."""
    told = Counter(_key(found) for line in lines if (found := _HEAD.match(line.text)))
    head: list[re.Match[str]] = []
    end = 0
    for at, line in enumerate(lines):
        found = None if line.level else _HEAD.match(line.text)
        if found is None and line.text:
            break
        if found is not None:
            if told[_key(found)] > 1 or (found["people"] and _SAID.search(found["value"])):
                break
            head.append(found)
            end = at + 1
    day = next((day[0] for found in head if (day := _DAY.search(found["value"]))), None)
    is_told = day is not None or (len(head) > 1 and any(found["fact"] for found in head))
    if not is_told or not any(line.text for line in lines[end:]):
        return [], lines
    if day is not None:
        about["created_at"] = "-".join(f"{int(number):02}" for number in re.findall(r"\d+", day))
    return [Turn(text="\n".join(found[0].strip() for found in head), by_researcher=True)], lines[end:]


def _key(found: re.Match[str]) -> str:
    return (found["fact"] or found["people"]).casefold()


def _noted(lines: Sequence[Line]) -> list[Turn]:
    """Return notes without speakers: all was said, but for headings, numbered questions and own sections.

    A researcher's summary counts as said where the notes hold nothing else.
    """
    turns = _sectioned(lines, (_PLAN, _SUMMARY))
    return turns if any(not turn.by_researcher for turn in turns) else _sectioned(lines, (_PLAN,))


def _sectioned(lines: Sequence[Line], own: Sequence[re.Pattern[str]]) -> list[Turn]:
    asides = (_ASIDE, _TOPIC, *([_QUESTION] if _has_guide(lines) else []))
    turns = [_Open()]
    own_level = 0
    for line in lines:
        if line.level and (not own_level or line.level <= own_level):
            is_own = any(kind.fullmatch(_plain(line.text)) for kind in own)
            own_level = line.level if is_own else 0
        if line.level or any(aside.fullmatch(line.text) for aside in asides):
            turns.append(_Open(by_researcher=True, said=[line.text]))
            turns.append(_Open(by_researcher=own_level > 0))
        else:
            turns[-1].said.append(line.text)
    return [turn.closed() for turn in turns if "".join(turn.said).strip()]


def _has_guide(lines: Sequence[Line]) -> bool:
    """Say whether numbered questions part the notes."""
    return sum(_QUESTION.fullmatch(line.text) is not None for line in lines) > 1


def _spoken(lines: Sequence[Line], found: Sequence[Label | None]) -> list[Turn]:
    """Return a talk with speakers. What stands before the first and under headings is the researcher's.

    Where only those who ask have a name (`Q. …`), what stands below a question is the answer.
    """
    only_questions = all(is_interviewer(label.name) for label in found if label)
    turns: list[_Open] = [_Open(by_researcher=True)]
    for line, label in zip(lines, found, strict=True):
        if line.level:
            turns.append(_Open(by_researcher=True, said=[line.text]))
            turns.append(_Open(by_researcher=True))
        elif label is not None:
            turns.append(_Open(speaker=label.name, offset=label.offset, said=[label.text]))
            if only_questions and label.text:
                turns.append(_Open())
        elif line.quoted and turns[-1].by_researcher:
            turns.append(_Open(said=[line.text]))
        else:
            turns[-1].said.append(line.text)
    return [turn.closed() for turn in turns]


def _plain(heading: str) -> str:
    """Return a heading in lower case, without numbers before it and marks around it."""
    words = " ".join(unicodedata.normalize("NFKC", heading).casefold().split())
    return re.sub(r"^[\d.)\s#■●◆【「*_-]+|[\s】」*_:：.。!-]+$", "", words)
