"""What a theme is worth: by whom it was raised, each once, and how firmly that stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.rules.comparing import Standing
from service.rules.raising import Said, damped
from service.rules.stability import ranks
from service.rules.value import World, Worth, in_order, weigh, world
from service.rules.weights import DEFAULTS, Weighting

TODAY = date(2026, 5, 1)
FIRST = TODAY - timedelta(days=1000)
SLACK = 1e-6


def said(
    theme: str,
    item: str,
    *,
    ago: int = 100,
    customer: str | None = None,
    account: str | None = None,
    channel: str = "ticket",
    severity: int | None = None,
    avoidable: bool | None = None,
) -> Said:
    reaches_out = channel in ("ticket", "chat", "call")
    return Said(
        theme,
        item,
        channel,
        TODAY - timedelta(days=ago),
        customer,
        account,
        severity,
        reaches_out if avoidable is None else avoidable and reaches_out,
    )


def around(accounts: Sequence[Standing] = (), weighting: Weighting = DEFAULTS, first: date = FIRST) -> World:
    return world(accounts, first=first, until=TODAY, weighting=weighting)


def weighed(
    heard: Iterable[Said],
    accounts: Sequence[Standing] = (),
    weighting: Weighting = DEFAULTS,
    efforts: Mapping[str, float] | None = None,
) -> dict[str, Worth]:
    ordered = sorted(heard, key=lambda each: (each.day, each.item_id))
    owners = {e.customer_id: e.account_id for e in ordered if e.customer_id and e.account_id}
    return weigh(
        ordered,
        around(accounts, weighting),
        account_of={customer: account for customer, account in owners.items() if account},
        efforts=efforts or {},
    )


def points(worth: Worth, name: str) -> float | None:
    (found,) = [term for term in worth.terms if term.name == name]
    return None if found.points is None else found.points.value


def facts(worth: Worth, name: str) -> Mapping[str, object]:
    (found,) = [term for term in worth.terms if term.name == name]
    return found.facts


def reason(worth: Worth, name: str) -> str | None:
    (found,) = [term for term in worth.terms if term.name == name]
    return found.reason


def places(worths: Mapping[str, Worth]) -> dict[str, int]:
    return {one.theme_id: place for place, one in enumerate(in_order(worths.values()))}


voices = st.builds(
    said,
    st.sampled_from("ABCDE"),
    st.uuids().map(str),
    ago=st.integers(0, 400),
    customer=st.one_of(st.none(), st.integers(0, 12).map("c{}".format)),
    channel=st.sampled_from(("ticket", "chat", "call", "review", "survey")),
    severity=st.one_of(st.none(), st.integers(1, 4)),
    avoidable=st.booleans(),
).map(
    lambda one: (
        one._replace(account_id=f"a{int(one.customer_id[1:]) % 4}")
        if one.customer_id and int(one.customer_id[1:]) % 2
        else one
    )
)
weight = st.floats(0, 20)
weightings = st.builds(
    Weighting,
    customers=st.floats(0.1, 20),
    contacts=weight,
    repeats=weight,
    severity=weight,
    revenue=weight,
    trend=weight,
    outcome=weight,
    effort=weight,
    loud=st.integers(1, 50),
    counted=st.sampled_from(("account", "customer")),
    costs=st.sampled_from(({}, {"call": Decimal(1500), "chat": Decimal(300)})),
)
accounts_known = st.builds(
    lambda numbers: [
        Standing(
            account_id=f"a{place}",
            plan="S" if place % 2 else "L",
            revenue=None if revenue is None else Decimal(revenue),
            currency=currency,
            lost=() if lost is None else (TODAY - timedelta(days=lost),),
            contracted=() if shrank is None else (TODAY - timedelta(days=shrank),),
        )
        for place, (revenue, currency, lost, shrank) in enumerate(numbers)
    ],
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-5, 1000)),
            st.sampled_from(("JPY", "USD")),
            st.one_of(st.none(), st.integers(0, 89)),
            st.one_of(st.none(), st.integers(0, 89)),
        ),
        min_size=6,
        max_size=12,
    ),
)


class TestOneLoudAccount:
    """A thousand messages of one sender, of whom the account or the customer may be unknown."""

    @pytest.mark.parametrize(("has_account", "has_customer"), list(product((True, False), repeat=2)))
    @settings(max_examples=25, deadline=None)
    @given(
        heard=st.lists(voices, max_size=60),
        weighting=weightings,
        accounts=accounts_known,
        severity=st.integers(1, 4),
        spread=st.integers(1, 400),
    )
    def test_moves_no_rank_by_more_than_one_customers_weight(
        self,
        heard: list[Said],
        weighting: Weighting,
        accounts: list[Standing],
        severity: int,
        spread: int,
        *,
        has_account: bool,
        has_customer: bool,
    ) -> None:
        loud = [
            said(
                "A",
                f"loud-{number}",
                ago=number % spread,
                account="a5" if has_account else None,
                customer="loud" if has_customer else None,
                severity=severity,
                channel=("ticket", "chat", "call")[number % 3],
            )
            for number in range(1000)
        ]
        before, after = (weighed(each, accounts, weighting) for each in (heard, [*heard, *loud]))
        was = before["A"].worth.value if "A" in before else 0.0
        assert abs(after["A"].worth.value - was) <= weighting.most_of_one + SLACK
        for theme, one in before.items():
            if theme != "A":
                assert one.worth.value == after[theme].worth.value
        stood, stands = places(before), places(after)
        for theme in before:
            if theme != "A" and "A" in stood and (stood[theme] < stood["A"]) != (stands[theme] < stands["A"]):
                gap = abs(before[theme].worth.value - before["A"].worth.value)
                assert gap <= weighting.most_of_one + SLACK

    def test_counts_as_one_customer_however_many_of_its_customers_write(self) -> None:
        many = [said("A", f"{n}", customer=f"c{n}", account="big") for n in range(1000)]
        one = [said("A", "1", customer="c1", account="big")]
        assert points(weighed(many)["A"], "customers") == points(weighed(one)["A"], "customers") == 1

    def test_employees_of_one_company_count_one_by_one_where_that_is_wished(self) -> None:
        staff = [said("A", f"{n}", customer=f"c{n}", account="us") for n in range(30)]
        unknown = [said("A", f"u{n}", account="us") for n in range(1000)]
        each = weighed(staff, weighting=Weighting(counted="customer"))["A"]
        assert points(each, "customers") == 30
        flooded = weighed([*staff, *unknown], weighting=Weighting(counted="customer"))["A"]
        assert flooded.worth.value - each.worth.value <= DEFAULTS.most_of_one

    def test_what_a_customer_says_without_their_account_counts_with_it(self) -> None:
        heard = [said("A", "1", customer="c", account="a"), said("A", "2", customer="c", ago=99)]
        assert points(weighed(heard)["A"], "customers") == 1


class TestNobodyKnown:
    def test_a_thousand_more_voices_add_at_most_one_customer_whatever_was_there(self) -> None:
        for weights in (0.0, 1.0, 50.0, 1e4, 1e6):
            more = damped(weights + 1000 * DEFAULTS.most_of_one, DEFAULTS) - damped(weights, DEFAULTS)
            assert 0 < more <= DEFAULTS.most_of_one + SLACK

    def test_themes_of_which_only_reviews_speak_are_still_ranked_by_how_many_do(self) -> None:
        heard = [
            said(theme, f"{theme}{n}", channel="review")
            for theme, count in (("A", 3), ("B", 40), ("C", 400))
            for n in range(count)
        ]
        assert [one.theme_id for one in in_order(weighed(heard).values())] == ["C", "B", "A"]
        assert reason(weighed(heard)["A"], "repeats") == "no_known_customer"

    def test_known_customers_outweigh_as_many_voices_of_nobody_known(self) -> None:
        heard = [said("A", f"a{n}", customer=f"c{n}") for n in range(20)]
        heard += [said("B", f"b{n}") for n in range(20)]
        found = weighed(heard)
        assert found["A"].worth.value > 3 * found["B"].worth.value


class TestTerms:
    def test_the_sum_is_the_sum_of_its_terms(self) -> None:
        heard = [said("A", f"{n}", customer=f"c{n % 7}", ago=n, severity=n % 5 or None) for n in range(70)]
        heard += [said("A", f"u{n}", ago=3 * n, severity=2) for n in range(30)]
        one = weighed(heard, efforts={"A": 4})["A"]
        total = sum(term.points.value for term in one.terms if term.points)
        assert one.worth.value == pytest.approx(total)
        assert points(one, "effort") == -2

    def test_a_contact_that_only_praises_is_none_to_avoid(self) -> None:
        heard = [said("A", "1", customer="c1", avoidable=False), said("A", "2", customer="c2")]
        assert facts(weighed(heard)["A"], "contacts")["contacts"] == 1

    def test_reviews_and_surveys_are_voices_and_no_contacts(self) -> None:
        heard = [said("A", "1", customer="c1", channel="review"), said("A", "2", channel="survey")]
        one = weighed(heard)["A"]
        assert (points(one, "contacts"), facts(one, "contacts")["contacts"]) == (0, 0)
        assert points(one, "customers") == pytest.approx(1 + damped(1, DEFAULTS))

    def test_from_the_loud_number_on_contacts_count_no_more(self) -> None:
        def of(count: int) -> float | None:
            return points(
                weighed([said("A", f"{n}", customer="c", ago=n * 2) for n in range(count)])["A"], "contacts"
            )

        assert of(1) == pytest.approx(0.2)
        assert of(5) == of(50) == 1

    def test_a_repeat_inquiry_comes_one_to_thirty_days_after(self) -> None:
        for days, repeats in ((0, 0), (1, 1), (30, 1), (31, 0)):
            heard = [said("A", "1", customer="c", ago=90), said("A", "2", customer="c", ago=90 - days)]
            assert facts(weighed(heard)["A"], "repeats")["repeats"] == repeats

    def test_contacts_cost_what_their_channel_does_and_money_is_told_with_its_interval(self) -> None:
        weighting = Weighting(costs={"call": Decimal(1500), "chat": Decimal(500)}, currency="JPY", loud=1)
        heard = [
            said("A", "1", customer="c1", channel="call"),
            said("A", "2", customer="c2", channel="chat"),
            said("A", "3", customer="c3", channel="ticket"),
        ]
        one = weighed(heard, weighting=weighting)["A"]
        assert points(one, "contacts") == pytest.approx(1 + 1 / 3 + 2 / 3)
        cost = facts(one, "contacts")["cost"]
        assert isinstance(cost, dict)
        assert (cost["amount"], cost["currency"], cost["contacts"]) == (2000, "JPY", 2)
        assert 0 < cost["low"] < 2000 < cost["high"]

    def test_without_costs_there_is_no_money(self) -> None:
        assert facts(weighed([said("A", "1", customer="c")])["A"], "contacts")["cost"] is None

    def test_what_was_said_before_the_time_that_counts_does_not(self) -> None:
        heard = [said("A", "1", customer="c1", ago=364), said("B", "2", customer="c1", ago=365)]
        assert list(weighed(heard)) == ["A"]

    def test_a_theme_heard_lately_is_worth_more_than_one_that_was_before(self) -> None:
        heard = [said("A", "1", customer="c1", ago=27), said("B", "2", customer="c2", ago=28)]
        found = weighed(heard)
        assert (points(found["A"], "trend"), points(found["B"], "trend")) == (0.5, -0.5)


class TestRevenue:
    ACCOUNTS = (
        Standing("a0", revenue=Decimal(100), currency="JPY"),
        Standing("a1", revenue=Decimal(1_000_000), currency="JPY"),
        Standing("a2", revenue=Decimal(5), currency="USD"),
        Standing("a3", revenue=Decimal(-7), currency="JPY"),
        Standing("a4"),
    )

    def heard(self) -> list[Said]:
        return [said(f"T{n}", f"{n}", account=f"a{n}") for n in range(5)]

    def test_no_currency_is_turned_into_another(self) -> None:
        found = weighed(self.heard(), self.ACCOUNTS)
        assert [points(found[f"T{n}"], "revenue") for n in range(3)] == [0.25, 0.75, 0.5]
        assert facts(found["T2"], "revenue")["amounts"] == {"USD": 5}

    def test_a_revenue_below_zero_is_taken_for_unknown(self) -> None:
        found = weighed(self.heard(), self.ACCOUNTS)
        for theme in ("T3", "T4"):
            assert (points(found[theme], "revenue"), reason(found[theme], "revenue")) == (
                None,
                "no_account_with_revenue",
            )

    def test_where_nobody_knows_any_it_is_unknown_and_not_nothing(self) -> None:
        one = weighed(self.heard(), [Standing("a0")])["T0"]
        assert (points(one, "revenue"), reason(one, "revenue")) == (None, "no_revenue")
        assert one.worth.value > 0

    def test_all_alike_none_is_larger(self) -> None:
        alike = [Standing(f"a{n}", revenue=Decimal(9), currency="JPY") for n in range(5)]
        found = weighed(self.heard(), alike)
        assert {points(one, "revenue") for one in found.values()} == {0.5}

    def test_one_account_alone_is_ranked_by_what_it_said(self) -> None:
        heard = [said("A", "1", account="a", severity=4), said("B", "2", account="a", severity=1)]
        found = in_order(weighed(heard, [Standing("a", revenue=Decimal(9))]).values())
        assert [one.theme_id for one in found] == ["A", "B"]


class TestRanks:
    def test_all_equal_stand_by_their_ids_and_none_firmly(self) -> None:
        heard = [said(f"T{n}", f"{n}", customer=f"c{n}") for n in range(9)]
        ordered = in_order(weighed(heard).values())
        assert [one.theme_id for one in ordered] == [f"T{n}" for n in range(9)]
        assert all(high - low >= 3 for low, high in ranks(ordered, None, DEFAULTS))

    def test_a_theme_of_many_stands_firmly_and_one_of_a_few_does_not(self) -> None:
        heard = [said("A", f"a{n}", customer=f"a{n}") for n in range(300)]
        heard += [said(f"T{t}", f"{t}-{n}", customer=f"{t}-{n}") for t in range(8) for n in range(5)]
        ordered = in_order(weighed(heard).values())
        firm = ranks(ordered, None, DEFAULTS)
        assert firm[0] == (1, 1)
        assert all(high - low >= 3 for low, high in firm[1:])

    def test_the_same_customers_give_the_same_ranks(self) -> None:
        heard = [said(f"T{n % 7}", f"{n}", customer=f"c{n % 31}", ago=n) for n in range(200)]
        ordered = in_order(weighed(heard).values())
        assert ranks(ordered, None, DEFAULTS) == ranks(ordered, None, DEFAULTS)

    def test_without_themes_there_are_none(self) -> None:
        assert ranks([], None, DEFAULTS) == []

    def test_the_limits_hold_the_rank_of_another_such_time_nine_times_in_ten(self) -> None:
        dice = np.random.default_rng(7)
        rates = np.linspace(5, 60, 20)

        def year(number: int) -> list[Worth]:
            heard = [
                said(f"T{t:02}", f"{number}-{t}-{n}", customer=f"{number}-{t}-{n}")
                for t, rate in enumerate(rates)
                for n in range(dice.poisson(rate) + 1)
            ]
            return in_order(weighed(heard).values())

        held = []
        for number in range(20):
            one = year(number)
            true = {f"T{t:02}": place for place, t in enumerate(reversed(range(20)), start=1)}
            firm = ranks(one, None, DEFAULTS)
            held += [low <= true[w.theme_id] <= high for w, (low, high) in zip(one, firm, strict=True)]
        assert np.mean(held) > 0.85
