"""Where a model's weights lie, whether they are the ones that were meant, and how they are read."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlp.errors import ModelMissing

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PROBE = "声"
PROCESSOR = Path("/proc/cpuinfo")
BFLOAT16 = {"GenuineIntel": "amx_bf16", "AuthenticAMD": "avx512_bf16"}
"""The feature with which a maker's processors multiply bfloat16 faster than float32. With AMX it takes a
sixth of the time, with AMD's `avx512_bf16` half (an EPYC, 6.7 ms for 13.9). With Intel's `avx512_bf16` alone
it took 2.7 times as long (torch 2.13, AMX switched off)."""


def multiplies_bfloat16() -> bool:
    """Return whether this processor multiplies matrices of bfloat16 faster than those of float32."""
    if not PROCESSOR.is_file():
        return False
    found = dict(line.split(":", 1) for line in PROCESSOR.read_text().splitlines() if ":" in line)
    said = {name.strip(): value.strip() for name, value in found.items()}
    return BFLOAT16.get(said.get("vendor_id", "")) in said.get("flags", "").split()


def folder_of(model: str) -> Path | None:
    """Return the folder that `model` names, or None where it is a name at the model hub.

    Raises ModelMissing if it is written like a path and no folder is there.
    """
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise ModelMissing(f"There is no model folder at {path}.")
    return None


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(folder: Path) -> str:
    """Return 12 characters that change with anything in a model's folder: names, settings and weights."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    listed = "\n".join(f"{path.relative_to(folder).as_posix()} {digest_of(path)}" for path in files)
    return hashlib.sha256(listed.encode()).hexdigest()[:12]


def read_model(model: str, folder: Path | None, *, half: bool) -> SentenceTransformer:
    """Read a model onto the processor; with `half` its transformer, if it has one, is turned into bfloat16.

    A folder is read without any network, and so is a name that was fetched before. Raises ModelMissing
    if there is no such model, if it cannot be fetched, or if what is there is no such model.
    """
    with _nothing_thrown_away():
        return _read(model, folder, half=half)


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Look for no garbage meanwhile: the libraries leave a million things, all of which stay."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _read(model: str, folder: Path | None, *, half: bool) -> SentenceTransformer:
    # Heavy, and only embedding needs them: the other commands start without torch.
    import torch
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = _from_folder(folder) if folder else _from_hub(model)
        _try(loaded)
    except Exception as error:  # other people's files break the library in every way
        first_line = str(error).strip().partition("\n")[0]
        raise ModelMissing(
            f"The model {model} could not be loaded: {first_line or type(error).__name__}"
        ) from error
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    if half and loaded.transformers_model is not None:
        loaded[0].to(torch.bfloat16)
    return loaded.eval()


def _try(loaded: SentenceTransformer) -> None:
    """Let a model read a word. Raises ValueError where its parts do not fit, or its weights are broken."""
    vector = np.asarray(loaded.encode(PROBE, show_progress_bar=False), np.float32)
    said = loaded.get_embedding_dimension()
    if vector.shape != (said,):
        raise ValueError(f"its settings say {said} dimensions, and its vectors have {vector.shape[-1]}")
    if not np.isfinite(vector).all():
        raise ValueError("its vectors are no numbers; its weights are broken")


def _from_folder(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _from_hub(model: str) -> SentenceTransformer:
    """Read a model that was fetched before; fetch it only where it was not."""
    from huggingface_hub import snapshot_download
    from sentence_transformers import SentenceTransformer

    name, _, revision = model.partition("@")
    try:
        return SentenceTransformer(name, revision=revision or None, device="cpu", local_files_only=True)
    except OSError:
        # Its small files first: without a network this fails at once, where the library tries for a minute.
        snapshot = snapshot_download(name, revision=revision or None, allow_patterns=["*.json"])
        return SentenceTransformer(name, revision=Path(snapshot).name, device="cpu")
