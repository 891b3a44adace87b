"""What those who raised a theme are told: words of ours, the theme's title, and an address that is known.

Nothing of it is what another customer wrote but the title, and that only where it is plain: a title that
holds an address, a placeholder or marks of any notation is not repeated.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from service.rules.notices import FORMS, Form, Lang
from service.rules.web_addresses import is_web_address

Done = Literal["fix", "article", "answer", "other"]
"""A fix shipped; an article was published; an article has the answer by now; something else changed."""
LONGEST_TITLE = 80
AT_HOME = (".local", ".localhost", ".internal", ".lan", ".home", ".corp", ".intranet", ".arpa")
"""How names of hosts end that nobody outside knows."""
LONGEST: Mapping[Form, int] = {"mail": 4_000, "chat": 1_000}
"""Characters of a text."""
LANGS: tuple[Lang, ...] = ("en", "ja")
TEXTS: Mapping[Lang, Mapping[Form, str]] = {
    "en": {
        "mail": "Hello,\n\n{asked}\n{done}\n\nIf you do not want to be told of such things, please say so in "
        "a reply. We will not write to you about them again.",
        "chat": "{asked} {done}\n\nIf you do not want messages like this one, just say so here.",
    },
    "ja": {
        "mail": "お世話になっております。\n\n{asked}\n{done}\n\n今後このようなお知らせが不要な場合は、その旨"
        "をご返信ください。以後はお送りしません。",
        "chat": "{asked}{done}\n\n今後このようなお知らせが不要な場合は、その旨をお知らせください。",
    },
}
ASKED: Mapping[Lang, tuple[str, str]] = {
    "en": ("Thank you for writing to us about “{title}”.", "Thank you for writing to us."),
    "ja": (
        "「{title}」についてお問い合わせいただき、ありがとうございました。",
        "お問い合わせいただき、ありがとうございました。",
    ),
}
"""With a title, and without."""
DONE: Mapping[Lang, Mapping[Done, str]] = {
    "en": {
        "fix": "This has been fixed, and the fix is available now.",
        "article": "We have published an article about it.",
        "answer": "You can find the answer in our help centre.",
        "other": "Something has changed about it since then.",
    },
    "ja": {
        "fix": "この件は修正が完了し、現在ご利用いただけます。",
        "article": "この件についての記事を公開しました。",
        "answer": "この件の回答は、ヘルプセンターの記事でご案内しています。",
        "other": "この件について、その後変更がありましたのでお知らせします。",
    },
}
READ: Mapping[Lang, str] = {"en": "You can read it here: {url}", "ja": "こちらからご覧いただけます。\n{url}"}

_MARKED = re.compile(
    r"[<>{}\[\]`|\\@＠]|://|www\.|\w\.[a-z]{2,}\b|[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e]",
    re.IGNORECASE,
)
"""What a title may hold that is more than words: notations, addresses, control characters."""


def usual_texts(*, done: Done, titles: Mapping[str, str | None], url: str | None) -> dict[str, str]:
    """Return the text of each language and form, by `lang-form`; the title stands in where it is known."""
    return {
        key_of(lang, form): _text(lang, form, done=done, title=titles.get(lang), url=url)
        for lang in LANGS
        for form in FORMS
    }


def key_of(lang: Lang, form: Form) -> str:
    """Return the name of the text of a language and a form."""
    return f"{lang}-{form}"


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


def _text(lang: Lang, form: Form, *, done: Done, title: str | None, url: str | None) -> str:
    with_title, without = ASKED[lang]
    known = plain_title(title)
    told = DONE[lang][done]
    if done in ("article", "answer") and url and is_public(url):
        told = f"{told}{'' if lang == 'ja' else ' '}{READ[lang].format(url=url)}"
    asked = with_title.format(title=known) if known else without
    return TEXTS[lang][form].format(asked=asked, done=told)
