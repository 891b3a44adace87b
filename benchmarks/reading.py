"""How well spans are cut, and their kind, severity and sentiment told, on the real sets, as Markdown tables.

    python -m benchmarks.reading DATA CACHE

Sets are halved, every other row to each half: words were chosen with an eye on the first half, so the second
is what counts. Reviews are put into the order of their ids and words before.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks.sets import rows_of
from nlp.embedders import open_embedders
from nlp.kinds import kind_of
from nlp.ports import Vectors
from nlp.segment import Turn, segment
from nlp.sentiment import sentiment_of
from nlp.severity import severity_of
from service.models.columns import digest

Row = dict[str, str]

BUG, FEATURE, REST = "bug", "feature", "rest"
SATISFACTION = {"とても不満": 1, "不満": 2, "どちらでもない": 3, "満足": 4, "とても満足": 5}
REASONS = ("満足度の理由", "満足度(商品・サービス)の理由", "福井県内での交通手段の満足度の理由")
FIELDS = {"不便さの内容": "pain_point", "施設に求めるもの": "request", "福井県に求めるもの": "request"}
FIELDS |= {"推奨項目": "praise", "満足度の理由": "praise"}
GOOD_WORDS = {
    "en": ("good", "great", "love", "best", "nice", "easy"),
    "ja": ("良", "よかった", "美味し", "楽し", "満足", "きれい"),
}
BAD_WORDS = {
    "en": ("bad", "worst", "hate", "not", "problem", "crash"),
    "ja": ("悪", "不便", "残念", "少な", "高い", "ない"),
}


def main(data: Path, cache: Path) -> None:
    """Print the tables."""
    cache.mkdir(parents=True, exist_ok=True)
    reviews = sorted(
        rows_of(data / "maalej_app_reviews" / "reviews.csv"),
        key=lambda row: row["id"] + row["reviewId"] + row["comment"],
    )
    answers = rows_of(data / "fukui_tourism_survey_ja" / "comments.csv")
    notes = rows_of(data / "onrr_user_research" / "participant_notes.csv")
    for table in (kinds(reviews), fields(answers), tones(reviews, answers), severities(reviews, notes)):
        typer.echo(table + "\n")
    typer.echo(splitting(data / "nlupp", cache))


def table(head: str, lines: Sequence[str]) -> str:
    """Return a Markdown table."""
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *lines])


def kinds(reviews: Sequence[Row]) -> str:
    """Compare with what people called a review: a bug, a wish for a feature, or anything else."""
    truth = [{"Bug": BUG, "Feature": FEATURE}.get(row["label"], REST) for row in reviews]
    texts = [f"{row['title']}. {row['comment']}" for row in reviews]
    told = {
        "Koe: a fault in any span is a bug, else a request a feature": [by_spans(row) for row in reviews],
        "Koe, the whole review as one span": [as_whole(text) for text in texts],
        "keywords": [by_keyword(text.lower()) for text in texts],
        "the most frequent": [REST] * len(texts),
        "trained on the first half (words and pairs, logistic)": trained(texts, truth),
    }
    lines = []
    for name, labels in told.items():
        held = f1(truth[1::2], labels[1::2])
        first = "-" if name.startswith("trained") else f"{f1(truth[::2], labels[::2])[0]:.3f}"
        lines.append(f"| {name} | {first} | " + " | ".join(f"{value:.3f}" for value in held) + " |")
    return table("| reviews, 3 labels | macro-F1, first half | second half | bug | feature | rest |", lines)


def f1(truth: Sequence[str], told: Sequence[str]) -> list[float]:
    """Return macro-F1, then F1 for each label."""
    each = f1_score(truth, told, average=None, labels=[BUG, FEATURE, REST], zero_division=0)
    return [float(np.mean(each)), *map(float, each)]


def by_spans(row: Row) -> str:
    """Return what Koe's spans say of a review: a fault of any of them is a bug, else a request a feature."""
    title, comment = row["title"].strip(), row["comment"].strip()
    text = "\n\n".join(part for part in (title, comment) if part)
    turn = Turn(len(text) - len(comment), len(text), "customer")
    cut = segment(text, [turn], title_end=len(title), channel="review", lang="en")
    found = set()
    for start, end in cut.spans:
        said = text[start:end]
        kind = kind_of(said, channel="review", rating=float(row["rating"]), lang="en").name
        level = severity_of(said, kind=kind, rating=None, lang="en").level or 0
        found.add(BUG if kind == "pain_point" and level > 2 else FEATURE if kind == "request" else REST)
    return BUG if BUG in found else FEATURE if FEATURE in found else REST


def as_whole(text: str) -> str:
    """Return what a review is called if it is read as one span, by its words alone."""
    kind = kind_of(text, channel="review", rating=None, lang="en").name
    return {"pain_point": BUG, "request": FEATURE}.get(kind, REST)


def by_keyword(text: str) -> str:
    """Return what a short list of words says of a review."""
    if any(word in text for word in ("bug", "crash", "fix", "error", "problem")):
        return BUG
    return FEATURE if any(word in text for word in ("add", "please", "wish", "would be", "need")) else REST


def trained(texts: Sequence[str], truth: Sequence[str]) -> list[str]:
    """Return what a classifier says that has learnt the labels of the first half: what the labels allow."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    learnt = LogisticRegression(C=10, max_iter=3000, class_weight="balanced")
    learnt.fit(words.fit_transform(texts[::2]), truth[::2])
    return [str(label) for label in learnt.predict(words.transform(texts))]


def fields(answers: Sequence[Row]) -> str:
    """Say how often an answer is of the kind that its question asks for."""
    lines = []
    for field, kind in FIELDS.items():
        texts = [row["text"] for row in answers if row["field"] == field][1::2]
        told = [kind_of(text, channel="survey", rating=None, lang="ja").name for text in texts]
        shares = (told.count(name) / len(told) for name in (kind, "other"))
        lines.append(f"| {field} | {kind} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")
    return table("| question of the survey (second half) | kind | of this kind | of none |", lines)


def tones(reviews: Sequence[Row], answers: Sequence[Row]) -> str:
    """Compare sentiment by words alone with the rating that came with them."""
    rated = [(f"{row['title']}. {row['comment']}", float(row["rating"])) for row in reviews]
    lines = [tone("app reviews, stars", rated, "en")]
    for field in REASONS:
        of_field = [row for row in answers if row["field"] == field and row["満足度"] in SATISFACTION]
        lines.append(
            tone(f"Fukui, {field}", [(row["text"], SATISFACTION[row["満足度"]]) for row in of_field], "ja")
        )
    return table(
        "| rated texts (second half) | Spearman | area under the curve, 1–2 against 4–5 | "
        "six good and six bad words | something told |",
        lines,
    )


def tone(name: str, rated: Sequence[tuple[str, float]], lang: str) -> str:
    """Return one line of the table of sentiment."""
    texts, ratings = [text for text, _ in rated][1::2], np.array([value for _, value in rated][1::2])
    scores = [sentiment_of(text, rating=None, lang=lang).score for text in texts]
    plain = np.array([counted(text.lower(), lang) for text in texts])
    ours = np.array([score or 0.0 for score in scores])
    clear = (ratings <= 2) | (ratings >= 4)
    share = sum(score is not None for score in scores) / len(scores)
    curves = [curve(ratings[clear] >= 4, told[clear]) for told in (ours, plain)]
    ranked = spearmanr(ours, ratings).statistic
    return f"| {name} | {ranked:.2f} | {curves[0]:.3f} | {curves[1]:.3f} | {share:.2f} |"


def counted(text: str, lang: str) -> int:
    """Return good words less bad ones."""
    return sum(word in text for word in GOOD_WORDS[lang]) - sum(word in text for word in BAD_WORDS[lang])


def curve(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the area under the curve."""
    return float(roc_auc_score(truth, scores))


def severities(reviews: Sequence[Row], notes: Sequence[Row]) -> str:
    """Compare severity by words alone with stars of bug reports, and with what researchers called a note."""
    bugs = [row for row in reviews if row["label"] == "Bug"]
    texts = [f"{row['title']}. {row['comment']}" for row in bugs]
    ranked = [row for row in notes if row["severity"] in ("P1", "P2", "P3", "P4")]
    lines = [
        severity("bug reports, one star least", texts, [-float(row["rating"]) for row in bugs]),
        severity(
            "interview notes, P1 most",
            [row["note"] for row in ranked],
            [-int(r["severity"][1]) for r in ranked],
        ),
    ]
    return table("| severity by words | Spearman | length of the text instead | rows |", lines)


def severity(name: str, texts: Sequence[str], truth: Sequence[float]) -> str:
    """Return one line of the table of severity."""
    levels = []
    for text in texts:
        kind = kind_of(text, channel="interview", rating=None, lang="en").name
        levels.append(severity_of(text, kind=kind, rating=None, lang="en").level or 0)
    by_length = spearmanr([len(text) for text in texts], truth).statistic
    return f"| {name} | {spearmanr(levels, truth).statistic:.2f} | {by_length:.2f} | {len(texts)} |"


def splitting(folder: Path, cache: Path) -> str:
    """Ask whether parting messages helps to find their intents: ten folds, a classifier an intent."""
    lines = []
    for domain in ("banking", "hotels"):
        text = (folder / f"{domain}.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        rows = [row for row in rows if row.get("intents")]
        texts = [row["text"] for row in rows]
        parts = [split(said) for said in texts]
        intents = sorted({intent for row in rows for intent in row["intents"]})
        truth = np.array([[intent in row["intents"] for intent in intents] for row in rows])
        folds = np.array([row["fold"] for row in rows])
        many = np.array([len(part) > 1 for part in parts])
        flat = [part for of_one in parts for part in of_one]
        owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        vectors, part_vectors = embedded(texts, cache), embedded(flat, cache)
        whole, union = np.zeros(truth.shape), np.zeros(truth.shape)
        for fold in np.unique(folds):
            test = folds == fold
            for column in range(len(intents)):
                if len(np.unique(truth[~test, column])) < 2:
                    continue
                learnt = LogisticRegression(C=20, max_iter=1000).fit(vectors[~test], truth[~test, column])
                whole[test, column] = learnt.predict_proba(vectors[test])[:, 1]
                mine = np.flatnonzero(test[owners])
                np.maximum.at(union[:, column], owners[mine], learnt.predict_proba(part_vectors[mine])[:, 1])
        for name, wanted in (("all", np.ones(len(rows), bool)), ("of these, parted", many)):
            scores = [
                f1_score(truth[wanted], found[wanted] > 0.5, average="macro", zero_division=0)
                for found in (whole, union, np.maximum(whole, union))
            ]
            lines.append(
                f"| {domain}, {name} | {wanted.sum()} | "
                + " | ".join(f"{score:.3f}" for score in scores)
                + " |"
            )
    return table("| messages with several intents | rows | whole | parts | both |", lines)


def split(said: str) -> list[str]:
    """Return the spans of a message as Koe cuts an answer; the whole where there is none."""
    cut = segment(said, [Turn(0, len(said), "customer")], title_end=0, channel="survey", lang="en")
    return [said[start:end] for start, end in cut.spans] or [said]


def embedded(texts: Sequence[str], cache: Path) -> Vectors:
    """Return the vectors of English texts, kept in `cache`."""
    embedder = open_embedders().for_language("en")
    path = cache / f"{digest(embedder.name, *texts)}.npy"
    if not path.exists():
        np.save(path, embedder.embed(list(texts)))
    kept: Vectors = np.load(path)
    return kept


if __name__ == "__main__":
    typer.run(main)
