"""One embedder after another: everything is read anew, nothing is mixed, and themes stay who they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from sqlalchemy import text
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Sequence as InTurn
from tokenizers.pre_tokenizers import Split, Whitespace

from nlp.clusterers import open_clusterer
from nlp.embedders import Embedders, HashingEmbedder, open_embedders
from nlp.labelers import open_labeler
from nlp.ports import Embedder, Vectors
from service.config import Settings
from service.db import Database
from service.errors import Conflict
from service.imports import Options, import_file
from service.models import MAIN
from service.parts import connecting
from service.pipeline.run import Ports, run
from service.repositories import embeddings
from service.repositories.assignments import list_spans

SAID = {
    "password": (
        "I forgot my password",
        "パスワードを忘れた",
        "forgot the password",
        "またパスワードを忘れた",
    ),
    "invoice": ("the invoice is late", "請求書が遅い", "my invoice comes late", "請求書がいつも遅い"),
    "export": ("the export is broken", "書き出しが壊れた", "broken export", "書き出しがまた壊れた"),
}
MEANINGS = (
    ("forgot", "忘れた"),
    ("password", "パスワード"),
    ("late", "遅い"),
    ("invoice", "請求書"),
    ("broken", "壊れた"),
    ("export", "書き出し"),
)


class Counting(HashingEmbedder):
    """Counts what it reads."""

    read = 0

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        return super().embed_batch(texts)


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder in which a word and its translation mean the same: a very small multilingual model."""
    words = {"[UNK]": 0}
    for pair in MEANINGS:
        for word in pair:
            words[word] = len(words)
    rows = np.zeros((len(words), 32), np.float32)
    for number, pair in enumerate(MEANINGS):
        for word in pair:
            rows[words[word], number] = 1
    rows[0, -1] = 0.05
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    japanese = "|".join(pair[1] for pair in MEANINGS)
    tokenizer.pre_tokenizer = InTurn([Whitespace(), Split(Regex(japanese), "isolated")])
    folder = tmp_path_factory.mktemp("models") / "two-tongues"
    module = StaticEmbedding(tokenizer, embedding_weights=rows)
    SentenceTransformer(modules=[module], device="cpu").save(str(folder))
    return folder


@pytest.fixture
def heard(db: Database, tmp_path: Path) -> Database:
    """A database with voices of two languages about three things."""
    lines = [
        f"{number},{said}" for number, said in enumerate(each for one in SAID.values() for each in one * 3)
    ]
    path = tmp_path / "said.csv"
    path.write_text("id,text\n" + "\n".join(lines), "utf-8")
    import_file(db, MAIN, "feedback", path, source="s", options=Options())
    return db


def take(db: Database, embedders: Embedders | Embedder, clusterer: str = "default") -> None:
    run(
        db,
        MAIN,
        Ports(
            embedders=embedders if isinstance(embedders, Embedders) else Embedders(default=embedders),
            clusterer=open_clusterer(clusterer),
            labeler=open_labeler(),
            connect=connecting(Settings()),
        ),
    )


def themes(db: Database) -> dict[str, str | None]:
    """The theme of each text."""
    with db.begin() as session:
        return {row.text: row.theme_id for row in list_spans(session, MAIN)}


def vectors(db: Database) -> dict[str, int]:
    """How many vectors there are of each embedder."""
    with db.begin() as session:
        rows = session.connection().execute(
            text("SELECT embedder, count(*) FROM embedding GROUP BY embedder")
        )
        return {str(name): int(count) for name, count in rows}


def test_voices_of_two_languages_meet_in_one_theme_where_one_model_reads_both(
    heard: Database, multilingual: Path
) -> None:
    embedders = open_embedders(str(multilingual))
    assert embedders.for_language("ja") is embedders.for_language("en")
    take(heard, embedders)
    found = themes(heard)
    assert None not in found.values()
    assert [len({found[said] for said in about}) for about in SAID.values()] == [1, 1, 1]
    assert len(set(found.values())) == len(SAID)


def test_another_embedder_reads_everything_anew_and_themes_stay_by_their_members(heard: Database) -> None:
    first, second = Counting(dimensions=64), Counting(dimensions=128)
    take(heard, first, "exact")
    before = themes(heard)
    take(heard, second, "exact")
    assert themes(heard) == before
    assert (first.read, second.read) == (len(before), len(before))
    assert vectors(heard) == {"hashing-64": len(before), "hashing-128": len(before)}
    take(heard, first, "exact")
    assert first.read == len(before)
    assert themes(heard) == before


def test_a_model_of_other_dimensions_under_the_same_name_is_refused_with_what_to_do(heard: Database) -> None:
    take(heard, Counting(dimensions=64), "exact")
    impostor = Counting(dimensions=32)
    impostor.name = "hashing-64"
    with heard.begin() as session, pytest.raises(Conflict, match=r"32 numbers.*64.*another name"):
        embeddings.store(session, MAIN, impostor.name, ["h"], impostor.embed(["new"]))
