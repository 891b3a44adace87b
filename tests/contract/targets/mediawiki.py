"""A double of MediaWiki; the real one takes the same exam in tests/acceptance/test_mediawiki.py."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from connectors.http import Http
from connectors.ports import Means
from connectors.targets.mediawiki import MediaWiki
from tests.board import Board, Reply, Request, listening
from tests.contract.targets import DoubledDesk, door

SPACES = {"Project": ("Koe Wiki", 4), "Koe Wiki": ("Koe Wiki", 4), "Talk": ("Talk", 1)}
TALKS = {0: "Talk:", 4: "Koe Wiki talk:"}
BAD = re.compile(r"[#<>\[\]{}|_\ufffd]|~~~|%[0-9A-Fa-f]{2}|&\w+;|(?:^|/)\.{1,2}(?:/|$)")
MOST = 2
"""Rows of a list in one answer, so that there are several."""
RIGHTS = ["read", "edit", "createpage", "createtalk"]
SESSION = "koewiki_BPsession"


def error(code: str) -> Reply:
    """Return a refusal: MediaWiki tells of it with 200."""
    return Reply(content={"error": {"code": code, "info": "Words of the wiki."}})


class MediaWikiDesk(DoubledDesk):
    """Pages with their edits, and a log of moves."""

    secret = "0123456789abcdef0123456789abcdef"
    drops = False

    def __init__(self, board: Board, http: Http) -> None:
        """Answer on a board a target that comes through a door, and is signed in."""
        self.board = board
        self.pages: dict[int, dict[str, Any]] = {}
        self.moves: list[dict[str, Any]] = []
        self.numbers = count(1)
        self.settings = {"address": f"{board.address}/api.php", "user": "Koe@koe"}
        self.sign_in_answer: dict[str, Any] | None = None
        self.target = MediaWiki.open(self.settings, Means(http=http, secret=self.secret))
        board.on("GET", r"/api\.php")(self._read)
        board.on("POST", r"/api\.php")(self.write_as_it_is)
        self.target.check()  # failures come to one who is signed in

    def there(self) -> Sequence[str]:
        return [str(number) for number, page in self.pages.items() if page["ns"] % 2 == 0]

    def title(self, reference: str) -> str:
        return str(self.pages[int(reference)]["title"]).rpartition("/")[2]

    def text(self, reference: str) -> str:
        return str(self.pages[int(reference)]["text"])

    def notes(self, reference: str) -> Sequence[str]:
        talk = self._at(self._talk(self.pages[int(reference)]))
        return [part for part in talk["text"].split("== Koe ==") if part.strip()] if talk else []

    def write(self, title: str, text: str) -> str:
        return str(self._keep(title, text, by="Agent", summary="")["pageid"])

    def change(self, reference: str, text: str) -> None:
        self.pages[int(reference)]["text"] = text

    def finish(self, reference: str) -> None:
        page = self.pages[int(reference)]
        told = {"logpage": page["pageid"], "timestamp": _now(), "from": page["title"]}
        page |= {"ns": 0, "title": self.title(reference)}
        self.moves.append({**told, "params": {"target_ns": 0, "target_title": page["title"]}})

    def remove(self, reference: str) -> None:
        del self.pages[int(reference)]

    def _read(self, request: Request) -> Reply:
        asked = request.query
        if request.headers.get("cookie") != f"{SESSION}=s2" or asked["assertuser"] != "Koe":
            return error("assertnameduserfailed")
        answers: Mapping[str, Callable[[Mapping[str, str]], list[dict[str, Any]]]] = {
            "usercontribs": self._contributions,
            "logevents": self._log,
            "search": self._search,
            "recentchanges": lambda _: [self._row(page) for page in self.pages.values()],
        }
        if (name := asked.get("list", "")) in answers:
            return self._part(name, answers[name](asked), asked)
        tokens = {"csrftoken": "t2+\\"} if "tokens" in asked.get("meta", "") else {}
        user = {"id": 3, "name": "Koe", "rights": RIGHTS}
        found = {"tokens": tokens, "userinfo": user, "general": {"sitename": "Koe Wiki"}}
        return Reply(content={"query": {**found, "pages": self._asked_pages(asked)}})

    def write_as_it_is(self, request: Request) -> Reply:
        """Deal with what is posted."""
        fields = dict(request.fields)
        if fields["action"] == "query":
            tokens = {"tokens": {"logintoken": "t1+\\"}}
            return Reply(content={"query": tokens}, headers={"Set-Cookie": f"{SESSION}=s1; path=/; HttpOnly"})
        if fields["action"] == "login":
            known = request.headers.get("cookie") == f"{SESSION}=s1" and fields["lgtoken"] == "t1+\\"
            if not known or (fields["lgname"], fields["lgpassword"]) != ("Koe@koe", self.secret):
                return Reply(content={"login": {"result": "Failed", "reason": "Words of the wiki."}})
            said = {"login": {"result": "Success", "lguserid": 3, "lgusername": "Koe"}}
            return Reply(
                content=self.sign_in_answer or said, headers={"Set-Cookie": f"{SESSION}=s2; path=/; HttpOnly"}
            )
        if request.headers.get("cookie") != f"{SESSION}=s2" or fields["token"] != "t2+\\":
            return error("badtoken")
        return self._edit(fields)

    def _edit(self, fields: Mapping[str, str]) -> Reply:
        title, text = _normal(fields["title"])[1], fields["text"]
        if BAD.search(title) or len(title.partition(":")[2].encode()) > 255:
            return error("invalidtitle")
        if len(text.encode()) > 2048 * 1024:
            return error("contenttoobig")
        page = self._at(title)
        if page and "createonly" in fields:
            return error("articleexists")
        if fields.get("section") == "new":
            text = f"{page['text'] if page else ''}\n== {fields['sectiontitle']} ==\n{text}"
        if page is None:
            page = self._keep(title, text, by="Koe", summary=fields["summary"])
        else:
            page["text"] = text
            page["edits"].append(("Koe", fields["summary"]))
        return Reply(content={"edit": {"result": "Success", "pageid": page["pageid"], "title": title}})

    def _keep(self, title: str, text: str, *, by: str, summary: str) -> dict[str, Any]:
        space, normal = _normal(title)
        number = next(self.numbers)
        page = {"pageid": number, "ns": space, "title": normal, "text": text, "edits": [(by, summary)]}
        self.pages[number] = page
        return page

    def _asked_pages(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        if number := asked.get("pageids"):
            page = self.pages.get(int(number))
            return [self._row(page) if page else {"pageid": int(number), "missing": True}]
        if "titles" not in asked:
            return []
        space, title = _normal(asked["titles"])
        page = self._at(title)
        return [self._row(page) if page else {"ns": space, "title": title, "missing": True, **_may()}]

    def _row(self, page: Mapping[str, Any]) -> dict[str, Any]:
        shown = {name: page[name] for name in ("pageid", "ns", "title")}
        own = [{"comment": summary} for by, summary in page["edits"] if by == "Koe"]
        return {**shown, **_may(), "associatedpage": self._talk(page), "revisions": own}

    def _contributions(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        assert (asked["ucuser"], asked["ucshow"]) == ("Koe", "new")
        pages = reversed(self.pages.values())
        made = [page for page in pages if page["edits"][0][0] == "Koe"]
        return [{"pageid": page["pageid"], "comment": page["edits"][0][1]} for page in made]

    def _log(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        return [move for move in reversed(self.moves) if move["from"].startswith(asked["leprefix"])]

    def _search(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        words = asked["srsearch"].lower().split()
        key = "text" if asked.get("srwhat") == "text" else "title"
        found = [page for page in self.pages.values() if all(word in page[key].lower() for word in words)]
        return [{**self._row(page), "snippet": f"<span>{page['text']}</span>"} for page in found]

    def _part(self, name: str, rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Reply:
        begin = int(asked.get("from", "0"))
        most = MOST if name == "usercontribs" else 500
        going = {"continue": {"from": begin + most, "continue": "-||"}} if len(rows) > begin + most else {}
        return Reply(content={**going, "query": {name: rows[begin : begin + most]}})

    def _at(self, title: str) -> dict[str, Any] | None:
        return next((page for page in self.pages.values() if page["title"] == title), None)

    def _talk(self, page: Mapping[str, Any]) -> str:
        title: str = page["title"].partition(":")[2] if page["ns"] else page["title"]
        return TALKS.get(page["ns"], "") + title


def _normal(title: str) -> tuple[int, str]:
    """Return the namespace of a title, and how the wiki writes it."""
    space, colon, rest = title.partition(":")
    if colon and space.startswith("Koe Wiki talk"):
        return 5, title
    if colon and space in SPACES:
        return SPACES[space][1], f"{SPACES[space][0]}:{rest}"
    return 0, title


def _may() -> dict[str, Any]:
    return {"actions": {"create": True, "edit": True}}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def opened(http: Http | None = None) -> Iterator[MediaWikiDesk]:
    """Run an empty one; a patient door is for tests in which nothing is lost."""
    with listening(Board()) as board:
        yield MediaWikiDesk(board, http or door())
