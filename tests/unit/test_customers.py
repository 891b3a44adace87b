"""One person is one customer, whatever sources call them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from service.rules.customers import Joined, Name, join, names_of

OWN = st.sampled_from(["c-1", "c-2", "c-3"])
SOURCE = st.sampled_from(["desk/1", "desk/2", "crm/1"])
EMAIL = st.sampled_from(["aya@example.com", "ken@example.com"])
RECORD = st.tuples(
    st.lists(OWN.map(lambda v: Name("own", v)), max_size=1),
    st.lists(SOURCE.map(lambda v: Name("source", v)), max_size=1),
    st.lists(EMAIL.map(lambda v: Name("email", v)), max_size=1),
).map(lambda parts: [name for part in parts for name in part])


def call(name: Name) -> str:
    return f"~{name.value}" if name.sort == "email" else name.value


def joined(records: Sequence[Sequence[Name]]) -> Joined:
    return join(records, {}, call=call)


def desk(number: str, email: str | None = None, own: str | None = None) -> list[Name]:
    return names_of(customer_id=number, email=email, own_id=own, source="desk")


def file(customer: str | None, email: str | None = None) -> list[Name]:
    return names_of(customer_id=customer, email=email)


def test_an_id_that_comes_alone_is_the_customer() -> None:
    assert joined([file("c-1"), file("c-2"), file("c-1"), file(None)]).customers == (
        "c-1",
        "c-2",
        "c-1",
        None,
    )


def test_equal_ids_of_two_systems_are_two_customers() -> None:
    crm = names_of(customer_id="1900", email=None, source="crm")
    assert joined([desk("1900"), crm, file("1900")]).customers == ("desk/1900", "crm/1900", "1900")


def test_an_address_joins_two_systems() -> None:
    crm = names_of(customer_id="7", email="AYA@example.com ", source="crm")
    assert joined([desk("1900", "aya@example.com"), crm]).customers == ("desk/1900", "desk/1900")


def test_what_was_heard_before_counts_as_theirs_too() -> None:
    found = joined([desk("1"), file("c-1"), desk("1", own="c-1")])
    assert found.customers == ("c-1", "c-1", "c-1")
    assert found.merged == {"desk/1": "c-1"}


def test_two_ids_of_ones_own_never_become_one() -> None:
    found = joined([file("c-1", "family@example.com"), file("c-2", "family@example.com")])
    assert found.customers == ("c-1", "c-2")
    assert found.merged == {}
    assert found.learned[Name("email", "family@example.com")] == "c-1"


def test_an_id_of_ones_own_takes_over_an_address_that_nobody_else_has() -> None:
    found = joined([file("aya@example.com"), file("c-1", "aya@example.com"), file("aya@example.com")])
    assert found.customers == ("c-1", "c-1", "c-1")


def test_an_address_of_an_office_joins_nobody() -> None:
    for address in ("info@example.com", "no-reply@example.com", "support+jp@example.com"):
        found = joined([desk("1", address), desk("2", address)])
        assert found.customers == ("desk/1", "desk/2")


def test_what_is_no_address_joins_nobody() -> None:
    for text in ("-", "aya", "aya@", "a b@example.com", ""):
        assert joined([desk("1", text), desk("2", text)]).customers == ("desk/1", "desk/2")


@given(st.lists(RECORD, max_size=12))
def test_names_that_came_together_are_one_customers_unless_ids_of_ones_own_differ(
    records: list[list[Name]],
) -> None:
    found = joined(records)
    for names, customer in zip(records, found.customers, strict=True):
        own = {name.value for name in names if name.sort == "own"}
        assert (customer is None) == (not names)
        assert not own or customer in own
    assert not {old for old in found.merged if Name("own", old) in found.learned}
    assert not set(found.merged) & set(found.merged.values())


@given(st.lists(RECORD, max_size=12), st.integers(0, 12))
def test_it_does_not_matter_where_a_batch_ends(records: list[list[Name]], cut: int) -> None:
    whole = joined(records)
    first = joined(records[:cut])
    second = join(records[cut:], first.learned, call=call)
    customers = [None if c is None else second.merged.get(c, c) for c in first.customers]
    assert [*customers, *second.customers] == list(whole.customers)
