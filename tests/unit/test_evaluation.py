"""How groups are compared with labels."""

import numpy as np
import pytest

from nlp.clusterers import ExactClusterer
from nlp.embedders import Embedders, HashingEmbedder
from nlp.evaluation import compare, evaluate


class TestCompare:
    def test_the_same_partition_is_perfect_whatever_its_numbers(self) -> None:
        found = compare(["a", "a", "b", "c"], [7, 7, 0, 3])
        assert (found.v_measure, found.ari, found.nmi, found.accuracy) == pytest.approx((1, 1, 1, 1))
        assert (found.rows, found.labels, found.themes) == (4, 3, 3)

    def test_rows_of_no_theme_count_as_one_more_group(self) -> None:
        left_out = compare(["a", "a", "b", "b"], [0, 0, None, None])
        assert left_out.v_measure == pytest.approx(1)
        assert left_out.coverage == 0.5
        assert left_out.themes == 1
        hidden = compare(["a", "a", "b", "b", "c", "c"], [0, 0, None, None, None, None])
        assert hidden.v_measure < 1
        assert hidden.accuracy == pytest.approx(4 / 6)

    def test_accuracy_lets_each_theme_stand_for_one_label_only(self) -> None:
        assert compare(["a", "a", "a", "a"], [0, 0, 1, 1]).accuracy == 0.5
        assert compare(["a", "a", "b", "b"], [0, 0, 0, 0]).accuracy == 0.5

    def test_the_largest_theme_is_a_share_of_all_rows(self) -> None:
        assert compare(["a"] * 10, [0] * 4 + [1] * 3 + [None] * 3).largest == 0.4

    def test_nothing_themed_is_no_error(self) -> None:
        found = compare(["a", "b"], [None, None])
        assert (found.themes, found.coverage, found.largest) == (0, 0, 0)

    @pytest.mark.parametrize(("labels", "groups"), [([], []), (["a"], [0, 1])])
    def test_refuses_what_does_not_pair(self, labels: list[str], groups: list[int | None]) -> None:
        with pytest.raises(ValueError, match="one a row"):
            compare(labels, groups)


class TestEvaluate:
    TEXTS = ("Where is my card?", "where is my card?", "ログインできない", "ログインできない")

    def test_embeds_groups_and_compares(self) -> None:
        found = evaluate(self.TEXTS, ["card", "card", "login", "login"], HashingEmbedder(), ExactClusterer())
        assert found.v_measure == pytest.approx(1)

    def test_groups_of_two_embedders_stay_apart(self) -> None:
        embedders = Embedders(default=HashingEmbedder(), by_language={"ja": HashingEmbedder(dimensions=512)})
        found = evaluate(self.TEXTS, ["card", "card", "login", "login"], embedders, ExactClusterer())
        assert found.themes == 2
        assert np.isclose(found.ari, 1)

    def test_refuses_texts_without_labels(self) -> None:
        with pytest.raises(ValueError, match="4 texts and 1 labels"):
            evaluate(self.TEXTS, ["card"], HashingEmbedder(), ExactClusterer())
