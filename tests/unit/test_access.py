"""Who may come in, without a database: names, origins, roles, tokens' shapes, patience."""

from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import passwords
from service.access.caller import Caller
from service.access.gate import FOR_PROGRAMS, OPEN, lies_under
from service.access.hosts import LOOPBACK, Hosts, is_loopback
from service.access.origin import is_ours
from service.access.patience import FREE_TRIES, LONGEST_WAIT, MOST_REMEMBERED, Patience, key_of
from service.access.people import read_email
from service.access.proof import Credential, credential_of
from service.access.tokens import SHAPE
from service.config import Settings
from service.errors import Unavailable, WrongUse
from service.models.access import ROLES
from service.rules.permissions import OF_ROLE, SCOPES, allows, scope_named, scope_of
from service.web.browsers import named_browser
from service.web.sign_in import ours

TOKEN = "koe_" + "0" * 12 + "_" + "a" * 64


class TestHosts:
    @pytest.mark.parametrize(
        ("settings", "host", "known"),
        [
            ({}, "127.0.0.1:8000", True),
            ({}, "LOCALHOST", True),
            ({}, "[::1]:1", True),
            ({}, "192.0.2.1", False),
            ({}, "koe.example.com", False),
            ({"public_url": "https://Koe.example.com/x"}, "koe.EXAMPLE.com:443", True),
            ({"public_url": "https://koe.example.com"}, "koe.example.com.evil.example", False),
            ({"public_url": "https://koe.example.com"}, "evil.example", False),
            ({"host": "192.0.2.1"}, "192.0.2.1:8000", True),
            ({"host": "192.0.2.1"}, "192.0.2.2", False),
            ({"host": "koe.internal"}, "KOE.internal", True),
            ({"host": "0.0.0.0"}, "192.0.2.1:8000", True),
            ({"host": "0.0.0.0"}, "[2001:db8::1]:8000", True),
            ({"host": "::"}, "192.0.2.1", True),
            ({"host": "0.0.0.0"}, "0.0.0.0", False),
            ({"host": "0.0.0.0"}, "3221225985", False),
            ({"host": "0.0.0.0"}, "0xc0.0.2.1", False),
            ({"host": "0.0.0.0"}, "192.0.2.1.evil.example", False),
            ({"host": "0.0.0.0"}, "evil.example", False),
            ({"host": "0.0.0.0", "public_url": "http://koe.example.com"}, "koe.example.com", True),
        ],
    )
    def test_a_server_answers_to_its_own_names_and_to_addresses_that_nobody_can_rebind(
        self, settings: dict[str, str], host: str, *, known: bool
    ) -> None:
        assert Hosts.of(Settings.model_validate(settings), demo=False).include(host) is known

    def test_the_demo_answers_to_this_machine_alone(self) -> None:
        settings = Settings(host="0.0.0.0", public_url="https://koe.example.com")
        assert Hosts.of(settings, demo=True) == Hosts(names=LOOPBACK)

    @pytest.mark.parametrize("url", ["koe.example.com", "ftp://koe.example.com", "https://", "http://["])
    def test_a_public_address_that_is_none_is_wrong_use(self, url: str) -> None:
        with pytest.raises(WrongUse, match="KOE_PUBLIC_URL"):
            Hosts.of(Settings(public_url=url), demo=False)

    @given(st.text())
    def test_no_text_at_all_is_more_than_a_refusal(self, host: str) -> None:
        assert Hosts(names=frozenset({"a"}), any_address=True).include(f"{host}!") is False

    def test_this_machine_has_many_addresses(self) -> None:
        assert all(map(is_loopback, ("127.0.0.1", "127.0.0.2", "::1", "localhost", "LocalHost")))
        assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "localhost.example", "")))


def test_a_request_is_ours_where_the_browser_says_so() -> None:
    """Thirty combinations of headers, and both ways to take silence."""
    sites = (None, "same-origin", "none", "same-site", "cross-site")
    origins = (None, "http://koe:8000", "HTTP://KOE:8000", "null", "http://evil.example", "http://[")
    for site, origin, or_unsaid in product(sites, origins, (True, False)):
        headers = {"host": "koe:8000", "sec-fetch-site": site, "origin": origin}
        sent = {name: value for name, value in headers.items() if value is not None}
        if site is not None:
            expected = site in ("same-origin", "none")
        else:
            expected = or_unsaid if origin is None else origin.lower() == "http://koe:8000"
        assert is_ours(sent, or_unsaid=or_unsaid) is expected, sent


class TestRoles:
    def test_every_role_has_a_scope_and_only_the_administrator_has_them_all(self) -> None:
        assert tuple(OF_ROLE) == ROLES
        assert [scope_of(role) for role in ROLES] == ["read", "write", "write", "admin"]

    def test_what_nobody_knows_may_only_read(self) -> None:
        assert (scope_of("owner"), scope_named("root"), scope_named("admin")) == ("read", "read", "admin")

    def test_each_scope_may_do_what_the_ones_before_it_may(self) -> None:
        for (i, given_one), (j, needed) in product(enumerate(SCOPES), enumerate(SCOPES)):
            caller = Caller(id="c", organisation_id="o", name="n", scope=given_one)
            assert caller.may(needed) is allows(given_one, needed) is (i >= j)


class TestCredentials:
    @pytest.mark.parametrize(
        ("headers", "means"),
        [
            ({"authorization": f"Bearer {TOKEN}"}, "bearer"),
            ({"authorization": f"bearer  {TOKEN} "}, "bearer"),
            ({"authorization": "Bearer koe_cut"}, "bearer"),
            ({"authorization": "Basic YW55Ym9keTprb2VfeA=="}, "basic"),
            ({"authorization": "Basic OmtvZV94"}, "basic"),
            ({"authorization": "Basic YW55Ym9keTprb2VfeA==", "cookie": "koe_session=s"}, "basic"),
            ({"cookie": "koe_session=s"}, "session"),
            ({"authorization": "Basic cHJveHk6c2VjcmV0", "cookie": "koe_session=s"}, "session"),
            ({"authorization": "Bearer of-the-proxy", "cookie": "koe_session=s"}, "session"),
            ({"authorization": "Basic cHJveHk6c2VjcmV0"}, None),
            ({"authorization": "Basic !!!"}, None),
            ({"authorization": "Basic gICA"}, None),
            ({"authorization": f"Token {TOKEN}"}, None),
            ({"authorization": TOKEN}, None),
            ({"cookie": "koe_session="}, None),
            ({"cookie": "other=s"}, None),
            ({}, None),
        ],
    )
    def test_a_token_goes_before_a_session_and_what_is_for_a_proxy_is_let_be(
        self, headers: dict[str, str], means: str | None
    ) -> None:
        cookies = dict([one.split("=", 1) for one in [headers["cookie"]]] if "cookie" in headers else [])
        found = credential_of(SimpleNamespace(headers=headers, cookies=cookies))  # type: ignore[arg-type]
        assert (found.means if found else None) == means

    def test_a_credential_does_not_show_its_secret(self) -> None:
        assert TOKEN not in repr(Credential(means="bearer", secret=TOKEN))

    @given(st.text(), st.text())
    def test_nothing_but_the_exact_shape_is_taken_for_a_token(self, before: str, after: str) -> None:
        assert SHAPE.fullmatch(TOKEN)
        assert not SHAPE.fullmatch(before + TOKEN + after) or before + after == ""
        assert not SHAPE.fullmatch(TOKEN.replace("0", "０"))


class TestPatience:
    def test_some_tries_are_free_then_the_wait_grows_and_a_right_one_ends_it(self) -> None:
        now = 0.0
        patience = Patience(lambda: now)
        assert [patience.try_once("a") for _ in range(FREE_TRIES)] == [0.0] * FREE_TRIES
        waits = []
        for _ in range(12):
            left = patience.try_once("a")
            waits.append(left)
            assert patience.try_once("a") == left, "a try that has to wait does not count"
            now += left
            assert patience.try_once("a") == 0
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (5.0, LONGEST_WAIT)
        assert patience.try_once("b") == 0
        patience.forgive("a")
        assert patience.try_once("a") == 0

    def test_it_forgets_after_an_hour_and_remembers_no_more_than_it_must(self) -> None:
        now = 0.0
        patience = Patience(lambda: now)
        for _ in range(FREE_TRIES):
            patience.try_once("a")
        assert patience.try_once("a") > 0
        now = 3601.0
        assert patience.try_once("a") == 0
        for number in range(MOST_REMEMBERED + 10):
            patience.try_once(str(number))
        assert len(patience._tries) == MOST_REMEMBERED

    def test_a_thousand_wrong_passwords_take_longer_than_a_week(self) -> None:
        now = 0.0
        patience = Patience(lambda: now)
        for _ in range(1000):
            now += patience.try_once("a")
            patience.try_once("a")
        assert now > 7 * 86400

    def test_the_addresses_of_one_network_count_as_one(self) -> None:
        assert key_of("a", "2001:db8::1") == key_of("a", "2001:db8::ffff")
        assert key_of("a", "2001:db8::1") != key_of("a", "2001:db8:0:1::1")
        assert len({key_of("a", "192.0.2.1"), key_of("a", "192.0.2.2"), key_of("b", "192.0.2.1")}) == 3
        assert key_of("a", "nonsense") == key_of("a", "nonsense")


class TestPasswords:
    def test_the_same_letters_prove_it_whichever_way_they_were_typed(self) -> None:
        kept = passwords.protect("ｋｏｅのか\u3099きはﾊﾞﾅﾅ")
        assert kept.startswith("$argon2id$")
        assert passwords.proves("koeのがきはバナナ", kept)
        assert not passwords.proves("koeのかきはバナナ", kept)
        assert not passwords.proves("anything", None)
        assert not passwords.proves("anything", "no hash")
        assert not passwords.is_outdated(kept)

    def test_no_more_than_a_few_are_worked_on_or_wait_at_once(self) -> None:
        taken = 0
        while passwords._line.acquire(blocking=False):
            taken += 1
        try:
            with pytest.raises(Unavailable, match="Many sign in"):
                passwords.proves("anything", None)
        finally:
            passwords._line.release(taken)
        assert taken == 8


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Aki@Example.COM ", "aki@example.com"),
        ("安芸@例え.jp", "安芸@例え.jp"),
        ("aki", None),
        ("a@b@c", None),
        ("a b@c", None),
        ("a\u200b@c", None),
        ("a@" + "b" * 253, None),
        ("", None),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, kept: str | None) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "themes",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/the\nmes",
        "/a\\b",
        "/" + "x" * 3000,
        "/sign-in/secret",
        "/sign-in?next=/x",
        "/テーマ",
    ],
)
def test_a_sign_in_leads_on_to_our_own_pages_only(address: str) -> None:
    assert ours(address) == "/"


@pytest.mark.parametrize("address", ["/", "/items?q=%E5%A3%B0&page=2", "/me", "/sign-in-help"])
def test_a_sign_in_leads_on_to_the_page_that_was_asked_for(address: str) -> None:
    assert ours(address) == address


def test_a_place_holds_what_lies_under_it_and_not_what_only_begins_alike() -> None:
    assert lies_under("/webhooks/x", OPEN)
    assert lies_under("/healthz", OPEN)
    assert not any(lies_under(path, OPEN) for path in ("/healthzz", "/webhooksx", "//webhooks/x", "/", ""))
    assert lies_under("/api/v1/themes", FOR_PROGRAMS)
    assert not lies_under("/apiary", FOR_PROGRAMS)


def test_browsers_are_called_by_their_names() -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    edge = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
    )
    safari = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.0 Mobile/15E148 Safari/604.1"
    )
    assert [named_browser(one) for one in (firefox, edge, safari, "curl/8.0", "x", "")] == [
        "Firefox, Linux",
        "Edge, Windows",
        "Safari, iPhone",
        "curl",
        "",
        "",
    ]
