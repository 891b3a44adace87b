"""Every embedder takes this exam: the official double and the ones with weights alike."""

import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nlp.embedders import Embedders, HashingEmbedder, open_embedders
from nlp.embedders.shapes import batches
from nlp.embedders.transformer import TransformerEmbedder
from nlp.errors import ModelMissing
from nlp.ports import Embedder, Vectors
from service.config import Settings
from service.parts import embedders_of
from tests.embeddings import EmbeddingsServer, embeddings_server

ALIKE = {
    "en": (
        "I cannot send mail since the update",
        "Sending mail fails after the update",
        "The logo is pretty",
    ),
    "ja": ("CSV書き出しが失敗する", "CSVの書き出しに失敗した", "ロゴが好き"),
    "de": (
        "Seit dem Update kann ich keine Mail senden",
        "Mail senden geht nach dem Update nicht",
        "Schönes Logo",
    ),
}
VARIED = [
    "Mail",
    "The calendar does not sync with my phone.",
    "同期されません",
    "ログイン画面から先に進めず、パスワードを変更しても同じエラーが出ます。",
    "😀😀",
    " ",
    "Ich kann mich nicht anmelden!",
    "It worked until Tuesday. " * 30,
    "Überall Ошибка エラー 错误 0x80070005",
    "設定を変えたのに反映されない。" * 40,
]


@cache
def parts() -> Embedders:
    return open_embedders()


def remote(server: EmbeddingsServer) -> Embedder:
    """A model that a server runs, asked over a real connection."""
    return embedders_of(Settings(embeddings_url=server.url, embeddings_model="hashing")).default


OPENERS: dict[str, Callable[[EmbeddingsServer], Embedder]] = {
    "hashing": lambda _: HashingEmbedder(),
    "english": lambda _: parts().for_language("en"),
    "japanese": lambda _: parts().for_language("ja"),
    "others": lambda _: parts().for_language("de"),
    "remote": remote,
}
ALL = ("en", "ja", "de")
READS = {"hashing": ALL, "english": ("en",), "japanese": ("ja",), "others": ALL, "remote": ALL}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingsServer]:
    with embeddings_server() as opened:
        yield opened


@pytest.fixture(params=OPENERS)
def embedder(request: pytest.FixtureRequest, server: EmbeddingsServer) -> Embedder:
    return OPENERS[request.param](server)


@pytest.fixture
def read(request: pytest.FixtureRequest, embedder: Embedder) -> tuple[str, ...]:
    del embedder  # the languages are those of the embedder that this test got
    return READS[request.node.callspec.params["embedder"]]


def bits(vectors: Vectors) -> list[bytes]:
    return [row.tobytes() for row in vectors]


def test_what_says_the_same_is_nearer_than_what_does_not(embedder: Embedder, read: tuple[str, ...]) -> None:
    for lang in read:
        a, b, c = embedder.embed(ALIKE[lang])
        assert a @ b > a @ c, lang
        assert a @ b > b @ c, lang


def test_a_text_has_the_same_bits_alone_in_any_batch_and_in_any_order(embedder: Embedder, seed: int) -> None:
    shuffled = VARIED * 3
    random.Random(seed).shuffle(shuffled)
    alone = {text: bits(embedder.embed([text]))[0] for text in VARIED}
    assert bits(embedder.embed(shuffled)) == [alone[text] for text in shuffled]


def test_vectors_are_unit_rows_of_float32(embedder: Embedder) -> None:
    vectors = embedder.embed(VARIED)
    assert vectors.shape == (len(VARIED), embedder.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)


@pytest.mark.parametrize(
    "text", ["不具合" * 6_667, "error " * 3_334, "x" * 20_000], ids=["ja", "en", "one word"]
)
def test_a_text_of_20_000_characters_is_read(embedder: Embedder, text: str) -> None:
    assert np.isfinite(embedder.embed([text])).all()


def test_emoji_signs_and_what_cannot_be_seen_are_read_like_any_text(embedder: Embedder) -> None:
    vectors = embedder.embed(["😀", "🐛🐛", "\u200b", "!!!"])
    assert np.isfinite(vectors).all()
    assert vectors.any(axis=1).all()


def test_the_name_is_known_before_anything_is_read_and_says_which_vectors_these_are(
    server: EmbeddingsServer,
) -> None:
    names = {name: opener(server).name for name, opener in OPENERS.items()}
    assert len(set(names.values())) == len(OPENERS)
    assert all(name and name.isascii() for name in names.values())


class TestWhichEmbedderReadsWhat:
    def test_texts_of_no_known_language_stand_with_the_english_ones(self) -> None:
        assert parts().for_language(None) is parts().for_language("en")

    def test_japanese_and_english_have_spaces_of_their_own(self) -> None:
        assert len(parts().names) == 3
        assert {parts().for_language(lang).name for lang in ("en", "ja", "cs")} == set(parts().names)

    def test_where_it_was_says_less_in_japanese_than_what_it_was(self) -> None:
        here, there, other = (
            parts().for_language("ja").embed(["松江の更衣室が狭い", "京都の更衣室が狭い", "松江の受付が親切"])
        )
        assert here @ there > 0.9
        assert here @ other < 0.3

    def test_one_model_for_all_languages_where_one_is_named(self, tmp_path: Path) -> None:
        one = open_embedders(str(tmp_path))
        assert one.for_language("ja") is one.for_language("en")
        assert one.names == (one.default.name,)


class TestModelsThatAreNotThere:
    @pytest.mark.parametrize("setting", ["/no/such/folder", "./nowhere", "~/nowhere", "a/b/c"])
    def test_a_folder_that_is_missing_is_named(self, setting: str) -> None:
        with pytest.raises(ModelMissing, match=r"no model folder at .*(folder|nowhere|c)\."):
            open_embedders(setting)

    def test_a_folder_without_a_model_says_so_when_the_first_text_comes(self, tmp_path: Path) -> None:
        embedder = open_embedders(str(tmp_path)).default
        with pytest.raises(ModelMissing, match="could not be loaded"):
            embedder.embed(["text"])

    def test_another_models_vectors_are_never_taken_for_this_ones(self, tmp_path: Path) -> None:
        before = TransformerEmbedder(str(tmp_path)).name
        (tmp_path / "config.json").write_text("{}")
        assert TransformerEmbedder(str(tmp_path)).name != before


class TestShapes:
    def test_every_text_stands_once_in_the_shape_of_its_own_length(self, seed: int) -> None:
        rng = random.Random(seed)
        texts = [[1] * rng.randint(1, 256) for _ in range(500)]
        shapes: dict[int, set[tuple[int, ...]]] = {}
        seen: list[int] = []
        for batch in batches(texts, longest=256, pad=0):
            seen.extend(batch.members)
            for row, member in enumerate(batch.members):
                assert batch.mask[row].sum() == len(texts[member])
                shapes.setdefault(len(texts[member]), set()).add(batch.ids.shape)
        assert sorted(seen) == list(range(len(texts)))
        assert all(len(each) == 1 for each in shapes.values())

    def test_no_row_is_empty_not_even_one_of_padding(self) -> None:
        assert all(batch.mask.any(axis=1).all() for batch in batches([[5, 6]], longest=256, pad=0))
