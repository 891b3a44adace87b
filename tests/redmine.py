"""A Redmine on this machine: Debian's package over a database of its own, as its people use it."""

import json
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from connectors.http import Http
from connectors.ports import Means
from connectors.targets.redmine import Redmine
from tests.contract.target_exam import Desk
from tests.waiting import until

HOME = Path("/usr/share/redmine")
MADE = Path("/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default")
"""The empty database that the package has made."""
MISSING = "Redmine is not installed; docs/acceptance.md says how to install Debian's package of it"
PATIENCE = 180
"""Seconds that a command or an answer may take on a busy machine."""
PROJECT = "koe-backlog"
SEED = """
Setting.rest_api_enabled = '1'
p = Project.new(identifier: 'koe-backlog', name: 'Koe', is_public: false)
p.enabled_module_names = %w[issue_tracking]; p.trackers = Tracker.all; p.save!
other = Project.new(identifier: 'elsewhere', name: 'Elsewhere', is_public: false)
other.enabled_module_names = %w[issue_tracking]; other.trackers = Tracker.all; other.save!
f = IssueCustomField.new(name: 'Severity', field_format: 'string', is_required: true)
f.trackers = Tracker.all; f.projects = [p, other]; f.save!
def add(login, projects, role)
  u = User.new(login: login, firstname: login, lastname: 'Test', mail: login + '@koe.test')
  u.password = u.password_confirmation = 'a-long-password-1'; u.save!
  projects.each { |p| Member.create!(project: p, principal: u, roles: [Role.find_by!(name: role)]) }
  u.api_key
end
closed, rejected = %w[Closed Rejected].map { |name| IssueStatus.find_by!(name: name).id }
puts({koe: add('koe', [p, other], 'Reporter'), agent: add('agent', [p, other], 'Manager'),
      closed: closed, rejected: rejected}.to_json)
"""


def is_installed() -> bool:
    """Say whether all that is needed is here."""
    return (HOME / "bin" / "rails").exists() and MADE.exists() and shutil.which("puma") is not None


class RealRedmine(Desk):
    """A Redmine, and a manager who works with it."""

    def __init__(self, address: str, people: dict[str, str]) -> None:
        """Take a running one with the people of its seed."""
        self.address = address
        self.people = people
        self.manager = httpx.Client(
            base_url=address,
            headers={"X-Redmine-API-Key": people["agent"]},
            trust_env=False,
            timeout=PATIENCE,
        )
        self.told = {
            "address": address,
            "project": PROJECT,
            "tracker": "Feature",
            "fields": "Severity=High",
        }
        self.target = self.opened()

    def opened(self, key: str | None = None, **told: str) -> Redmine:
        """Return the target with other settings."""
        door = Http(private_hosts=("127.0.0.1",), seconds=PATIENCE, most_body=32 << 20)
        return Redmine.open({**self.told, **told}, Means(http=door, secret=key or self.people["koe"]))

    def there(self) -> Sequence[str]:
        found = self.manager.get("/issues.json", params={"status_id": "*", "sort": "id", "limit": 100})
        return [str(issue["id"]) for issue in found.json()["issues"]]

    def title(self, reference: str) -> str:
        return str(self.issue(reference)["subject"])

    def text(self, reference: str) -> str:
        return str(self.issue(reference)["description"])

    def notes(self, reference: str) -> Sequence[str]:
        journals = self.issue(reference)["journals"]
        assert isinstance(journals, list)
        return [each["notes"] for each in journals if each["notes"]]

    def write(self, title: str, text: str) -> str:
        issue = {
            "project_id": PROJECT,
            "subject": title,
            "description": text,
            "custom_fields": [{"id": 1, "value": "Low"}],
        }
        made = self.manager.post("/issues.json", json={"issue": issue})
        assert made.status_code == 201, made.text
        return str(made.json()["issue"]["id"])

    def change(self, reference: str, text: str) -> None:
        self.put(reference, description=text)

    def finish(self, reference: str) -> None:
        self.put(reference, status_id=self.people["closed"])

    def drop(self, reference: str) -> None:
        self.put(reference, status_id=self.people["rejected"])

    def remove(self, reference: str) -> None:
        self.manager.delete(f"/issues/{reference}.json").raise_for_status()

    def put(self, reference: str, **changed: object) -> None:
        """Change an issue."""
        self.manager.put(f"/issues/{reference}.json", json={"issue": changed}).raise_for_status()

    def issue(self, reference: str) -> dict[str, object]:
        """Return an issue as the API tells it."""
        found = self.manager.get(f"/issues/{reference}.json", params={"include": "journals"})
        found.raise_for_status()
        issue = found.json()["issue"]
        assert isinstance(issue, dict)
        return issue

    def page(self, reference: str) -> str:
        """Return the page of an issue as a browser gets it."""
        return self.manager.get(f"/issues/{reference}").text

    def clear(self) -> None:
        """Delete all issues."""
        for reference in self.there():
            self.remove(reference)


@contextmanager
def real_redmine(folder: Path) -> Iterator[RealRedmine]:
    """Run a Redmine with one empty project until the block ends, in an empty folder that others can pass."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    database = folder / "redmine.db"
    shutil.copy(MADE, database)
    user = pwd.getpwnam("www-data") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    for path in (folder, database):
        shutil.chown(path, user.pw_uid, user.pw_gid)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "RAILS_ENV": "production",
        "DATABASE_URL": f"sqlite3:{database}?timeout=30000",
        "RAILS_LOG_TO_STDOUT": "1",
    }
    uid, gid = (user.pw_uid, user.pw_gid) if os.geteuid() == 0 else (None, None)
    seed = folder / "seed.rb"
    seed.write_text(SEED)
    seeded = subprocess.run(
        ["bin/rails", "runner", str(seed)],
        cwd=HOME,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        user=uid,
        group=gid,
        check=False,
    )
    assert seeded.returncode == 0, seeded.stderr.decode()
    people = {name: str(value) for name, value in json.loads(seeded.stdout.splitlines()[-1]).items()}
    command = ["puma", "-C", "-", "-b", f"tcp://127.0.0.1:{port}", "-t", "1:4", "config.ru"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=HOME, env=environment, stdout=log, stderr=log, user=uid, group=gid
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(address), within=PATIENCE)
        running = RealRedmine(address, people)
        with running.manager:
            yield running
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/login", trust_env=False, timeout=30).status_code == 200
    except httpx.TransportError:
        return False
