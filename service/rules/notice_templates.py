"""What notices are made from: a text of ours for each thing that is done, language and form, or a team's own.

A template names places in braces, which are filled for each theme. What fills them is text: it names none.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from connectors.wording import unknown_place
from service.rules.notice_texts import filled_in, is_too_long, key_of, lang_of
from service.rules.notices import FORMS, Form, Lang

Done = Literal["fix", "article", "answer", "other"]
"""A fix shipped; an article was published; an article has the answer by now; something else changed."""
DONE: Sequence[Done] = get_args(Done)
LANGS: tuple[Lang, ...] = ("en", "ja")
PLACES = ("thanks", "title", "url")
"""What a template may name, in braces: thanks with the theme's title where it can be told, that title alone,
and the address of the article."""
Fault = Literal["unknown", "long", "wordless"]
"""Why a template is not taken: it names a place that there is not, it is too long, or it may say nothing."""
AROUND: Mapping[Lang, Mapping[Form, str]] = {
    "en": {
        "mail": "Hello,\n\n{thanks}\n%s\n\nIf you do not want to be told of such things, please say so in a "
        "reply. We will not write to you about them again.",
        "chat": "{thanks} %s\n\nIf you do not want messages like this one, just say so here.",
    },
    "ja": {
        "mail": "お世話になっております。\n\n{thanks}\n%s\n\n今後このようなお知らせが不要な場合は、その旨を"
        "ご返信ください。以後はお送りしません。",
        "chat": "{thanks}%s\n\n今後このようなお知らせが不要な場合は、その旨をお知らせください。",
    },
}
SAYS: Mapping[Lang, Mapping[Done, str]] = {
    "en": {
        "fix": "This has been fixed, and the fix is available now.",
        "article": "We have published an article about it.\nYou can read it here: {url}",
        "answer": "You can find the answer in our help centre.\nYou can read it here: {url}",
        "other": "Something has changed about it since then.",
    },
    "ja": {
        "fix": "この件は修正が完了し、現在ご利用いただけます。",
        "article": "この件についての記事を公開しました。\nこちらからご覧いただけます：{url}",
        "answer": "この件の回答は、ヘルプセンターの記事でご案内しています。\nこちらをご覧ください：{url}",
        "other": "この件について、その後変更がありましたのでお知らせします。",
    },
}


def usual_templates(done: Done) -> dict[str, str]:
    """Return the templates of a team that has none of its own, by `lang-form`."""
    return {key_of(lang, form): AROUND[lang][form] % SAYS[lang][done] for lang in LANGS for form in FORMS}


def fault_of(key: str, template: str) -> Fault | None:
    """Return why a template of this `lang-form` is not taken; None where it is."""
    if unknown_place(template, PLACES) is not None:
        return "unknown"
    if is_too_long(key, template):
        return "long"
    bare = filled_in(template, lang=lang_of(key), title=None, url=None)
    return None if any(letter.isalnum() for letter in bare) else "wordless"
