"""The router: which evidence leads to which action."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.routing import ACTIONS, ON_ARTICLES, Facts, is_solved, route


def facts(**changed: object) -> Facts:
    usual = {"people": 12, "items": 14, "kinds": {"pain_point": 10, "question": 4}}
    return Facts(**(usual | changed))  # type: ignore[arg-type]


def action(**changed: object) -> str:
    taken = route(facts(**changed))
    assert taken is not None
    return taken.action


MATCHING = {"article_id": "a1", "article_probability": 0.8}


def test_what_agents_call_a_bug_is_fixed() -> None:
    assert action(replied=10, known_bug=4, explained=3, with_status=10, solved=9) == "fix_product"


def test_what_customers_request_is_for_the_backlog() -> None:
    assert action(kinds={"request": 12, "question": 2}) == "fix_product"


def test_what_agents_explain_again_and_again_wants_an_article() -> None:
    assert action(replied=10, explained=9, with_status=14, solved=14) == "write_article"


def test_an_answer_that_exists_and_that_agents_link_to_wants_to_be_found() -> None:
    assert action(**MATCHING, replied=10, linked=6, explained=1) == "make_findable"


def test_an_article_that_agents_call_outdated_wants_an_edit() -> None:
    assert action(**MATCHING, replied=10, explained=8, outdated=3) == "edit_article"


def test_what_agents_write_again_although_an_article_says_it_wants_to_be_found() -> None:
    assert action(**MATCHING, replied=10, explained=8, repeated=7) == "make_findable"


def test_what_agents_add_to_an_article_belongs_into_it() -> None:
    assert action(**MATCHING, replied=10, explained=8, repeated=1) == "edit_article"


def test_two_replies_say_less_than_twenty() -> None:
    few, many = (route(facts(replied=n, explained=n)) for n in (2, 20))
    assert few is not None
    assert many is not None
    assert few.confidence < many.confidence


def test_an_article_after_which_customers_come_back_wants_an_edit() -> None:
    assert action(**MATCHING, replied=10, explained=6, repeat_rate=0.4) == "edit_article"


def test_a_page_that_agents_link_to_and_that_is_not_there_wants_to_be_written() -> None:
    some = {"article_id": "a1", "article_probability": 0.4}
    assert action(**some, replied=10, linked=8, explained=2) == "make_findable"
    assert action(**some, replied=10, linked=2, explained=6, gone=6) == "write_article"


def test_a_problem_that_agents_help_with_wants_no_fix_by_itself() -> None:
    assert action(kinds={"pain_point": 14}) == "fix_product"
    assert action(kinds={"pain_point": 14}, replied=9, explained=9) == "write_article"


def test_an_article_that_agents_answer_with_matches_whatever_its_words_are() -> None:
    taken = route(facts(article_id="a1", article_probability=0.1, replied=12, linked=10, linked_here=9))
    assert taken is not None
    assert (taken.action, taken.article_id) == ("make_findable", "a1")


def test_an_article_whose_readers_ask_all_the_same_wants_an_edit() -> None:
    linked = {**MATCHING, "replied": 10, "linked": 4, "linked_here": 4, "explained": 3}
    assert action(**linked, readers=40, came_back=0) == "make_findable"
    assert action(**linked, readers=40, came_back=12) == "edit_article"


def test_what_is_searched_for_and_not_found_wants_words_or_an_article() -> None:
    some = {"kinds": {"question": 12}, "replied": 10, "explained": 3}
    assert action(**MATCHING, **some, searched=40) == "make_findable"
    assert action(**some, searched=40) == "write_article"
    taken = route(facts(**some, searched=40))
    assert taken is not None
    assert {"code": "searched_in_vain", "items": 40} in taken.reasons


def test_two_articles_that_people_say_contradict_each_other_want_to_be_cleared_up() -> None:
    two = {**MATCHING, "other_article_id": "a2", "other_probability": 0.6}
    told = {"replied": 10, "explained": 6, "repeated": 3}
    assert action(**two, **told, contradicting=3) == "resolve_contradiction"
    assert action(**two, **told, contradicting=1) != "resolve_contradiction"
    assert action(**two, **told) != "resolve_contradiction"
    assert action(**MATCHING, **told, contradicting=3) != "resolve_contradiction"


def test_praise_and_chatter_want_nothing() -> None:
    assert action(kinds={"praise": 12, "other": 2}) == "no_action"


def test_too_few_voices_decide_nothing() -> None:
    assert route(facts(people=2, items=4)) is None
    assert route(facts(people=1, items=5)) is not None


def test_the_reasons_are_what_spoke_for_the_action_with_figures() -> None:
    taken = route(facts(replied=10, known_bug=5))
    assert taken is not None
    assert taken.reasons[0] == {"code": "known_bug", "items": 5, "share": 0.5}
    assert "questions" not in {reason["code"] for reason in taken.reasons}


def test_says_so_when_it_is_unsure() -> None:
    taken = route(facts(kinds={"pain_point": 14}))
    assert taken is not None
    assert taken.confidence < 0.5
    assert taken.reasons[-1]["code"] == "unsure"


@given(
    people=st.integers(0, 50),
    kinds=st.dictionaries(
        st.sampled_from(["pain_point", "question", "request", "praise", "other"]), st.integers(0, 50)
    ),
    probability=st.floats(0, 1),
    article=st.sampled_from([None, "a1"]),
    replied=st.integers(0, 20),
    known_bug=st.integers(0, 20),
)
def test_any_facts_give_one_action_with_reasons_or_none(
    people: int, kinds: dict[str, int], probability: float, article: str | None, replied: int, known_bug: int
) -> None:
    taken = route(
        facts(
            people=people,
            kinds=kinds,
            article_id=article,
            article_probability=probability if article else 0.0,
            replied=replied,
            known_bug=min(replied, known_bug),
        )
    )
    assert taken is not None
    assert taken.action in ACTIONS
    assert 0 < taken.confidence <= 1
    assert taken.reasons
    assert (taken.article_id is not None) == (taken.action in ON_ARTICLES)


@pytest.mark.parametrize(
    ("status", "solved"), [("Solved", True), ("解決済み", True), ("open", False), (None, False)]
)
def test_knows_what_solved_means(status: str | None, solved: bool) -> None:  # noqa: FBT001  a parameter
    assert is_solved(status, None) is solved
