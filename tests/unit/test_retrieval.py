"""Which article answers: by words, by vectors, and by both."""

from collections.abc import Sequence

import numpy as np
import pytest

from nlp.embedders.hashing import HashingEmbedder
from nlp.ports import Embedder, Vectors
from nlp.retrieval import ArticleIndex, Hit, IndexedArticle

KB = {
    "export": ("Exporting data\nChoose Export, then CSV. The file is ready after a minute.",),
    "password": (
        "Reset your password\nOpen the sign-in page and choose Forgot password.",
        "Reset your password\nThe link in the mail is valid for one hour.",
    ),
    "invoice": ("請求書の再発行\n管理画面の「請求」から請求書を再発行できます。",),
    "twofactor": ("二段階認証\nスマートフォンを変えたときは予備コードでログインします。",),
}
QUESTIONS = (
    "How can I export my data as CSV?",
    "請求書を再発行したいのですが",
    "予備コードが分からずログインできません",
)


@pytest.fixture
def embedder() -> Embedder:
    return HashingEmbedder()


def indexed(embedder: Embedder, *, space: str = "words") -> list[IndexedArticle]:
    return [
        IndexedArticle(id=name, passages=passages, space=space, vectors=embedder.embed(passages))
        for name, passages in KB.items()
    ]


def ask(
    index: ArticleIndex, embedder: Embedder, *questions: str, space: str = "words"
) -> list[tuple[Hit, ...]]:
    return list(index.search(questions, space, embedder.embed(questions)))


def test_the_article_that_says_it_comes_first_in_both_languages(embedder: Embedder) -> None:
    found = ask(ArticleIndex(indexed(embedder)), embedder, *QUESTIONS)
    assert [hits[0].article_id for hits in found] == ["export", "invoice", "twofactor"]


def test_names_the_passage_that_answers(embedder: Embedder) -> None:
    [hits] = ask(ArticleIndex(indexed(embedder)), embedder, "How long is the link in the mail valid?")
    assert (hits[0].article_id, hits[0].passage) == ("password", 1)


def test_a_question_that_the_articles_answer_is_more_probably_answered(embedder: Embedder) -> None:
    answered, unanswered = ask(
        ArticleIndex(indexed(embedder)), embedder, QUESTIONS[0], "Do you sell mattresses?"
    )
    assert answered[0].score > 0.5 > (unanswered[0].score if unanswered else 0.0)


def test_articles_of_another_space_are_found_by_words_only(embedder: Embedder) -> None:
    index = ArticleIndex(indexed(embedder, space="another"))
    [hits] = ask(index, embedder, QUESTIONS[1])
    assert [hit.article_id for hit in hits] == ["invoice"]


def test_nothing_in_common_is_no_hit(embedder: Embedder) -> None:
    index = ArticleIndex(indexed(embedder, space="another"))
    assert ask(index, embedder, "Wo bleibt mein Paket?", "", "!?") == [(), (), ()]


def test_scores_are_probabilities_and_fall(embedder: Embedder) -> None:
    for hits in ask(ArticleIndex(indexed(embedder)), embedder, *QUESTIONS):
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_gives_at_most_as_many_as_asked_for(embedder: Embedder) -> None:
    index = ArticleIndex(indexed(embedder))
    [hits] = index.search(QUESTIONS[:1], "words", embedder.embed(QUESTIONS[:1]), limit=2)
    assert len(hits) == 2


def test_an_empty_knowledge_base_answers_nothing(embedder: Embedder) -> None:
    without_text = IndexedArticle(id="empty", passages=(), space="words", vectors=embedder.embed(()))
    assert ask(ArticleIndex([without_text]), embedder, *QUESTIONS) == [(), (), ()]


def test_a_question_gets_the_same_answer_alone_and_among_a_thousand(embedder: Embedder) -> None:
    index = ArticleIndex(indexed(embedder))
    many = [f"{QUESTIONS[place % 3]} {place}" for place in range(1100)]
    together = ask(index, embedder, *many)
    for place in (0, 511, 512, 1099):
        assert ask(index, embedder, many[place]) == [together[place]]


def test_vectors_find_what_words_do_not() -> None:
    def vectors(*rows: Sequence[float]) -> Vectors:
        return np.array(rows, np.float32)

    articles = [
        IndexedArticle(id="a", passages=("alpha",), space="s", vectors=vectors((1, 0))),
        IndexedArticle(id="b", passages=("beta",), space="s", vectors=vectors((0, 1))),
    ]
    [hits] = ArticleIndex(articles).search(["gamma"], "s", vectors((0.1, 0.995)))
    assert hits[0].article_id == "b"
