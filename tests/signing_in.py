"""A provider of OpenID Connect in this process, and a Koe that people sign in to by one.

The double does what the standard says, and lies on request. The emulated Okta takes the same exam
(`tests/contract/sign_in_exam.py`).
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from service.app import create_app
from service.config import Settings
from service.db import Database
from tests.access import OURS
from tests.board import Board, Reply, Request, listening
from tests.live import serving

PUBLIC = "http://koe.example.com"
BACK = f"{PUBLIC}/sign-in/provider/back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody at a provider."""

    subject: str
    email: str
    name: str
    groups: tuple[str, ...] = ()


class Counterpart(Protocol):
    """A provider, the double or another one."""

    issuer: str
    client_id: str
    client_secret: str

    def sign_in(self, address: str, account: Account) -> str:
        """Sign somebody in at the address that Koe sent the browser to; return where it is sent back to."""
        ...


@dataclass(kw_only=True)
class Double:
    """The double: what it says of a person can be changed, and so can what it signs with."""

    issuer: str = ""
    client_id: str = "koe-web"
    client_secret: str = "koe's secret at the provider"
    keys: list[RSAKey] = field(default_factory=lambda: [a_key("first")])
    """The last one signs."""
    published: list[RSAKey] | None = None
    """The keys that it tells of; None for those that it has."""
    says: dict[str, Any] = field(default_factory=dict)
    """Of every person, instead of what is so; None leaves a claim out."""
    of_person: dict[str, Any] = field(default_factory=dict)
    """What its userinfo tells instead of what is so."""
    thin: bool = False
    """Whether it tells of a person nothing but in its userinfo."""
    raw: str | None = None
    """An ID token of somebody else's making."""
    clock: float = 0.0
    """Seconds by which its clock is wrong."""
    given: dict[str, tuple[Mapping[str, str], Account]] = field(default_factory=dict)
    """Codes that were not used yet."""
    came: dict[str, Account] = field(default_factory=dict)
    """By access token."""
    back: str = BACK
    """The address that it sends people back to."""
    board: Board = field(default_factory=Board)

    def sign_in(self, address: str, account: Account) -> str:
        """Ask nobody, and give a code."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["client_id"], asked["redirect_uri"]) == (self.client_id, self.back)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_hex(8)
        self.given[code] = (asked, account)
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def itself(self) -> dict[str, Any]:
        """Return what it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "scopes_supported": ["openid", "email", "profile", "groups"],
        }

    def exchange(self, request: Request) -> Reply:
        """Give tokens for a code, once, to whoever knows the secrets."""
        proof = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {proof}":
            return Reply(status=401, content={"error": "invalid_client"})
        form = dict(request.fields)
        asked, account = self.given.pop(form.get("code", ""), ({}, None))
        if account is None or form["redirect_uri"] != asked["redirect_uri"]:
            return Reply(status=400, content={"error": "invalid_grant"})
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if _bare(digest) != asked["code_challenge"]:
            return Reply(status=400, content={"error": "invalid_grant"})
        access = secrets.token_hex(8)
        self.came[access] = account
        return Reply(
            content={
                "access_token": access,
                "token_type": "Bearer",
                "id_token": self.raw or self._signed(account, asked),
            }
        )

    def tell(self, request: Request) -> Reply:
        """Tell of a person by their token."""
        account = self.came.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            return Reply(status=401, content={})
        return Reply(content=_without_none({**_of(account), "sub": account.subject, **self.of_person}))

    def told_keys(self) -> dict[str, Any]:
        """Return the keys that it tells of."""
        return {"keys": [key.as_dict(private=False) for key in self.published or self.keys]}

    def _signed(self, account: Account, asked: Mapping[str, str]) -> str:
        now = int(time.time() + self.clock)
        claims = {
            **({} if self.thin else _of(account)),
            "iss": self.issuer,
            "sub": account.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.says,
        }
        key = self.keys[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, _without_none(claims), key)


def a_key(name: str) -> RSAKey:
    """Return a key of this name."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def unsigned(claims: Mapping[str, Any]) -> str:
    """Return an ID token that says by itself that nobody signed it."""
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def signed_with_what_all_know(claims: Mapping[str, Any], known: bytes, kid: str | None) -> str:
    """Return an ID token that is signed with a public text, as if that were a secret of both sides."""
    signed = f"{_part({'alg': 'HS256', 'kid': kid})}.{_part(claims)}"
    return f"{signed}.{_bare(hmac.digest(known, signed.encode(), 'sha256'))}"


def _part(content: Mapping[str, Any]) -> str:
    return _bare(json.dumps(content).encode())


def _bare(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@contextmanager
def provider() -> Iterator[Double]:
    """Give a double that answers on this machine."""
    double = Double()
    board = double.board
    board.asking = frozenset({"/token"})
    board.on("GET", r"/\.well-known/openid-configuration")(lambda _: Reply(content=double.itself()))
    board.on("GET", "/keys")(lambda _: Reply(content=double.told_keys()))
    board.on("POST", "/token")(double.exchange)
    board.on("GET", "/userinfo")(double.tell)
    with listening(board):
        double.issuer = board.address
        yield double


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A Koe with the sign-in of a provider."""

    address: str
    db: Database
    counterpart: Counterpart

    def browser(self, lang: str = "en") -> httpx.Client:
        """Return a browser without a face, which knows this Koe by its public name."""
        headers = {"Accept-Language": lang, "Host": urlsplit(PUBLIC).netloc}
        return httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=60)

    def set_out(self, browser: httpx.Client, **more: str) -> str:
        """Press the button, and return the address at which to sign in."""
        answer = browser.post("/sign-in/provider", headers=OURS, data=more)
        assert answer.status_code == 200, answer.text
        address = answer.headers["Refresh"].removeprefix("0;url=")
        assert f'href="{address}"' in unescape(answer.text)
        return address

    def come_in(self, browser: httpx.Client, account: Account, **more: str) -> httpx.Response:
        """Go all the way, and return what Koe answers at its end."""
        back = self.counterpart.sign_in(self.set_out(browser, **more), account)
        return self.come_back(browser, back)

    def come_back(self, browser: httpx.Client, back: str) -> httpx.Response:
        """Follow the way back from the provider."""
        assert back.startswith(f"{BACK}?")
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        return browser.get(back.removeprefix(PUBLIC), headers=headers)


@contextmanager
def house(db: Database, counterpart: Counterpart, **more: object) -> Iterator[House]:
    """Serve a Koe with the sign-in of a provider of this machine."""
    known: dict[str, Any] = {
        "public_url": PUBLIC,
        "private_hosts": "127.0.0.1",
        "oidc_issuer": counterpart.issuer,
        "oidc_client_id": counterpart.client_id,
        "oidc_client_secret": SecretStr(counterpart.client_secret),
        **more,
    }
    with serving(create_app(db, Settings(**known))) as address:
        yield House(address=address, db=db, counterpart=counterpart)


def _of(account: Account) -> dict[str, Any]:
    return {
        "email": account.email,
        "email_verified": True,
        "name": account.name,
        "groups": list(account.groups),
    }


def _without_none(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
