"""Names by spaCy's pipelines: en_core_web_sm, ja_ginza and whatever else is installed beside Koe."""

import re
import threading
from collections.abc import Iterator
from typing import Any

from nlp.ports import Recognizer

PEOPLE = frozenset(("PERSON", "PER", "Person"))
"""What the models call a person: OntoNotes, WikiNER and the extended hierarchy of GiNZA."""

_LONGEST = 5_000
"""Characters read at once; GiNZA's tokenizer refuses more than 49,149 bytes."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAK = re.compile(r"[\n。!?]|[.] | ")


class SpacyRecognizer(Recognizer):
    """A pipeline with named entities, read by one thread at a time."""

    def __init__(self, model: str, pipeline: Any) -> None:
        """`model` is its package's name, which starts with the language."""
        self.name = f"spacy:{model}"
        self.lang = model[:2]
        self._pipeline = pipeline
        self._lock = threading.Lock()

    def people(self, text: str) -> list[tuple[int, int]]:
        # Half of a pair of surrogates is no character to any model.
        text = _SURROGATE.sub(" ", text)
        with self._lock:
            return [stretch for start, end in _pieces(text) for stretch in self._read(text, start, end)]

    def _read(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        for entity in self._pipeline(text[start:end]).ents:
            if entity.label_ in PEOPLE:
                yield start + entity.start_char, start + entity.end_char


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cut a long text where a line or a sentence ends, or where there is a space."""
    start = 0
    while len(text) - start > _LONGEST:
        breaks = [match.end() for match in _BREAK.finditer(text, start, start + _LONGEST)]
        end = breaks[-1] if breaks else start + _LONGEST
        yield start, end
        start = end
    yield start, len(text)
