"""Lists the licence of every installed package, and fails on one that must not be shipped."""

import importlib.metadata
import re
import sys

FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )\b(AGPL|GPL|GNU (Affero )?General Public)", re.IGNORECASE)
DUAL = re.compile(r"\b(MIT|BSD|Apache|MPL|LGPL|Lesser)\b", re.IGNORECASE)


def licence(package: importlib.metadata.Distribution) -> str:
    """Return what the package's metadata say about its licence, in one line."""
    metadata = package.metadata
    classifiers = [
        c.split("::")[-1].strip() for c in metadata.get_all("Classifier") or [] if c.startswith("License")
    ]
    expression = [*(metadata.get_all("License-Expression") or []), "; ".join(classifiers)]
    stated = next(filter(None, [*expression, *(metadata.get_all("License") or [])]), "not stated")
    return " ".join(stated.split())[:90]


def main() -> int:
    """Print a line a package; return 1 if one of them is GPL or AGPL alone."""
    found = {package.metadata["Name"]: licence(package) for package in importlib.metadata.distributions()}
    bad = {name: text for name, text in found.items() if FORBIDDEN.search(text) and not DUAL.search(text)}
    if "--list" in sys.argv or bad:
        for name in sorted(found, key=str.lower):
            sys.stdout.write(f"{'!' if name in bad else ' '} {name:32} {found[name]}\n")
    sys.stdout.write(f"licences: {len(found)} packages, {len(bad)} with GPL or AGPL\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
