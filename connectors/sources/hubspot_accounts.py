"""What HubSpot knows of companies, and what the deals with them came to."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.loose import Loose
from connectors.ports import Company, Happened
from connectors.sources import sales
from connectors.sources.hubspot_tickets import Tickets, time_of

PIPELINE = ("pipeline (its label or id) or type", "パイプライン(ラベルまたは ID)か種別")
WON = sales.deals_setting(won=True, by=PIPELINE, default="newbusiness=signup, Renewals=renewal")
LOST = sales.deals_setting(won=False, by=PIPELINE, default="Renewals=churn")
OF_COMPANIES = ("name", "domain")
OF_DEALS = (
    "amount",
    "closedate",
    "pipeline",
    "dealtype",
    "hs_is_closed",
    "hs_is_closed_won",
    "closed_lost_reason",
    "hs_lastmodifieddate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """How companies and deals are read."""

    told: sales.Accounts
    outcomes: sales.Outcomes

    @property
    def of_companies(self) -> list[str]:
        """The properties of a company that are asked for."""
        return [*OF_COMPANIES, *self.told.fields.values()]

    def company(self, named: str, properties: Loose) -> Company:
        """Return what is known of a company."""
        domain, name = properties["domain"].text, properties["name"].text
        return self.told.company(named, properties, name=name, website=domain)

    def deals(self, of: Tickets, deals: Sequence[Loose]) -> list[Happened]:
        """Return what deals that were closed tell. Raises Refused or RetryLater."""
        closed = {
            named: deal["properties"]
            for deal in deals
            if (named := deal["id"].id) and deal["properties"]["hs_is_closed"].text == "true"
        }
        companies = of.linked([*closed], "companies", of="deals")
        found = [self._deal(of, named, told, companies) for named, told in closed.items()]
        return [each for each in found if each]

    def _deal(self, of: Tickets, named: str, told: Loose, companies: dict[str, list[str]]) -> Happened | None:
        pipeline = told["pipeline"].id
        deal = sales.Deal(
            external_id=named,
            sorts=[pipeline, of.deal_pipelines.get(pipeline or ""), told["dealtype"].text],
            won=told["hs_is_closed_won"].text == "true",
            closed_at=time_of(told["closedate"]),
            account_id=next(iter(companies.get(named, ())), None),
            amount=sales.amount_of(told["amount"]),
            reason=told["closed_lost_reason"].text,
        )
        return self.outcomes.of(deal)
