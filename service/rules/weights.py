"""What an organisation holds to be worth how much: the weights of the one formula by which themes are ranked.

One customer who spoke of a theme counts `customers` for it, and more for how it touched them, up to
`most_of_one`: nobody moves a theme by more than that.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Literal

from service.errors import WrongUse
from service.rules.contacts import REPEAT_DAYS

Counted = Literal["account", "customer"]
TERMS = ("customers", "contacts", "repeats", "severity", "revenue", "trend", "outcome", "effort")
"""What a theme's worth is the sum of; effort is taken away."""
COSTED = ("ticket", "chat", "call")
"""The channels by which customers reach out, each of which may cost something."""
MOST = 1000.0
"""No weight is larger."""
MOST_WORK = 10_000.0
"""Days."""
DAYS = {"window_days": (28, 3660), "repeat_days": (1, 365), "outcome_days": (7, 730)}
WHOLE = {**DAYS, "loud": (1, 1000)}
COUNTED_AS: tuple[Counted, ...] = ("account", "customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """The weights, and over which time and up to which number things count."""

    customers: float = 1.0
    """Of a customer who spoke of the theme: the unit that all else is held against."""
    contacts: float = 1.0
    """Of a customer who reached out `loud` times or more by the channel that costs most."""
    repeats: float = 1.0
    """Of a customer who had to ask again."""
    severity: float = 1.0
    """Of a customer for whom it is critical; low is a quarter of it."""
    revenue: float = 1.0
    """Of the account with the largest revenue."""
    trend: float = 0.5
    """Of a customer who spoke of it in the last four weeks and not in the four before; taken away of one who
    did so in these alone."""
    outcome: float = 1.0
    """Of an account that left, beyond those of which comparable ones left as well."""
    effort: float = 0.5
    """Of a day of work, taken away."""
    loud: int = 5
    """Contacts of one customer, beyond which more count no more."""
    counted: Counted = "account"
    """Who counts once: an account with all its customers, or each customer (as where all are employees of
    one company)."""
    window_days: int = 365
    """What was heard in so many days up to the last counts."""
    repeat_days: int = REPEAT_DAYS
    """A further contact within so many days is a repeat inquiry."""
    outcome_days: int = 90
    """How long what became of accounts is looked at; who raised a theme did so before."""
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    """What handling one contact costs, by channel; empty where nobody said."""
    currency: str | None = None
    """Of these costs."""

    @property
    def most_of_one(self) -> float:
        """The most that one customer, or one account, can add to the worth of a theme."""
        told: list[float] = [getattr(self, name) for name in TERMS if name != "effort"]
        return sum(told)

    def share_of_cost(self, channel: str) -> float:
        """Return what a contact costs beside the dearest, 0 to 1.

        A channel without a cost counts like the mean of the others; without any costs all count the same.
        """
        dearest = max(self.costs.values(), default=Decimal())
        if not dearest:
            return 1.0
        mean = sum(self.costs.values(), Decimal()) / len(self.costs)
        return float(self.costs.get(channel, mean) / dearest)


DEFAULTS = Weighting()
NUMBERS = tuple(each.name for each in fields(Weighting) if each.name not in ("counted", "costs", "currency"))
"""What can be set to a number."""
NAMES = (*NUMBERS, "counted", *(f"cost_{channel}" for channel in COSTED), "currency")
"""What can be set."""


class Unfit(WrongUse):
    """A setting that cannot be; `setting` says which, `code` and `figures` why, for whoever reads pages."""

    def __init__(self, setting: str, message: str, *, code: str, **figures: object) -> None:
        super().__init__(message)
        self.setting = setting
        self.code = code
        self.figures = figures


def changed(weighting: Weighting, given: Mapping[str, str]) -> Weighting:
    """Return the weighting with what was given; an empty text is the default again. Raises Unfit.

    Names are those in `NAMES`.
    """
    for name in given:
        if name not in NAMES:
            raise Unfit(name, f"{name} is no setting; there are {', '.join(NAMES)}.", code="choice")
    told = {name: value.strip() for name, value in given.items()}
    numbers = {name: _number(name, told[name]) for name in NUMBERS if name in told}
    costs = {name: cost for name, cost in weighting.costs.items() if f"cost_{name}" not in told}
    for channel in COSTED:
        cost = _cost(f"cost_{channel}", told.get(f"cost_{channel}", ""))
        if cost is not None:
            costs[channel] = cost
    counted = _counted(told["counted"]) if "counted" in told else weighting.counted
    currency = _currency(told["currency"]) if "currency" in told else weighting.currency
    if costs and currency is None:
        raise Unfit(
            "currency", "Say in which currency contacts cost that, like JPY or USD.", code="no_currency"
        )
    wanted = replace(weighting, **numbers, counted=counted, costs=costs, currency=currency)  # type: ignore[arg-type]
    if not any((wanted.customers, wanted.contacts, wanted.repeats, wanted.severity, wanted.revenue)):
        raise Unfit(
            "customers",
            "Give one weight at least more than 0, or every theme is worth nothing.",
            code="nothing",
        )
    return wanted


def days_of_work(written: str) -> float | None:
    """Return how much work something is, as one writes it; None for nothing. Raises Unfit."""
    if not written.strip():
        return None
    try:
        days = float(written.strip().replace(",", "."))
    except ValueError:
        days = math.nan
    if not 0 <= days <= MOST_WORK:
        raise Unfit(
            "effort",
            f"Effort is a number of days of work, from 0 to {MOST_WORK:,.0f}.",
            code="effort",
            most=MOST_WORK,
        )
    return days


def as_stored(weighting: Weighting) -> dict[str, object]:
    """Return the weighting as JSON."""
    return {**asdict(weighting), "costs": {name: str(cost) for name, cost in sorted(weighting.costs.items())}}


def from_stored(stored: Mapping[str, object]) -> Weighting:
    """Return what `as_stored` gave; what it does not tell is as by default."""
    known = {name: value for name, value in stored.items() if name in Weighting.__slots__}
    told = known.pop("costs", {})
    costs = {name: Decimal(str(cost)) for name, cost in told.items()} if isinstance(told, dict) else {}
    return Weighting(**known, costs=costs)  # type: ignore[arg-type]


def as_written(weighting: Weighting) -> dict[str, str]:
    """Return every setting as one writes it, by its name; nothing for what nobody said."""
    numbers = {name: f"{getattr(weighting, name):.12g}" for name in NUMBERS}
    costs = {
        f"cost_{name}": f"{weighting.costs[name]:f}" if name in weighting.costs else "" for name in COSTED
    }
    return {**numbers, **costs, "counted": weighting.counted, "currency": weighting.currency or ""}


def _number(name: str, written: str) -> float | int:
    if not written:
        default: float | int = getattr(DEFAULTS, name)
        return default
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if name in WHOLE:
        least, most = WHOLE[name]
        if not (least <= value <= most and value == int(value)):
            raise Unfit(
                name,
                f"{name} is a whole number from {least:,} to {most:,}.",
                code="whole",
                least=least,
                most=most,
            )
        return int(value)
    if not 0 <= value <= MOST:
        raise Unfit(name, f"{name} is a number from 0 to {MOST:,.0f}.", code="number", most=MOST)
    return value


def _counted(written: str) -> Counted:
    for each in COUNTED_AS:
        if written in (each, ""):
            return each
    raise Unfit("counted", f"counted is one of {', '.join(COUNTED_AS)}.", code="choice")


def _cost(name: str, written: str) -> Decimal | None:
    if not written:
        return None
    try:
        cost = Decimal(written)
    except InvalidOperation:
        cost = Decimal(-1)
    if not (cost.is_finite() and 0 < cost <= 10**9):
        raise Unfit(
            name,
            f"{name} is what one contact costs, a number above 0; leave it empty if unknown.",
            code="cost",
        )
    return cost


def _currency(written: str) -> str | None:
    if not written:
        return None
    if not (len(written) == 3 and written.isascii() and written.isalpha()):
        raise Unfit("currency", "currency is three letters, like JPY or USD.", code="currency")
    return written.upper()
