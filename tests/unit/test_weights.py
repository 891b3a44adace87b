"""Which processors multiply bfloat16 faster than float32."""

from pathlib import Path

import pytest

from nlp.embedders import weights


@pytest.mark.parametrize(
    ("vendor", "flags", "faster"),
    [
        ("GenuineIntel", "fpu avx512_bf16 amx_bf16 amx_tile", True),
        ("GenuineIntel", "fpu avx512f avx512_bf16", False),
        ("AuthenticAMD", "fpu avx512f avx512_bf16", True),
        ("AuthenticAMD", "fpu avx2", False),
        ("Unheard", "fpu avx512_bf16 amx_bf16", False),
    ],
)
def test_bfloat16_is_used_where_it_is_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str, flags: str, *, faster: bool
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: {flags}\n\npower management:\n")
    monkeypatch.setattr(weights, "PROCESSOR", file)
    assert weights.multiplies_bfloat16() is faster


def test_a_processor_that_tells_nothing_reads_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "PROCESSOR", tmp_path / "none")
    assert not weights.multiplies_bfloat16()
    (tmp_path / "none").write_text("Hardware: BCM2835\nFeatures: half thumb\n")
    assert not weights.multiplies_bfloat16()
