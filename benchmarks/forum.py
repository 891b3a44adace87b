"""The Thunderbird tickets that somebody answered, as a help desk hands them over, and what the answers were.

A ticket is answered `article` where a reply links to the knowledge base, `known_bug` where one names a bug
(a tracker's address or number, "bug", "known issue", "regression"), and `neither` else; a bug counts before
a link. What the customers themselves replied counts for nothing, and what moderators put into a title's end
is taken out of it. A ticket's state is not handed over: of the answers without a link only accepted ones are
in the set, so that it would tell which answers have none. Of the articles only the names are known: their
words stand for the title, and they have no body.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.causes import SUFFIX
from benchmarks.sets import rows_of
from nlp.html import plain

ARTICLE, BUG, NEITHER = "article", "known_bug", "neither"
CLASSES = (ARTICLE, BUG, NEITHER)
ADDRESS = "https://support.mozilla.org/kb/{slug}"

_BUG = re.compile(
    r"bugzilla|show_bug\.cgi|\bbugs?\b|\bknown (?:issue|problem)|\bregression\b|github\.com/\S+/issues",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A question with what others replied."""

    id: str
    title: str
    body: str
    """HTML, like the replies."""
    created_at: str
    lang: str
    who: str
    solved: bool
    replies: Sequence[str]
    linked: frozenset[str]
    """The articles that the replies link to, by their names."""
    answered: str
    """One of `CLASSES`."""


def tickets(data: Path) -> list[Ticket]:
    """Return the tickets that somebody else than their author replied to, by id."""
    folder = data / "thunderbird_support"
    said: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows_of(folder / "answers.csv"):
        said[row["question_id"]].append(row)
    linked: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(folder / "kb_links.csv"):
        linked[row["answer_id"]].add(row["kb_slug"])
    found = []
    for row in rows_of(folder / "questions.csv"):
        replies = [each for each in said[row["id"]] if each["creator"] != row["creator"]]
        if replies:
            found.append(_ticket(row, replies, linked))
    return sorted(found, key=lambda one: one.id)


def _ticket(
    row: Mapping[str, str], replies: Sequence[Mapping[str, str]], linked: Mapping[str, set[str]]
) -> Ticket:
    slugs = frozenset(slug for each in replies for slug in linked.get(each["id"], ()))
    bug = any(_BUG.search(each["content"]) for each in replies)
    return Ticket(
        id=row["id"],
        title=SUFFIX.sub("", " ".join(plain(row["title"]).split())),
        body=row["content"],
        created_at=row["created"],
        lang=row["locale"].partition("-")[0],
        who=row["creator"],
        solved=row["is_solved"] == "true" or any(each["is_solution"] == "True" for each in replies),
        replies=[each["content"] for each in replies],
        linked=slugs,
        answered=BUG if bug else ARTICLE if slugs else NEITHER,
    )


def articles(data: Path) -> dict[str, str]:
    """Return the language of each article by its name."""
    rows = rows_of(data / "thunderbird_support" / "kb_articles_seen.csv")
    return {row["kb_slug"]: row["main_question_locale"].partition("-")[0] for row in rows}


def words_of(slug: str) -> str:
    """Return an article's name as words."""
    words = slug.replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def most_linked(answered: Iterable[Ticket], most: int) -> list[str]:
    """Return the articles that the replies of most tickets link to."""
    counts = Counter(slug for one in answered for slug in one.linked)
    return sorted(counts, key=lambda slug: (-counts[slug], slug))[:most]


def write_tickets(answered: Sequence[Ticket], path: Path) -> None:
    """Write tickets with their replies as a file that Koe imports."""
    with path.open("w", encoding="utf-8") as file:
        for one in answered:
            said = [("customer", one.body), *(("agent", reply) for reply in one.replies)]
            row = {
                "external_id": one.id,
                "title": one.title,
                "created_at": one.created_at,
                "customer_id": one.who,
                "lang": one.lang,
                "messages": [
                    {"external_id": f"{one.id}-{number}", "author_role": role, "text": text}
                    for number, (role, text) in enumerate(said)
                ],
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_articles(known: Mapping[str, str], path: Path) -> None:
    """Write articles as a file that Koe imports."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "title", "url", "lang"])
        rows.writerows(
            (slug, words_of(slug), ADDRESS.format(slug=slug), lang) for slug, lang in known.items()
        )
