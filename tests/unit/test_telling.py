"""How the command line speaks."""

import io
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console as RichConsole

from service.console import Console, harmless
from service.ending import TOLD_TO_STOP, until_told_to_stop
from service.errors import Unavailable, WrongUse
from service.pipeline import preview
from service.pipeline.run import STAGES
from service.telling import DEALT_WITH, Outcome, took, why


def written(columns: Sequence[str], rows: Sequence[Sequence[object]], *, width: int) -> list[str]:
    out = RichConsole(file=io.StringIO(), width=width, force_terminal=False)
    Console(out=out).table(columns, rows)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().splitlines()


def came(*, set_aside: int = 0, with_content: int = 0, themed: int = 0, themes: int = 0) -> Outcome:
    return Outcome(
        run_id=None,
        themes=themes,
        items=set_aside + with_content,
        set_aside=set_aside,
        ignored=0,
        with_content=with_content,
        themed=themed,
        themed_share=themed / with_content if with_content else None,
        largest_themes=[],
    )


class TestTables:
    ROWS = (
        (1_234, "pain point", "社員の有給残日数が実際より2日多く表示されているので直してほしい"),
        (5, "question", "Which time zone does the report use when it is exported by somebody else"),
    )

    def test_wide_titles_stay_in_their_column(self) -> None:
        lines = written(("voices", "kind", "theme"), self.ROWS, width=50)
        assert max(map(cell_len, lines)) <= 50
        column = lines[0].index("theme")
        assert lines[1].startswith(" 1,234  pain point  社員")
        assert all(not line[:column].strip() for line in lines[2:] if not line[:6].strip())

    def test_where_nothing_wraps_each_row_is_a_line(self) -> None:
        assert len(written(("voices", "kind", "theme"), self.ROWS, width=10_000)) == 3


class TestHarmless:
    def test_words_of_customers_cannot_steer_a_terminal(self) -> None:
        assert harmless("\x1b]0;mine\x07 \x1b[2J \x9b1m \u202egnp") == "�]0;mine� �[2J �1m �gnp"

    def test_lines_tabs_and_every_script_stay(self) -> None:
        assert harmless("声\tvoice\n👩‍💻 é") == "声\tvoice\n👩‍💻 é"

    def test_bytes_that_are_no_text_can_be_written(self) -> None:
        harmless("\udcff.csv").encode()


class TestOutcome:
    @pytest.mark.parametrize(
        ("outcome", "sentence"),
        [
            (came(), "There is nothing to read yet."),
            (came(set_aside=3), "3 voices came in, without anything to read."),
            (
                came(with_content=1),
                "No theme was found in 1 voice with content. A theme is what several voices say alike.",
            ),
            (
                came(with_content=10_020, themed=8_571, themes=143),
                "8,571 of 10,020 voices with content (86%) are in 143 themes.",
            ),
            (
                came(with_content=4, themed=1, themes=1, set_aside=2),
                "1 of 4 voices with content (25%) is in 1 theme; 2 more hold nothing to read.",
            ),
        ],
    )
    def test_one_sentence_says_what_a_run_came_to(self, outcome: Outcome, sentence: str) -> None:
        assert outcome.sentence() == sentence

    def test_the_next_command_is_named(self) -> None:
        assert came().next_command().startswith("koe import feedback")
        assert came(with_content=4, themed=4, themes=1).next_command() == "koe up"

    def test_every_stage_says_what_it_counts(self) -> None:
        assert set(DEALT_WITH) == {*STAGES, preview.STAGE}

    @pytest.mark.parametrize(
        ("seconds", "said"),
        [(0.04, "It took 0.0 s."), (59.4, "It took 59.4 s."), (61, "It took 1 min 1 s.")],
    )
    def test_times_are_told_in_minutes_and_seconds(self, seconds: float, said: str) -> None:
        assert took(seconds) == said


class TestWhy:
    def test_the_exit_status_follows_from_the_error(self) -> None:
        assert why(WrongUse("so not")) == ("so not", 2)
        assert why(Unavailable("not there")) == ("not there", 1)
        assert why(FileNotFoundError(2, "No such file", "x.csv")) == ("[Errno 2] No such file: 'x.csv'", 1)

    def test_of_a_mistake_of_ours_the_place_is_told_and_no_word_of_a_customer(self) -> None:
        nothing: dict[str, str] = {}
        try:
            nothing["my number is 090-1234-5678"]
        except KeyError as error:
            reason, status = why(error)
        assert status == 1
        assert "KeyError in test_telling.py" in reason
        assert "090" not in reason
        assert "\n" not in reason


def test_to_be_told_to_stop_is_a_good_end_and_any_other_exit_is_none() -> None:
    for status in TOLD_TO_STOP:
        with until_told_to_stop():
            raise SystemExit(status)
    with pytest.raises(SystemExit), until_told_to_stop():
        raise SystemExit(1)
