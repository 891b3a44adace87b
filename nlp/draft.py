"""Drafts whose every sentence is taken, as it was written, from a source that is cited.

Nothing is composed: sentences of agents, articles and customers are chosen and put under headings. So no
address, price or promise can stand in a draft that no source holds, and where no source answers, the place
of the answer stays empty for a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.answering import Answer, answer_of, messages, steps_within
from nlp.answers import informs, publishable, quotable, says_known_bug, searchable, speaks_to_all
from nlp.choice import (
    Candidate,
    candidates,
    happenings,
    question_of,
    voices_of,
)
from nlp.glossary import Glossary
from nlp.headings import Headings, headings_for

MOST_KEYWORDS = 10
WEEKS = 8
MOST_OF_AN_ARTICLE = 5
FEWEST_SENTENCES = 2
"""Sentences that an answer must have."""
PREDICATE = re.compile(r"[るいたうくすつむぶぐぬ]$")
"""How a Japanese title ends that tells what happens; others name something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a cited text: what a customer or an agent wrote, or a part of an article."""

    text: str
    source: str
    external_id: str
    start: int
    """Where `text` begins in the cited text, in code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a sentence stands."""

    source: str
    external_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a draft and where it was found, word for word."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text for an article or a backlog."""

    title: str
    body: str
    """Markdown; apart from headings, figures and keywords it holds `sentences` in their order."""
    sentences: tuple[Sentence, ...]
    title_citations: tuple[Citation, ...] = ()
    """Where the title was found word for word; none where it is the theme's or an article's title."""
    answered: bool = False
    """True where the draft holds an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that a draft may be made of."""

    title: str
    """The theme's title."""
    lang: str
    customers: Sequence[Passage]
    agents: Sequence[Passage] = ()
    """What agents wrote, solved items first."""
    article_title: str = ""
    article: Sequence[Passage] = ()
    """The passages of the article that matches, in order, as far as they are near to the question."""
    keywords: Sequence[str] = ()
    sought: Sequence[str] = ()
    """What customers searched for in vain, most often first."""
    figures: Sequence[tuple[str, str]] = ()
    """Lines of the facts block: name of the figure as in `Headings`, and the figure as text."""
    weekly: Sequence[tuple[str, int]] = ()
    """(ISO week, contacts)."""
    glossary: Glossary = field(default_factory=Glossary)
    """What our own sentences obey. Customers are quoted as they spoke."""

    def informs(self, text: str) -> bool:
        """Say whether a sentence of an agent may stand in the draft."""
        return informs(text) and speaks_to_all(text) and self.glossary.allows(text)

    def publishable(self, text: str) -> bool:
        """Say whether a sentence of an article may stand in the draft."""
        return publishable(text) and self.glossary.allows(text)

    def asked(self, text: str) -> bool:
        """Say whether a customer's sentence may be the title: it says everything as we would."""
        return quotable(text) and self.glossary.obeyed(text) == text and self.glossary.allows(text)


@dataclass(kw_only=True)
class _Page:
    """A draft in the making: body and sentences grow together."""

    lines: list[str] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.lines += ["", f"## {text}", ""]

    def line(self, text: str) -> None:
        self.lines.append(text)

    def items(self, chosen: Sequence[Candidate]) -> None:
        for one in chosen:
            self.lines.append(f"- {one.text}")
            self._cite(one)

    def steps(self, chosen: Sequence[Candidate], *, joint: str) -> None:
        number = 0
        for one in chosen:
            if one.step:
                number += 1
                self.lines.append(f"{number}. {one.text}")
            else:
                self.lines[-1] += joint + one.text
            self._cite(one)

    def paragraphs(self, chosen: Sequence[Candidate], *, joint: str) -> None:
        """Write sentences one behind the other, and lists as the lists that they were."""
        in_list: bool | None = None
        has_list = sum(one.listed for one in chosen) > 1
        for one in chosen:
            if one.listed and has_list:
                self.lines += [""] * (in_list is False) + [f"- {one.text}"]
                in_list = True
            elif in_list is None or (in_list and one.begins):
                self.lines += [""] * (in_list is True) + [one.text]
                in_list = False
            else:
                self.lines[-1] += joint + one.text
            self._cite(one)

    def stretches(self, chosen: Sequence[Sequence[Candidate]], *, joint: str) -> None:
        for stretch in chosen:
            self.lines.append(f"- {joint.join(one.text for one in stretch)}")
            for one in stretch:
                self._cite(one)

    def _cite(self, one: Candidate) -> None:
        self.sentences.append(Sentence(text=one.text, citations=_citations(one)))

    def body(self) -> str:
        return "\n".join(self.lines).strip() + "\n"


def article_draft(material: Material) -> Draft:
    """Draft a new article: the customers' question, a short answer, and steps in their order.

    One sentence is no answer. Where there are no two, the draft holds what customers say, the one sentence,
    and an empty place for the answer.
    """
    heads, page = headings_for(material.lang), _Page()
    voices = candidates(material.customers, quotable)
    asking = candidates(material.customers, material.asked)
    question = question_of(asking, title=material.title, lang=material.lang)
    told = messages(material.agents, material.informs)
    written = messages(material.article, material.publishable, quoted=True)
    answer = answer_of(told, written, voices=voices)
    answered = len(answer.lines) >= FEWEST_SENTENCES
    if answered:
        _answer(page, answer, heads, material.lang)
    else:
        page.heading(heads.customers_say)
        page.items(voices_of(voices))
        for heading, source in ((heads.support_says, told), (heads.article_says, written)):
            if alone := [one for one in answer.lines if any(one in each.lines for each in source)]:
                page.heading(heading)
                page.items(alone)
        page.heading(heads.answer)
        page.line(heads.to_write)
    title = question.text.rstrip("。.") if question else _asked(material.title, heads)
    return _draft(page, title=title, question=question, answered=answered)


def _asked(title: str, heads: Headings) -> str:
    """Return a theme's title as the title of an article."""
    bare = title.rstrip("。.")
    form = heads.question if PREDICATE.search(bare) else heads.topic
    return form.format(title=bare)


def _answer(page: _Page, answer: Answer, heads: Headings, lang: str) -> None:
    joint = "" if lang == "ja" else " "
    main = answer.main
    start, end = steps_within(main) or (len(main), len(main))
    if start:
        page.heading(heads.answer)
        page.paragraphs(main[:start], joint=joint)
    if start < end:
        page.heading(heads.steps)
        page.steps(main[start:end], joint=joint)
    if end < len(main):
        page.line("")
        page.paragraphs(main[end:], joint=joint)
    to_do = [stretch for stretch in answer.others if any(one.step for one in stretch)]
    to_know = [stretch for stretch in answer.others if stretch not in to_do]
    for heading, stretches in ((heads.otherwise, to_do), (heads.besides, to_know)):
        if stretches:
            page.heading(heading)
            page.stretches(stretches, joint=joint)


def edit_draft(material: Material) -> Draft:
    """Draft a change to an article: what it says, what agents add to it, what customers still ask."""
    heads, page = headings_for(material.lang), _Page()
    said = candidates(material.article, material.publishable, quoted=True)
    voices = candidates(material.customers, quotable)
    told = messages(material.agents, material.informs)
    added = answer_of(told, (), voices=voices, known=said).lines
    for heading, chosen in (
        (heads.article_says, said[:MOST_OF_AN_ARTICLE]),
        (heads.agents_add, added),
        (heads.customers_say, voices_of(voices)),
    ):
        if chosen:
            page.heading(heading)
            page.items(chosen)
    return _draft(
        page, title=material.glossary.obeyed(material.article_title) or material.title, answered=bool(added)
    )


def contradiction_draft(material: Material) -> Draft:
    """Draft what is to be cleared up: what each of the articles says, and what customers make of it."""
    heads, page = headings_for(material.lang), _Page()
    for passage in material.article:
        if said := candidates([passage], material.publishable, quoted=True)[:MOST_OF_AN_ARTICLE]:
            page.heading(heads.article_says)
            page.items(said)
    page.heading(heads.customers_say)
    page.items(voices_of(candidates(material.customers, quotable)))
    return _draft(page, title=material.title)


def find_draft(material: Material) -> Draft:
    """Draft what makes an article easier to find: the words of the customers who did not find it."""
    heads, page = headings_for(material.lang), _Page()
    page.heading(heads.customers_say)
    page.items(voices_of(candidates(material.customers, quotable)))
    sought = [query for query in material.sought if searchable(query)]
    for heading, words in ((heads.sought, sought), (heads.find_by, material.keywords)):
        if words:
            page.heading(heading)
            for word in words[:MOST_KEYWORDS]:
                page.line(f"- {word}")
    page.heading(heads.article_says)
    page.items(candidates(material.article, material.publishable, quoted=True)[:3])
    return _draft(page, title=material.glossary.obeyed(material.article_title) or material.title)


def backlog_draft(material: Material) -> Draft:
    """Draft a backlog item: the problem in the customers' words, who is hit, when, and the trend."""
    heads, page = headings_for(material.lang), _Page()
    voices = candidates(material.customers, quotable)
    told = voices_of(voices, most=5)
    page.heading(heads.problem)
    page.items(told)
    page.heading(heads.who)
    for name, figure in material.figures:
        page.line(f"- {getattr(heads, name)}: {figure}")
    when = happenings([one for one in voices if one not in told])
    promised = candidates(material.agents, lambda text: material.informs(text) and says_known_bug(text))
    for heading, chosen in ((heads.how_it_happens, when), (heads.support_says, voices_of(promised))):
        if chosen:
            page.heading(heading)
            page.items(chosen)
    if material.weekly:
        page.heading(heads.trend)
        for week, contacts in material.weekly[-WEEKS:]:
            page.line(f"- {week}: {contacts}")
    return _draft(page, title=material.title)


def _draft(page: _Page, *, title: str, question: Candidate | None = None, answered: bool = False) -> Draft:
    return Draft(
        title=title,
        body=page.body(),
        sentences=tuple(page.sentences),
        title_citations=_citations(question, length=len(title)) if question else (),
        answered=answered,
    )


def _citations(one: Candidate, *, length: int | None = None) -> tuple[Citation, ...]:
    return tuple(
        Citation(source=source, external_id=external_id, start=start, end=start + (length or len(one.text)))
        for source, external_id, start in one.places
    )
