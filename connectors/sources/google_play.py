"""Google Play: the reviews of an app that have words, with what its makers answered.

Google lists the reviews that were written or changed in the last week, and no others: older ones are not to
be had, so that Koe should be connected early and never stand still for a week.
Sources: developers.google.com, "Reply to reviews", "reviews.list"; "Using OAuth 2.0 for Server to Server
Applications".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self
from urllib.parse import urlencode, urlsplit

from connectors.asking import Api, api_address, base_of, needed, part
from connectors.errors import ConnectorError, Refused, RetryLater, Unreadable
from connectors.guards import url_setting
from connectors.jwt import Key, private_key, token
from connectors.loose import Loose
from connectors.ports import Heard, Means, Pace, Page, Role, Said, Setting, Source, Withdrawn

API = "https://androidpublisher.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REVIEWS = 100
SPENT = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
DISABLED = "enable the Google Play Android Developer API in the project of the service account"
ADVICE: Mapping[str, str] = {
    "accessNotConfigured": DISABLED,
    "SERVICE_DISABLED": DISABLED,
    "PERMISSION_DENIED": "invite the address of the service account in the Play Console (Users and "
    "permissions), and let it reply to reviews of this app; that may take a day to count",
    "NOT_FOUND": "see the package name of the app",
    "invalid_grant": "see that the key was not deleted, and that the clock of this machine is right",
}
"""What people can do, by what Google gives as the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A service account."""

    email: str
    key: Key
    token_uri: str

    @classmethod
    def of(cls, text: str) -> "Account":
        """Return the account of a key file. Raises Refused, repeating nothing of it, where it is none."""
        wrong = Refused("the setting 'service_account' must be the whole JSON file of the key")
        try:
            told = Loose.of(text.encode("utf-8", "replace"))
        except Unreadable as error:
            raise wrong from error
        email, pem, uri = told["client_email"].text, told["private_key"].text, told["token_uri"].text
        if email is None or pem is None or uri is None:
            raise wrong
        key = private_key(pem, setting="service_account")
        return cls(email=email, key=key, token_uri=url_setting({"service_account": uri}, "service_account"))


class GooglePlay(Source):
    """The reviews of an app."""

    slug = "google-play"
    title = "Google Play"
    title_ja = "Google Play のレビュー"
    category = "reviews"
    settings = (
        Setting(
            name="package",
            label={"en": "Package name of the app", "ja": "アプリのパッケージ名"},
            example="com.example.app",
        ),
        Setting(
            name="service_account",
            label={"en": "Content of the key file (JSON)", "ja": "キーファイル(JSON)の中身"},
            secret=True,
            needed="to_fetch",
        ),
        api_address(API),
    )
    proofs = ()
    pace = Pace(requests=180, seconds=3600, burst=30)
    guide = (
        {
            "en": "In the Google Cloud console, enable the Google Play Android Developer API, create a "
            "service account, and add a key to it as JSON.",
            "ja": "Google Cloud コンソールで Google Play Android Developer API を有効にし、サービスアカウント"
            "を作って、JSON のキーを追加します。",
        },
        {
            "en": "In the Play Console, open Users and permissions, invite the e-mail address of the "
            "service account, and give it for this app “View app information” and “Reply to reviews”. Koe "
            "only reads.",
            "ja": "Play Console の「ユーザーと権限」でサービスアカウントのメールアドレスを招待し、このアプリ"
            "の「アプリ情報の閲覧」と「クチコミへの返信」を許可します。Koe は読むだけです。",
        },
        {
            "en": "Google shows the last week alone. Bring in older reviews from the CSV files under "
            "Download reports › Reviews, by koe import feedback.",
            "ja": "Google は直近 1 週間分しか返しません。それより前のレビューは「レポートのダウンロード › "
            "レビュー」の CSV を koe import feedback で取り込みます。",
        },
    )
    unverified = (
        {
            "en": "How often Google may be asked in an hour (Koe keeps below 180). A review that was deleted "
            "there stays in Koe.",
            "ja": "1 時間に何回まで取得できるか(Koe は 180 回までにします)。削除されたレビューは Koe に"
            "残ります。",
        },
    )

    def __init__(self, *, api: Api, package: str, account: Account | None) -> None:
        self._unproven = api
        self._package = package
        self._account = account

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        told = settings.get("service_account", "")
        return cls(
            api=Api(http=means.http, base=base_of(settings, "address", usual=API)),
            package=needed(settings, "package"),
            account=Account.of(told) if told.strip() else None,
        )

    def check(self) -> str:
        self._get(self._path, {"maxResults": 1})
        return f"Google Play answers, and lets Koe read the reviews of {self._package}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:  # noqa: ARG002  it is a week at most
        going_on = {"token": cursor} if cursor else {}
        found = self._get(self._path, {"maxResults": REVIEWS, **going_on})
        reviews = [self._review(named, one) for one in found["reviews"] if (named := one["reviewId"].id)]
        following = found["tokenPagination"]["nextPageToken"].text
        return Page(events=reviews, cursor=following if reviews and following != cursor else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        try:
            found = self._api.find(f"{self._path}/{part(external_id)}", alive=self.check)
        except Refused as error:
            raise _explained(error) from error
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["reviewId"].id != external_id:
            raise Refused(f"Google Play answered with something that is not review {external_id}")
        return self._review(external_id, found)

    @property
    def _path(self) -> str:
        return f"/androidpublisher/v3/applications/{part(self._package)}/reviews"

    def _get(self, path: str, asked: Mapping[str, str | int]) -> Loose:
        try:
            return self._api.get(path, asked)
        except Refused as error:
            raise _explained(error) from error

    @cached_property
    def _api(self) -> Api:
        """The API with a token, which is good for an hour. Raises Refused and RetryLater."""
        if self._account is None:
            raise Refused("the setting 'service_account' is missing: Google Play tells nothing without it")
        uri = self._account.token_uri
        claims = {"iss": self._account.email, "scope": SCOPE, "aud": uri}
        made = token(self._account.key, claims, at=datetime.now(UTC))
        parts = urlsplit(uri)
        door = Api(http=self._unproven.http, base=f"{parts.scheme}://{parts.netloc}")
        given = door.form(uri, {"grant_type": GRANT, "assertion": made})["access_token"].text
        if given is None:
            raise Refused("Google gave no token; is the key file that of a service account?")
        return replace(self._unproven, headers={"authorization": f"Bearer {given}"})

    def _review(self, named: str, review: Loose) -> Heard:
        said, title, rating, version = list[Said](), None, None, None
        changed = answered = None
        for one in review["comments"]:
            user, ours = one["userComment"], one["developerComment"]
            if user.is_object:
                title, _, body = (user["text"].text or "").rpartition("\t")
                changed, rating = _time(user), user["starRating"].number
                version = user["appVersionName"].text
                said.append(_said("review", body, "customer", changed))
            if words := ours["text"].text:
                answered = _time(ours)
                said.append(_said("response", words, "agent", answered))
        asked = urlencode({"id": self._package, "reviewId": named})
        return Heard(
            external_id=named,
            said=said,
            channel="review",
            title=title or None,
            created_at=changed,
            updated_at=max((at for at in (changed, answered) if at), default=None),
            replied_at=answered,
            rating=rating,
            url=f"https://play.google.com/store/apps/details?{asked}",
            tags=[version] if version else [],
        )


def _said(named: str, text: str, role: Role, at: datetime | None) -> Said:
    return Said(external_id=named, text=text, author_role=role, created_at=at, updated_at=at)


def _time(comment: Loose) -> datetime | None:
    return comment["lastModified"]["seconds"].counted_time()


def _explained(error: Refused) -> ConnectorError:
    """Return what to do about a refusal."""
    told = Loose.glimpse(error.body)["error"]
    details = [one["reason"] for told_of in ("errors", "details") for one in told[told_of]]
    reasons = [reason for one in (*details, told["status"], told) if (reason := one.text)]
    if any(reason in SPENT for reason in reasons):
        return RetryLater("Google Play has answered as often as it does for now")
    advice = next((ADVICE[reason] for reason in reasons if reason in ADVICE), None)
    return Refused(f"{error}; {advice}" if advice else str(error), status=error.status)
