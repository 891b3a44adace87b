"""App Store: the reviews of an app in all countries, with what its makers answered, by App Store Connect.

Apple lists reviews by the day they were written alone, the newest first. What was answered later is found by
reading those of the last week again.
Sources: developer.apple.com, "Generating Tokens for API Requests", "List All Customer Reviews for an App".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors.asking import Api, api_address, base_of, needed, part
from connectors.errors import Refused
from connectors.jwt import Key, private_key, token
from connectors.loose import NOTHING, Loose
from connectors.ports import Heard, Means, Pace, Page, Role, Said, Setting, Source, Withdrawn

API = "https://api.appstoreconnect.apple.com"
REVIEWS = 200
ANSWERED_WITHIN = timedelta(days=7)
"""Of a review that is already known: so long it is read again, for the answer."""
ADVICE = {
    401: "see that key, key ID and issuer ID belong together, that the key was not revoked, and that the "
    "clock of this machine is right",
    403: "give the key the role Customer Support, and see that an agreement does not wait to be signed",
    404: "see the Apple ID of the app (App Information › General Information)",
}


class AppStore(Source):
    """The reviews of an app."""

    slug = "app-store"
    title = "App Store"
    title_ja = "App Store のレビュー"
    category = "reviews"
    settings = (
        Setting(
            name="app",
            label={"en": "Apple ID of the app (a number)", "ja": "アプリの Apple ID(数字)"},
            example="1234567890",
        ),
        Setting(
            name="key_id",
            label={"en": "Key ID", "ja": "キー ID"},
            needed="to_fetch",
            example="2X9R4HXF34",
        ),
        Setting(
            name="private_key",
            label={"en": "Content of the .p8 file", "ja": ".p8 ファイルの中身"},
            secret=True,
            needed="to_fetch",
        ),
        Setting(
            name="issuer_id",
            label={
                "en": "Issuer ID (of a team key; an individual key has none)",
                "ja": "Issuer ID(チームキーの場合。個人のキーにはありません)",
            },
            needed="never",
            example="57246542-96fe-1a63-e053-0824d011072a",
        ),
        api_address(API),
    )
    proofs = ()
    pace = Pace(requests=50, seconds=60, burst=10)
    guide = (
        {
            "en": "In App Store Connect, open Users and Access › Integrations › App Store Connect API › Team "
            "Keys, generate a key with the access Customer Support, and download it. That works once.",
            "ja": "App Store Connect の「ユーザとアクセス › 統合 › App Store Connect API › チームキー」で、"
            "アクセスを「カスタマーサポート」としたキーを生成し、ダウンロードします(一度しかできません)。",
        },
        {
            "en": "Give Koe the whole content of the file AuthKey_….p8, the key ID and the issuer ID of that "
            "page, and the Apple ID of the app.",
            "ja": "AuthKey_….p8 の中身すべて、そのページのキー ID と Issuer ID、アプリの Apple ID を Koe "
            "に入力します。",
        },
    )
    unverified = (
        {
            "en": "Whether a review that is edited keeps its id and comes up anew; Koe takes it so. An "
            "answer that is given later than a week after the review is not found, and neither is a review "
            "that was deleted.",
            "ja": "編集されたレビューの ID が変わらず、新しいものとして並ぶかどうか(Koe はそう扱います)。"
            "レビューから 1 週間より後の返信と、削除されたレビューは分かりません。",
        },
    )

    def __init__(self, *, api: Api, app: str, key_id: str, issuer_id: str | None, key: Key | None) -> None:
        self._unproven = api
        self._app = app
        self._key_id = key_id
        self._issuer_id = issuer_id
        self._key = key

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        told = settings.get("private_key", "")
        return cls(
            api=Api(http=means.http, base=base_of(settings, "address", usual=API), advice=ADVICE),
            app=needed(settings, "app"),
            key_id=settings.get("key_id", "").strip(),
            issuer_id=settings.get("issuer_id", "").strip() or None,
            key=private_key(told, setting="private_key") if told.strip() else None,
        )

    def check(self) -> str:
        found = self._api().get(f"/v1/apps/{part(self._app)}/customerReviews", {"limit": 1})
        if not isinstance(found["data"].value, list):
            raise Refused("App Store Connect answered with something that is no list of reviews")
        return f"App Store Connect answers, and lets Koe read the reviews of app {self._app}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        first = f"/v1/apps/{part(self._app)}/customerReviews"
        asked: dict[str, str | int] = {"sort": "-createdDate", "limit": REVIEWS, "include": "response"}
        found = self._api().get(cursor, {}) if cursor else self._api().get(first, asked)
        answers = {one["id"].id: one["attributes"] for one in found["included"]}
        reviews = [
            self._review(named, one, answers.get(one["relationships"]["response"]["data"]["id"].id, NOTHING))
            for one in found["data"]
            if (named := one["id"].id)
        ]
        oldest = min((at for one in reviews if (at := one.created_at)), default=None)
        is_known = since is not None and oldest is not None and oldest < since - ANSWERED_WITHIN
        following = None if is_known or not reviews else found["links"]["next"].text
        total = found["meta"]["paging"]["total"].number
        return Page(events=reviews, cursor=following, total=int(total) if total and not since else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        path, asked = f"/v1/customerReviews/{part(external_id)}", {"include": "response"}
        found = self._api().find(path, asked, alive=self.check)
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["data"]["id"].id != external_id:
            raise Refused(f"App Store Connect answered with something that is not review {external_id}")
        return self._review(external_id, found["data"], found["included"][0]["attributes"])

    def _api(self) -> Api:
        """The API with a token, which is good for minutes. Raises Refused where something is missing."""
        if self._key is None or not self._key_id:
            missing = "private_key" if self._key is None else "key_id"
            raise Refused(f"the setting {missing!r} is missing: App Store Connect tells nothing without it")
        who = {"iss": self._issuer_id} if self._issuer_id else {"sub": "user"}
        claims = {**who, "aud": "appstoreconnect-v1"}
        made = token(self._key, claims, at=datetime.now(UTC), key_id=self._key_id)
        return replace(self._unproven, headers={"authorization": f"Bearer {made}"})

    def _review(self, named: str, review: Loose, answer: Loose) -> Heard:
        told = review["attributes"]
        at, answered = told["createdDate"].written_time, answer["lastModifiedDate"].written_time
        said = [_said("review", told["body"].text or "", "customer", at)]
        if words := answer["responseBody"].text:
            said.append(_said("response", words, "agent", answered))
        territory = told["territory"].text
        return Heard(
            external_id=named,
            said=said,
            channel="review",
            title=told["title"].text,
            created_at=at,
            updated_at=max((one for one in (at, answered) if one), default=None),
            replied_at=answered,
            rating=told["rating"].number,
            url=f"https://apps.apple.com/app/id{part(self._app)}",
            tags=[territory] if territory else [],
        )


def _said(named: str, text: str, role: Role, at: datetime | None) -> Said:
    return Said(external_id=named, text=text, author_role=role, created_at=at, updated_at=at)
