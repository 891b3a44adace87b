"""The real sets as rows of text and label, read from the folder that KOE_TEST_DATA names."""

import csv
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.html import plain
from nlp.prepare import is_empty_answer

csv.field_size_limit(2**31 - 1)
SEED = 0
LEAD = 600
"""Characters of a ticket that are read: its title and how it begins, as the spans of tickets are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Rows of a set."""

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    """What people said each row is; empty where nobody did."""
    lang: str | None
    """The language of all rows; None where it is to be recognised for each."""


Rows = Sequence[tuple[str, str]]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _set(name: str, rows: Rows, *, lang: str | None) -> LabelledSet:
    known = list(dict.fromkeys(rows))
    return LabelledSet(
        name=name,
        texts=tuple(text for text, _ in known),
        labels=tuple(label for _, label in known) if any(label for _, label in known) else (),
        lang=lang,
    )


def _banking(folder: Path) -> Rows:
    return [(row["text"], row["label"]) for row in rows_of(folder / "banking77" / "queries.csv")]


def banking(folder: Path) -> LabelledSet:
    """All of Banking77."""
    return _set("Banking77", _banking(folder), lang="en")


def banking_zipf(folder: Path) -> LabelledSet:
    """Banking77 as support data are: few frequent intents, many rare ones."""
    return _set("Banking77, Zipf", _drawn(_banking(folder), lambda place: 420 // (place + 1)), lang="en")


def banking_few(folder: Path) -> LabelledSet:
    """Ten intents of Banking77."""
    return _set(
        "Banking77, 10 intents", _drawn(_banking(folder), lambda place: 170 * (place < 10)), lang="en"
    )


def banking_thin(folder: Path) -> LabelledSet:
    """All intents of Banking77 with a dozen rows each."""
    return _set("Banking77, 12 rows each", _drawn(_banking(folder), lambda _: 12), lang="en")


def _drawn(rows: Rows, size: Callable[[int], int]) -> Rows:
    """Return so many rows of each label as `size` says for its place in a shuffled order."""
    chance = random.Random(SEED)
    labels = sorted({label for _, label in rows})
    chance.shuffle(labels)
    drawn: list[tuple[str, str]] = []
    for place, label in enumerate(labels):
        mine = [row for row in rows if row[1] == label]
        drawn += chance.sample(mine, min(len(mine), size(place)))
    return sorted(drawn)


def dstc11(folder: Path) -> LabelledSet:
    """Insurance customers of DSTC11, development part."""
    lines = (folder / "dstc11_intents" / "development.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return _set("DSTC11", [(row["utterance"], row["intent"]) for row in rows], lang="en")


def hint3(folder: Path) -> LabelledSet:
    """What people typed to a shop's bot, where an answer exists."""
    files = [folder / "hint3" / f"sofmattress_{part}.csv" for part in ("train", "test")]
    rows = [row for file in files for row in rows_of(file)]
    known = [(row["sentence"], row["label"]) for row in rows if row["label"] != "NO_NODES_DETECTED"]
    return _set("HINT3", known, lang="en")


def xsid(folder: Path, lang: str) -> LabelledSet:
    """Commands to an assistant in one of twelve languages."""
    rows = rows_of(folder / "xsid_multilingual" / "parallel.csv")
    return _set(
        f"xSID {lang}", [(row["text"], row["intent"]) for row in rows if row["lang"] == lang], lang=lang
    )


def multidogo(folder: Path) -> LabelledSet:
    """Turns of service chats, labelled by what the turn does."""
    rows = [
        (row["utterance"], row["intent"])
        for row in rows_of(folder / "multidogo_chats" / "software.csv")
        if row["intent"].strip() and row["utterance"].strip()
    ]
    return _set("MultiDoGO turns", random.Random(SEED).sample(rows, min(len(rows), 8_000)), lang="en")


def thunderbird(folder: Path) -> LabelledSet:
    """Support tickets in ten languages: title and how they begin."""
    rows = rows_of(folder / "thunderbird_support" / "questions.csv")
    texts = [f"{row['title'].strip()}\n\n{plain(row['content']).strip()}"[:LEAD] for row in rows]
    return _set("Thunderbird", [(text, "") for text in texts], lang=None)


def fukui(folder: Path, field: str | None) -> LabelledSet:
    """Answers of visitors to one question of a survey, or to all, that say anything at all."""
    rows = rows_of(folder / "fukui_tourism_survey_ja" / "comments.csv")
    texts = [
        row["text"] for row in rows if field in (None, row["field"]) and not is_empty_answer(row["text"])
    ]
    return LabelledSet(name=f"Fukui {field or 'all answers'}", texts=tuple(texts), labels=(), lang="ja")


SETS: dict[str, Callable[[Path], LabelledSet]] = {
    "banking77": banking,
    "banking77-zipf": banking_zipf,
    "banking77-10": banking_few,
    "banking77-thin": banking_thin,
    "dstc11": dstc11,
    "hint3": hint3,
    "xsid-en": lambda folder: xsid(folder, "en"),
    "xsid-ja": lambda folder: xsid(folder, "ja"),
    "multidogo": multidogo,
    "thunderbird": thunderbird,
    "fukui-inconvenience": lambda folder: fukui(folder, "不便さの内容"),
    "fukui-wish": lambda folder: fukui(folder, "福井県に求めるもの"),
    "fukui-all": lambda folder: fukui(folder, None),
}
