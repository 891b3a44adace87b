"""A Request Tracker on this machine: Debian's package over a database of its own, as its people use it."""

import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import until

SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SET_UP = Path("/usr/sbin/rt-setup-database-5")
MAIL_GATE = Path("/usr/bin/rt-mailgate-5")
MISSING = "Request Tracker 5 is not installed; docs/acceptance.md says how to install Debian's package of it"
PATIENCE = 180
"""Seconds that a command or an answer may take on a busy machine."""

CONFIGURATION = """
Set($rtname, 'koe.test'); Set($Organization, 'koe.test');
Set($WebDomain, '127.0.0.1'); Set($WebPort, @PORT); Set($WebPath, '');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '@FOLDER/rtdb');
Set($MasonDataDir, '@FOLDER/mason'); Set($MasonSessionDir, '@FOLDER/session');
Set($LogToSyslog, undef); Set($LogToSTDERR, 'warning'); Set($MailCommand, 'testfile');
1;
"""
PEOPLE = """
use strict; use lib '/usr/share/request-tracker5/lib'; use RT -init; use JSON;
my $queue = RT::Queue->new(RT->SystemUser); $queue->Load('General'); my %tokens;
sub add {
    my ($name, $zone, @rights) = @_;
    my $user = RT::User->new(RT->SystemUser);
    my ($id, $why) = $user->Create(
        Name => $name, EmailAddress => "$name\\@koe.test", Privileged => 1, Timezone => $zone);
    die $why unless $id;
    $user->PrincipalObj->GrantRight(Right => $_, Object => $queue) for @rights;
    my $token = RT::AuthToken->new(RT->SystemUser);
    ($id, $why, $tokens{$name}) = $token->Create(Owner => $user->id, Description => 'test');
}
my @reading = qw(SeeQueue ShowTicket ShowTicketComments);
add('koe', 'Asia/Tokyo', @reading);
add('agent', 'America/New_York', @reading,
    qw(CreateTicket ReplyToTicket CommentOnTicket ModifyTicket DeleteTicket));
my $everyone = RT::Group->new(RT->SystemUser); $everyone->LoadSystemInternalGroup('Everyone');
$everyone->PrincipalObj->GrantRight(Right => $_, Object => $queue) for qw(CreateTicket ReplyToTicket);
print encode_json(\\%tokens);
"""
"""Koe's user may see comments, so that it is Koe that leaves them out."""
SCRIP = """
use strict; use lib '/usr/share/request-tracker5/lib'; use RT -init;
local $/; my $code = <STDIN>;
my ($id, $why) = RT::Scrip->new(RT->SystemUser)->Create(Description => 'Tell Koe', Queue => 0,
    Stage => 'TransactionBatch', ScripCondition => 'On Transaction', ScripAction => 'User Defined',
    Template => 'Blank', CustomPrepareCode => 'return 1;', CustomCommitCode => $code);
die $why unless $id;
"""


def is_installed() -> bool:
    """Say whether all that is needed is here."""
    return all(path.exists() for path in (SERVER, SET_UP, MAIL_GATE))


class Tracker:
    """A Request Tracker, and an agent who works with it."""

    def __init__(self, folder: Path, port: int) -> None:
        """Set up an empty one in an empty folder that others can pass."""
        self.address = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._user = pwd.getpwnam("www-data") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name in ("configuration", "mason", "session", "outbox"):
            (folder / name).mkdir()
        (folder / "none.pm").write_text("1;")
        configured = CONFIGURATION.replace("@FOLDER", str(folder)).replace("@PORT", str(port))
        (folder / "configuration" / "10.pm").write_text(configured)
        if os.geteuid() == 0:
            owner = f"{self._user.pw_uid}:{self._user.pw_gid}"
            subprocess.run(["chown", "-R", owner, str(folder)], check=True)
        self._run(str(SET_UP), "--action", "init", "--skip-create")
        self.tokens: dict[str, str] = json.loads(self._run("perl", "-e", PEOPLE))
        listening = ("--host", "127.0.0.1", "--port", str(port), "--server", "Starlet", "--max-workers", "2")
        with (folder / "log").open("wb") as log:
            self._server = subprocess.Popen([SERVER, *listening], stderr=log, **self._options())
        self._agent = httpx.Client(
            base_url=f"{self.address}/REST/2.0",
            headers={"authorization": f"token {self.tokens['agent']}"},
            timeout=PATIENCE,
            trust_env=False,
        )
        try:
            until(self._answers, within=PATIENCE)
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        """End it."""
        self._agent.close()
        self._server.terminate()
        self._server.wait(PATIENCE)

    def add_scrip(self, code: str) -> None:
        """Have it run code after each change of a ticket, as an administrator would set it up."""
        self._run("perl", "-e", SCRIP, given=code)

    def create(self, subject: str, requestor: str, text: str, *, kind: str = "text/plain") -> str:
        """Write down what a customer says, and return the number of the ticket."""
        told = {"Queue": "General", "Subject": subject, "Requestor": requestor}
        made = self._ask("POST", "/ticket", {**told, "Content": text, "ContentType": kind})
        return str(made.json()["id"])

    def answer(self, number: str, text: str, *, kind: str = "text/html") -> None:
        """Write to the customer."""
        self._ask("POST", f"/ticket/{number}/correspond", {"Content": text, "ContentType": kind})

    def comment(self, number: str, text: str) -> None:
        """Write to colleagues alone."""
        self._ask("POST", f"/ticket/{number}/comment", {"Content": text, "ContentType": "text/plain"})

    def change(self, number: str, **fields: str) -> None:
        """Change a ticket. RT refuses with 200 and a sentence, so a new status is looked up."""
        self._ask("PUT", f"/ticket/{number}", fields)
        if "Status" in fields:
            assert self._ask("GET", f"/ticket/{number}").json()["Status"] == fields["Status"]

    def receive(self, mail: bytes) -> None:
        """Take in a mail of a customer, as a mail server hands it over."""
        self._run(
            str(MAIL_GATE),
            *("--url", self.address, "--queue", "General", "--action", "correspond"),
            given=mail,
        )

    def version(self) -> str:
        """Return which one it is."""
        return str(self._ask("GET", "/rt").json()["Version"])

    def _answers(self) -> bool:
        assert self._server.poll() is None, (self._folder / "log").read_text("utf-8", "replace")
        try:
            return self._agent.get("/rt").status_code == 200
        except httpx.TransportError:
            return False

    def _ask(self, method: str, path: str, content: object = None) -> httpx.Response:
        answer = self._agent.request(method, path, json=content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def _run(self, *command: str, given: str | bytes = b"") -> str:
        sent = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            command, input=sent, capture_output=True, timeout=PATIENCE, check=False, **self._options()
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return str(done.stdout, "utf-8")

    def _options(self) -> dict[str, Any]:
        """Return as whom it runs, and where; mail that it would send stays in its folder."""
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder / "outbox"),
            "RT_SITE_CONFIG": str(self._folder / "none.pm"),
            "RT_SITE_CONFIG_DIR": str(self._folder / "configuration"),
        }
        ids = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return {"cwd": self._folder, "env": environment, **(ids if os.geteuid() == 0 else {})}
