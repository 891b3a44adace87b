"""Productboard: a note for each suggestion, found again by the record that it says it comes from.

- What kinds of note there are, and what they are called, is told by the workspace itself.
- There are no comments: what is added later is a note of its own that leads to the first.
- A note that was worked through is not done: that is what the features are that people linked to it.
- Nothing can be sought by words; the newest notes are compared here.

Source: developer.productboard.com, API v2 (notes, note configurations, entities, rate limits); what others
saw of tags, links and answers on their workspaces.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import unescape
from typing import Self

from connectors.asking import Api, base_of, part
from connectors.errors import Refused
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, shown
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.told import dropped_setting, folded, labels_setting, names_of, plainly, template_setting
from connectors.wording import (
    Block,
    as_html,
    check_template,
    fitted,
    one_line,
    text_of,
    text_of_note,
    title_of,
    units,
)
from connectors.writing import Writer, unnamed

SYSTEM = "koe"
"""By which Koe's notes name where they come from."""
KINDS = ("textNote", "simple")
"""What a note of text is called: the vendor's pages name one, workspaces were seen to name the other."""
LONGEST_TITLE = 255
LONGEST_TEXT = 100_000
MOST = 50
FEATURES = ("feature", "subfeature")
DONE = "Released, Done, Launched, Shipped, Completed, リリース済み, 完了"
DROPPED = "Won't do, Canceled, Cancelled, Rejected, Declined, 対応しない, 却下"
NO_WORDS = re.compile(r"<[^>]*>")
ADVICE = {
    401: "make a new API token in Productboard",
    403: "the token must be allowed to read and write notes, and to read features",
    404: "is it the address of the API of your workspace?",
}
CODES = {"selectOption.notFound": "a tag of the setting 'labels' is not there; make it in Productboard first"}
"""What to do about what a refusal is called."""


class Productboard(Target):
    """Creates notes in a workspace, and follows the features that people link to them."""

    slug = "productboard"
    title = "Productboard"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    settles = timedelta(minutes=2)
    pace = Pace(requests=60, seconds=60, burst=10)
    settings = (
        Setting(
            name="address",
            label={"en": "Address of the API", "ja": "API のアドレス"},
            example="https://api.productboard.com",
            choices=("https://api.productboard.com", "https://api.eu.productboard.com"),
        ),
        Setting(name="token", label={"en": "API token", "ja": "API トークン"}, secret=True),
        labels_setting({"en": "Tags of notes that are there already", "ja": "既存のタグ"}, example="koe"),
        Setting(
            name="done",
            label={
                "en": "Statuses of features that mean that customers have it",
                "ja": "「顧客に届いた」を意味する機能のステータス",
            },
            needed="never",
            default=DONE,
        ),
        dropped_setting({"en": "Statuses of features", "ja": "機能のステータス"}, usual=DROPPED),
        template_setting({"en": "a note", "ja": "ノート"}),
    )
    guide = (
        {
            "en": "Open the workspace settings, Integrations, Public API, and make an access token (for this "
            "you must be an administrator).",
            "ja": "ワークスペース設定の「Integrations」→「Public API」でアクセストークンを作成します"
            "（管理者の権限が必要です）。",
        },
        {
            "en": "Link each note to the feature that answers it: Koe takes the note for done once all its "
            "features are released, and for decided against once it is archived.",
            "ja": "ノートを対応する機能にリンクします。リンク先の機能がすべてリリースされると完了、"
            "ノートがアーカイブされると「対応しない」とみなします。",
        },
    )
    unverified = (
        {
            "en": "The names of kinds of notes, limits on lengths, and how soon a new note is found were "
            "read of, not seen on a workspace.",
            "ja": "ノートの種類の名前・長さの上限・新しいノートが見つかるまでの時間は文書によるもので、"
            "実際のワークスペースでは確かめていません。",
        },
        {
            "en": "Productboard's new API has no comments: what Koe adds later is a note of its own that "
            "leads to the first.",
            "ja": "Productboard の新しい API にはコメントがありません。"
            "後から加える内容は、元のノートへのリンクを持つ別のノートになります。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        base = base_of(settings, "address")
        headers = {"authorization": f"Bearer {token}"}
        self._tags = names_of(settings.get("labels", ""))
        self._done = folded(settings, "done", usual=DONE)
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        self._base = base
        self._api = Api(http=http, base=f"{base}/v2", headers=headers, advice=ADVICE, explain=_explained)
        self._writer = Writer(
            http=http, base=f"{base}/v2", headers=headers, advice=ADVICE, explain=_explained
        )

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the workspace of its token at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        self._kind()
        self._from("check")
        return f"Notes are created in the workspace of the token at {self._base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        found = self._from(suggestion_id)
        return _receipt(found) if found else None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        written = text_of(outgoing, self._template)
        return self._create(
            title_of(outgoing, most=LONGEST_TITLE), written, outgoing.suggestion_id, outgoing.link
        )

    def look(self, reference: str) -> Remote:
        note = self._api.find(f"notes/{part(reference)}", alive=self._kind)
        if note is None:
            return Remote(reference=reference, state="gone")
        held, receipt = note["data"]["fields"], _receipt(note["data"])
        if held["archived"].flag:
            return Remote(reference=reference, state="dropped", status="Archived", url=receipt.url)
        statuses = self._statuses(reference)
        names = {status.casefold() for status in statuses}
        is_done, is_dropped = bool(names) and names <= self._done, bool(names) and names <= self._dropped
        usual = "Processed" if held["processed"].flag else "Unprocessed"
        return Remote(
            reference=reference,
            state="done" if is_done else "dropped" if is_dropped else "open",
            status=", ".join(dict.fromkeys(statuses)) or usual,
            url=receipt.url,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        asked = set(re.findall(r"\w+", words.lower()))
        found = [_shown(row) for row in self._api.get("notes", {"archived": "false"})["data"]]
        return sorted(found, key=lambda one: -_likeness(one, asked))[:MOST]

    def note(self, reference: str, note: Note) -> Receipt:
        held = self._api.get(f"notes/{part(reference)}")["data"]
        receipt = _receipt(held)
        if not self._from(f"note-{note.marker}"):
            title = one_line(held["fields"]["name"].text or "Koe")[: LONGEST_TITLE // 2]
            self._create(title, text_of_note(note, receipt.url), f"note-{note.marker}", receipt.url)
        return Receipt(reference=reference, url=receipt.url)

    def _kind(self) -> str:
        """Return what a note of text is called. Raises Refused where there is none."""
        for row in self._api.get("notes/configurations")["data"]:
            if (name := row["type"].text) in KINDS:
                return name or ""
        raise Refused(f"{self._base} names no kind of note that Koe can write; is it Productboard's API v2?")

    def _from(self, record: str) -> Loose | None:
        """Return the note that comes from a record of Koe's; of several always the first that was made."""
        source = {"metadata[source][system]": SYSTEM, "metadata[source][recordId]": record}
        rows = [row for row in self._api.get("notes", source)["data"].rows if _record(row) == record]
        return min(rows, key=lambda row: (row["createdAt"].text or "", row["id"].id or ""), default=None)

    def _create(self, title: str, written: Sequence[Block], record: str, link: str | None) -> Receipt:
        source = {"system": SYSTEM, "recordId": record, **({"url": link} if link else {})}
        fields = {
            "name": title,
            "content": fitted(written, as_html, most=LONGEST_TEXT, length=units),
            **({"tags": [{"name": tag} for tag in self._tags]} if self._tags else {}),
        }
        note = {"type": self._kind(), "fields": fields, "metadata": {"source": source}}
        made = self._writer.send("POST", "notes", {"data": note})["data"]
        if made["id"].id is None:
            unnamed("Productboard", "a note")
        return _receipt(made)

    def _statuses(self, reference: str) -> Sequence[str]:
        """Return the statuses of all features that are linked to a note; an empty name where one has none."""
        targets = [row["target"] for row in self._listed(f"notes/{part(reference)}/relationships")]
        features = [target["id"].id for target in targets if target["type"].text in FEATURES]
        return [
            self._api.get(f"entities/{part(number)}")["data"]["fields"]["status"]["name"].text or ""
            for number in features
            if number
        ]

    def _listed(self, place: str) -> Iterator[Loose]:
        """Yield what a list of several parts holds, each of which names the next."""
        seen: set[str] = set()
        following: str | None = place
        while following and following not in seen:
            seen.add(following)
            answered = self._api.get(following)
            yield from answered["data"].rows
            following = answered["links"]["next"].text


def _receipt(note: Loose) -> Receipt:
    return Receipt(reference=note["id"].id or "", url=note["links"]["html"].text)


def _record(note: Loose) -> str | None:
    return note["metadata"]["source"]["recordId"].id


def _shown(note: Loose) -> Existing:
    held = note["fields"]
    text = unescape(NO_WORDS.sub(" ", held["content"].text or "")).strip()
    status = "Processed" if held["processed"].flag else "Unprocessed"
    return shown(_receipt(note), title=held["name"].text, text=text, status=status)


def _likeness(one: Existing, asked: set[str]) -> int:
    """Return how many of the words are in a note; in its title they count twice."""
    title, text = one.title.lower(), one.text.lower()
    return sum(2 * (word in title) + (word in text) for word in asked)


def _explained(refusal: Loose) -> str:
    """Return the fields that a refusal names and what to do, without what they held."""
    errors = [*refusal["errors"]]
    named = [error["source"]["pointer"].text or "" for error in errors]
    told = [CODES.get(error["code"].text or "", "") for error in errors]
    fields = ", ".join(filter(None, named))[:300]
    return "; ".join(dict.fromkeys(filter(None, [f"it names {fields}" if fields else "", *told])))
