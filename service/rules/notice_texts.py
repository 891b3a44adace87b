"""What those who raised a theme are told: words of ours, the theme's title, and an address that is known.

Nothing of it is what another customer wrote but the title, and that only where it is plain: a title that
holds an address, a placeholder or marks of any notation is not repeated.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from connectors.wording import PLACE, filled
from service.rules.notices import Form, Lang
from service.rules.web_addresses import is_web_address

LONGEST_TITLE = 80
AT_HOME = (".local", ".localhost", ".internal", ".lan", ".home", ".corp", ".intranet", ".arpa")
"""How names of hosts end that nobody outside knows."""
LONGEST: Mapping[Form, int] = {"mail": 4_000, "chat": 1_000}
"""Characters of a text."""
ASKED: Mapping[Lang, tuple[str, str]] = {
    "en": ("Thank you for writing to us about “{title}”.", "Thank you for writing to us."),
    "ja": (
        "「{title}」についてお問い合わせいただき、ありがとうございました。",
        "お問い合わせいただき、ありがとうございました。",
    ),
}
"""With a title, and without."""

_MARKED = re.compile(
    r"[<>{}\[\]`|\\@＠]|://|www\.|\w\.[a-z]{2,}\b|[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e]",
    re.IGNORECASE,
)
"""What a title may hold that is more than words: notations, addresses, control characters."""
_GAP = re.compile(r"\n{3,}")


def texts_of(
    templates: Mapping[str, str], *, titles: Mapping[str, str | None], url: str | None
) -> dict[str, str]:
    """Return templates, by `lang-form`, filled in: with a plain title, and an address if any."""
    return {
        key: filled_in(template, lang=lang_of(key), title=titles.get(lang_of(key)), url=url)
        for key, template in templates.items()
    }


def filled_in(template: str, *, lang: Lang, title: str | None, url: str | None) -> str:
    """Return a template filled in; a line that names what is not known is left out."""
    known = plain_title(title)
    with_title, without = ASKED[lang]
    address = url if url and is_public(url) else None
    values = {"thanks": with_title.format(title=known) if known else without, "title": known, "url": address}
    lines = [
        line
        for line in template.split("\n")
        if all(values.get(place, "") is not None for place in PLACE.findall(line))
    ]
    there = {name: value for name, value in values.items() if value is not None}
    return _GAP.sub("\n\n", filled("\n".join(lines), there)).strip()


def key_of(lang: Lang, form: Form) -> str:
    """Return the name of the text of a language and a form."""
    return f"{lang}-{form}"


def lang_of(key: str) -> Lang:
    """Return the language of a text by its name."""
    return "ja" if key.startswith("ja-") else "en"


def form_of(key: str) -> Form:
    """Return the form of a text by its name."""
    return "chat" if key.endswith("-chat") else "mail"


def is_too_long(key: str, text: str) -> bool:
    """Say whether a text that somebody wrote is longer than what is sent in its form."""
    return len(text) > LONGEST[form_of(key)]


def plain_title(title: str | None) -> str | None:
    """Return a title as it may stand in a sentence of ours; None where it holds more than words."""
    words = " ".join((title or "").split())
    if not words or _MARKED.search(words):
        return None
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1].rstrip()}…"


def is_public(url: str) -> bool:
    """Say whether an address may be one that customers can open: none of a machine or a network at home."""
    if not is_web_address(url):
        return False
    host = (urlsplit(url).hostname or "").rstrip(".").casefold()
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(AT_HOME)
