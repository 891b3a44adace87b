"""The sign-in by Okta, as others emulate it: it takes the exam that every provider takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.acceptance.emulating import VERSION, emulated, free_port, tell
from tests.contract.sign_in_exam import ALICE, BEN, SignInExam, persons_of
from tests.signing_in import BACK, Account, House

CLIENT = {"client_id": "koe-web", "client_secret": "a secret of both"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Okta:
    """The emulated Okta; whoever signs in there presses a button on its page."""

    issuer: str
    client: httpx.Client
    client_id: str = CLIENT["client_id"]
    client_secret: str = CLIENT["client_secret"]

    def sign_in(self, address: str, account: Account) -> str:
        """Open the page, and press the button of somebody."""
        assert address.startswith(f"{self.issuer}/v1/authorize?")
        page = self.client.get(address)
        assert (page.status_code, account.email in page.text) == (200, True)
        asked = dict(parse_qsl(urlsplit(address).query))
        there = self.client.post(
            f"{self.issuer}/v1/authorize/callback", data={**asked, "user_ref": account.subject}
        )
        assert there.status_code == 302, there.text
        return there.headers["Location"]


@pytest.fixture(scope="module")
def counterpart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Okta]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with emulated("okta", seed(address), port=port, folder=tmp_path_factory.mktemp("okta")) as client:
        yield Okta(issuer=f"{address}/oauth2/default", client=client)


def seed(address: str) -> Mapping[str, object]:
    """Return Alice, who manages products, and Ben, who is of no group, and Koe."""
    people = []
    for account in (ALICE, BEN):
        first, last = account.name.split()
        people.append(
            {
                "okta_id": account.subject,
                "login": account.email,
                "email": account.email,
                "first_name": first,
                "last_name": last,
                "locale": "ja-JP",
            }
        )
    okta = {
        "baseUrl": address,
        "users": people,
        "groups": [{"okta_id": "00g_pm", "name": "product-managers"}],
        "group_memberships": [{"group_okta_id": "00g_pm", "user_okta_id": ALICE.subject}],
        "oauth_clients": [{**CLIENT, "name": "Koe", "redirect_uris": [BACK], "auth_server_id": "default"}],
    }
    return {"okta": okta}


class TestOkta(SignInExam):
    def test_each_way_asks_for_what_it_needs_and_no_two_are_alike(self, house: House) -> None:
        with house.browser() as browser:
            ways = [dict(parse_qsl(urlsplit(house.set_out(browser)).query)) for _ in range(2)]
            told = [
                f"emulate {VERSION}, Okta: asks for {ways[0]['scope']}",
            ]
            assert ways[0]["scope"].split() == ["openid", "email", "profile", "groups"]
            assert ways[0]["code_challenge_method"] == "S256"
            for name in ("state", "nonce", "code_challenge"):
                assert ways[0][name] != ways[1][name]
            assert house.come_in(browser, ALICE).status_code == 303
            (person,) = persons_of(house.db)
            told.append(
                f"{person.name} <{person.email}> came in as {person.role}, by the group product-managers"
            )
        with house.browser() as browser:
            assert house.come_in(browser, BEN).status_code == 403
            told.append("Ben is of no group that gives a role: told so, and not let in")
        tell(told)
