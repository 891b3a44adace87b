"""Redmine: an issue for each suggestion, found again by a mark in its description.

What is done here rests on how Redmine 5.0.4 was seen to behave:

- An issue is found by its description at once, in whatever project it lies by now, closed or not.
- A status or a tracker that is not allowed is left out without a word, so none is set that was not looked up.
- Notes are one list with all other changes of an issue; empty ones are such changes.
- The language of texts (Textile or CommonMark) is told by nobody; people say it.

Source: redmine.org, "Rest api", "Rest Issues", "Rest Projects", "Rest Search".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from connectors.asking import Api, Params, base_of, needed, own_address, part
from connectors.errors import Refused
from connectors.guards import must_take, secret_of
from connectors.hints import RedmineHints
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import BACKLOG, Target
from connectors.told import (
    chosen,
    dropped_setting,
    fields_in,
    fields_setting,
    folded,
    plainly,
    template_setting,
)
from connectors.wording import (
    WORDLESS,
    Block,
    as_markdown,
    check_template,
    harmless,
    one_line,
    text_of,
    text_of_note,
    title_of,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 255
LONGEST_TEXT = 60_000
"""Characters: MySQL's TEXT holds 65,535 bytes, and later Redmines take more of them."""
FORMATS = ("textile", "markdown")
DROPPED = "Rejected, 却下"
MOST = 50
ADVICE = {
    401: "make a new API access key under My account there",
    403: "the REST API must be switched on there (Administration, API), and the user a member of the project",
    404: "is the project's identifier right, and its user a member?",
}
ACTS = re.compile(r"(?<=\[)\[|(?<=\{)\{|(?<=\w)(?=:\w)")
"""Links and macros of a wiki begin so: parted, they are text."""
TEXTILE = re.compile(r"""[*_^~@|<>`\\]|(?<!\w)[-+=%](?=\S)|(?<=\S)[-+=%](?!\w)|"(?=:)|!(?=\S)|\?(?=\?)""")
"""Signs where they may mean something in Textile; as entities they are text."""


class Redmine(Target):
    """Creates issues in a project, and follows them wherever they are moved."""

    slug = "redmine"
    title = "Redmine"
    category = "backlog"
    takes = BACKLOG
    secret_setting = "key"
    follows = True
    hints = RedmineHints
    pace = Pace(requests=120, seconds=60, burst=20)
    settings = (
        own_address("Redmine", example="https://redmine.example.com"),
        Setting(name="key", label={"en": "API access key", "ja": "API アクセスキー"}, secret=True),
        Setting(
            name="project",
            label={"en": "Identifier of the project", "ja": "プロジェクトの識別子"},
            example="product",
        ),
        Setting(
            name="tracker",
            label={"en": "Tracker of new issues", "ja": "新しいチケットのトラッカー"},
            needed="never",
            example="Feature",
        ),
        fields_setting(
            {"en": "Custom fields to fill in", "ja": "記入するカスタムフィールド"},
            example="Severity=High; Team=Support",
        ),
        Setting(
            name="format",
            label={"en": "Text formatting there", "ja": "テキスト書式"},
            needed="never",
            choices=FORMATS,
            default=FORMATS[0],
        ),
        dropped_setting({"en": "Statuses", "ja": "ステータス"}, usual=DROPPED),
        template_setting({"en": "an issue", "ja": "チケット"}),
    )
    guide = (
        {
            "en": "Switch the REST API on under Administration, Settings, API.",
            "ja": "「管理」→「設定」→「API」で REST API を有効にします。",
        },
        {
            "en": "Make a user for Koe that may add issues and notes in the project, and copy the API access "
            "key from its page My account.",
            "ja": "Koe 用のユーザーを作り、プロジェクトでチケットとコメントを追加できるようにします。"
            "そのユーザーの「個人設定」から API アクセスキーをコピーします。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, key: str, http: Http) -> None:
        base = base_of(settings, "address")
        headers = {"x-redmine-api-key": key}
        self._project = needed(settings, "project")
        self._tracker = settings.get("tracker", "").strip()
        self._fields = fields_in(settings.get("fields", ""))
        self._is_markdown = _format(settings) == "markdown"
        self._dropped = folded(settings, "dropped", usual=DROPPED)
        self._template = check_template(settings.get("template", ""))
        self._base = base
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the setting `project` at `address`."""
        return cls(plainly(settings), key=secret_of(means, "key"), http=means.http)

    def check(self) -> str:
        project = self._found_project()
        self._custom_fields(project)
        tracker = self._tracker_of(project)
        kind = f" of the tracker {tracker['name'].text}" if tracker else ""
        return f"Issues{kind} are created in {project['name'].text} at {self._base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        answered = self._api.get(
            "issues.json",
            {
                "set_filter": 1,
                "f[]": "description",
                "op[description]": "~",
                "v[description][]": mark(suggestion_id, hidden=False),
                "sort": "id",
                "limit": 100,
            },
        )
        for issue in answered["issues"].rows:
            if mark(suggestion_id, hidden=False) in (issue["description"].text or ""):
                return self._receipt(issue["id"].id or "")
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        project = self._found_project()
        tracker = self._tracker_of(project)
        issue = {
            "project_id": project["id"].value,
            "subject": harmless(title_of(outgoing, most=LONGEST_TITLE))[:LONGEST_TITLE],
            "description": self._written(text_of(outgoing, self._template), outgoing.suggestion_id),
            **({"tracker_id": tracker["id"].value} if tracker else {}),
            **({"custom_fields": fields} if (fields := self._custom_fields(project)) else {}),
        }
        made = self._writer.send("POST", "issues.json", {"issue": issue})["issue"]["id"].id
        return (
            self._receipt(made)
            if made
            else self.find(outgoing.suggestion_id) or unnamed("Redmine", "an issue")
        )

    def look(self, reference: str) -> Remote:
        issue = self._api.find(f"issues/{part(reference)}.json", alive=self._found_project)
        if issue is None:
            return Remote(reference=reference, state="gone")
        held = issue["issue"]
        name = held["status"]["name"].text or ""
        closed = held["status"]["is_closed"].value
        is_closed = held["closed_on"].written_time is not None if closed is None else closed is True
        return Remote(
            reference=reference,
            state=("dropped" if name.casefold() in self._dropped else "done") if is_closed else "open",
            status=name,
            url=self._receipt(reference).url,
            at=held["closed_on"].written_time if is_closed else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        return each_once([*self._matching(words), *self._newest()])

    def note(self, reference: str, note: Note) -> Receipt:
        place, marked = f"issues/{part(reference)}.json", mark(note.marker, hidden=False)
        held = self._api.get(place, {"include": "journals"})["issue"]
        if not is_among(marked, (each["notes"].text for each in held["journals"].rows)):
            text = self._written(text_of_note(note), note.marker)
            self._writer.send("PUT", place, {"issue": {"notes": text}})
        return self._receipt(reference)

    def _found_project(self) -> Loose:
        include = {"include": "trackers,issue_custom_fields"}
        return self._api.get(f"projects/{part(self._project)}.json", include)["project"]

    def _tracker_of(self, project: Loose) -> Loose | None:
        if not self._tracker:
            return None
        return chosen(self._tracker, project["trackers"], setting="tracker", has="the project has")

    def _custom_fields(self, project: Loose) -> list[dict[str, object]]:
        """Return what to fill in. Fields that are there for all projects are known by their number alone."""
        ids = {field["name"].text: field["id"].value for field in project["issue_custom_fields"]}
        unknown = [name for name in self._fields if name not in ids and not is_number(name)]
        if unknown:
            known = ", ".join(sorted(filter(None, ids))) or "none of its own"
            raise Refused(
                f"the setting 'fields' names {unknown[0]!r}; the project has {known}. A field for all "
                "projects is written by its number, as in 3=High: Administration, Custom fields shows it"
            )
        return [{"id": ids.get(name, name), "value": value} for name, value in self._fields.items()]

    def _matching(self, words: str) -> Iterator[Existing]:
        place = f"projects/{part(self._project)}/search.json"
        if not (question := one_line(words)[:200]):
            return
        asked: Params = {"q": question, "all_words": "", "issues": 1, "open_issues": 1, "limit": MOST}
        for row in self._api.get(place, asked)["results"]:
            if number := row["id"].id:
                title = (row["title"].text or "").partition("): ")
                receipt = Receipt(reference=number, url=row["url"].text)
                yield shown(receipt, title=title[2] or title[0], text=row["description"].text)

    def _newest(self) -> Iterator[Existing]:
        asked: Params = {"project_id": self._project, "status_id": "open", "sort": "id:desc", "limit": MOST}
        for issue in self._api.get("issues.json", asked)["issues"]:
            if number := issue["id"].id:
                title, text, status = (
                    issue["subject"].text,
                    issue["description"].text,
                    issue["status"]["name"].text,
                )
                yield shown(self._receipt(number), title=title, text=text, status=status)

    def _written(self, written: Sequence[Block], marker: str) -> str:
        text = as_markdown(written) if self._is_markdown else _textile(written)
        parted = ACTS.sub(lambda sign: WORDLESS + sign[0], text)
        if len(parted) > LONGEST_TEXT:
            parted = parted[:LONGEST_TEXT].rpartition("\n")[0] + "\n\n…\n"
        return f"{parted}\n{mark(marker, hidden=False)}\n"

    def _receipt(self, number: str) -> Receipt:
        return Receipt(reference=number, url=f"{self._base}/issues/{number}")


def _format(settings: Mapping[str, str]) -> str:
    told = settings.get("format", "").strip().lower() or FORMATS[0]
    if told not in FORMATS:
        raise Refused(f"the setting 'format' must be {' or '.join(FORMATS)}")
    return told


def _textile(written: Sequence[Block]) -> str:
    """Return blocks as Textile, in which the words are text and no notation."""
    return "\n\n".join("\n".join(_textile_line(block, line) for line in block.lines) for block in written)


def _textile_line(block: Block, line: str) -> str:
    sign = {"heading": f"h{block.level}. ", "bullet": "* ", "step": "# ", "text": ""}[block.form]
    return sign + TEXTILE.sub(lambda found: f"&#{ord(found[0])};", harmless(line))


def _explained(refusal: Loose) -> str:
    """Return what Redmine says of a refusal: the fields, without what they held."""
    return ", ".join(filter(None, (error.text for error in refusal["errors"])))[:300]
