"""A model behind an address: what is sent, what is tried again, and what a person is told."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from connectors import model_server as door
from connectors.errors import ConnectorError, RetryLater
from nlp.embedders import HashingEmbedder
from nlp.errors import ModelFails
from service.config import Settings
from service.errors import WrongUse
from service.parts import embedders_of
from tests.embeddings import EmbeddingsServer, Spoiled, embeddings_server
from tests.speaker import Say, answers, resets

MODEL = "intfloat/multilingual-e5-small"
PAGE = b"<!doctype html><title>Sign in</title>"


def settings(url: str, **more: Any) -> Settings:
    return Settings(embeddings_url=url, embeddings_model=MODEL, **more)


@pytest.fixture
def server() -> Iterator[EmbeddingsServer]:
    with embeddings_server() as opened:
        yield opened


def test_the_model_the_texts_under_its_prompt_and_the_key_are_sent(server: EmbeddingsServer) -> None:
    embedder = embedders_of(settings(server.url, embeddings_key="s3cr3t")).for_language("ja")
    embedder.embed(["声", "a voice"])
    assert server.asked[0]["model"] == MODEL
    assert server.asked[0]["input"] == ["query: 声", "query: a voice"]
    assert set(server.keys) == {"Bearer s3cr3t"}


@pytest.mark.parametrize("end", ["", "/", "/embeddings", "/embeddings/"])
def test_the_address_may_end_before_or_after_the_name_of_the_service(
    server: EmbeddingsServer, end: str
) -> None:
    assert embedders_of(settings(server.url + end)).default.dimensions == 256


def test_the_name_is_the_models_with_its_dimensions_wherever_the_server_stands(
    server: EmbeddingsServer,
) -> None:
    with embeddings_server() as elsewhere:
        names = {embedders_of(settings(each.url)).default.name for each in (server, elsewhere)}
    assert names == {f"{MODEL}+256d"}
    with embeddings_server(embedder=HashingEmbedder(dimensions=64)) as other:
        assert embedders_of(settings(other.url)).default.name == f"{MODEL}+64d"


def test_many_texts_go_in_batches_and_come_back_in_their_order(server: EmbeddingsServer) -> None:
    texts = [f"text {number}" for number in range(150)]
    vectors = embedders_of(settings(server.url)).default.embed(texts)
    expected = HashingEmbedder().embed([f"query: {text}" for text in texts])
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert [len(asked["input"]) for asked in server.asked if len(asked["input"]) > 1] == [64, 64, 22]


def spoil(**change: Any) -> Spoiled:
    return Spoiled(lambda answer: {**answer, **change})


def first(value: object) -> Spoiled:
    """Give the first text another vector."""

    def change(answer: dict[str, Any]) -> object:
        answer["data"][0]["embedding"] = value
        return answer

    return Spoiled(change)


NUMBERS = [0.1] * 256


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (spoil(data=None), "holds no vectors"),
        (spoil(data=[1, 2]), "holds no vectors"),
        (Spoiled(lambda answer: answer["data"]), "holds no vectors"),
        (Spoiled(lambda answer: {"data": answer["data"][:1]}), "1 vectors for 2 texts"),
        (spoil(data=[{"index": 0, "embedding": NUMBERS}] * 2), "which vector is whose"),
        (spoil(data=[{"index": n, "embedding": NUMBERS} for n in "01"]), "which vector is whose"),
        (spoil(data=[{"index": n, "embedding": NUMBERS} for n in (None, 1)]), "which vector is whose"),
        (first([*NUMBERS[:-1], float("nan")]), "NaN"),
        (first([0.0] * 256), "nothing but zeros"),
        (first("AAAA"), "no lists"),
        (first([]), "no lists"),
        (first(NUMBERS[:-1]), "as many numbers"),
        (
            Spoiled(lambda answer: {"data": [{**one, "embedding": [1.0] * 8} for one in answer["data"]]}),
            "vectors of 8 numbers, and before with 256",
        ),
        (answers("200 OK", "Content-Type: text/html", body=PAGE), "a web page"),
        (answers("401 Unauthorized"), "does not accept"),
        (answers("404 Not Found"), "nothing at this address"),
        (answers("400 Bad Request"), "refused"),
        (answers("307 Temporary Redirect", "Location: https://example.com/"), "redirect"),
        (answers("429 Too Many Requests", "Retry-After: 86400"), "left alone for 86,400 s"),
    ],
)
def test_an_answer_that_no_other_try_mends_is_told_with_what_to_do(
    answer: Say | Spoiled, reason: str
) -> None:
    with embeddings_server(None, answer) as server:
        embedder = embedders_of(settings(server.url)).default
        assert embedder.dimensions == 256
        with pytest.raises(ModelFails, match=reason) as told:
            embedder.embed(["a", "b"])
    assert len(server.asked) == 2
    assert str(told.value).count("\n") == 0


class TestTryingAgain:
    @pytest.fixture
    def waits(self) -> list[float]:
        return []

    def ask(self, server: EmbeddingsServer, waits: list[float]) -> object:
        opened = door.embeddings_door(server.url, key=None, private_hosts=[])
        patient = door.ModelDoor(url=opened.url, http=opened.http, wait=waits.append)
        return patient.ask({"model": MODEL, "input": ["a"]})

    def test_what_is_busy_is_left_alone_for_as_long_as_it_wishes(self, waits: list[float]) -> None:
        busy = answers("429 Too Many Requests", "Retry-After: 7")
        with embeddings_server(busy, busy) as server:
            assert self.ask(server, waits)
        assert waits == [7, 7]

    @pytest.mark.parametrize(
        "fault",
        [
            answers("500 Internal Server Error"),
            answers("503 Service Unavailable"),
            answers("200 OK", body=b"{"),
            resets,
        ],
    )
    def test_what_breaks_off_is_asked_again_with_growing_waits(self, fault: Say, waits: list[float]) -> None:
        with embeddings_server(fault, fault, fault) as server:
            assert self.ask(server, waits)
        assert len(waits) == 3
        assert waits == sorted(waits)

    def test_it_ends(self, waits: list[float]) -> None:
        with embeddings_server(*[answers("500 Internal Server Error")] * 9) as server:
            with pytest.raises(ConnectorError, match="failed"):
                self.ask(server, waits)
            assert len(server.asked) == door.TRIES

    def test_a_server_that_is_not_there_is_told(self, waits: list[float]) -> None:
        with embeddings_server() as server:
            pass
        with pytest.raises(RetryLater, match="cannot be reached"):
            self.ask(server, waits)


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({"embeddings_url": "http://127.0.0.1:1/v1"}, "KOE_EMBEDDINGS_MODEL"),
            ({"embeddings_url": "http://127.0.0.1:1/v1", "embeddings_model": " "}, "KOE_EMBEDDINGS_MODEL"),
            (
                {"embeddings_url": "http://127.0.0.1:1/v1", "embeddings_model": "m", "embedder": "hashing"},
                "both set",
            ),
            (
                {"embeddings_url": "http://a/v1", "embeddings_model": "m", "private_hosts": "not a host"},
                "KOE_PRIVATE_HOSTS",
            ),
        ],
    )
    def test_what_contradicts_itself_is_named(self, given: dict[str, str], named: str) -> None:
        with pytest.raises(WrongUse, match=named):
            embedders_of(Settings(**given))  # type: ignore[arg-type]

    @pytest.mark.parametrize("url", ["http://10.1.2.3/v1", "ftp://127.0.0.1/v1", "nonsense"])
    def test_an_address_that_may_not_be_called_is_told_with_what_opens_it(self, url: str) -> None:
        with pytest.raises(ModelFails, match=r"KOE_EMBEDDINGS_URL: .*(KOE_PRIVATE_HOSTS|web address)"):
            embedders_of(settings(url)).default.embed(["a"])

    def test_the_key_stands_in_no_message(self, server: EmbeddingsServer) -> None:
        server.script.append(answers("401 Unauthorized"))
        shown = settings(server.url, embeddings_key="s3cr3t")
        with pytest.raises(ModelFails) as told:
            embedders_of(shown).default.embed(["a"])
        assert "s3cr3t" not in str(told.value) + repr(shown) + json.dumps(str(server.asked))
