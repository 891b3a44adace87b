"""What systems of sales people know of accounts: their fields, and what deals tell of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from urllib.parse import urlsplit

from connectors.errors import Refused
from connectors.loose import NOTHING, Loose
from connectors.ports import Company, Happened, Setting

Kind = Literal["signup", "renewal", "expansion", "contraction", "churn"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FIELD = re.compile(r"[A-Za-z]\w*", re.ASCII)
LABELS: Mapping[str, tuple[str, str]] = {
    "own_id_field": ("your own id of an account", "自社での契約先 ID"),
    "plan_field": ("the plan of an account", "契約先のプラン"),
    "revenue_field": (
        "what an account pays you a year (their own turnover is something else)",
        "契約先から受け取る年額(契約先自身の売上高ではありません)",
    ),
    "segment_field": ("the segment of an account", "契約先のセグメント"),
    "reason_field": ("why a deal was lost", "失注の理由"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal that was closed."""

    external_id: str
    sorts: Sequence[str | None]
    """What it is about, by the names that people there may know it by."""
    won: bool
    closed_at: datetime | None
    account_id: str | None = None
    amount: float | None = None
    reason: str | None = None
    """Why it was lost, in words."""


def field_setting(name: str, *, example: str, default: str | None = None) -> Setting:
    """Return the setting of a field that holds something of an account or a deal."""
    en, ja = LABELS[name]
    return Setting(
        name=name,
        label={"en": f"Field that holds {en}", "ja": f"{ja}の項目名"},
        needed="never",
        example=example,
        default=default,
        unverified=True,
    )


def account_settings(*, own_id: str, plan: str, segment: str, revenue: str) -> tuple[Setting, ...]:
    """Return the settings of what is known of an account beside its name, with an example of each field."""
    currency = Setting(
        name="currency",
        label={"en": "Currency of that revenue", "ja": "その金額の通貨"},
        needed="never",
        example="JPY",
    )
    return (
        field_setting("own_id_field", example=own_id),
        field_setting("plan_field", example=plan),
        field_setting("segment_field", example=segment),
        field_setting("revenue_field", example=revenue),
        currency,
    )


def field_of(settings: Mapping[str, str], name: str) -> str | None:
    """Return the name of a field that a setting holds. Raises Refused where it can be none."""
    named = settings.get(name, "").strip()
    if named and FIELD.fullmatch(named) is None:
        raise Refused(f"the setting {name!r} must be the name of a field: letters, digits and _")
    return named or None


def deals_setting(*, won: bool, by: tuple[str, str], default: str) -> Setting:
    """Return the setting of what closed deals come to, `by` what tells them apart (en, ja)."""
    en, ja = ("won", "受注") if won else ("lost", "失注")
    return Setting(
        name=f"{en}_deals",
        label={
            "en": f"What a deal that was {en} means for the account, by its {by[0]}",
            "ja": f"{by[1]}ごとに、{ja}した商談が契約先にとって何を意味するか",
        },
        needed="never",
        example=default,
        default=default,
        unverified=True,
    )


def meanings(settings: Mapping[str, str], setting: Setting) -> Mapping[str, Kind]:
    """Return what deals come to, by what people there call them: `Renewal=churn, Downgrade=contraction`.

    Raises Refused, naming the setting, where it says something else.
    """
    found: dict[str, Kind] = {}
    for one in settings.get(setting.name, setting.default or "").split(","):
        sort, _, told = one.rpartition("=")
        kind = next((each for each in KINDS if each == told.strip().lower()), None)
        if kind is not None and sort.strip():
            found[sort.strip().casefold()] = kind
        elif one.strip():
            form = f"“Renewal={KINDS[0]}, …”; known are {', '.join(KINDS)}"
            raise Refused(f"the setting {setting.name!r} must be like {form}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What closed deals come to in the life of an account; nothing where people did not say so."""

    won: Mapping[str, Kind]
    lost: Mapping[str, Kind]

    def of(self, deal: Deal) -> Happened | None:
        """Return what a deal tells of its account."""
        known = self.won if deal.won else self.lost
        names = (name.strip().casefold() for name in deal.sorts if name)
        kind = next((known[name] for name in names if name in known), None)
        if kind is None or deal.closed_at is None:
            return None
        return Happened(
            external_id=deal.external_id,
            kind=kind,
            occurred_at=deal.closed_at,
            account_id=deal.account_id,
            amount=deal.amount,
            text=None if deal.won else deal.reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What is asked of an account beside its name."""

    fields: Mapping[str, str]
    """The fields by their settings."""
    currency: str | None

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Accounts":
        """Return what settings say. Raises Refused, naming the setting, if one is wrong."""
        named = ("own_id_field", "plan_field", "segment_field", "revenue_field")
        return cls(
            fields={name: field for name in named if (field := field_of(settings, name))},
            currency=settings.get("currency", "").strip().upper() or None,
        )

    def company(self, account_id: str, told: Loose, *, name: str | None, website: str | None) -> Company:
        """Return what is told of an account, by its fields."""
        revenue = amount_of(self._held(told, "revenue_field"))
        return Company(
            account_id=account_id,
            own_id=self._held(told, "own_id_field").id,
            name=name,
            domains=domains_of(website),
            plan=self._held(told, "plan_field").id,
            segment=self._held(told, "segment_field").id,
            revenue=revenue,
            currency=self.currency if revenue is not None else None,
        )

    def _held(self, told: Loose, setting: str) -> Loose:
        return told[self.fields[setting]] if setting in self.fields else NOTHING


def domains_of(website: str | None) -> list[str]:
    """Return the domain of a web site, however people entered it; nothing where it is none."""
    written = (website or "").strip()
    try:
        host = urlsplit(written if "//" in written else f"//{written}").hostname or ""
    except ValueError:
        return []
    return [host.removeprefix("www.")] if "." in host else []


def amount_of(told: Loose) -> float | None:
    """Return an amount that is a number, or a text that is one."""
    if told.number is not None:
        return told.number
    try:
        return Loose(float(told.id or "")).number
    except ValueError:
        return None
