"""What targets in Atlassian's cloud are told alike: an account there, and its API token."""

from connectors.ports import Setting

EMAIL = Setting(
    name="email",
    label={"en": "E-mail address of the account", "ja": "アカウントのメールアドレス"},
    example="koe@example.com",
)
TOKEN = Setting(name="token", label={"en": "API token of the account", "ja": "API トークン"}, secret=True)
