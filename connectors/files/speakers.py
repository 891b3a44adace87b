"""Who speaks in a line: the ways in which transcripts put a name before what was said."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST_SPEAKERS = 12
"""More names than that are topics of a list."""

_TIME = r"[\[(（]?(?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2})(?:[.,]\d{1,3})?[\])）]?"
_NAME = r"(?P<name>[^\s:：\[\]【】「」][^:：\[\]【】「」]{0,39}?)"
_MARK = r"\s*(?:[-*•・>＞]\s+)?"
_TIMED = tuple(
    re.compile(layout)
    for layout in (
        # Zoom: [Jane Doe] 10:02:11
        rf"\s*\[(?P<name>[^\]\d][^\]]{{0,59}})\]\s*{_TIME}\s*(?P<text>.*)$",
        # Zoom's chat: 10:02:11 From Jane Doe to Everyone: …
        rf"\s*{_TIME}\s+From\s+(?P<name>\S.{{0,59}}?)\s+to\s+[^:：]{{1,60}}[:：]\s*(?P<text>.*)$",
        # 00:12 Jane Doe: …
        rf"\s*{_TIME}\s*[-–—]?\s*{_NAME}\s*[:：]\s*(?P<text>.*)$",
        # Otter, Teams, Notta: Jane Doe  0:05, and the words below it
        rf"\s*(?P<name>[^\s\d:：][^:：]{{0,59}}?)[\s:：]+{_TIME}\s*[:：]?\s*$",
    )
)
_INLINE = tuple(
    re.compile(layout)
    for layout in (
        # Q. …  A1: …  問1 …  ――…
        rf"{_MARK}(?P<name>[QAＱＡ]|問|答)\s*[0-9０-９]{{0,3}}\s*[.．:：)）、]\s*(?P<text>.*)$",
        r"\s*(?P<name>[―—─]{2,3})\s*(?P<text>[^\s―—─].*)$",
        r"\s*(?P<name>[―—─])\s*(?P<text>[^\s―—─].*(?:[?？]|か。?))\s*$",
        r"\s*[【［〔](?P<name>[^】］〕]{1,20})[】］〕]\s*[:：]?\s*(?P<text>.*)$",
        r"\s*[（(](?P<name>[^（）()]{1,20})[）)]\s*[:：]?\s*(?P<text>\S.*)$",
        r"\s*(?P<name>[^\s「」:：、。]{1,12})「(?P<text>.+)」\s*$",
        rf"{_MARK}{_NAME}\s*(?:：|:(?=\s|$)|:(?=[^\x00-\x7f]))\s*(?P<text>.*)$",
    )
)

_INTERVIEWER = re.compile(
    r"(?:interviewer|moderator|facilitator|researcher)s?\b.*|.*\b(?:interviewer|moderator|facilitator|researcher)"
    r"|(?:インタビュ[アワ]ー?|聞き手|聴き手|司会|モデレータ|質問者|調査員|調査者|リサーチャー).*"
    r"|.*(?:インタビュ[アワ]ー?|聞き手|聴き手|司会者?|モデレーター?|質問者|調査員|調査者|リサーチャー)"
    r"|host|question|q|me|int|mod|私|弊社|当社|担当者?|質問|問|[―—─]+",
    re.IGNORECASE,
)
_PARTICIPANT = re.compile(
    r"(?:participant|interviewee|respondent|subject|tester|test user|user|customer|client|guest|attendee)s?"
    r"(?: ?#?[0-9a-z]{1,3})?|.* (?:participant|interviewee|respondent|customer)"
    r"|p ?[0-9]{1,3}|u[0-9]{1,3}|a|answer"
    r"|(?:インタビュイー|話し手|語り手|被験者|参加者|対象者|協力者|回答者|お客様?|お客さま|顧客|利用者|ユーザー?|先方"
    r"|答|答え|回答)[ 0-9a-z一二三四五]{0,3}(?:さん|様)?|.*(?<![仕模同多])様",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:p|u|user|participant|subject|参加者|被験者|対象者|回答者) ?#?[0-9]{1,3}")
_NO_NAME = re.compile(
    r"notes?|memo|true|false|yes|no|agenda|date|day|time|when|where|place|location|attendees|participants|present|title|topic"
    r"|subject|summary|recommendations?|findings?|quotes?|goals?|tasks?|scenario|step|pros?|cons?|todo|action"
    r"|next steps?|e\.?g|i\.?e|p\.?s|ps|nb|tip|warning|example|http|https|result|product|role|company|status"
    r"|version|link|url|id|name|age|job|re|cc|to|from|sent|tel|fax|e-?mail|phone|mobile|duration|recording"
    r"|transcript|language|source|overall|bugs?|issues?|positive|negative|severity|priority|background"
    r"|議題|注|注意|メモ|日時|日付|実施日|場所|参加者一覧|出席者|件名|題名|目的|背景|課題|要望|結論|所感|概要|宿題|次回"
    r"|備考|補足|例|結果|製品|役割|会社|会社名|所属|氏名|名前|年齢|職業|業種|録画|録音|時間|テーマ|タイトル|電話|メール"
    r"|(?:大|苦|微|爆)?笑い?|沈黙|間|中略|拍手|うなずく?|laugh(?:s|ter|ing)?|pause|inaudible|crosstalk|silence|聞き取れず",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。．、,!?！？\"“”…=/＝]|\.(?!\s|$)|(?<![A-Za-z])\.|\w{4,}\.")
_BRACKET = re.compile(r"[(（\[]([^)）\]]*)[)）\]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The name before what was said in a line."""

    name: str
    text: str
    """What stands behind it in the same line, if anything."""
    offset: float | None = None
    """Seconds, where the line tells a time."""


def key(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_interviewer(name: str) -> bool:
    """Say whether a name, or what stands in brackets behind it, says who asks: 「山田（聞き手）」."""
    return _says(_INTERVIEWER, name)


def is_participant(name: str) -> bool:
    """Say whether a name says who answers: `Participant 3`, `P3`, `A`, 「佐藤様」."""
    return not is_interviewer(name) and _says(_PARTICIPANT, name)


def _says(role: re.Pattern[str], name: str) -> bool:
    plain = key(name)
    whole = _BRACKET.sub("", plain).strip().rstrip("0123456789 .#")
    parts = [whole, plain, *(part.strip() for part in _BRACKET.findall(plain))]
    return any(role.fullmatch(part) for part in parts if part)


def labels(lines: Sequence[str], *, known: Collection[str] = ()) -> list[Label | None] | None:
    """Return who speaks in each line, None for a line that goes on; None where the lines name no speakers.

    A layout with times is believed if words follow it twice. A mere `Name:` is believed only where the names
    are told to be speakers: by `known` names, by words such as “interviewer”, or by coming back.
    """
    for layout in _TIMED:
        found = [_label(layout, line) for line in lines]
        if _saying(found, lines) >= 2:
            return found
    found = [next(filter(None, (_label(layout, line) for layout in _INLINE)), None) for line in lines]
    believed = _believed(Counter(key(label.name) for label in found if label), {key(name) for name in known})
    if not believed:
        return None
    return [label if label and key(label.name) in believed else None for label in found]


def _saying(found: Sequence[Label | None], lines: Sequence[str]) -> int:
    """Count the labels that words stand behind or below: an agenda has times and names, and no words."""
    below = [label is None and bool(line.strip()) for label, line in zip(found, lines, strict=True)]
    return sum(
        label is not None and (bool(label.text) or below[at + 1 : at + 2] == [True])
        for at, label in enumerate(found)
    )


def _label(layout: re.Pattern[str], line: str) -> Label | None:
    match = layout.match(line)
    if match is None:
        return None
    name = match["name"].strip(" \t　*_")
    if not _is_name(name):
        return None
    parts = match.groupdict()
    return Label(name=name, text=(parts.get("text") or "").strip(), offset=_seconds(parts.get("time")))


def _is_name(name: str) -> bool:
    plain = _BRACKET.sub("", name).strip()
    if not plain or _NO_NAME.fullmatch(key(plain)) or len(plain.split()) > 4:
        return False
    return (
        not _SENTENCE.search(plain)
        and not plain.isdigit()
        and any(sign.isalpha() or sign in "―—─" for sign in plain)
    )


def _seconds(time: str | None) -> float | None:
    if time is None:
        return None
    total = 0.0
    for part in time.split(":"):
        total = total * 60 + int(part)
    return total


def _believed(counted: Counter[str], known: set[str]) -> set[str]:
    """Return those of the names before colons that are speakers."""
    asking = {name for name in counted if name in known or is_interviewer(name)}
    answering = {name for name in counted if is_participant(name)} - asking
    others = set(counted) - asking - answering
    again = {name for name in others if counted[name] > 1}
    once = {name for name in others - again if len(name.split()) == 1}
    times = sum(counted.values())
    told = sum(counted[name] for name in asking)
    if len(others) > MOST_SPEAKERS:
        others = once = again
    if asking and (times > told or told > 1):
        return asking | answering | (again | once if again else others)
    comes_back = sum(counted[name] for name in answering) > len(answering) or bool(answering and again)
    if comes_back or _are_numbered(answering):
        return answering | again
    if 2 <= len(again) <= MOST_SPEAKERS and sum(counted[name] for name in again) * 3 >= times * 2:
        return again | once
    return set()


def _are_numbered(names: set[str]) -> bool:
    """Say whether several participants speak who are known by numbers."""
    return sum(_NUMBERED.fullmatch(name) is not None for name in names) > 1
