"""Jira Cloud: an issue for each suggestion, found again by a label.

- Texts are documents (`connectors.adf`); one that is a string, or holds an empty text, is refused.
- The search follows late: what was made may be missing for minutes. What was moved is found by its old key.
- Whoever is not allowed to see something is told that it is not there.

Source: developer.atlassian.com, "The Jira Cloud platform REST API" (v3) and "Rate limiting".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Self

from connectors.adf import Node, document, words_of
from connectors.asking import Api, base_of, basic, needed, own_address, part
from connectors.atlassian import EMAIL, TOKEN
from connectors.errors import ConnectorError, Refused
from connectors.guards import must_take, secret_of
from connectors.hints import JiraHints
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, label_of, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.targets.jira_fields import filled
from connectors.told import (
    chosen,
    dropped_setting,
    fields_in,
    fields_setting,
    folded,
    labels_setting,
    names_of,
    plainly,
    template_setting,
)
from connectors.wording import (
    Block,
    check_template,
    shortened,
    text_of,
    text_of_note,
    title_of,
    units,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 255
LONGEST_TEXT = 32_767
"""Of the whole document, which holds more than its words."""
GATEWAY = "/ex/jira/"
"""In the address of the API for tokens with scopes, which is not the address that people open."""
MOST = 50
MOST_WORDS = 12
PART = 100
"""Rows that are asked for at once."""
DROPPED = "Won't Do, Won't Fix, Declined, Rejected, Duplicate, Cannot Reproduce, 対応しない, 却下, 重複"
RIGHTS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS")
ADVICE = {
    401: "make a new API token, and tell the e-mail address of the account that it belongs to",
    403: "may the account of the token create issues and comments in the project?",
    404: "is it the address of your Jira, is the project's key right, and may the account see it?",
}


class Jira(Target):
    """Creates issues in a project of Jira Cloud, and follows them wherever they are moved."""

    slug = "jira"
    title = "Jira Cloud"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "token"
    follows = True
    hints = JiraHints
    settles = timedelta(minutes=4)
    pace = Pace(requests=120, seconds=60, burst=10)
    settings = (
        own_address("Jira", example="https://example.atlassian.net"),
        EMAIL,
        TOKEN,
        Setting(
            name="project", label={"en": "Key of the project", "ja": "プロジェクトのキー"}, example="PROD"
        ),
        Setting(
            name="type",
            label={"en": "Type of new issues", "ja": "新しい課題のタイプ"},
            example="Task",
        ),
        labels_setting({"en": "Labels of new issues", "ja": "ラベル"}, example="koe, voice-of-customer"),
        fields_setting(
            {"en": "Fields to fill in, by name or id", "ja": "記入するフィールド（名前または ID）"},
            example="Priority=High; Team=Support",
        ),
        dropped_setting({"en": "Resolutions or statuses", "ja": "解決状況またはステータス"}, usual=DROPPED),
        template_setting({"en": "an issue", "ja": "課題"}),
    )
    guide = (
        {
            "en": "Make an Atlassian account for Koe, and let it browse the project, create issues and add "
            "comments there.",
            "ja": "Koe 用の Atlassian アカウントを作り、"
            "プロジェクトの閲覧・課題の作成・コメントの追加を許可します。",
        },
        {
            "en": "Sign in with it, open the account settings, Security, API tokens, and create a token. For "
            "a token with scopes (read:jira-work and write:jira-work) the address is "
            "https://api.atlassian.com/ex/jira/ and the cloud id.",
            "ja": "そのアカウントでサインインし、アカウント設定の「セキュリティ」→「API トークン」で"
            "トークンを作成します。スコープ付きのトークン（read:jira-work と write:jira-work）では、"
            "アドレスは https://api.atlassian.com/ex/jira/ にクラウド ID を続けたものになります。",
        },
        {
            "en": "Labels and Description must stand on the create screen of the issue type: Koe finds its "
            "issues by a label.",
            "ja": "課題タイプの作成画面に「ラベル」と「説明」を置きます。Koe は課題をラベルで見つけます。",
        },
    )
    unverified = (
        {
            "en": "How late Jira's search follows was read of, not measured on an account: Koe waits four "
            "minutes before it believes that an issue was not made.",
            "ja": "Jira の検索がどれだけ遅れて反映されるかは、実際のアカウントで測ったものではありません。"
            "Koe は 4 分待ってから、課題が作られなかったと判断します。",
        },
        {
            "en": "What Jira answers about required fields, limits and scopes follows its documents; it was "
            "not seen on an account.",
            "ja": "必須フィールド・長さの上限・スコープについての応答は公式文書によるもので、"
            "実際のアカウントでは確かめていません。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        self._base = base_of(settings, "address")
        headers = {"authorization": basic(needed(settings, "email"), token)}
        self._project = needed(settings, "project")
        self._type = needed(settings, "type")
        self._labels = _labels(settings.get("labels", ""))
        self._fields = fields_in(settings.get("fields", ""))
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        base = f"{self._base}/rest/api/3"
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the setting `project` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        project = self._found_project()
        asked = {"projectKey": self._project, "permissions": ",".join(RIGHTS)}
        held = self._api.get("mypermissions", asked)["permissions"]
        if missing := [right for right in RIGHTS if not held[right]["havePermission"].flag]:
            raise Refused(f"the account lacks rights in the project; grant it {', '.join(missing)} in Jira")
        self._asked_for()
        return f"Issues of the type {self._type} are created in {project} at {self._site}."

    def find(self, suggestion_id: str) -> Receipt | None:
        label = label_of(suggestion_id)
        for issue in self._searched(f"labels = {_quoted(label)} ORDER BY created ASC", "labels"):
            if any(one.text == label for one in issue["fields"]["labels"]) and (key := issue["key"].id):
                return self._receipt(key)
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        receipt = self.find(outgoing.suggestion_id) or self._create(outgoing)
        self._link(receipt, outgoing)
        return receipt

    def look(self, reference: str) -> Remote:
        asked = {"fields": "status,resolution,resolutiondate,statuscategorychangedate"}
        issue = self._api.find(f"issue/{part(reference)}", asked, alive=self._found_project)
        if issue is None:
            return Remote(reference=reference, state="gone")
        held, receipt = issue["fields"], self._receipt(issue["key"].id or reference)
        status = held["status"]["name"].text or ""
        is_done = held["status"]["statusCategory"]["key"].text == "done"
        ends = {status.casefold(), (held["resolution"]["name"].text or "").casefold()} if is_done else set()
        return Remote(
            reference=receipt.reference,
            state=("dropped" if ends & self._dropped else "done") if is_done else "open",
            status=status,
            url=receipt.url,
            at=(held["resolutiondate"].written_time or held["statuscategorychangedate"].written_time)
            if is_done
            else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        project = f"project = {_quoted(self._project)}"
        # In lower case: AND, OR and NOT are no words there.
        asked = list(dict.fromkeys(re.findall(r"\w+", words.lower())))[:MOST_WORDS]
        alike = " OR ".join(f"text ~ {_quoted(word[:100])}" for word in asked)
        matching = self._found(f"{project} AND ({alike}) ORDER BY updated DESC") if asked else ()
        newest = self._found(f"{project} AND statusCategory != Done ORDER BY created DESC")
        return each_once([*matching, *newest])

    def note(self, reference: str, note: Note) -> Receipt:
        place, marked = f"issue/{part(reference)}/comment", mark(note.marker, hidden=False)
        if not is_among(marked, (words_of(comment["body"]) for comment in self._listed(place, "comments"))):
            last = Block(form="text", lines=(marked,))
            self._writer.send("POST", place, {"body": _document(text_of_note(note), note.link, last)})
        return self._receipt(reference)

    @cached_property
    def _site(self) -> str:
        """The address that people open."""
        if GATEWAY not in self._base:
            return self._base
        return (self._api.get("serverInfo")["baseUrl"].text or self._base).rstrip("/")

    def _receipt(self, key: str) -> Receipt:
        return Receipt(reference=key, url=f"{self._site}/browse/{key}")

    def _found_project(self) -> str:
        """Return the name of the project. Raises Refused where there is none."""
        found = self._api.get(f"project/{part(self._project)}")
        if (name := found["name"].text) is None:
            raise Refused(f"{self._base} does not answer as Jira does; is the address right?")
        return name

    def _asked_for(self) -> Mapping[str, object]:
        """Return the fields of a new issue that Koe is told to fill in, and its type."""
        place = f"issue/createmeta/{part(self._project)}/issuetypes"
        types = [one for one in self._listed(place, "issueTypes") if not one["subtask"].flag]
        kind = chosen(self._type, types, setting="type", has="the project has")
        number = kind["id"].id or ""
        fields = [*self._listed(f"{place}/{part(number)}", "fields")]
        return {"issuetype": {"id": number}, **filled(fields, self._fields)}

    def _create(self, outgoing: Outgoing) -> Receipt:
        site = self._site  # asked before anything is made
        written = text_of(outgoing, self._template)
        fields = {
            **self._asked_for(),
            "project": {"key": self._project},
            "summary": title_of(outgoing, most=LONGEST_TITLE),
            "description": _document(written, outgoing.link),
            "labels": [*self._labels, label_of(outgoing.suggestion_id)],
        }
        made = self._writer.send("POST", "issue", {"fields": fields})["key"].id
        if made is None:
            unnamed("Jira", "an issue")
        return Receipt(reference=made, url=f"{site}/browse/{made}")

    def _link(self, receipt: Receipt, outgoing: Outgoing) -> None:
        """Let the issue show Koe's page among its links; the same link comes there once."""
        if not outgoing.link:
            return
        link = {
            "globalId": f"koe={outgoing.suggestion_id}",
            "application": {"type": "koe", "name": "Koe"},
            "object": {"url": outgoing.link, "title": title_of(outgoing, most=LONGEST_TITLE)},
        }
        with suppress(ConnectorError):  # the issue is there, and its text holds the address as well
            self._writer.send("POST", f"issue/{part(receipt.reference)}/remotelink", link)

    def _searched(self, jql: str, *fields: str) -> Sequence[Loose]:
        asked = {"jql": jql, "fields": [*fields], "maxResults": MOST}
        return self._api.post("search/jql", asked)["issues"].rows

    def _found(self, jql: str) -> Iterator[Existing]:
        for issue in self._searched(jql, "summary", "description", "status"):
            if key := issue["key"].id:
                held = issue["fields"]
                title, text, status = held["summary"].text, words_of(held["description"]), held["status"]
                yield shown(self._receipt(key), title=title, text=text, status=status["name"].text)

    def _listed(self, place: str, name: str) -> Iterator[Loose]:
        """Yield what a list of several parts holds."""
        start = 0
        while True:
            answered = self._api.get(place, {"startAt": start, "maxResults": PART})
            rows = answered[name].rows
            yield from rows
            start += len(rows)
            if not rows or start >= (answered["total"].number or 0):
                return


def _labels(told: str) -> Sequence[str]:
    labels = names_of(told)
    if unfit := [label for label in labels if label.split() != [label] or len(label) > 255]:
        raise Refused(f"the setting 'labels' names {unfit[0]!r}: labels of Jira hold no spaces")
    return labels


def _quoted(words: str) -> str:
    """Return words as JQL takes them for words."""
    return '"' + re.sub(r'(["\\])', r"\\\1", words) + '"'


def _document(written: Sequence[Block], link: str | None, *last: Block) -> Node:
    """Return what fits of blocks as a document, with what must stand in it at its end."""

    def fits(kept: Sequence[Block]) -> bool:
        made = document([*kept, *last], link=link)
        return units(json.dumps(made, ensure_ascii=False, separators=(",", ":"))) <= LONGEST_TEXT

    return document([*shortened(written, fits), *last], link=link)


def _explained(refusal: Loose) -> str:
    """Return the fields that a refusal names, without what they held."""
    named = refusal["errors"].value
    return f"it names {', '.join(map(str, named))[:300]}" if isinstance(named, dict) and named else ""
