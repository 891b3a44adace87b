"""Whether every sentence of every draft stands where it is cited, over all sets, as a Markdown table.

    python -m benchmarks.drafts DATA CACHE

Each set is imported into a Koe of its own and taken through every stage. Drafts are then read as somebody
would read them who has nothing but the texts: every line of a body but its headings, figures, weeks and
keywords must be made of cited sentences, and each citation, the title's too, must stand word for word where
it says. The long sets are read in part.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from benchmarks import forum
from benchmarks.home import File, Home, empty_home
from benchmarks.sets import SETS as TEXTS
from benchmarks.sets import rows_of
from nlp.headings import ENGLISH, JAPANESE
from service.db import Database
from service.demo import write_files
from service.imports import Options
from service.models import MAIN, Article, Item, Source, Suggestion, Theme

MOST = 600
"""Rows of a set of single texts."""
TURNS = 2_000
"""Turns of chats."""
DEMO_DAY = date(2026, 5, 4)

_LIST_MARK = re.compile(r"^(?:- |\d+\. )")
_WEEK = re.compile(r"\d{4}-W\d\d: \d+")
_FIGURE = re.compile(
    "(?:{names}): .+".format(
        names="|".join(
            re.escape(getattr(heads, name))
            for heads in (ENGLISH, JAPANESE)
            for name in ("customers", "people", "accounts", "contacts", "revenue")
        )
    )
)
_HEADINGS = frozenset(value for heads in (ENGLISH, JAPANESE) for value in asdict(heads).values())
Place = tuple[str, str]


def _texts(name: str) -> Callable[[Path, Path], list[File]]:
    """Return what writes the first rows of a set, a voice each."""

    def write(data: Path, folder: Path) -> list[File]:
        given = TEXTS[name](data)
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["external_id", "text", "created_at"])
            rows.writerows((n, text, "2026-05-01") for n, text in enumerate(given.texts[:MOST]))
        return [File(noun="feedback", path=path, source=name, options=Options(lang=given.lang))]

    return write


def _faq(data: Path, folder: Path) -> list[File]:
    """Write hint3's questions, and its FAQ as articles: the first sentence of a node is its title."""
    nodes: dict[str, list[str]] = {}
    for row in rows_of(data / "hint3" / "sofmattress_train.csv"):
        nodes.setdefault(row["label"], []).append(row["sentence"])
    path = folder / "faq.jsonl"
    lines = [
        {"external_id": label, "title": said[0], "body": "\n".join(said)} for label, said in nodes.items()
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return [File(noun="articles", path=path, source="faq"), *_texts("hint3")(data, folder)]


def _rows(name: str, options: Options, *, most: int = MOST) -> Callable[[Path, Path], list[File]]:
    """Return what writes the first rows of a CSV file as they are."""

    def write(data: Path, folder: Path) -> list[File]:
        path = folder / Path(name).name
        with (
            (data / name).open(encoding="utf-8", newline="") as read,
            path.open("w", encoding="utf-8") as file,
        ):
            rows = csv.DictReader(read)
            written = csv.DictWriter(file, rows.fieldnames or ())
            written.writeheader()
            written.writerows(islice(rows, most))
        return [File(noun="feedback", path=path, source="rows", options=options)]

    return write


def forum_files(data: Path, folder: Path, *, most: int | None = None) -> list[File]:
    """Write the tickets of the forum that were answered, or the first of them, and the known articles."""
    tickets, articles = folder / "tickets.jsonl", folder / "articles.csv"
    forum.write_tickets(forum.tickets(data)[:most], tickets)
    forum.write_articles(forum.articles(data), articles)
    return [
        File(noun="articles", path=articles, source="kb"),
        File(noun="feedback", path=tickets, source="forum"),
    ]


def _demo(data: Path, folder: Path) -> list[File]:
    del data
    return [
        File(noun=each.noun, path=each.path, source=each.source, options=each.options)
        for each in write_files(folder, DEMO_DAY)
    ]


SETS: Mapping[str, Callable[[Path, Path], list[File]]] = {
    "thunderbird": forum_files,
    "multidogo": _rows("multidogo_chats/software.csv", Options(), most=TURNS),
    "hint3": _faq,
    "banking77": _texts("banking77"),
    "dstc11": _texts("dstc11"),
    "xsid-ja": _texts("xsid-ja"),
    "fukui-inconvenience": _texts("fukui-inconvenience"),
    "fukui-wish": _texts("fukui-wish"),
    "app reviews": _rows("maalej_app_reviews/reviews.csv", Options(channel="review")),
    "interview notes": _rows("onrr_user_research/participant_notes.csv", Options(channel="interview")),
    "the demo": _demo,
}


def checked(db: Database) -> Counter[str]:
    """Return how many drafts there are, their sentences, and what is wrong with them."""
    found: Counter[str] = Counter(drafts=0, sentences=0, uncited=0, misplaced=0)
    with db.begin() as session:
        texts = _cited_texts(session)
        query = select(Suggestion, Theme).join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        for suggestion, theme in session.exec(query):
            found["themes"] += 1
            if suggestion.draft:
                found.update(_of_draft(suggestion.draft, theme.keywords, texts))
    return found


def _cited_texts(session: Session) -> dict[Place, str]:
    """Return the text of everything that can be cited."""
    names = {one.id: one.name for one in session.exec(select(Source))}
    items = session.exec(select(Item).where(Item.organisation_id == MAIN))
    texts = {(names[one.source_id], one.external_id): one.text or "" for one in items}
    articles = session.exec(select(Article).where(Article.organisation_id == MAIN))
    return texts | {(names[one.source_id], one.external_id): f"{one.title}\n\n{one.body}" for one in articles}


def _of_draft(draft: Mapping[str, Any], keywords: Iterable[str], texts: Mapping[Place, str]) -> Counter[str]:
    sentences = draft["sentences"]
    said = [one["text"] for one in sentences]
    cited = {_place(citation) for one in sentences for citation in one["citations"]}
    places = [(one["text"], citation) for one in sentences for citation in one["citations"]]
    places += [(draft["title"], one) for one in draft["citations"] if _place(one) not in cited]
    return Counter(
        drafts=1,
        sentences=len(sentences),
        uncited=sum(not one["citations"] for one in sentences)
        + len(uncited_lines(draft["body"], said, keywords)),
        misplaced=sum(_at(texts, citation) != text for text, citation in places),
    )


def uncited_lines(body: str, said: Sequence[str], keywords: Iterable[str]) -> list[str]:
    """Return the lines of a draft's body that are more than cited sentences, headings and figures."""
    longest_first = sorted(said, key=len, reverse=True)
    known = {*keywords, *_HEADINGS, ""}
    return [line for line in body.split("\n") if not _is_covered(line, longest_first, known)]


def _is_covered(line: str, said: Sequence[str], known: Iterable[str]) -> bool:
    if line.startswith("## "):
        return line[3:] in known
    rest = _LIST_MARK.sub("", line)
    if rest in known or _WEEK.fullmatch(rest) or _FIGURE.fullmatch(rest):
        return True
    for sentence in said:
        rest = rest.replace(sentence, "")
    return not rest.strip()


def _place(citation: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(citation[name] for name in ("source", "external_id", "start", "end"))


def _at(texts: Mapping[Place, str], citation: Mapping[str, Any]) -> str:
    text = texts.get((citation["source"], citation["external_id"]), "")
    return text[citation["start"] : citation["end"]]


def of_set(name: str, data: Path) -> Counter[str]:
    """Take a set through Koe and check its drafts."""
    with empty_home() as home:
        home.take(SETS[name](data, _folder(home)))
        return checked(home.db)


def _folder(home: Home) -> Path:
    folder = home.folder / "files"
    folder.mkdir()
    return folder


def main(data: Path, cache: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Check the drafts of every set."""
    del cache  # every measurement of docs/quality.md is given one
    typer.echo("| set | themes | drafts | sentences | uncited | not where they are cited |")
    typer.echo("|---|---|---|---|---|---|")
    for name in SETS:
        found = of_set(name, data)
        figures = (found[each] for each in ("themes", "drafts", "sentences", "uncited", "misplaced"))
        typer.echo(f"| {name} | {' | '.join(f'{figure:,}' for figure in figures)} |")


if __name__ == "__main__":
    typer.run(main)
