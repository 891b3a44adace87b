"""Any sentence-transformers model out of a folder: small ones made here, of other kinds than the default."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertConfig, BertModel

from nlp.embedders import open_embedders
from nlp.embedders.minilm import model_folder
from nlp.embedders.transformer import TransformerEmbedder
from nlp.errors import ModelMissing

TEXTS = ["Cannot send mail", "メールが送れない", "The calendar is empty. " * 90, ""]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A transformer of 32 dimensions that reads 40 tokens, and a model that only looks words up."""
    base = tmp_path_factory.mktemp("models")
    tokenizer = AutoTokenizer.from_pretrained(str(model_folder()), local_files_only=True)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(base / "bert")
    tokenizer.save_pretrained(base / "bert")
    reader = Transformer(str(base / "bert"), max_seq_length=40)
    small = SentenceTransformer(modules=[reader, Pooling(32)], device="cpu", prompts={"query": "query: "})
    small.save(str(base / "small-bert"))
    words = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    static = SentenceTransformer(modules=[StaticEmbedding(words, embedding_dim=24)], device="cpu")
    static.save(str(base / "static"))
    return {"small-bert": base / "small-bert", "static": base / "static"}


@pytest.mark.parametrize(("model", "dimensions"), [("small-bert", 32), ("static", 24)])
def test_a_model_of_any_kind_and_size_gives_unit_vectors_and_the_same_bits_in_any_batch(
    folders: dict[str, Path], model: str, dimensions: int
) -> None:
    embedder = open_embedders(str(folders[model])).for_language("ja")
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), dimensions) == (len(TEXTS), embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors[:3], axis=1), 1, atol=1e-5)
    assert [embedder.embed([text]).tobytes() for text in TEXTS] == [row.tobytes() for row in vectors]


def test_vectors_are_those_of_the_library_under_the_models_own_prompt(folders: dict[str, Path]) -> None:
    folder = str(folders["small-bert"])
    peer = SentenceTransformer(folder, device="cpu", local_files_only=True)
    expected = peer.encode(TEXTS[:3], prompt_name="query", normalize_embeddings=True)
    np.testing.assert_allclose(TransformerEmbedder(folder, half=False).embed(TEXTS[:3]), expected, atol=1e-5)


def half(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **values}), "utf-8")


BREAKS: dict[str, Callable[[Path], object]] = {
    "weights cut off": lambda folder: half(folder / "model.safetensors"),
    "weights empty": lambda folder: (folder / "model.safetensors").write_bytes(b""),
    "weights missing": lambda folder: (folder / "model.safetensors").unlink(),
    "settings of another size": lambda folder: change(folder / "config.json", hidden_size=64),
    "settings cut off": lambda folder: half(folder / "config.json"),
    "settings that are none": lambda folder: (folder / "config.json").write_text("[]"),
    "parts that are none": lambda folder: (folder / "modules.json").write_text('{"a": 1}'),
    "parts that do not fit": lambda folder: change(folder / "1_Pooling/config.json", embedding_dimension=24),
}


@pytest.mark.parametrize("damage", BREAKS)
@pytest.mark.filterwarnings("ignore")
def test_a_broken_folder_is_told_in_one_line_that_names_it(
    folders: dict[str, Path], tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(folders["small-bert"], folder)
    BREAKS[damage](folder)
    with pytest.raises(ModelMissing, match=r"broken could not be loaded: .+") as told:
        open_embedders(str(folder)).default.embed(["text"])
    assert "\n" not in str(told.value)
