"""Finds the Chromium that pages are looked at with."""

import os
import shutil
from pathlib import Path

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without windows: a page takes half the processor time that it takes in one with hidden windows."""
NAMES = (*SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> Path | None:
    """Return the program that `KOE_TEST_CHROMIUM` names, or the first of the known ones; None without any."""
    named = os.environ.get("KOE_TEST_CHROMIUM")
    return next((Path(path) for path in map(shutil.which, (named,) if named else NAMES) if path), None)
