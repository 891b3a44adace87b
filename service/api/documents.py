"""A suggestion's draft as a document: Markdown to paste into a help centre, or a page of its own."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from sqlmodel import Session

from nlp.redact import redact
from service.models import Suggestion
from service.repositories.suggestions import theme_of

SAFE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
WORDS = {
    "en": ("Sources of this draft, for the writer alone", "There is no draft."),
    "ja": ("下書きの根拠（書く人のための控え）", "下書きはありません。"),
}
"""What a document says itself, in the language of its draft."""


class Careful(MarkdownIt):
    """Markdown without HTML, without pictures that tell who reads, and with links to web and mail alone."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.disable(["image", "html_inline", "html_block"])

    def validateLink(self, url: str) -> bool:  # noqa: N802  the name is the library's
        return SAFE.match(url) is not None


MARKDOWN = Careful()


def title_of(session: Session, suggestion: Suggestion) -> str:
    """Return the draft's title in one line; where there is no draft, the theme's."""
    title = suggestion.draft["title"] if suggestion.draft else theme_of(session, suggestion).title
    return " ".join(str(title).split())


def as_markdown(session: Session, suggestion: Suggestion) -> str:
    """Return the draft as Markdown, and what it rests on in a comment, which no reader of an article sees."""
    heading, no_draft = _words(suggestion)
    parts = [f"# {title_of(session, suggestion)}", body_of(suggestion)]
    sources = [f"{number}. {source}" for number, source in enumerate(_sources(suggestion), start=1)]
    comment = [heading, *sources] if suggestion.draft else [no_draft]
    # Two hyphens could end the comment.
    told = "\n".join([*comment, f"Koe: {suggestion.id}"]).replace("--", "- -")
    return "\n\n".join([*filter(None, parts), f"<!--\n{told}\n-->"]) + "\n"


def as_html(session: Session, suggestion: Suggestion) -> str:
    """Return the draft as a page of its own, which needs nothing from anywhere; below it what it rests on."""
    title, (heading, no_draft) = escape(title_of(session, suggestion)), _words(suggestion)
    sources = "\n".join(f"<li>{escape(source)}</li>" for source in _sources(suggestion))
    footer = f"<h2>{heading}</h2>\n<ol>\n{sources}\n</ol>" if suggestion.draft else f"<p>{no_draft}</p>"
    return (
        f'<!doctype html>\n<html lang="{escape(suggestion.lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n</head>\n<body>\n'
        f"<article>\n<h1>{title}</h1>\n{html_of(suggestion)}</article>\n"
        f"<footer>\n{footer}\n</footer>\n</body>\n</html>\n"
    )


def body_of(suggestion: Suggestion) -> str:
    """Return the draft's body as Markdown; nothing where there is no draft."""
    return str(suggestion.draft["body"]).strip() if suggestion.draft else ""


def html_of(suggestion: Suggestion) -> str:
    """Return the draft's body as HTML that can do nothing but be read."""
    html: str = MARKDOWN.render(body_of(suggestion))
    return html


def _words(suggestion: Suggestion) -> tuple[str, str]:
    return WORDS["ja" if suggestion.lang == "ja" else "en"]


def _sources(suggestion: Suggestion) -> list[str]:
    """Return every sentence of the draft with what it rests on."""
    sentences = suggestion.draft.get("sentences", ()) if suggestion.draft else ()
    return [
        f"“{' '.join(sentence['text'].split())}” ({', '.join(map(_place, sentence['citations']))})"
        for sentence in sentences
    ]


def _place(citation: Mapping[str, Any]) -> str:
    # Some systems call an item by its customer's address.
    name = redact(citation["external_id"]).text
    return f"{citation['source']}/{name} [{citation['start']}:{citation['end']}]"
