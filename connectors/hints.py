"""The calls by which targets tell that something in them changed: who sent them, and what it is about.

How it stands there is asked, and never taken from a call: so one that comes late, twice or in another order
does no harm. What is made known of things that are none of Koe's is told to nobody.

Sources: developer.atlassian.com, "Webhooks" (Jira Cloud); linear.app/developers, "Webhooks"; docs.github.com,
"Validating webhook deliveries", "Webhook events and payloads"; docs.gitlab.com, "Webhooks", "Webhook events";
support.nulab.com, "Webhook" (Backlog); the webhooks of Redmine 7 (app/models/webhook.rb).
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote_to_bytes

from connectors import hmacs
from connectors.loose import Loose
from connectors.ports import Call, Greeting
from connectors.target_port import Hints

MOST_NAMED = 100
"""Things that one call may name: Backlog tells of many at once."""
PREFIX = "sha256="
FORM = b"payload="
"""How the body of a webhook of GitHub begins that was left at the content type of forms."""


class JiraHints(Hints):
    """Signed webhooks of the administration of Jira Cloud."""

    slug = "jira"
    title = "Jira Cloud"
    proofs = ("own",)
    guide = (
        {
            "en": "As an administrator of Jira, open Settings › System › WebHooks › Create a WebHook. URL: "
            "{url} – Secret: {secret} – JQL: project = the key of the project – Events: Issue updated and "
            "deleted. (A webhook that an app registers is not signed and is refused.)",
            "ja": "Jira の管理者として「設定」→「システム」→「WebHook」→「WebHook の作成」を開き、URL に "
            "{url}、Secret に {secret}、JQL に project = プロジェクトのキー を入力し、"
            "イベントは課題の更新と削除を選びます（アプリが登録した Webhook には署名がなく、受け付けません）"
            "。",
        },
    )
    unverified = (
        {
            "en": "Calls of Jira follow its documents; they were not seen on an account.",
            "ja": "Jira からの Webhook は公式文書によるもので、実際のアカウントでは確かめていません。",
        },
    )

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        return _signed(call, secrets, "x-hub-signature", named="x-atlassian-webhook-identifier")

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        told = Loose.glimpse(call.body)
        if told["webhookEvent"].text is None:
            return None
        # What was moved is known by the key that it had.
        had = [one["fromString"].id for one in told["changelog"]["items"] if one["field"].text == "Key"]
        return _named(told["issue"]["key"].id, *had)


class LinearHints(Hints):
    """Signed webhooks of Linear, which makes the secret itself."""

    slug = "linear"
    title = "Linear"
    proofs = ("own",)
    secret_from = "sender"
    guide = (
        {
            "en": "In Linear, open Settings › API › Webhooks › New webhook. URL: {url} – Data change events: "
            "Issues. Linear makes a signing secret and shows it on the webhook's page: give it to Koe.",
            "ja": "Linear で「Settings › API › Webhooks › New webhook」を開き、URL に {url} を入力し、"
            "Data change events で Issues を選びます。Linear が作る Signing secret が Webhook のページに表示"
            "されるので、それを Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "Calls of Linear follow its documents; they were not seen on an account.",
            "ja": "Linear からの Webhook は公式文書によるもので、実際のアカウントでは確かめていません。",
        },
    )

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        given = call.headers.get("linear-signature")
        hmacs.prove(secrets, call.body, given, header="linear-signature", encoding="hex")
        stamp = Loose.glimpse(call.body)["webhookTimestamp"].id
        sent = hmacs.seconds_of(stamp, header="webhookTimestamp", unit=0.001)
        hmacs.must_be_fresh(sent, now, header="webhookTimestamp")
        return Loose(call.headers.get("linear-delivery")).id or ""

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        told = Loose.glimpse(call.body)
        if told["type"].text is None:
            return None
        issue = told["data"]
        return _named(issue["id"].id, issue["identifier"].id) if told["type"].text == "Issue" else ()


class GitHubHints(Hints):
    """Signed webhooks of a repository on GitHub or a GitHub Enterprise Server."""

    slug = "github-issues"
    title = "GitHub"
    proofs = ("own",)
    guide = (
        {
            "en": "In the repository, open Settings › Webhooks › Add webhook. Payload URL: {url} – Content "
            "type: application/json – Secret: {secret} – choose “Let me select individual events” and "
            "Issues.",
            "ja": "リポジトリの「Settings › Webhooks › Add webhook」を開き、Payload URL に {url}、Content "
            "type に application/json、Secret に {secret} を入力し、「Let me select individual events」で "
            "Issues を選びます。",
        },
    )

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        return _signed(call, secrets, "x-hub-signature-256", named="x-github-delivery")

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        return Greeting() if call.headers.get("x-github-event") == "ping" else None

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        body = call.body
        if body.startswith(FORM):
            body = unquote_to_bytes(body.removeprefix(FORM).replace(b"+", b" "))
        told = Loose.glimpse(body)
        if not told.is_object:
            return None
        issue, name = told["issue"], told["repository"]["full_name"].text
        number = issue["number"].id
        return _named(name and number and f"{name}#{number}", issue["html_url"].text)


class GitLabHints(Hints):
    """Webhooks of a project on GitLab, signed or with a secret token."""

    slug = "gitlab-issues"
    title = "GitLab"
    proofs = ("signature", "bearer")
    token_header = "x-gitlab-token"
    guide = (
        {
            "en": "In the project, open Settings › Webhooks › Add new webhook. URL: {url} – Signing token: "
            "{secret} (if GitLab makes one itself, give that one to Koe; where your GitLab has no such field "
            "yet, let calls prove themselves by a secret in a header, and enter it as Secret token). Tick "
            "Issues events (Work item events in some versions), and Confidential issues events where Koe's "
            "issues are confidential.",
            "ja": "プロジェクトの「Settings › Webhooks › Add new webhook」を開き、URL に {url}、Signing "
            "token に {secret} を入力します（GitLab がトークンを作る場合は、それを Koe に入力します。"
            "この欄がない版では、証明をヘッダーのシークレットにして、それを Secret token "
            "に入力します）。Issues events（版によっては Work item events）に、Koe の Issue "
            "を機密にする場合は Confidential issues events にも印を付けます。",
        },
    )
    unverified = (
        {
            "en": "From which version of GitLab on the signing token is there.",
            "ja": "GitLab の Signing token が使える版。",
        },
    )

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        told = Loose.glimpse(call.body)
        if told["object_kind"].text is None:
            return None
        issue = told["object_attributes"]
        if told["object_kind"].text not in ("issue", "work_item"):
            return ()
        name, number = told["project"]["path_with_namespace"].text, issue["iid"].id
        return _named(name and number and f"{name}#{number}", issue["url"].text)


class BacklogHints(Hints):
    """Webhooks of Backlog, which are not signed: their address is the secret."""

    slug = "backlog"
    title = "Backlog"
    proofs = ("url",)
    guide = (
        {
            "en": "In the project's settings, open Integrations › Webhook › Add webhook. WebHook URL: {url} "
            "– choose that issues were updated, deleted and updated in bulk. The address is the secret: show "
            "it to nobody.",
            "ja": "プロジェクト設定の「インテグレーション」→「Webhook」→「Webhook を追加する」を開き、"
            "WebHook URL に {url} を入力して、課題の更新・削除・まとめて更新を選びます。この URL "
            "そのものがシークレットなので、他の人に見せないでください。",
        },
    )
    unverified = (
        {
            "en": "Calls of Backlog were read of in public samples; they were not seen on a space.",
            "ja": "Backlog からの Webhook は公開された例によるもので、実際のスペースでは確かめていません。",
        },
    )

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        told = Loose.glimpse(call.body)
        if told["project"]["id"].id is None:
            return None
        content = told["content"]
        return _named(content["id"].id, *(one["id"].id for one in content["link"]))


class RedmineHints(Hints):
    """Webhooks of Redmine 7, signed, or of a plugin of older ones, whose address is the secret."""

    slug = "redmine"
    title = "Redmine"
    proofs = ("own", "url")
    guide = (
        {
            "en": "From Redmine 7 on: switch webhooks on under Administration › Settings › API, let the role "
            "of a user use webhooks, and as that user open My account › Webhooks › New webhook. URL: {url} – "
            "Secret: {secret} – Events: issue updated and deleted – the project. Before Redmine 7 a plugin "
            "can do so: let calls prove themselves by their address, and enter that.",
            "ja": "Redmine 7 以降：「管理」→「設定」→「API」で Webhook を有効にし、ロールに「Webhookの使用」"
            "を許可します。そのユーザーの「個人設定」→「Webhook」→「新しいwebhook」で、URL に {url}、"
            "シークレットに {secret} を入力し、チケットの更新と削除、対象のプロジェクトを選びます。Redmine 7 "
            "より前ではプラグインを使い、証明を URL にして、その URL を入力します。",
        },
    )
    unverified = (
        {
            "en": "Webhooks of Redmine 7 were read of in its code; Koe was tried on Redmine 5, which has "
            "none.",
            "ja": "Redmine 7 の Webhook はソースコードで確かめたもので、試したのは Webhook のない Redmine 5 "
            "です。",
        },
    )

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        return _signed(call, secrets, "x-redmine-signature-256", named="")

    @classmethod
    def changed(cls, call: Call) -> Sequence[str] | None:
        told = Loose.glimpse(call.body)
        for about in (told["data"], told["payload"]):
            if about.is_object:
                return _named(about["issue"]["id"].id)
        return None


def _signed(call: Call, secrets: Sequence[str], header: str, *, named: str) -> str:
    """Return the id of a call in one header whose bytes are signed in another. Raises Unproven."""
    given = call.headers.get(header)
    hmacs.prove(secrets, call.body, given, header=header, encoding="hex", prefix=PREFIX)
    return Loose(call.headers.get(named)).id or ""


def _named(*told: str | None) -> Sequence[str]:
    return [one for one in told[:MOST_NAMED] if one]
