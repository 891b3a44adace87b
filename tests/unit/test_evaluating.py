"""Labelled files, what is found in them, and the baseline that figures are held against."""

from pathlib import Path

import pytest

from connectors.errors import Unreadable
from nlp.clusterers import ExactClusterer
from nlp.embedders import Embedders, HashingEmbedder
from nlp.labelers import PhraseLabeler
from service import evaluating
from service.errors import WrongUse
from service.evaluating import Baseline, read_baseline, read_labelled, write_baseline
from service.models import Target
from service.pipeline.run import Ports


def nowhere(target: Target) -> None:
    raise AssertionError(f"nothing is delivered to {target.name} here")


PORTS = Ports(
    embedders=Embedders(default=HashingEmbedder()),
    clusterer=ExactClusterer(),
    labeler=PhraseLabeler(),
    connect=nowhere,  # type: ignore[arg-type]
)


def labelled(path: Path, *rows: str) -> evaluating.LabelledFile:
    path.write_text("said,what\n" + "\n".join(rows), "utf-8")
    return read_labelled(path, text="said", label="what")


def test_rows_without_a_text_or_a_label_are_left_out_and_lines_are_those_of_the_file(tmp_path: Path) -> None:
    file = labelled(tmp_path / "set.csv", "a,x", ",x", "b,", "c,y")
    assert (file.texts, file.labels, file.lines) == (("a", "c"), ("x", "y"), (2, 5))


def test_confusions_name_labels_themes_and_lines(tmp_path: Path) -> None:
    rows = ["my card is lost,a"] * 4 + ["another thing,b"] * 4 + ["my card is lost,b"]
    found = evaluating.measure(labelled(tmp_path / "set.csv", *rows), PORTS, seed=0, most=5)
    [mixed], [scattered] = found.mixed, found.scattered
    assert (dict(mixed.labels), found.lines(mixed.examples)) == ({"a": 4, "b": 1}, [10])
    assert found.title(mixed.theme) is not None
    assert [rows for _, rows in scattered.themes] == [4, 1]
    assert found.title(None) is None


def test_personal_data_is_taken_out_as_in_a_run(tmp_path: Path) -> None:
    file = labelled(tmp_path / "set.csv", *["write to jane.doe@example.com,a"] * 4, "another thing,b")
    assert file.texts[0] == "write to [email]"
    assert "jane" not in str(evaluating.measure(file, PORTS, seed=0, most=5).titles)


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        ("said,what\n", WrongUse, "no row with both"),
        ("said,what\na,x\nb,x\n", WrongUse, "the same what"),
        ("words,what\na,x\n", WrongUse, "no column said; it has words, what"),
        ("", Unreadable, "is empty"),
        ("%PDF-1.7", Unreadable, "a PDF"),
    ],
)
def test_a_file_that_tells_nothing_is_refused_with_its_reason(
    tmp_path: Path, content: str, error: type[Exception], reason: str
) -> None:
    path = tmp_path / "set.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(error, match=reason):
        read_labelled(path, text="said", label="what")


class TestBaseline:
    BASELINE = Baseline(figures={"set.csv": {"ari": 0.5, "coverage": 0.9}}, rows={"set.csv": "abc"})

    def test_it_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        write_baseline(tmp_path / "b.json", self.BASELINE, clusterer="exact")
        assert read_baseline(tmp_path / "b.json") == self.BASELINE

    def test_only_what_fell_by_more_than_the_margin_is_worse(self) -> None:
        now = {"ari": 0.48, "coverage": 0.895, "accuracy": 0.1}
        changes = self.BASELINE.changes("set.csv", now, margin=0.01)
        assert [(one.figure, one.worse) for one in changes] == [("ari", True), ("coverage", False)]
        assert not any(one.worse for one in self.BASELINE.changes("set.csv", now, margin=0.03))

    def test_a_set_that_it_does_not_know_is_held_against_nothing(self) -> None:
        evaluating.check(self.BASELINE, "other.csv", "xyz")
        assert self.BASELINE.changes("other.csv", {"ari": 0.1}, margin=0.01) == []

    def test_figures_of_other_sets_stay_beside_new_ones(self) -> None:
        held = evaluating.hold("other.csv", "x", {"ari": 1}, self.BASELINE, margin=0.01)
        added = evaluating.added(self.BASELINE, [held])
        assert added.figures == {**self.BASELINE.figures, "other.csv": {"ari": 1}}
        assert added.rows == {"set.csv": "abc", "other.csv": "x"}

    def test_other_rows_are_no_comparison(self) -> None:
        evaluating.check(self.BASELINE, "set.csv", "abc")
        with pytest.raises(WrongUse, match="other rows"):
            evaluating.check(self.BASELINE, "set.csv", "abd")

    @pytest.mark.parametrize(
        "content", ["", "[]", '{"sets": 3}', '{"sets": {"a": {"rows": 1}}}', '{"sets": {"a": 1}}', "\x00"]
    )
    def test_a_file_that_is_none_is_refused(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "b.json").write_text(content, "utf-8")
        with pytest.raises(WrongUse, match="is no baseline"):
            read_baseline(tmp_path / "b.json")
