"""What a link to a page shows where it is pasted: what kind of page it is, and nothing that is on it.

Programs that make such previews do not sign in, so they are strangers, and so is whoever else asks for the
same address. They are told the kind of page by its path alone: a page that is there and one that is not look
the same, and no title, name or number is told. Where Koe posts a message itself, the titles stand in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.web.language import LANGUAGES, Language

KINDS: Mapping[str, str] = {
    "/themes/": "theme",
    "/suggestions/": "suggestion",
    "/queue/": "suggestion",
    "/effects/": "effect",
    "/accounts/": "account",
    "/brief/accounts/": "account",
    "/customers/": "customer",
    "/items/": "voice",
    "/alarms/": "alarm",
    "/articles/": "article",
    "/digest": "digest",
    "/map": "map",
    "/measures": "measures",
}
"""Of pages of a kind, by how their paths begin; all others are pages of Koe."""
IMAGE = "/static/preview.png"
BETWEEN = " · "
MAKERS = (
    *("slackbot", "slack-imgproxy", "twitterbot", "facebookexternalhit", "linkedinbot", "discordbot"),
    *("telegrambot", "whatsapp", "skypeuripreview", "googlechat", "mattermost", "line/", "notion"),
)
"""How programs call themselves that make previews; most read no page that is answered with 401."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What stands in the head of the page that strangers get."""

    title: str
    description: str
    image: str


def preview_of(t: Language, path: str, *, base: str, is_asked_in: bool) -> Preview:
    """Return the preview of a path; both languages where the reader did not ask for one (`is_asked_in`)."""
    kind = next(
        (KINDS[start] for start in sorted(KINDS, key=len, reverse=True) if path.startswith(start)), "page"
    )
    each = [t] if is_asked_in else [Language(lang, t.zone) for lang in LANGUAGES]
    return Preview(
        title=BETWEEN.join(one(f"unfurl.{kind}") for one in each),
        description=BETWEEN.join(one("unfurl.sign_in") for one in each),
        image=f"{base}{IMAGE}",
    )


def makes_previews(agent: str) -> bool:
    """Say whether a program calls itself one that makes previews."""
    called = agent.lower()
    return any(name in called for name in MAKERS)
