"""Links of voices: which shut each other out, however they are chained, and whatever was asked before."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from service.rules.links import Links

Said = tuple[str, list[str]]
SPANS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=4, unique=True)
SAID = st.lists(st.tuples(st.sampled_from(("must_link", "cannot_link")), SPANS), max_size=12)


def contradicts(said: Sequence[Said]) -> bool:
    """Say, the long way, whether some two that must not be together are led together by the others."""
    groups = {span: {span} for span in "abcdefgh"}
    for op, spans in said:
        if op == "must_link":
            whole = set[str]().union(*(groups[span] for span in spans))
            groups |= dict.fromkeys(whole, whole)
    return any(
        len({id(groups[span]) for span in spans}) < len(spans) for op, spans in said if op == "cannot_link"
    )


@given(SAID)
def test_a_link_is_refused_just_where_it_and_those_that_hold_contradict_each_other(said: list[Said]) -> None:
    links, held = Links(), list[Said]()
    for number, (op, spans) in enumerate(said):
        refused = links.against(op, spans) is not None
        assert refused == contradicts([*held, (op, spans)])
        if not refused:
            links.add(str(number), op, spans)
            held.append((op, spans))


def test_the_first_link_that_stands_against_one_is_named() -> None:
    links = Links()
    for name, spans in (("1", "ab"), ("2", "bc"), ("3", "xy")):
        links.add(name, "must_link", list(spans))
    assert links.against("cannot_link", ["x", "a", "c"]) == "1"
    assert links.against("cannot_link", ["y", "a"]) is None
    links.add("4", "cannot_link", ["x", "a"])
    assert links.against("must_link", ["y", "c"]) == "4"


def test_the_ends_of_a_chain_of_ten_thousand_belong_together() -> None:
    links = Links()
    chain = [f"{number:05}" for number in range(10_000)]
    links.add("long", "must_link", chain)
    assert links.against("cannot_link", [chain[0], chain[-1]]) == "long"
    assert links.against("cannot_link", [chain[0], "x"]) is None
