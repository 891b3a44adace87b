"""The reader of the wheel's word vectors, and the embedder that stands on it."""

from pathlib import Path

import numpy as np
import pytest

from nlp.embedders.japanese import JapaneseEmbedder, common_directions
from nlp.embedders.word_vectors import WordVectors, murmur, read_vectors, vocabulary_folder
from nlp.errors import ModelMissing


@pytest.fixture(scope="module")
def vocabulary() -> WordVectors:
    return read_vectors(vocabulary_folder())


@pytest.mark.parametrize(
    ("word", "key"),
    [("apple", 8566208034543834098), ("cat", 5439657043933447811), ("coffee", 3197928453018144401)],
)
def test_words_are_hashed_as_their_wheel_hashes_them(word: str, key: int) -> None:
    assert murmur(word.encode()) == key


def test_words_of_one_meaning_have_vectors_near_each_other(vocabulary: WordVectors) -> None:
    rows = [vocabulary.find(word)[0] for word in ("電車", "バス", "料理")]
    train, bus, cooking = (vocabulary.matrix[row] for row in rows)
    assert train @ bus > train @ cooking


def test_frequent_words_come_first_and_unknown_ones_last(vocabulary: WordVectors) -> None:
    ranks = [vocabulary.find(word)[1] for word in ("の", "電車", "オンボーディング", "ぬぬぬぬぬねねね")]
    assert ranks == sorted(ranks)
    assert vocabulary.find("ぬぬぬぬぬねねね") == (None, len(vocabulary.keys))


def test_the_shares_of_all_words_make_one(vocabulary: WordVectors) -> None:
    assert vocabulary.share(np.arange(len(vocabulary.keys))).sum() == pytest.approx(1)


def test_common_directions_are_at_right_angles(vocabulary: WordVectors) -> None:
    _, directions = common_directions(vocabulary)
    np.testing.assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-4)


def test_broken_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_bytes(b"no array")
    (tmp_path / "key2row").write_bytes(b"\xc1")
    with pytest.raises(ModelMissing, match="cannot be read"):
        read_vectors(tmp_path)


def test_width_and_inflection_change_little() -> None:
    embedder = JapaneseEmbedder()
    plain, wide, inflected, other = embedder.embed(
        ["CSVの出力に失敗する", "ＣＳＶの出力に失敗する", "CSVの出力に失敗しました", "駐車場が足りない"]
    )
    assert plain @ wide == pytest.approx(1, abs=1e-6)
    assert plain @ inflected > 0.7
    assert plain @ other < 0.3
