"""What recognises names where it is installed: none of it is a dependency, and nothing is fetched."""

from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec

from nlp.ports import Recognizer
from nlp.recognizers.spacy import SpacyRecognizer

MODELS = "spacy_models"
"""The group of entry points under which spaCy's models announce themselves."""

__all__ = ["Recognizer", "SpacyRecognizer", "installed"]


@lru_cache(maxsize=1)
def installed() -> dict[str, Recognizer]:
    """Return a recogniser a language (ISO 639-1): the first by name of spaCy's models that can be loaded.

    Without spaCy there is none. They are loaded here, once a process.
    """
    if find_spec("spacy") is None:
        return {}
    recognizers: dict[str, Recognizer] = {}
    for point in sorted(entry_points(group=MODELS), key=lambda each: each.name):
        lang = point.name[:2]
        if lang not in recognizers:
            try:
                recognizers[lang] = SpacyRecognizer(point.name, point.load().load())
            except Exception:  # noqa: BLE001  a model that does not load is as good as none
                continue
    return recognizers
