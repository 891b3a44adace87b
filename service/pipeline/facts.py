"""What is known of a theme before anything is suggested: counted from its items, replies and coverage."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from sqlmodel import Session

from nlp.answers import informs, says_known_bug, says_outdated
from nlp.sentences import sentences
from nlp.tokens import normal_forms
from service.models import Article
from service.repositories import articles as article_repository
from service.repositories import coverage, replies
from service.repositories.figures import ThemeFigures
from service.repositories.replies import Reply, ThemeItem
from service.repositories.sources import list_sources
from service.rules.routing import Facts, is_solved

ADDRESS = re.compile(r"https?://[^\s<>\"'）)」』\]]+")
SAYS_THE_SAME = 0.45
"""Share of a reply's words that an article holds, from which on the reply repeats it. On the demo company's
replies it parts articles that say enough (means of 0.5 to 0.7) from those without the remedy (0.1 to 0.4)."""
SHORTEST_TITLE = 6
"""Characters of a title that nobody writes by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A theme's facts with what they were counted from."""

    facts: Facts
    items: Mapping[str, ThemeItem]
    replies: Sequence[Reply]
    """Those in solved items first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The articles, by what an agent writes to point to one."""

    articles: Mapping[str, Article]
    sources: Mapping[str, str]
    """Names of sources by their ids."""
    addresses: frozenset[str]
    titles: Sequence[str]
    audience: str
    """Who the help centre is for: only its articles count, and new ones are for the same people."""

    def points_to(self, text: str) -> bool:
        """Say whether a reply links to an article or names one by its title."""
        if any(_address(found) in self.addresses for found in ADDRESS.findall(text)):
            return True
        return any(title in text for title in self.titles)

    def still_there(self, session: Session, organisation_id: str) -> "Library":
        """Return it without what was withdrawn meanwhile; the rest stays until the transaction ends."""
        there = article_repository.ids(session, organisation_id)
        return replace(self, articles={one.id: one for one in self.articles.values() if one.id in there})


def library(session: Session, organisation_id: str) -> Library:
    """Return all articles of an organisation."""
    found = article_repository.list_articles(session, organisation_id)
    articles = {one.id: one for one in found}
    addresses = {_address(one.url) for one in articles.values() if one.url}
    titles = [one.title for one in articles.values() if len(one.title) >= SHORTEST_TITLE]
    audiences = {one.audience for one in articles.values()}
    return Library(
        articles=articles,
        sources={one.id: one.name for one in list_sources(session, organisation_id)},
        addresses=frozenset(addresses),
        titles=titles,
        audience="internal" if audiences == {"internal"} else "public",
    )


def known_of(session: Session, figures: ThemeFigures, item_ids: Sequence[str], articles: Library) -> Known:
    """Return what is known of a theme with these items."""
    organisation_id = figures.theme.organisation_id
    items = replies.items(session, organisation_id, list(item_ids))
    said = replies.replies(session, organisation_id, list(item_ids))
    solved = {one.item_id for one in items.values() if is_solved(one.status, one.resolved_at)}
    covered = coverage.by_item(session, organisation_id, item_ids)
    hits = [each.articles for each in covered.values()]
    article_id, probability = _best_article(hits, len(item_ids), articles, figures.theme.lang)
    facts = Facts(
        people=figures.people,
        items=figures.items,
        kinds=figures.kinds,
        repeat_rate=figures.repeat_rate,
        article_id=article_id,
        article_probability=probability,
        with_status=sum(one.status is not None or one.resolved_at is not None for one in items.values()),
        solved=len(solved),
        **_of_replies(said, articles, articles.articles.get(article_id or "")),
    )
    return Known(facts=facts, items=items, replies=sorted(said, key=lambda one: one.item_id not in solved))


def _of_replies(said: Iterable[Reply], articles: Library, article: Article | None) -> dict[str, int]:
    """Return how many items were replied to, and in how many of them agents did what."""
    by_item: dict[str, str] = defaultdict(str)
    for reply in said:
        by_item[reply.item_id] += reply.text + "\n"
    bugs = {item_id for item_id, text in by_item.items() if says_known_bug(text)}
    linked = {item_id for item_id, text in by_item.items() if articles.points_to(text)}
    told = {item_id: words for item_id, text in by_item.items() if (words := _told(text))}
    explained = told.keys() - bugs - linked
    written = set(normal_forms(f"{article.title}\n{article.body}")) if article else set()
    return {
        "replied": len(by_item),
        "known_bug": len(bugs),
        "linked": len(linked - bugs),
        "explained": len(explained),
        "repeated": sum(len(told[one] & written) >= SAYS_THE_SAME * len(told[one]) for one in explained),
        "outdated": sum(says_outdated(text) for text in by_item.values()),
    }


def _told(text: str) -> set[str]:
    """Return the words of a reply's sentences that would help others too."""
    stretches = (text[one.start : one.end] for one in sentences(text))
    return {word for stretch in stretches if informs(stretch) for word in normal_forms(stretch)}


def _best_article(
    hits: Iterable[Sequence[Mapping[str, object]]], items: int, articles: Library, lang: str
) -> tuple[str | None, float]:
    """Return the article of the theme's language that most probably answers its items, as a mean."""
    sums: dict[str, float] = defaultdict(float)
    for each in hits:
        for hit in each:
            article_id, score = str(hit["article_id"]), hit["score"]
            article = articles.articles.get(article_id)
            if article is None or not isinstance(score, float):
                continue
            if article.lang in (lang, None) and article.audience == articles.audience:
                sums[article_id] += score
    if not sums:
        return None, 0.0
    best = min(sums, key=lambda article_id: (-round(sums[article_id], 6), article_id))
    return best, round(sums[best] / max(1, items), 4)


def _address(url: str) -> str:
    """Return an address without what may differ between two links to one page."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removeprefix('www.')}{unquote(parts.path).rstrip('/.,。、')}"
