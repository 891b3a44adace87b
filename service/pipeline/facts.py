"""What is known of a theme before anything is suggested: counted from its items, replies and coverage."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from nlp.answers import informs, says_contradicts, says_known_bug, says_outdated
from nlp.sentences import sentences
from nlp.tokens import normal_forms
from service.models import Article, Theme
from service.pipeline.library import Library, Pointing
from service.repositories import coverage, replies, searches
from service.repositories.articles import View
from service.repositories.figures import ThemeFigures
from service.repositories.replies import Reply, ThemeItem
from service.repositories.searches import Vain
from service.rules.routing import MATCHES, Facts, is_solved

SAYS_THE_SAME = 0.45
"""Share of a reply's words that an article holds, from which on the reply repeats it. On the demo company's
replies it parts articles that say enough (means of 0.5 to 0.7) from those without the remedy (0.1 to 0.4)."""


SOON = timedelta(days=30)
"""Who asks so long after reading was not helped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A theme's facts with what they were counted from."""

    facts: Facts
    items: Mapping[str, ThemeItem]
    replies: Sequence[Reply]
    """Those in solved items first."""
    sought: Sequence[str]
    """What was searched for in vain, most often first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """All that agents wrote in an item."""

    text: str
    pointing: Pointing

    @property
    def links(self) -> bool:
        """True where all pages that agents pointed to are there."""
        return bool(self.pointing.articles) and not self.pointing.gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a theme's facts are counted from."""

    items: Mapping[str, ThemeItem]
    replies: Sequence[Reply]
    hits: Sequence[Sequence[Mapping[str, object]]]
    """`{article_id, score}` of each item, best first."""
    contradicting: int
    """Items in which somebody says that the help centre contradicts itself."""
    searches: Sequence[Vain]


def known_of(session: Session, figures: ThemeFigures, item_ids: Sequence[str], articles: Library) -> Known:
    """Return what is known of a theme with these items."""
    return counted(figures, evidence_of(session, figures.theme, item_ids), articles)


def evidence_of(session: Session, theme: Theme, item_ids: Sequence[str]) -> Evidence:
    """Return what the facts of a theme with these items are counted from."""
    organisation_id = theme.organisation_id
    covered = coverage.by_item(session, organisation_id, item_ids)
    said = replies.texts(session, organisation_id, list(item_ids))
    return Evidence(
        items=replies.items(session, organisation_id, list(item_ids)),
        replies=replies.replies(session, organisation_id, list(item_ids)),
        hits=[each.articles for each in covered.values()],
        contradicting=sum(map(says_contradicts, said)),
        searches=searches.of_theme(session, organisation_id, theme.id),
    )


def counted(figures: ThemeFigures, evidence: Evidence, articles: Library) -> Known:
    """Return a theme's facts."""
    items = evidence.items
    solved = {one.item_id for one in items.values() if is_solved(one.status, one.resolved_at)}
    answers = _answers(evidence.hits, len(items))
    heard = _heard(evidence.replies, articles)
    article_id, other_id = _best_articles(answers, heard, articles, figures.theme.lang)
    article = articles.articles.get(article_id or "")
    sought = _sought(evidence.searches, article if answers.get(article_id or "", 0.0) > MATCHES else None)
    facts = Facts(
        people=figures.people,
        items=figures.items,
        kinds=figures.kinds,
        repeat_rate=figures.repeat_rate,
        article_id=article_id,
        article_probability=answers.get(article_id or "", 0.0),
        other_article_id=other_id,
        other_probability=answers.get(other_id or "", 0.0),
        contradicting=evidence.contradicting,
        with_status=sum(one.status is not None or one.resolved_at is not None for one in items.values()),
        solved=len(solved),
        searched=sum(sought.values()),
        **_of_readers(articles.views.get(article_id or "", ()), items.values()),
        **_of_replies(heard, article),
    )
    ordered = sorted(evidence.replies, key=lambda one: one.item_id not in solved)
    return Known(
        facts=facts, items=items, replies=ordered, sought=[query for query, _ in sought.most_common()]
    )


def _sought(searches: Iterable[Vain], article: Article | None) -> Counter[str]:
    """Return what was searched for in vain, and how often.

    A search from before the article was there as it is now says nothing of how it is found.
    """
    since = article.updated_at if article else None
    return Counter(one.query for one in searches if since is None or one.at > since)


def _heard(said: Iterable[Reply], articles: Library) -> list[_Heard]:
    """Return what agents told the customer of each item that they replied to."""
    by_item: dict[str, str] = defaultdict(str)
    for reply in said:
        by_item[reply.item_id] += reply.text + "\n"
    return [_Heard(text=text, pointing=articles.pointed_to(text)) for text in by_item.values()]


def _of_replies(heard: Sequence[_Heard], article: Article | None) -> dict[str, int]:
    """Return how many items were replied to, and in how many of them agents did what."""
    helped = [one for one in heard if not says_known_bug(one.text)]
    linked = [one for one in helped if one.links]
    told = [words for one in helped if not one.links and (words := _told(one.text))]
    written = set(normal_forms(f"{article.title}\n{article.body}")) if article else set()
    return {
        "replied": len(heard),
        "known_bug": len(heard) - len(helped),
        "linked": len(linked),
        "linked_here": sum(article.id in one.pointing.articles for one in linked) if article else 0,
        "gone": sum(one.pointing.gone for one in helped),
        "explained": len(told),
        "repeated": sum(len(words & written) >= SAYS_THE_SAME * len(words) for words in told),
        "outdated": sum(says_outdated(one.text) for one in heard),
    }


def _told(text: str) -> set[str]:
    """Return the words of a reply's sentences that would help others too."""
    stretches = (text[one.start : one.end] for one in sentences(text))
    return {word for stretch in stretches if informs(stretch) for word in normal_forms(stretch)}


def _of_readers(views: Iterable[View], items: Iterable[ThemeItem]) -> dict[str, int]:
    """Return how many customers looked at the article, and how many of them asked all the same soon after."""
    asked: dict[str, list[datetime]] = defaultdict(list)
    for item in items:
        if item.customer_id and item.created_at:
            asked[item.customer_id].append(item.created_at)
    looked: dict[str, list[datetime]] = defaultdict(list)
    for view in views:
        looked[view.customer_id].append(view.at)
    came_back = sum(
        any(timedelta(0) < later - at <= SOON for at in times for later in asked.get(customer, ()))
        for customer, times in looked.items()
    )
    return {"readers": len(looked), "came_back": came_back}


def _answers(hits: Iterable[Sequence[Mapping[str, object]]], items: int) -> dict[str, float]:
    """Return for each article found how probable it is that it answers an item, as a mean."""
    sums: dict[str, float] = defaultdict(float)
    for each in hits:
        for hit in each:
            if isinstance(hit["score"], float):
                sums[str(hit["article_id"])] += hit["score"]
    return {article_id: round(total / max(1, items), 4) for article_id, total in sums.items()}


def _best_articles(
    answers: Mapping[str, float], heard: Sequence[_Heard], articles: Library, lang: str
) -> tuple[str | None, str | None]:
    """Return the article of the theme's language that most probably answers, or that agents link to most.

    With it comes the next best.
    """
    links = Counter(article_id for one in heard for article_id in one.pointing.articles)
    points = {
        article_id: round(answers.get(article_id, 0.0) + links[article_id] / max(1, len(heard)), 4)
        for article_id in {*answers, *links}
        if _fits(articles.articles.get(article_id), articles.audience, lang)
    }
    best = sorted(points, key=lambda article_id: (-points[article_id], article_id))
    return next(iter(best), None), next(iter(best[1:]), None)


def _fits(article: Article | None, audience: str, lang: str) -> bool:
    return article is not None and article.lang in (lang, None) and article.audience == audience
