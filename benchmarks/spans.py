"""Two hundred thousand different spans that people really wrote, out of all sets whose letters are Latin.

Whole rows first: questions to a bank, to an insurer, to a shop, turns of chats, commands in eleven languages,
hotel messages. Then sentences of tickets, answers and reviews. What is still missing are two and three
sentences of a ticket that follow each other. No text is made up or changed, and none stands twice.
"""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

from nlp.html import plain
from nlp.sentences import sentences

csv.field_size_limit(2**31 - 1)
SEED = 0
FEWEST_LETTERS = 8
"""A shorter row says nothing."""
IN_A_ROW = (1, 2, 3)
"""So many sentences that follow each other are a span."""
COLUMNS = {
    "banking77/queries.csv": "text",
    "multidogo_chats/software.csv": "utterance",
    "hint3/sofmattress_train.csv": "sentence",
    "hint3/sofmattress_test.csv": "sentence",
    "xsid_multilingual/parallel.csv": "text",
}
FIELDS = {
    "dstc11_intents/development.jsonl": "utterance",
    "nlupp/banking.jsonl": "text",
    "nlupp/hotels.jsonl": "text",
}
LONG = {
    "thunderbird_support/questions.csv": ("title", "content"),
    "thunderbird_support/answers.csv": ("content",),
    "maalej_app_reviews/reviews.csv": ("title", "comment"),
}


def spans(folder: Path, most: int) -> list[str]:
    """Return that many different spans in an order of no meaning, always the same."""
    whole = dict.fromkeys(text for text in _rows(folder) if len(text) >= FEWEST_LETTERS)
    for number in IN_A_ROW:
        if len(whole) >= most:
            break
        pieces = dict.fromkeys(text for text in _pieces(folder, number) if len(text) >= FEWEST_LETTERS)
        new = [text for text in pieces if text not in whole]
        random.Random(SEED).shuffle(new)
        whole |= dict.fromkeys(new[: most - len(whole)])
    texts = list(whole)
    random.Random(SEED).shuffle(texts)
    return texts[:most]


def _rows(folder: Path) -> Iterator[str]:
    for name, column in COLUMNS.items():
        for row in _table(folder / name):
            yield " ".join(row[column].split())
    for name, field in FIELDS.items():
        with (folder / name).open(encoding="utf-8") as lines:
            yield from (" ".join(str(_row(line)[field]).split()) for line in lines if line.strip())


def _row(line: str) -> dict[str, object]:
    row = json.loads(line)
    return dict(row)


def _pieces(folder: Path, number: int) -> Iterator[str]:
    """Yield all runs of so many sentences of one text."""
    for name, columns in LONG.items():
        for row in _table(folder / name):
            text = "\n".join(plain(row[column] or "") for column in columns)
            said = [text[each.start : each.end] for each in sentences(text)]
            yield from (
                " ".join(" ".join(said[start : start + number]).split())
                for start in range(len(said) - number + 1)
            )


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
