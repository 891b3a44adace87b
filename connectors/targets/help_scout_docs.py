"""Help Scout Docs: a draft for each suggestion, known by its slug, that people publish or delete.

- Lists hold neither an article's text nor its keywords: so the slug is the mark.
- A name stands once in a collection: one that is taken gets a number.
- Writing a published article's text would throw away a human's draft of it: an edit is an article beside it.
- An article has no place for notes: a note is a draft of its own.

Sources: developer.helpscout.com, Docs API: "Create Article", "Article Object"; that of
`connectors.help_scout_docs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from connectors.asking import Api, needed, part
from connectors.drafts import LONGEST_TITLE, free_title, html_before, title_beside
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.help_scout_docs import ADDRESS, KEY, NEW_KEY, Docs, address_of, headers_of
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, label_of
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import chosen, labels_setting, names_of, plainly, template_setting
from connectors.wording import Block, check_template, one_line, text_of, text_of_note, title_of
from connectors.writing import Writer, unnamed

MOST = 50
ADVICE = {
    401: NEW_KEY,
    403: "let the owner of the key create and edit Docs",
}
FIELDS = ("collectionId", "name", "slug", "text", "status", "categories", "keywords")


class HelpScoutDocs(Target):
    """Makes drafts in a collection of Help Scout Docs."""

    slug = "help-scout-docs"
    title = "Help Scout Docs"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "key"
    follows = True
    pace = Pace(requests=120, seconds=60, burst=20)
    settings = (
        ADDRESS,
        KEY,
        Setting(
            name="collection",
            label={
                "en": "Collection of new drafts, by name or id",
                "ja": "下書きを作るコレクション（名前か ID）",
            },
            example="Drafts by Koe",
        ),
        labels_setting({"en": "Keywords of new drafts", "ja": "キーワード"}, usual=LABEL),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "In Help Scout, open Your profile › Authentication › API Keys, and make a Docs API key.",
            "ja": "Help Scout の「Your profile › Authentication › API Keys」で Docs の API キーを作ります。",
        },
        {
            "en": "Koe makes drafts and publishes nothing. What is internal goes to a private collection "
            "alone. The slug of a draft, koe-…, is how Koe knows it again: change it when you publish.",
            "ja": "Koe は下書きを作るだけで、公開はしません。社内向けの提案は非公開のコレクションにだけ"
            "作ります。下書きの slug（koe-…）は Koe が見分けるためのものです。公開するときに変えてください。",
        },
    )
    unverified = (
        {
            "en": "Whether the key stands as the user of Basic authentication, whether a slug is kept as it "
            "was given, and how long names and texts may be.",
            "ja": "API キーを Basic 認証のユーザー名とするかどうか、slug が渡したとおりに保存されるかどうか、"
            "名前と本文の長さの上限。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, key: str, http: Http) -> None:
        base, headers = address_of(settings), headers_of(key)
        self._collection = needed(settings, "collection")
        self._keywords = names_of(settings.get("labels", LABEL))
        self._template = check_template(settings.get("template", ""))
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._docs = Docs(self._api)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the setting `collection`."""
        return cls(plainly(settings), key=secret_of(means, "key"), http=means.http)

    def check(self) -> str:
        return f"Drafts of articles are made in the collection {self._chosen()['name'].text}."

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._marked(label_of(suggestion_id))

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        collection = self._chosen()
        if outgoing.audience == "internal" and collection["visibility"].text != "private":
            raise Refused("what is internal goes to a private collection alone (setting 'collection')")
        written, title = text_of(outgoing, self._template), title_of(outgoing, most=LONGEST_TITLE)
        return self._create(collection, title, written, label_of(outgoing.suggestion_id))

    def look(self, reference: str) -> Remote:
        answered = self._api.find(f"articles/{part(reference)}", alive=self._chosen)
        if answered is None:
            return Remote(reference=reference, state="gone")
        article = answered["article"]
        state = article["status"].text
        if state not in ("published", "notpublished"):
            raise RetryLater("Help Scout did not tell whether the article is published")
        is_published = state == "published"
        return Remote(
            reference=reference,
            state="done" if is_published else "open",
            status=state,
            url=article["publicUrl"].text,
            at=article["lastPublishedAt"].written_time if is_published else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._docs.articles(self._chosen())]
        return each_once(
            shown(
                Receipt(reference=named, url=article["publicUrl"].text or article["url"].text),
                title=article["name"].text,
                text=article["preview"].text,
                status=article["status"].text,
            )
            for article in found
            if (named := article["id"].id)
        )

    def note(self, reference: str, note: Note) -> Receipt:
        article = self._api.get(f"articles/{part(reference)}")["article"]
        receipt = Receipt(reference=reference, url=article["publicUrl"].text)
        slug = label_of(f"note-{note.marker}")
        if self._marked(slug) is None:
            title = title_beside(article["name"].text or reference)
            self._create(self._chosen(), title, text_of_note(note, receipt.url), slug)
        return receipt

    def _create(self, collection: Loose, title: str, written: Sequence[Block], slug: str) -> Receipt:
        taken = {one_line(article["name"].text or "").lower() for article in self._docs.articles(collection)}
        article = {
            "collectionId": collection["id"].text,
            "status": "notpublished",
            "slug": slug,
            "name": free_title(title, taken),
            "text": html_before("", written),
            "keywords": list(self._keywords),
        }
        made = self._writer.send("POST", "articles", article, {"reload": "true"})["article"]
        return _receipt(made) or self._marked(slug) or unnamed("Help Scout", "an article")

    def _marked(self, slug: str) -> Receipt | None:
        """Return the article with a slug, in whatever collection it is by now."""
        own = self._chosen()
        others = (one for one in self._docs.collections() if one["id"].text != own["id"].text)
        for collection in [own, *others]:
            fitting = [one for one in self._docs.articles(collection) if one["slug"].text == slug]
            if fitting:
                return _receipt(min(fitting, key=lambda article: article["number"].number or 0))
        return None

    def _matching(self, words: str) -> Iterable[Loose]:
        if not (question := one_line(words)[:200]):
            return ()
        asked: Mapping[str, str | int] = {"query": question, "status": "all"}
        return self._api.get("search/articles", asked)["articles"]["items"]

    def _chosen(self) -> Loose:
        return chosen(self._collection, self._docs.collections(), setting="collection")


def _receipt(article: Loose) -> Receipt | None:
    named = article["id"].id
    return Receipt(reference=named, url=article["publicUrl"].text) if named else None


def _explained(refusal: Loose) -> str:
    """Return which fields a refusal names, without what they held."""
    told = (refusal["error"].text or "").lower()
    return ", ".join(field for field in FIELDS if field.lower() in told)
