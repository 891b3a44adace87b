"""A MediaWiki on this machine: Debian's package over a database of its own, as its people use it."""

import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from connectors.http import Http
from connectors.ports import Means
from connectors.targets.mediawiki import MediaWiki
from tests.contract.target_exam import Desk
from tests.waiting import until

HOME = Path("/usr/share/mediawiki")
MISSING = "MediaWiki is not installed; docs/acceptance.md says how to install Debian's package of it"
PATIENCE = 180
"""Seconds that a command or an answer may take on a busy machine."""
PASSWORD = "0123456789abcdef0123456789abcdef"
DRAFTS = "Koe Wiki:Koe/Drafts/"
GRANTS = {
    "Koe": "basic,editpage,createeditmovepage",
    "Agent": "basic,editpage,createeditmovepage,delete,highvolume,protect,editprotected,blockusers",
}


def is_installed() -> bool:
    """Say whether all that is needed is here."""
    return (HOME / "api.php").exists() and shutil.which("php") is not None


class RealMediaWiki(Desk):
    """A wiki, and an editor who works with it and may delete."""

    drops = False

    def __init__(self, address: str, editor: httpx.Client, sessions: Path) -> None:
        """Take a running one."""
        self.address = address
        self.editor = editor
        self.sessions = sessions
        self.settings = {"address": f"{address}/api.php", "user": "Koe@koe"}
        self.token = self.signed_in()
        self.target = self.opened()

    def signed_in(self) -> str:
        """Sign the editor in, and return the token of their edits."""
        self.editor.cookies.clear()
        token = self.api(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        said = self.api(action="login", lgname="Agent@work", lgpassword=PASSWORD, lgtoken=token)
        assert said["login"]["result"] == "Success", said
        return str(self.api(action="query", meta="tokens")["query"]["tokens"]["csrftoken"])

    def end_sessions(self) -> None:
        """Let everybody's session end; only the editor signs in again."""
        with closing(sqlite3.connect(self.sessions, timeout=PATIENCE)) as kept, kept:
            ended = kept.execute("DELETE FROM objectcache WHERE keyname LIKE '%MWSession%'").rowcount
        assert ended
        self.token = self.signed_in()

    def opened(self, password: str = PASSWORD, **told: str) -> MediaWiki:
        """Return the target with other settings."""
        door = Http(private_hosts=("127.0.0.1",), seconds=PATIENCE, most_body=32 << 20)
        return MediaWiki.open({**self.settings, **told}, Means(http=door, secret=password))

    def there(self) -> Sequence[str]:
        return [page["pageid"] for page in self.pages(namespaces=(0, 4))]

    def title(self, reference: str) -> str:
        return self.full_title(reference).rpartition("/")[2]

    def full_title(self, reference: str) -> str:
        """Return a title with all that stands before it."""
        return str(self.page(reference)["title"])

    def text(self, reference: str) -> str:
        return str(self.page(reference)["revisions"][0]["slots"]["main"]["content"])

    def notes(self, reference: str) -> Sequence[str]:
        talk = self.page(reference)["associatedpage"]
        found = self.api(action="query", titles=talk, prop="revisions", rvprop="content", rvslots="main")
        page = found["query"]["pages"][0]
        text = "" if "missing" in page else page["revisions"][0]["slots"]["main"]["content"]
        return [part for part in text.split("== Koe ==") if part.strip()]

    def write(self, title: str, text: str) -> str:
        return str(self.act("edit", title=title, text=text)["edit"]["pageid"])

    def change(self, reference: str, text: str) -> None:
        self.act("edit", pageid=reference, text=text)

    def finish(self, reference: str) -> None:
        self.move(reference, self.title(reference))

    def move(self, reference: str, to: str, **said: str) -> None:
        """Give a page another title."""
        self.act("move", fromid=reference, to=to, **said)

    def remove(self, reference: str) -> None:
        self.act("delete", pageid=reference)

    def page(self, reference: str) -> dict[str, Any]:
        """Return a page with its text."""
        asked = {"prop": "info|revisions", "inprop": "associatedpage", "rvprop": "content", "rvslots": "main"}
        found: dict[str, Any] = self.api(action="query", pageids=reference, **asked)["query"]["pages"][0]
        return found

    def shown(self, reference: str) -> str:
        """Return the page as its readers get it."""
        return str(self.api(action="parse", pageid=reference, prop="text")["parse"]["text"])

    def parsed(self, reference: str) -> dict[str, Any]:
        """Return what acts in a page: its links, templates, categories and pictures."""
        asked = "links|externallinks|templates|categories|images|sections|properties|iwlinks"
        found: dict[str, Any] = self.api(action="parse", pageid=reference, prop=asked)["parse"]
        return found

    def pages(self, namespaces: Sequence[int], filters: str = "nonredirects") -> list[dict[str, str]]:
        """Return the pages of some namespaces."""
        found = []
        for number in namespaces:
            asked = {"list": "allpages", "apnamespace": str(number), "aplimit": "max"}
            pages = self.api(action="query", apfilterredir=filters, **asked)["query"]["allpages"]
            found += [{**page, "pageid": str(page["pageid"])} for page in pages]
        return found

    def act(self, action: str, **fields: str) -> dict[str, Any]:
        """Do something as the editor."""
        done = self.api(action=action, token=self.token, **fields)
        assert "error" not in done, done
        return done

    def api(self, **fields: str) -> dict[str, Any]:
        """Ask the API as the editor."""
        answer = self.editor.post(
            "/api.php", data={"format": "json", "formatversion": "2", **fields}, timeout=PATIENCE
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def clear(self) -> None:
        """Delete all pages."""
        for page in self.pages((0, 1, 4, 5, 14), filters="all"):
            self.remove(page["pageid"])


@contextmanager
def real_mediawiki(folder: Path) -> Iterator[RealMediaWiki]:
    """Run a wiki until the block ends, in an empty folder."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    for name in ("conf", "data", "cache", "images"):
        (folder / name).mkdir()
    environment = {**os.environ, "MW_CONFIG_FILE": str(folder / "conf" / "LocalSettings.php")}
    _set_up(folder, address, environment)
    serving = ["php", "-d", "memory_limit=512M", "-d", "display_errors=0", "-S", f"127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*serving, "-t", str(HOME)],
            env={**environment, "PHP_CLI_SERVER_WORKERS": "4"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until(lambda: _answers(address), within=PATIENCE)
        with httpx.Client(base_url=address, trust_env=False) as editor:
            yield RealMediaWiki(address, editor, folder / "data" / "wikicache.sqlite")
    finally:
        os.killpg(server.pid, 15)  # its workers are processes of their own
        server.wait(30)


def _set_up(folder: Path, address: str, environment: Mapping[str, str]) -> None:
    places = ["--confpath", str(folder / "conf"), "--dbpath", str(folder / "data")]
    kind = ["--dbtype", "sqlite", "--dbname", "koewiki", "--server", address, "--scriptpath", ""]
    unset = {name: value for name, value in environment.items() if name != "MW_CONFIG_FILE"}
    _php("install", *places, *kind, "--lang", "en", "--pass", PASSWORD, "Koe Wiki", "Admin", env=unset)
    with (folder / "conf" / "LocalSettings.php").open("a") as settings:
        settings.write(f"\n$wgCacheDirectory = '{folder / 'cache'}';\n")
        settings.write(f"$wgUploadDirectory = '{folder / 'images'}';\n")
    _php("createAndPromote", "Koe", PASSWORD, env=environment)
    _php("createAndPromote", "--sysop", "Agent", PASSWORD, env=environment)
    for user, appid in (("Koe", "koe"), ("Agent", "work")):
        _php("createBotPassword", "--appid", appid, "--grants", GRANTS[user], user, PASSWORD, env=environment)


def _php(name: str, *arguments: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        ["php", f"maintenance/{name}.php", *arguments],
        cwd=HOME,
        env=env,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api.php", trust_env=False, timeout=30).status_code == 200
    except httpx.TransportError:
        return False
