"""Sentences of a text, in any of the two scripts, each with its offsets and whether it is a step."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(
    r"[。！？]+[」』）)\"”']*|[!?]+[\"”')]*(?=\s|$)"
    r"|(?<![\s.][A-Za-z])(?<!\s\d)(?<!\b[Nn]o)"
    r"(?<!\betc)(?<!\bvs)\.+[\"”')]*(?=\s|$)"
)
"""Full-width marks always end a sentence, others before a space; `e.g.`, `A.`, a list's `2.` end none."""
_PREFIX = re.compile(
    r"\s*(?:(?P<step>\d{1,2}[.)．）:：](?!\d)|[(（]\d{1,2}[)）]|[①-⑳]|step\s*\d+[:.)]?|手順\s*\d+[:：.)]?)"
    r"|(?P<quote>[>＞][>＞\s]*)|(?P<bullet>[-*•・◆■●▪]+))\s*",
    re.IGNORECASE,
)
_DOES_FIRST = re.compile(
    r"(?:then |next,? |now |first,? |finally,? |please )?"
    r"(?:open|click|go to|select|choose|tap|press|enter|type|restart|reinstall|uninstall|install|turn|switch|"
    r"sign (?:in|out)|log (?:in|out)|check|uncheck|scroll|navigate|delete|remove|add|update|download|close|"
    r"clear|disable|enable|set|copy|paste|right[- ]click|try|make sure|wait|reset|change|save|use|create|"
    r"start|exit|quit|run|locate|look for|hold|allow|find|drag|rename|move|follow|highlight|reboot)\b",
    re.IGNORECASE,
)
_DOES_LAST = re.compile(
    r"(?:クリック|タップ|選択|入力|開いて|押|起動|再起動|ログイン|ログアウト|設定|変更|削除|追加|更新|ダウンロード|"
    r"インストール|有効|無効|オン|オフ|お試し|保存|再発行|選んで|選び|進|切り替え|チェック).{0,12}"
    r"(?:ください|下さい|します|し、|して|(?<!で)きます|びます)[。]?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A sentence of a text."""

    start: int
    end: int
    """Offsets in the text, half-open, in code points, without list marks and surrounding space."""
    step: bool
    """True for a numbered line and for what tells somebody to do something."""
    listed: bool = False
    """True for what begins a line of a list without numbers."""
    begins: bool = False
    """True for what begins any line."""
    quoted: bool = False
    """True for what somebody repeats from another message."""


def sentences(text: str) -> Iterator[Stretch]:
    """Yield the sentences in their order. A line break always ends one."""
    offset = 0
    for line in text.split("\n"):
        yield from _of_line(line, offset)
        offset += len(line) + 1


def _of_line(line: str, offset: int) -> Iterator[Stretch]:
    prefix = _PREFIX.match(line)
    numbered = prefix is not None and prefix["step"] is not None
    listed = prefix is not None and prefix["bullet"] is not None
    quoted = prefix is not None and prefix["quote"] is not None
    begins = True
    start = prefix.end() if prefix else 0
    for end in [*(match.end() for match in _END.finditer(line, start)), len(line)]:
        said = line[start:end]
        stripped = said.strip()
        if stripped:
            first = offset + start + len(said) - len(said.lstrip())
            step = numbered or _is_step(stripped)
            yield Stretch(
                start=first,
                end=first + len(stripped),
                step=step,
                listed=listed,
                begins=begins,
                quoted=quoted,
            )
            numbered = listed = begins = False
        start = max(start, end)


def _is_step(sentence: str) -> bool:
    return bool(_DOES_FIRST.match(sentence) or _DOES_LAST.search(sentence))
