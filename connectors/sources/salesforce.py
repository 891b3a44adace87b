"""Salesforce: cases with their e-mails and public comments, accounts, and what opportunities tell of them.

Salesforce is asked alone. An e-mail or a comment need not change its case, so that each kind of object is
walked by itself, the oldest change first; what they belong to is told as a whole.
Sources: developer.salesforce.com, "REST API Developer Guide", "Object Reference"; help.salesforce.com,
"OAuth 2.0 Client Credentials Flow".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from connectors.asking import Api, base_of, needed
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Event, Heard, Means, Pace, Page, Setting, Source, Withdrawn
from connectors.sources import sales
from connectors.sources.salesforce_cases import OF_CASES, told_of
from connectors.sources.salesforce_queries import SIMPLE, Queries, among, moment

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)
ROWS = 50
"""Of one page: their e-mails are asked for together, and may be long."""
TYPE = ("type", "種別(Type)")
WON = sales.deals_setting(
    won=True,
    by=TYPE,
    default="New Customer=signup, Renewal=renewal, Existing Customer - Upgrade=expansion, "
    "Existing Customer - Downgrade=contraction",
)
LOST = sales.deals_setting(won=False, by=TYPE, default="Renewal=churn")
COLUMNS: Mapping[str, Sequence[str]] = {
    "Account": ("Id", "Name", "Website", "SystemModstamp"),
    "Opportunity": ("Id", "AccountId", "Type", "IsWon", "CloseDate", "Amount", "SystemModstamp"),
    "Case": (OF_CASES,),
}
PARENTS = ("Id", "ParentId", "SystemModstamp")
NARROWED: Mapping[str, str] = {
    "Account": " AND IsDeleted = false",
    "Opportunity": " AND IsClosed = true AND IsDeleted = false",
    "EmailMessage": " AND ParentId != null",
}
PHASES = ("Account", "Opportunity", "Case", "EmailMessage", "CaseComment")
"""The objects in the order in which they are walked; a walk through everything ends with the cases."""
OPTIONAL = frozenset(PHASES) - {"Case"}
"""What an organisation may not have, or not show; it is left out then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a walk stands."""

    phase: str
    at: datetime
    after: str = ""
    """The row of that time that was the last; without one, all of that time are still to come."""

    @classmethod
    def of(cls, cursor: str | None) -> "Place | None":
        """Return the place that a cursor tells."""
        told = Loose.glimpse((cursor or "").encode())
        phase, at, after = told[0].text, told[1].written_time, told[2].id or ""
        if phase not in PHASES or at is None or (after and SIMPLE.fullmatch(after) is None):
            return None
        return cls(phase=phase or "", at=at, after=after)

    def following(self, rows: Sequence[Loose], since: datetime | None) -> str | None:
        """Return the cursor of what comes after these rows; None at the end."""
        if len(rows) >= ROWS and (at := rows[-1]["SystemModstamp"].written_time):
            return json.dumps([self.phase, at.isoformat(), rows[-1]["Id"].id or ""])
        walked = PHASES if since else PHASES[: PHASES.index("Case") + 1]
        rest = walked[walked.index(self.phase) + 1 :] if self.phase in walked else ()
        return json.dumps([rest[0], (since or LONG_AGO).isoformat(), ""]) if rest else None

    @property
    def where(self) -> str:
        """What is still to come, as SOQL writes it."""
        at = moment(self.at)
        if not self.after:
            return f"SystemModstamp >= {at}"
        return f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{self.after}'))"


class Salesforce(Source):
    """The cases, accounts and opportunities of an organisation of Salesforce."""

    slug = "salesforce"
    title = "Salesforce Service Cloud"
    category = "helpdesk"
    settings = (
        Setting(
            name="address",
            label={"en": "Address of My Domain", "ja": "私のドメイン(My Domain)の URL"},
            example="https://example.my.salesforce.com",
        ),
        Setting(
            name="client_id",
            label={"en": "Consumer key of the app", "ja": "アプリのコンシューマー鍵"},
            needed="to_fetch",
        ),
        Setting(
            name="client_secret",
            label={"en": "Consumer secret of the app", "ja": "アプリのコンシューマーの秘密"},
            secret=True,
            needed="to_fetch",
        ),
        WON,
        LOST,
        sales.field_setting("reason_field", example="Loss_Reason__c"),
        *sales.account_settings(own_id="AccountNumber", plan="Plan__c", segment="Industry", revenue="ARR__c"),
    )
    proofs = ()
    pace = Pace(requests=60, seconds=60, burst=20)
    guide = (
        {
            "en": "In Salesforce Setup, open External Client App Manager and create an app with OAuth "
            "enabled, the scope “Manage user data via APIs (api)”, any callback URL, and “Enable Client "
            "Credentials Flow”.",
            "ja": "Salesforce の「設定」で「外部クライアントアプリケーションマネージャー」を開き、OAuth "
            "を有効にしたアプリを作ります。範囲は「API を使用してユーザーデータを管理 (api)」とします"
            "(コールバック URL は何でもかまいません)。"
            "「クライアントログイン情報フローを有効化」にチェックします。",
        },
        {
            "en": "In the policies of the app, enable the client credentials flow and choose under “Run As” "
            "a user with “API Enabled” who may read cases, e-mails, contacts, accounts and opportunities. "
            "Koe hears what this user may see, and writes nothing.",
            "ja": "アプリの「ポリシー」でクライアントログイン情報フローを有効にし、「別のユーザーとして実行」"
            "に「API の有効化」権限を持ち、ケース・メール・取引先責任者・取引先・商談を参照できるユーザーを"
            "選びます。Koe はこのユーザーに見えるものだけを取り込み、何も書き込みません。",
        },
        {
            "en": "Give Koe the consumer key and the consumer secret of the app, and the address under "
            "Setup › My Domain. There is no webhook: Koe asks every ten minutes.",
            "ja": "アプリのコンシューマー鍵とコンシューマーの秘密、および「設定 › 私のドメイン」の URL を "
            "Koe に入力します。Webhook はなく、Koe が 10 分ごとに取得します。",
        },
    )
    unverified = (
        {
            "en": "What the types of your opportunities are called, and in which fields you keep plan, "
            "revenue and the reason of a loss: the settings say so. An opportunity that is reopened "
            "later leaves in Koe what it told when it was closed.",
            "ja": "商談の種別の名前と、プラン・金額・失注理由を入れている項目(設定で指定します)。あとで再開"
            "された商談について、完了時に取り込んだ内容は Koe に残ります。",
        },
        {
            "en": "An e-mail from one of your own people that came in by Email-to-Case counts as the "
            "customer's. Chats and messaging sessions beside the case are not taken.",
            "ja": "自社の人がメール-to-ケースに送ったメールは、お客様のものとして扱われます。ケースとは別に"
            "保存されるチャットやメッセージングの会話は取り込みません。",
        },
    )

    def __init__(
        self, *, queries: Queries | None, address: str, settings: Mapping[str, str], outcomes: sales.Outcomes
    ) -> None:
        self._queries = queries
        self._address = address
        self._accounts = sales.Accounts.of(settings)
        self._reason = sales.field_of(settings, "reason_field")
        self._outcomes = outcomes

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address")
        queries = None
        if settings.get("client_secret", "").strip():
            credentials = {
                "grant_type": "client_credentials",
                "client_id": needed(settings, "client_id"),
                "client_secret": needed(settings, "client_secret"),
            }
            queries = Queries(unproven=Api(http=means.http, base=address), credentials=credentials)
        outcomes = sales.Outcomes(won=sales.meanings(settings, WON), lost=sales.meanings(settings, LOST))
        return cls(queries=queries, address=address, settings=settings, outcomes=outcomes)

    def check(self) -> str:
        left_out = [phase for phase in PHASES if self._rows(phase, "LIMIT 1") is None]
        rest = f"; what it does not show is left out: {', '.join(left_out)}" if left_out else ""
        return f"Salesforce answers, and lets Koe read cases and all that belongs to them{rest}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        place = Place.of(cursor) or Place(phase=PHASES[0], at=since or LONG_AGO)
        narrowed = NARROWED.get(place.phase, "")
        rows = self._rows(
            place.phase, f"WHERE {place.where}{narrowed} ORDER BY SystemModstamp, Id LIMIT {ROWS}"
        )
        return Page(events=self._events(place.phase, rows or ()), cursor=place.following(rows or (), since))

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        if SIMPLE.fullmatch(external_id) is None:
            raise Refused("the cases of Salesforce have ids of 15 or 18 letters and digits")
        (case,) = [*self._cases([external_id])] or [Withdrawn(external_id=external_id)]
        return case

    def _events(self, phase: str, rows: Sequence[Loose]) -> Sequence[Event]:
        if phase == "Account":
            return [
                self._accounts.company(named, row, name=row["Name"].text, website=row["Website"].text)
                for row in rows
                if (named := row["Id"].id)
            ]
        if phase == "Opportunity":
            return [event for row in rows if (event := self._deal(row))]
        if phase == "Case":
            return [*told_of(self._asked(), rows, self._address)]
        parents = dict.fromkeys(named for row in rows if (named := row["ParentId"].id))
        return self._cases([*parents]) if parents else []

    def _cases(self, ids: Sequence[str]) -> list[Heard | Withdrawn]:
        rows = self._asked().rows(f"SELECT {OF_CASES} FROM Case WHERE Id IN {among(ids)}")
        return [*told_of(self._asked(), rows or (), self._address)]

    def _deal(self, row: Loose) -> Event | None:
        named = row["Id"].id
        if named is None:
            return None
        deal = sales.Deal(
            external_id=named,
            sorts=[row["Type"].text],
            won=row["IsWon"].flag,
            closed_at=row["CloseDate"].written_time,
            account_id=row["AccountId"].id,
            amount=row["Amount"].number,
            reason=row[self._reason].text if self._reason else None,
        )
        return self._outcomes.of(deal)

    def _rows(self, phase: str, which: str) -> Sequence[Loose] | None:
        """Return rows of an object; None where it is left out. Raises Refused and RetryLater."""
        named = {
            "Account": self._accounts.fields.values(),
            "Opportunity": [self._reason] if self._reason else [],
        }.get(phase, ())
        columns = {name.lower(): name for name in (*COLUMNS.get(phase, PARENTS), *named)}
        soql = f"SELECT {', '.join(columns.values())} FROM {phase} {which}"
        return self._asked().rows(soql, optional=phase in OPTIONAL)

    def _asked(self) -> Queries:
        if self._queries is None:
            missing = "the settings 'client_id' and 'client_secret' are missing"
            raise Refused(f"{missing}: Salesforce tells nothing without them")
        return self._queries
