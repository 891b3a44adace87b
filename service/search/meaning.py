"""Reads searches for their meaning. The models are loaded when the first search comes, and by a thread of
their own: whoever searched meanwhile gets what words find, at once.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from nlp.embedders import Embedders
from nlp.language import detect
from nlp.ports import Embedder
from service.repositories.nearness import Meant

State = Literal["ready", "warming", "off"]
"""Whether searches are read for their meaning: yes, in a moment, or not at all."""
READ = 500
"""Characters of a search that are read; a model reads little more of any text."""
KEPT = 256
"""Searches whose vectors are kept: who types, takes back, and types again."""
AT_ONCE = 0.1
"""Seconds that a search waits for a model that is just being loaded, or for another search to be read."""
REST = 30.0
"""Seconds that a model that failed is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a search means."""

    state: State
    meant: tuple[Meant, ...] = ()
    """In every space in which texts of its language may stand."""


class Reader:
    """Turns searches into vectors, in any thread; one for a whole process."""

    def __init__(self, open_: Callable[[], Embedders]) -> None:
        """Load nothing yet: `open_` is called when the first search comes."""
        self._open = open_
        self._embedders: Embedders | None = None
        self._loading: threading.Thread | None = None
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._kept: OrderedDict[str, tuple[Meant, ...]] = OrderedDict()
        self._failed_at: float | None = None

    def read(self, query: str) -> Reading:
        """Return what a search means, without anything personal in it, or that it is not known yet.

        Never raises, and never waits long: whoever searches has the words.
        """
        text = query[:READ].strip()
        if not text:
            return Reading(state="ready")
        if self._failed_at is not None and monotonic() - self._failed_at < REST:
            return Reading(state="off")
        embedders = self._loaded()
        if embedders is None:
            return Reading(state="off" if self._failed_at is not None else "warming")
        return self._read(embedders, text)

    def wait(self, seconds: float) -> None:
        """Wait until the models are loaded or have failed; for those who can, such as a command."""
        self._begin()
        if self._loading is not None:
            self._loading.join(seconds)

    def _loaded(self) -> Embedders | None:
        if self._embedders is None:
            self.wait(AT_ONCE)
        return self._embedders

    def _begin(self) -> None:
        with self._lock:
            if self._embedders is None and (self._loading is None or not self._loading.is_alive()):
                self._failed_at = None
                self._loading = threading.Thread(target=self._load, name="query models", daemon=True)
                self._loading.start()

    def _load(self) -> None:
        try:
            embedders = self._open()
            for embedder in _each(embedders):
                embedder.embed(["声"])  # weights are read when the first text comes
        except Exception:  # noqa: BLE001  whatever a model fails with, words are still searched
            self._failed_at = monotonic()
            return
        self._embedders = embedders

    def _read(self, embedders: Embedders, text: str) -> Reading:
        if (known := self._kept.get(text)) is not None:
            return Reading(state="ready", meant=known)
        if not self._one_at_a_time.acquire(timeout=10 * AT_ONCE):
            return Reading(state="warming")
        try:
            meant = _meant(embedders, text)
        except Exception:  # noqa: BLE001  as above
            self._failed_at = monotonic()
            return Reading(state="off")
        finally:
            self._one_at_a_time.release()
        self._kept[text] = meant
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return Reading(state="ready", meant=meant)


def _meant(embedders: Embedders, text: str) -> tuple[Meant, ...]:
    from nlp.redact import redact  # its patterns take long to load

    harmless = redact(text).text
    return tuple(Meant(each.name, each.embed([harmless])[0]) for each in _readers_of(embedders, harmless))


def _readers_of(embedders: Embedders, text: str) -> Sequence[Embedder]:
    """Return the embedders of the languages that a search may be in: a few words hardly tell.

    What has Japanese letters is Japanese; anything else may be English or another language.
    """
    lang = detect(text)
    if lang == "ja":
        return [embedders.for_language("ja")]
    found = {each.name: each for each in (embedders.for_language(lang), embedders.for_language("en"))}
    return list(found.values())


def _each(embedders: Embedders) -> Sequence[Embedder]:
    return list({each.name: each for each in (embedders.default, *embedders.by_language.values())}.values())
