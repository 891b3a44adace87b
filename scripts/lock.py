"""Writes the lock files from pyproject.toml; needs `uv` on the PATH. Run by `make lock`.

torch and what only its CUDA build needs stay out: `scripts/setup.py` installs torch by itself, in its
CPU build. ja-ginza is added by hand: Koe reads its word vectors and never its code, so what it asks
for (spaCy and an older SudachiPy) is not installed.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEFT_OUT = re.compile(r"^(torch|triton|nvidia-|cuda-)")
VECTORS_ONLY = "ja-ginza==5.3.0 --hash=sha256:{}\n"
JA_GINZA_SHA256 = "ac6479a805c5c5c23c270554934c1c1f344039560ef3a7e4b15a4275bea3c685"


def compile_lock(name: str, *options: str) -> None:
    """Write `name` with every package pinned and hashed, for Python 3.11 on any system."""
    command = ["uv", "pip", "compile", "--quiet", "--python-version", "3.11", "--universal"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
    command += ["--no-emit-find-links", "pyproject.toml", *options]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    kept = [entry for entry in entries if not LEFT_OUT.match(entry)]
    kept.append(VECTORS_ONLY.format(JA_GINZA_SHA256).strip())
    (ROOT / name).write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    compile_lock("requirements.lock", "--extra", "oidc")
    compile_lock("requirements-dev.lock", "--extra", "dev", "--constraint", "requirements.lock")
