"""The weights of an organisation: what can be set, and what cannot."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.weights import (
    DEFAULTS,
    NAMES,
    Unfit,
    Weighting,
    as_stored,
    as_written,
    changed,
    from_stored,
)


def test_what_is_given_changes_and_what_is_empty_is_the_default_again() -> None:
    made = changed(DEFAULTS, {"repeats": "2.5", "loud": "9", "counted": "customer"})
    assert (made.repeats, made.loud, made.counted) == (2.5, 9, "customer")
    assert changed(made, dict.fromkeys(NAMES, "")) == DEFAULTS


def test_costs_have_one_currency() -> None:
    made = changed(DEFAULTS, {"cost_call": "1500", "currency": "jpy"})
    assert (made.costs, made.currency) == ({"call": Decimal(1500)}, "JPY")
    with pytest.raises(Unfit, match="currency") as refused:
        changed(DEFAULTS, {"cost_call": "1500"})
    assert refused.value.setting == "currency"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("repeats", "-1"),
        ("repeats", "nan"),
        ("repeats", "inf"),
        ("repeats", "much"),
        ("loud", "0"),
        ("loud", "2.5"),
        ("window_days", "5"),
        ("outcome_days", "1e9"),
        ("cost_chat", "-500"),
        ("cost_chat", "0"),
        ("cost_chat", "NaN"),
        ("cost_chat", "about 5"),
        ("currency", "yen"[:2]),
        ("counted", "item"),
        ("colour", "1"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(name: str, written: str) -> None:
    with pytest.raises(Unfit, match=name) as refused:
        changed(DEFAULTS, {name: written})
    assert refused.value.setting == name


def test_something_has_to_count() -> None:
    with pytest.raises(Unfit, match="worth nothing"):
        changed(DEFAULTS, dict.fromkeys(("customers", "contacts", "repeats", "severity", "revenue"), "0"))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "repeats": st.floats(0, 1000).map(str),
            "window_days": st.integers(28, 3660).map(str),
            "cost_chat": st.decimals("0.01", 10**6, places=2).map(str),
            "counted": st.sampled_from(("account", "customer")),
        },
    )
)
def test_what_is_kept_or_written_is_read_as_it_was(given_: dict[str, str]) -> None:
    made = changed(DEFAULTS, {**given_, "currency": "EUR"})
    assert from_stored(as_stored(made)) == made
    assert set(as_written(made)) == set(NAMES)


def test_what_an_older_koe_kept_has_the_defaults_for_the_rest() -> None:
    assert from_stored({"repeats": 3, "gone": 1}) == Weighting(repeats=3)
